;; Binary trees, made, counted and dropped: allocation, fields, collections.
(module
  (type $tree (struct (field $l (ref null $tree)) (field $r (ref null $tree))))
  (func $make (param $d i32) (result (ref $tree))
    (if (result (ref $tree)) (local.get $d)
      (then (struct.new $tree
        (call $make (i32.sub (local.get $d) (i32.const 1)))
        (call $make (i32.sub (local.get $d) (i32.const 1)))))
      (else (struct.new_default $tree))))
  (func $count (param $t (ref null $tree)) (result i32)
    (if (result i32) (ref.is_null (local.get $t))
      (then (i32.const 0))
      (else (i32.add (i32.const 1)
        (i32.add (call $count (struct.get $tree $l (local.get $t)))
          (call $count (struct.get $tree $r (local.get $t))))))))
  (func (export "_start") (local $n i32) (local $sum i32)
    (local.set $n (i32.const 400))
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (call $count (call $make (i32.const 12)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (if (i32.ne (local.get $sum) (i32.const 3276400)) (then (unreachable)))))
