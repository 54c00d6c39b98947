/*
 * Calls between host and guest, and host functions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/func.h"

#include "tests/unit/world.h"

#include <string.h>

/* -- Host functions -------------------------------------------------------- */

static wasmrt_error *swap(void *env, wasmrt_caller *caller,
                          const wasmrt_val *args, wasmrt_val *results)
{
    CHECK_EQ(wasmrt_caller_store(caller), world.store);
    CHECK_EQ(results[0].kind, WASMRT_F64);
    CHECK_EQ(results[1].kind, WASMRT_V128);
    CHECK_EQ(results[2].kind, WASMRT_I32);
    *(int *)env += 1;
    results[0].of.f64 = args[2].of.f64 + args[0].of.i32;
    results[1] = args[1];
    results[2] = wasmrt_i32(args[0].of.i32);
    return NULL;
}

TEST(func_host_converts_values)
{
    int calls = 0;
    wasmrt_func *func;
    wasmrt_val args[3] = {
        wasmrt_i32(-3), {.kind = WASMRT_V128}, wasmrt_f64(0.5)};
    wasmrt_val results[3];

    world_open(WASMRT_BOUNDS_CHECK);
    memcpy(args[1].of.v128.bytes, "0123456789abcdef", 16);
    check_ok(wasmrt_func_new(world.store, "(i32 v128 f64) -> (f64 v128 i32)",
                             swap, &calls, NULL, &func));
    check_ok(wasmrt_func_call(world.store, func, args, 3, results, 3));
    CHECK_EQ(calls, 1);
    CHECK_EQ(results[0].of.f64, -2.5);
    CHECK_MEM_EQ(results[1].of.v128.bytes, "0123456789abcdef", 16);
    CHECK_EQ(results[2].of.i32, -3);
    world_close();
}

static wasmrt_error *sum_many(void *env, wasmrt_caller *caller,
                              const wasmrt_val *args, wasmrt_val *results)
{
    int64_t sum = 0;

    (void)env;
    (void)caller;
    for (int i = 0; i < 40; i++)
        sum += args[i].of.i64 * (i + 1);
    results[0].of.i64 = sum;
    return NULL;
}

TEST(func_with_many_parameters)
{
    char signature[256] = "(";
    wasmrt_func *func;
    wasmrt_val args[40], result;
    int64_t expected = 0;

    world_open(WASMRT_BOUNDS_CHECK);
    for (int i = 0; i < 40; i++) {
        strcat(signature, "i64 ");
        args[i] = wasmrt_i64(1000 + i);
        expected += (1000 + i) * (int64_t)(i + 1);
    }
    strcat(signature, ") -> i64");
    check_ok(
        wasmrt_func_new(world.store, signature, sum_many, NULL, NULL, &func));
    check_ok(wasmrt_func_call(world.store, func, args, 40, &result, 1));
    CHECK_EQ(result.of.i64, expected);
    world_close();
}

static wasmrt_error *wrong_result(void *env, wasmrt_caller *caller,
                                  const wasmrt_val *args, wasmrt_val *results)
{
    (void)env;
    (void)caller;
    (void)args;
    results[0] = wasmrt_i64(1);
    return NULL;
}

TEST(func_host_result_of_another_kind_traps)
{
    wasmrt_func *func;
    wasmrt_val result;

    world_open(WASMRT_BOUNDS_CHECK);
    check_ok(wasmrt_func_new(world.store, "() -> i32", wrong_result, NULL, NULL,
                             &func));
    check_error(wasmrt_func_call(world.store, func, NULL, 0, &result, 1),
                WASMRT_ERR_HOST_TRAP, "result 0 is of another type");
    world_close();
}

static void count_delete(void *env)
{
    ++*(int *)env;
}

