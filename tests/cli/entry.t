# What a module without _start is told, and --invoke.
file: lib.wat
(module
  (memory (export "memory") 1)
  (func (export "add") (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1)))
  (func (export "show") (param i32 i64 f32 f64) (result i32 i64 f32 f64)
    (local.get 0) (local.get 1) (local.get 2) (local.get 3))
  (func (export "nothing"))
  (func (export "-dash") (result i32) (i32.const 1))
  (func (export "ref") (param externref) (result externref) (local.get 0)))
cmd: wasmrt run lib.wat
stderr:
wasmrt: lib.wat is no command: it exports no function _start
  hint: it exports:
    --invoke=add  (i32 i32) -> i32
    --invoke=show  (i32 i64 f32 f64) -> (i32 i64 f32 f64)
    --invoke=nothing  () -> ()
    --invoke=-dash  () -> i32
    --invoke=ref  (externref) -> externref
exit: 1

cmd: wasmrt run lib.wat --invoke=add 2 0x28
stdout: 42 : i32
cmd: wasmrt run --invoke add lib.wat -5 4294967295
stdout: -6 : i32
cmd: wasmrt run lib.wat --invoke=show -- 0x80000000 -1 -0.1 nan:0x4000000000001
stdout:
-2147483648 : i32
-1 : i64
-0.1 : f32
nan:0x4000000000001 : f64
cmd: wasmrt run lib.wat --invoke=show 1 0xffffffffffffffff inf 1e300
stdout:
1 : i32
-1 : i64
inf : f32
1e+300 : f64
cmd: wasmrt run lib.wat --invoke=nothing
cmd: wasmrt run lib.wat --invoke=-dash
stdout: 1 : i32
cmd: wasmrt run lib.wat --invoke=ref null
stdout: null : externref

cmd: wasmrt run lib.wat --invoke=add 2
stderr~:
wasmrt: add takes 2 arguments, not 1
    --invoke=add  (i32 i32) -> i32
exit: 2
cmd: wasmrt run lib.wat --invoke=add 2 x
stderr~: wasmrt: argument 2 of add: x is no i32
exit: 2
cmd: wasmrt run lib.wat --invoke=memory
stderr~: wasmrt: lib.wat exports no function memory
exit: 2

# A reactor is initialised before a call; a start function has run by then.
file: reactor.wat
(module
  (global $g (mut i32) (i32.const 0))
  (func $start (global.set $g (i32.add (global.get $g) (i32.const 1))))
  (start $start)
  (func (export "_initialize")
    (global.set $g (i32.add (global.get $g) (i32.const 10))))
  (func (export "get") (result i32) (global.get $g)))
cmd: wasmrt run reactor.wat --invoke=get
stdout: 11 : i32

# A module that exports no function may still do its work when it starts.
file: start.wat
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (func $start (call $exit (i32.const 7)))
  (start $start))
cmd: wasmrt run start.wat
exit: 7
file: void.wat
(module)
cmd: wasmrt run void.wat
