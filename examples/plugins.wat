;; A plugin: counts its calls, logs, and squares.  Above 100 it goes astray.
(module $plugin
  (import "host" "log" (func $log (param i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "called 0 times before")
  (global $calls (mut i32) (i32.const 0))
  (func $spin (loop $forever (br $forever)))
  (func $score (export "score") (param $n i32) (result i32)
    (i32.store8 (i32.const 23)
      (i32.add (i32.const 48) (global.get $calls)))
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (call $log (i32.const 16) (i32.const 21))
    (if (i32.gt_s (local.get $n) (i32.const 100)) (then (call $spin)))
    (i32.mul (local.get $n) (local.get $n))))