TEST(func_environments_are_deleted_with_the_store)
{
    int deleted = 0;
    wasmrt_func *func;

    world_open(WASMRT_BOUNDS_CHECK);
    check_ok(wasmrt_func_new(world.store, "() -> ()", swap, &deleted,
                             count_delete, &func));
    check_ok(wasmrt_func_new(world.store, "(i32) -> ()", swap, &deleted,
                             count_delete, &func));
    check_error(wasmrt_func_new(world.store, "nonsense", swap, &deleted,
                                count_delete, &func),
                WASMRT_ERR_MISUSE, "signature");
    CHECK_EQ(deleted, 0);
    world_close();
    CHECK_EQ(deleted, 2);
}

/* -- Arguments ------------------------------------------------------------- */

TEST(func_call_checks_its_arguments)
{
    struct wrt_instance *inst;
    struct wrt_store *other;
    wasmrt_val one = wasmrt_i32(1), wide = wasmrt_i64(1), result;
    wasmrt_func *func;

    world_open(WASMRT_BOUNDS_CHECK);
    inst = world_instance("(module (func (export \"f\") (param i32) (result "
                          "i32) local.get 0))");
    func = world_func(inst, "f");
    check_error(wasmrt_func_call(world.store, func, NULL, 0, &result, 1),
                WASMRT_ERR_MISUSE, "0 arguments and 1 results");
    check_error(wasmrt_func_call(world.store, func, &one, 1, NULL, 0),
                WASMRT_ERR_MISUSE, "1 arguments and 0 results");
    check_error(wasmrt_func_call(world.store, func, &wide, 1, &result, 1),
                WASMRT_ERR_MISUSE, "another type");
    check_error(wasmrt_func_call(world.store, NULL, &one, 1, &result, 1),
                WASMRT_ERR_MISUSE, "NULL");
    check_ok(wrt_store_new(world.engine, &other));
    check_error(wasmrt_func_call(other, func, &one, 1, &result, 1),
                WASMRT_ERR_MISUSE, "another store");
    wrt_store_delete(other);
    CHECK_EQ(world.entered, 0);
    check_ok(wasmrt_func_call(world.store, func, &one, 1, &result, 1));
    CHECK_EQ(world.entered, 1);
    world_close();
}

TEST(func_describes_its_type)
{
    struct wrt_instance *inst;
    wasmrt_func *f;

    world_open(WASMRT_BOUNDS_CHECK);
    inst = world_instance("(module (func (export \"f\") (param f32 externref)"
                          "  (result i64 funcref) unreachable))");
    f = world_func(inst, "f");
    CHECK_EQ(wasmrt_func_param_count(world.store, f), 2);
    CHECK_EQ(wasmrt_func_result_count(world.store, f), 2);
    CHECK_EQ(wasmrt_func_param_kind(world.store, f, 0), WASMRT_F32);
    CHECK_EQ(wasmrt_func_param_kind(world.store, f, 1), WASMRT_EXTERNREF);
    CHECK_EQ(wasmrt_func_result_kind(world.store, f, 0), WASMRT_I64);
    CHECK_EQ(wasmrt_func_result_kind(world.store, f, 1), WASMRT_FUNCREF);
    CHECK(wasmrt_func_has_type(world.store, f,
                               "(f32 externref) -> (i64 funcref)"));
    CHECK(!wasmrt_func_has_type(world.store, f, "(f32) -> (i64 funcref)"));
    CHECK(!wasmrt_func_has_type(world.store, f, "nonsense"));
    world_close();
}

TEST(func_call_without_memory_for_its_values)
{
    struct wrt_instance *inst;
    wasmrt_val args[20], result;
    wasmrt_func *host, *guest;

    world_open(WASMRT_BOUNDS_CHECK);
    for (int i = 0; i < 20; i++)
        args[i] = wasmrt_i32(i);
    inst = world_instance(
        "(module (func (export \"f\") (param i32 i32 i32 i32 i32 i32 i32 i32"
        " i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))");
    guest = world_func(inst, "f");
    world.heap.fail_at = world.heap.calls;
    check_error(wasmrt_func_call(world.store, guest, args, 20, NULL, 0),
                WASMRT_ERR_OUT_OF_MEMORY, "");
    check_ok(wasmrt_func_call(world.store, guest, args, 20, NULL, 0));
    check_ok(wasmrt_func_new(world.store,
                             "(i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32"
                             " i32 i32 i32 i32) -> i32",
                             wrong_result, NULL, NULL, &host));
    /* 16 slots fit on the stack, 17 values do not. */
    world.heap.fail_at = world.heap.calls;
    check_error(wasmrt_func_call(world.store, host, args, 16, &result, 1),
                WASMRT_ERR_OUT_OF_MEMORY, "");
    world_close();
}

