/*
 * Exceptions between host and guest: thrown, caught, looked into and thrown on,
 * by either side.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/api/host.h"
#include "tests/lib/heap.h"

#include <pthread.h>
#include <string.h>

/* The tag of the host: "h" "t", an i32 and an f64. */
static wasmrt_tag *host_tag;

static void open_with_tag(void)
{
    wasmrt_extern_val value = {.kind = WASMRT_EXTERN_TAG};

    host_open();
    check_ok(wasmrt_tag_new(store, "(i32 f64) -> ()", &host_tag));
    value.of.tag = host_tag;
    check_ok(wasmrt_linker_define_extern(linker, store, "h", "t", &value));
}

static wasmrt_error *call_ints(wasmrt_instance *inst, const char *name,
                               int32_t arg, int32_t *out)
{
    wasmrt_func *func = wasmrt_instance_func(inst, name);
    wasmrt_val args = wasmrt_i32(arg), result = wasmrt_i32(0);
    wasmrt_error *error = wasmrt_func_call(store, func, &args, 1, &result, 1);

    *out = result.of.i32;
    return error;
}

/* Checks an exception and its first value, and catches it. */
static void check_exception(wasmrt_error *error, int32_t first,
                            const char *message)
{
    wasmrt_val value;

    CHECK(error != NULL);
    CHECK_STR_EQ(wasmrt_error_message(error), message);
    CHECK_EQ(wasmrt_error_kind(error), WASMRT_KIND_EXCEPTION);
    CHECK_EQ(wasmrt_error_code(error), WASMRT_ERR_UNCAUGHT_EXCEPTION);
    CHECK(wasmrt_exception_tag(error) != NULL);
    CHECK(wasmrt_exception_value(error, 0, &value));
    CHECK_EQ(value.kind, WASMRT_I32);
    CHECK_EQ(value.of.i32, first);
    wasmrt_error_delete(error);
}

static void check_frames(const wasmrt_error *error, const char *const *names,
                         size_t count)
{
    CHECK_EQ(wasmrt_error_frame_count(error), count);
    for (size_t i = 0; i < count; i++)
        CHECK_STR_EQ(wasmrt_error_frame(error, i)->func_name, names[i]);
}

/* -- Thrown by the guest --------------------------------------------------- */

TEST(exception_of_the_guest_is_an_error_of_its_own_kind)
{
    static const char *const names[] = {"inner", "outer"};
    wasmrt_instance *inst;
    wasmrt_extern_val tag;
    wasmrt_error *error;
    wasmrt_val value;

    host_open();
    inst = host_instance(
        "(module (tag $e (export \"e\") (param i32 i64 f32 f64 externref))"
        "  (func $inner (export \"inner\")"
        "    (throw $e (i32.const -1) (i64.const 5000000000) (f32.const 1.5)"
        "      (f64.const -0.25) (ref.null extern)))"
        "  (func (export \"outer\") (call $inner)))");
    CHECK(wasmrt_instance_export(inst, "e", &tag));
    error = call(inst, "outer");
    CHECK(error != NULL);
    check_frames(error, names, 2);
    CHECK_EQ(wasmrt_exception_tag(error), tag.of.tag);
    CHECK_EQ(wasmrt_tag_param_count(tag.of.tag), 5);
    CHECK_EQ(wasmrt_tag_param_kind(tag.of.tag, 3), WASMRT_F64);
    CHECK(wasmrt_exception_value(error, 1, &value));
    CHECK_EQ(value.kind, WASMRT_I64);
    CHECK_EQ(value.of.i64, 5000000000);
    CHECK(wasmrt_exception_value(error, 2, &value));
    CHECK_EQ(value.of.f32, 1.5f);
    CHECK(wasmrt_exception_value(error, 3, &value));
    CHECK_EQ(value.kind, WASMRT_F64);
    CHECK_EQ(value.of.f64, -0.25);
    CHECK(wasmrt_exception_value(error, 4, &value));
    CHECK_EQ(value.kind, WASMRT_EXTERNREF);
    CHECK(value.of.ext == NULL);
    CHECK(!wasmrt_exception_value(error, 5, &value));
    check_exception(error, -1,
                    "uncaught exception: e (i32 -1, i64 5000000000, f32 1.5, "
                    "f64 -0.25, externref null)");
    /* The store is as usable as before. */
    check_exception(call(inst, "inner"), -1,
                    "uncaught exception: e (i32 -1, i64 5000000000, f32 1.5, "
                    "f64 -0.25, externref null)");
    host_close();
}

