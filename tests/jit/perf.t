# What perf reads.
file: m.wat
(module
  (func $inner (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func (export "go") (param i32) (result i32) (call $inner (local.get 0))))
cmd: sh -c 'echo $$ >pid; exec $WASMRT run m.wat --engine=jit --perf=map --invoke=go 1'; f=/tmp/perf-$(cat pid).map; grep -E '^[0-9a-f]+ [0-9a-f]+ [^ ]' $f | sed 's/^[^ ]* [^ ]* //' | LC_ALL=C sort -u; rm $f
stdout:
2 : i32
[entry from C]
[stub]
go
inner
cmd: mkdir d; cd d; wasmrt run ../m.wat --engine=jit --perf=jitdump --invoke=go 1; mv jit-*.dump ../dump
stdout: 2 : i32
cmd: od -An -tx4 -N16 dump; grep -ac inner dump
stdout:
 4a695444 00000001 00000028 0000003e
1

cmd: cd /proc; wasmrt run "$OLDPWD/m.wat" --engine=jit --perf=jitdump --invoke=go 1
stderr~: wasmrt: --perf=jitdump: cannot write jit-
exit: 1
cmd: wasmrt run m.wat --engine=jit --perf=svg --invoke=go 1
stderr~: wasmrt: --perf=svg: the value is one of map|jitdump
exit: 2
cmd: wasmrt run m.wat --engine=jit --debug=lldb --invoke=go 1
stderr~: wasmrt: --debug=lldb: the value is gdb
exit: 2
cmd: wasmrt run m.wat --engine=interp --perf=map --invoke=go 1
stderr:
wasmrt: --perf is about machine code, and engine "interp" makes none
  hint: --engine=jit does, where this build has it
exit: 2
# The name of a map is known in advance: nobody else's file is written to.
cmd: sh -c 'echo $$ >pid; ln -s $PWD/victim /tmp/perf-$$.map; exec $WASMRT run m.wat --engine=jit --perf=map --invoke=go 1'
stderr~: cannot write /tmp/perf-
exit: 1
cmd: rm /tmp/perf-$(cat pid).map; ls
stdout~: m.wat
