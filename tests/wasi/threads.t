# Threads of a C program: they share memory and descriptors, and end together.
program: threads
cmd: wasmrt run --wasi=threads threads.wasm mutex
stdout: 16000
cmd: wasmrt run --wasi=threads threads.wasm nested
stdout: 45
# More threads than there may be at once, one after the other.
cmd: wasmrt run --wasi=threads --max-threads=3 threads.wasm storm
stdout: 320

# The limit, and that whoever ends makes room.
cmd: wasmrt run --wasi=threads --max-threads=5 threads.wasm limit
stdout:
5, then -6
one more
stderr:
  hint: it was refused more threads: --max-threads=COUNT sets the limit
exit: 3
cmd: wasmrt run --wasi=threads --max-threads=0 threads.wasm mutex
stderr~:
wasmrt: threads.wasm: the store was granted no threads
exit: 1

# Six at once: the numbers of descriptors do not get mixed up.
cmd: mkdir box; wasmrt run --wasi=threads --dir=box::/ threads.wasm files; cat box/? | tr -d '\n'; wc -c box/? | tail -1
stdout~:
aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbcccccccccccccccccccccccccccccccccccccccccccccccccc
300 total

# The first trap, with its own stack, or the first exit ends all, whatever the others
# are doing: waiting at an address, computing, reading, polling.
cmd: mkfifo in; exec 9<>in; wasmrt run --wasi=threads threads.wasm end trap wait <&9
stdout: all run
stderr~:
wasmrt: threads.wasm: trap: unreachable
trap_then
thread_main
wasi_thread_start
exit: 134
cmd: exec 9<>in; wasmrt run --wasi=threads threads.wasm end trap loop <&9
stdout: all run
stderr~:
trap_then
exit: 134
cmd: exec 9<>in; wasmrt run --wasi=threads threads.wasm end exit read <&9
stdout: all run
exit: 7
cmd: exec 9<>in; wasmrt run --wasi=threads threads.wasm end exit poll <&9
stdout: all run
exit: 7
cmd: exec 9<>in; wasmrt run --wasi=threads threads.wasm end none return <&9
stdout: all run
exit: 5
cmd: exec 9<>in; wasmrt run --wasi=threads threads.wasm end none exit <&9
stdout: all run
exit: 6
cmd: exec 9<>in; wasmrt run --wasi=threads threads.wasm end none trap <&9
stdout: all run
stderr~:
wasmrt: threads.wasm: trap: unreachable
_start
exit: 134
cmd: exec 9<>in; wasmrt run --wasi=threads --timeout=200ms threads.wasm end none loop <&9 >/dev/null
stderr~:
wasmrt: threads.wasm: trap: deadline exceeded
exit: 124

# Off, unless asked for.
cmd: wasmrt run threads.wasm mutex
stderr~:
wasmrt: threads.wasm: cannot link: imports are missing
    env.memory: memory 
    wasi.thread-spawn: (i32) -> i32
  hint: the module was linked with --import-memory: link without it, unless it is for threads
  hint: the module starts threads: --wasi=threads lets it
exit: 1
cmd: wasmrt run --wasi=http threads.wasm
stderr~:
wasmrt: --wasi=http: the only choice is threads
exit: 2

# A module that cannot have threads.
file: start.wat
(module (import "wasi" "thread-spawn" (func (param i32) (result i32)))
  (import "env" "memory" (memory 1 1 shared)) (func (export "_start")))
cmd: wasmrt run --wasi=threads start.wat
stderr~:
wasmrt: start.wat: cannot link: no such export: wasi_thread_start: (i32 i32) -> (), which threads begin with
exit: 1
file: memory.wat
(module (import "wasi" "thread-spawn" (func (param i32) (result i32)))
  (memory 1 1 shared)
  (func (export "wasi_thread_start") (param i32 i32)) (func (export "_start")))
cmd: wasmrt run --wasi=threads memory.wat
stderr~:
wasmrt: memory.wat: cannot link: incompatible import type: threads need a shared memory, which the module does not import
exit: 1

# One that could belong to a thread but starts none.
file: none.wat
(module (import "foo" "bar" (memory 0 0 shared)) (func (export "_start")))
cmd: wasmrt run --wasi=threads none.wat
cmd: wasmrt run none.wat
stderr~:
    foo.bar: memory 0..0 shared
exit: 1

# The memory counts in the limits, which hold for all threads together.
file: grow.wat
(module (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "env" "memory" (memory 1 100 shared))
  (func (export "wasi_thread_start") (param i32 i32)
    (i32.atomic.store (i32.const 4) (memory.grow (i32.const 20)))
    (i32.atomic.store (i32.const 0) (i32.const 1))
    (drop (memory.atomic.notify (i32.const 0) (i32.const 1))))
  (func (export "f") (result i32)
    (drop (call $spawn (i32.const 0)))
    (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))
    (i32.atomic.load (i32.const 4))))
cmd: wasmrt run --wasi=threads --invoke=f grow.wat
stdout: 1 : i32
cmd: wasmrt run --wasi=threads --max-memory=1M --invoke=f grow.wat
stdout: -1 : i32
cmd: wasmrt run --wasi=threads --max-memory=1K --invoke=f grow.wat
stderr~:
wasmrt: grow.wat: memory limit exceeded: 65536 bytes needed, 0 of 1024 in use
exit: 1

# A thread traps while the host calls an export of the first one.
file: trap.wat
(module (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "env" "memory" (memory 1 1 shared))
  (func $in-thread (param i32) (unreachable))
  (func (export "wasi_thread_start") (param i32 i32) (call $in-thread (local.get 1)))
  (func (export "f")
    (drop (call $spawn (i32.const 7)))
    (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))
cmd: wasmrt run --wasi=threads --trace=wasi --invoke=f trap.wat
stderr~:
thread_spawn(7) = 1
wasmrt: trap.wat: trap: unreachable
    at func[1] in-thread
    at func[2]
exit: 134

# In a start function, too; and a start function that fails in the thread only.
file: begin.wat
(module (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "env" "memory" (memory 1 1 shared))
  (func (export "wasi_thread_start") (param i32 i32))
  (func $begin
    (if (i32.atomic.rmw.add (i32.const 0) (i32.const 1)) (then unreachable))
    (drop (call $spawn (i32.const 0)))
    (drop (memory.atomic.wait32 (i32.const 8) (i32.const 0) (i64.const -1))))
  (start $begin) (func (export "_start")))
cmd: wasmrt run --wasi=threads begin.wat
stderr~:
wasmrt: begin.wat: trap: unreachable
    at func[2] begin
exit: 134
