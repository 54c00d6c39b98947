# Runs a WASI program; passes on its exit status.
cmd: $RUNNER "$EXAMPLES/hello" "$CASES/../../examples/hello.wat"
stdout: hello from WebAssembly!
exit: 3

# A trap has a stack trace.
file: trap.wat
(module (func $inner (export "inner") unreachable)
  (func $_start (export "_start") (call $inner)))
cmd: $RUNNER "$EXAMPLES/hello" trap.wat
stderr:
hello: unreachable
    at inner
    at _start
exit: 134

cmd: $RUNNER "$EXAMPLES/hello" nosuchfile
stderr~: hello:
exit: 134
