;; Counters in a shared memory: additions, exchanges, a lock of one word.
(module
  (memory 1 1 shared)
  (func $lock
    (loop $again
      (br_if $again (i32.atomic.rmw.cmpxchg (i32.const 0) (i32.const 0) (i32.const 1)))))
  (func (export "_start") (local $i i32) (local $at i32)
    (loop $again
      (local.set $at (i32.shl (i32.and (local.get $i) (i32.const 1023)) (i32.const 3)))
      (drop (i64.atomic.rmw.add offset=64 (local.get $at) (i64.extend_i32_u (local.get $i))))
      (drop (i32.atomic.rmw8.or_u offset=16384 (local.get $at) (local.get $i)))
      (call $lock)
      (i32.store offset=8 (i32.const 0)
        (i32.add (i32.load offset=8 (i32.const 0)) (i32.const 1)))
      (i32.atomic.store (i32.const 0) (i32.const 0))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 3000000))))
    (if (i32.ne (i32.atomic.load offset=8 (i32.const 0)) (i32.const 3000000))
      (then (unreachable)))))
