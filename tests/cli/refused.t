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
stderr:
wasmrt: bad.wat:3:16: type mismatch: instruction requires [i32] but stack has [f64]
        f64.const 1))
                   ^
exit: 1

# Operands are written inside; the place is that of the instruction.
file: folded.wat
(module
  (func $first)
  (func $f (param i64)
    (if (i32.const 1)
      (then
        (drop (i32.add (local.get 0) (i32.const 1)))
      ))))
cmd: wasmrt run folded.wat
stderr:
wasmrt: folded.wat:6:16: type mismatch: instruction requires [i32] but stack has [i64]
            (drop (i32.add (local.get 0) (i32.const 1)))
                   ^
exit: 1

# Of what is no code, that of the field.
file: field.wat
(module
  (func (export "a"))
  (memory (export "b") 1)
  (export "a" (func 0))
  (export "c" (func 0)))
cmd: wasmrt validate field.wat
stderr:
wasmrt: field.wat:4:3: duplicate export name: "a"
      (export "a" (func 0))
      ^
exit: 1
file: start.wat
(module (func)
  (start 7))
cmd: wasmrt validate start.wat
stderr:
wasmrt: start.wat:2:3: unknown function 7
      (start 7))
      ^
exit: 1

cmd: printf '\357\273\277(module)' >mark.wat
cmd: wasmrt run mark.wat
stderr:
wasmrt: mark.wat: not a WebAssembly module: it is a text with a byte order mark
  hint: save it as UTF-8 without that mark
exit: 1
cmd: printf ' \n\n' >blank.wat
cmd: wasmrt run blank.wat
stderr: wasmrt: blank.wat: not a WebAssembly module: it is nothing but blanks
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
