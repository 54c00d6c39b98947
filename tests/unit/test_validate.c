/*
 * Validation of code: rules as rows of text, and what the analysis finds.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/validate.h"

#include "tests/lib/test.h"
#include "tests/unit/modules.h"

#include <stdio.h>

/* Module fields, and the beginning of the message; "" is accepted. */
struct row {
    const char *text, *want;
};

static void check_rows(const struct row *rows, size_t count,
                       wrt_features features)
{
    for (size_t i = 0; i < count; i++)
        check_refusal(rows[i].text, refusal_of_text(rows[i].text, features),
                      rows[i].want);
}

#define CHECK_ROWS(rows)                                                       \
    check_rows(rows, sizeof(rows) / sizeof((rows)[0]), WRT_FEATURES_ALL)
#define REQUIRES(want, have)                                                   \
    "type mismatch: instruction requires [" want "] but stack has [" have "]"
#define LEAVES(have) "type mismatch: block requires [] but stack has [" have "]"

TEST(validate_operands)
{
    static const struct row rows[] = {
        {"(func i32.const 1 drop)", ""},
        {"(func i32.const 1)", LEAVES("i32")},
        {"(func drop)", "type mismatch"},
        {"(func i32.add)", REQUIRES("i32", "")},
        {"(func i32.const 1 i32.add)", REQUIRES("i32", "")},
        {"(func i32.const 1 f32.const 1 i32.add drop)", REQUIRES("i32", "f32")},
        {"(func f32.const 1 i32.const 1 i32.add drop)", REQUIRES("i32", "f32")},
        {"(func (result i32) i64.const 1)", REQUIRES("i32", "i64")},
        {"(func (result i32))", REQUIRES("i32", "")},
        {"(func (result i32 i64) i32.const 1 i64.const 1)", ""},
        {"(func (result i32 i64) i64.const 1 i32.const 1)",
         REQUIRES("i64", "i32")},
        {"(func i32.const 0 (block i32.eqz drop) drop)", REQUIRES("i32", "")},
        {"(func f64.const 1 f32.demote_f64 i32.reinterpret_f32 drop)", ""},
    };

    CHECK_ROWS(rows);
}

TEST(validate_control)
{
    static const struct row rows[] = {
        {"(func (block (result i32) i32.const 1) drop)", ""},
        {"(func (block (result i32)) drop)", REQUIRES("i32", "")},
        {"(func (block i32.const 1))", LEAVES("i32")},
        {"(func (loop (result i32) i32.const 1) drop)", ""},
        {"(func i32.const 1 (if (then)))", ""},
        {"(func (if (then)))", REQUIRES("i32", "")},
        {"(func i32.const 1 (if (result i32) (then i32.const 1)) drop)",
         "type mismatch: if without else"},
        {"(func i32.const 1 (if (result i32) (then i32.const 1)"
         "(else i64.const 1)) drop)",
         REQUIRES("i32", "i64")},
        {"(func i32.const 1 i32.const 1 (if (param i32) (result i32)"
         "(then)) drop)",
         ""},
        {"(func (param i32) local.get 0 (block (param i32) (result i64)"
         "i64.extend_i32_u) drop)",
         ""},
        {"(func br 0)", ""},
        {"(func br 1)", "unknown label 1"},
        {"(func (block br 1))", ""},
        {"(func (result i32) i32.const 1 br 0)", ""},
        {"(func (result i32) br 0)", REQUIRES("i32", "")},
        {"(func (result i32) (loop br 1) unreachable)", REQUIRES("i32", "")},
        {"(func (loop (param) br 0))", ""},
        {"(func i32.const 1 (loop (param i32) br 0))", ""},
        {"(func i32.const 1 br_if 0)", ""},
        {"(func (result i32) i32.const 1 i32.const 1 br_if 0)", ""},
        {"(func (result i32) i32.const 1 br_if 0 i32.const 2)",
         REQUIRES("i32", "")},
        {"(func i32.const 1 br_table 0 0)", ""},
        {"(func i32.const 1 br_table 0 1)", "unknown label 1"},
        {"(func (block (result i32) (block i32.const 1 i32.const 0 "
         "br_table 0 1) i32.const 2) drop)",
         "type mismatch: targets of br_table take"},
        {"(func (block (result i32) (block (result i64) i32.const 1 "
         "i32.const 0 br_table 0 1) drop i32.const 2) drop)",
         "type mismatch"},
        {"(func (result i32) i32.const 1 return)", ""},
        {"(func (result i32) return)", REQUIRES("i32", "")},
        {"(func (result i32) i64.const 1 return)", REQUIRES("i32", "i64")},
    };

    CHECK_ROWS(rows);
}

