;; A service: asks a slow host, and counts the bytes of its answer.
(module $tasks
  (import "host" "ask" (func $ask (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "serve") (result i32) (local $sum i32) (local $n i32)
    (local.set $n (call $ask (i32.const 0) (i32.const 64)))
    (block $end (loop $next
      (br_if $end (i32.eqz (local.get $n)))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $n))))
      (br $next)))
    (local.get $sum)))
