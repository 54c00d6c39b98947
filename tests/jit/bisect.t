# The search of tools/jit-bisect.sh, with a wasmrt that goes wrong on purpose: when
# function $BAD is compiled, and $WITH as well.
file: fake
#!/bin/sh
range=$(printf '%s\n' "$@" | sed -n 's/^--jit-range=//p')
first=${range%:*} end=${range#*:}
inside() { [ -n "$range" ] && [ "$1" -ge "$first" ] && [ "$1" -lt "$end" ]; }
if inside $BAD && inside $WITH; then echo "wrong: $*" | sed 's/--jit[^ ]* //'; else echo "right: '$5' '$4'" | sed "s/ '.*//"; fi
cmd: chmod +x fake; BAD=37 WITH=37 sh $TOOLS/jit-bisect.sh ./fake run "it's" app.wasm >out; echo $?; sed -n 's/, after.*//; 1,2p' out
stdout:
1
jit-bisect: function 37
jit-bisect: ./fake run --engine=jit --jit-range=37:38 'it'\''s' 'app.wasm'
cmd: BAD=0 WITH=0 sh $TOOLS/jit-bisect.sh ./fake run app.wasm | head -n 1
stdout~: jit-bisect: function 0, after
cmd: BAD=100000 WITH=2047 sh $TOOLS/jit-bisect.sh ./fake run app.wasm | sed 's/, after.*//' | head -n 2
stdout:
jit-bisect: function 100000
jit-bisect: together with function 2047
cmd: BAD=5000000000 WITH=0 sh $TOOLS/jit-bisect.sh ./fake run app.wasm
stdout: jit-bisect: the engines agree
