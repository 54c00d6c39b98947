/*
 * Tasks: guests that are suspended and go on, in each engine and with each way
 * to confine memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/api/host.h"
#include "tests/api/tasks.h"
#include "tests/lib/heap.h"

#include "wasmrt/debug.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* -- Starting, suspending, ending ------------------------------------------ */

TEST(task_gives_results)
{
    FOR_MODES(mode)
    {
        wasmrt_task *task = open_tasks(mode, NULL);
        wasmrt_val result, arg = wasmrt_i32(100);

        CHECK(!wasmrt_task_is_suspended(task));
        CHECK_EQ(wasmrt_task_store(task), store);
        start(task, "add_wait", 100);
        CHECK(wasmrt_task_is_suspended(task));
        check_code(wasmrt_task_results(task, &result, 1), WASMRT_ERR_MISUSE);
        resume(task, 7);
        CHECK(!wasmrt_task_is_suspended(task));
        CHECK_EQ(result_of(task), 107);
        /* The same task once more, and calls beside it. */
        start(task, "add_wait", 1);
        CHECK_EQ(call_i32(guest, "double", 1, 21), 42);
        resume(task, 2);
        CHECK_EQ(result_of(task), 3);
        /* A call that nobody suspends, of a host function, too. */
        start(task, "double", 4);
        CHECK_EQ(result_of(task), 8);
        check_ok(wasmrt_task_start(task, wasmrt_instance_func(guest, "import"),
                                   &arg, 1));
        resume(task, 5);
        CHECK_EQ(result_of(task), 5);
        wasmrt_task_delete(task);
        host_close();
    }
}

/* Frames of 1,000 calls, then back through all of them, with a call of the host
 * that goes through the whole guest in between. */
TEST(task_suspends_deep_in_a_recursion)
{
    FOR_MODES(mode)
    {
        wasmrt_task *task = open_tasks(mode, NULL);

        start(task, "deep", 1000);
        CHECK_EQ(call_i32(guest, "double", 1, 1), 2);
        resume(task, 3);
        CHECK_EQ(result_of(task), 1000 * 1001 / 2 + 3);
        host_close();
    }
}

/* Guests that were entered one after the other in the same instance end in the
 * other order, and each finds what it had: locals, operands, and parameters
 * that do not fit registers. */
TEST(task_guests_of_one_instance_end_in_any_order)
{
    FOR_MODES(mode)
    {
        wasmrt_task *a = open_tasks(mode, NULL), *b, *c;

        check_ok(wasmrt_task_new(store, NULL, &b));
        check_ok(wasmrt_task_new(store, NULL, &c));
        start(a, "many_wait", 1);
        start(b, "many_wait", 2);
        start(c, "through", 3);
        resume(a, 10); /* to its second wait, behind calls with many values */
        CHECK_EQ(call_i32(guest, "double", 1, 3), 6);
        resume(c, 30);
        CHECK_EQ(result_of(c), 3 + 30 + 1);
        resume(b, 20);
        resume(a, 100);
        CHECK_EQ(result_of(a), many(1, 10, 100));
        start(a, "many_wait", 4);
        resume(b, 200);
        CHECK_EQ(result_of(b), many(2, 20, 200));
        resume(a, 40);
        resume(a, 400);
        CHECK_EQ(result_of(a), many(4, 40, 400));
        host_close();
    }
}

static wasmrt_error *run_inner(void *env, wasmrt_caller *caller,
                               const wasmrt_val *args, wasmrt_val *results)
{
    wasmrt_task *inner;
    wasmrt_error *error;
    wasmrt_val result;

    (void)env;
    CHECK(wasmrt_caller_task(caller) == NULL ||
          wasmrt_task_data(wasmrt_caller_task(caller)) == NULL);
    check_ok(wasmrt_task_new(wasmrt_caller_store(caller), &run_inner, &inner));
    error = wasmrt_task_start(inner, wasmrt_instance_func(guest, "many_wait"),
                              args, 1);
    while (!error && wasmrt_task_is_suspended(inner)) {
        check_ok(suspend_if_task(caller));
        error = wasmrt_task_resume(inner, (void *)1);
    }
    check_ok(error);
    check_ok(wasmrt_task_results(inner, &result, 1));
    results[0] = result;
    wasmrt_task_delete(inner);
    return NULL;
}

