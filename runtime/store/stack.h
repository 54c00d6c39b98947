/*
 * Stacks of tasks, and the engine's pool of them.
 *
 * One mapping has both stacks of a task, with pages at its ends that nobody may
 * touch:
 *
 *     | guard | C stack, grows down      | guest's stack, grows up | guard |
 *
 * Memory comes with the first touch.  The pool keeps stacks with the memory
 * that they have got, so that the next task costs no system call.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_STACK_H
#define WRT_STORE_STACK_H

#include "runtime/base/os.h"
#include "runtime/store/vmctx.h"

struct wasmrt_engine;

struct wrt_stack {
    struct wrt_stack *next; /* in the pool */
    void *low;              /* of the C stack */
    size_t native_bytes;
    wrt_slot *slots; /* of the guest; behind the C stack */
    size_t slots_bytes;
};

/* The engine's; all zero is a valid, empty pool. */
struct wrt_stack_pool {
    struct wrt_mutex lock;
    struct wrt_stack *first;
    uint32_t count;
};

/* What a task's stacks have by default, and the least of the host's part: what
 * engines leave to C code, and some. */
enum {
    WRT_DEFAULT_TASK_GUEST_BYTES = 256 * 1024,
    WRT_DEFAULT_TASK_HOST_BYTES = 256 * 1024,
    WRT_LEAST_TASK_HOST_BYTES = 128 * 1024,
};

/* A stack of the sizes that the engine has; fails with ADDRESS_SPACE or
 * OUT_OF_MEMORY.  Any thread. */
WRT_MUST_USE wasmrt_error *wrt_stack_get(struct wasmrt_engine *engine,
                                         struct wrt_stack **out);

/* Gives it back. */
void wrt_stack_put(struct wasmrt_engine *engine, struct wrt_stack *stack);

/* Releases what the pool holds. */
void wrt_stack_pool_fini(struct wasmrt_engine *engine);

#endif