/* After a branch any operands are there, but those that were pushed since. */
TEST(validate_unreachable_code)
{
    static const struct row rows[] = {
        {"(func unreachable i32.add drop)", ""},
        {"(func unreachable i64.const 1 i32.add drop)", REQUIRES("i32", "i64")},
        {"(func unreachable i32.const 1 i32.add drop)", ""},
        {"(func (result i32) unreachable)", ""},
        {"(func (result i32) unreachable i32.const 1)", ""},
        {"(func (result i32) unreachable i64.const 1)", REQUIRES("i32", "i64")},
        {"(func unreachable i32.const 1)", LEAVES("i32")},
        {"(func unreachable drop drop drop)", ""},
        {"(func unreachable select drop)", ""},
        {"(func unreachable i32.const 1 select drop)", ""},
        {"(func unreachable f32.const 1 i64.const 1 i32.const 1 select drop)",
         "type mismatch"},
        {"(func (block br 0 i32.const 1 (block)) )", LEAVES("i32")},
        {"(func unreachable (block drop))", "type mismatch"},
        {"(func i32.const 0 (if (then unreachable) (else drop)))",
         "type mismatch"},
        {"(func (result i32) unreachable br_if 0)", ""},
        {"(func (block (result i32) unreachable br_table 0 1 0) drop)",
         "type mismatch"},
        {"(func (result i32) (block (result i32) unreachable br_table 0 1 0))",
         ""},
        {"(func (result f32) (block (result i32) unreachable br_table 0 1 0)"
         "drop f32.const 0)",
         ""},
    };

    CHECK_ROWS(rows);
}

TEST(validate_locals_and_globals)
{
    static const struct row rows[] = {
        {"(func (param i32) local.get 0 drop)", ""},
        {"(func (param i32) local.get 1 drop)", "unknown local 1"},
        {"(func (local i64) i32.const 1 local.set 0)", REQUIRES("i64", "i32")},
        {"(func (local i64) local.set 0)", REQUIRES("i64", "")},
        {"(func (local i32) i32.const 1 local.tee 0 drop)", ""},
        {"(func (local i32) i32.const 1 local.tee 0)", LEAVES("i32")},
        {"(func (local i32 f32 f64) local.get 2 local.set 2)", ""},
        {"(func (local (ref func)) local.get 0 drop)", "uninitialized local 0"},
        {"(func (param (ref func)) (local (ref func))"
         "local.get 0 local.set 1 local.get 1 drop)",
         ""},
        {"(func (param (ref func)) (local (ref func))"
         "(block local.get 0 local.set 1) local.get 1 drop)",
         "uninitialized local 1"},
        {"(func (param (ref func)) (local (ref func)) i32.const 0"
         "(if (then local.get 0 local.set 1) (else local.get 1 drop)))",
         "uninitialized local 1"},
        {"(global i32 (i32.const 0)) (func global.get 0 drop)", ""},
        {"(func global.get 0 drop)", "unknown global 0"},
        {"(global i32 (i32.const 0)) (func i32.const 0 global.set 0)",
         "immutable global 0"},
        {"(global (mut i32) (i32.const 0)) (func i64.const 0 global.set 0)",
         REQUIRES("i32", "i64")},
        {"(func global.set 0)", "unknown global 0"},
    };

    CHECK_ROWS(rows);
}

