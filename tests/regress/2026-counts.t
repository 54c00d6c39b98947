# Counts and sizes that promise more than the bytes hold: refused at once,
# without reserving memory for them.

hex: types.wasm
00 61 73 6d 01 00 00 00 ; 2^32-1 types
01 05 ff ff ff ff 0f

expect: number of types is 4294967295

hex: params.wasm
00 61 73 6d 01 00 00 00 ; 2^32-1 parameters
01 07 01 60 ff ff ff ff 0f

expect: number of parameters of a function is 4294967295

hex: imports.wasm
00 61 73 6d 01 00 00 00 ; 2^32-1 imports
02 05 ff ff ff ff 0f

expect: number of imports is 4294967295

hex: functions.wasm
00 61 73 6d 01 00 00 00 ; 2^32-1 functions
03 05 ff ff ff ff 0f

expect: number of functions is 4294967295

hex: tables.wasm
00 61 73 6d 01 00 00 00 ; 2^32-1 tables
04 05 ff ff ff ff 0f

expect: number of tables is 4294967295

hex: exports.wasm
00 61 73 6d 01 00 00 00 ; 2^32-1 exports
07 05 ff ff ff ff 0f

expect: number of exports is 4294967295

hex: elems.wasm
00 61 73 6d 01 00 00 00 ; 2^32-1 segments
09 05 ff ff ff ff 0f

expect: number of element segments is 4294967295

hex: datas.wasm
00 61 73 6d 01 00 00 00 ; 2^32-1 data segments
0b 05 ff ff ff ff 0f

expect: number of data segments is 4294967295

hex: section.wasm
00 61 73 6d 01 00 00 00 ; a section of 2^32-1 bytes
01 ff ff ff ff 0f

expect: length out of bounds: section 1 has 4294967295 bytes

hex: name.wasm
00 61 73 6d 01 00 00 00 ; a name of 2^32-1 bytes
02 06 01 ff ff ff ff 0f

expect: length out of bounds: name of 4294967295 bytes

hex: locals.wasm
00 61 73 6d 01 00 00 00 ; 2^32-1 locals
01 04 01 60 00 00
03 02 01 00
0a 0a 01 08 01 ff ff ff ff 0f 7f 0b

expect: number of locals of a function is 4294967295

hex: sum.wasm
00 61 73 6d 01 00 00 00 ; locals whose sum overflows 32 bits
01 04 01 60 00 00
03 02 01 00
0a 10 01 0e 02 ff ff ff ff 0f 7f
ff ff ff ff 0f 7e 0b

expect: too many locals

hex: br_table.wasm
00 61 73 6d 01 00 00 00 ; a br_table of 2^32-1 labels
01 04 01 60 00 00
03 02 01 00
0a 0d 01 0b 00 41 00 0e ff ff ff ff 0f 00 0b

expect: unexpected end of section or function

hex: plausible.wasm
00 61 73 6d 01 00 00 00 ; 999,999 functions: within the limit, not in the bytes
01 04 01 60 00 00
03 03 bf 84 3d

expect: unexpected end