/* A guest's host function runs tasks of its own; in a task and outside. */
TEST(task_in_a_task)
{
    FOR_MODES(mode)
    {
        wasmrt_task *task = open_tasks(mode, run_inner);

        CHECK_EQ(call_i32(guest, "call_other", 1, 5), many(5, 1, 1) + 1);
        start(task, "call_other", 6);
        CHECK(wasmrt_task_is_suspended(task));
        resume(task, 0);
        CHECK(wasmrt_task_is_suspended(task));
        resume(task, 0);
        CHECK_EQ(result_of(task), many(6, 1, 1) + 1);
        host_close();
    }
}

static wasmrt_error *call_back(void *env, wasmrt_caller *caller,
                               const wasmrt_val *args, wasmrt_val *results)
{
    (void)env;
    return wasmrt_func_call(wasmrt_caller_store(caller),
                            wasmrt_instance_func(guest, "many_wait"), args, 1,
                            results, 1);
}

/* Suspends with two entries into guest code on the stack. */
TEST(task_suspends_what_the_host_has_called)
{
    FOR_MODES(mode)
    {
        wasmrt_task *task = open_tasks(mode, call_back), *other;

        check_ok(wasmrt_task_new(store, NULL, &other));
        start(task, "call_other", 5);
        start(other, "call_other", 6);
        resume(task, 1);
        resume(other, 2);
        resume(task, 3);
        CHECK_EQ(result_of(task), many(5, 1, 3) + 1);
        resume(other, 4);
        CHECK_EQ(result_of(other), many(6, 2, 4) + 1);
        host_close();
    }
}

static wasmrt_error *whole_program(void *env, wasmrt_caller *caller)
{
    wasmrt_module *module = host_module(tasks_guest);
    wasmrt_instance *inst;
    wasmrt_val arg = wasmrt_i32(1), result;
    void *value = NULL;

    CHECK(wasmrt_caller_instance(caller) == NULL);
    check_ok(wasmrt_linker_instantiate(linker, store, module, &inst));
    wasmrt_module_delete(module);
    check_ok(wasmrt_task_suspend(caller, &value));
    CHECK_EQ((intptr_t)value, 11);
    check_ok(wasmrt_func_call(store, wasmrt_instance_func(inst, "add_wait"),
                              &arg, 1, &result, 1));
    *(int32_t *)env = result.of.i32;
    return wasmrt_error_new_exit(3);
}

TEST(task_runs_a_function_of_the_host)
{
    FOR_MODES(mode)
    {
        wasmrt_task *task = open_tasks(mode, NULL);
        int32_t got = 0;
        wasmrt_error *error;

        check_ok(wasmrt_task_start_host(task, whole_program, &got));
        resume(task, 11);
        CHECK(wasmrt_task_is_suspended(task));
        error = wasmrt_task_resume(task, (void *)41);
        CHECK_EQ(wasmrt_error_kind(error), WASMRT_KIND_EXIT);
        CHECK_EQ(wasmrt_error_exit_status(error), 3);
        wasmrt_error_delete(error);
        CHECK_EQ(got, 42);
        check_error(wasmrt_task_results(task, NULL, 0), WASMRT_ERR_MISUSE,
                    "no call has ended");
        host_close();
    }
}

/* -- How tasks fail -------------------------------------------------------- */

TEST(task_traps_after_it_was_resumed)
{
    static const struct {
        const char *name;
        wasmrt_code code;
    } ends[] = {
        {"wait_trap", WASMRT_ERR_UNREACHABLE},
        {"wait_fault", WASMRT_ERR_MEMORY_OOB},
        {"wait_throw", WASMRT_ERR_UNCAUGHT_EXCEPTION},
        {"wait_recurse", WASMRT_ERR_STACK_OVERFLOW},
    };

    FOR_MODES(mode)
    {
        wasmrt_task *task = open_tasks(mode, NULL), *other;

        check_ok(wasmrt_task_new(store, NULL, &other));
        for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
            wasmrt_error *error;

            start(task, ends[i].name, 1);
            start(other, "many_wait", 2);
            error = wasmrt_task_resume(task, NULL);
            CHECK_EQ(wasmrt_error_code(error), ends[i].code);
            CHECK(wasmrt_error_frame_count(error) >= 2);
            CHECK_STR_EQ(
                wasmrt_error_frame(error, wasmrt_error_frame_count(error) - 1)
                    ->func_name,
                ends[i].code == WASMRT_ERR_STACK_OVERFLOW ? "recurse"
                                                          : ends[i].name);
            wasmrt_error_delete(error);
            CHECK(!wasmrt_task_is_suspended(task));
            resume(other, 5);
            resume(other, 6);
            CHECK_EQ(result_of(other), many(2, 5, 6));
        }
        start(task, "wait_catch", 1);
        resume(task, 8);
        CHECK_EQ(result_of(task), 8);
        host_close();
    }
}