TEST(validate_calls)
{
    static const struct row rows[] = {
        {"(func $f (param i32) (result i64) i64.const 0)"
         "(func i32.const 1 call $f drop)",
         ""},
        {"(func call 7)", "unknown function 7"},
        {"(func $f (param i32 f32)) (func f32.const 1 i32.const 1 call $f)",
         REQUIRES("f32", "i32")},
        {"(table 1 funcref) (func i32.const 0 call_indirect)", ""},
        {"(func i32.const 0 call_indirect)", "unknown table 0"},
        {"(table 1 externref) (func i32.const 0 call_indirect)",
         REQUIRES("funcref", "externref")},
        {"(table 1 funcref) (func i32.const 0 call_indirect (type 5))",
         "unknown type 5"},
        {"(type (struct)) (table 1 funcref)"
         "(func i32.const 0 call_indirect (type 0))",
         "type mismatch: type 0 is not a function type"},
        {"(table 1 funcref) (func call_indirect)", REQUIRES("i32", "")},
        {"(table i64 1 funcref) (func i32.const 0 call_indirect)",
         REQUIRES("i64", "i32")},
    };

    CHECK_ROWS(rows);
}

TEST(validate_memory)
{
    static const struct row rows[] = {
        {"(memory 1) (func i32.const 0 i32.load drop)", ""},
        {"(func i32.const 0 i32.load drop)", "unknown memory 0"},
        {"(memory 1) (func i64.const 0 i32.load drop)", REQUIRES("i32", "i64")},
        {"(memory i64 1) (func i64.const 0 i32.load drop)", ""},
        {"(memory i64 1) (func i32.const 0 i32.load drop)",
         REQUIRES("i64", "i32")},
        {"(memory 1) (func i32.const 0 i32.load align=4 drop)", ""},
        {"(memory 1) (func i32.const 0 i32.load align=8 drop)",
         "alignment must not be larger than natural"},
        {"(memory 1) (func i32.const 0 i64.load8_u align=2 drop)",
         "alignment must not be larger than natural"},
        {"(memory 1) (func i32.const 0 i32.load offset=4294967295 drop)", ""},
        {"(memory 1) (func i32.const 0 i64.const 0 i32.store)",
         REQUIRES("i32", "i64")},
        {"(memory 1) (func memory.size memory.grow drop)", ""},
        {"(func memory.size drop)", "unknown memory 0"},
        {"(memory i64 1) (func memory.size memory.grow i64.eqz drop)", ""},
        {"(memory 1) (func i32.const 0 i32.const 0 i32.const 0 memory.copy)",
         ""},
        {"(memory 1) (func i32.const 0 i32.const 0 i32.const 0 memory.fill)",
         ""},
        {"(memory 1) (data \"\")"
         "(func i32.const 0 i32.const 0 i32.const 0 memory.init 0)",
         ""},
        {"(memory 1) (data \"\")"
         "(func i32.const 0 i32.const 0 i32.const 0 memory.init 1)",
         "unknown data segment 1"},
        {"(data \"\") (func data.drop 1)", "unknown data segment 1"},
        {"(memory 1) (memory 1) (func i32.const 0 i32.load 1 drop)", ""},
        {"(memory 1) (memory 1) (func i32.const 0 i32.load 2 drop)",
         "unknown memory 2"},
        {"(memory 1) (memory i64 1)"
         "(func i32.const 0 i64.const 0 i32.const 0 memory.copy 0 1)",
         ""},
    };

    CHECK_ROWS(rows);
}

TEST(validate_tables_and_references)
{
    static const struct row rows[] = {
        {"(table 1 funcref) (func i32.const 0 table.get 0 drop)", ""},
        {"(func i32.const 0 table.get 0 drop)", "unknown table 0"},
        {"(table 1 funcref) (func i32.const 0 ref.null func table.set 0)", ""},
        {"(table 1 funcref) (func i32.const 0 ref.null extern table.set 0)",
         REQUIRES("funcref", "externref")},
        {"(table 1 funcref) (func table.size 0 drop)", ""},
        {"(table 1 funcref) (func ref.null func i32.const 1 table.grow 0"
         " drop)",
         ""},
        {"(table 1 funcref) (func i32.const 0 ref.null func i32.const 1"
         " table.fill 0)",
         ""},
        {"(table 1 funcref) (table 1 externref) (func i32.const 0 i32.const 0"
         " i32.const 0 table.copy 0 1)",
         REQUIRES("funcref", "externref")},
        {"(table 1 funcref) (elem func) (func i32.const 0 i32.const 0"
         " i32.const 0 table.init 0 0 elem.drop 0)",
         ""},
        {"(table 1 funcref) (func elem.drop 0)", "unknown elem segment 0"},
        {"(func ref.null func ref.is_null drop)", ""},
        {"(func i32.const 0 ref.is_null drop)",
         "type mismatch: instruction requires a reference"},
        {"(func $f) (func ref.func $f drop)",
         "undeclared function reference 0"},
        {"(func $f) (elem declare func $f) (func ref.func $f drop)", ""},
        {"(func $f (export \"f\")) (func ref.func $f drop)", ""},
        {"(func ref.func 9 drop)", "unknown function 9"},
        {"(func ref.null func ref.null func i32.const 0 select drop)",
         "type mismatch: select without type"},
        {"(func ref.null func ref.null func i32.const 0"
         " select (result funcref) drop)",
         ""},
        {"(func i32.const 0 i64.const 0 i32.const 0 select drop)",
         "type mismatch"},
    };

    CHECK_ROWS(rows);
}

