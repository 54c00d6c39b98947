# No mapping is ever writable and executable, and no file is mapped both ways.
# The search for leaks is a tracer itself, and cannot run under another.
needs: strace
needs: native
file: m.wat
(module
  (memory 1)
  (func $callee (param i32) (result i32)
    (i32.add (local.get 0) (i32.load (i32.const 0))))
  (func (export "go") (param i32) (result i32) (local $i i32)
    (loop $again
      (drop (memory.grow (i32.const 1)))
      (local.set 0 (call $callee (local.get 0)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 10))))
    (local.get 0)))
cmd: ASAN_OPTIONS=detect_leaks=0 strace -f -o log -e trace=mmap,mprotect,pkey_mprotect,mremap,memfd_create,shmat $WASMRT run --engine=jit m.wat --invoke=go 5
stdout: 5 : i32
# Both rights at once; a right to execute that comes later; the file of code,
# which is mapped twice (once to see that it can be), and never otherwise.
cmd: grep -c 'PROT_WRITE.*PROT_EXEC' log; grep -c 'mprotect.*PROT_EXEC' log; fd=$(sed -n 's/.*memfd_create.* = \([0-9]*\)$/\1/p' log); sed '1,/memfd_create/d' log >then; grep -c "mmap.*PROT_READ|PROT_EXEC, MAP_SHARED.*, $fd, " then; grep -c "mmap.*, $fd, " then
stdout:
0
0
2
2
