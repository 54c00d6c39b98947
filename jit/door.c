/*
 * Doors: calls of the host, when nothing of the guest is on the stack.
 *
 * Whatever enter() works out for each call is the same for most of them, and
 * kept here: the code and its thunk, an activation that is filled in, how far
 * below the host's frame the guest's may reach.  What may differ is compared:
 * the stack that the thread runs on, and the limit that the instance holds,
 * which no longer fits when anybody wants the guest to stop.  A call that does
 * not pass goes the long way.
 *
 * One activation is enough, because nothing passes while this thread runs any
 * guest, in tasks neither.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/door.h"

#include "jit/enter.h"

#include "runtime/module/layout.h"
#include "runtime/store/func.h"
#include "runtime/store/signal.h"
#include "runtime/store/store.h"

enum {
    /* A limit that was set for another place is as good if it is so many bytes
     * away, so that hosts may call from different depths. */
    LIMIT_SLACK = 16 * 1024,
    /* Larger stacks: sums of addresses are not checked here. */
    MOST_STACK_BYTES = 1 << 30,
};

struct door {
    struct wrt_door base;
    struct wrt_ctx *ctx;
    struct wrt_instance *inst;
    jit_thunk thunk;
    uintptr_t code;
    wrt_slot *args; /* what the instance's native_args are to be */
    size_t reach;   /* of the C stack that there must be below the host's frame:
                       for the guest, the slack, and C code */
    bool faults;    /* memory is guarded: the thread needs a signal stack */
    uint32_t func_idx;
    struct jit_activation act;
};

/* The function did not return by itself. */
static wasmrt_error *unwound(struct jit_activation *of_door, wrt_slot *slots)
{
    struct door *door = WRT_CONTAINER_OF(of_door, struct door, act);
    struct jit_activation act = *of_door;
    struct wrt_ctx *ctx = door->ctx;
    wasmrt_error *error = act.error;

    of_door->error = NULL;
    if (act.tail && !error) {
        ctx->activation = &act.base;
        error = jit_run_tails(&act, door->base.type, slots, door->args);
    }
    ctx->activation = NULL;
    wrt_signal_current = NULL;
    return error ? wrt_func_end_call(ctx, error) : NULL;
}

static wasmrt_error *enter(struct wrt_door *base, wrt_slot *slots);

static WRT_NOINLINE wasmrt_error *enter_slowly(struct door *door,
                                               wrt_slot *slots)
{
    return wrt_func_enter(door->inst, door->func_idx, slots);
}

/* What the instance holds is not for this place, or the guest was to stop; when
 * it still is, it goes the long way. */
static WRT_NOINLINE wasmrt_error *make_fit(struct door *door, wrt_slot *slots,
                                           uintptr_t lowest)
{
    struct wrt_instance *inst = door->inst;
    uintptr_t limit = __atomic_load_n(&inst->native_limit, __ATOMIC_RELAXED);

    if (limit - lowest > LIMIT_SLACK) {
        if (!wrt_poll_settle(door->ctx))
            return enter_slowly(door, slots);
        limit = lowest + LIMIT_SLACK / 2;
        jit_set_limit(inst, limit);
    }
    if (__atomic_load_n(&inst->native_limit, __ATOMIC_RELAXED) != limit)
        return enter_slowly(door, slots);
    inst->native_args = door->args;
    door->act.limit = limit;
    return enter(&door->base, slots);
}

/* Nothing is left to do here when the thunk returns: it is jumped to. */
static wasmrt_error *enter(struct wrt_door *base, wrt_slot *slots)
{
    struct door *door = (struct door *)base;
    struct wrt_ctx *ctx = door->ctx;
    struct wrt_instance *inst = door->inst;
    uintptr_t here = wrt_stack_pointer(), reached = here - door->reach, limit;

    if (WRT_UNLIKELY(wrt_signal_current != NULL) ||
        WRT_UNLIKELY(reached < wrt_os_thread.stack.low) ||
        WRT_UNLIKELY(here >= wrt_os_thread.stack.high) ||
        (WRT_UNLIKELY(!wrt_os_thread.has_signal_stack) && door->faults))
        return enter_slowly(door, slots);
    limit = __atomic_load_n(&inst->native_limit, __ATOMIC_RELAXED);
    if (WRT_UNLIKELY(limit != door->act.limit) ||
        WRT_UNLIKELY(limit - reached - JIT_C_RESERVE_BYTES > LIMIT_SLACK) ||
        WRT_UNLIKELY(inst->native_args != door->args))
        return make_fit(door, slots, reached + JIT_C_RESERVE_BYTES);
    WRT_ASSERT(!ctx->activation && !ctx->task, "guests are on another thread");
    ctx->activation = &door->act.base;
    wrt_signal_current = ctx;
    return door->thunk(inst, &door->act, slots, door->code);
}

/* Objects among the results have to be kept for the host. */
static bool has_objects(const struct wrt_module *module,
                        const struct wrt_type *type)
{
    for (uint32_t i = 0; i < type->nresults; i++) {
        if (wrt_is_traced(module->types, wrt_type_results(type)[i]))
            return true;
    }
    return false;
}

/* Nothing here is an error: calls go on as they did. */
struct wrt_door *jit_open(const struct wrt_funcref *func)
{
    struct wrt_instance *inst = func->instance;
    const struct wrt_native *native = inst->module->native;
    const struct wrt_store *store = inst->store;
    size_t stack_bytes = store->engine->max_stack_bytes;
    const struct wrt_type *type =
        wrt_module_func_type(inst->module, func->func_idx);
    struct wrt_ctx *ctx = inst->ctx;
    uintptr_t code, thunk;
    struct door *door;

    if (!jit_find_code(inst->module, func->func_idx, &code, &thunk) ||
        stack_bytes < JIT_SMALL_STACK_BYTES || stack_bytes > MOST_STACK_BYTES ||
        ctx->task ||
        native->arg_slots > (size_t)(ctx->stack_end - ctx->stack_base) ||
        has_objects(inst->module, type))
        return NULL;
    thunk = jit_make_thunk(inst->module->native,
                           inst->module->funcs[func->func_idx].type_idx, true);
    door = thunk ? wrt_store_alloc(inst->store, sizeof(*door)) : NULL;
    if (!door)
        return NULL;
    door->base.enter = enter;
    door->base.type = type;
    door->base.store = inst->store;
    door->ctx = ctx;
    door->inst = inst;
    memcpy(&door->thunk, &thunk, sizeof(thunk));
    door->code = code;
    door->args = ctx->stack_base;
    door->reach = stack_bytes + LIMIT_SLACK + JIT_C_RESERVE_BYTES;
    door->faults = store->engine->memory_mode == WRT_MEMORY_GUARDED;
    door->func_idx = func->func_idx;
    door->act.base.backend = &wrt_jit_backend;
    door->act.base.base = door->args;
    door->act.base.instance = inst;
    door->act.host_args = door->args + native->arg_slots;
    door->act.base.sp = door->act.host_args;
    door->act.unwound = unwound;
    return &door->base;
}
