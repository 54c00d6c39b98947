;; Shared memories and atomic instructions, with threads that run.

;; -- A value, a lock, a counter ----------------------------------------------

(module $mem
  (memory (export "m") 1 4 shared)
  (func (export "load") (param i32) (result i32) (i32.atomic.load (local.get 0)))
  (func (export "store") (param i32 i32) (i32.atomic.store (local.get 0) (local.get 1)))
  (func (export "size") (result i32) (memory.size)))
(register "mem" $mem)

(thread $t (shared (module $mem))
  (register "mem" $mem)
  (module
    (import "mem" "m" (memory 1 4 shared))
    (func (export "run") (i32.atomic.store (i32.const 8) (i32.const 42))))
  (invoke "run"))
(wait $t)
(assert_return (invoke $mem "load" (i32.const 8)) (i32.const 42))

;; Adds one to two counters, 20,000 times: with an atomic addition, and under a
;; lock that sleeps.
(module $work
  (import "mem" "m" (memory 1 4 shared))
  (func $lock
    (loop $again
      (if (i32.atomic.rmw.cmpxchg (i32.const 0) (i32.const 0) (i32.const 1))
        (then
          ;; Held: mark that somebody waits, and sleep unless it was let go.
          (if (i32.atomic.rmw.xchg (i32.const 0) (i32.const 2))
            (then
              (drop (memory.atomic.wait32 (i32.const 0) (i32.const 2) (i64.const -1)))
              (br $again))
            (else (return)))))))
  (func $unlock
    (if (i32.eq (i32.atomic.rmw.xchg (i32.const 0) (i32.const 0)) (i32.const 2))
      (then (drop (memory.atomic.notify (i32.const 0) (i32.const 1))))))
  (func (export "run") (param $n i32)
    (loop $next
      (drop (i32.atomic.rmw.add (i32.const 16) (i32.const 1)))
      (call $lock)
      (i32.store (i32.const 20) (i32.add (i32.load (i32.const 20)) (i32.const 1)))
      (call $unlock)
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))

(thread $a (shared (module $mem))
  (register "mem" $mem)
  (module
    (import "mem" "m" (memory 1 4 shared))
    (func $lock
      (loop $again
        (if (i32.atomic.rmw.cmpxchg (i32.const 0) (i32.const 0) (i32.const 1))
          (then
            (if (i32.atomic.rmw.xchg (i32.const 0) (i32.const 2))
              (then
                (drop (memory.atomic.wait32 (i32.const 0) (i32.const 2) (i64.const -1)))
                (br $again))
              (else (return)))))))
    (func $unlock
      (if (i32.eq (i32.atomic.rmw.xchg (i32.const 0) (i32.const 0)) (i32.const 2))
        (then (drop (memory.atomic.notify (i32.const 0) (i32.const 1))))))
    (func (export "run") (param $n i32)
      (loop $next
        (drop (i32.atomic.rmw.add (i32.const 16) (i32.const 1)))
        (call $lock)
        (i32.store (i32.const 20) (i32.add (i32.load (i32.const 20)) (i32.const 1)))
        (call $unlock)
        (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))
  (assert_return (invoke "run" (i32.const 20000))))
(assert_return (invoke $work "run" (i32.const 20000)))
(wait $a)
(assert_return (invoke $mem "load" (i32.const 16)) (i32.const 40000))
(assert_return (invoke $mem "load" (i32.const 20)) (i32.const 40000))

;; -- Waiting and waking ------------------------------------------------------

(module $wait
  (import "mem" "m" (memory 1 4 shared))
  (func (export "wait32") (param i32 i32 i64) (result i32)
    (memory.atomic.wait32 (local.get 0) (local.get 1) (local.get 2)))
  (func (export "wait64") (param i32 i64 i64) (result i32)
    (memory.atomic.wait64 (local.get 0) (local.get 1) (local.get 2)))
  (func (export "notify") (param i32 i32) (result i32)
    (memory.atomic.notify (local.get 0) (local.get 1)))
  ;; Notifies until somebody was there.
  (func (export "wake") (param i32) (result i32) (local i32)
    (loop $again
      (local.set 1 (memory.atomic.notify (local.get 0) (i32.const -1)))
      (br_if $again (i32.eqz (local.get 1))))
    (local.get 1)))
(assert_return (invoke "wait32" (i32.const 64) (i32.const 1) (i64.const -1)) (i32.const 1))
(assert_return (invoke "wait64" (i32.const 64) (i64.const 1) (i64.const -1)) (i32.const 1))
(assert_return (invoke "wait32" (i32.const 64) (i32.const 0) (i64.const 0)) (i32.const 2))
(assert_return (invoke "wait32" (i32.const 64) (i32.const 0) (i64.const 2_000_000)) (i32.const 2))
(assert_return (invoke "wait64" (i32.const 64) (i64.const 0) (i64.const 2_000_000)) (i32.const 2))
(assert_return (invoke "notify" (i32.const 64) (i32.const -1)) (i32.const 0))
(assert_return (invoke "notify" (i32.const 65532) (i32.const 1)) (i32.const 0))
(assert_trap (invoke "wait32" (i32.const 66) (i32.const 0) (i64.const 0)) "unaligned atomic")
(assert_trap (invoke "wait64" (i32.const 68) (i64.const 0) (i64.const 0)) "unaligned atomic")
(assert_trap (invoke "notify" (i32.const 65) (i32.const 0)) "unaligned atomic")
(assert_trap (invoke "wait32" (i32.const 65536) (i32.const 0) (i64.const 0)) "out of bounds memory access")
(assert_trap (invoke "wait64" (i32.const 65536) (i64.const 0) (i64.const 0)) "out of bounds memory access")
(assert_trap (invoke "notify" (i32.const 65536) (i32.const 0)) "out of bounds memory access")
(assert_trap (invoke "notify" (i32.const -4) (i32.const 0)) "out of bounds memory access")

(thread $sleeper (shared (module $mem))
  (register "mem" $mem)
  (module
    (import "mem" "m" (memory 1 4 shared))
    (func (export "wait32") (result i32)
      (memory.atomic.wait32 (i32.const 128) (i32.const 0) (i64.const -1)))
    (func (export "wait64") (result i32)
      (memory.atomic.wait64 (i32.const 136) (i64.const 0) (i64.const 0x7fff_ffff_ffff_ffff))))
  (assert_return (invoke "wait32") (i32.const 0))
  (assert_return (invoke "wait64") (i32.const 0)))
(assert_return (invoke $wait "wake" (i32.const 128)) (i32.const 1))
(assert_return (invoke $wait "wake" (i32.const 136)) (i32.const 1))
(wait $sleeper)

;; -- Message passing: what precedes the flag is seen after it ----------------

(thread $writer (shared (module $mem))
  (register "mem" $mem)
  (module
    (import "mem" "m" (memory 1 4 shared))
    (func (export "run")
      (memory.fill (i32.const 1024) (i32.const 7) (i32.const 1000))
      (i64.store (i32.const 3000) (i64.const 0x0123_4567_89ab_cdef))
      (atomic.fence)
      (i32.atomic.store (i32.const 256) (i32.const 1))))
  (invoke "run"))
(module
  (import "mem" "m" (memory 1 4 shared))
  (func (export "run") (result i32 i64)
    (loop $spin (br_if $spin (i32.eqz (i32.atomic.load (i32.const 256)))))
    (i32.load8_u (i32.const 2023)) (i64.load (i32.const 3000))))
(assert_return (invoke "run") (i32.const 7) (i64.const 0x0123_4567_89ab_cdef))
(wait $writer)

;; Store buffering: with sequential consistency not both can read 0.
(module $sb
  (import "mem" "m" (memory 1 4 shared))
  (func (export "run") (result i32)
    (i32.atomic.store (i32.const 512) (i32.const 1))
    (i32.atomic.load (i32.const 520))))
(thread $sb2 (shared (module $mem))
  (register "mem" $mem)
  (module
    (import "mem" "m" (memory 1 4 shared))
    (func (export "run")
      (i32.atomic.store (i32.const 520) (i32.const 1))
      (i32.atomic.store (i32.const 528)
        (i32.add (i32.const 10) (i32.atomic.load (i32.const 512))))))
  (invoke "run"))
(assert_return (invoke $sb "run") (either (i32.const 0) (i32.const 1)))
(wait $sb2)
(assert_return (invoke $mem "load" (i32.const 528)) (either (i32.const 10) (i32.const 11)))

;; -- Growth ------------------------------------------------------------------

(thread $grower (shared (module $mem))
  (register "mem" $mem)
  (module
    (import "mem" "m" (memory 1 4 shared))
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "write") (i32.store (i32.const 131068) (i32.const 5))))
  (assert_trap (invoke "write") "out of bounds memory access")
  (assert_return (invoke "grow" (i32.const 1)) (i32.const 1))
  (assert_return (invoke "write")))
(wait $grower)
(assert_return (invoke $mem "size") (i32.const 2))
(assert_return (invoke $mem "load" (i32.const 131068)) (i32.const 5))
(assert_trap (invoke $mem "load" (i32.const 131072)) "out of bounds memory access")
(module
  (import "mem" "m" (memory 2 4 shared))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))
