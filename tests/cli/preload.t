# Modules beside the program, from which it may import.
file: base.wat
(module
  (memory (export "memory") 1)
  (global (export "ten") i32 (i32.const 10))
  (func (export "twice") (param i32) (result i32)
    (i32.mul (local.get 0) (i32.const 2))))
file: more.wat
(module
  (import "base" "twice" (func $twice (param i32) (result i32)))
  (import "base" "ten" (global $ten i32))
  (global $n (mut i32) (i32.const 0))
  (func (export "_initialize") (global.set $n (i32.const 1)))
  (func (export "f") (param i32) (result i32)
    (i32.add (global.get $n)
      (i32.add (global.get $ten) (call $twice (local.get 0))))))
file: main.wat
(module
  (import "more" "f" (func $f (param i32) (result i32)))
  (import "base" "memory" (memory 1))
  (func (export "run") (param i32) (result i32) (call $f (local.get 0))))
cmd: wasmrt run main.wat --preload=base=base.wat --preload=more=more.wat --invoke=run 16
stdout: 43 : i32

# The order is that of the command line.
cmd: wasmrt run main.wat --preload=more=more.wat --preload=base=base.wat --invoke=run 16
stderr~:
wasmrt: more.wat: cannot link: imports are missing
    base.twice: (i32) -> i32
    base.ten: global i32
    --preload=base=FILE
exit: 1

# They have WASI, too, and may stand in for it.
file: quiet.wat
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "proc_exit") (param i32)
    (call $exit (i32.add (local.get 0) (i32.const 1)))))
file: exit.wat
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start") (call $exit (i32.const 4))))
cmd: wasmrt run exit.wat
exit: 4
cmd: wasmrt run exit.wat --preload=wasi_snapshot_preview1=quiet.wat
exit: 5

# What is wrong is said with the name of its file.
file: traps.wat
(module (func $f unreachable) (start $f))
cmd: wasmrt run main.wat --preload=base=traps.wat --invoke=run 1
stderr~:
wasmrt: traps.wat: trap: unreachable
 at func[0] f
exit: 134
cmd: wasmrt run main.wat --preload=base=nosuch --invoke=run 1
stderr: wasmrt: cannot read nosuch: No such file or directory
exit: 1
cmd: wasmrt run main.wat --preload=base --invoke=run 1
stderr:
wasmrt: --preload=base: this is no NAME=FILE
  hint: for example: wasmrt run app.wasm --preload=math=math.wasm
exit: 2
cmd: wasmrt run main.wat --preload==base.wat
stderr~: this is no NAME=FILE
exit: 2
cmd: wasmrt run main.wat --wasi=threads --preload=base=base.wat
stderr~: wasmrt: --preload does not go with --wasi=threads
exit: 2
