# Directories: none by default, --dir and --mount grant them.
program: probe
cmd: mkdir data 'a,b' 'c::d:ro'; for d in data a,b c::d:ro; do echo "in $d" >"$d/f"; done

cmd: wasmrt run probe.wasm cat data/f
stderr: cannot open data/f
exit: 1
cmd: wasmrt run probe.wasm --dir=data cat data/f
stdout: in data
cmd: wasmrt run --dir data probe.wasm cat data/f
stdout: in data
cmd: wasmrt run probe.wasm --dir=data::/x cat /x/f
stdout: in data
cmd: wasmrt run probe.wasm --dir=./data::/x:ro cat /x/f
stdout: in data
cmd: wasmrt run probe.wasm --dir=. cat data/f
stdout: in data
cmd: wasmrt run probe.wasm --dir="$PWD/data" cat "$PWD/data/f"
stdout: in data
cmd: wasmrt run probe.wasm --mount='host="a,b",guest=/x,ro' cat /x/f
stdout: in a,b
cmd: wasmrt run probe.wasm --mount=host=c::d:ro,guest=/x cat /x/f
stdout: in c::d:ro
cmd: wasmrt run probe.wasm --mount=host=data --dir=a,b::/y cat /y/f
stdout: in a,b

cmd: wasmrt run probe.wasm --dir=nosuch cat f
stderr~: nosuch
exit: 1
