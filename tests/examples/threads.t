# A module shared by threads of the host.
cmd: $RUNNER "$EXAMPLES/threads" "$CASES/../../examples/threads.wat"
stdout: 9592 primes below 100000
