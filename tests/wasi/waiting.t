# Timeouts end what waits; what is ready is not held up.
program: files
cmd: wasmrt run files.wasm sleep 20
stdout: sleep: ok

cmd: wasmrt run --timeout=50ms files.wasm sleep 60000
stderr~: deadline
exit: 124

# Reading a pipe that nobody writes to.
cmd: mkfifo fifo; sleep 5 3<>fifo & wasmrt run --timeout=50ms files.wasm read <fifo 4<>fifo
stderr~: deadline
exit: 124

cmd: (printf 12345; sleep 0.1; printf 678) | wasmrt run files.wasm read
stdout: 8 bytes
cmd: wasmrt run files.wasm read </dev/null
stdout: 0 bytes
cmd: wasmrt run files.wasm read <&-
stdout: 0 bytes

# A reader that leaves early ends the guest, as it would end a native program.
cmd: (sleep 0.2; wasmrt run files.wasm list nosuch; echo "exit $?" >&2) | true
stderr: exit 141
