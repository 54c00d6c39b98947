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

# Whoever validates, the error is the same.
file: bad.wat
(module
  (func (export "f"))
  (func $g (result i32) (i64.const 0)))
cmd: wasmrt run bad.wat --invoke=f 2>lazy; wasmrt run bad.wat --compile=eager --invoke=f 2>eager; cat lazy; cmp lazy eager
stdout~:
wasmrt: bad.wat: invalid module: type mismatch: instruction requires [i32] but stack has [i64]