static wasmrt_error *recurse_through_host(void *env, wasmrt_caller *caller,
                                          const wasmrt_val *args,
                                          wasmrt_val *results)
{
    ++*(int *)env;
    return wasmrt_func_call(wasmrt_caller_store(caller),
                            wasmrt_instance_func(guest, "call_other"), args, 1,
                            results, 1);
}

TEST(task_overflows_its_stack_through_the_host)
{
    FOR_MODES(mode)
    {
        int depth = 0;
        wasmrt_task *task = open_tasks_env(mode, recurse_through_host, &depth);
        wasmrt_val arg = wasmrt_i32(1);

        check_code(wasmrt_task_start(task,
                                     wasmrt_instance_func(guest, "call_other"),
                                     &arg, 1),
                   WASMRT_ERR_STACK_OVERFLOW);
        CHECK(depth > 10);
        host_close();
    }
}

TEST(task_stack_sizes_are_checked)
{
    wasmrt_config *config = host_config();
    wasmrt_engine *none = NULL;

    wasmrt_config_set_task_stack(config, SIZE_MAX, 0);
    check_error(wasmrt_engine_new(config, &none), WASMRT_ERR_MISUSE, "stack");
    wasmrt_config_set_task_stack(config, 0, SIZE_MAX / 2);
    check_error(wasmrt_engine_new(config, &none), WASMRT_ERR_MISUSE, "stack");
    wasmrt_config_delete(config);
}

/* The guest's part is what was asked for: more of it, more calls. */
TEST(task_stack_sizes_count)
{
    int32_t depths[2];

    for (int i = 0; i < 2; i++) {
        wasmrt_config *config = host_config();
        wasmrt_task *task;

        wasmrt_config_set_task_stack(config, i ? 1 << 20 : 16 << 10, 1);
        host_open_with(config);
        task = open_guest(NULL, NULL);
        start(task, "set_depth", 0);
        check_code(start_error(task, "recurse", 1), WASMRT_ERR_STACK_OVERFLOW);
        depths[i] = call_i32(guest, "depth", 0);
        host_close();
    }
    CHECK(depths[0] > 100);
    CHECK(depths[1] > 4 * depths[0]);
}

/* Guests of one instance that are suspended on other stacks, above and below,
 * leave no limit of theirs to the one that goes on. */
TEST(task_stack_ends_where_it_is)
{
    FOR_MODES(mode)
    {
        wasmrt_task *a = open_tasks(mode, NULL), *b;

        check_ok(wasmrt_task_new(store, NULL, &b));
        for (int i = 0; i < 4; i++) {
            start(i & 1 ? a : b, "wait_recurse", 1);
            start(i & 1 ? b : a, "wait_recurse", 1);
            check_code(wasmrt_task_resume(i & 2 ? a : b, NULL),
                       WASMRT_ERR_STACK_OVERFLOW);
            check_code(wasmrt_task_resume(i & 2 ? b : a, NULL),
                       WASMRT_ERR_STACK_OVERFLOW);
        }
        host_close();
    }
}

static int interrupt_when;

static wasmrt_error *interrupt_self(void *env, wasmrt_caller *caller,
                                    const wasmrt_val *args, wasmrt_val *results)
{
    (void)env;
    (void)args;
    results[0] = wasmrt_i32(0);
    if (interrupt_when == 0)
        wasmrt_store_interrupt(store);
    return interrupt_when ? suspend_if_task(caller) : NULL;
}