TEST(exception_is_named_as_well_as_can_be)
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"(tag) (func (export \"f\") (throw 0))",
         "uncaught exception: a tag without a name"},
        {"(tag $a) (func (export \"f\") (throw $a))", "uncaught exception: a"},
        {"(tag $a (param i32)) (export \"x\" (func $f)) (export \"y\" (tag $a))"
         "(func $f (export \"f\") (throw $a (i32.const 3)))",
         "uncaught exception: y (i32 3)"},
        {"(import \"h\" \"t\" (tag (param i32 f64)))"
         "(func (export \"f\") (throw 0 (i32.const 3) (f64.const 0.5)))",
         "uncaught exception: h.t (i32 3, f64 0.5)"},
        {"(tag (export \"r\") (param funcref funcref exnref))"
         "(func $f (export \"f\") (throw 0 (ref.func $f) (ref.null func)"
         "  (ref.null exn)))",
         "uncaught exception: r (funcref, funcref null, exnref null)"},
    };

    open_with_tag();
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char text[400] = "(module ";
        wasmrt_error *error;

        strcat(text, rows[i].text);
        strcat(text, ")");
        error = call(host_instance(text), "f");
        CHECK(error != NULL);
        CHECK_STR_EQ(wasmrt_error_message(error), rows[i].message);
        wasmrt_error_delete(error);
    }
    host_close();
}

TEST(exception_of_a_start_function_ends_instantiation)
{
    open_with_tag();
    check_exception(
        host_instance_error(
            "(module (import \"h\" \"t\" (tag $t (param i32 f64)))"
            "  (func $s (throw $t (i32.const 8) (f64.const 1))) (start $s))"),
        8, "uncaught exception: t (i32 8, f64 1)");
    host_close();
}

TEST(exception_from_deep_down_finds_its_handler)
{
    wasmrt_instance *inst;
    wasmrt_error *error;
    int32_t result;

    host_open();
    inst = host_instance(
        "(module (tag $e (export \"e\") (param i32))"
        "  (func $deep (export \"deep\") (param i32) (result i32)"
        "    (if (i32.eqz (local.get 0)) (then (throw $e (i32.const 7))))"
        "    (i32.add (i32.const 1)"
        "      (call $deep (i32.sub (local.get 0) (i32.const 1)))))"
        "  (func (export \"catch\") (param i32) (result i32)"
        "    (block $h (result i32)"
        "      (try_table (result i32) (catch $e $h)"
        "        (call $deep (local.get 0)))))"
        "  (func $endless (result i32) (call $endless))"
        "  (func (export \"overflow\") (param i32) (result i32)"
        "    (block $h"
        "      (try_table (catch_all $h) (return (call $endless))))"
        "    (i32.const 0)))");
    for (int i = 0; i < 20; i++) {
        check_ok(call_ints(inst, "catch", 10000, &result));
        CHECK_EQ(result, 7);
    }
    error = call_ints(inst, "deep", 10000, &result);
    CHECK(error != NULL);
    CHECK_EQ(wasmrt_error_stack_depth(error), 10001);
    check_exception(error, 7, "uncaught exception: e (i32 7)");
    check_code(call_ints(inst, "overflow", 0, &result),
               WASMRT_ERR_STACK_OVERFLOW);
    check_ok(call_ints(inst, "catch", 10000, &result));
    host_close();
}

/* -- Thrown by the host ---------------------------------------------------- */

static wasmrt_error *throw_args(void *env, wasmrt_caller *caller,
                                const wasmrt_val *args, wasmrt_val *results)
{
    wasmrt_val values[2] = {args[0], wasmrt_f64(args[0].of.i32 / 2.0)};

    (void)env;
    (void)results;
    return wasmrt_exception_new(wasmrt_caller_store(caller), host_tag, values,
                                2);
}

