/*
 * A guest that waits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/api/tasks.h"

#include <string.h>

wasmrt_instance *guest;

const char tasks_guest[] =
    "(module (import \"h\" \"wait\" (func $wait (param i32) (result i32)))"
    " (import \"h\" \"other\" (func $other (param i32) (result i32)))"
    " (memory 1) (global $depth (mut i32) (i32.const 0)) (tag $t (param i32))"
    " (type $n (struct (field $v i32)))"
    " (export \"import\" (func $wait))"
    " (func (export \"double\") (param i32) (result i32)"
    "  (i32.add (local.get 0) (local.get 0)))"
    " (func (export \"add_wait\") (param i32) (result i32)"
    "  (i32.add (local.get 0) (call $wait (i32.const 0))))"
    " (func $deep (export \"deep\") (param i32) (result i32)"
    "  (if (result i32) (local.get 0)"
    "   (then (i32.add (local.get 0)"
    "    (call $deep (i32.sub (local.get 0) (i32.const 1)))))"
    "   (else (call $wait (i32.const 0)))))"
    /* More values than there are registers for, both ways. */
    " (func $many (param i32 i64 f64 i32 i32 i32 i32 i32 i32 i32 i64 i32)"
    "  (result i32 i32 i32)"
    "  (i32.add (local.get 0) (i32.wrap_i64 (local.get 1)))"
    "  (i32.add (i32.trunc_f64_s (local.get 2)) (local.get 3))"
    "  (i32.add (local.get 11) (i32.add (i32.wrap_i64 (local.get 10))"
    "   (i32.add (local.get 9) (i32.add (local.get 8)"
    "   (i32.add (local.get 7) (i32.add (local.get 6)"
    "   (i32.add (local.get 5) (local.get 4)))))))))"
    " (func (export \"many_wait\") (param $a i32) (result i32)"
    "  (local $x i32) (local $f f64)"
    "  (local.set $f (f64.convert_i32_s (local.get $a)))"
    "  (i32.store (i32.mul (i32.const 4) (local.get $a)) (local.get $a))"
    "  (local.set $x (call $wait (local.get $a)))"
    "  (call $many (local.get $a) (i64.extend_i32_s (local.get $x))"
    "   (local.get $f) (i32.const 4) (local.get $x) (i32.const 6)"
    "   (call $wait (i32.const 1)) (i32.const 8) (i32.const 9)"
    "   (local.get $a) (i64.const 11) (i32.const 12))"
    "  (i32.add (i32.add))"
    "  (i32.add (i32.load (i32.mul (i32.const 4) (local.get $a)))))"
    " (func (export \"through\") (param i32) (result i32)"
    "  (i32.add (i32.add (local.get 0) (call $wait (i32.const 0)))"
    "   (i32.const 1)))"
    " (func (export \"call_other\") (param i32) (result i32)"
    "  (i32.add (call $other (local.get 0)) (i32.const 1)))"
    " (func (export \"loop_other\") (param i32) (result i32)"
    "  (loop $l (drop (call $other (local.get 0))) (br $l)) (unreachable))"
    " (func (export \"loop_other_0\")"
    "  (loop $l (drop (call $other (i32.const 0))) (br $l)))"
    " (func (export \"loop_wait\") (param i32) (result i32)"
    "  (loop $l (drop (call $wait (local.get 0))) (br $l)) (unreachable))"
    " (func (export \"loop\") (param i32) (result i32)"
    "  (loop $l (br $l)) (unreachable))"
    " (func $trap unreachable)"
    " (func (export \"wait_trap\") (param i32) (result i32)"
    "  (drop (call $wait (i32.const 0))) (call $trap) (i32.const 1))"
    " (func $fault (i32.store (i32.const -4) (i32.const 0)))"
    " (func (export \"wait_fault\") (param i32) (result i32)"
    "  (drop (call $wait (i32.const 0))) (call $fault) (i32.const 1))"
    " (func $throw (throw $t (i32.const 5)))"
    " (func (export \"wait_throw\") (param i32) (result i32)"
    "  (drop (call $wait (i32.const 0))) (call $throw) (i32.const 1))"
    " (func $wait_then_throw (throw $t (call $wait (i32.const 0))))"
    " (func (export \"wait_catch\") (param i32) (result i32)"
    "  (block $h (result i32)"
    "   (try_table (catch $t $h) (call $wait_then_throw)) (unreachable)))"
    " (func $recurse (export \"recurse\") (param i32) (result i32)"
    "  (global.set $depth (i32.add (global.get $depth) (i32.const 1)))"
    "  (i32.add (call $recurse (local.get 0)) (i32.const 1)))"
    " (func (export \"wait_recurse\") (param i32) (result i32)"
    "  (drop (call $wait (i32.const 0))) (call $recurse (i32.const 0)))"
    " (func (export \"set_depth\") (param i32) (result i32)"
    "  (global.set $depth (local.get 0)) (i32.const 0))"
    " (func (export \"depth\") (result i32) (global.get $depth))"
    " (func (export \"make\") (param i32) (result anyref)"
    "  (struct.new $n (local.get 0)))"
    " (func (export \"value\") (param anyref) (result i32)"
    "  (struct.get $n $v (ref.cast (ref $n) (local.get 0)))))";

