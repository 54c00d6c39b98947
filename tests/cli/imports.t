# Every missing import is listed, with its type and advice.
file: env.wat
(module
  (import "env" "log" (func (param i32 i64) (result f32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
  (import "env" "memory" (memory 1 4))
  (import "env" "base" (global i32))
  (import "wasi_snapshot_preview1" "fd_fly" (func))
  (func (export "_start")))
cmd: wasmrt run env.wat
stderr:
wasmrt: env.wat: cannot link: imports are missing
    env.log: (i32 i64) -> f32
    env.memory: memory 1..4
    env.base: global i32
    wasi_snapshot_preview1.fd_fly: () -> ()
  hint: the module was linked with --import-memory: link without it, unless it is for threads
  hint: preview1 has no function of that name
  hint: --preload takes the exports of another module for them:
    --preload=env=FILE
  hint: the command line provides WASI besides; a program that embeds wasmrt can provide more
exit: 1

# An import of another type is one that exists.
file: type.wat
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func (param f64)))
  (func (export "_start")))
cmd: wasmrt run type.wat
stderr~:
wasmrt: type.wat: cannot link: incompatible import type
exit: 1

file: rust.wat
(module (import "wbg" "__wbindgen_throw" (func (param i32 i32)))
  (func (export "_start")))
cmd: wasmrt run rust.wat
stderr~:
    wbg.__wbindgen_throw: (i32 i32) -> ()
  hint: this was built for JavaScript with wasm-bindgen
exit: 1

# Names cannot write escape sequences to a terminal.
file: evil.wat
(module (import "a\1b[31m" "b\c2\9b" (func)) (func (export "_start")))
cmd: wasmrt run evil.wat
stderr~:     a\x1b[31m.b\x9b: () -> ()
exit: 1