static const char catching[] =
    "(module (import \"h\" \"t\" (tag $t (param i32 f64)))"
    "  (import \"h\" \"throw\" (func $throw (param i32) (result i32)))"
    "  (type $f (func (param i32) (result i32)))"
    "  (table funcref (elem $throw))"
    "  (func (export \"catch\") (param i32) (result i32)"
    "    (block $h (result i32 f64)"
    "      (try_table (catch $t $h) (drop (call $throw (local.get 0))))"
    "      unreachable)"
    "    (f64.mul (f64.const 10)) (i32.trunc_f64_s) (i32.add))"
    "  (func (export \"catch_indirect\") (param i32) (result i32)"
    "    (block $h (result i32 f64)"
    "      (try_table (catch $t $h)"
    "        (drop (call_indirect (type $f) (local.get 0) (i32.const 0))))"
    "      unreachable)"
    "    (drop))"
    "  (func $tail (param i32) (result i32)"
    "    (block $h (result i32 f64)"
    "      (try_table (catch $t $h) (return_call $throw (local.get 0)))"
    "      unreachable)"
    "    (drop) (i32.add (i32.const 1000)))"
    "  (func (export \"tail\") (param i32) (result i32)"
    "    (block $h (result i32 f64)"
    "      (try_table (catch $t $h) (drop (call $tail (local.get 0))))"
    "      unreachable)"
    "    (drop))"
    "  (func (export \"pass\") (param i32) (result i32)"
    "    (call $throw (local.get 0)))"
    "  (func (export \"loop\") (param i32) (result i32)"
    "    (block $h (result i32 f64)"
    "      (loop $l"
    "        (block $again"
    "          (try_table (catch_all $again)"
    "            (drop (call $throw (local.get 0)))))"
    "        (br_if $l"
    "          (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))"
    "      (return (local.get 0)))"
    "    unreachable))";

TEST(exception_of_the_host_is_caught_by_the_guest)
{
    static const char *const names[] = {"pass"};
    wasmrt_instance *inst;
    wasmrt_error *error;
    int32_t result;

    open_with_tag();
    host_define("throw", "(i32) -> i32", throw_args, NULL);
    inst = host_instance(catching);
    check_ok(call_ints(inst, "catch", 4, &result));
    CHECK_EQ(result, 24);
    check_ok(call_ints(inst, "catch_indirect", 5, &result));
    CHECK_EQ(result, 5);
    check_ok(call_ints(inst, "tail", 6, &result));
    CHECK_EQ(result, 6);
    check_ok(call_ints(inst, "loop", 10000, &result));
    CHECK_EQ(result, 0);
    error = call_ints(inst, "pass", 9, &result);
    CHECK(error != NULL);
    check_frames(error, names, 1);
    check_exception(error, 9, "uncaught exception: t (i32 9, f64 4.5)");
    host_close();
}

TEST(exception_of_the_host_needs_no_guest)
{
    wasmrt_func *func;
    wasmrt_val arg = wasmrt_i32(2), result;
    wasmrt_error *error;

    open_with_tag();
    check_ok(
        wasmrt_func_new(store, "(i32) -> i32", throw_args, NULL, NULL, &func));
    error = wasmrt_func_call(store, func, &arg, 1, &result, 1);
    CHECK(error != NULL);
    CHECK_EQ(wasmrt_error_frame_count(error), 0);
    check_exception(error, 2,
                    "uncaught exception: a tag without a name (i32 2, f64 1)");
    host_close();
}