/* While it runs, and while it is suspended; then the store is usable. */
TEST(task_ends_by_an_interrupt)
{
    FOR_MODES(mode)
    {
        wasmrt_task *task = open_tasks(mode, interrupt_self);

        interrupt_when = 0;
        check_code(start_error(task, "loop_other", 1), WASMRT_ERR_INTERRUPTED);
        start(task, "double", 4);
        CHECK_EQ(result_of(task), 8);
        interrupt_when = 1;
        start(task, "loop_other", 1);
        resume(task, 0);
        wasmrt_store_interrupt(store);
        check_code(wasmrt_task_resume(task, NULL), WASMRT_ERR_INTERRUPTED);
        CHECK_EQ(call_i32(guest, "double", 1, 3), 6);
        wasmrt_store_set_deadline(store, 1);
        check_code(start_error(task, "loop", 1), WASMRT_ERR_DEADLINE);
        wasmrt_store_set_deadline(store, 0);
        start(task, "double", 5);
        CHECK_EQ(result_of(task), 10);
        host_close();
    }
}

/* An interrupt inside of a task that a guest's host function runs stops that
 * guest as well. */
static wasmrt_error *run_interrupted(void *env, wasmrt_caller *caller,
                                     const wasmrt_val *args,
                                     wasmrt_val *results)
{
    wasmrt_task *inner;

    (void)env;
    (void)args;
    check_ok(wasmrt_task_new(wasmrt_caller_store(caller), NULL, &inner));
    start(inner, "loop_wait", 1);
    wasmrt_store_interrupt(store);
    check_code(wasmrt_task_resume(inner, NULL), WASMRT_ERR_INTERRUPTED);
    wasmrt_task_delete(inner);
    results[0] = wasmrt_i32(0);
    return NULL;
}

TEST(task_interrupt_reaches_who_resumed)
{
    FOR_MODES(mode)
    {
        wasmrt_task *task = open_tasks(mode, run_interrupted);

        check_code(call(guest, "loop_other_0"), WASMRT_ERR_INTERRUPTED);
        check_code(start_error(task, "loop_other", 1), WASMRT_ERR_INTERRUPTED);
        CHECK_EQ(call_i32(guest, "double", 1, 3), 6);
        host_close();
    }
}

TEST(task_runs_out_of_fuel)
{
    FOR_MODES(mode)
    {
        wasmrt_config *config = mode_config(mode);
        wasmrt_task *task;

        wasmrt_config_set_fuel(config, true);
        host_open_with(config);
        check_ok(wasmrt_store_set_fuel(store, 1000000));
        task = open_guest(NULL, NULL);
        start(task, "loop_wait", 1);
        resume(task, 0);
        check_ok(wasmrt_store_set_fuel(store, 1));
        check_code(wasmrt_task_resume(task, NULL), WASMRT_ERR_FUEL_EXHAUSTED);
        host_close();
    }
}

/* -- Cancelling ------------------------------------------------------------ */

static int cleaned;

static wasmrt_error *wait_and_clean(void *env, wasmrt_caller *caller,
                                    const wasmrt_val *args, wasmrt_val *results)
{
    void *held = malloc(100);
    wasmrt_error *error;

    (void)args;
    results[0] = wasmrt_i32(0);
    error = wasmrt_task_suspend(caller, NULL);
    free(held);
    if (!error)
        return NULL;
    CHECK_EQ(wasmrt_error_code(error), WASMRT_ERR_CANCELLED);
    cleaned++;
    if (!env)
        return error;
    /* One that does not want to end: it cannot suspend, and its guest stops. */
    wasmrt_error_delete(error);
    check_code(wasmrt_task_suspend(caller, NULL), WASMRT_ERR_CANCELLED);
    return NULL;
}