(assert_return (invoke "grow" (i32.const 3)) (i32.const -1))
(assert_return (invoke "grow" (i32.const -1)) (i32.const -1))
(assert_return (invoke "grow" (i32.const 2)) (i32.const 2))
(assert_return (invoke "grow" (i32.const 1)) (i32.const -1))
(assert_return (invoke "grow" (i32.const 0)) (i32.const 4))

;; -- Types -------------------------------------------------------------------

(assert_unlinkable (module (import "mem" "m" (memory 1 4))) "incompatible import type")
(assert_unlinkable (module (import "mem" "m" (memory 1 3 shared))) "incompatible import type")
(assert_unlinkable (module (import "mem" "m" (memory 5 8 shared))) "incompatible import type")
(module $own (memory (export "m") 1 1))
(register "own" $own)
(assert_unlinkable (module (import "own" "m" (memory 1 1 shared))) "incompatible import type")
(assert_invalid (module (memory 1 shared)) "shared memory must have maximum")

;; -- Operands wider than the access are cut ----------------------------------

(module
  (memory $m 1 1 shared)
  (func (export "put") (param i64) (i64.atomic.store (i32.const 0) (local.get 0)))
  (func (export "get") (result i64) (i64.atomic.load (i32.const 0)))
  (func (export "cas8") (param i32 i32) (result i32)
    (i32.atomic.rmw8.cmpxchg_u (i32.const 1) (local.get 0) (local.get 1)))
  (func (export "cas16") (param i64 i64) (result i64)
    (i64.atomic.rmw16.cmpxchg_u (i32.const 2) (local.get 0) (local.get 1)))
  (func (export "cas32") (param i64 i64) (result i64)
    (i64.atomic.rmw32.cmpxchg_u (i32.const 4) (local.get 0) (local.get 1)))
  (func (export "add8") (param i32) (result i32)
    (i32.atomic.rmw8.add_u (i32.const 0) (local.get 0)))
  (func (export "sub16") (param i64) (result i64)
    (i64.atomic.rmw16.sub_u (i32.const 0) (local.get 0)))
  (func (export "xchg8") (param i64) (result i64)
    (i64.atomic.rmw8.xchg_u (i32.const 7) (local.get 0)))
  (func (export "store8") (param i64) (i64.atomic.store8 (i32.const 6) (local.get 0)))
  (func (export "load8") (result i64) (i64.atomic.load8_u (i32.const 7)))
  (func (export "offset") (param i32) (result i64)
    (i64.atomic.load offset=8 (local.get 0)))
  (func (export "far") (param i32) (result i64)
    (i64.atomic.load offset=0xffff_fff8 (local.get 0))))
