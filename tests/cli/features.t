# What is off is named.
cmd: cp "$CASES/../../bench/wasm/simd_dot.wasm" simd.wasm
cmd: wasmrt run --disable=simd simd.wasm
stderr~:
wasmrt: simd.wasm: feature is not enabled: simd (--enable=simd)
    at offset 0x
exit: 1
cmd: wasmrt run simd.wasm
stdout~: simd_dot checksum
file: tag.wat
(module (tag) (func (export "_start")))
cmd: wasmrt run tag.wat
cmd: wasmrt validate --disable=exceptions --disable=legacy-exceptions tag.wat
stderr~: wasmrt: tag.wat:1:9: feature is not enabled: exceptions
exit: 1

# Turning one on does not matter to modules that do not use it; turning one off
# does to those that do.
file: plain.wat
(module (func (export "_start") (drop (i32.extend8_s (i32.const 1)))))
cmd: wasmrt run --enable=exceptions --enable=threads plain.wat
cmd: wasmrt run --disable=sign-extension plain.wat
stderr~: feature is not enabled: sign-extension
exit: 1