TEST(task_cancel_lets_the_host_clean_up)
{
    static char stubborn;

    FOR_MODES(mode)
    {
        for (int i = 0; i < 2; i++) {
            wasmrt_task *task =
                open_tasks_env(mode, wait_and_clean, i ? &stubborn : NULL);

            cleaned = 0;
            check_ok(wasmrt_task_cancel(task));
            start(task, "loop_other", 1);
            resume(task, 0);
            CHECK_EQ(cleaned, 0);
            check_ok(wasmrt_task_cancel(task));
            CHECK_EQ(cleaned, 1);
            CHECK(!wasmrt_task_is_suspended(task));
            check_ok(wasmrt_task_cancel(task));
            start(task, "double", 6);
            CHECK_EQ(result_of(task), 12);
            /* What was pending is so still. */
            start(task, "loop_other", 1);
            wasmrt_store_interrupt(store);
            check_ok(wasmrt_task_cancel(task));
            CHECK_EQ(cleaned, 2);
            check_code(start_error(task, "double", 6), WASMRT_ERR_INTERRUPTED);
            /* Deleting cancels. */
            start(task, "loop_other", 1);
            wasmrt_task_delete(task);
            CHECK_EQ(cleaned, 3);
            CHECK_EQ(call_i32(guest, "double", 1, 3), 6);
            host_close();
        }
    }
}

static int ndropped;

static void drop_env(void *env)
{
    (void)env;
    CHECK_EQ(cleaned, 100);
    ndropped++;
}

TEST(task_ends_with_its_store)
{
    FOR_MODES(mode)
    {
        open_tasks(mode, wait_and_clean);
        check_ok(wasmrt_store_attach(store, &cleaned, &cleaned, drop_env));
        cleaned = ndropped = 0;
        for (int i = 0; i < 100; i++) {
            wasmrt_task *task;

            check_ok(wasmrt_task_new(store, NULL, &task));
            start(task, "loop_other", 1);
        }
        host_close();
        CHECK_EQ(cleaned, 100);
        CHECK_EQ(ndropped, 1);
    }
}

/* -- Many, and objects ----------------------------------------------------- */

TEST(task_thousand_guests_on_one_thread)
{
    enum { COUNT = 1000 };
    static wasmrt_task *tasks[COUNT];

    FOR_MODES(mode)
    {
        open_tasks(mode, NULL);
        for (int i = 0; i < COUNT; i++) {
            check_ok(wasmrt_task_new(store, NULL, &tasks[i]));
            start(tasks[i], "many_wait", i);
        }
        for (int i = COUNT - 1; i >= 0; i--)
            resume(tasks[i], 3 * i);
        for (int i = 0; i < COUNT; i++) {
            int k = (int)((unsigned)i * 7919 % COUNT);

            resume(tasks[k], k + 1);
            CHECK_EQ(result_of(tasks[k]), many(k, 3 * k, k + 1));
        }
        host_close();
    }
}

static const char gc_guest[] =
    "(module (import \"h\" \"wait\" (func $wait (param i32) (result i32)))"
    " (type $n (struct (field $v i32) (field $next (ref null $n))))"
    " (func (export \"list\") (param $k i32) (result i32)"
    "  (local $l (ref null $n)) (local $i i32) (local $sum i32)"
    "  (loop $make"
    "   (local.set $l (struct.new $n (local.get $i) (local.get $l)))"
    "   (drop (struct.new $n (i32.const -1) (ref.null $n)))"
    "   (br_if $make (i32.lt_u (local.tee $i (i32.add (local.get $i)"
    "    (i32.const 1))) (local.get $k))))"
    "  (drop (call $wait (i32.const 0)))"
    "  (loop $add"
    "   (local.set $sum (i32.add (local.get $sum)"
    "    (struct.get $n $v (local.get $l))))"
    "   (br_if $add (i32.eqz (ref.is_null"
    "    (local.tee $l (struct.get $n $next (local.get $l)))))))"
    "  (local.get $sum))"
    " (func (export \"give\") (param i32) (result anyref)"
    "  (drop (call $wait (i32.const 0)))"
    "  (struct.new $n (local.get 0) (ref.null $n)))"
    " (func (export \"value\") (param anyref) (result i32)"
    "  (struct.get $n $v (ref.cast (ref $n) (local.get 0))))"
    " (func (export \"churn\") (param $n i32) (result i32)"
    "  (loop $l (drop (struct.new $n (i32.const -1) (ref.null $n)))"
    "   (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))"
    "  (i32.const 0)))";