(assert_return (invoke "put" (i64.const 0x8070_6050_4030_2010)))
(assert_return (invoke "cas8" (i32.const 0xabcd_ef20) (i32.const 0x1234_5699)) (i32.const 0x20))
(assert_return (invoke "get") (i64.const 0x8070_6050_4030_9910))
(assert_return (invoke "cas16" (i64.const -0xbfd0) (i64.const -1)) (i64.const 0x4030))
(assert_return (invoke "get") (i64.const 0x8070_6050_ffff_9910))
(assert_return (invoke "cas32" (i64.const 0x1_8070_6050) (i64.const 0x2_0000_0003)) (i64.const 0x8070_6050))
(assert_return (invoke "get") (i64.const 0x0000_0003_ffff_9910))
(assert_return (invoke "cas32" (i64.const 4) (i64.const 9)) (i64.const 3))
(assert_return (invoke "get") (i64.const 0x0000_0003_ffff_9910))
(assert_return (invoke "add8" (i32.const 0xff)) (i32.const 0x10))
(assert_return (invoke "get") (i64.const 0x0000_0003_ffff_990f))
(assert_return (invoke "sub16" (i64.const 0xffff_9910)) (i64.const 0x990f))
(assert_return (invoke "get") (i64.const 0x0000_0003_ffff_ffff))
(assert_return (invoke "xchg8" (i64.const 0x1ff)) (i64.const 0))
(assert_return (invoke "store8" (i64.const 0x177)))
(assert_return (invoke "get") (i64.const 0xff77_0003_ffff_ffff))
(assert_return (invoke "load8") (i64.const 0xff))
(assert_return (invoke "offset" (i32.const 65520)) (i64.const 0))
(assert_trap (invoke "offset" (i32.const 65528)) "out of bounds memory access")
(assert_trap (invoke "offset" (i32.const -8)) "out of bounds memory access")
(assert_trap (invoke "offset" (i32.const 4)) "unaligned atomic")
(assert_trap (invoke "far" (i32.const 8)) "out of bounds memory access")

