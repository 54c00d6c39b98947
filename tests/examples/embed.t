# The program in the README.
cmd: $RUNNER "$EXAMPLES/embed"
stdout: 2 + 40 = 42
