# A thousand suspended guests on one thread.
needs: examples/tasks
cmd: $RUNNER "$EXAMPLES/tasks" "$CASES/../../examples/tasks.wat"
stdout: 1000 guests, 1000 at once, sum 440000
