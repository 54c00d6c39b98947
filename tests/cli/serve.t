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
stderr: wasmrt: lib.wat: no such export: it is no command: _start is missing
exit: 1
file: imports.wat
(module (import "a" "b" (func)) (func (export "_start")))
cmd: wasmrt serve imports.wat
stderr: wasmrt: imports.wat: unknown import: "a" "b"
exit: 1

# What no request could be answered with.
file: type.wat
(module (func (export "_start") (result i32) (i32.const 1)))
cmd: wasmrt serve type.wat
stderr: wasmrt: type.wat: export is of another kind: _start must have type () -> ()
exit: 1
file: wasi.wat
(module (import "wasi_snapshot_preview1" "fd_write" (func (param i64)))
  (func (export "_start")))
cmd: wasmrt serve wasi.wat
stderr~: wasmrt: wasi.wat: incompatible import type: "wasi_snapshot_preview1" "fd_write"
exit: 1
file: large.wat
(module (memory 1000) (func (export "_start")))
cmd: wasmrt serve --max-memory=1M large.wat
stderr~: wasmrt: large.wat: memory limit exceeded: 65536000 bytes needed
exit: 1
cmd: wasmrt serve --dir=none probe.wasm
stderr~: cannot grant none: No such file or directory
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
file: twice.toml
[[route]]
path = "/"
module = "probe.wasm"
[[route]]
path = "/"
files = "."
cmd: wasmrt serve --config=twice.toml
stderr: wasmrt: twice.toml: there are two routes for one path
exit: 2
file: key.toml
[[route]]
path = "/"
path = "/a"
cmd: wasmrt serve --config=key.toml
stderr: wasmrt: key.toml:3: this key is there already
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
