# What a module needs, and the command line that runs it.
file: lib.wat
(module
  (import "env" "log" (func (param i32)))
  (import "my math" "add" (func (param i32 i32) (result i32)))
  (import "my math" "pi" (global f64))
  (memory 1 4)
  (func $main (export "work") (param i32) (result i64) (i64.extend8_s (i64.const 1)))
  (func $init)
  (start $init))
cmd: wasmrt inspect lib.wat
stdout:
lib.wat: a library: it exports functions

size        128 bytes when translated from text
features    sign-extension
start       function 3 init runs when it is instantiated
memory      1 to 4 pages (64 KiB)
functions   4, of these 2 imported

sections
          19  type, 4 items
          39  import, 3 items
           3  function, 2 items
           4  memory, 1 item
           8  export, 1 item
           1  start
          10  code, 2 items
          20  custom name

imports: 3
  env
    log: (i32) -> ()  MISSING
  my math
    add: (i32 i32) -> i32  MISSING
    pi: global f64  MISSING

exports: 1
    work: (i32) -> i64

To run it
  wasmrt run lib.wat --preload=env=FILE --preload='my math'=FILE --invoke=work
  --invoke takes the name of any function, and arguments behind it:
    work: (i32) -> i64

# Each feature that it would be refused without, also those that are off.
file: features.wat
(module
  (memory 1) (memory 1)
  (func (result v128) (v128.const i32x4 1 2 3 4))
  (func (result i32 i32) (return_call 1)))
cmd: wasmrt inspect features.wat
stdout~:
features    multi-value, simd, tail-call, multi-memory

# Threads: what they import is provided by an option.
file: threads.wat
(module
  (import "env" "memory" (memory 1 2 shared))
  (import "wasi" "thread-spawn" (func (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (func (export "wasi_thread_start") (param i32 i32))
  (func (export "_start")))
cmd: wasmrt inspect threads.wat
stdout~:
threads.wat: a program: it exports _start
memory: memory 1..2 shared  from --wasi=threads
thread-spawn: (i32) -> i32  from --wasi=threads
wasi_snapshot_preview1: WASI
  wasmrt run threads.wat --wasi=threads --dir=DIR
  --dir is for the directories that it may open files in

# What no option cures is explained.
file: rust.wat
(module (import "wbg" "f" (func)) (func (export "_start")))
cmd: wasmrt inspect rust.wat
stdout~:
  wasmrt run rust.wat
  this was built for JavaScript with wasm-bindgen

# Object files are told by their sections.
file: object.wat
(module (@custom "linking" "\02"))
cmd: wasmrt inspect object.wat
stdout~:
object.wat: an object file, which wasm-ld links
It cannot be run

# Who made it, also when the section is cut short.
file: made.wat
(module (@custom "producers" "\02\08language\01\03C11\00\0cprocessed-by\01\05clang\0219"))
cmd: wasmrt inspect made.wat
stdout~:
made by     C11 (language)
            clang 19 (processed-by)
file: cut.wat
(module (@custom "producers" "\ff\ff\ff\ff\0f\08language\ff\ff\ff\ff\0f\03C11\00\7f"))
cmd: wasmrt inspect cut.wat
stdout~: made by     C11 (language)

# JSON, and names that are hostile to it, to a terminal and to a shell.
file: evil.wat
(module
  (import "a'b\1b[31m\22,\0a" "</script>\c2\9b" (func))
  (@custom "producers" "\01\02\ff\22\01\01\80\00")
  (func (export "\1b]0;x\07\5c")))
cmd: wasmrt inspect --json evil.wat
stdout:
{
  "file": "evil.wat",
  "kind": "library",
  "format": "text",
  "bytes": 86,
  "functions": 2,
  "imported_functions": 1,
  "source_lines": false,
  "features": [],
  "producers": [
    {
      "field": "\ufffd\"",
      "name": "\ufffd",
      "version": ""
    }
  ],
  "memories": [],
  "sections": [
    {
      "section": "type",
      "offset": 10,
      "bytes": 4
    },
    {
      "section": "import",
      "offset": 16,
      "bytes": 27
    },
    {
      "section": "function",
      "offset": 45,
      "bytes": 2
    },
    {
      "section": "export",
      "offset": 49,
      "bytes": 11
    },
    {
      "section": "code",
      "offset": 62,
      "bytes": 4
    },
    {
      "section": "custom",
      "name": "producers",
      "offset": 68,
      "bytes": 18
    }
  ],
  "imports": [
    {
      "module": "a'b\u001b[31m\",\u000a",
      "name": "\u003c/script>\u009b",
      "type": "() -> ()",
      "provided_by": null
    }
  ],
  "exports": [
    {
      "name": "\u001b]0;x\u0007\\",
      "type": "() -> ()"
    }
  ],
  "options": [
    "--preload=a'b\u001b[31m\",\u000a=FILE",
    "--invoke=\u001b]0;x\u0007\\"
  ]
}
cmd: wasmrt inspect evil.wat
stdout~:
made by     \x80 (\xff")
  a'b\x1b[31m",\x0a
    </script>\x9b: () -> ()  MISSING
  wasmrt run evil.wat --preload='a'\''b\x1b[31m",\x0a'=FILE --invoke='\x1b]0;x\x07\'

# Words and files as for the other commands.
cmd: wasmrt inspect
stderr~: wasmrt: FILE is missing: wasmrt inspect FILE
exit: 2
cmd: wasmrt inspect a b
stderr~: wasmrt: inspect takes one FILE, and b is another
exit: 2
cmd: wasmrt inspect nosuch
stderr: wasmrt: cannot read nosuch: No such file or directory
exit: 1
cmd: wasmrt inspect --invoke=f lib.wat
stderr~: wasmrt: --invoke is an option of wasmrt run, not of wasmrt inspect
exit: 2