;; -- Memories of every kind --------------------------------------------------

(module
  (memory $a 1) (memory $b i64 1 2 shared) (memory $c 8 16 shared (pagesize 1))
  (data $d "abcdefgh")
  (func (export "unshared") (param i32) (result i32)
    (i32.atomic.store $a (i32.const 0) (i32.const 5))
    (drop (i32.atomic.rmw.add $a (i32.const 0) (local.get 0)))
    (drop (memory.atomic.notify $a (i32.const 0) (i32.const 1)))
    (i32.atomic.load $a (i32.const 0)))
  (func (export "wait") (result i32)
    (memory.atomic.wait32 $a (i32.const 0) (i32.const 0) (i64.const 0)))
  (func (export "wide") (param i64) (result i64)
    (drop (i64.atomic.rmw.xchg $b (local.get 0) (i64.const 77)))
    (i64.atomic.load $b offset=8 (i64.sub (local.get 0) (i64.const 8))))
  (func (export "wide wait") (param i64) (result i32)
    (memory.atomic.wait64 $b (local.get 0) (i64.const 77) (i64.const 1000)))
  (func (export "grow") (result i64) (memory.grow $b (i64.const 1)))
  (func (export "bytes") (param i32) (result i64) (i64.atomic.load $c (local.get 0)))
  (func (export "grow bytes") (param i32) (result i32) (memory.grow $c (local.get 0)))
  (func (export "init") (memory.init $c $d (i32.const 0) (i32.const 0) (i32.const 8)))
  (func (export "copy") (result i64)
    (memory.copy $b $c (i64.const 65528) (i32.const 0) (i32.const 8))
    (i64.load $b (i64.const 65528))))
(assert_return (invoke "unshared" (i32.const 3)) (i32.const 8))
(assert_trap (invoke "wait") "expected shared memory")
(assert_return (invoke "wide" (i64.const 65528)) (i64.const 77))
(assert_trap (invoke "wide" (i64.const 65536)) "out of bounds memory access")
(assert_trap (invoke "wide" (i64.const 0x1_0000_0000)) "out of bounds memory access")
(assert_trap (invoke "wide" (i64.const -8)) "out of bounds memory access")
(assert_trap (invoke "wide" (i64.const 12)) "unaligned atomic")
(assert_return (invoke "wide wait" (i64.const 65528)) (i32.const 2))
(assert_return (invoke "wide wait" (i64.const 0)) (i32.const 1))
(assert_return (invoke "grow") (i64.const 1))
(assert_return (invoke "wide" (i64.const 65536)) (i64.const 77))
(assert_return (invoke "init"))
(assert_return (invoke "bytes" (i32.const 0)) (i64.const 0x6867_6665_6463_6261))
(assert_trap (invoke "bytes" (i32.const 8)) "out of bounds memory access")
(assert_return (invoke "grow bytes" (i32.const 8)) (i32.const 8))
(assert_return (invoke "bytes" (i32.const 8)) (i64.const 0))
(assert_return (invoke "grow bytes" (i32.const 1)) (i32.const -1))
(assert_return (invoke "copy") (i64.const 0x6867_6665_6463_6261))

;; -- Threads of the script itself --------------------------------------------

;; One that is never waited for ends with the script; nothing is shared here.
(thread $alone
  (module (func (export "f") (result i32) (i32.const 3)))
  (assert_return (invoke "f") (i32.const 3)))
