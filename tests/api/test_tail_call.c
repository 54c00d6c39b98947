/*
 * Tail calls: constant stack, whoever calls whom, and what stack traces say.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/api/host.h"

#include <string.h>

/* A store whose stack has room for few frames. */
static void open_small(void)
{
    wasmrt_config *config = host_config();

    wasmrt_config_set_max_stack(config, 64 * 1024);
    host_open_with(config);
}

/* The interpreter without optimisation takes its time. */
static int32_t many(void)
{
    return test_is_slow() ? 1000000 : 10000000;
}

static wasmrt_error *no_op(void *env, wasmrt_caller *caller,
                           const wasmrt_val *args, wasmrt_val *results)
{
    (void)caller;
    ++*(uint64_t *)env;
    results[0] = args[0];
    return NULL;
}

TEST(tail_call_chains_need_no_stack)
{
    wasmrt_instance *inst;

    open_small();
    inst = host_instance(
        "(module (type $t (func (param i32) (result i32)))"
        "  (table funcref (elem $c))"
        "  (func $a (export \"a\") (param i32) (result i32)"
        "    (if (i32.eqz (local.get 0)) (then (return (i32.const 5))))"
        "    (return_call $b (local.get 0) (i64.const 1) (f64.const 1)))"
        "  (func $b (param i32 i64 f64) (result i32)"
        "    (return_call_indirect (type $t) (local.get 0) (i32.const 0)))"
        "  (func $c (param i32) (result i32)"
        "    (return_call $a (i32.sub (local.get 0) (i32.const 1)))))");
    CHECK_EQ(call_i32(inst, "a", 1, many() / 3), 5);
    host_close();
}

/* Two instances of one module and one of another call each other, and the host
 * in between. */
TEST(tail_call_chains_between_instances_need_no_stack)
{
    static const char node[] =
        "(module (type $t (func (param i32) (result i32)))"
        "  (import \"t\" \"t\" (table 4 funcref))"
        "  (import \"h\" \"f\" (func $h (type $t)))"
        "  (global $next (mut i32) (i32.const 0))"
        "  (func (export \"place\") (param i32) (result i32)"
        "    (table.set (local.get 0) (ref.func $step))"
        "    (global.set $next (i32.and (i32.add (local.get 0) (i32.const 1))"
        "      (i32.const 3)))"
        "    (i32.const 0))"
        "  (func $step (export \"step\") (param i32) (result i32)"
        "    (if (i32.eqz (local.get 0)) (then (return_call $h (i32.const 9))))"
        "    (drop (call $h (local.get 0)))"
        "    (return_call_indirect (type $t)"
        "      (i32.sub (local.get 0) (i32.const 1)) (global.get $next)))"
        "  (elem declare func $step))";
    uint64_t ncalls = 0;
    wasmrt_module *module;
    wasmrt_instance *nodes[4];
    int32_t n = many() / 2;

    open_small();
    host_define("f", "(i32) -> i32", no_op, &ncalls);
    check_ok(wasmrt_linker_define_instance(
        linker, "t",
        host_instance("(module (table (export \"t\") 4 funcref))")));
    module = host_module(node);
    for (int i = 0; i < 3; i++)
        check_ok(wasmrt_linker_instantiate(linker, store, module, &nodes[i]));
    wasmrt_module_delete(module);
    nodes[3] = host_instance(node);
    for (int i = 0; i < 4; i++)
        call_i32(nodes[i], "place", 1, i);
    CHECK_EQ(call_i32(nodes[0], "step", 1, n), 9);
    CHECK_EQ(ncalls, (uint64_t)n + 1);
    host_close();
}

/* -- Stack traces ---------------------------------------------------------- */

static void check_trace(wasmrt_error *error, wasmrt_code code,
                        const char *const *names, size_t count)
{
    CHECK(error != NULL);
    CHECK_EQ(wasmrt_error_code(error), code);
    CHECK_EQ(wasmrt_error_frame_count(error), count);
    for (size_t i = 0; i < count; i++)
        CHECK_STR_EQ(wasmrt_error_frame(error, i)->func_name, names[i]);
    wasmrt_error_delete(error);
}

