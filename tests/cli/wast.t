# Test scripts: the counts, the places, and that wrong expectations fail.
file: good.wast
(module (func (export "f") (param i32) (result i32) (local.get 0)))
(assert_return (invoke "f" (i32.const 1)) (i32.const 1))
(invoke "f" (i32.const 2))
(assert_malformed (module quote "(func") "unexpected token")

cmd: wasmrt wast good.wast
stdout:
good.wast: 4 passed, 0 failed
4 passed, 0 failed

cmd: wasmrt wast --line=2 good.wast
stdout:
good.wast: 2 passed, 0 failed
2 passed, 0 failed

file: bad.wast
(module (func (export "f") (result f32) (f32.const 0.5)) (func (export "t") unreachable))
(assert_return (invoke "f") (f32.const 0.25))
(assert_return (invoke "f") (f32.const nan:canonical))
(assert_return (invoke "f"))
(assert_return (invoke "g"))
(assert_trap (invoke "t") "integer overflow")
(assert_trap (invoke "f") "unreachable")
(assert_invalid (module) "type mismatch")
(assert_invalid (module (func i32.add)) "unknown local")
(assert_malformed (module quote "(func i32.foo)") "unexpected token")
(assert_unlinkable (module) "unknown import")
(module (func i32.add))
(invoke "f")

cmd: wasmrt wast bad.wast
stdout:
bad.wast:2: f gave f32:3f000000 (0.5), expected f32:3e800000 (0.25)
bad.wast:3: f gave f32:3f000000 (0.5), expected nan:canonical
bad.wast:4: f gave 1 results, expected 0
bad.wast:5: g: no such export: g
bad.wast:6: error "unreachable", expected "integer overflow"
bad.wast:7: no error, expected "unreachable"
bad.wast:8: no error, expected "type mismatch"
bad.wast:9: error "type mismatch: instruction requires [i32] but stack has []", expected "unknown local"
bad.wast:10: error "unknown operator: i32.foo", expected "unexpected token"
bad.wast:11: no error, expected "unknown import"
bad.wast:12: module: type mismatch: instruction requires [i32] but stack has []
bad.wast:13: f: no instance
bad.wast: 1 passed, 12 failed
1 passed, 12 failed
exit: 1

file: off.wast
(module $m (memory (export "m") 1))
(register "m" $m)
(module (memory 1) (func (export "f") (result v128) (v128.const i32x4 0 0 0 0)))
(assert_return (invoke "f") (v128.const i32x4 0 0 0 0))
(register "f")
(module (import "f" "f" (func)))
(invoke $m "m")

cmd: wasmrt wast --skip-disabled --disable=simd off.wast
stdout:
off.wast: 2 passed, 0 failed, 5 skipped (simd)
2 passed, 0 failed, 5 skipped

cmd: wasmrt wast nosuch.wast
stdout:
nosuch.wast: cannot be read
nosuch.wast: 0 passed, 1 failed
0 passed, 1 failed
exit: 1

file: broken.wast
(module)
(assert_retur)

cmd: wasmrt wast broken.wast
stdout:
broken.wast:2:2: unknown operator: assert_retur
(assert_retur)
 ^
broken.wast: 1 passed, 1 failed
1 passed, 1 failed
exit: 1

cmd: wasmrt wast
stderr~: FILE is missing: wasmrt wast FILE...
exit: 2

cmd: wasmrt wast --line=x good.wast
stderr~: --line=x is no line number
exit: 2

# Modules in text form.
file: add.wat
(module (func (export "add") (param i32 i32) (result i32)
  (i32.add (local.get 0) (local.get 1))))

cmd: wasmrt wat2wasm add.wat && wasmrt run --invoke=add add.wasm 2 3
stdout: 5 : i32

cmd: wasmrt wat2wasm --output=- - <add.wat | cmp - add.wasm

cmd: wasmrt wat2wasm add.wat --output=no/such/folder
stderr~: cannot write no/such/folder
exit: 1

file: wrong.wat
(module
	(func (param $x i32) (local.get $y)))

cmd: wasmrt wat2wasm wrong.wat
stderr~:
wrong.wat:2:34: unknown local: $y
(func (param $x i32) (local.get $y)))
exit: 1

cmd: wasmrt wat2wasm
stderr~: FILE is missing: wasmrt wat2wasm FILE
exit: 2

cmd: wasmrt wat2wasm a b
stderr~: one FILE at a time: b
exit: 2

# A module that is wrong is shown with its line, also a quoted one.
file: lines.wast
(module)
(module (func
  (i32.const x)))
(module quote "(func" "(nop nop))")

cmd: wasmrt wast lines.wast
stdout:
lines.wast:2: module: 3:14: unknown operator: x
  (i32.const x)))
             ^
lines.wast:4: module: 1:12: unexpected token: nop, expected an instruction
(func (nop nop)) 
           ^
lines.wast: 1 passed, 2 failed
1 passed, 2 failed
exit: 1
