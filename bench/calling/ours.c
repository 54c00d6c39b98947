/*
 * What calls between host and guest cost, and what a task does: nanoseconds
 * each, the best of several rounds.  usage: ours interp|jit [ROWS], of which
 * the name contains ROWS.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "wasm.h"
#include "wasmrt.h"
#include "wasmrt/bridge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>

enum { CALLS = 200000, ROUNDS = 15 };

static const char guest[] =
    "(module"
    " (import \"h\" \"raw\" (func $raw (param i32) (result i32)))"
    " (import \"h\" \"typed\" (func $typed (param i32) (result i32)))"
    " (import \"h\" \"native\" (func $native (param i32) (result i32)))"
    " (import \"h\" \"wait\" (func $wait (param i32) (result i32)))"
    " (memory (export \"memory\") 1)"
    " (func (export \"id\") (param i32) (result i32) (local.get 0))"
    " (func (export \"compare\") (param i32 i32) (result i32) (i32.const 0))"
#define LOOP(name)                                                             \
    " (func (export \"" name "\") (param i32) (result i32)"                    \
    "  (loop $l (drop (call $" name " (local.get 0)))"                         \
    "   (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))"       \
    "  (i32.const 0))"
    LOOP("raw") LOOP("typed") LOOP("native") LOOP("wait") ")";

static wasmrt_store *store;
static wasmrt_instance *instance;
static wasmrt_task *task;

static void check(wasmrt_error *error)
{
    if (!error)
        return;
    fprintf(stderr, "bench: %s\n", wasmrt_error_message(error));
    exit(1);
}

/* -- Functions of the host ------------------------------------------------- */

static wasmrt_error *raw(void *env, wasmrt_caller *caller, wasmrt_slot *slots)
{
    (void)env;
    (void)caller;
    slots[0].i32++;
    return NULL;
}

static wasmrt_error *typed(void *env, wasmrt_caller *caller,
                           const wasmrt_val *args, wasmrt_val *results)
{
    (void)env;
    (void)caller;
    results[0] = wasmrt_i32(args[0].of.i32 + 1);
    return NULL;
}

static int32_t native(int32_t n)
{
    return n + 1;
}

static wasmrt_error *host_wait(void *env, wasmrt_caller *caller,
                               wasmrt_slot *slots)
{
    (void)env;
    (void)slots;
    return wasmrt_task_suspend(caller, NULL);
}

/* -- What is measured: each does CALLS of something ------------------------ */

static void call_guest(const char *name, int n, int32_t arg)
{
    wasmrt_func *func = wasmrt_instance_func(instance, name);

    for (int i = 0; i < n; i++) {
        wasmrt_slot slot = {.i32 = arg};

        check(wasmrt_func_call_raw(store, func, &slot));
    }
}

static void host_to_guest(void)
{
    call_guest("id", CALLS, 1);
}

static void host_to_guest_typed(void)
{
    wasmrt_func *func = wasmrt_instance_func(instance, "id");
    wasmrt_val arg = wasmrt_i32(1), result;

    for (int i = 0; i < CALLS; i++)
        check(wasmrt_func_call(store, func, &arg, 1, &result, 1));
}

static void guest_to_raw(void)
{
    call_guest("raw", 1, CALLS);
}

static void guest_to_typed(void)
{
    call_guest("typed", 1, CALLS);
}

static void guest_to_native(void)
{
    call_guest("native", 1, CALLS);
}

static const wasm_func_t *c_func;

static void host_to_guest_wasm_h(void)
{
    wasm_val_t arg = WASM_I32_VAL(1), result = WASM_INIT_VAL;
    const wasm_val_vec_t args = {1, &arg};
    wasm_val_vec_t results = {1, &result};

    for (int i = 0; i < CALLS; i++) {
        if (wasm_func_call(c_func, &args, &results))
            abort();
    }
}

static int (*closure)(int);

static void closure_to_guest(void)
{
    for (int i = 0; i < CALLS; i++)
        closure(i);
}

static void start_and_end(void)
{
    wasmrt_func *func = wasmrt_instance_func(instance, "id");
    wasmrt_val arg = wasmrt_i32(1);

    for (int i = 0; i < CALLS; i++)
        check(wasmrt_task_start(task, func, &arg, 1));
}

