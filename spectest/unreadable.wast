;; Every way in which a text is no module: each error of the reader once.

;; Characters and tokens.
(assert_malformed (module quote "(func x)") "unknown operator")
(assert_malformed (module quote "(func))") "unexpected token")
(assert_malformed (module quote "(func (export \"\\ff\"))")
  "malformed UTF-8 encoding")
(assert_malformed (module quote "(func \01)") "illegal character")
(assert_malformed (module quote "(data \"\\z\")") "illegal escape")
(assert_malformed (module quote "(data \"") "unclosed string")
(assert_malformed (module quote "(; ") "unclosed comment")
(assert_malformed (module quote "(@a ") "unclosed annotation")
(assert_malformed (module quote "(func $)") "empty identifier")
(assert_malformed (module quote "(@ a)") "empty annotation id")

;; Numbers.
(assert_malformed (module quote "(func (drop (i32.const 0x1_0000_0000)))")
  "constant out of range")
(assert_malformed
  (module quote "(func (drop (i8x16.splat (i8x16.extract_lane_s 256))))")
  "i8 constant out of range")
(assert_malformed (module quote "(func (call 0x1_0000_0000))")
  "i32 constant out of range")
(assert_malformed (module quote "(memory 0x1_0000_0000_0000_0000)")
  "i64 constant out of range")
(assert_malformed
  (module quote "(memory 1) (func (drop (i32.load align=3 (i32.const 0))))")
  "alignment must be a power of two")
(assert_malformed (module quote "(memory 1 (pagesize 3))")
  "invalid custom page size")
(assert_malformed (module quote "(func (drop (v128.const i32x4 0 0 0)))")
  "wrong number of lane literals")
(assert_malformed
  (module quote "(func (drop (i8x16.shuffle 0 1 (v128.const i64x2 0 0)"
    " (v128.const i64x2 0 0))))")
  "invalid lane length")

;; Structure.
(assert_malformed (module quote "(func block $a end $b)") "mismatching label")
(assert_malformed
  (module quote "(type (func)) (func (type 0) (param i32))")
  "inline function type")
(assert_malformed (module quote "(start 0) (start 0) (func)")
  "multiple start sections")
(assert_malformed (module quote "(func) (import \"\" \"\" (func))")
  "import after function")
(assert_malformed (module quote "(table 1 funcref) (import \"\" \"\" (func))")
  "import after table")
(assert_malformed (module quote "(memory 1) (import \"\" \"\" (func))")
  "import after memory")
(assert_malformed
  (module quote "(global i32 (i32.const 0)) (import \"\" \"\" (func))")
  "import after global")
(assert_malformed (module quote "(tag) (import \"\" \"\" (func))")
  "import after tag")

;; Annotations.
(assert_malformed_custom (module quote "(func (@name))") "malformed annotation")
(assert_malformed_custom (module quote "(@custom)")
  "@custom annotation: missing section name")
(assert_malformed_custom (module quote "(@custom \"\\ff\")")
  "@custom annotation: malformed UTF-8 encoding")
(assert_malformed_custom (module quote "(@custom \"a\" 1)")
  "@custom annotation: unexpected token")
(assert_malformed_custom (module quote "(@custom \"a\" (\"b\"))")
  "@custom annotation: malformed placement")
(assert_malformed_custom (module quote "(@custom \"a\" (before last))")
  "@custom annotation: malformed section kind")
(assert_malformed_custom (module quote "(func (@custom \"a\"))")
  "misplaced @custom annotation")
(assert_malformed_custom (module quote "(func (nop (@name \"a\")))")
  "misplaced @name annotation")
(assert_malformed_custom
  (module quote "(module (@name \"a\") (@name \"b\"))")
  "@name annotation: multiple module names")
(assert_malformed_custom
  (module quote "(@metadata.code.branch_hint \"\\00\") (func)")
  "@metadata.code.branch_hint annotation: not in a function")
(assert_malformed_custom
  (module quote "(func (@metadata.code.branch_hint \"\\00\")"
    "(@metadata.code.branch_hint \"\\00\") (br_if 0 (i32.const 0)))")
  "@metadata.code.branch_hint annotation: duplicate annotation")

;; Names that are not bound.
(assert_malformed (module quote "(func (type $x))") "unknown type")
(assert_malformed (module quote "(func (call $x))") "unknown function")
(assert_malformed (module quote "(func (table.size $x))") "unknown table")
(assert_malformed (module quote "(func (memory.size $x))") "unknown memory")
(assert_malformed (module quote "(func (global.get $x))") "unknown global")
(assert_malformed (module quote "(func (throw $x))") "unknown tag")
(assert_malformed (module quote "(func (elem.drop $x))") "unknown elem segment")
(assert_malformed (module quote "(func (data.drop $x))") "unknown data segment")
(assert_malformed (module quote "(func (local.get $x))") "unknown local")
(assert_malformed (module quote "(func (br $x))") "unknown label")
(assert_malformed
  (module quote "(type $s (struct)) (func (struct.get $s $x))")
  "unknown field")

;; Names that are bound twice.
(assert_malformed (module quote "(type $x (func)) (type $x (func))")
  "duplicate type")
(assert_malformed (module quote "(func $x) (func $x)") "duplicate func")
(assert_malformed
  (module quote "(table $x 1 funcref) (table $x 1 funcref)")
  "duplicate table")
(assert_malformed (module quote "(memory $x 1) (memory $x 1)")
  "duplicate memory")
(assert_malformed
  (module quote "(global $x i32 (i32.const 0)) (global $x i32 (i32.const 0))")
  "duplicate global")
(assert_malformed (module quote "(tag $x) (tag $x)") "duplicate tag")
(assert_malformed (module quote "(elem $x func) (elem $x func)")
  "duplicate elem segment")
(assert_malformed (module quote "(data $x \"\") (data $x \"\")")
  "duplicate data segment")
(assert_malformed (module quote "(func (param $x i32) (local $x i32))")
  "duplicate local")
(assert_malformed
  (module quote "(type (struct (field $x i32) (field $x i32)))")
  "duplicate field")
