# Every prefix of a module: only those that end with a section are complete.

hex: m.wasm
00 61 73 6d 01 00 00 00
01 04 01 60 00 00          ; type () -> ()
03 02 01 00                ; one function
07 05 01 01 61 00 00       ; exported as "a"
0a 04 01 02 00 0b          ; with an empty body

cmd:
for n in $(seq 1 31); do
    head -c "$n" m.wasm >part.wasm
    wasmrt validate part.wasm 2>/dev/null && echo "$n bytes"
    [ $? -le 1 ] || echo "$n bytes: exit status"
done
stdout:
8 bytes
14 bytes
31 bytes
