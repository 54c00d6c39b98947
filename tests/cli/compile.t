# Functions are compiled at their first call, or all of them before the start.
program: probe
cmd: wasmrt run --compile=eager probe.wasm exit 3
exit: 3
cmd: wasmrt run --compile=lazy probe.wasm exit 4
exit: 4
cmd: wasmrt run --compile=soon probe.wasm exit 4
stderr~:
wasmrt: --compile=soon: the value is one of lazy|eager
exit: 2

# Several threads compile them together.
cmd: wasmrt run --compile=eager --compile-threads=2 probe.wasm exit 5
exit: 5
cmd: wasmrt run --compile-threads=64 probe.wasm exit 6
exit: 6
cmd: wasmrt run --compile=eager --compile-threads=0 probe.wasm exit 5
stderr~:
wasmrt: --compile-threads=0: this is no number from 1 to 64
exit: 2
cmd: wasmrt run --compile=eager --compile-threads=65 probe.wasm exit 5
stderr~:
wasmrt: --compile-threads=65: this is no number from 1 to 64
exit: 2

# Whoever validates, the error is the same.
file: bad.wat
(module
  (func (export "f"))
  (func $g (result i32) (i64.const 0)))
cmd: wasmrt run bad.wat --invoke=f 2>lazy; wasmrt run bad.wat --compile=eager --invoke=f 2>eager; cat lazy; cmp lazy eager
stdout~:
wasmrt: bad.wat:3:38: type mismatch: instruction requires [i32] but stack has [i64]
