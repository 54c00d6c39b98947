# A program for the standard C API.
cmd: $RUNNER "$EXAMPLES/standard"
stdout:
next(32)
next(37)
run(32) = 42