TEST(validate_tail_calls_and_typed_references)
{
    static const struct row rows[] = {
        {"(func $f (result i32) (return_call $f))", ""},
        {"(func $f (result i32) i32.const 0) (func (return_call $f))",
         "type mismatch: results of the callee"},
        {"(func (return_call 5))", "unknown function 5"},
        {"(type $t (func (param i32))) (func (param (ref $t))"
         "(call_ref $t (i32.const 1) (local.get 0)))",
         ""},
        {"(type $t (func (param i32))) (func (param funcref)"
         "(call_ref $t (i32.const 1) (local.get 0)))",
         REQUIRES("(ref null 0)", "funcref")},
        {"(type $t (func (param i32))) (func (param (ref $t))"
         "(return_call_ref $t (i32.const 1) (local.get 0)))",
         ""},
        {"(type $t (func)) (func (param (ref null $t)) (result (ref $t))"
         "(ref.as_non_null (local.get 0)))",
         ""},
        {"(func (result i32) (i32.eqz (ref.as_non_null (unreachable))))",
         REQUIRES("i32", "(ref unknown)")},
        {"(func (param funcref) (result (ref func))"
         "(br_on_null 1 (local.get 0)))",
         "unknown label 1"},
        {"(func (param funcref)"
         "(drop (br_on_null 0 (local.get 0))))",
         ""},
        {"(func (param funcref) (result (ref func))"
         "(br_on_non_null 0 (local.get 0)) (unreachable))",
         ""},
        {"(func (param funcref) (br_on_non_null 0 (local.get 0)))",
         "type mismatch: the label takes no reference"},
        {"(func (param eqref eqref) (result i32)"
         "(ref.eq (local.get 0) (local.get 1)))",
         ""},
        {"(func (param eqref anyref) (result i32)"
         "(ref.eq (local.get 0) (local.get 1)))",
         REQUIRES("eqref", "anyref")},
    };

    CHECK_ROWS(rows);
}

TEST(validate_casts)
{
    static const struct row rows[] = {
        {"(func (param anyref) (result i32)"
         "(ref.test (ref i31) (local.get 0)))",
         ""},
        {"(func (param funcref) (result i32)"
         "(ref.test (ref i31) (local.get 0)))",
         REQUIRES("anyref", "funcref")},
        {"(func (param anyref) (result (ref null array))"
         "(ref.cast (ref null array) (local.get 0)))",
         ""},
        {"(func (param anyref) (result (ref array))"
         "(ref.cast (ref null array) (local.get 0)))",
         REQUIRES("(ref array)", "arrayref")},
        {"(func (param anyref) (result (ref i31))"
         "(br_on_cast 0 anyref (ref i31) (local.get 0)) (unreachable))",
         ""},
        {"(func (param anyref) (result (ref i31))"
         "(br_on_cast 0 i31ref anyref (local.get 0)) (unreachable))",
         REQUIRES("i31ref", "anyref")},
        {"(func (param anyref) (result anyref)"
         "(br_on_cast_fail 0 anyref (ref i31) (local.get 0)))",
         ""},
        {"(func (param externref) (result anyref)"
         "(any.convert_extern (local.get 0)))",
         ""},
        {"(func (param anyref) (result (ref extern))"
         "(extern.convert_any (local.get 0)))",
         REQUIRES("(ref extern)", "externref")},
        {"(func (result i32) (i31.get_s (ref.i31 (i32.const 1))))", ""},
    };

    CHECK_ROWS(rows);
}

