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
guest memories
peak of the process

cmd: wasmrt run --trace=wasi probe.wasm one
stdout:
probe.wasm
one
stderr~:
args_sizes_get
fd_write
