;; Vectors as values of every kind of place: locals, blocks, branches, calls,
;; globals.  Each takes two slots where other values take one, so neighbours of
;; other widths must stay whole.

;; -- Blocks and branches ------------------------------------------------------

(module
  ;; Parameters and results of blocks, between scalars.
  (func (export "block") (param v128 i32 v128) (result i32 v128 v128)
    (local.get 1) (local.get 0) (local.get 2)
    (block (param i32 v128 v128) (result i32 v128 v128)
      (local.set 0) (local.set 2) (i32.const 7) (i32.add)
      (local.get 0) (local.get 2)))

  ;; A branch out of three heights; the values move down over the block's own.
  (func (export "br_down") (param v128 v128 i64) (result v128 i64 v128)
    (block (result v128 i64 v128)
      (i32.const 1) (i64.const 2) (v128.const i64x2 -1 -2)
      (local.get 0) (local.get 2) (local.get 1)
      (br 0)))

  (func (export "br_if") (param v128 v128 i32) (result v128)
    (block (result v128)
      (f32.const 1)
      (local.get 0)
      (br_if 0 (local.get 2))
      (drop) (drop)
      (local.get 1)))

  ;; The branch moves only when it is taken: otherwise the stack is as before.
  (func (export "br_if_kept") (param v128 v128 i32) (result v128)
    (block (result v128)
      (i64.const 5)
      (i8x16.add (local.get 0) (local.get 1))
      (br_if 0 (local.get 2))
      (local.set 0) (i64x2.splat) (i64x2.add (local.get 0))))

  (func (export "br_table") (param i32 v128) (result v128 i32)
    (block $c (result v128 i32)
      (block $b (result v128 i32)
        (block $a (result v128 i32)
          (i32.const 9)
          (local.get 1) (i32.const 40)
          (br_table $a $b $c $b (local.get 0)))
        (i32.const 1) (i32.add) (br $c))
      (i32.const 2) (i32.add)))

  ;; A loop with vectors as its parameters, and one that stays below it.
  (func (export "loop") (param i32 v128) (result v128 v128)
    (local.get 1)
    (local.get 1) (i32.const 0)
    (loop (param v128 i32) (result v128)
      (local.set 0 (i32.add (i32.const 1)))
      (i32x4.add (local.get 1))
      (local.get 0)
      (br_if 0 (i32.lt_u (local.get 0) (i32.const 10)))
      (drop)))

  (func (export "if") (param v128 v128 i32) (result v128 i32)
    (local.get 0) (local.get 1)
    (if (param v128 v128) (result v128 i32) (local.get 2)
      (then (i32x4.sub) (i32.const 1))
      (else (drop) (i32.const 2))))

  ;; The same local, written while its old value waits on the stack.
  (func (export "pending") (param v128) (result v128 v128 v128)
    (local.get 0)
    (local.set 0 (i8x16.neg (local.get 0)))
    (local.get 0)
    (local.tee 0 (v128.not (local.get 0)))))

(assert_return
  (invoke "block" (v128.const i32x4 1 2 3 4) (i32.const 5) (v128.const i32x4 6 7 8 9))
  (i32.const 12) (v128.const i32x4 6 7 8 9) (v128.const i32x4 1 2 3 4))
(assert_return
  (invoke "br_down" (v128.const i64x2 1 2) (v128.const i64x2 3 4) (i64.const 5))
  (v128.const i64x2 1 2) (i64.const 5) (v128.const i64x2 3 4))
(assert_return
  (invoke "br_if" (v128.const i64x2 1 2) (v128.const i64x2 3 4) (i32.const 1))
  (v128.const i64x2 1 2))
(assert_return
  (invoke "br_if" (v128.const i64x2 1 2) (v128.const i64x2 3 4) (i32.const 0))
  (v128.const i64x2 3 4))
(assert_return
  (invoke "br_if_kept" (v128.const i64x2 1 2) (v128.const i64x2 3 4) (i32.const 1))
  (v128.const i64x2 4 6))
(assert_return
  (invoke "br_if_kept" (v128.const i64x2 1 2) (v128.const i64x2 3 4) (i32.const 0))
  (v128.const i64x2 9 11))
(assert_return (invoke "br_table" (i32.const 0) (v128.const i64x2 1 2))
  (v128.const i64x2 1 2) (i32.const 41))
