/*
 * Collections, and the objects that the runtime itself makes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/gc.h"

#include "runtime/base/os.h"
#include "runtime/base/sort.h"
#include "runtime/store/heap.h"
#include "runtime/store/store.h"

/* -- Collecting ------------------------------------------------------------ */

/* An interrupt ends it while it marks; behind that it is too late to stop. */
static wasmrt_code collect(struct wrt_gc_heap *heap)
{
    uint64_t start = wrt_os_monotonic_ns(), pause;
    wasmrt_code code = wrt_heap_mark(heap);

    if (code != WASMRT_ERR_NONE) {
        heap->stats.interrupted++;
        return code;
    }
    if (WRT_IS_DEBUG)
        wrt_heap_verify(heap);
    wrt_heap_finalize(heap);
    /* As much again as lives: so collecting costs a fixed share of the time
     * that allocating and filling the memory took. */
    heap->threshold = WRT_MAX(heap->live_bytes, (uint64_t)WRT_GC_MIN_THRESHOLD);
    wrt_heap_sweep(heap);
    if (WRT_IS_DEBUG)
        wrt_heap_poison(heap);
    heap->stats.live_objects = heap->live_objects;
    heap->stats.live_bytes = heap->live_bytes;
    heap->stats.collections++;
    pause = wrt_os_monotonic_ns() - start;
    heap->stats.pause_ns += pause;
    heap->stats.max_pause_ns = WRT_MAX(heap->stats.max_pause_ns, pause);
    return WASMRT_ERR_NONE;
}

wasmrt_code wrt_gc_collect(struct wrt_ctx *ctx)
{
    struct wrt_gc_heap *heap = ctx->gc.heap;

    return heap && !heap->is_frozen ? collect(heap) : WASMRT_ERR_NONE;
}

/* -- References ------------------------------------------------------------ */

_Static_assert(offsetof(struct wrt_funcref, type_id) == 0 &&
                   offsetof(struct wrt_object, info) == 0 &&
                   WRT_MAX_TYPE_ID < 1 << WRT_OBJECT_KIND_SHIFT,
               "a function reads as an object of no kind");

#define BIT(kind) (1u << WRT_OBJECT_##kind)

uint32_t wrt_ref_kinds(wrt_valtype type)
{
    static const uint8_t kinds[] = {
        [WRT_HEAP_FUNC] = BIT(NONE),
        [WRT_HEAP_EXTERN] = BIT(NONE) | BIT(STRUCT) | BIT(ARRAY) | BIT(EXTERN),
        [WRT_HEAP_ANY] = BIT(NONE) | BIT(STRUCT) | BIT(ARRAY) | BIT(EXTERN),
        [WRT_HEAP_EQ] = BIT(NONE) | BIT(STRUCT) | BIT(ARRAY),
        [WRT_HEAP_I31] = BIT(NONE),
        [WRT_HEAP_STRUCT] = BIT(STRUCT),
        [WRT_HEAP_ARRAY] = BIT(ARRAY),
        [WRT_HEAP_EXN] = BIT(EXN),
        [WRT_HEAP_BOT] = 0, /* the bottom types have none */
    };

    return kinds[wrt_valtype_heap(type)] |
           (uint32_t)wrt_valtype_is_nullable(type) << WRT_KINDS_NULL;
}

bool wrt_ref_matches(const struct wrt_types *types, uint64_t ref,
                     wrt_valtype type)
{
    uint32_t heap = wrt_valtype_heap(type), info;

    if (!wrt_valtype_has_type_id(type))
        return wrt_ref_has_kind(ref, wrt_ref_kinds(type));
    if (ref == 0)
        return wrt_valtype_is_nullable(type);
    if (wrt_ref_is_i31(ref))
        return false;
    info = wrt_ref_object(ref)->info;
    return info >> WRT_OBJECT_KIND_SHIFT <= WRT_OBJECT_ARRAY &&
           wrt_types_is_subtype(types, info & WRT_OBJECT_ID_MASK, heap);
}

/* Gives numbers to `count` functions that lie side by side; the first one, or
 * UINT32_MAX. */
static uint32_t number_funcs(struct wrt_ctx *ctx, struct wrt_funcref *funcs,
                             uint32_t count)
{
    const struct wrt_alloc *alloc = &ctx->store->engine->alloc;
    struct wrt_gc *gc = &ctx->gc;
    size_t first = WRT_MAX(gc->nfuncs, (size_t)1), end = first + count;

    if (end > UINT32_MAX ||
        (end > gc->funcs_capacity &&
         !wrt_vec_grow(alloc, &gc->funcs, &gc->funcs_capacity, gc->nfuncs,
                       end - gc->nfuncs, sizeof(struct wrt_funcref *))))
        return UINT32_MAX;
    for (uint32_t i = 0; i < count; i++)
        gc->funcs[first + i] = &funcs[i];
    gc->nfuncs = end;
    return (uint32_t)first;
}

