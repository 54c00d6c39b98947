/*
 * References that the host holds while the store collects: handles, scopes,
 * roots, globals, tables and errors, and in which order they go.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/api/host.h"

#include "wasmrt/debug.h"

#include <string.h>

static const char guest[] =
    "(module"
    "  (type $node (struct (field $v i32) (field $next (mut anyref))))"
    "  (type $bytes (array (mut i8)))"
    "  (tag $t (export \"tag\") (param anyref i32))"
    "  (func $new (export \"new\") (param i32) (result anyref)"
    "    (struct.new $node (local.get 0) (ref.null any)))"
    "  (func (export \"value\") (param anyref) (result i32)"
    "    (struct.get $node $v (ref.cast (ref $node) (local.get 0))))"
    "  (func $churn (export \"churn\") (param $n i32) (result i32)"
    "    (loop $again"
    "      (drop (struct.new $node (i32.const -1) (ref.null any)))"
    "      (drop (array.new $bytes (i32.const -1) (i32.const 200)))"
    "      (br_if $again"
    "        (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))"
    "    (local.get $n))"
    "  (func (export \"throw\") (param i32)"
    "    (throw $t (call $new (local.get 0)) (i32.const 9))))";

static const char calls_host[] =
    "(module"
    "  (import \"h\" \"look\" (func $look (param anyref i32) (result anyref)))"
    "  (type $node (struct (field $v i32) (field $next (mut anyref))))"
    "  (func (export \"run\") (param i32) (result i32)"
    "    (call $look"
    "      (struct.new $node (local.get 0) (ref.null any)) (i32.const 5))"
    "    (struct.get $node $v (ref.cast (ref $node)))))";

static wasmrt_instance *instance;

/* Each test runs twice: with the collections that come by themselves, and with
 * one at each allocation. */
static void open_guest(bool is_stress)
{
    host_open();
    wasmrt_store_set_gc_stress(store, is_stress);
    instance = host_instance(guest);
}

#define FOR_STRESS(on) for (int on = 0; on < 2; on++)

static wasmrt_val new_node(int32_t number)
{
    wasmrt_val arg = wasmrt_i32(number), result;

    check_ok(wasmrt_func_call(store, wasmrt_instance_func(instance, "new"),
                              &arg, 1, &result, 1));
    CHECK_EQ(result.kind, WASMRT_ANYREF);
    CHECK_EQ(wasmrt_val_ref_kind(&result), WASMRT_REF_STRUCT);
    return result;
}

static int32_t value_of(wasmrt_val node)
{
    wasmrt_val result;

    check_ok(wasmrt_func_call(store, wasmrt_instance_func(instance, "value"),
                              &node, 1, &result, 1));
    return result.of.i32;
}

static void churn(void)
{
    CHECK_EQ(call_i32(instance, "churn", 1, 100), 0);
}

/* Objects that a collection leaves. */
static uint64_t live(void)
{
    wasmrt_gc_stats stats;

    check_ok(wasmrt_store_gc(store));
    wasmrt_store_get_gc_stats(store, &stats);
    return stats.live_objects;
}

/* -- Handles and scopes ---------------------------------------------------- */

TEST(gc_results_live_as_long_as_the_store)
{
    enum { COUNT = 300 };
    wasmrt_val nodes[COUNT];

    FOR_STRESS(on)
    {
        open_guest(on);
        for (int i = 0; i < COUNT; i++)
            nodes[i] = new_node(i);
        churn();
        CHECK_EQ(live(), COUNT);
        for (int i = 0; i < COUNT; i++)
            CHECK_EQ(value_of(nodes[i]), i);
        host_close();
    }
}

TEST(gc_scopes_end_what_the_host_was_given)
{
    FOR_STRESS(on)
    {
        wasmrt_scope outer, inner;
        wasmrt_val before, first, second;

        open_guest(on);
        before = new_node(1);
        outer = wasmrt_scope_open(store);
        first = new_node(2);
        inner = wasmrt_scope_open(store);
        second = new_node(3);
        churn();
        CHECK_EQ(live(), 3);
        CHECK_EQ(value_of(before) + value_of(first) + value_of(second), 6);
        wasmrt_scope_close(store, inner);
        CHECK_EQ(live(), 2);
        CHECK_EQ(value_of(before) + value_of(first), 3);
        wasmrt_scope_close(store, outer);
        churn();
        CHECK_EQ(live(), 1);
        CHECK_EQ(value_of(before), 1);
        host_close();
    }
}

/* A host that calls for ever outside of host functions, each time in a scope,
 * holds nothing; and the table of handles does not grow. */
TEST(gc_scopes_repeat_in_a_small_heap)
{
    open_guest(false);
    wasmrt_store_set_gc_limit(store, 1 << 20);
    for (int i = 0; i < 100000; i++) {
        wasmrt_scope scope = wasmrt_scope_open(store);

        if (value_of(new_node(i)) != i)
            FAIL("node %d", i);
        wasmrt_scope_close(store, scope);
    }
    CHECK_EQ(live(), 0);
    host_close();
}

/* -- Roots ----------------------------------------------------------------- */

