;; Every way in which a module is not valid: each error of the validator once,
;; and what the official suite leaves out about it.

;; Indices.
(assert_invalid (module (func (type 1))) "unknown type")
(assert_invalid (module (func (call 1))) "unknown function")
(assert_invalid (module (func (drop (table.size 0)))) "unknown table")
(assert_invalid (module (func (drop (memory.size)))) "unknown memory")
(assert_invalid (module (func (drop (global.get 0)))) "unknown global")
(assert_invalid (module (func (throw 0))) "unknown tag")
(assert_invalid (module (func (drop (local.get 0)))) "unknown local")
(assert_invalid (module (func (br 1))) "unknown label")
(assert_invalid
  (module (type $s (struct (field i32)))
    (func (param (ref $s)) (drop (struct.get $s 1 (local.get 0)))))
  "unknown field")
(assert_invalid (module (func (data.drop 1)) (data "")) "unknown data segment")
(assert_invalid (module (func (elem.drop 0))) "unknown elem segment")
(assert_invalid (module (func $f (drop (ref.func $f))))
  "undeclared function reference")
(assert_invalid
  (module (func (param (ref func)) (local (ref func)) (drop (local.get 1))))
  "uninitialized local")

;; Operands and immediates.
(assert_invalid (module (func (i32.add (i32.const 0) (i64.const 0)) (drop)))
  "type mismatch")
(assert_invalid
  (module (memory 1) (func (drop (i32.load align=8 (i32.const 0)))))
  "alignment must not be larger than natural")
(assert_invalid
  (module (memory 1 1 shared)
    (func (drop (i32.atomic.load align=2 (i32.const 0)))))
  "atomic alignment must be natural")
(assert_invalid
  (module (memory 1) (func (drop (i32.load offset=0x1_0000_0000 (i32.const 0)))))
  "offset out of range")
(assert_invalid
  (module (func (drop (i8x16.extract_lane_s 16 (v128.const i64x2 0 0)))))
  "invalid lane index")
(assert_invalid
  (module (func
    (select (result i32 i32) (i32.const 0) (i32.const 0) (i32.const 0))
    (drop)))
  "invalid result arity")
(assert_invalid
  (module (global i32 (i32.const 0)) (func (global.set 0 (i32.const 1))))
  "immutable global")
(assert_invalid (module (func (try (do (rethrow 0)) (catch_all))))
  "invalid rethrow label")

;; Structs and arrays.
(assert_invalid
  (module (type $s (struct (field i32)))
    (func (param (ref $s)) (struct.set $s 0 (local.get 0) (i32.const 1))))
  "immutable field")
(assert_invalid
  (module (type $a (array i32))
    (func (param (ref $a)) (array.set $a (local.get 0) (i32.const 0) (i32.const 1))))
  "immutable array")
(assert_invalid
  (module (type $s (struct (field i8)))
    (func (param (ref $s)) (drop (struct.get $s 0 (local.get 0)))))
  "field is packed")
(assert_invalid
  (module (type $s (struct (field i32)))
    (func (param (ref $s)) (drop (struct.get_s $s 0 (local.get 0)))))
  "field is unpacked")
(assert_invalid
  (module (type $a (array i8))
    (func (param (ref $a)) (drop (array.get $a (local.get 0) (i32.const 0)))))
  "array is packed")
(assert_invalid
  (module (type $a (array i32))
    (func (param (ref $a)) (drop (array.get_u $a (local.get 0) (i32.const 0)))))
  "array is unpacked")
(assert_invalid
  (module (type $s (struct (field (ref $s))))
    (func (drop (struct.new_default $s))))
  "type is not defaultable")
(assert_invalid
  (module (type $a (array (mut funcref))) (data "")
    (func (drop (array.new_data $a 0 (i32.const 0) (i32.const 0)))))
  "array type is not numeric or vector")
(assert_invalid
  (module (type $a (array (mut i32))) (type $b (array (mut i64)))
    (func (param (ref $a) (ref $b))
      (array.copy $a $b (local.get 0) (i32.const 0) (local.get 1) (i32.const 0)
        (i32.const 0))))
  "array types do not match")
(assert_invalid
  (module (type $a (sub (struct))) (type (sub $a (array i32))))
  "sub type")

;; Definitions.
(assert_invalid (module (global i32 (i32.eqz (i32.const 0))))
  "constant expression required")
(assert_invalid (module (memory 2 1))
  "size minimum must not be greater than maximum")
(assert_invalid (module (memory 65537)) "memory size")
(assert_invalid (module (memory i64 0x1_0000_0000_0001)) "memory size")
(assert_invalid (module (table 0x1_0000_0000 funcref)) "table size")
(assert_invalid (module (memory 1 (pagesize 2))) "invalid custom page size")
(assert_invalid (module (memory 1 shared)) "shared memory must have maximum")
(assert_invalid (module (func (param i32)) (start 0)) "start function")
(assert_invalid (module (func) (export "a" (func 0)) (export "a" (func 0)))
  "duplicate export name")
(assert_invalid (module (tag (result i32))) "non-empty tag result type")

;; Branch hints are for if and br_if.
(module (func (@metadata.code.branch_hint "\01") (nop)))
(assert_invalid_custom
  (module (func (@metadata.code.branch_hint "\01") (nop)))
  "@metadata.code.branch_hint annotation: invalid target")
(assert_invalid_custom
  (module (func (@metadata.code.branch_hint "\01")
    (br_table 0 (i32.const 0))))
  "@metadata.code.branch_hint annotation: invalid target")
