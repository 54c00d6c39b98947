# A stack trace of gdb has the functions of the guest, with their callers.
needs: gdb
needs: native
file: m.wat
(module
  (func $leaf (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)))
  (func $middle (param i32) (result i32)
    (i32.add (i32.const 1) (call $leaf (i32.sub (local.get 0) (i32.const 5)))))
  (func $deep (export "deep") (param i32) (result i32)
    (i32.add (i32.const 1) (call $deep (i32.add (local.get 0) (i32.const 1)))))
  (func $outer (export "go") (param i32) (result i32)
    (i32.mul (i32.const 3) (call $middle (local.get 0)))))
file: script
set debuginfod enabled off
set breakpoint pending on
break wrt_trap_error
run
bt 12
cmd: gdb -nx -batch -x script --args $WASMRT run --engine=jit --debug=gdb m.wat --invoke=go 5 2>/dev/null | grep -oE '^#[0-9]+ .* in (leaf|middle|outer|\[entry from C\]) ' | sed 's/.* in //; s/ $//'
stdout:
leaf
middle
outer
[entry from C]
# Out of stack where a function begins, before it has a frame.
cmd: gdb -nx -batch -x script --args $WASMRT run --engine=jit --debug=gdb m.wat --invoke=deep 5 2>/dev/null | grep -cE "^#([2-9]|10) .* in deep " >count; [ $(cat count) -ge 5 ]
