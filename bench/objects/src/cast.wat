;; A list of values of several types, evaluated by casts and calls through fields:
;; tests, branches on casts, functions in objects.
(module
  (type $apply (func (param (ref null struct) i32) (result i32)))
  (type $base (sub (struct (field $next (ref null $base)) (field $fn (ref $apply)))))
  (type $add (sub $base (struct (field $next (ref null $base)) (field $fn (ref $apply))
    (field $n i32))))
  (type $twice (sub final $add (struct (field $next (ref null $base)) (field $fn (ref $apply))
    (field $n i32) (field $any anyref))))
  (elem declare func $run_base $run_add)
  (func $run_base (type $apply) (i32.xor (local.get 1) (i32.const 85)))
  (func $run_add (type $apply)
    (i32.add (local.get 1) (struct.get $add $n (ref.cast (ref $add) (local.get 0)))))
  (func $list (result (ref null $base)) (local $l (ref null $base)) (local $i i32)
    (loop $again
      (local.set $l
        (if (result (ref $base)) (i32.and (local.get $i) (i32.const 1))
          (then (struct.new $add (local.get $l) (ref.func $run_add) (local.get $i)))
          (else (if (result (ref $base)) (i32.and (local.get $i) (i32.const 2))
            (then (struct.new $twice (local.get $l) (ref.func $run_add) (local.get $i)
              (ref.i31 (local.get $i))))
            (else (struct.new $base (local.get $l) (ref.func $run_base)))))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 1000))))
    (local.get $l))
  (func $evaluate (param $l (ref null $base)) (result i32) (local $x i32)
    (loop $again
      (local.set $x (call_ref $apply (local.get $l) (local.get $x)
        (struct.get $base $fn (local.get $l))))
      (if (ref.test (ref $twice) (local.get $l))
        (then (local.set $x (i32.add (local.get $x)
          (struct.get $twice $n (ref.cast (ref $twice) (local.get $l)))))))
      (br_if $again (i32.eqz (ref.is_null
        (local.tee $l (struct.get $base $next (local.get $l)))))))
    (local.get $x))
  (func (export "_start") (local $l (ref null $base)) (local $i i32) (local $sum i32)
    (local.set $l (call $list))
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (call $evaluate (local.get $l))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 10000))))
    (if (i32.ne (local.get $sum) (i32.const 665032704)) (then (unreachable)))))
