/*
 * Stacks of tasks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/stack.h"

#include "runtime/store/engine.h"

/* More than these are released when they are given back: a burst of tasks does
 * not keep its memory. */
enum { MOST_POOLED = 256 };

static size_t reserved_bytes(const struct wrt_stack *stack)
{
    return stack->native_bytes + stack->slots_bytes + 2 * wrt_os_page_size();
}

/* The engine has seen to it that the sum is a size. */
static bool map_stack(struct wrt_stack *stack)
{
    size_t guard = wrt_os_page_size(), used;
    uint8_t *base = wrt_os_reserve(reserved_bytes(stack));

    if (!base)
        return false;
    used = stack->native_bytes + stack->slots_bytes;
    if (!wrt_os_commit(base + guard, used)) {
        wrt_os_release(base, reserved_bytes(stack));
        return false;
    }
    stack->low = base + guard;
    stack->slots = (wrt_slot *)(void *)(base + guard + stack->native_bytes);
    return true;
}

static void delete_stack(struct wasmrt_engine *engine, struct wrt_stack *stack)
{
    wrt_os_release((uint8_t *)stack->low - wrt_os_page_size(),
                   reserved_bytes(stack));
    wrt_free(&engine->alloc, stack, sizeof(*stack));
}

wasmrt_error *wrt_stack_get(struct wasmrt_engine *engine,
                            struct wrt_stack **out)
{
    struct wrt_stack_pool *pool = &engine->stacks;
    struct wrt_stack *stack;

    wrt_mutex_lock(&pool->lock);
    stack = pool->first;
    if (stack) {
        pool->first = stack->next;
        pool->count--;
    }
    wrt_mutex_unlock(&pool->lock);
    *out = stack;
    if (stack)
        return NULL;
    stack = wrt_alloc_zero(&engine->alloc, sizeof(*stack));
    if (!stack)
        return wrt_error_oom();
    stack->native_bytes = engine->task_native_bytes;
    stack->slots_bytes = engine->task_guest_bytes;
    if (!map_stack(stack)) {
        size_t bytes = reserved_bytes(stack);

        wrt_free(&engine->alloc, stack, sizeof(*stack));
        return wrt_error_new(WASMRT_ERR_ADDRESS_SPACE, WRT_NO_OFFSET,
                             "no room for a task's stacks of %zu bytes", bytes);
    }
    *out = stack;
    return NULL;
}

void wrt_stack_put(struct wasmrt_engine *engine, struct wrt_stack *stack)
{
    struct wrt_stack_pool *pool = &engine->stacks;
    bool is_kept;

    wrt_mutex_lock(&pool->lock);
    is_kept = pool->count < MOST_POOLED;
    if (is_kept) {
        stack->next = pool->first;
        pool->first = stack;
        pool->count++;
    }
    wrt_mutex_unlock(&pool->lock);
    if (!is_kept)
        delete_stack(engine, stack);
}

void wrt_stack_pool_fini(struct wasmrt_engine *engine)
{
    struct wrt_stack *next;

    for (struct wrt_stack *s = engine->stacks.first; s; s = next) {
        next = s->next;
        delete_stack(engine, s);
    }
}