TEST(exception_misuse_is_told)
{
    wasmrt_val values[3] = {wasmrt_i32(1), wasmrt_f64(1), wasmrt_i32(1)};
    wasmrt_val none = {.kind = WASMRT_EXNREF};
    wasmrt_store *other;
    wasmrt_tag *tag;
    wasmrt_error *error;

    open_with_tag();
    check_ok(wasmrt_store_new(engine, &other));
    check_error(wasmrt_exception_new(store, NULL, values, 2), WASMRT_ERR_MISUSE,
                "NULL");
    check_error(wasmrt_exception_new(store, host_tag, values, 3),
                WASMRT_ERR_MISUSE, "number of values");
    check_error(wasmrt_exception_new(store, host_tag, values + 1, 2),
                WASMRT_ERR_MISUSE, "another type");
    check_error(wasmrt_exception_new(other, host_tag, values, 2),
                WASMRT_ERR_MISUSE, "another store");
    check_error(wasmrt_exception_from_ref(store, &none), WASMRT_ERR_MISUSE,
                "not a reference");
    check_error(wasmrt_exception_from_ref(store, values), WASMRT_ERR_MISUSE,
                "not a reference");
    check_error(wasmrt_tag_new(store, "(i32) -> i32", &tag), WASMRT_ERR_MISUSE,
                "no results");
    check_error(wasmrt_tag_new(store, "(i33) -> ()", &tag), WASMRT_ERR_MISUSE,
                "signature");
    error = wasmrt_error_new(WASMRT_ERR_HOST_TRAP, "no exception");
    CHECK(wasmrt_exception_tag(error) == NULL);
    CHECK(!wasmrt_exception_value(error, 0, values));
    CHECK(!wasmrt_exception_ref(error, values));
    wasmrt_error_delete(error);
    wasmrt_store_delete(other);
    host_close();
}

/* -- Through the host ------------------------------------------------------ */

/* What a host function does with the exception of the guest that it calls. */
enum on_exception { PASS, CATCH, REPLACE, BY_REFERENCE };

static wasmrt_error *call_back(void *env, wasmrt_caller *caller,
                               const wasmrt_val *args, wasmrt_val *results)
{
    wasmrt_store *s = wasmrt_caller_store(caller);
    wasmrt_instance *inst = wasmrt_caller_instance(caller);
    wasmrt_val values[2] = {wasmrt_i32(77), wasmrt_f64(0)}, ref;
    wasmrt_error *error = wasmrt_func_call(
        s, wasmrt_instance_func(inst, "thrower"), args, 1, results, 1);

    if (!error || wasmrt_error_kind(error) != WASMRT_KIND_EXCEPTION)
        return error;
    CHECK_EQ(wasmrt_exception_tag(error), host_tag);
    switch (*(enum on_exception *)env) {
    case PASS: return error;
    case CATCH:
        CHECK(wasmrt_exception_value(error, 0, &results[0]));
        wasmrt_error_delete(error);
        return NULL;
    case REPLACE:
        wasmrt_error_delete(error);
        return wasmrt_exception_new(s, host_tag, values, 2);
    case BY_REFERENCE: break;
    }
    CHECK(wasmrt_exception_ref(error, &ref));
    wasmrt_error_delete(error);
    return wasmrt_exception_from_ref(s, &ref);
}

static const char relaying[] =
    "(module (import \"h\" \"t\" (tag $t (param i32 f64)))"
    "  (import \"h\" \"back\" (func $back (param i32) (result i32)))"
    "  (memory (export \"memory\") 1)"
    "  (func $throw (export \"throw\") (param i32)"
    "    (if (local.get 0)"
    "      (then (throw $t (local.get 0) (f64.const 0.5)))))"
    "  (func (export \"thrower\") (param i32) (result i32)"
    "    (call $throw (local.get 0)) (i32.const -5))"
    "  (func $pass (export \"pass\") (param i32) (result i32)"
    "    (call $back (local.get 0)))"
    "  (func (export \"catch\") (param i32) (result i32)"
    "    (i32.store (i32.const 0) (i32.const 1000))"
    "    (block $h (result i32 f64)"
    "      (try_table (catch $t $h) (return (call $pass (local.get 0))))"
    "      unreachable)"
    "    (drop) (i32.add (i32.load (i32.const 0)))))";

