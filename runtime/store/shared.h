/*
 * Shared memories: what several stores, on several threads, have in common.
 *
 * A shared memory is an object of its own with a reference from each store that
 * uses it and each linker that defines it.  Its base is constant; it grows
 * under a lock and publishes its length.  Threads that wait at an address stand
 * in one of a few queues, by the hash of the address.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_SHARED_H
#define WRT_STORE_SHARED_H

#include "runtime/base/os.h"
#include "runtime/store/store.h"

enum { WRT_WAIT_QUEUES = 64 };

/* A thread in memory.atomic.wait; on its C stack.  Under the queue's lock. */
struct wrt_waiter {
    struct wrt_waiter *next, *prev;
    uint64_t addr;
    struct wrt_ctx *ctx;
    uint32_t is_notified; /* atomic; then it is in no queue any more */
};

struct wrt_wait_queue {
    struct wrt_mutex lock;
    struct wrt_waiter *first, *last; /* oldest first */
};

struct wrt_shared_memory {
    struct wrt_memory_inst memory;
    uint32_t refcount;            /* atomic */
    struct wrt_mutex lock;        /* held while it grows */
    struct wasmrt_engine *engine; /* a reference */
    struct wrt_wait_queue queues[WRT_WAIT_QUEUES];
};

/* Makes a shared memory that counts in the store's quota, used by the store. */
WRT_MUST_USE wasmrt_error *
wrt_shared_memory_new(struct wrt_store *store, const struct wrt_limits *limits,
                      struct wrt_memory_inst **out);

/* References to a shared memory.  Thread-safe. */
struct wrt_memory_inst *wrt_shared_memory_ref(struct wrt_memory_inst *memory);
void wrt_shared_memory_unref(struct wrt_memory_inst *memory);

/* Notes that a store of the same engine uses a memory: if it is shared, the
 * store takes a reference, once. */
WRT_MUST_USE wasmrt_error *
wrt_shared_memory_use(struct wrt_store *store, struct wrt_memory_inst *memory);

/* Gives the store's references back, but for the first `keep`. */
void wrt_shared_memory_drop(struct wrt_store *store, size_t keep);

#endif