uint32_t wrt_func_pack(struct wrt_ctx *ctx, struct wrt_funcref *func)
{
    struct wrt_instance *inst;
    uint32_t first;

    if (!func)
        return 0;
    inst = func->instance;
    if (!inst) {
        if (!func->host->packed) {
            first = number_funcs(ctx, func, 1);
            if (first == UINT32_MAX)
                return first;
            func->host->packed = first;
        }
        return func->host->packed;
    }
    if (!inst->packed_funcs) {
        first = number_funcs(ctx, inst->funcrefs, inst->module->nescaping);
        if (first == UINT32_MAX)
            return first;
        inst->packed_funcs = first;
    }
    return inst->packed_funcs + (uint32_t)(func - inst->funcrefs);
}

bool wrt_gc_owns(const struct wrt_ctx *ctx, uint64_t ref)
{
    const struct wrt_gc_heap *heap = ctx->gc.heap;
    uint64_t offset;

    if (ref == 0 || wrt_ref_is_i31(ref))
        return true;
    if (!heap || ref % WRT_OBJECT_ALIGN)
        return false;
    offset = ref - (uint64_t)(uintptr_t)heap->base;
    return offset < (uint64_t)heap->nblocks << WRT_BLOCK_LOG2;
}

/* -- Objects of the runtime ------------------------------------------------ */

wasmrt_code wrt_exn_new(struct wrt_ctx *ctx, struct wrt_tag_inst *tag,
                        const wrt_slot *payload, struct wrt_exn **out)
{
    uint32_t nslots = tag->type->param_slots;
    struct wrt_object header = {
        .info = (uint32_t)WRT_OBJECT_EXN << WRT_OBJECT_KIND_SHIFT |
                WRT_OBJECT_TRACED | WRT_OBJECT_ID_MASK,
        .len = nslots,
    };
    struct wrt_object *object;
    wasmrt_code code;

    code = wrt_gc_alloc(ctx, header, wrt_object_bytes(&header), &object);
    if (code != WASMRT_ERR_NONE)
        return code;
    *out = (struct wrt_exn *)(void *)object;
    (*out)->tag = tag;
    if (nslots)
        memcpy((*out)->payload, payload, nslots * sizeof(*payload));
    return WASMRT_ERR_NONE;
}

wasmrt_code wrt_extern_new(struct wrt_ctx *ctx, void *data,
                           void (*data_delete)(void *data),
                           struct wasmrt_extern **out)
{
    const struct wrt_object header = {
        .info = (uint32_t)WRT_OBJECT_EXTERN << WRT_OBJECT_KIND_SHIFT |
                WRT_OBJECT_ID_MASK,
    };
    struct wrt_object *object;
    wasmrt_code code;

    code = wrt_gc_alloc(ctx, header, sizeof(**out), &object);
    if (code != WASMRT_ERR_NONE)
        return code;
    *out = (struct wasmrt_extern *)(void *)object;
    if (data_delete) {
        struct wrt_finalizer f = {*out, data_delete};

        if (!wrt_vec_push(ctx->gc.heap->alloc, &ctx->gc.heap->finalizers, f))
            return WASMRT_ERR_OUT_OF_MEMORY;
    }
    (*out)->data = data;
    return WASMRT_ERR_NONE;
}

/* -- Handles --------------------------------------------------------------- */

static int compare_handles(const void *user, uint32_t a, uint32_t b)
{
    (void)user;
    return a < b ? -1 : a > b;
}

/* Removes duplicates from the innermost scope. */
static void compact_handles(struct wrt_gc *gc)
{
    size_t count = gc->nhandles - gc->scope, kept = 0;
    uint32_t *handles;

    if (count == 0)
        return;
    handles = gc->handles + gc->scope;
    wrt_sort_u32(handles, count, compare_handles, NULL);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || handles[kept - 1] != handles[i])
            handles[kept++] = handles[i];
    }
    gc->nhandles = gc->scope + kept;
}

/* Room for one more handle. */
static bool reserve_handle(struct wrt_gc *gc)
{
    size_t capacity = gc->handles_capacity;

    if (gc->nhandles < capacity)
        return true;
    compact_handles(gc);
    if (gc->nhandles < capacity / 2)
        return true;
    return wrt_vec_grow(gc->heap->alloc, &gc->handles, &gc->handles_capacity,
                        gc->nhandles, 1, sizeof(*gc->handles));
}

void wrt_gc_hold(struct wrt_ctx *ctx, uint64_t ref)
{
    struct wrt_gc *gc = &ctx->gc;

    if (ref == 0 || wrt_ref_is_i31(ref))
        return;
    /* Without room the object cannot be named, so none may be freed. */
    if (!reserve_handle(gc))
        gc->heap->is_frozen = true;
    else
        gc->handles[gc->nhandles++] = wrt_ref_pack(ref);
}
