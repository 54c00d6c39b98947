;; Calls from the host of functions that have been called before.
;;
;; What a function keeps at hand is chosen when it is first called; every later
;; entry has to put the same there.

;; The third parameter is the one that is used most.
(module
  (func (export "third") (param i64 i64 i64) (result i64)
    (i64.add
      (i64.mul (local.get 2) (local.get 2))
      (i64.sub (local.get 2) (local.get 0)))))
(assert_return
  (invoke "third" (i64.const 1) (i64.const 2) (i64.const 10))
  (i64.const 109))
(assert_return
  (invoke "third" (i64.const 5) (i64.const 2) (i64.const 10))
  (i64.const 105))
(assert_return
  (invoke "third" (i64.const 5) (i64.const 2) (i64.const 3))
  (i64.const 7))

;; A local that is no parameter.
(module
  (func (export "sum") (param i32 i32) (result i32) (local i32)
    (loop $next
      (local.set 2 (i32.add (local.get 2) (local.get 1)))
      (br_if $next (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 2)))
(assert_return (invoke "sum" (i32.const 3) (i32.const 5)) (i32.const 15))
(assert_return (invoke "sum" (i32.const 4) (i32.const 5)) (i32.const 20))
(assert_return (invoke "sum" (i32.const 2) (i32.const 7)) (i32.const 14))