TEST(exception_goes_through_the_host)
{
    static const char *const names[] = {"throw", "thrower", "pass"};
    enum on_exception what = PASS;
    wasmrt_instance *inst;
    wasmrt_error *error;
    int32_t result;

    open_with_tag();
    host_define("back", "(i32) -> i32", call_back, &what);
    inst = host_instance(relaying);
    check_ok(call_ints(inst, "catch", 0, &result));
    CHECK_EQ(result, -5);
    check_ok(call_ints(inst, "catch", 3, &result));
    CHECK_EQ(result, 1003);
    error = call_ints(inst, "pass", 4, &result);
    CHECK(error != NULL);
    check_frames(error, names, 3);
    check_exception(error, 4, "uncaught exception: t (i32 4, f64 0.5)");
    what = CATCH;
    check_ok(call_ints(inst, "catch", 3, &result));
    CHECK_EQ(result, 3);
    what = REPLACE;
    check_ok(call_ints(inst, "catch", 3, &result));
    CHECK_EQ(result, 1077);
    error = call_ints(inst, "pass", 4, &result);
    CHECK(error != NULL);
    check_frames(error, names + 2, 1);
    check_exception(error, 77, "uncaught exception: t (i32 77, f64 0)");
    what = BY_REFERENCE;
    check_ok(call_ints(inst, "catch", 3, &result));
    CHECK_EQ(result, 1003);
    host_close();
}

/* The guest's reference to an exception, given back and forth. */
static wasmrt_error *swap(void *env, wasmrt_caller *caller,
                          const wasmrt_val *args, wasmrt_val *results)
{
    wasmrt_val *kept = env, old = *kept;

    (void)caller;
    *kept = args[0];
    results[0] = old;
    return NULL;
}

TEST(exception_references_pass_both_ways)
{
    static const char text[] =
        "(module (import \"h\" \"t\" (tag $t (param i32 f64)))"
        "  (import \"h\" \"swap\" (func $swap (param exnref) (result exnref)))"
        "  (func (export \"make\") (param i32) (result exnref)"
        "    (block $h (result exnref)"
        "      (try_table (catch_all_ref $h)"
        "        (throw $t (local.get 0) (f64.const 1)))"
        "      unreachable))"
        "  (func (export \"is_null\") (param exnref) (result i32)"
        "    (ref.is_null (call $swap (local.get 0))))"
        "  (func (export \"first\") (param exnref) (result i32)"
        "    (block $h (result i32 f64)"
        "      (try_table (catch $t $h) (throw_ref (local.get 0)))"
        "      unreachable)"
        "    (drop)))";
    wasmrt_val kept = {.kind = WASMRT_EXNREF}, arg = wasmrt_i32(31), exn;
    wasmrt_val result;
    wasmrt_instance *inst;

    open_with_tag();
    host_define("swap", "(exnref) -> exnref", swap, &kept);
    inst = host_instance(text);
    check_ok(wasmrt_func_call(store, wasmrt_instance_func(inst, "make"), &arg,
                              1, &exn, 1));
    CHECK_EQ(exn.kind, WASMRT_EXNREF);
    check_ok(wasmrt_func_call(store, wasmrt_instance_func(inst, "is_null"),
                              &exn, 1, &result, 1));
    CHECK_EQ(result.of.i32, 1);
    CHECK_EQ(kept.of.ref, exn.of.ref);
    check_ok(wasmrt_func_call(store, wasmrt_instance_func(inst, "first"), &exn,
                              1, &result, 1));
    CHECK_EQ(result.of.i32, 31);
    check_exception(wasmrt_exception_from_ref(store, &exn), 31,
                    "uncaught exception: t (i32 31, f64 1)");
    exn.of.ref = NULL;
    check_code(wasmrt_func_call(store, wasmrt_instance_func(inst, "first"),
                                &exn, 1, &result, 1),
               WASMRT_ERR_NULL_EXN_REFERENCE);
    host_close();
}

/* -- Lifetimes ------------------------------------------------------------- */

static void *delete_error(void *error)
{
    wasmrt_error_delete(error);
    return NULL;
}

