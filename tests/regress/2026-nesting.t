# A function of 100000 nested blocks: no recursion, no quadratic time.  The bytes of
# the body come from the shell.

hex: head.wasm
00 61 73 6d 01 00 00 00
01 04 01 60 00 00
03 02 01 00
0a e8 a7 92 80 00 01 e2 a7 92 80 00 00

cmd:
yes | head -n 100000 | tr 'y\n' '\002\100' >blocks
head -c 100001 /dev/zero | tr '\000' '\013' >ends
cat head.wasm blocks ends >m.wasm
wasmrt validate m.wasm
