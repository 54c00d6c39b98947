# A guest that wants too much memory, stack and time.
cmd: $RUNNER "$EXAMPLES/limits" "$CASES/../../examples/limits.wat"
stdout:
grow: 16
recurse: call stack exhausted
spin: out of time
work: 42
