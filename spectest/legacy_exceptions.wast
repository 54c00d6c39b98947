;; What the official suite leaves out about the older form of exceptions, and
;; the two forms together.

(module
  (tag $none)
  (tag $i (param i32))
  (tag $two (param i64 i32))
  (func $throw-i (param i32) (result i32) (throw $i (local.get 0)))
  (func $many (param i32 i64 i32 i64 i32 i64) (result i32)
    (i32.add (local.get 0) (local.get 4)))

  ;; Payloads above values of the stack; results of each part.
  (func (export "parts") (param i32) (result i32)
    (i32.const 1000)
    (try (result i32)
      (do
        (i32.const 1)
        (if (i32.eq (local.get 0) (i32.const 1))
          (then (throw $i (i32.const 20))))
        (if (i32.eq (local.get 0) (i32.const 2))
          (then (throw $two (i64.const 300) (i32.const 7))))
        (if (i32.eq (local.get 0) (i32.const 3)) (then (throw $none)))
        (drop) (i32.const 2))
      (catch $i (i32.add (i32.const 1)))
      (catch $two (drop) (i32.wrap_i64))
      (catch_all (i32.const 4)))
    (i32.add))

  ;; The exception of a handler outlives calls in the handler, whatever their
  ;; frames, and handlers inside of it.
  (func (export "rethrow-later") (result i32)
    (try (result i32)
      (do
        (try (result i32)
          (do (call $throw-i (i32.const 5)))
          (catch $i
            (drop)
            (drop (call $many (i32.const 1) (i64.const -1) (i32.const 2)
              (i64.const -1) (i32.const 3) (i64.const -1)))
            (try
              (do (throw $none))
              (catch $none
                (try (do (drop (call $throw-i (i32.const 6))))
                  (catch_all))))
            (rethrow 0))))
      (catch $i)))
  ;; Of the outer handler, from within the inner one, and the other way round.
  (func (export "rethrow-outer") (param i32) (result i32)
    (try $t (result i32)
      (do
        (try $outer (result i32)
          (do (call $throw-i (i32.const 1)))
          (catch $i
            (drop)
            (try $inner (result i32)
              (do (call $throw-i (i32.const 2)))
              (catch $i
                (drop)
                (if (local.get 0) (then (rethrow $outer)))
                (rethrow $inner))))))
      (catch $i)))
  ;; More handlers one after the other than are ever open at once.
  (func (export "in-turn") (result i32)
    (local $sum i32)
    (try (do (drop (call $throw-i (i32.const 1))))
      (catch $i (local.set $sum)))
    (try (do (drop (call $throw-i (i32.const 10))))
      (catch $i (local.set $sum (i32.add (local.get $sum)))))
    (try
      (do (try (do (drop (call $throw-i (i32.const 100)))) (catch_all (rethrow 0))))
      (catch $i (local.set $sum (i32.add (local.get $sum)))))
    (local.get $sum))

  ;; Delegation: to a try further out, past one in between; to a block, which is
  ;; to whoever is around it; to the function, which is to its caller.
  (func (export "delegate-past") (result i32)
    (try $outer (result i32)
      (do
        (try $between (result i32)
          (do
            (try (result i32)
              (do (call $throw-i (i32.const 7)))
              (delegate $outer)))
          (catch $i (i32.add (i32.const 100)))))
      (catch $i)))
  (func (export "delegate-block") (result i32)
    (try $outer (result i32)
      (do
        (block $b (result i32)
          (try $between (result i32)
            (do
              (try (result i32)
                (do (call $throw-i (i32.const 8)))
                (delegate $b)))
            (catch $i (i32.add (i32.const 100))))))
      (catch $i)))
  (func $delegate-caller (result i32)
    (try $between (result i32)
      (do
        (try (result i32)
          (do
            ;; What is inside of the delegating try catches as ever.
            (try (result i32)
              (do (call $throw-i (i32.const 9)))
              (catch $none (i32.const 0))))
          (delegate 1)))
      (catch $i (i32.add (i32.const 100)))))
  (func (export "delegate-caller") (result i32)
    (try (result i32) (do (call $delegate-caller)) (catch $i)))
  ;; From a handler to the try whose handler it is: that one is not asked again.
  (func (export "delegate-from-handler") (result i32)
    (try $outer (result i32)
      (do
        (try $t (result i32)
          (do (call $throw-i (i32.const 3)))
          (catch $i
            (drop)
            (try (result i32)
              (do (call $throw-i (i32.const 4)))
              (delegate $t)))))
      (catch $i (i32.add (i32.const 10)))))

  ;; Code that is never reached.
  (func (export "unreachable") (result i32)
    (try (result i32)
      (do
        (throw $i (i32.const 6))
        (try (do (throw $none)) (catch $i (drop)) (catch_all (rethrow 0)))
        (try (do (throw $none)) (delegate 0))
        (try_table (throw $none)))
      (catch $i)))

  ;; Both forms: one catches what the other throws, and delegates to it.
  (func (export "mixed") (param i32) (result i32)
    (block $h (result i32)
      (try_table (catch $i $h)
        (try
          (do
            (try (do (drop (call $throw-i (i32.const 1)))) (delegate 1)))
          (catch_all unreachable)))
      (i32.const 0))
    (try (param i32) (result i32)
      (do
        (block $ref (param i32) (result exnref)
          (drop)
          (try_table (catch_all_ref $ref)
            (drop (call $throw-i (local.get 0))))
          unreachable)
        (throw_ref))
      (catch $i))
    (i32.add (i32.const 50)))
)
(assert_return (invoke "parts" (i32.const 0)) (i32.const 1002))
(assert_return (invoke "parts" (i32.const 1)) (i32.const 1021))
(assert_return (invoke "parts" (i32.const 2)) (i32.const 1300))
(assert_return (invoke "parts" (i32.const 3)) (i32.const 1004))
(assert_return (invoke "rethrow-later") (i32.const 5))
(assert_return (invoke "rethrow-outer" (i32.const 1)) (i32.const 1))
(assert_return (invoke "rethrow-outer" (i32.const 0)) (i32.const 2))
(assert_return (invoke "in-turn") (i32.const 111))
(assert_return (invoke "delegate-past") (i32.const 7))
(assert_return (invoke "delegate-block") (i32.const 8))
(assert_return (invoke "delegate-caller") (i32.const 9))
(assert_return (invoke "delegate-from-handler") (i32.const 14))
(assert_return (invoke "unreachable") (i32.const 6))
(assert_return (invoke "mixed" (i32.const 4)) (i32.const 54))

;; Parts in the wrong order, folded and not.
(assert_malformed
  (module quote "(func (try (do) (catch_all) (catch 0)))") "unexpected token")
(assert_malformed
  (module quote "(func try catch_all catch_all end)") "unexpected token")
(assert_malformed
  (module quote "(tag) (func try catch 0 delegate 0)") "unexpected token")
(assert_malformed
  (module quote "(func try catch_all catch 0 end)") "unexpected token")
(assert_malformed
  (module quote "(func (try (catch_all)))") "unexpected token")