TEST(gc_roots_outlive_scopes_and_go_in_any_order)
{
    static const int orders[][4] = {
        {0, 1, 2, 3}, {3, 2, 1, 0}, {1, 3, 0, 2}, {2, 0, 3, 1}};

    FOR_STRESS(on)
    {
        open_guest(on);
        for (size_t k = 0; k < 4; k++) {
            wasmrt_scope scope = wasmrt_scope_open(store);
            wasmrt_root *roots[4];

            for (int i = 0; i < 4; i++) {
                wasmrt_val node = new_node(i * 10);

                check_ok(wasmrt_root_new(store, &node, &roots[i]));
            }
            wasmrt_scope_close(store, scope);
            for (int i = 0; i < 4; i++) {
                churn();
                CHECK_EQ(live(), 4 - i);
                for (int n = i; n < 4; n++)
                    CHECK_EQ(value_of(wasmrt_root_get(roots[orders[k][n]])),
                             orders[k][n] * 10);
                wasmrt_root_delete(roots[orders[k][i]]);
            }
            CHECK_EQ(live(), 0);
        }
        host_close();
    }
}

TEST(gc_roots_of_one_object_count)
{
    wasmrt_root *first, *second, *null;
    wasmrt_scope scope;
    wasmrt_val node, none = {.kind = WASMRT_ANYREF}, number = wasmrt_i31(-5);

    open_guest(true);
    scope = wasmrt_scope_open(store);
    node = new_node(8);
    check_ok(wasmrt_root_new(store, &node, &first));
    check_ok(wasmrt_root_new(store, &node, &second));
    wasmrt_scope_close(store, scope);
    wasmrt_root_delete(first);
    churn();
    CHECK_EQ(value_of(wasmrt_root_get(second)), 8);
    /* What is no object can be kept, too. */
    check_ok(wasmrt_root_new(store, &none, &null));
    none = wasmrt_root_get(null);
    CHECK_EQ(wasmrt_val_ref_kind(&none), WASMRT_REF_NULL);
    wasmrt_root_delete(null);
    check_ok(wasmrt_root_new(store, &number, &null));
    number = wasmrt_root_get(null);
    CHECK_EQ(wasmrt_val_i31(&number), -5);
    wasmrt_root_delete(NULL);
    /* The store releases what was forgotten: two roots. */
    host_close();
}

TEST(gc_roots_refuse_what_is_not_of_the_store)
{
    wasmrt_val node, number = wasmrt_i32(1);
    wasmrt_store *other;
    wasmrt_root *root;

    open_guest(false);
    node = new_node(1);
    check_ok(wasmrt_store_new(engine, &other));
    check_code(wasmrt_root_new(other, &node, &root), WASMRT_ERR_MISUSE);
    check_code(wasmrt_root_new(store, &number, &root), WASMRT_ERR_MISUSE);
    wasmrt_store_delete(other);
    host_close();
}

/* -- Host functions -------------------------------------------------------- */

/* Collects, calls back in, and still has what it was given. */
static wasmrt_error *look(void *env, wasmrt_caller *caller,
                          const wasmrt_val *args, wasmrt_val *results)
{
    wasmrt_root **kept = env;
    int32_t number = value_of(args[0]);
    wasmrt_val fresh;

    CHECK(wasmrt_caller_store(caller) == store);
    churn();
    check_ok(wasmrt_store_gc(store));
    CHECK_EQ(value_of(args[0]), number);
    fresh = new_node(number + args[1].of.i32);
    churn();
    CHECK_EQ(value_of(args[0]), number);
    CHECK_EQ(value_of(fresh), number + 5);
    check_ok(wasmrt_root_new(store, &args[0], kept));
    results[0] = fresh;
    return NULL;
}

TEST(gc_arguments_live_until_the_host_function_returns)
{
    FOR_STRESS(on)
    {
        wasmrt_instance *caller;
        wasmrt_root *kept = NULL;

        host_open();
        wasmrt_store_set_gc_stress(store, on);
        host_define("look", "(anyref i32) -> anyref", look, &kept);
        instance = host_instance(guest);
        caller = host_instance(calls_host);
        for (int i = 0; i < 20; i++) {
            CHECK_EQ(call_i32(caller, "run", 1, i), i + 5);
            CHECK_EQ(live(), 1); /* the root */
            CHECK_EQ(value_of(wasmrt_root_get(kept)), i);
            wasmrt_root_delete(kept);
            CHECK_EQ(live(), 0);
        }
        host_close();
    }
}

/* -- References of the host ------------------------------------------------ */

static void count_delete(void *data)
{
    ++*(int *)data;
}

