;; Has an array and an order, and asks the C library for the rest.
(module $native
  (import "c" "pow" (func $pow (param f64 f64) (result f64)))
  (import "c" "puts" (func $puts (param i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\07\00\00\00\f6\ff\ff\ff\03\00\00\00\08\00\00\00")
  (data (i32.const 64) "the guest speaks through puts")

  ;; By size, whatever the sign.
  (func $abs (param i32) (result i32)
    (select (local.get 0) (i32.sub (i32.const 0) (local.get 0))
      (i32.gt_s (local.get 0) (i32.const 0))))
  (func (export "compare") (param i32 i32) (result i32)
    (i32.sub (call $abs (i32.load (local.get 0)))
      (call $abs (i32.load (local.get 1)))))

  ;; There is room for one text at a time.
  (func (export "alloc") (param i32) (result i32)
    (select (i32.const 1024) (i32.const 0)
      (i32.lt_u (local.get 0) (i32.const 60000))))
  (func (export "capitals") (param $at i32) (result i32)
    (local $char i32) (local $count i32)
    (loop $next
      (local.set $char (i32.load8_u (local.get $at)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (local.set $count (i32.add (local.get $count)
        (i32.lt_u (i32.sub (local.get $char) (i32.const 65))
          (i32.const 26))))
      (br_if $next (local.get $char)))
    (local.get $count))

  (func (export "power") (param f64 f64) (result f64)
    (drop (call $puts (i32.const 64)))
    (call $pow (local.get 0) (local.get 1))))
