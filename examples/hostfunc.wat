;; Greets through the host, then lets the host halve a number.
(module $hostfunc
  (import "host" "log" (func $log (param i32 i32)))
  (import "host" "checked_half" (func $half (param i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "halving")
  (func $run (export "run") (param i32) (result i32)
    (call $log (i32.const 64) (i32.const 7))
    (call $half (local.get 0))))