/* Objects that only suspended stacks refer to. */
TEST(task_objects_live_on_suspended_stacks)
{
    enum { COUNT = 10 };

    FOR_MODES(mode)
    {
        for (int stress = 0; stress < 2; stress++) {
            wasmrt_task *tasks[COUNT];
            wasmrt_gc_stats stats;
            wasmrt_val node;

            open_tasks(mode, NULL);
            wasmrt_store_set_gc_stress(store, stress);
            guest = host_instance(gc_guest);
            for (int i = 0; i < COUNT; i++) {
                check_ok(wasmrt_task_new(store, NULL, &tasks[i]));
                start(tasks[i], i ? "list" : "give", 10 * i);
            }
            check_ok(wasmrt_store_gc(store));
            wasmrt_store_get_gc_stats(store, &stats);
            CHECK(stats.live_objects >= 450);
            CHECK(stats.live_objects < 550);
            CHECK_EQ(call_i32(guest, "churn", 1, 100), 0);
            for (int i = COUNT - 1; i > 0; i--) {
                resume(tasks[i], 0);
                CHECK_EQ(result_of(tasks[i]), 10 * i * (10 * i - 1) / 2);
                CHECK_EQ(call_i32(guest, "churn", 1, 20), 0);
            }
            /* A result is the host's. */
            resume(tasks[0], 0);
            check_ok(wasmrt_store_gc(store));
            CHECK_EQ(call_i32(guest, "churn", 1, 20), 0);
            check_ok(wasmrt_task_results(tasks[0], &node, 1));
            check_ok(wasmrt_func_call(store,
                                      wasmrt_instance_func(guest, "value"),
                                      &node, 1, &node, 1));
            CHECK_EQ(node.of.i32, 0);
            host_close();
        }
    }
}

/* Handles that a host function of a task was given are good while it is
 * suspended, and go with it. */
static wasmrt_error *hold_and_wait(void *env, wasmrt_caller *caller,
                                   const wasmrt_val *args, wasmrt_val *results)
{
    wasmrt_val node, arg = wasmrt_i32(args[0].of.i32), value;
    wasmrt_error *error;

    (void)env;
    check_ok(wasmrt_func_call(store, wasmrt_instance_func(guest, "make"), &arg,
                              1, &node, 1));
    error = wasmrt_task_suspend(caller, NULL);
    if (error)
        return error;
    check_ok(wasmrt_func_call(store, wasmrt_instance_func(guest, "value"),
                              &node, 1, &value, 1));
    results[0] = value;
    return NULL;
}

TEST(task_handles_are_those_of_its_stack)
{
    FOR_MODES(mode)
    {
        wasmrt_task *a = open_tasks(mode, hold_and_wait), *b;
        wasmrt_gc_stats stats;

        wasmrt_store_set_gc_stress(store, true);
        check_ok(wasmrt_task_new(store, NULL, &b));
        start(a, "call_other", 5);
        start(b, "call_other", 6);
        check_ok(wasmrt_store_gc(store));
        wasmrt_store_get_gc_stats(store, &stats);
        CHECK_EQ(stats.live_objects, 2);
        resume(a, 0);
        CHECK_EQ(result_of(a), 6);
        check_ok(wasmrt_store_gc(store));
        resume(b, 0);
        CHECK_EQ(result_of(b), 7);
        check_ok(wasmrt_store_gc(store));
        wasmrt_store_get_gc_stats(store, &stats);
        CHECK_EQ(stats.live_objects, 0);
        host_close();
    }
}

/* -- Allocation failures --------------------------------------------------- */

/* All that a task does: NULL, or the first error. */
static wasmrt_error *try_task(void)
{
    wasmrt_val args[10], result;
    wasmrt_task *task;
    wasmrt_error *error = wasmrt_task_new(store, NULL, &task);

    if (error)
        return error;
    for (int i = 0; i < 10; i++)
        args[i] = wasmrt_i32(i);
    error =
        wasmrt_task_start(task, wasmrt_instance_func(guest, "ten"), args, 10);
    if (!error && wasmrt_task_is_suspended(task))
        error = wasmrt_task_resume(task, (void *)1);
    if (!error)
        error = wasmrt_task_results(task, &result, 1);
    wasmrt_task_delete(task);
    return error;
}

