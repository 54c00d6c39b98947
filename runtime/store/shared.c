/*
 * Shared memories: lifetime, and the stores that use them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/shared.h"

#include "runtime/store/memory.h"

struct wrt_memory_inst *wrt_shared_memory_ref(struct wrt_memory_inst *memory)
{
    __atomic_fetch_add(&memory->shared->refcount, 1, __ATOMIC_RELAXED);
    return memory;
}

void wrt_shared_memory_unref(struct wrt_memory_inst *memory)
{
    struct wrt_shared_memory *shared = memory->shared;
    struct wasmrt_engine *engine = shared->engine;
    struct wrt_quota *quota = memory->quota;

    if (__atomic_fetch_sub(&shared->refcount, 1, __ATOMIC_ACQ_REL) != 1)
        return;
    wrt_memory_fini(memory);
    wrt_quota_unref(quota);
    wrt_free(&engine->alloc, shared, sizeof(*shared));
    wrt_engine_unref(engine);
}

wasmrt_error *wrt_shared_memory_new(struct wrt_store *store,
                                    const struct wrt_limits *limits,
                                    struct wrt_memory_inst **out)
{
    struct wasmrt_engine *engine = store->engine;
    struct wrt_shared_memory *shared =
        wrt_alloc_zero(&engine->alloc, sizeof(*shared));
    wasmrt_error *error;

    if (!shared || !wrt_vec_reserve(&engine->alloc, &store->shared, 1)) {
        wrt_free(&engine->alloc, shared, sizeof(*shared));
        return wrt_error_oom();
    }
    error = wrt_memory_open(&shared->memory, store, limits);
    if (error) {
        wrt_free(&engine->alloc, shared, sizeof(*shared));
        return error;
    }
    shared->memory.shared = shared;
    shared->refcount = 1;
    shared->engine = wrt_engine_ref(engine);
    wrt_quota_ref(shared->memory.quota);
    store->shared.items[store->shared.count++] = &shared->memory;
    *out = &shared->memory;
    return NULL;
}

wasmrt_error *wrt_shared_memory_use(struct wrt_store *store,
                                    struct wrt_memory_inst *memory)
{
    if (!memory->shared)
        return NULL;
    for (size_t i = 0; i < store->shared.count; i++) {
        if (store->shared.items[i] == memory)
            return NULL;
    }
    if (!wrt_vec_push(&store->engine->alloc, &store->shared, memory))
        return wrt_error_oom();
    wrt_shared_memory_ref(memory);
    return NULL;
}

void wrt_shared_memory_drop(struct wrt_store *store, size_t keep)
{
    while (store->shared.count > keep)
        wrt_shared_memory_unref(store->shared.items[--store->shared.count]);
}
