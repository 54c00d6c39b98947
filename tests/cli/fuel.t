# Fuel: the same program costs the same everywhere.
file: loop.wat
(module
  (memory 1)
  (func (export "_start") (local $i i32)
    (loop $again
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 1000))))
    (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536))))
cmd: wasmrt run --fuel=9028 --stats loop.wat
stderr~: fuel                             9028 of 9028
cmd: wasmrt run --bounds=check --fuel=10000 --stats loop.wat
stderr~: fuel                             9028 of 10000
cmd: wasmrt run --fuel=9027 --stats loop.wat
stderr~:
wasmrt: loop.wat: trap: out of fuel
    at func[0] _start+0x1d (0x44)
  hint: --fuel=COUNT gives it more
fuel                             8004 of 9027
exit: 134

file: spin.wat
(module (func (export "_start") (loop br 0)))
cmd: wasmrt run --fuel=1000000 --stats spin.wat
stderr~:
wasmrt: spin.wat: trap: out of fuel
fuel                          1000000 of 1000000
exit: 134
cmd: wasmrt run --fuel=0 spin.wat
stderr~: wasmrt: spin.wat: trap: out of fuel
exit: 134
cmd: wasmrt run --fuel=lots spin.wat
stderr~:
wasmrt: --fuel=lots: this is no COUNT
  hint: for example: wasmrt run app.wasm --fuel=1000000
exit: 2

# Scripts: each file has that much.
file: two.wast
(module (func (export "f") (loop br 0)))
(assert_trap (invoke "f") "out of fuel")
cmd: wasmrt wast --fuel=1000 two.wast
stdout~: 2 passed, 0 failed
