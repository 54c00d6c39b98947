;; Sorts boxed numbers by insertion: elements, fields.
(module
  (type $num (struct (field $key (mut i32)) (field $value (mut f64))))
  (type $nums (array (mut (ref null $num))))
  (func $fill (param $a (ref $nums)) (local $i i32) (local $x i32)
    (local.set $x (i32.const 1))
    (loop $again
      (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 1664525)) (i32.const 1013904223)))
      (array.set $nums (local.get $a) (local.get $i)
        (struct.new $num (i32.shr_u (local.get $x) (i32.const 8)) (f64.convert_i32_u (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (array.len (local.get $a))))))
  (func $sort (param $a (ref $nums)) (local $i i32) (local $k i32) (local $x (ref null $num))
    (loop $next
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (if (i32.eq (local.get $i) (array.len (local.get $a))) (then (return)))
      (local.set $x (array.get $nums (local.get $a) (local.get $i)))
      (local.set $k (local.get $i))
      (block $found
        (loop $down
          (br_if $found (i32.eqz (local.get $k)))
          (br_if $found (i32.le_u
            (struct.get $num $key
              (array.get $nums (local.get $a) (i32.sub (local.get $k) (i32.const 1))))
            (struct.get $num $key (local.get $x))))
          (array.set $nums (local.get $a) (local.get $k)
            (array.get $nums (local.get $a) (i32.sub (local.get $k) (i32.const 1))))
          (local.set $k (i32.sub (local.get $k) (i32.const 1)))
          (br $down)))
      (array.set $nums (local.get $a) (local.get $k) (local.get $x))
      (br $next)))
  (func (export "_start") (local $a (ref $nums)) (local $i i32) (local $sum f64)
    (local.set $a (array.new_default $nums (i32.const 6000)))
    (call $fill (local.get $a))
    (call $sort (local.get $a))
    (loop $again
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (if (i32.lt_u (struct.get $num $key (array.get $nums (local.get $a) (local.get $i)))
          (struct.get $num $key
            (array.get $nums (local.get $a) (i32.sub (local.get $i) (i32.const 1)))))
        (then (unreachable)))
      (local.set $sum (f64.add (local.get $sum)
        (struct.get $num $value (array.get $nums (local.get $a) (local.get $i)))))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 5999))))
    (local.set $sum (f64.add (local.get $sum)
      (struct.get $num $value (array.get $nums (local.get $a) (i32.const 0)))))
    (if (f64.ne (local.get $sum) (f64.const 17997000)) (then (unreachable)))))
