# Strings into a guest and back.
cmd: $RUNNER "$EXAMPLES/strings" "$CASES/../../examples/strings.wat"
stdout: STRINGS GO BOTH WAYS; the guest has 65536 bytes
