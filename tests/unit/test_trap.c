/*
 * Traps become errors with frames.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/trap.h"

#include "tests/unit/world.h"

#include <string.h>

static const struct fake_frame outer_frames[] = {
    {1, 3}, {2, 1}, {UINT32_MAX, 0}};
static const struct fake_frame inner_frames[] = {{3, 2}, {UINT32_MAX, 0}};

static const char module_text[] =
    "(module (import \"h\" \"f\" (func))"
    "  (func (export \"one\")) (func (export \"two\")) (func (export \"t\")))";

static wasmrt_error *call_host(struct wrt_ctx *ctx, struct wrt_instance *inst,
                               uint32_t func_idx, wrt_slot *slots)
{
    if (func_idx == 3) {
        ctx->activation->pc = inner_frames;
        return wrt_trap_error(ctx, WASMRT_ERR_DIVIDE_BY_ZERO);
    }
    ctx->activation->pc = outer_frames;
    return wrt_host_call(ctx, inst, inst->imported_funcs[0]->host, slots);
}

static wasmrt_error *host_fails(void *env, wasmrt_caller *caller,
                                const wasmrt_val *args, wasmrt_val *results)
{
    (void)caller;
    (void)args;
    (void)results;
    return wasmrt_error_new(*(wasmrt_code *)env, "by the host");
}

static wasmrt_error *call_guest(void *env, wasmrt_caller *caller,
                                const wasmrt_val *args, wasmrt_val *results)
{
    wasmrt_func *t = world_func(wasmrt_caller_instance(caller), "t");

    (void)env;
    (void)args;
    (void)results;
    return wasmrt_func_call(world.store, t, NULL, 0, NULL, 0);
}

static wasmrt_error *run_two(wasmrt_host_fn fn, void *env)
{
    struct wrt_instance *inst;

    world_open(WASMRT_BOUNDS_CHECK);
    check_ok(wasmrt_linker_define(world.linker, "h", "f", "() -> ()", fn, env));
    inst = world_instance(module_text);
    world.run = call_host;
    return wasmrt_func_call(world.store, world_func(inst, "two"), NULL, 0, NULL,
                            0);
}

static void check_frame(const wasmrt_error *error, size_t n, const char *name,
                        uint32_t func_idx, uint64_t func_offset)
{
    const wasmrt_frame *frame = wasmrt_error_frame(error, n);

    CHECK(frame != NULL);
    CHECK_STR_EQ(frame->func_name, name);
    CHECK_EQ(frame->func_idx, func_idx);
    CHECK_EQ(frame->func_offset, func_offset);
    CHECK(frame->module_offset > func_offset);
}

TEST(trap_of_a_host_function_has_the_guest_frames)
{
    wasmrt_code code = WASMRT_ERR_HOST_TRAP;
    wasmrt_error *error = run_two(host_fails, &code);

    CHECK_EQ(wasmrt_error_frame_count(error), 2);
    CHECK_EQ(wasmrt_error_stack_depth(error), 2);
    check_frame(error, 0, "one", 1, 3);
    check_frame(error, 1, "two", 2, 1);
    CHECK(wasmrt_error_frame(error, 2) == NULL);
    check_error(error, WASMRT_ERR_HOST_TRAP, "by the host");
    world_close();
}

TEST(trap_walks_all_activations)
{
    wasmrt_error *error = run_two(call_guest, NULL);

    CHECK_EQ(wasmrt_error_frame_count(error), 3);
    check_frame(error, 0, "t", 3, 2);
    check_frame(error, 1, "one", 1, 3);
    check_frame(error, 2, "two", 2, 1);
    check_error(error, WASMRT_ERR_DIVIDE_BY_ZERO, "integer divide by zero");
    world_close();
}

TEST(trap_frames_are_not_for_exits)
{
    wasmrt_code code = WASMRT_ERR_EXIT;
    wasmrt_error *error = run_two(host_fails, &code);

    CHECK_EQ(wasmrt_error_frame_count(error), 0);
    check_error(error, WASMRT_ERR_EXIT, "");
    world_close();
}

enum { DEEP = 100000 };

static wasmrt_error *deep(struct wrt_ctx *ctx, struct wrt_instance *inst,
                          uint32_t func_idx, wrt_slot *slots)
{
    static struct fake_frame frames[DEEP + 1];

    (void)inst;
    (void)func_idx;
    (void)slots;
    for (int i = 0; i < DEEP; i++)
        frames[i] = (struct fake_frame){1, 1};
    frames[DEEP].func_idx = UINT32_MAX;
    ctx->activation->pc = frames;
    return wrt_trap_error(ctx, WASMRT_ERR_STACK_OVERFLOW);
}

TEST(trap_of_a_deep_stack_keeps_the_innermost_frames)
{
    wasmrt_code code = WASMRT_ERR_HOST_TRAP;
    struct wrt_instance *inst;
    wasmrt_error *error;

    world_open(WASMRT_BOUNDS_CHECK);
    check_ok(wasmrt_linker_define(world.linker, "h", "f", "() -> ()",
                                  host_fails, &code));
    inst = world_instance(module_text);
    world.run = deep;
    error = wasmrt_func_call(world.store, world_func(inst, "two"), NULL, 0,
                             NULL, 0);
    CHECK_EQ(wasmrt_error_stack_depth(error), DEEP);
    CHECK(wasmrt_error_frame_count(error) < 1000);
    CHECK_STR_EQ(wasmrt_error_frame(error, 0)->func_name, "one");
    check_error(error, WASMRT_ERR_STACK_OVERFLOW, "call stack exhausted");
    world_close();
}
