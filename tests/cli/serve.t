# What is wrong with the words or the file of routes is said before anything
# listens.
program: probe
needs: native
cmd: wasmrt serve
stderr~: wasmrt: FILE is missing: wasmrt serve FILE, or --config
exit: 2
cmd: wasmrt serve --workers=0 probe.wasm
stderr:
wasmrt: --workers=0: this is no number, or none that is possible here
  hint: for example: wasmrt serve app.wasm --workers=2
exit: 2
cmd: wasmrt serve --log-format=xml probe.wasm
stderr~: wasmrt: --log-format=xml: the value is one of text|json
exit: 2
cmd: wasmrt serve --addr=nowhere probe.wasm
stderr: wasmrt: nowhere: an address is IP:PORT, [IP6]:PORT or unix:PATH
exit: 1
cmd: wasmrt serve --addr=127.0.0.1:99999 probe.wasm
stderr: wasmrt: 127.0.0.1:99999: an address is IP:PORT, [IP6]:PORT or unix:PATH
exit: 1
cmd: wasmrt serve none.wasm
stderr~: wasmrt: none.wasm:
exit: 1

file: lib.wat
(module (func (export "f")))
cmd: wasmrt serve lib.wat
stderr~: wasmrt: lib.wat:
exit: 1

file: bad.toml
[server]
workers = 2
[[route]]
path = "/"
colour = "red"
cmd: wasmrt serve --config=bad.toml
stderr: wasmrt: bad.toml:5: no such key in this table
exit: 2
file: none.toml
[[route]]
path = "/"
cmd: wasmrt serve --config=none.toml
stderr: wasmrt: none.toml: a route has either module or files
exit: 2
file: time.toml
[[route]]
path = "/"
timeout = "soon"
cmd: wasmrt serve --config=time.toml
stderr: wasmrt: time.toml:3: this is no duration, like 10s
exit: 2

# What modules may use is an option, as elsewhere.
cmd: cp "$CASES/../../bench/wasm/simd_dot.wasm" simd.wasm
cmd: wasmrt serve --disable=simd simd.wasm
stderr~: wasmrt: simd.wasm: feature is not enabled: simd
exit: 1
cmd: wasmrt serve --jit-check none.wasm
stderr~: wasmrt: none.wasm:
exit: 1
