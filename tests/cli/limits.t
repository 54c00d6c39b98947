# Limits: each is kept, and says which option sets it; and that a missing native
# engine is an error.
program: probe
cmd: wasmrt run probe.wasm grow 8
stdout: could
cmd: wasmrt run --max-memory=4M probe.wasm grow 8
stdout: could not
cmd: wasmrt run --max-memory=4M probe.wasm need 8
stdout: could not
stderr:
  hint: it was refused more memory or table elements: --max-memory=SIZE and --max-table=COUNT set the limits
exit: 1
cmd: wasmrt run --max-memory=1K probe.wasm grow 8
stderr~:
wasmrt: probe.wasm: memory limit exceeded: 131072 bytes needed, 0 of 1024 in use
  hint: --max-memory=SIZE sets the limit
exit: 1

# A depth that the default stack has room for, and a smaller one has not.
cmd: wasmrt run --max-stack=64K probe.wasm deep 5000
stderr~:
wasmrt: probe.wasm: trap: call stack exhausted
  hint: --max-stack=SIZE gives it more stack
exit: 134
cmd: wasmrt run probe.wasm deep 5000

file: table.wat
(module (table 100 funcref) (func (export "_start")))
cmd: wasmrt run --max-table=99 table.wat
stderr~:
wasmrt: table.wat: table limit exceeded: 100 elements needed, 0 of 99 in use
  hint: --max-table=COUNT sets the limit
exit: 1
cmd: wasmrt run --max-table=100 table.wat

# Descriptors: the streams and grants count, and then what the guest opens.
cmd: mkdir box; echo >box/f; wasmrt run --max-fds=10 --dir=box probe.wasm open box/f
stdout: 6 times, then: No file descriptors available
cmd: wasmrt run --max-fds=3 --dir=box probe.wasm
stderr:
wasmrt: descriptor limit exceeded: cannot grant box: 3 descriptors are all that there may be
  hint: --max-fds=COUNT sets the limit
exit: 1

cmd: wasmrt run --timeout=50ms probe.wasm loop
stderr~:
wasmrt: probe.wasm: trap: deadline exceeded
  hint: --timeout=DURATION gives it more time
exit: 124

cmd: wasmrt --bounds=check --engine=interp probe.wasm exit 3
exit: 3

# Native code, or an error that says what to do.
cmd: $RUNNER "$WASMRT" --engine=jit probe.wasm exit 3 2>err; s=$?; [ $s = 3 ] || { [ $s = 2 ] && grep -q 'engine is not available' err && grep -q 'hint: --engine=interp' err; }