TEST(task_survives_every_allocation_failure)
{
    static const char text[] =
        "(module (import \"h\" \"wait\" (func $w (param i32) (result i32)))"
        " (func (export \"ten\") (param i32 i32 i32 i32 i32 i32 i32 i32 i32"
        "  i32) (result i32) (i32.add (local.get 9) (call $w (i32.const 0)))))";

    FOR_MODES(mode)
    {
        struct test_heap heap;
        long n = 0;

        do {
            wasmrt_config *config = mode_config(mode);
            wasmrt_error *error;

            test_heap_init(&heap, -1);
            wasmrt_config_set_allocator(config, heap.alloc.resize,
                                        heap.alloc.user);
            host_open_with(config);
            open_guest(NULL, NULL);
            guest = host_instance(text);
            heap.fail_at = heap.calls + n++;
            error = try_task();
            heap.fail_at = -1;
            CHECK(error ? heap.fired : true);
            wasmrt_error_delete(error);
            check_ok(try_task());
            host_close();
            CHECK_EQ(heap.live_bytes, 0);
        } while (heap.fired);
        CHECK(n > 3);
    }
}

/* -- Misuse ---------------------------------------------------------------- */

static void *resume_elsewhere(void *arg)
{
    check_error(wasmrt_task_resume(arg, NULL), WASMRT_ERR_MISUSE, "thread");
    check_error(wasmrt_task_cancel(arg), WASMRT_ERR_MISUSE, "thread");
    wasmrt_task_delete(arg); /* nothing */
    wasmrt_store_delete(store);
    return NULL;
}

TEST(task_belongs_to_its_thread)
{
    wasmrt_task *task = open_tasks(0, NULL);
    pthread_t thread;

    start(task, "add_wait", 1);
    CHECK_EQ(pthread_create(&thread, NULL, resume_elsewhere, task), 0);
    CHECK_EQ(pthread_join(thread, NULL), 0);
    CHECK(wasmrt_task_is_suspended(task));
    resume(task, 1);
    CHECK_EQ(result_of(task), 2);
    host_close();
}

/* What a thread of its own is to do with a task. */
struct errand {
    wasmrt_task *task;
    bool cancels, deletes;
    wasmrt_error *error;
};

static void *run_errand(void *arg)
{
    struct errand *errand = arg;

    if (errand->deletes)
        wasmrt_task_delete(errand->task);
    else if (errand->cancels)
        errand->error = wasmrt_task_cancel(errand->task);
    else
        errand->error = wasmrt_task_resume(errand->task, (void *)1);
    return NULL;
}

static wasmrt_error *elsewhere(struct errand errand)
{
    pthread_t thread;

    CHECK_EQ(pthread_create(&thread, NULL, run_errand, &errand), 0);
    CHECK_EQ(pthread_join(thread, NULL), 0);
    return errand.error;
}

/* Frames of entries, of the host's and of the guest stand on its stack: each
 * must find the thread that it is on then, and leave the one before alone. */
TEST(task_moves_between_threads)
{
    FOR_MODES(mode)
    {
        wasmrt_task *task = open_tasks(mode, call_back);

        wasmrt_task_set_movable(task, true);
        start(task, "call_other", 5);
        check_ok(elsewhere((struct errand){.task = task}));
        CHECK(wasmrt_task_is_suspended(task));
        check_ok(elsewhere((struct errand){.task = task}));
        CHECK_EQ(result_of(task), many(5, 1, 1) + 1);
        start(task, "many_wait", 3);
        check_ok(elsewhere((struct errand){.task = task}));
        CHECK(wasmrt_task_is_suspended(task));
        check_ok(elsewhere((struct errand){.task = task}));
        CHECK_EQ(result_of(task), many(3, 1, 1));
        start(task, "wait_fault", 0);
        check_code(elsewhere((struct errand){.task = task}),
                   WASMRT_ERR_MEMORY_OOB);
        start(task, "wait_recurse", 0);
        check_code(elsewhere((struct errand){.task = task}),
                   WASMRT_ERR_STACK_OVERFLOW);
        start(task, "call_other", 1);
        check_ok(elsewhere((struct errand){.task = task, .cancels = true}));
        CHECK(!wasmrt_task_is_suspended(task));
        /* This thread's guests are as they were. */
        start(task, "wait_fault", 0);
        check_code(wasmrt_task_resume(task, NULL), WASMRT_ERR_MEMORY_OOB);
        start(task, "call_other", 1);
        elsewhere((struct errand){.task = task, .deletes = true});
        host_close();
    }
}