(assert_return (invoke "br_table" (i32.const 1) (v128.const i64x2 1 2))
  (v128.const i64x2 1 2) (i32.const 42))
(assert_return (invoke "br_table" (i32.const 2) (v128.const i64x2 1 2))
  (v128.const i64x2 1 2) (i32.const 40))
(assert_return (invoke "br_table" (i32.const -1) (v128.const i64x2 1 2))
  (v128.const i64x2 1 2) (i32.const 42))
(assert_return (invoke "loop" (i32.const 0) (v128.const i32x4 1 2 3 4))
  (v128.const i32x4 1 2 3 4) (v128.const i32x4 11 22 33 44))
(assert_return
  (invoke "if" (v128.const i32x4 9 8 7 6) (v128.const i32x4 1 1 2 2) (i32.const 1))
  (v128.const i32x4 8 7 5 4) (i32.const 1))
(assert_return
  (invoke "if" (v128.const i32x4 9 8 7 6) (v128.const i32x4 1 1 2 2) (i32.const 0))
  (v128.const i32x4 9 8 7 6) (i32.const 2))
(assert_return
  (invoke "pending" (v128.const i8x16 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16))
  (v128.const i8x16 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)
  (v128.const i8x16 -1 -2 -3 -4 -5 -6 -7 -8 -9 -10 -11 -12 -13 -14 -15 -16)
  (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15))

;; -- select, drop, and values of different kinds in one slot ------------------

(module
  (func (export "select") (param v128 v128 i32) (result v128)
    (select (local.get 0) (local.get 1) (local.get 2)))
  (func (export "select_t") (param v128 v128 i32) (result v128)
    (select (result v128)
      (v128.not (local.get 0)) (v128.not (local.get 1)) (i32.eqz (local.get 2))))
  ;; The condition is also the pinned local of the loop.
  (func (export "select_loop") (param v128 v128 i32) (result v128)
    (local v128)
    (loop
      (local.set 3
        (i32x4.add (local.get 3)
          (select (local.get 0) (local.get 1) (local.get 2))))
      (local.set 2 (i32.sub (local.get 2) (i32.const 1)))
      (br_if 0 (i32.ge_s (local.get 2) (i32.const 0))))
    (local.get 3))
  ;; Slots are used again by other types: nothing may be taken from a register
  ;; that held what was there before.
  (func (export "reuse") (param v128 f64) (result f64 i64 v128)
    (drop (v128.not (local.get 0)))
    (f64.add (local.get 1) (f64.const 1))
    (drop (i8x16.add (local.get 0) (local.get 0)))
    (i64.add (i64x2.extract_lane 1 (local.get 0)) (i64.const 1))
    (drop (i64x2.add (local.get 0) (local.get 0)))
    (i32x4.add (local.get 0) (v128.const i32x4 1 1 1 1)))
  ;; The upper slot of a vector below becomes a scalar's.
  (func (export "upper") (param v128 i32) (result i32)
    (drop (v128.not (local.get 0)))
    (i32.add (local.get 1) (i32.const 1))
    (i32.mul (local.get 1) (i32.const 3))
    (drop (i8x16.neg (local.get 0)))
    (i32.sub)))

(assert_return
  (invoke "select" (v128.const i64x2 1 2) (v128.const i64x2 3 4) (i32.const 1))
  (v128.const i64x2 1 2))
(assert_return
  (invoke "select" (v128.const i64x2 1 2) (v128.const i64x2 3 4) (i32.const 0))
  (v128.const i64x2 3 4))
(assert_return
  (invoke "select_t" (v128.const i64x2 1 2) (v128.const i64x2 3 4) (i32.const 1))
  (v128.const i64x2 -4 -5))
(assert_return
  (invoke "select_loop" (v128.const i32x4 1 2 3 4) (v128.const i32x4 100 200 300 400)
    (i32.const 3))
  (v128.const i32x4 103 206 309 412))
(assert_return (invoke "reuse" (v128.const i64x2 5 6) (f64.const 2.5))
  (f64.const 3.5) (i64.const 7) (v128.const i32x4 6 1 7 1))
(assert_return (invoke "upper" (v128.const i64x2 5 6) (i32.const 10)) (i32.const -19))

;; -- Calls --------------------------------------------------------------------

