# The shortest way: output, exit status, a trap.
cmd: $RUNNER "$EXAMPLES/run" "$CASES/../../examples/hello.wat"
stdout: hello from WebAssembly!
exit: 3

file: trap.wat
(module (func (export "_start") unreachable))
cmd: $RUNNER "$EXAMPLES/run" trap.wat
stderr: run: unreachable
exit: 134
