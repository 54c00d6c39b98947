;; Catches what the host throws, and throws on its own.
(module
  (import "host" "refused" (tag $refused (param i32)))
  (import "host" "spend" (func $spend (param i32)))
  (tag $overdrawn (export "overdrawn") (param i32 i32))
  (global $balance (mut i32) (i32.const 100))

  ;; Gives the new balance; or, when the host refuses, its limit.
  (func (export "buy") (param $price i32) (result i32)
    (if (i32.gt_s (local.get $price) (global.get $balance))
      (then
        (throw $overdrawn (global.get $balance) (local.get $price))))
    (block $limit (result i32)
      (try_table (catch $refused $limit)
        (call $spend (local.get $price))
        (global.set $balance
          (i32.sub (global.get $balance) (local.get $price)))
        (return (global.get $balance)))
      unreachable)))
