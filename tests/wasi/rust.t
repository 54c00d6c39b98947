# Rust's standard library finds what it is given, and nothing more.
program: ruststd
cmd: wasmrt run ruststd.wasm --env=B=2 --env=A=ä -- surroundings one 'two words' ''
stdout:
args ["one", "two words", ""]
vars [("A", "ä"), ("B", "2")]
unset Err(NotPresent)

cmd: wasmrt run ruststd.wasm words
stdin:
the quick brown fox
jumps over the lazy dog
THE END
stdout:
3 lines
3 the
1 brown
1 dog
1 end
1 fox
1 jumps
1 lazy
1 over
1 quick

cmd: mkdir box; wasmrt run ruststd.wasm --dir=box tour box; find box -type f | sort; cat box/a/hard; ls
stdout:
again: AlreadyExists
"first\nsecond\nthird\n"
"second\nTHIRD\n" at 19
2 lines
copied 13
["hard", "text"] ["c/", "copy"]
13 true true
NotFound
true
true
["a/"]
box/a/hard
first
second
box
ruststd.wasm

# Without the grant there is nothing to tour.
cmd: wasmrt run ruststd.wasm tour box
stderr~:
Error:
exit: 1

cmd: wasmrt run ruststd.wasm time
stdout:
slept true
this century true
threads false

cmd: wasmrt run ruststd.wasm exit
exit: 42

cmd: wasmrt run ruststd.wasm panic
stderr~:
panicked at 'as told'
unreachable
exit: 134

cmd: wasmrt run ruststd.wasm
stderr~:
Error: Custom
exit: 1