TEST(func_arguments_of_another_store_are_refused)
{
    struct wrt_store *other;
    wasmrt_val ref = {.kind = WASMRT_EXTERNREF}, fn = {.kind = WASMRT_FUNCREF};
    wasmrt_func *take_ref, *take_fn;

    world_open(WASMRT_BOUNDS_CHECK);
    check_ok(wasmrt_func_new(world.store, "(externref) -> ()", swap, NULL, NULL,
                             &take_ref));
    check_ok(wasmrt_func_new(world.store, "(funcref) -> ()", swap, NULL, NULL,
                             &take_fn));
    check_ok(wrt_store_new(world.engine, &other));
    check_ok(wasmrt_extern_new(other, NULL, &ref.of.ext));
    check_ok(wasmrt_func_new(other, "() -> ()", swap, NULL, NULL, &fn.of.func));
    check_error(wasmrt_func_call(world.store, take_ref, &ref, 1, NULL, 0),
                WASMRT_ERR_MISUSE, "another store");
    check_error(wasmrt_func_call(world.store, take_fn, &fn, 1, NULL, 0),
                WASMRT_ERR_MISUSE, "another store");
    check_error(wasmrt_func_call(world.store, take_fn, NULL, 1, NULL, 0),
                WASMRT_ERR_MISUSE, "NULL");
    wrt_store_delete(other);
    world_close();
}

TEST(func_caller_memory_is_the_one_called_memory)
{
    static const struct {
        const char *exports;
        int expected; /* number of the memory */
    } cases[] = {{"(export \"memory\" (memory 1))", 1},
                 {"(export \"memory\" (memory 0))", 0},
                 {"(export \"memory\" (func 0))", 0},
                 {"", 0}};

    world.extra_features = WRT_FEATURE_MULTI_MEMORY;
    world_open(WASMRT_BOUNDS_CHECK);
    for (size_t i = 0; i < WRT_COUNTOF(cases); i++) {
        struct wasmrt_caller caller = {.ctx = &world.store->ctx};
        char text[200] = "(module (memory 1) (memory 1) (func) ";

        strcat(text, cases[i].exports);
        strcat(text, ")");
        caller.instance = world_instance(text);
        CHECK_EQ(wasmrt_caller_memory(&caller),
                 caller.instance->memories[cases[i].expected]);
    }
    world_close();
}

/* -- Nesting --------------------------------------------------------------- */

/* The guest calls the host, which calls the guest, without end. */
static wasmrt_error *recurse(struct wrt_ctx *ctx, struct wrt_instance *inst,
                             uint32_t func_idx, wrt_slot *slots)
{
    (void)func_idx;
    return wrt_host_call(ctx, inst, inst->imported_funcs[0]->host, slots);
}

static wasmrt_error *call_back(void *env, wasmrt_caller *caller,
                               const wasmrt_val *args, wasmrt_val *results)
{
    wasmrt_func *f = world_func(wasmrt_caller_instance(caller), "f");

    (void)env;
    (void)args;
    (void)results;
    return wasmrt_func_call(world.store, f, NULL, 0, NULL, 0);
}

