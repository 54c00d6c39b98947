# --profile: a flame graph or folded stacks.  The guest runs for 0.3 seconds, in a
# function with a loop, one without, and deep in a recursion; names are hostile.
file: busy.wat
(module
  (import "wasi_snapshot_preview1" "clock_time_get"
    (func $clock (param i32 i64 i32) (result i32)))
  (memory (export "memory") 1)
  (func $"_ZN4core3fmt5write17h0123456789abcdefE" (param i32)
    (loop $l
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br_if $l (local.get 0))))
  (func $"</text><script>;\1b'\22&" (param i32)
    (loop $l
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br_if $l (local.get 0))))
  (func $deep (param i32)
    (if (local.get 0)
      (then (call $deep (i32.sub (local.get 0) (i32.const 1))))
      (else (call $"</text><script>;\1b'\22&" (i32.const 100000)))))
  (func (export "_start") (local i64)
    (drop (call $clock (i32.const 1) (i64.const 1) (i32.const 0)))
    (local.set 0 (i64.add (i64.load (i32.const 0)) (i64.const 300000000)))
    (loop $l
      (call $"_ZN4core3fmt5write17h0123456789abcdefE" (i32.const 100000))
      (call $deep (i32.const 1000))
      (drop (call $clock (i32.const 1) (i64.const 1) (i32.const 0)))
      (br_if $l (i64.lt_u (i64.load (i32.const 0)) (local.get 0))))))
cmd: wasmrt run --profile=out.folded busy.wat; grep -c '^_start;core::fmt::write [0-9]*$' out.folded
stdout: 1

# Of a deep stack the middle is left out, always the same.
cmd: grep -c '^_start\(;deep\)\{127\};\.\.\.\(;deep\)\{124\};</text><script>__.*"& [0-9]*$' out.folded
stdout: 1
cmd: LC_ALL=C grep -c '[^ -~]' out.folded
stdout: 0
exit: 1

# The picture holds names as text only, and nothing from elsewhere.
cmd: wasmrt run busy.wat --profile=out.svg; grep -c 'data-n="core::fmt::write"><title>core::fmt::write: [0-9]* ms, [0-9.]* %' out.svg
stdout: 1
cmd: grep -o '<script>' out.svg
stdout: <script>
cmd: grep -o -m1 'data-n="&#60;[^"]*"' out.svg
stdout: data-n="&#60;/text&#62;&#60;script&#62;;&#xfffd;&#39;&#34;&#38;"
cmd: grep -c 'href\|src=\|url(\|@import' out.svg
stdout: 0
exit: 1

# It is written however the guest ends, and without samples it is empty.
file: trap.wat
(module (func (export "_start") unreachable))
cmd: wasmrt run trap.wat --profile=trap.folded 2>/dev/null; echo $?; test -f trap.folded
stdout: 134

cmd: wasmrt run busy.wat --profile=out.png
stderr:
wasmrt: --profile=out.png: the name ends in .svg or .folded
  hint: wasmrt help explains commands and options
exit: 2
cmd: wasmrt run busy.wat --profile=nosuch/out.svg
stderr: wasmrt: --profile: cannot write nosuch/out.svg: No such file or directory
exit: 1
