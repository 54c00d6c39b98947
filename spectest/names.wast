;; Names and annotations: what they may look like, and that they change nothing.

;; Identifiers of every kind of thing, quoted ones, and annotations beside them.
(module $"a module" (@name "another name")
  (@custom "first" (before first) "1" "" "\00\ff")
  (type $t (@name "type") (func (param $ignored i32) (result i32)))
  (import "spectest" "print_i32" (func $"print it" (@name "print") (param $n i32)))
  (table $t (@name "table") 2 funcref)
  (memory $m (@name "memory") 1)
  (global $g (@name "global") i32 (i32.const 3))
  (elem $e (@name "elem") (i32.const 0) $f $f)
  (data $d (@name "data") (i32.const 0) "\07")
  (@custom "middle" (after global))
  (func $f (@name "\u{3bb}\22\00") (export "f") (type $t)
    (param $p (@name "the parameter") i32) (result i32)
    (local $l (@name "a local") i32) (local (@name "another") i64) (local i32 i32)
    (block $b (@name "the block") (result i32)
      (loop $b (@name "a loop of the same identifier")
        (br_if 1 (local.get $p) (local.tee $l (i32.eqz (local.get $p))))
        (drop)
        (local.set 4 (i32.const 5)))
      (i32.add (local.get 4) (i32.load8_u $m (i32.const 0)))))
  (@custom "last" (after last) "x")
)
(assert_return (invoke "f" (i32.const 0)) (i32.const 0))
(assert_return (invoke "f" (i32.const 1)) (i32.const 12))

(module definition
  (type $s (struct (field $x i32) (field (@name "y") (mut i64)) (field f32)))
  (func (param (ref $s)) (result i32) (struct.get $s $x (local.get 0))))

;; The same names for several things, empty names, and names in a binary that no
;; identifier can say.
(module (func (@name "twice")) (func (@name "twice")) (func (@name ""))
  (func $twice (export "g") (result i32) (i32.const 1)))
(assert_return (invoke "g") (i32.const 1))
(module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\03\02\00\00"
  "\0a\07\02\02\00\0b\02\00\0b"
  "\00\16\04name" "\01\0c\02\00\02a\0a\01\05( \c3\a9)" "\0b\01\00")
;; A section with a name for nothing, one of no known kind, and one too early.
(module binary "\00asm\01\00\00\00" "\00\0a\04name" "\01\03\01\07\00")
(module binary "\00asm\01\00\00\00" "\00\07\04name" "\7e\00")
(module binary "\00asm\01\00\00\00" "\00\09\04name\00\02\01m" "\01\01\00")

;; Branch hints on every form of the two branches.
(module
  (func (export "hints") (param i32) (result i32)
    (block $out (result i32)
      (drop (@metadata.code.branch_hint "\00")
        (br_if $out (i32.const 1) (i32.eq (local.get 0) (i32.const 1))))
      (local.get 0)
      (@metadata.code.branch_hint "\01") if (result i32)
        (@metadata.code.branch_hint "\00")
        (if (result i32) (i32.eq (local.get 0) (i32.const 2))
          (then (i32.const 2))
          (else (i32.const 3)))
      else
        i32.const 4
      end)))
(assert_return (invoke "hints" (i32.const 0)) (i32.const 4))
(assert_return (invoke "hints" (i32.const 1)) (i32.const 1))
(assert_return (invoke "hints" (i32.const 2)) (i32.const 2))
(assert_return (invoke "hints" (i32.const 3)) (i32.const 3))

;; Annotations of others, wherever there may be blanks.
(module (@a) (func (@b (c) "d") (export (@e) "f") (result i32) (@"g" h) i32.const
  (@i ;;)
  ) 9))
(assert_return (invoke "f") (i32.const 9))
