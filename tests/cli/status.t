# Exit statuses.
program: probe
cmd: wasmrt run probe.wasm exit 0
cmd: wasmrt run probe.wasm exit 3
exit: 3
cmd: wasmrt run probe.wasm exit 255
exit: 255

# A failure stays one.
cmd: wasmrt run probe.wasm exit 256
exit: 1

cmd: wasmrt run probe.wasm trap
stderr~:
wasmrt: probe.wasm: trap: integer divide by zero
    at func[
 divide+0x
    at func[
 trap+0x
 _start+0x
exit: 134

cmd: wasmrt run --timeout=100ms probe.wasm loop
stderr~:
wasmrt: probe.wasm: trap: deadline exceeded
 loop+0x
exit: 124

cmd: wasmrt run probe.wasm deep 10000000
stderr~:
wasmrt: probe.wasm: trap: call stack exhausted
 deep+0x
 times
    and 
 more frames
  hint: --max-stack=SIZE gives it more stack
exit: 134

cmd: wasmrt run probe.wasm deep 100

# A trap in a start function; names of functions are optional.
file: start.wat
(module (func $f unreachable) (start $f))
cmd: wasmrt run start.wat
stderr~:
wasmrt: start.wat: trap: unreachable
    at func[0]
exit: 134