#define TYPES                                                                  \
    "(type $s (struct (field i32) (field (mut i8)) (field (ref null any))))"   \
    "(type $n (struct (field (ref any))))"                                     \
    "(type $a (array (mut i16))) (type $b (array i64))"                        \
    "(type $r (array (mut anyref)))"

TEST(validate_structs_and_arrays)
{
    static const struct row rows[] = {
        {TYPES "(func (result (ref $s)) (struct.new $s (i32.const 1)"
               "(i32.const 2) (ref.null any)))",
         ""},
        {TYPES "(func (result (ref $s)) (struct.new_default $s))", ""},
        {TYPES "(func (drop (struct.new_default $n)))",
         "type is not defaultable"},
        {TYPES "(func (drop (struct.new $a)))",
         "type mismatch: type 2 is not a structure type"},
        {TYPES "(func (param (ref $s)) (drop (struct.get $s 0 (local.get 0))))",
         ""},
        {TYPES "(func (param (ref $s)) (drop (struct.get $s 1 (local.get 0))))",
         "field is packed"},
        {TYPES
         "(func (param (ref $s)) (drop (struct.get_u $s 0 (local.get 0))))",
         "field is unpacked"},
        {TYPES "(func (param (ref $s)) (drop (struct.get $s 3 (local.get 0))))",
         "unknown field 3"},
        {TYPES "(func (param (ref $s))"
               "(struct.set $s 1 (local.get 0) (i32.const 1)))",
         ""},
        {TYPES "(func (param (ref $s))"
               "(struct.set $s 0 (local.get 0) (i32.const 1)))",
         "immutable field"},
        {TYPES "(func (drop (array.new $a (i32.const 1) (i32.const 2))))", ""},
        {TYPES "(func (drop (array.new_default $b (i32.const 2))))", ""},
        {TYPES "(func (drop (array.new_fixed $b 2 (i64.const 1)"
               "(i64.const 2))))",
         ""},
        {TYPES "(func unreachable array.new_fixed $b 10000 drop)", ""},
        {TYPES "(func unreachable array.new_fixed $b 10001 drop)",
         "limit exceeded: number of operands of array.new_fixed"},
        {TYPES "(func (param (ref $a)) (drop"
               "(array.get $a (local.get 0) (i32.const 1))))",
         "array is packed"},
        {TYPES "(func (param (ref $b)) (drop"
               "(array.get_s $b (local.get 0) (i32.const 1))))",
         "array is unpacked"},
        {TYPES "(func (param (ref $b))"
               "(array.set $b (local.get 0) (i32.const 1) (i64.const 1)))",
         "immutable array"},
        {TYPES "(func (param (ref $b)) (drop (array.len (local.get 0))))", ""},
        {TYPES "(func (param (ref $a) (ref $b)) (array.copy $a $b"
               "(local.get 0) (i32.const 0) (local.get 1) (i32.const 0)"
               "(i32.const 0)))",
         "array types do not match"},
        {TYPES "(func (param (ref $a)) (array.fill $a"
               "(local.get 0) (i32.const 0) (i32.const 0) (i32.const 0)))",
         ""},
        {TYPES "(data \"x\") (func (drop (array.new_data $a 0 (i32.const 0)"
               "(i32.const 0))))",
         ""},
        {TYPES "(data \"x\") (func (drop (array.new_data $r 0 (i32.const 0)"
               "(i32.const 0))))",
         "array type is not numeric or vector"},
        {TYPES "(elem funcref) (func (drop (array.new_elem $r 0 (i32.const 0)"
               "(i32.const 0))))",
         REQUIRES("anyref", "funcref")},
    };

    CHECK_ROWS(rows);
}

