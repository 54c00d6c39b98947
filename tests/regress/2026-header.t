# The first eight bytes, and what is not a module at all.

hex: truncated.wasm
00 61 73 6d 01 00 00

expect: unexpected end

hex: version.wasm
00 61 73 6d 02 00 00 00

expect: unknown binary version

hex: component.wasm
00 61 73 6d 0d 00 01 00 ; the component model's layer

expect: it is a WebAssembly component

hex: elf.wasm
7f 45 4c 46 02 01 01 00 00 00 00 00

expect: it is an ELF file

hex: empty.wasm
00 61 73 6d 01 00 00 00 ; a module with nothing in it

expect: valid
