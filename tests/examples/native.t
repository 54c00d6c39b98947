# C functions as imports, and a function of the guest for qsort().
needs: examples/native
cmd: $RUNNER "$EXAMPLES/native" "$CASES/../../examples/native.wat"
stdout:
the guest speaks through puts
2 to the power of 10 is 1024
3 7 8 -10
3 capitals
