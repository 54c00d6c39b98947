/*
 * Stacks of tasks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/stack.h"

#include "runtime/store/engine.h"

static size_t used_bytes(const struct wasmrt_engine *engine)
{
    return engine->task_native_bytes + engine->task_guest_bytes;
}

/* The engine has seen to it that the sum is a size. */
size_t wrt_stack_reserved_bytes(const struct wasmrt_engine *engine)
{
    return used_bytes(engine) + 2 * wrt_os_page_size();
}

wasmrt_error *wrt_stack_get(struct wasmrt_engine *engine, struct wrt_stack *out)
{
    size_t bytes = wrt_stack_reserved_bytes(engine);
    bool has_space;
    uint8_t *base =
        wrt_pool_get(&engine->task_pool, bytes, used_bytes(engine), &has_space);

    if (!base)
        return wrt_error_new(WASMRT_ERR_ADDRESS_SPACE, WRT_NO_OFFSET,
                             "no room for a task's stacks of %zu bytes", bytes);
    base += engine->task_pool.lead_bytes;
    out->low = base;
    out->slots = (wrt_slot *)(void *)(base + engine->task_native_bytes);
    return NULL;
}

void wrt_stack_put(struct wasmrt_engine *engine, const struct wrt_stack *stack)
{
    wrt_pool_put(&engine->task_pool,
                 (uint8_t *)stack->low - engine->task_pool.lead_bytes,
                 wrt_stack_reserved_bytes(engine), used_bytes(engine));
}