TEST(gc_owned_data_goes_once_and_not_too_early)
{
    FOR_STRESS(on)
    {
        int counts[8] = {0}, sum = 0;
        wasmrt_scope scope;
        wasmrt_extern *boxes[8];
        wasmrt_val value = {.kind = WASMRT_EXTERNREF};
        wasmrt_table *table;
        wasmrt_root *root;

        open_guest(on);
        check_ok(wasmrt_table_new(store, WASMRT_EXTERNREF, 4, 4, &table));
        scope = wasmrt_scope_open(store);
        for (int i = 0; i < 8; i++)
            check_ok(wasmrt_extern_new_owned(store, &counts[i], count_delete,
                                             &boxes[i]));
        value.of.ext = boxes[1];
        check_ok(wasmrt_table_set(table, 3, &value));
        value.of.ext = boxes[2];
        check_ok(wasmrt_root_new(store, &value, &root));
        churn();
        CHECK_EQ(live(), 8);
        wasmrt_scope_close(store, scope);
        CHECK_EQ(live(), 2);
        for (int i = 0; i < 8; i++)
            CHECK_EQ(counts[i], i != 1 && i != 2);
        CHECK(wasmrt_table_get(table, 3, &value));
        CHECK(wasmrt_extern_data(value.of.ext) == &counts[1]);
        wasmrt_root_delete(root);
        churn();
        CHECK_EQ(live(), 1);
        CHECK_EQ(counts[2], 1);
        host_close();
        for (int i = 0; i < 8; i++)
            sum += counts[i];
        CHECK_EQ(counts[1], 1);
        CHECK_EQ(sum, 8);
    }
}

TEST(gc_globals_of_the_host_are_roots)
{
    FOR_STRESS(on)
    {
        wasmrt_global *global;
        wasmrt_scope scope;
        wasmrt_val node;

        open_guest(on);
        scope = wasmrt_scope_open(store);
        node = new_node(4);
        check_ok(wasmrt_global_new(store, &node, true, &global));
        wasmrt_scope_close(store, scope);
        churn();
        CHECK_EQ(live(), 1);
        CHECK_EQ(value_of(wasmrt_global_get(global)), 4);
        node.of.ref = NULL;
        check_ok(wasmrt_global_set(global, &node));
        host_close();
    }
}

/* -- Errors ---------------------------------------------------------------- */

/* An exception that the host has as an error keeps its payload. */
TEST(gc_errors_hold_their_exceptions)
{
    FOR_STRESS(on)
    {
        wasmrt_error *errors[3];
        wasmrt_scope scope;
        wasmrt_val value;

        open_guest(on);
        scope = wasmrt_scope_open(store);
        for (int i = 0; i < 3; i++) {
            wasmrt_val arg = wasmrt_i32(i);

            errors[i] =
                wasmrt_func_call(store, wasmrt_instance_func(instance, "throw"),
                                 &arg, 1, NULL, 0);
            CHECK(errors[i] != NULL);
        }
        wasmrt_scope_close(store, scope);
        churn();
        CHECK_EQ(live(), 6); /* exceptions and their nodes */
        for (int i = 0; i < 3; i++) {
            CHECK(wasmrt_exception_value(errors[i], 0, &value));
            CHECK_EQ(value_of(value), i);
        }
        wasmrt_error_delete(errors[1]);
        scope = wasmrt_scope_open(store);
        CHECK(wasmrt_exception_value(errors[0], 0, &value));
        wasmrt_scope_close(store, scope);
        wasmrt_error_delete(errors[0]);
        churn();
        /* The handles of the first look keep the nodes, outside of a scope. */
        CHECK_EQ(live(), 4);
        wasmrt_error_delete(errors[2]);
        CHECK_EQ(live(), 3);
        host_close();
    }
}

/* An error may outlive its store; what it refers to may not. */
TEST(gc_errors_outlive_their_store)
{
    wasmrt_val arg = wasmrt_i32(1), value;
    wasmrt_error *error;

    open_guest(false);
    error = wasmrt_func_call(store, wasmrt_instance_func(instance, "throw"),
                             &arg, 1, NULL, 0);
    CHECK(error != NULL);
    host_close();
    CHECK(!wasmrt_exception_value(error, 0, &value));
    wasmrt_error_delete(error);
}

/* -- Limits ---------------------------------------------------------------- */

TEST(gc_limit_refuses_the_host_too)
{
    wasmrt_error *error = NULL;
    wasmrt_scope scope;
    wasmrt_extern *box;
    wasmrt_gc_stats stats;
    int count = 0;

    open_guest(false);
    wasmrt_store_set_gc_limit(store, 256 << 10);
    scope = wasmrt_scope_open(store);
    while (!error) {
        error = wasmrt_extern_new(store, &count, &box);
        count += !error;
    }
    check_error(error, WASMRT_ERR_GC_HEAP_EXHAUSTED,
                "16 bytes needed, 262144 of 262144 in use");
    CHECK_EQ(count, 16384); /* 16 bytes each */
    wasmrt_scope_close(store, scope);
    check_ok(wasmrt_extern_new(store, &count, &box));
    CHECK_EQ(value_of(new_node(3)), 3);
    /* Lower than what lives: the next block is refused. */
    wasmrt_store_set_gc_limit(store, 0);
    wasmrt_store_get_gc_stats(store, &stats);
    CHECK(stats.collections >= 1);
    CHECK(stats.heap_bytes <= 256 << 10);
    CHECK(stats.allocated_bytes >= 262144);
    CHECK(stats.pause_ns >= stats.max_pause_ns);
    host_close();
}
