;; Wants too much of everything, and can also behave.
(module $limits
  (memory 1)
  ;; Adds one page at a time until it gets no more; the size it reached.
  (func $grow (export "grow") (result i32)
    (loop $more
      (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    (memory.size))
  (func $recurse (export "recurse") (result i32)
    (i32.add (call $recurse) (i32.const 1)))
  (func $spin (export "spin") (result i32)
    (loop $forever (br $forever))
    (unreachable))
  (func $work (export "work") (result i32)
    (i32.const 42)))
