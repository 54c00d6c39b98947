;; What the official suite leaves out about the text format.

;; Comments, blanks, and tokens side by side.
(module (; (; nested ;) ;) (func(export "a")(result i32)(i32.const 1))) ;;end
(assert_return (invoke "a") (i32.const 1))
(assert_malformed (module quote "(; (; ;)") "unclosed comment")
(assert_malformed (module quote "(func \"\\q\")") "illegal escape")
(assert_malformed (module quote "(data \"\\u{110000}\")") "illegal escape")
(assert_malformed (module quote "(data \"\\u{}\")") "illegal escape")

;; Names: each index space by itself, labels in their scope.
(module
  (type $x (func (param $x i32) (result i32)))
  (table $x 1 funcref) (memory $x 1) (global $x i32 (i32.const 7))
  (elem $x (i32.const 0) $x) (data $x (i32.const 0) "\2a")
  (func $x (export "x") (type $x) (param $x i32) (result i32)
    (block $x (result i32)
      (block $x
        (br_if $x (local.get $x))
        (br 1 (global.get $x)))
      (i32.load8_u (i32.const 0))))
)
(assert_return (invoke "x" (i32.const 0)) (i32.const 7))
(assert_return (invoke "x" (i32.const 1)) (i32.const 42))
(assert_malformed (module quote "(func (block $l) (br $l))") "unknown label")
(assert_malformed (module quote "(table $t 0 funcref) (table $t 0 funcref)")
  "duplicate table")
(assert_malformed (module quote "(func (call $f))") "unknown function")
(assert_malformed (module quote "(func (table.get $t))") "unknown table")
(assert_malformed (module quote "(func (memory.size $m))") "unknown memory")
(assert_malformed (module quote "(func (global.get $g))") "unknown global")
(assert_malformed (module quote "(func (elem.drop $e))") "unknown elem segment")
(assert_malformed (module quote "(func (data.drop $d))") "unknown data segment")

;; The same name written in two ways.
(module (func $"\61b" (result i32) (i32.const 3)) (export "ab" (func $ab)))
(assert_return (invoke "ab") (i32.const 3))

;; Floats of very many digits are rounded once.
(module
  (func (export "f") (result f32)
    (f32.const 1.00000005960464477539062500000000000000000000000000000000001))
  (func (export "g") (result f32) (f32.const 1.000000059604644775390625))
  (func (export "h") (result f64) (f64.const 0x1.00000000000008000000000001))
)
(assert_return (invoke "f") (f32.const 0x1.000002p+0))
(assert_return (invoke "g") (f32.const 1))
(assert_return (invoke "h") (f64.const 0x1.0000000000001p+0))

;; Fields in any order; types written in place come last.
(module
  (export "r" (func $r)) (start $s)
  (func $s (call $set (i32.const 9)))
  (func $r (result i32) (global.get $g))
  (func $set (param i32) (global.set $g (local.get 0)))
  (global $g (mut i32) (i32.const 0))
  (type (func (param f64)))
)
(assert_return (invoke "r") (i32.const 9))

;; Order and number of fields.
(assert_malformed
  (module quote "(tag) (import \"a\" \"b\" (func))") "import after tag")
(assert_malformed (module quote "(func) (start 0) (start 0)")
  "multiple start sections")
(assert_malformed (module quote "(module (func)) (module)") "unexpected token")
