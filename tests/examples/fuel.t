# What work costs is the same everywhere; time is not.
cmd: $RUNNER "$EXAMPLES/fuel" "$CASES/../../examples/fuel.wat"
stdout:
fib(10) = 55 for 1678 units
fib(20): not for 10000 units
fib(20) = 6765 for 207961 units
fib(60): not in 50 ms