TEST(exception_outlives_what_it_came_from)
{
    wasmrt_error *errors[3];
    wasmrt_instance *inst;
    pthread_t thread;
    int32_t result;

    open_with_tag();
    host_define("throw", "(i32) -> i32", throw_args, NULL);
    inst = host_instance(catching);
    for (int i = 0; i < 3; i++)
        errors[i] = call_ints(inst, "pass", i + 1, &result);
    /* The others of a list, in any order, on any thread. */
    CHECK_EQ(pthread_create(&thread, NULL, delete_error, errors[1]), 0);
    CHECK_EQ(pthread_join(thread, NULL), 0);
    check_exception(errors[0], 1, "uncaught exception: t (i32 1, f64 0.5)");
    errors[0] = call_ints(inst, "pass", 4, &result);
    host_close();
    CHECK(wasmrt_exception_tag(errors[2]) == NULL);
    CHECK_STR_EQ(wasmrt_error_message(errors[2]),
                 "uncaught exception: t (i32 3, f64 1.5)");
    CHECK_EQ(wasmrt_error_frame_count(errors[2]), 1);
    wasmrt_error_delete(errors[2]);
    wasmrt_error_delete(errors[0]);
}

/* So much is thrown and forgotten that the heap is collected, many times; what
 * errors hold stays, with what it refers to. */
TEST(exception_in_an_error_survives_collections)
{
    static const char text[] =
        "(module (tag $e (export \"e\") (param i32 externref exnref))"
        "  (func $throw (export \"throw\") (param i32 externref)"
        "    (throw $e (local.get 0) (local.get 1) (ref.null exn)))"
        "  (func (export \"churn\") (param i32) (result i32)"
        "    (loop $l"
        "      (block $h (result i32 externref exnref)"
        "        (try_table (catch $e $h)"
        "          (call $throw (local.get 0) (ref.null extern)))"
        "        unreachable)"
        "      (drop) (drop) (drop)"
        "      (br_if $l"
        "        (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))"
        "    (local.get 0)))";
    int data[8];
    wasmrt_error *errors[8];
    wasmrt_instance *inst;
    int32_t result;

    host_open();
    inst = host_instance(text);
    for (int i = 0; i < 8; i++) {
        wasmrt_val args[2] = {wasmrt_i32(i), {.kind = WASMRT_EXTERNREF}};

        check_ok(wasmrt_extern_new(store, &data[i], &args[1].of.ext));
        errors[i] = wasmrt_func_call(store, wasmrt_instance_func(inst, "throw"),
                                     args, 2, NULL, 0);
    }
    for (int i = 0; i < 8; i += 3)
        wasmrt_error_delete(errors[i]);
    check_ok(
        call_ints(inst, "churn", test_is_slow() ? 100000 : 2000000, &result));
    for (int i = 0; i < 8; i++) {
        wasmrt_val value;

        if (i % 3 == 0)
            continue;
        CHECK(wasmrt_exception_value(errors[i], 0, &value));
        CHECK_EQ(value.of.i32, i);
        CHECK(wasmrt_exception_value(errors[i], 1, &value));
        CHECK_EQ(wasmrt_extern_data(value.of.ext), (void *)&data[i]);
        wasmrt_error_delete(errors[i]);
    }
    host_close();
}

/* An exception of another store is none of this one's business. */
static wasmrt_error *throw_from_elsewhere(void *env, wasmrt_caller *caller,
                                          const wasmrt_val *args,
                                          wasmrt_val *results)
{
    wasmrt_store *other = env;
    wasmrt_tag *tag;

    (void)caller;
    (void)results;
    check_ok(wasmrt_tag_new(other, "(i32) -> ()", &tag));
    return wasmrt_exception_new(other, tag, args, 1);
}

TEST(exception_of_another_store_is_not_caught)
{
    wasmrt_store *other;
    wasmrt_error *error;
    int32_t result;

    open_with_tag();
    check_ok(wasmrt_store_new(engine, &other));
    host_define("throw", "(i32) -> i32", throw_from_elsewhere, other);
    error = call_ints(host_instance(catching), "loop", 3, &result);
    check_exception(error, 3,
                    "uncaught exception: a tag without a name (i32 3)");
    host_close();
    wasmrt_store_delete(other);
}

