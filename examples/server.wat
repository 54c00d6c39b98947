;; A tenant: remembers what it was given, which is 0 in each fresh instance, and
;; runs forever when it is given a negative number.
(module $tenant
  (global $before (mut i32) (i32.const 0))
  (func $spin (loop $forever (br $forever)))
  (func $handle (export "handle") (param $n i32) (result i32)
    (if (i32.lt_s (local.get $n) (i32.const 0)) (then (call $spin)))
    (global.set $before (i32.add (global.get $before) (local.get $n)))
    (i32.mul (global.get $before) (i32.const 2))))
