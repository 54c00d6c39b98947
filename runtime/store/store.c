/*
 * The store: creation and deletion.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/store.h"

#include "runtime/base/os.h"
#include "runtime/store/exn.h"
#include "runtime/store/gc.h"
#include "runtime/store/instance.h"
#include "runtime/store/linker.h"
#include "runtime/store/memory.h"
#include "runtime/store/shared.h"
#include "runtime/store/table.h"
#include "runtime/store/task.h"

/* -- The guest's stack ----------------------------------------------------- */

/* Behind the frames lies a page that nothing may touch: the last resort, should
 * an engine's check of stack_end ever be wrong. */
static bool map_stack(struct wrt_ctx *ctx, struct wasmrt_engine *engine)
{
    size_t bytes = engine->max_stack_bytes;
    size_t reserved = bytes + wrt_os_page_size();
    bool has_space;
    void *base = wrt_pool_get(&engine->stack_pool, reserved, bytes, &has_space);

    if (!base)
        return false;
    ctx->stack_base = base;
    ctx->stack_end = ctx->stack_base + bytes / sizeof(wrt_slot);
    ctx->stack_bytes = reserved;
    return true;
}

/* -- Lifetime -------------------------------------------------------------- */

/* A store that counts in a quota, whose reference it takes; NULL for none. */
static wasmrt_error *new_store(struct wasmrt_engine *engine,
                               struct wrt_quota *quota, struct wrt_store **out)
{
    struct wrt_store *store = wrt_alloc_zero(&engine->alloc, sizeof(*store));

    if (!store || !quota) {
        wrt_free(&engine->alloc, store, sizeof(*store));
        return wrt_error_oom();
    }
    if (!map_stack(&store->ctx, engine)) {
        wrt_free(&engine->alloc, store, sizeof(*store));
        return wrt_error_new(WASMRT_ERR_ADDRESS_SPACE, WRT_NO_OFFSET,
                             "no room for a guest stack of %zu bytes",
                             engine->max_stack_bytes);
    }
    store->engine = wrt_engine_ref(engine);
    store->quota = quota;
    store->ctx.store = store;
    store->ctx.fuel = engine->has_fuel ? 0 : UINT64_MAX;
    store->deadline.ctx = &store->ctx;
    store->gc_limit = engine->store_limits.gc_bytes;
    wrt_arena_init(&store->arena, &engine->alloc);
    wrt_sampler_add(&engine->sampler, &store->ctx);
    *out = store;
    return NULL;
}

wasmrt_error *wrt_store_new(struct wasmrt_engine *engine,
                            struct wrt_store **out)
{
    struct wrt_quota *quota =
        wrt_quota_new(&engine->alloc, &engine->store_limits);
    wasmrt_error *error = new_store(engine, quota, out);

    if (error && quota)
        wrt_quota_unref(quota);
    return error;
}

wasmrt_error *wrt_store_new_sibling(struct wrt_store *store,
                                    struct wrt_store **out)
{
    struct wasmrt_engine *engine = store->engine;
    struct wrt_quota *quota = wrt_quota_ref(store->quota);
    wasmrt_error *error = new_store(engine, quota, out);
    wasmrt_code pending;

    if (error) {
        wrt_quota_unref(quota);
        return error;
    }
    (*out)->gc_limit = store->gc_limit;
    (*out)->gc_stress = store->gc_stress;
    if (engine->has_fuel) {
        wrt_quota_add_fuel(quota, store->ctx.fuel);
        store->ctx.fuel = 0;
    }
    wrt_watch_copy(&engine->watch, &(*out)->deadline, &store->deadline);
    pending = wrt_interrupt_pending(&store->ctx);
    if (pending != WASMRT_ERR_NONE)
        wrt_interrupt_raise(&(*out)->ctx, pending);
    return NULL;
}

static void delete_attachments(struct wrt_store *store)
{
    /* One at a time: a deleter may look at what is still attached. */
    while (store->attachments.count) {
        struct wrt_attachment last =
            store->attachments.items[--store->attachments.count];

        if (last.data_delete)
            last.data_delete(last.data);
    }
    wrt_vec_fini(&store->engine->alloc, &store->attachments);
}

static void delete_linked(struct wrt_store *store)
{
    for (size_t i = 0; i < store->linked.count; i++) {
        struct wrt_linked *linked = &store->linked.items[i];

        wrt_free_array(&store->engine->alloc, linked->funcs, linked->count,
                       sizeof(*linked->funcs));
        wrt_linker_unref(linked->linker);
    }
    wrt_vec_fini(&store->engine->alloc, &store->linked);
}

/* What the host attached goes first, while everything is still there. */
static void delete_objects(struct wrt_store *store)
{
    struct wrt_instance *next;

    for (struct wrt_host_func *h = store->hosts; h; h = h->next) {
        if (h->env_delete)
            h->env_delete(h->env);
    }
    wrt_exn_fini(&store->ctx);
    wrt_gc_fini(&store->ctx);
    /* Memories and tables before the instances that embed them. */
    for (struct wrt_memory_inst *m = store->memories; m; m = m->next)
        wrt_memory_fini(m);
    wrt_shared_memory_drop(store, 0);
    wrt_vec_fini(&store->engine->alloc, &store->shared);
    for (struct wrt_table_inst *t = store->tables; t; t = t->next)
        wrt_table_fini(t);
    for (struct wrt_instance *inst = store->instances; inst; inst = next) {
        next = inst->next;
        wrt_instance_delete(inst);
    }
}

void wrt_store_delete(struct wrt_store *store)
{
    struct wasmrt_engine *engine = store->engine;

    wrt_watch_set(&engine->watch, &store->deadline, 0);
    wrt_task_delete_all(store);
    if (store->closures)
        store->closures_delete(store);
    wasmrt_error_delete(store->closure_error);
    wrt_sampler_remove(&engine->sampler, &store->ctx);
    delete_attachments(store);
    delete_objects(store);
    if (store->ctx.event_plus_1)
        wrt_os_event_close((int)store->ctx.event_plus_1 - 1);
    wrt_pool_put(&engine->stack_pool, (uint8_t *)store->ctx.stack_base,
                 store->ctx.stack_bytes, engine->max_stack_bytes);
    delete_linked(store);
    for (size_t i = 0; i < store->type_ids.count; i++)
        wrt_types_release_group(engine->types, store->type_ids.items[i]);
    wrt_vec_fini(&engine->alloc, &store->type_ids);
    wrt_free_array(&engine->alloc, store->globals, store->globals_capacity,
                   sizeof(*store->globals));
    wrt_arena_fini(&store->arena);
    /* What other threads of the guest may still burn. */
    if (engine->has_fuel && wrt_quota_is_shared(store->quota))
        wrt_quota_add_fuel(store->quota, store->ctx.fuel);
    wrt_quota_unref(store->quota);
    wrt_free(&engine->alloc, store, sizeof(*store));
    wrt_engine_unref(engine);
}

void *wrt_store_alloc(struct wrt_store *store, size_t size_bytes)
{
    void *ptr = wrt_arena_array(&store->arena, 1, size_bytes);

    /* The arena remembers a failure; the store reports it and goes on. */
    store->arena.failed = false;
    return ptr;
}