int32_t many(int32_t arg, int32_t first, int32_t second)
{
    return (arg + first) + (arg + 4) +
           (first + 6 + second + 8 + 9 + arg + 11 + 12) + arg;
}

/* -- Modes ----------------------------------------------------------------- */

static bool is_told(const char *knob)
{
    return strcmp(knob, "auto") != 0;
}

static bool has_jit(void)
{
    wasmrt_config *config = wasmrt_config_new();
    wasmrt_engine *other = NULL;
    wasmrt_error *error;

    wasmrt_config_set_strategy(config, WASMRT_STRATEGY_JIT);
    error = wasmrt_engine_new(config, &other);
    wasmrt_config_delete(config);
    wasmrt_engine_delete(other);
    wasmrt_error_delete(error);
    return !error;
}

bool has_mode(int mode)
{
    if (mode & 1 && (is_told(test_engine()) || !has_jit()))
        return false;
    return !(mode & 2) || !is_told(test_bounds());
}

wasmrt_config *mode_config(int mode)
{
    wasmrt_config *config = host_config();

    if (!is_told(test_engine()))
        wasmrt_config_set_strategy(config, mode & 1 ? WASMRT_STRATEGY_JIT
                                                    : WASMRT_STRATEGY_INTERP);
    if (mode & 2)
        wasmrt_config_set_bounds(config, WASMRT_BOUNDS_CHECK);
    return config;
}

/* -- The guest and its tasks ----------------------------------------------- */

/* wait(n): what the host resumes with. */
static wasmrt_error *host_wait(void *env, wasmrt_caller *caller,
                               wasmrt_slot *slots)
{
    void *value = NULL;
    wasmrt_error *error = wasmrt_task_suspend(caller, &value);

    (void)env;
    slots[0].i32 = (int32_t)(intptr_t)value;
    return error;
}

static wasmrt_error *no_other(void *env, wasmrt_caller *caller,
                              const wasmrt_val *args, wasmrt_val *results)
{
    (void)env;
    (void)caller;
    results[0] = args[0];
    return NULL;
}

wasmrt_task *open_guest(wasmrt_host_fn other, void *env)
{
    wasmrt_task *task;

    check_ok(wasmrt_linker_define_raw(linker, "h", "wait", "(i32) -> i32",
                                      host_wait, NULL));
    host_define("other", "(i32) -> i32", other ? other : no_other, env);
    guest = host_instance(tasks_guest);
    check_ok(wasmrt_task_new(store, NULL, &task));
    CHECK(wasmrt_task_data(task) == NULL);
    return task;
}

wasmrt_task *open_tasks_env(int mode, wasmrt_host_fn other, void *env)
{
    host_open_with(mode_config(mode));
    return open_guest(other, env);
}

wasmrt_task *open_tasks(int mode, wasmrt_host_fn other)
{
    return open_tasks_env(mode, other, NULL);
}

wasmrt_error *start_error(wasmrt_task *task, const char *name, int32_t arg)
{
    wasmrt_func *func = wasmrt_instance_func(guest, name);
    wasmrt_val value = wasmrt_i32(arg);

    if (!func)
        FAIL("no function %s", name);
    return wasmrt_task_start(task, func, &value, 1);
}

void start(wasmrt_task *task, const char *name, int32_t arg)
{
    check_ok(start_error(task, name, arg));
}

void resume(wasmrt_task *task, intptr_t value)
{
    check_ok(wasmrt_task_resume(task, (void *)value));
}

int32_t result_of(const wasmrt_task *task)
{
    wasmrt_val result;

    CHECK(!wasmrt_task_is_suspended(task));
    check_ok(wasmrt_task_results(task, &result, 1));
    CHECK_EQ(result.kind, WASMRT_I32);
    return result.of.i32;
}

wasmrt_error *suspend_if_task(wasmrt_caller *caller)
{
    return wasmrt_caller_task(caller) ? wasmrt_task_suspend(caller, NULL)
                                      : NULL;
}