static wasmrt_error *misuse_task(void *env, wasmrt_caller *caller,
                                 const wasmrt_val *args, wasmrt_val *results)
{
    wasmrt_task *self = wasmrt_caller_task(caller);

    (void)env;
    results[0] = args[0];
    if (!self) {
        check_error(wasmrt_task_suspend(caller, NULL), WASMRT_ERR_MISUSE,
                    "not in a task");
        return NULL;
    }
    check_error(wasmrt_task_resume(self, NULL), WASMRT_ERR_MISUSE,
                "not suspended");
    check_error(wasmrt_task_cancel(self), WASMRT_ERR_MISUSE, "runs");
    wasmrt_task_delete(self);   /* nothing */
    wasmrt_store_delete(store); /* likewise */
    return NULL;
}

TEST(task_misuse_is_an_error)
{
    wasmrt_task *task = open_tasks(0, misuse_task);
    wasmrt_val arg = wasmrt_i32(1), result;
    wasmrt_func *func = wasmrt_instance_func(guest, "add_wait");

    CHECK_EQ(call_i32(guest, "call_other", 1, 5), 6);
    start(task, "call_other", 7);
    CHECK_EQ(result_of(task), 8);
    check_code(wasmrt_task_resume(task, NULL), WASMRT_ERR_MISUSE);
    check_code(wasmrt_task_start(task, func, &arg, 2), WASMRT_ERR_MISUSE);
    check_code(wasmrt_task_start(task, func, NULL, 1), WASMRT_ERR_MISUSE);
    check_code(wasmrt_task_start(task, NULL, NULL, 0), WASMRT_ERR_MISUSE);
    arg.kind = WASMRT_F32;
    check_code(wasmrt_task_start(task, func, &arg, 1), WASMRT_ERR_MISUSE);
    start(task, "add_wait", 1);
    arg = wasmrt_i32(1);
    check_error(wasmrt_task_start(task, func, &arg, 1), WASMRT_ERR_MISUSE,
                "in progress");
    check_code(wasmrt_task_start_host(task, whole_program, NULL),
               WASMRT_ERR_MISUSE);
    resume(task, 2);
    check_code(wasmrt_task_results(task, &result, 2), WASMRT_ERR_MISUSE);
    CHECK_EQ(result_of(task), 3);
    host_close();
}

/* A guest of another store stands on the task's stack: it cannot be taken
 * away. */
static wasmrt_caller *outer_caller;
static wasmrt_store *other_store;
static wasmrt_func *other_func;

static wasmrt_error *suspend_outer(void *env, wasmrt_caller *caller,
                                   wasmrt_slot *slots)
{
    (void)env;
    (void)slots;
    check_error(wasmrt_task_suspend(caller, NULL), WASMRT_ERR_MISUSE,
                "not in a task");
    return wasmrt_task_suspend(outer_caller, NULL);
}

static wasmrt_error *call_other_store(void *env, wasmrt_caller *caller,
                                      const wasmrt_val *args,
                                      wasmrt_val *results)
{
    (void)env;
    outer_caller = caller;
    check_error(wasmrt_func_call(other_store, other_func, args, 1, results, 1),
                WASMRT_ERR_MISUSE, "another store");
    results[0] = args[0];
    return NULL;
}

TEST(task_does_not_suspend_guests_of_others)
{
    static const char text[] =
        "(module (import \"o\" \"s\" (func $s (param i32) (result i32)))"
        " (func (export \"f\") (param i32) (result i32)"
        "  (call $s (local.get 0))))";
    wasmrt_module *module;
    wasmrt_instance *inst;
    wasmrt_task *task = open_tasks(0, call_other_store);

    check_ok(wasmrt_linker_define_raw(linker, "o", "s", "(i32) -> i32",
                                      suspend_outer, NULL));
    check_ok(wasmrt_store_new(engine, &other_store));
    module = host_module(text);
    check_ok(wasmrt_linker_instantiate(linker, other_store, module, &inst));
    wasmrt_module_delete(module);
    other_func = wasmrt_instance_func(inst, "f");
    start(task, "call_other", 4);
    CHECK_EQ(result_of(task), 5);
    wasmrt_store_delete(other_store);
    host_close();
}