TEST(validate_exceptions)
{
    static const struct row rows[] = {
        {"(tag (param i32)) (func (throw 0 (i32.const 1)))", ""},
        {"(func (throw 0))", "unknown tag 0"},
        {"(tag (param i32)) (func (throw 0))", REQUIRES("i32", "")},
        {"(func (param exnref) (throw_ref (local.get 0)))", ""},
        {"(tag (param i32)) (func (result i32)"
         "(try_table (catch 0 0)) (i32.const 1))",
         ""},
        {"(tag (param i32)) (func (try_table (catch 0 0)))",
         "type mismatch: what a clause catches"},
        {"(func (block $l (result exnref) (try_table (catch_all_ref $l))"
         "(unreachable)) (drop))",
         ""},
        {"(func (try_table (catch_all 5)))", "unknown label 5"},
        {"(tag (param i32)) (func (result i32)"
         "(try (result i32) (do (i32.const 1)) (catch 0)"
         "(catch_all (i32.const 2))))",
         ""},
        {"(tag) (func (try (do) (catch 0 (rethrow 0))))", ""},
        {"(tag) (func (try (do (rethrow 0)) (catch 0)))",
         "invalid rethrow label"},
        {"(func (try (do) (delegate 0)))", ""},
    };

    CHECK_ROWS(rows);
}

TEST(validate_vectors_and_atomics)
{
    static const struct row rows[] = {
        {"(func (drop (i32x4.add (v128.const i32x4 1 2 3 4)"
         "(v128.const i64x2 0 0))))",
         ""},
        {"(func (drop (i8x16.extract_lane_s 16 (v128.const i64x2 0 0))))",
         "invalid lane index 16"},
        {"(func (drop (f64x2.extract_lane 2 (v128.const i64x2 0 0))))",
         "invalid lane index 2"},
        {"(func (param v128) (drop (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12"
         " 13 14 32 (local.get 0) (local.get 0))))",
         "invalid lane index 32"},
        {"(memory 1) (func (param v128) (drop"
         "(v128.load16_lane 8 (i32.const 0) (local.get 0))))",
         "invalid lane index 8"},
        {"(memory 1) (func (drop (v128.load align=16 (i32.const 0))))", ""},
        {"(memory 1) (func (drop (v128.load align=32 (i32.const 0))))",
         "alignment must not be larger than natural"},
        {"(memory 1) (func (drop (i32.atomic.load (i32.const 0))))", ""},
        {"(memory 1) (func (drop (i32.atomic.load align=2 (i32.const 0))))",
         "atomic alignment must be natural"},
        {"(func (i64.add128 (i64.const 1) (i64.const 2) (i64.const 3)"
         "(i64.const 4)) drop drop)",
         ""},
        {"(func (i64.mul_wide_u (i64.const 1) (i32.const 2)) drop drop)",
         REQUIRES("i64", "i32")},
    };

    CHECK_ROWS(rows);
}

/* -- Analysis -------------------------------------------------------------- */

struct analysed {
    struct test_module t;
    struct wrt_arena arena;
    struct wrt_finfo info;
};

static void analyse(struct analysed *a, const char *text, uint32_t func)
{
    module_from_text(&a->t, text, WRT_FEATURES_ALL);
    wrt_arena_init(&a->arena, &wrt_alloc_libc);
    CHECK(wrt_validate_func(a->t.m, func, &a->arena, NULL, &a->info) == NULL);
}

static void analysed_delete(struct analysed *a)
{
    wrt_arena_fini(&a->arena);
    module_delete(&a->t);
}

TEST(analysis_counts_heights_locals_and_instructions)
{
    struct analysed a;

    analyse(&a,
            "(func (param i32 i64) (result i32) (local f32 f32 v128)"
            "  (i32.add (local.get 0)"
            "           (i32.mul (local.get 0) (i32.const 3))))",
            0);
    CHECK_EQ(a.info.nlocals, 5);
    CHECK_EQ(a.info.locals[1], WRT_KIND_I64);
    CHECK_EQ(a.info.locals[3], WRT_KIND_F32);
    CHECK_EQ(a.info.locals[4], WRT_KIND_V128);
    CHECK_EQ(a.info.max_height, 3);
    CHECK_EQ(a.info.max_slots, 6); /* a vector may lie in each place */
    CHECK_EQ(a.info.max_nesting, 1);
    CHECK_EQ(a.info.ninsns, 6);
    CHECK_EQ(a.info.code_start, 5); /* two runs of locals before it */
    CHECK_EQ(a.info.nloops, 0);
    CHECK_EQ(a.info.weights[0], 2);
    CHECK_EQ(a.info.weights[2], 0);
    CHECK(!a.info.has_call && !a.info.has_grow);
    analysed_delete(&a);
}