/* -- Limits ---------------------------------------------------------------- */

TEST(exception_loops_are_interrupted)
{
    static const char *const loops[] = {
        "(loop $l (try_table (catch_all $l) (throw $e)))",
        "(loop $l (try (do (throw $e)) (catch_all (br $l))))",
        "(loop $l (try_table (catch_all $l) (call $deep (i32.const 10000))))",
    };

    host_open();
    for (size_t i = 0; i < sizeof(loops) / sizeof(*loops); i++) {
        char text[512] =
            "(module (tag $e)"
            "  (func $deep (param i32)"
            "    (if (i32.eqz (local.get 0)) (then (throw $e)))"
            "    (call $deep (i32.sub (local.get 0) (i32.const 1))))"
            "  (func (export \"f\") ";
        wasmrt_instance *inst;
        wasmrt_error *error;

        strcat(text, loops[i]);
        strcat(text, "))");
        inst = host_instance(text);
        error = call_interrupted(inst, "f");
        CHECK(wasmrt_error_frame_count(error) > 0);
        check_code(error, WASMRT_ERR_INTERRUPTED);
    }
    host_close();
}

/* -- Running out of memory ------------------------------------------------- */

static void *heap_resize(void *user, void *ptr, size_t old_size,
                         size_t new_size)
{
    struct test_heap *heap = user;

    return heap->alloc.resize(heap->alloc.user, ptr, old_size, new_size);
}

#define TRY(expr)                                                              \
    do {                                                                       \
        wasmrt_error *try_error = (expr);                                      \
        if (try_error)                                                         \
            return try_error;                                                  \
    } while (0)

/* Guest and host throw and catch; NULL when everything went well. */
static wasmrt_error *scenario(const wasmrt_config *config,
                              wasmrt_module **module)
{
    static enum on_exception what = PASS;
    wasmrt_extern_val value = {.kind = WASMRT_EXTERN_TAG};
    wasmrt_instance *inst;
    wasmrt_error *error;
    int32_t result;

    TRY(wasmrt_engine_new(config, &engine));
    TRY(wasmrt_store_new(engine, &store));
    TRY(wasmrt_linker_new(engine, &linker));
    TRY(wasmrt_tag_new(store, "(i32 f64) -> ()", &host_tag));
    value.of.tag = host_tag;
    TRY(wasmrt_linker_define_extern(linker, store, "h", "t", &value));
    TRY(wasmrt_linker_define(linker, "h", "back", "(i32) -> i32", call_back,
                             &what));
    TRY(wasmrt_module_new(engine, relaying, strlen(relaying), module));
    TRY(wasmrt_linker_instantiate(linker, store, *module, &inst));
    TRY(call_ints(inst, "catch", 3, &result));
    CHECK_EQ(result, 1003);
    error = call_ints(inst, "pass", 4, &result);
    if (wasmrt_error_kind(error) != WASMRT_KIND_EXCEPTION)
        return error;
    check_exception(error, 4, "uncaught exception: t (i32 4, f64 0.5)");
    return NULL;
}

TEST(exception_fails_cleanly_without_memory)
{
    struct test_heap heap;
    long n = 0;

    do {
        wasmrt_config *config = host_config();
        wasmrt_module *module = NULL;
        wasmrt_error *error;

        engine = NULL;
        store = NULL;
        linker = NULL;
        test_heap_init(&heap, n++);
        wasmrt_config_set_allocator(config, heap_resize, &heap);
        error = scenario(config, &module);
        wasmrt_config_delete(config);
        if (error) {
            CHECK(heap.fired);
            CHECK(wasmrt_error_code(error) == WASMRT_ERR_OUT_OF_MEMORY ||
                  wasmrt_error_code(error) == WASMRT_ERR_GC_HEAP_EXHAUSTED);
        }
        wasmrt_error_delete(error);
        wasmrt_module_delete(module);
        host_close();
        CHECK_EQ(heap.live_blocks, 0);
    } while (heap.fired);
    CHECK(n > 40);
}
