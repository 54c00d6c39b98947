# Ctrl-C ends the guest with a stack trace, also while it waits for input. (The
# thread sanitizer hands no signal to a loop of machine code.)
program: probe
needs: timeout
cmd: t=${RUNNER:+4}; [ "$VARIANT" != tsan ] || e=--engine=interp; timeout --foreground --preserve-status -s INT ${t:-0.5} $RUNNER "$WASMRT" run $e probe.wasm loop
stderr~:
wasmrt: probe.wasm: trap: interrupted
 loop+0x
exit: 130

cmd: t=${RUNNER:+4}; sleep 8 | timeout --foreground --preserve-status -s INT ${t:-0.5} $RUNNER "$WASMRT" run probe.wasm cat -
stderr~:
wasmrt: probe.wasm: trap: interrupted
exit: 130

# A signal that was ignored stays ignored, as for any background job.
cmd: $RUNNER "$WASMRT" run --timeout=2s probe.wasm loop & sleep 0.5; kill -INT $!; wait $!
stderr~: deadline exceeded
exit: 124

# A timeout also ends waiting for input.
cmd: sleep 5 | wasmrt run --timeout=300ms probe.wasm cat -
stderr~: wasmrt: probe.wasm: trap: deadline exceeded
exit: 124