/* There and back: two switches, and the guest's loop in between. */
static void resume_and_suspend(void)
{
    wasmrt_val arg = wasmrt_i32(CALLS);

    check(wasmrt_task_start(task, wasmrt_instance_func(instance, "wait"), &arg,
                            1));
    while (wasmrt_task_is_suspended(task))
        check(wasmrt_task_resume(task, NULL));
}

static ucontext_t here, there;

static void swap_for_ever(void)
{
    for (;;)
        swapcontext(&there, &here);
}

static void swap_contexts(void)
{
    for (int i = 0; i < CALLS; i++)
        swapcontext(&here, &there);
}

/* -- The table ------------------------------------------------------------- */

static const char *rows = "";

static void measure(const char *name, void (*run)(void))
{
    double best = 1e18;

    if (!strstr(name, rows))
        return;
    for (int round = 0; round < ROUNDS; round++) {
        struct timespec a, b;
        double ns;

        clock_gettime(CLOCK_MONOTONIC, &a);
        run();
        clock_gettime(CLOCK_MONOTONIC, &b);
        ns = (double)(b.tv_sec - a.tv_sec) * 1e9 +
             (double)(b.tv_nsec - a.tv_nsec);
        best = ns < best ? ns : best;
    }
    printf("%s\t%.1f\n", name, best / CALLS);
}

static void open_guest(wasmrt_strategy strategy)
{
    wasmrt_config *config = wasmrt_config_new();
    wasmrt_engine *engine;
    wasmrt_linker *linker;
    wasmrt_module *module;
    wasmrt_closure *made;
    wasmrt_extern_val id = {.kind = WASMRT_EXTERN_FUNC};
    wasmrt_error *error;

    wasmrt_config_set_strategy(config, strategy);
    check(wasmrt_engine_new(config, &engine));
    wasmrt_config_delete(config);
    check(wasmrt_store_new(engine, &store));
    check(wasmrt_linker_new(engine, &linker));
    check(wasmrt_linker_define_raw(linker, "h", "raw", "(i32) -> i32", raw,
                                   NULL));
    check(wasmrt_linker_define(linker, "h", "typed", "(i32) -> i32", typed,
                               NULL));
    check(wasmrt_linker_define_raw(linker, "h", "wait", "(i32) -> i32",
                                   host_wait, NULL));
    error = wasmrt_linker_define_native(linker, "h", "native", (void *)native,
                                        "(i32) -> i32");
    check(error);
    check(wasmrt_module_new(engine, guest, sizeof(guest) - 1, &module));
    check(wasmrt_linker_instantiate(linker, store, module, &instance));
    check(wasmrt_task_new(store, NULL, &task));
    check(wasmrt_closure_new(store, wasmrt_instance_func(instance, "id"),
                             "(i32) -> i32", &made));
    closure = (int (*)(int))wasmrt_closure_function(made);
    id.of.func = wasmrt_instance_func(instance, "id");
    c_func = wasm_extern_as_func(wasmrt_extern_as_wasm(store, &id));
}

int main(int argc, char **argv)
{
    static char stack[64 * 1024];

    if (argc > 2)
        rows = argv[2];
    open_guest(argc > 1 && strcmp(argv[1], "jit") == 0
                   ? WASMRT_STRATEGY_JIT
                   : WASMRT_STRATEGY_INTERP);
    measure("host to guest, raw", host_to_guest);
    measure("host to guest, typed", host_to_guest_typed);
    measure("host to guest, wasm.h", host_to_guest_wasm_h);
    measure("guest to host, raw", guest_to_raw);
    measure("guest to host, typed", guest_to_typed);
    measure("guest to host, libffi", guest_to_native);
    measure("closure to guest", closure_to_guest);
    measure("task: start and end", start_and_end);
    measure("task: resume and suspend", resume_and_suspend);
    getcontext(&there);
    there.uc_stack.ss_sp = stack;
    there.uc_stack.ss_size = sizeof(stack);
    makecontext(&there, swap_for_ever, 0);
    measure("libc: swapcontext twice", swap_contexts);
    return 0;
}
