# A guest whose reader is gone ends, as a native program does.
program: probe
cmd: { wasmrt run probe.wasm spam; echo $? >status; } | head -1; cat status
stdout:
spam
141

# Where SIGPIPE is ignored, the guest gets the error instead.
cmd: trap '' PIPE; { wasmrt run --timeout=1s probe.wasm spam 2>/dev/null; echo $? >status; } | head -1; cat status
stdout:
spam
124
