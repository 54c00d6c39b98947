# Function bodies that end early, nest wrongly, or use what does not exist.

hex: no_end.wasm
00 61 73 6d 01 00 00 00 ; no end opcode
01 04 01 60 00 00
03 02 01 00
0a 04 01 02 00 01

expect: unexpected end of section or function

hex: extra_end.wasm
00 61 73 6d 01 00 00 00 ; an end too many
01 04 01 60 00 00
03 02 01 00
0a 05 01 03 00 0b 0b

expect: END opcode expected

hex: else.wasm
00 61 73 6d 01 00 00 00 ; an else without if
01 04 01 60 00 00
03 02 01 00
0a 05 01 03 00 05 0b

expect: else without if

hex: illegal.wasm
00 61 73 6d 01 00 00 00 ; opcode 0xff
01 04 01 60 00 00
03 02 01 00
0a 05 01 03 00 ff 0b

expect: illegal opcode ff

hex: prefix.wasm
00 61 73 6d 01 00 00 00 ; opcode 0xfc 0x7f
01 04 01 60 00 00
03 02 01 00
0a 07 01 05 00 fc ff 00 0b

expect: illegal opcode

hex: underflow.wasm
00 61 73 6d 01 00 00 00 ; i32.add on an empty stack
01 04 01 60 00 00
03 02 01 00
0a 05 01 03 00 6a 0b

expect: type mismatch: instruction requires [i32] but stack has []

hex: local.wasm
00 61 73 6d 01 00 00 00 ; local.get 7 of none
01 04 01 60 00 00
03 02 01 00
0a 07 01 05 00 20 07 1a 0b

expect: unknown local 7

hex: call.wasm
00 61 73 6d 01 00 00 00 ; call 1 of one
01 04 01 60 00 00
03 02 01 00
0a 06 01 04 00 10 01 0b

expect: unknown function 1

hex: memory.wasm
00 61 73 6d 01 00 00 00 ; a load without a memory
01 04 01 60 00 00
03 02 01 00
0a 0a 01 08 00 41 00 28 02 00 1a 0b

expect: unknown memory 0

hex: align.wasm
00 61 73 6d 01 00 00 00 ; a load aligned to 8 of 4 bytes
01 04 01 60 00 00
03 02 01 00
05 03 01 00 01
0a 0a 01 08 00 41 00 28 03 00 1a 0b

expect: alignment must not be larger than natural
