# Modules that are refused: what, where and why; exit status 1.
hex: cut.wasm
00 61 73 6d 01 00 00 00 01 07
cmd: wasmrt run cut.wasm
stderr~:
wasmrt: cut.wasm: malformed module:
    at offset 0x
exit: 1

cmd: wasmrt validate cut.wasm
stderr~: wasmrt: cut.wasm: malformed module:
exit: 1

file: bad.wat
(module
  (func $f (result i32)
    f64.const 1))
cmd: wasmrt validate bad.wat
stderr~:
wasmrt: bad.wat: invalid module: type mismatch
    at offset 0x
 in func[0]
exit: 1

file: syntax.wat
(module
  (fnuc))
cmd: wasmrt run syntax.wat
stderr~:
wasmrt: syntax.wat:2:
(fnuc))
^
exit: 1

file: good.wat
(module (func (export "_start")))
cmd: wasmrt validate good.wat
cmd: wasmrt run good.wat

# All files are judged, in order, also behind and in front of options.
cmd: wasmrt validate good.wat cut.wasm --enable=simd nosuch good.wat
stderr~:
wasmrt: cut.wasm:
wasmrt: cannot read nosuch:
exit: 1
cmd: wasmrt validate - good.wat <cut.wasm
stderr~: wasmrt: <stdin>: malformed module
exit: 1

# A feature that is off is named.
file: simd.wat
(module (func (result v128) (v128.const i32x4 1 2 3 4)))
cmd: wasmrt validate --disable=simd simd.wat
stderr~: wasmrt: simd.wat:
exit: 1
