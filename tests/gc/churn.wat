;; Allocates as many megabytes as it is told, of which about 20 are alive at a time:
;; items in slots, chained to what was in the slot before, with bytes of all sizes, and
;; in rings, so that counting references would free nothing.  Each item is checked
;; when its slot comes up again, and a chain is cut now and then.
(module
  (type $bytes (array (mut i8)))
  (type $item (struct
    (field $id i32) (field $bytes (ref $bytes))
    (field $older (mut (ref null $item))) (field $ring (mut (ref null $item)))))
  (type $slots (array (mut (ref null $item))))
  (global $slots (ref $slots) (array.new_default $slots (i32.const 4096)))
  (global $total (mut i64) (i64.const 0))
  (global $state (mut i32) (i32.const 1))

  ;; The upper bits of a linear congruence are random enough.
  (func $random (result i32)
    (global.set $state
      (i32.add (i32.mul (global.get $state) (i32.const 1664525)) (i32.const 1013904223)))
    (i32.shr_u (global.get $state) (i32.const 8)))

  ;; Mostly up to 128 bytes, every eighth up to 4 KiB, every 256th up to 64 KiB.
  (func $size (param $id i32) (result i32)
    (if (i32.eqz (i32.and (local.get $id) (i32.const 0xff)))
      (then (return (i32.and (i32.shr_u (local.get $id) (i32.const 8)) (i32.const 0xffff)))))
    (if (i32.eqz (i32.and (local.get $id) (i32.const 7)))
      (then (return (i32.and (i32.shr_u (local.get $id) (i32.const 3)) (i32.const 0xfff)))))
    (i32.and (i32.shr_u (local.get $id) (i32.const 3)) (i32.const 0x7f)))

  (func $new (param $id i32) (param $older (ref null $item)) (result (ref $item))
    (local $r (ref $item)) (local $size i32)
    (local.set $size (call $size (local.get $id)))
    (local.set $r (struct.new $item (local.get $id)
      (array.new $bytes (local.get $id) (local.get $size))
      (local.get $older) (ref.null $item)))
    (struct.set $item $ring (local.get $r) (local.get $r))
    ;; Headers: 8 bytes of the array, 8 of the item and 16 of its fields.
    (global.set $total (i64.add (global.get $total)
      (i64.extend_i32_u (i32.add (local.get $size) (i32.const 32)))))
    (local.get $r))

  (func $check (param $r (ref $item)) (local $size i32) (local $b (ref $bytes))
    (local.set $b (struct.get $item $bytes (local.get $r)))
    (local.set $size (call $size (struct.get $item $id (local.get $r))))
    (if (i32.ne (array.len (local.get $b)) (local.get $size)) (then unreachable))
    (if (i32.eqz (ref.eq (struct.get $item $ring (local.get $r)) (local.get $r)))
      (then unreachable))
    (if (i32.eqz (local.get $size)) (then (return)))
    (if (i32.ne
          (array.get_u $bytes (local.get $b) (i32.const 0))
          (i32.and (struct.get $item $id (local.get $r)) (i32.const 0xff)))
      (then unreachable))
    (if (i32.ne
          (array.get_u $bytes (local.get $b) (i32.sub (local.get $size) (i32.const 1)))
          (i32.and (struct.get $item $id (local.get $r)) (i32.const 0xff)))
      (then unreachable)))

  ;; Checks a chain; its length.
  (func $check-all (param $r (ref null $item)) (result i32) (local $n i32)
    (block $end
      (loop $next
        (br_if $end (ref.is_null (local.get $r)))
        (call $check (ref.as_non_null (local.get $r)))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (local.set $r (struct.get $item $older (local.get $r)))
        (br $next)))
    (local.get $n))

  (func $step (local $at i32) (local $id i32) (local $older (ref null $item))
    (local.set $id (call $random))
    (local.set $at (i32.and (call $random) (i32.const 0xfff)))
    (local.set $older (array.get $slots (global.get $slots) (local.get $at)))
    (if (i32.eqz (ref.is_null (local.get $older)))
      (then (call $check (ref.as_non_null (local.get $older)))))
    (if (i32.eqz (i32.and (call $random) (i32.const 7)))
      (then
        (drop (call $check-all (local.get $older)))
        (local.set $older (ref.null $item))))
    (array.set $slots (global.get $slots) (local.get $at)
      (call $new (local.get $id) (local.get $older))))

  ;; How many items are alive at the end.
  (func (export "churn") (param $megabytes i32) (result i32)
    (local $i i32) (local $alive i32)
    (loop $again
      (call $step)
      (br_if $again (i64.lt_u (global.get $total)
        (i64.shl (i64.extend_i32_u (local.get $megabytes)) (i64.const 20)))))
    (loop $again
      (local.set $alive (i32.add (local.get $alive)
        (call $check-all (array.get $slots (global.get $slots) (local.get $i)))))
      (br_if $again (i32.lt_u
        (local.tee $i (i32.add (local.get $i) (i32.const 1)))
        (i32.const 4096))))
    (local.get $alive))

  ;; Never lets go, and so ends at the limit.
  (func (export "leak") (result i32)
    (local $older (ref null $item))
    (loop $again
      (local.set $older (call $new (i32.const 0x1234567) (local.get $older)))
      (br $again))
    unreachable)

  ;; Catches nothing, but lets go of what it has and goes on: a trap is the end of a
  ;; call, not of the store.
  (func (export "total") (result i64) (global.get $total)))
