# Directories: none by default, --dir and --mount grant them.
program: probe
cmd: mkdir data 'a,b' 'c::d:ro'; for d in data a,b c::d:ro; do echo "in $d" >"$d/f"; done

cmd: wasmrt run probe.wasm cat data/f
stderr:
cannot open data/f
  hint: no --dir grants data/f; this does:
    --dir=data
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

# A listening socket is a grant like any other.
cmd: wasmrt run --listen=nonsense probe.wasm
stderr: wasmrt: cannot grant nonsense: Invalid argument
exit: 1
cmd: wasmrt run --listen=127.0.0.1:0 probe.wasm x
stdout:
probe.wasm
x

# Standard streams and grants count as open descriptors.
cmd: wasmrt run --max-fds=5 --dir=data probe.wasm cat data/f
stdout: in data
cmd: wasmrt run --max-fds=4 --dir=data probe.wasm cat data/f
stderr: cannot open data/f
exit: 1
cmd: wasmrt run --max-fds=3 --dir=data probe.wasm cat data/f
stderr~: wasmrt: descriptor limit exceeded: cannot grant data: 3 descriptors
exit: 1
