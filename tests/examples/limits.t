# A guest that wants too much memory, stack and time.
# (Its time limit is too short for an emulator.)
needs: native

cmd: $RUNNER "$EXAMPLES/limits" "$CASES/../../examples/limits.wat"
stdout:
grow: 16
recurse: call stack exhausted
spin: out of time
work: 42
