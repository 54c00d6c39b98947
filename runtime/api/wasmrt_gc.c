/*
 * wasmrt/gc.h: references, their lifetime, the heap.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "wasmrt/gc.h"

#include "runtime/api/misuse.h"
#include "runtime/store/func.h"
#include "runtime/store/gc.h"
#include "runtime/store/heap.h"
#include "runtime/store/store.h"
#include "runtime/store/value.h"

#include "wasmrt/debug.h"

/* -- References ------------------------------------------------------------ */

wasmrt_ref_kind wasmrt_val_ref_kind(const wasmrt_val *value)
{
    uint64_t ref = (uintptr_t)value->of.ref;

    switch (value->kind) {
    case WASMRT_FUNCREF: return ref ? WASMRT_REF_FUNC : WASMRT_REF_NULL;
    case WASMRT_EXTERNREF:
    case WASMRT_ANYREF:
    case WASMRT_EXNREF: break;
    default: return WASMRT_REF_NULL;
    }
    if (ref == 0)
        return WASMRT_REF_NULL;
    if (wrt_ref_is_i31(ref))
        return WASMRT_REF_I31;
    switch (wrt_object_kind(wrt_ref_object(ref))) {
    case WRT_OBJECT_STRUCT: return WASMRT_REF_STRUCT;
    case WRT_OBJECT_ARRAY: return WASMRT_REF_ARRAY;
    case WRT_OBJECT_EXN: return WASMRT_REF_EXN;
    default: return WASMRT_REF_HOST;
    }
}

wasmrt_val wasmrt_i31(int32_t v)
{
    wasmrt_val value;

    memset(&value, 0, sizeof(value));
    value.kind = WASMRT_ANYREF;
    value.of.ref = (void *)(uintptr_t)wrt_ref_from_i31((uint32_t)v);
    return value;
}

int32_t wasmrt_val_i31(const wasmrt_val *value)
{
    return (int32_t)(uint32_t)(uintptr_t)value->of.ref >> 1;
}

/* -- References of the host ------------------------------------------------ */

static wasmrt_error *new_extern(wasmrt_store *store, void *data,
                                void (*data_delete)(void *data),
                                wasmrt_extern **out)
{
    struct wrt_ctx *ctx;
    wasmrt_code code;

    WRT_REQUIRE(store && out, "extern_new: an argument is NULL");
    ctx = &store->ctx;
    code = wrt_extern_new(ctx, data, data_delete, out);
    if (code == WASMRT_ERR_OUT_OF_MEMORY)
        return wrt_error_oom();
    if (code != WASMRT_ERR_NONE)
        return wrt_func_end_call(ctx, wrt_trap_error(ctx, code));
    wrt_gc_hold(ctx, (uintptr_t)*out);
    return NULL;
}

wasmrt_error *wasmrt_extern_new(wasmrt_store *store, void *data,
                                wasmrt_extern **out)
{
    return new_extern(store, data, NULL, out);
}

wasmrt_error *wasmrt_extern_new_owned(wasmrt_store *store, void *data_taken,
                                      void (*data_delete)(void *data),
                                      wasmrt_extern **out)
{
    wasmrt_error *error = new_extern(store, data_taken, data_delete, out);

    if (error && data_delete)
        data_delete(data_taken);
    return error;
}

void *wasmrt_extern_data(const wasmrt_extern *ref)
{
    if (wrt_ref_is_i31((uintptr_t)ref) ||
        wrt_object_kind(&ref->header) != WRT_OBJECT_EXTERN)
        return NULL; /* one of the guest's own, as an externref */
    return ref->data;
}

/* -- Lifetime -------------------------------------------------------------- */

wasmrt_error *wasmrt_root_new(wasmrt_store *store, const wasmrt_val *value,
                              wasmrt_root **out)
{
    struct wasmrt_root *root;
    struct wrt_gc *gc;

    WRT_REQUIRE(store && value && out, "root_new: an argument is NULL");
    WRT_REQUIRE(value->kind >= WASMRT_FUNCREF && value->kind <= WASMRT_EXNREF,
                "root_new: the value is no reference");
    WRT_REQUIRE(wrt_value_is_of_store(value, store),
                "root_new: a reference of another store");
    root = wrt_alloc_zero(&store->engine->alloc, sizeof(*root));
    if (!root)
        return wrt_error_oom();
    gc = &store->ctx.gc;
    root->store = store;
    root->value = *value;
    root->next = gc->roots;
    if (gc->roots)
        gc->roots->prev = root;
    gc->roots = root;
    *out = root;
    return NULL;
}

wasmrt_val wasmrt_root_get(const wasmrt_root *root)
{
    return root->value;
}

void wasmrt_root_delete(wasmrt_root *root)
{
    if (!root)
        return;
    if (root->next)
        root->next->prev = root->prev;
    if (root->prev)
        root->prev->next = root->next;
    else
        root->store->ctx.gc.roots = root->next;
    wrt_free(&root->store->engine->alloc, root, sizeof(*root));
}

wasmrt_scope wasmrt_scope_open(wasmrt_store *store)
{
    struct wrt_gc_scope scope = wrt_gc_open_scope(&store->ctx);

    return (wasmrt_scope){.outer = scope.outer, .start = scope.nhandles};
}

void wasmrt_scope_close(wasmrt_store *store, wasmrt_scope scope)
{
    wrt_gc_close_scope(&store->ctx, (struct wrt_gc_scope){
                                        .nhandles = scope.start,
                                        .outer = scope.outer,
                                    });
}

/* -- The heap -------------------------------------------------------------- */

void wasmrt_store_set_gc_limit(wasmrt_store *store, uint64_t bytes)
{
    store->gc_limit = bytes;
}

wasmrt_error *wasmrt_store_gc(wasmrt_store *store)
{
    wasmrt_code code;

    WRT_REQUIRE(store, "store_gc: the store is NULL");
    code = wrt_gc_collect(&store->ctx);
    if (code == WASMRT_ERR_NONE)
        return NULL;
    return wrt_func_end_call(&store->ctx, wrt_trap_error(&store->ctx, code));
}

void wasmrt_store_set_gc_stress(wasmrt_store *store, bool on)
{
    store->gc_stress = on;
    wrt_gc_retire(&store->ctx);
}

void wasmrt_store_get_gc_stats(const wasmrt_store *store, wasmrt_gc_stats *out)
{
    const struct wrt_gc_heap *heap = store->ctx.gc.heap;

    memset(out, 0, sizeof(*out));
    if (!heap)
        return;
    out->heap_bytes = wrt_gc_heap_bytes(&store->ctx);
    out->allocated_bytes = heap->stats.taken_bytes + heap->taken_bytes -
                           (uint64_t)(heap->hole_limit - store->ctx.gc.bump) -
                           (uint64_t)(heap->medium.limit - heap->medium.bump);
    out->live_objects = heap->stats.live_objects;
    out->live_bytes = heap->stats.live_bytes;
    out->collections = heap->stats.collections;
    out->interrupted = heap->stats.interrupted;
    out->pause_ns = heap->stats.pause_ns;
    out->max_pause_ns = heap->stats.max_pause_ns;
}
