/*
 * Stacks of tasks.
 *
 * One reservation has both stacks of a task, with pages at its ends that nobody
 * may touch:
 *
 *     | guard | C stack, grows down      | guest's stack, grows up | guard |
 *
 * Memory comes with the first touch.  The engine's pool (pool.h) keeps some
 * with the memory that they have got, so that the next task costs no system
 * call.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_STACK_H
#define WRT_STORE_STACK_H

#include "runtime/base/os.h"
#include "runtime/store/vmctx.h"

struct wasmrt_engine;

/* What a task's stacks have by default, and the least of the host's part: what
 * engines leave to C code, and some. */
enum {
    WRT_DEFAULT_TASK_GUEST_BYTES = 256 * 1024,
    WRT_DEFAULT_TASK_HOST_BYTES = 256 * 1024,
    WRT_LEAST_TASK_HOST_BYTES = 128 * 1024,
};

struct wrt_stack {
    void *low;       /* of the C stack */
    wrt_slot *slots; /* of the guest; behind the C stack */
};

/* Stacks of the sizes that the engine has; fails with ADDRESS_SPACE.  Any
 * thread. */
WRT_MUST_USE wasmrt_error *wrt_stack_get(struct wasmrt_engine *engine,
                                         struct wrt_stack *out);

/* Gives them back. */
void wrt_stack_put(struct wasmrt_engine *engine, const struct wrt_stack *stack);

/* The size of the reservation. */
size_t wrt_stack_reserved_bytes(const struct wasmrt_engine *engine);

#endif
