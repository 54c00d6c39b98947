# A WASI program between two pieces of memory.
cmd: $RUNNER "$EXAMPLES/stdio" "$CASES/../../examples/stdio.wat"
stdout:
Gur svefg fgber unf n zrzbel bs vgf bja.
Gur frpbaq bar xabjf abguvat bs gur svefg.