TEST(func_nesting_ends_before_the_c_stack_does)
{
    struct wrt_instance *inst;

    world_open(WASMRT_BOUNDS_CHECK);
    check_ok(wasmrt_linker_define(world.linker, "h", "back", "() -> ()",
                                  call_back, NULL));
    inst = world_instance("(module (import \"h\" \"back\" (func))"
                          "  (func (export \"f\")))");
    world.run = recurse;
    check_error(
        wasmrt_func_call(world.store, world_func(inst, "f"), NULL, 0, NULL, 0),
        WASMRT_ERR_STACK_OVERFLOW, "call stack exhausted");
    CHECK(world.entered > 100);
    CHECK(world.store->ctx.activation == NULL);
    world.run = NULL;
    check_ok(
        wasmrt_func_call(world.store, world_func(inst, "f"), NULL, 0, NULL, 0));
    world_close();
}

/* -- Interrupts ------------------------------------------------------------ */

/* Stops like an engine when the flag is set. */
static wasmrt_error *poll_once(struct wrt_ctx *ctx, struct wrt_instance *inst,
                               uint32_t func_idx, wrt_slot *slots)
{
    wasmrt_code code;

    (void)inst;
    (void)func_idx;
    (void)slots;
    wasmrt_store_interrupt(world.store);
    code = wrt_interrupt_pending(ctx);
    return code ? wrt_trap_error(ctx, code) : NULL;
}

TEST(func_interrupt_ends_one_call)
{
    struct wrt_instance *inst;
    wasmrt_func *f;

    world_open(WASMRT_BOUNDS_CHECK);
    inst = world_instance("(module (func (export \"f\")))");
    f = world_func(inst, "f");
    world.run = poll_once;
    check_error(wasmrt_func_call(world.store, f, NULL, 0, NULL, 0),
                WASMRT_ERR_INTERRUPTED, "interrupted");
    world.run = NULL;
    check_ok(wasmrt_func_call(world.store, f, NULL, 0, NULL, 0));
    /* Without a running guest, the next call is the one. */
    wasmrt_store_interrupt(world.store);
    check_error(wasmrt_func_call(world.store, f, NULL, 0, NULL, 0),
                WASMRT_ERR_INTERRUPTED, "interrupted");
    check_ok(wasmrt_func_call(world.store, f, NULL, 0, NULL, 0));
    wasmrt_store_interrupt(world.store);
    wasmrt_store_clear_interrupt(world.store);
    check_ok(wasmrt_func_call(world.store, f, NULL, 0, NULL, 0));
    CHECK_EQ(world.entered, 4);
    world_close();
}

/* A host function that hides from its caller how the inner call ended. */
static wasmrt_error *swallow(void *env, wasmrt_caller *caller,
                             const wasmrt_val *args, wasmrt_val *results)
{
    wasmrt_func *g = world_func(wasmrt_caller_instance(caller), "g");

    (void)env;
    (void)args;
    (void)results;
    check_error(wasmrt_func_call(world.store, g, NULL, 0, NULL, 0),
                WASMRT_ERR_INTERRUPTED, "");
    return NULL;
}

static wasmrt_error *outer_then_inner(struct wrt_ctx *ctx,
                                      struct wrt_instance *inst,
                                      uint32_t func_idx, wrt_slot *slots)
{
    wasmrt_code code;

    if (func_idx == 2)
        return poll_once(ctx, inst, func_idx, slots);
    check_ok(wrt_host_call(ctx, inst, inst->imported_funcs[0]->host, slots));
    code = wrt_interrupt_pending(ctx);
    return code ? wrt_trap_error(ctx, code) : NULL;
}

TEST(func_interrupt_reaches_the_outermost_call)
{
    struct wrt_instance *inst;

    world_open(WASMRT_BOUNDS_CHECK);
    check_ok(wasmrt_linker_define(world.linker, "h", "s", "() -> ()", swallow,
                                  NULL));
    inst = world_instance("(module (import \"h\" \"s\" (func))"
                          "  (func (export \"f\")) (func (export \"g\")))");
    world.run = outer_then_inner;
    check_error(
        wasmrt_func_call(world.store, world_func(inst, "f"), NULL, 0, NULL, 0),
        WASMRT_ERR_INTERRUPTED, "");
    CHECK_EQ(wrt_interrupt_pending(&world.store->ctx), WASMRT_ERR_NONE);
    world_close();
}
