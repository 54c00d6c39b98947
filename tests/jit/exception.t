# Exceptions in machine code.  Whichever functions are machine code and whichever
# are interpreted, they catch the same, and find in locals what these had at the
# call: those in registers that the functions below have overwritten, too.
file: m.wat
(module
  (tag $e (param i32 i64))
  (tag $f)
  (func $thrower (param i32)
    (if (i32.eqz (local.get 0)) (then (throw $f)))
    (if (i32.eq (local.get 0) (i32.const 9)) (then (unreachable)))
    (throw $e (local.get 0) (i64.const 1000)))
  ;; Every preserved register is overwritten before the throw.
  (func $mid (param $n i32) (result i32)
    (local $a i32) (local $b i32) (local $c i32) (local $d i32) (local $g i32)
    (loop $l
      (local.set $a (i32.add (local.get $a) (i32.const 1)))
      (local.set $b (i32.add (local.get $b) (local.get $a)))
      (local.set $c (i32.add (local.get $c) (local.get $b)))
      (local.set $d (i32.add (local.get $d) (local.get $c)))
      (local.set $g (i32.add (local.get $g) (local.get $d)))
      (br_if $l (i32.lt_u (local.get $a) (i32.const 10))))
    (call $thrower (local.get $n))
    (i32.add (local.get $a) (i32.add (local.get $b)
      (i32.add (local.get $c) (i32.add (local.get $d) (local.get $g))))))
  (func $pass (param i32) (result i32)
    (block $b (try_table (catch $f $b) (return (call $mid (local.get 0)))))
    (i32.const -1))
  (func $new (export "new") (param $n i32) (result i64)
    (local $i i32) (local $s i64) (local $x i64) (local $y f64) (local $r exnref) (local $p i32)
    (local.set $x (i64.const 3)) (local.set $y (f64.const 0.5))
    (loop $l
      (block $h (result i32 i64 exnref)
        (local.set $s (i64.add (local.get $s) (i64.extend_i32_s
          (try_table (result i32) (catch_ref $e $h)
            (local.set $x (i64.add (local.get $x) (i64.const 1)))
            (local.set $y (f64.add (local.get $y) (f64.const 1)))
            (call $pass (i32.rem_u (local.get $i) (i32.const 3)))))))
        (i32.const 0) (i64.const 0) (ref.null exn))
      (local.set $r)
      (local.set $s (i64.add (local.get $s)))
      (local.set $p)
      (local.set $s (i64.add (local.get $s) (i64.extend_i32_u (local.get $p))))
      (local.set $s (i64.add (i64.mul (local.get $s) (i64.const 31)) (local.get $x)))
      (local.set $s (i64.add (local.get $s) (i64.trunc_f64_s (local.get $y))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
                          (local.get $n))))
    (block $again (result exnref)
      (try_table (catch_all_ref $again)
        (if (i32.eqz (ref.is_null (local.get $r))) (then (throw_ref (local.get $r)))))
      (return (local.get $s)))
    (drop)
    (i64.add (local.get $s) (i64.const 1)))
  (func $fail (export "fail") (param i32) (result i32)
    (block $b (try_table (catch $f $b) (return (call $mid (local.get 0)))))
    (i32.const 5)))
cmd: wasmrt run m.wat --engine=interp --invoke=new 100; for r in 0:0 0:5 0:1 1:2 2:3 3:4 0:2 1:3 2:4 1:5; do wasmrt run m.wat --engine=jit --jit-range=$r --invoke=new 100; done | uniq
stdout:
7467107392319447269 : i64
7467107392319447269 : i64

# The trace of what nobody catches begins at the throw.
cmd: wasmrt run m.wat --engine=interp --invoke=fail 2 2>&1; for r in 0:0 0:5 0:1 1:2 4:5 1:5; do wasmrt run m.wat --engine=jit --jit-range=$r --invoke=fail 2 2>&1; done | sort | uniq -c | sed 's/^ *//'
stdout:
wasmrt: m.wat: uncaught exception: e (i32 2, i64 1000)
    at func[0] thrower+0x17 (0x62)
    at func[1] mid+0x32 (0x98)
    at func[4] fail+0xb (0x166)
6     at func[0] thrower+0x17 (0x62)
6     at func[1] mid+0x32 (0x98)
6     at func[4] fail+0xb (0x166)
6 wasmrt: m.wat: uncaught exception: e (i32 2, i64 1000)