(module $callee
  (global (export "g") (mut v128) (v128.const i32x4 1 2 3 4))
  (global (export "c") v128 (v128.const f64x2 0.5 -0))
  (func (export "swap") (param v128 i32 v128) (result v128 i32 v128)
    (local.get 2) (local.get 1) (local.get 0))
  (func (export "one") (param v128) (result v128)
    (i8x16.add (local.get 0) (v128.const i64x2 1 1))))
(register "callee" $callee)

(module
  (type $one (func (param v128) (result v128)))
  (import "callee" "swap"
    (func $swap (param v128 i32 v128) (result v128 i32 v128)))
  (import "callee" "one" (func $one_of_other (type $one)))
  (import "callee" "g" (global $g (mut v128)))
  (import "callee" "c" (global $c v128))
  (global $own (mut v128) (global.get $c))
  (global $far i32 (i32.const 77))
  (table funcref (elem $one_of_other $double))
  (func $double (type $one) (i32x4.add (local.get 0) (local.get 0)))
  (func $nothing (result v128) (v128.const i64x2 3 5))

  (func (export "call") (param v128) (result v128)
    (call $double (call $double (local.get 0))))
  (func (export "nullary") (result v128) (call $nothing))
  (func (export "foreign") (param v128 v128) (result v128 i32 v128)
    (call $swap (local.get 0) (i32.const 3) (local.get 1)))
  (func (export "foreign_one") (param v128) (result v128)
    (i32x4.add (call $one_of_other (local.get 0)) (call $one_of_other (local.get 0))))
  (func (export "indirect") (param v128 i32) (result v128)
    (call_indirect (type $one) (local.get 0) (local.get 1)))
  (func (export "tail") (param v128 i32) (result v128)
    (return_call_indirect (type $one) (local.get 0) (local.get 1)))
  ;; A deep stack: the vector survives calls above it.
  (func $sum (export "sum") (param i32 v128) (result v128)
    (if (result v128) (local.get 0)
      (then
        (i32x4.add
          (i32x4.splat (local.get 0))
          (call $sum (i32.sub (local.get 0) (i32.const 1)) (local.get 1))))
      (else (local.get 1))))

  (func (export "global") (param v128) (result v128 v128 v128 i32)
    (global.get $g)
    (global.set $g (local.get 0))
    (global.get $g)
    (global.set $own (v128.not (global.get $own)))
    (global.get $own)
    (global.get $far)))

(assert_return (invoke "call" (v128.const i32x4 1 2 3 4)) (v128.const i32x4 4 8 12 16))
(assert_return (invoke "nullary") (v128.const i64x2 3 5))
(assert_return (invoke "foreign" (v128.const i64x2 1 2) (v128.const i64x2 3 4))
  (v128.const i64x2 3 4) (i32.const 3) (v128.const i64x2 1 2))
(assert_return (invoke "foreign_one" (v128.const i64x2 1 2)) (v128.const i64x2 4 6))
(assert_return (invoke "indirect" (v128.const i64x2 1 2) (i32.const 0))
  (v128.const i64x2 2 3))
(assert_return (invoke "indirect" (v128.const i64x2 1 2) (i32.const 1))
  (v128.const i64x2 2 4))
(assert_return (invoke "tail" (v128.const i64x2 1 2) (i32.const 0))
  (v128.const i64x2 2 3))
(assert_return (invoke "tail" (v128.const i64x2 1 2) (i32.const 1))
  (v128.const i64x2 2 4))
(assert_return (invoke "sum" (i32.const 100) (v128.const i32x4 1 2 3 4))
  (v128.const i32x4 5051 5052 5053 5054))
(assert_exhaustion (invoke "sum" (i32.const -1) (v128.const i32x4 1 2 3 4))
  "call stack exhausted")
(assert_return (invoke "global" (v128.const i64x2 8 9))
  (v128.const i32x4 1 2 3 4) (v128.const i64x2 8 9)
  (v128.const i64x2 0xc01fffffffffffff 0x7fffffffffffffff) (i32.const 77))
(assert_return (get $callee "g") (v128.const i64x2 8 9))
(assert_return (get $callee "c") (v128.const f64x2 0.5 -0))

;; -- Constants of loops -------------------------------------------------------

