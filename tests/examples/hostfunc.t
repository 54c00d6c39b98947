# Host functions that read the guest's memory and that fail.
cmd: $RUNNER "$EXAMPLES/hostfunc" "$CASES/../../examples/hostfunc.wat"
stdout:
guest says: halving
run(10) = 5
guest says: halving
run(7): host function failed: the number is odd
