# Sections: order, identity, sizes.

hex: unknown.wasm
00 61 73 6d 01 00 00 00 ; section 14
0e 00

expect: malformed section id

hex: twice.wasm
00 61 73 6d 01 00 00 00 ; two type sections
01 01 00
01 01 00

expect: unexpected content after last section

hex: order.wasm
00 61 73 6d 01 00 00 00 ; function before type
03 01 00
01 01 00

expect: unexpected content after last section

hex: short.wasm
00 61 73 6d 01 00 00 00 ; the content ends before the section
01 02 00 00

expect: section size mismatch

hex: long.wasm
00 61 73 6d 01 00 00 00 ; the section goes on after its content
01 05 01 60 00 00 00

expect: section size mismatch

hex: code.wasm
00 61 73 6d 01 00 00 00 ; functions without code
01 04 01 60 00 00
03 02 01 00

expect: inconsistent lengths

hex: custom.wasm
00 61 73 6d 01 00 00 00 ; a custom section with a truncated name
00 02 05 61

expect: length out of bounds

hex: utf8.wasm
00 61 73 6d 01 00 00 00 ; an export name that is not UTF-8
01 04 01 60 00 00
03 02 01 00
07 05 01 01 ff 00 00
0a 04 01 02 00 0b

expect: malformed UTF-8 encoding