;; The first sixteen constants of loops have slots; more, and those outside, have
;; not.  All are equal to the eye.
(module
  (func (export "many") (param i32) (result v128)
    (local v128)
    (local.set 1 (v128.const i32x4 1 0 0 0))
    (loop
      (local.set 1
        (i32x4.add (local.get 1)
        (i32x4.add (v128.const i32x4 1 0 0 0) (i32x4.add (v128.const i32x4 0 1 0 0)
        (i32x4.add (v128.const i32x4 0 0 1 0) (i32x4.add (v128.const i32x4 0 0 0 1)
        (i32x4.add (v128.const i32x4 2 0 0 0) (i32x4.add (v128.const i32x4 0 2 0 0)
        (i32x4.add (v128.const i32x4 0 0 2 0) (i32x4.add (v128.const i32x4 0 0 0 2)
        (i32x4.add (v128.const i32x4 3 0 0 0) (i32x4.add (v128.const i32x4 0 3 0 0)
        (i32x4.add (v128.const i32x4 0 0 3 0) (i32x4.add (v128.const i32x4 0 0 0 3)
        (i32x4.add (v128.const i32x4 4 0 0 0) (i32x4.add (v128.const i32x4 0 4 0 0)
        (i32x4.add (v128.const i32x4 0 0 4 0) (i32x4.add (v128.const i32x4 0 0 0 4)
        (i32x4.add (v128.const i32x4 5 0 0 0) (i32x4.add (v128.const i32x4 0 5 0 0)
        (i32x4.add (v128.const i32x4 1 0 0 0) (v128.const i32x4 0 0 5 5)
        )))))))))))))))))))))
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br_if 0 (local.get 0)))
    (local.get 1))
  ;; A constant that waits on the stack, is copied into a local, and written.
  (func (export "kept") (param i32) (result v128 v128)
    (local v128)
    (v128.const i64x2 1 2)
    (loop (param v128) (result v128)
      (v128.const i64x2 1 2)
      (local.set 1)
      (local.set 1 (i64x2.add (local.get 1) (v128.const i64x2 1 2)))
      (i64x2.add (local.get 1))
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br_if 0 (local.get 0)))
    (local.get 1))
  ;; Two loops, one inside the other, in a function that is entered again.
  (func $nest (export "nest") (param i32) (result i32)
    (local i32 i32 v128)
    (loop $outer
      (local.set 2 (i32.const 3))
      (local.set 3 (i32x4.add (local.get 3) (v128.const i32x4 10 10 10 10)))
      (loop $inner
        (local.set 3 (i32x4.add (local.get 3) (v128.const i32x4 1 2 3 4)))
        (br_if $inner (local.tee 2 (i32.sub (local.get 2) (i32.const 1)))))
      (if (local.get 0)
        (then (local.set 1 (call $nest (i32.sub (local.get 0) (i32.const 1))))
              (local.set 0 (i32.const 0))
              (br $outer))))
    (i32.add (local.get 1) (i32x4.extract_lane 3 (local.get 3)))))

(assert_return (invoke "many" (i32.const 3)) (v128.const i32x4 49 45 45 45))
(assert_return (invoke "kept" (i32.const 2)) (v128.const i64x2 5 10) (v128.const i64x2 2 4))
(assert_return (invoke "nest" (i32.const 2)) (i32.const 110))

;; -- Many locals --------------------------------------------------------------

(module
  (func (export "locals") (param i32 v128) (result v128 v128 i32)
    (local v128 i32 v128 v128 f32 v128 v128 i64 v128 v128 v128 v128 v128 v128)
    (local v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 i32)
    (local.set 2 (local.get 1))
    (local.set 29 (i32.const 8))
    (local.set 28 (i32x4.add (local.get 2) (local.get 5)))
    (local.set 16 (i32x4.add (local.get 28) (local.get 28)))
    (local.set 6 (f32.const 1))
    (local.set 9 (i64.const -1))
    (local.set 10 (i32x4.sub (local.get 16) (local.get 1)))
    (local.get 10)
    (local.get 27)
    (i32.add (local.get 29) (local.get 3))))
(assert_return (invoke "locals" (i32.const 1) (v128.const i32x4 1 2 3 4))
  (v128.const i32x4 1 2 3 4) (v128.const i64x2 0 0) (i32.const 8))

;; -- Lanes in memory ----------------------------------------------------------