TEST(analysis_finds_the_tree_of_loops)
{
    struct analysed a;

    analyse(&a,
            "(memory 1) (func $f)"
            "(func (param i32)"
            "  (loop $a"                         /* 0 */
            "    (loop $b (drop (local.get 0)))" /* 1 */
            "    (loop $c"                       /* 2 */
            "      (loop $d call $f)"            /* 3 */
            "      (drop (local.get 0)))"
            "    (drop (local.get 0)))"
            "  (loop $e (drop (memory.grow (i32.const 0)))))", /* 4 */
            1);
    CHECK_EQ(a.info.nloops, 5);
    CHECK_EQ(a.info.loops[0].parent, WRT_NO_LOOP);
    CHECK_EQ(a.info.loops[1].parent, 0);
    CHECK_EQ(a.info.loops[2].parent, 0);
    CHECK_EQ(a.info.loops[3].parent, 2);
    CHECK_EQ(a.info.loops[4].parent, WRT_NO_LOOP);
    CHECK_EQ(a.info.loops[3].depth, 3);
    CHECK(a.info.loops[0].has_call && a.info.loops[2].has_call);
    CHECK(a.info.loops[3].has_call);
    CHECK(!a.info.loops[1].has_call && !a.info.loops[4].has_call);
    CHECK(a.info.loops[4].has_grow && !a.info.loops[0].has_grow);
    CHECK(a.info.loops[0].start < a.info.loops[1].start);
    CHECK(a.info.loops[1].end < a.info.loops[2].start);
    CHECK(a.info.loops[3].end < a.info.loops[2].end);
    CHECK_EQ(a.info.weights[0], 64 + 64 + 8);
    CHECK(a.info.has_call && a.info.has_grow);
    CHECK_EQ(a.info.max_nesting, 4);
    analysed_delete(&a);
}

/* Only a write at the top level before any other access counts. */
TEST(analysis_knows_which_locals_are_written_first)
{
    struct analysed a;

    analyse(&a,
            "(func (local i32 i32 i32 i32 i32 i32)"
            "  (local.set 0 (i32.const 1))"
            "  (drop (local.get 1)) (local.set 1 (i32.const 1))"
            "  (block (local.set 2 (i32.const 1)))"
            "  (local.set 2 (i32.const 1))"
            "  (block (br 0) (local.set 3 (i32.const 1)))"
            "  (block) (drop (local.tee 4 (i32.const 1)))"
            "  (drop (local.get 0)))",
            0);
    CHECK(a.info.written_first[0]);
    CHECK(!a.info.written_first[1]);
    CHECK(!a.info.written_first[2]);
    CHECK(!a.info.written_first[3]);
    CHECK(a.info.written_first[4]);
    CHECK(!a.info.written_first[5]);
    analysed_delete(&a);
}

/* Without analysis only some locals are expanded; the rest is looked up. */
TEST(validate_looks_up_many_locals)
{
    static char text[200000];
    size_t n = 0;

    n += (size_t)snprintf(text, sizeof(text), "(func (param f32) (local");
    for (unsigned i = 0; i < 3000; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, " %s",
                              i % 3 ? "i64" : "f64");
    n += (size_t)snprintf(text + n, sizeof(text) - n, ")");
    for (unsigned i = 0; i < 3000; i += 7)
        n += (size_t)snprintf(text + n, sizeof(text) - n,
                              " (%s.abs (local.get %u)) drop",
                              i % 3 ? "bad" : "f64", i + 1);
    /* i64 has no abs: those reads become eqz. */
    for (char *at = text; (at = strstr(at, "bad.abs")) != NULL;)
        memcpy(at, "i64.eqz", 7);
    snprintf(text + n, sizeof(text) - n, ")");
    CHECK_STR_EQ(refusal_of_text(text, WRT_FEATURES_DEFAULT), "");
    snprintf(text + n, sizeof(text) - n, " (i64.eqz (local.get 2998)) drop)");
    CHECK_STR_HAS(refusal_of_text(text, WRT_FEATURES_DEFAULT),
                  REQUIRES("i64", "f64"));
    snprintf(text + n, sizeof(text) - n, " (i64.eqz (local.get 3001)) drop)");
    CHECK_STR_HAS(refusal_of_text(text, WRT_FEATURES_DEFAULT),
                  "unknown local 3001");
}
