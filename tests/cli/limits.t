# Limits, and that a missing native engine is an error.
program: probe
cmd: wasmrt run probe.wasm grow 8
stdout: could
cmd: wasmrt run --max-memory=4M probe.wasm grow 8
stdout: could not
cmd: wasmrt run --max-memory=1K probe.wasm grow 8
stderr~:
wasmrt: probe.wasm: memory limit exceeded
  hint: --max-memory=SIZE sets the limit
exit: 1

# A depth that the default stack has room for, and a smaller one has not.
cmd: wasmrt run --max-stack=64K probe.wasm deep 5000
stderr~: call stack exhausted
exit: 134
cmd: wasmrt run probe.wasm deep 5000

file: table.wat
(module (table 100 funcref) (func (export "_start")))
cmd: wasmrt run --max-table=99 table.wat
stderr~:
wasmrt: table.wat: table limit exceeded
  hint: --max-table=COUNT sets the limit
exit: 1
cmd: wasmrt run --max-table=100 table.wat

cmd: wasmrt --bounds=check --engine=interp probe.wasm exit 3
exit: 3
# Guard pages, or an error that says that this build has none.
cmd: $RUNNER "$WASMRT" --bounds=guard probe.wasm exit 3 2>err; s=$?; [ $s = 3 ] || { [ $s = 1 ] && grep -q 'has no guard pages' err; }

# Native code, or an error that says what to do.
cmd: $RUNNER "$WASMRT" --engine=jit probe.wasm exit 3 2>err; s=$?; [ $s = 3 ] || { [ $s = 2 ] && grep -q 'engine is not available' err && grep -q 'hint: --engine=interp' err; }