;; Addresses that are sums, constants, and the value itself; at the end of memory
;; nothing is written before the trap.
(module
  (memory (export "m") 1 1)
  (data (i32.const 65520) "\00\01\02\03\04\05\06\07\08\09\0a\0b\0c\0d\0e\0f")
  (func (export "load") (param i32) (result v128) (v128.load (local.get 0)))
  (func (export "load_sum") (param i32 i32) (result v128)
    (v128.load offset=4 (i32.add (local.get 0) (local.get 1))))
  (func (export "load_const") (result v128) (v128.load offset=65520 (i32.const 0)))
  (func (export "store") (param i32 v128) (v128.store (local.get 0) (local.get 1)))
  (func (export "store_sum") (param i32 v128)
    (v128.store (i32.add (local.get 0) (i32.const 8)) (local.get 1)))
  (func (export "store_computed") (param i32 v128)
    (v128.store offset=1 (local.get 0) (v128.not (local.get 1))))
  (func (export "load_lane") (param i32 v128) (result v128)
    (v128.load16_lane offset=2 5 (i32.add (local.get 0) (i32.const 2))
      (i16x8.add (local.get 1) (local.get 1))))
  (func (export "store_lane") (param i32 v128)
    (v128.store64_lane 1 (i32.sub (local.get 0) (i32.const 1)) (v128.not (local.get 1))))
  (func (export "extend") (param i32) (result v128)
    (i16x8.add (v128.load8x8_s (local.get 0))
      (v128.load8x8_u (i32.add (local.get 0) (i32.const 8)))))
  (func (export "splat") (param i32) (result v128)
    (i8x16.add (v128.load8_splat (i32.add (local.get 0) (i32.const 1)))
      (v128.load64_splat (local.get 0)))))

(assert_return (invoke "load" (i32.const 65520))
  (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15))
(assert_return (invoke "load_const")
  (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15))
(assert_return (invoke "load_sum" (i32.const 65000) (i32.const 516))
  (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15))
(assert_return (invoke "load_sum" (i32.const -20) (i32.const 65536))
  (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15))
(assert_trap (invoke "load" (i32.const 65521)) "out of bounds memory access")
(assert_trap (invoke "load" (i32.const -1)) "out of bounds memory access")
(assert_trap (invoke "load_sum" (i32.const 65000) (i32.const 517))
  "out of bounds memory access")
(assert_return (invoke "load_lane" (i32.const 65520) (v128.const i16x8 1 2 3 4 5 6 7 8))
  (v128.const i16x8 2 4 6 8 10 0x0504 14 16))
(assert_trap (invoke "load_lane" (i32.const 65531) (v128.const i16x8 1 2 3 4 5 6 7 8))
  "out of bounds memory access")
(assert_return (invoke "extend" (i32.const 65520))
  (v128.const i16x8 8 10 12 14 16 18 20 22))
(assert_return (invoke "splat" (i32.const 65520))
  (v128.const i8x16 1 2 3 4 5 6 7 8 1 2 3 4 5 6 7 8))

(assert_trap (invoke "store" (i32.const 65521) (v128.const i64x2 -1 -1))
  "out of bounds memory access")
(assert_trap (invoke "store" (i32.const 65535) (v128.const i64x2 -1 -1))
  "out of bounds memory access")
(assert_trap (invoke "store_sum" (i32.const 65513) (v128.const i64x2 -1 -1))
  "out of bounds memory access")
(assert_trap (invoke "store_computed" (i32.const 65520) (v128.const i64x2 0 0))
  "out of bounds memory access")
(assert_trap (invoke "store_lane" (i32.const 65530) (v128.const i64x2 0 0))
  "out of bounds memory access")
(assert_trap (invoke "store_lane" (i32.const 0) (v128.const i64x2 0 0))
  "out of bounds memory access")
(assert_return (invoke "load" (i32.const 65520))
  (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15))
(assert_return (invoke "store_lane" (i32.const 65529) (v128.const i64x2 0 0x0102030405060708)))
(assert_return (invoke "load" (i32.const 65520))
  (v128.const i8x16 0 1 2 3 4 5 6 7 0xf7 0xf8 0xf9 0xfa 0xfb 0xfc 0xfd 0xfe))
(assert_return (invoke "store_sum" (i32.const 65512) (v128.const i64x2 1 2)))
(assert_return (invoke "load" (i32.const 65520)) (v128.const i64x2 1 2))
(assert_return (invoke "store_computed" (i32.const 65519) (v128.const i64x2 0 -2)))
(assert_return (invoke "load" (i32.const 65520)) (v128.const i64x2 -1 1))
(assert_return (invoke "store" (i32.const 0) (v128.const i64x2 3 4)))
(assert_return (invoke "load" (i32.const 0)) (v128.const i64x2 3 4))
