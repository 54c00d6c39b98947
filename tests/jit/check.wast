;; What tools/check-proof.sh compiles with bugs planted in the compiler: an
;; example of each access that the isolation checker has a rule for.

(module
  (type $t (func (param i32 i64) (result i32)))
  (type $none (func))
  (import "spectest" "global_i64" (global $imported i64))
  (memory 1)
  (table 4 funcref)
  (elem (i32.const 0) $callee $loads)
  (global $g (mut i64) (i64.const 1))

  (func $callee (export "callee") (type $t)
    (i32.load (local.get 0)))

  ;; Enough locals and operands that some are in the frame, across calls.
  (func $loads (export "loads") (type $t)
    (local $a i32) (local $b i32) (local $c i32) (local $d i32)
    (local $e i32) (local $f i32) (local $h i32) (local $i i32) (local $j i32)
    (local.set $a (i32.load offset=4 (local.get 0)))
    (local.set $b (i32.load8_u (local.get $a)))
    (local.set $c (i32.add (local.get $a) (local.get $b)))
    (local.set $d (i32.load (i32.add (local.get $c) (local.get $b))))
    (local.set $e (i32.wrap_i64 (local.get 1)))
    (i64.store (local.get $e) (i64.const 7))
    (local.set $f (i32.load16_s (local.get $d)))
    (local.set $h (call $later (local.get $d) (local.get 1)))
    (local.set $i (i32.load (local.get $f)))
    (local.set $j (i32.load offset=8 (local.get $h)))
    (i32.add (i32.load (local.get $a)) (i32.add (i32.load (local.get $b))
      (i32.add (i32.load (local.get $c)) (i32.add (i32.load (local.get $d))
        (i32.add (i32.load (local.get $e)) (i32.add (i32.load (local.get $i))
          (i32.load (local.get $j)))))))))

  (func $later (export "later") (type $t)
    (i32.load (i32.wrap_i64 (i64.load (local.get 0)))))

  (func (export "loop") (type $t) (local $sum i32)
    (loop $again (result i32)
      (local.set $sum (i32.add (local.get $sum) (i32.load (local.get 0))))
      (local.set 0 (i32.add (local.get 0) (i32.const 4)))
      (br_if $again (i32.lt_u (local.get 0) (i32.const 400)))
      (local.get $sum)))

  (func (export "back") (type $t)
    (loop $again
      (if (i32.eqz (local.get 0)) (then (return (i32.const 5))))
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br $again))
    (unreachable))

  (func (export "grows") (type $t)
    (drop (memory.grow (local.get 0)))
    (i32.load (local.get 0)))

  (func (export "indirect") (type $t)
    (call_indirect (type $t) (local.get 0) (local.get 1) (local.get 0)))

  (func (export "table") (type $t)
    (block $x (block $y (block $z
      (br_table $x $y $z (local.get 0)))
      (return (i32.const 1))) (return (i32.const 2)))
    (i32.const 3))

  (func (export "globals") (type $none)
    (global.set $g (i64.add (global.get $g) (global.get $imported))))

  (tag $e (param i32 i64))
  (data (i32.const 1000) "\04")
  (func $throws (export "throws") (type $t)
    (if (i32.eqz (local.get 0)) (then (throw $e (local.get 0) (local.get 1))))
    (local.get 0))
  ;; Locals that calls preserve are what memory is accessed with where it lands.
  (func (export "catches") (type $t) (local $a i32) (local $b i32)
    (local.set $a (i32.load (local.get 0)))
    (local.set $b (call $throws (local.get $a) (local.get 1)))
    (block $h (result i32 i64)
      (try_table (catch $e $h)
        (loop $again
          (local.set $b (i32.add (local.get $b) (i32.load (local.get $a))))
          (local.set $a (i32.sub (local.get $a) (call $throws (i32.sub (local.get $b) (i32.const 4)) (local.get 1))))
          (br_if $again (local.get $a))))
      (return (local.get $b)))
    (drop)
    (i32.add (i32.load (i32.add (local.get $a) (local.get $b)))))
  (func (export "grows-and-throws") (type $t)
    (block $h (result i32 i64)
      (try_table (catch $e $h)
        (drop (memory.grow (local.get 0)))
        (drop (call $throws (local.get 0) (local.get 1))))
      (unreachable))
    (drop)
    (i32.load))
  (func (export "vector") (param v128 v128) (result v128)
    (i32x4.add (local.get 0) (local.get 1)))
)

(assert_return (invoke "loop" (i32.const 0) (i64.const 0)) (i32.const 0))
(assert_return (invoke "catches" (i32.const 1000) (i64.const 0)) (i32.const 0))
(assert_return (invoke "table" (i32.const 1) (i64.const 0)) (i32.const 2))
(assert_trap (invoke "indirect" (i32.const 9) (i64.const 0)) "undefined element")