# Traps are not caught.
cmd: for r in 0:0 0:5 1:5; do wasmrt run m.wat --engine=jit --jit-range=$r --invoke=fail 9 2>&1; done | grep -v ' at ' | uniq
stdout:
wasmrt: m.wat: trap: unreachable

# All of it is machine code.
cmd: for r in 0:5 1:5; do wasmrt run --stats m.wat --engine=jit --jit-range=$r --invoke=new 9 2>&1 | grep interpreted | tr -s ' '; done
stdout:
of these, interpreted 0
of these, interpreted 1

file: old.wat
(module
  (tag $e (param i32))
  (tag $f)
  (func $thrower (param i32)
    (if (i32.eqz (local.get 0)) (then (throw $f)))
    (throw $e (local.get 0)))
  (func $mid (param i32) (result i32) (local $a i32) (local $b i32)
    (local.set $a (i32.const 40)) (local.set $b (i32.const 50))
    (try (do (call $thrower (local.get 0)))
      (catch $e (local.set $b) (if (i32.eq (local.get $b) (i32.const 1)) (then (rethrow 1)))
                (return (i32.add (local.get $a) (local.get $b)))))
    (i32.add (local.get $a) (local.get $b)))
  (func $skip (param i32) (result i32) (local $x i32)
    (local.set $x (i32.const 6))
    (try $t (result i32)
      (do
        (try (result i32)
          (do (try (result i32) (do (i32.add (local.get $x) (call $mid (local.get 0)))) (delegate $t)))
          (catch_all (i32.const 1000))))
      (catch $f (i32.add (local.get $x) (i32.const 100)))))
  (func $go (export "go") (param i32) (result i32) (local $r i32)
    (try (do (local.set $r (call $skip (local.get 0))))
      (catch $e (i32.add (i32.const 2000)) (local.set $r)))
    (local.get $r)))
cmd: for r in 0:0 0:4 0:1 1:2 2:3 3:4 0:2 1:3; do for x in 0 1 2; do wasmrt run old.wat --enable=legacy-exceptions --engine=jit --jit-range=$r --invoke=go $x; done; done | sort | uniq -c | sed 's/^ *//'
stdout:
8 106 : i32
8 2001 : i32
8 48 : i32
cmd: wasmrt run --stats old.wat --enable=legacy-exceptions --engine=jit --invoke=go 0 2>&1 | grep interpreted | tr -s ' '
stdout: of these, interpreted 0

# From instance to instance, through tail calls, and with a vector as the payload.
file: two.wast
(module $a
  (tag $e (export "e") (param v128 i32))
  (func (export "throw") (param i32)
    (throw $e (v128.const i64x2 5 6) (local.get 0)))
  (type $f (func (param i32)))
  (func (export "call") (param i32 (ref null $f))
    (return_call_ref $f (local.get 0) (local.get 1))))
(register "a")
(module
  (type $f (func (param i32)))
  (tag $e (import "a" "e") (param v128 i32))
  (func $throw (import "a" "throw") (param i32))
  (func $call (import "a" "call") (param i32 (ref null $f)))
  (memory 1)
  (elem declare func $back)
  (func $back (param i32)
    (drop (memory.grow (i32.const 1)))
    (i32.store (i32.const 65536) (i32.const 30))
    (return_call $throw (i32.add (local.get 0) (i32.const 1))))
  (func (export "go") (param i32) (result i32) (local $v v128) (local $x i32) (local $y i64)
    (local.set $x (i32.const 1000)) (local.set $y (i64.const 500))
    (block $h (result v128 i32)
      (try_table (catch $e $h) (call $call (local.get 0) (ref.func $back)))
      (unreachable))
    (local.set $x (i32.add (local.get $x)))
    (local.set $v)
    (i32.add
      (i32.add (local.get $x) (i32.wrap_i64 (i64x2.extract_lane 1 (local.get $v))))
      (i32.add (i32.load (i32.const 65536)) (i32.wrap_i64 (local.get $y))))))
(assert_return (invoke "go" (i32.const 0)) (i32.const 1537))
(assert_return (invoke "go" (i32.const 1)) (i32.const 1538))
cmd: for e in interp jit; do wasmrt wast --engine=$e two.wast; done
stdout:
two.wast: 5 passed, 0 failed
5 passed, 0 failed
two.wast: 5 passed, 0 failed
5 passed, 0 failed
