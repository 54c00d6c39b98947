# --stats and --trace=wasi write to standard error only.
program: probe
cmd: wasmrt run --stats probe.wasm one
stdout:
probe.wasm
one
stderr~:
read
decode and validate
instantiate
run
module
functions compiled
of these, interpreted
calls of the host
guest memories
peak of the process

# The same for programs that read it.
cmd: wasmrt run --stats=json probe.wasm one
stdout:
probe.wasm
one
stderr~:
{
  "phases_ms": {
    "read": 0.
  "functions": 
  "host_calls": 
  "objects": {
  "peak_bytes": 
cmd: wasmrt run --stats=xml probe.wasm
stderr~: wasmrt: --stats=xml: the value is one of text|json
exit: 2

cmd: wasmrt run --trace=wasi probe.wasm one
stdout:
probe.wasm
one
stderr~:
args_sizes_get
fd_write
