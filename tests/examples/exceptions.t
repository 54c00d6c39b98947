# Exceptions that the host throws and the guest catches, and the other way round.
cmd: $RUNNER "$EXAMPLES/exceptions" "$CASES/../../examples/exceptions.wat"
stdout:
spent 30
buy(30) = 70
buy(60) = 50
buy(80): only 70 left