TEST(tail_call_shows_the_callee_in_a_trace)
{
    static const char *const own[] = {"bad", "start"};
    static const char *const other[] = {"bad", "far"};
    wasmrt_instance *a, *b;

    host_open();
    a = host_instance("(module"
                      "  (func $bad (export \"bad\") unreachable)"
                      "  (func $replaced (return_call $bad))"
                      "  (func $start (export \"start\") (call $replaced)))");
    check_trace(call(a, "start"), WASMRT_ERR_UNREACHABLE, own, 2);
    check_ok(wasmrt_linker_define_instance(linker, "a", a));
    b = host_instance("(module (import \"a\" \"bad\" (func $import))"
                      "  (func $replaced (return_call $import))"
                      "  (func $far (export \"far\") (call $replaced)))");
    check_trace(call(b, "far"), WASMRT_ERR_UNREACHABLE, other, 2);
    /* The entry itself is replaced: nothing but the callee is left. */
    check_trace(
        call(host_instance("(module (import \"a\" \"bad\" (func $import))"
                           "  (func (export \"f\") (return_call $import)))"),
             "f"),
        WASMRT_ERR_UNREACHABLE, other, 1);
    host_close();
}

static wasmrt_error *fail(void *env, wasmrt_caller *caller,
                          const wasmrt_val *args, wasmrt_val *results)
{
    (void)env;
    (void)caller;
    (void)args;
    (void)results;
    return wasmrt_error_new(WASMRT_ERR_HOST_TRAP, "no");
}

TEST(tail_call_to_a_failing_host_function_shows_who_is_left)
{
    static const char *const names[] = {"caller"};
    wasmrt_instance *a, *b;

    host_open();
    host_define("f", "() -> ()", fail, NULL);
    a = host_instance("(module (import \"h\" \"f\" (func $h))"
                      "  (func $replaced (export \"r\") (return_call $h))"
                      "  (func (export \"caller\") (call $replaced)))");
    check_trace(call(a, "caller"), WASMRT_ERR_HOST_TRAP, names, 1);
    check_trace(call(a, "r"), WASMRT_ERR_HOST_TRAP, names, 0);
    check_ok(wasmrt_linker_define_instance(linker, "a", a));
    b = host_instance("(module (import \"a\" \"r\" (func $r))"
                      "  (func (export \"caller\") (call $r)))");
    check_trace(call(b, "caller"), WASMRT_ERR_HOST_TRAP, names, 1);
    host_close();
}

/* -- Limits ---------------------------------------------------------------- */

TEST(tail_call_checks_the_stack_for_the_new_frame)
{
    static const char *const names[] = {"small", "deep"};
    char text[4096] = "(module (func $big (local";
    wasmrt_instance *inst;

    open_small();
    for (int i = 0; i < 400; i++)
        strcat(text, " i64");
    /* $big needs more than what is left when $deep has used most of it. */
    strcat(text, ") (local.set 399 (i64.const 1)))"
                 "  (func $small (export \"small\") (return_call $big))"
                 "  (func $deep (export \"deep\") (param i32)"
                 "    (if (i32.eqz (local.get 0)) (then (return_call $small)))"
                 "    (call $deep (i32.sub (local.get 0) (i32.const 1)))))");
    inst = host_instance(text);
    check_ok(call(inst, "small"));
    for (int32_t depth = 0, overflows = 0; overflows < 3; depth++) {
        wasmrt_val arg = wasmrt_i32(depth);
        wasmrt_error *error = wasmrt_func_call(
            store, wasmrt_instance_func(inst, "deep"), &arg, 1, NULL, 0);

        CHECK(depth < 100000);
        if (!error)
            continue;
        overflows++;
        CHECK_EQ(wasmrt_error_code(error), WASMRT_ERR_STACK_OVERFLOW);
        /* The interpreter's caller knows how large the callee's frame is, and
         * looks while $small still has its own.  In machine code the callee
         * alone knows: calls go through slots to functions that may not even
         * be compiled yet.  When it looks, $small has given up its frame. */
        if (wasmrt_error_stack_depth(error) != (size_t)depth)
            CHECK_EQ(wasmrt_error_stack_depth(error), depth + 1);
        CHECK_STR_EQ(wasmrt_error_frame(error, 0)->func_name,
                     names[wasmrt_error_stack_depth(error) == (size_t)depth]);
        wasmrt_error_delete(error);
    }
    host_close();
}

TEST(tail_call_loops_are_interrupted)
{
    static const char *const loops[] = {
        "(func $f (export \"f\") (return_call $f))",
        "(type $t (func)) (table funcref (elem $f))"
        "(func $f (export \"f\") (return_call_indirect (type $t)"
        "  (i32.const 0)))",
    };

    host_open();
    for (size_t i = 0; i < sizeof(loops) / sizeof(*loops); i++) {
        char text[512] = "(module ";
        wasmrt_instance *inst;

        strcat(text, loops[i]);
        strcat(text, ")");
        inst = host_instance(text);
        check_code(call_interrupted(inst, "f"), WASMRT_ERR_INTERRUPTED);
    }
    host_close();
}
