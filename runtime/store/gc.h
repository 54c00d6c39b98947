/*
 * The store's heap of objects: structs, arrays, exceptions and references of
 * the host.
 *
 * A reference in a slot, a global or a table is 64 bits:
 *
 *   null      0
 *   i31       the value << 1 | 1, as 32 bits, zero-extended
 *   object    the address of its header (struct wrt_object)
 *   function  the address of its struct wrt_funcref; never in this heap
 *
 * extern.convert_any and any.convert_extern change nothing: an externref is an
 * object like any other, and what the host brings in is boxed in one of kind
 * EXTERN.  Fields and elements of objects hold 32 bits.  All objects of a store
 * lie in one window of 4 GiB, so packing a reference is truncation and
 * unpacking puts the window back; functions are packed as numbers that the
 * store gives them.
 *
 * Objects do not move.  Any allocation may collect: an object then lives on
 * when a slot of the guest's stack below the top (wrt_gc_set_top) holds its
 * address or one inside of it, or a global, a table, a segment, a struct
 * wrt_gc_frame, a handle of the host, an exception in an error, or a field of
 * an object that lives.
 *
 * The heap belongs to the store's thread.  A store that allocates nothing has
 * none.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_GC_H
#define WRT_STORE_GC_H

#include "runtime/module/layout.h"
#include "runtime/store/vmctx.h"

/* -- Objects --------------------------------------------------------------- */

/* The public wasmrt_extern, when it is one of the host's: a reference of the
 * host as the guest sees it. */
struct wasmrt_extern {
    struct wrt_object header;
    void *data;
};

/* An exception: its tag and its payload, as full slots (v128: two).  The
 * collector follows the payload by the types of the tag's parameters. */
struct wrt_exn {
    struct wrt_object header;
    struct wrt_tag_inst *tag;
    wrt_slot payload[];
};

/* -- References ------------------------------------------------------------ */

WRT_INLINE bool wrt_ref_is_i31(uint64_t ref)
{
    return (ref & 1) != 0;
}

WRT_INLINE uint64_t wrt_ref_from_i31(uint32_t value)
{
    return (uint32_t)(value << 1) | 1;
}

/* Of an object or i31, or null. */
WRT_INLINE uint32_t wrt_ref_pack(uint64_t ref)
{
    return (uint32_t)ref;
}

WRT_INLINE uint64_t wrt_ref_unpack(const struct wrt_ctx *ctx, uint32_t packed)
{
    return packed == 0 || packed & 1 ? packed : ctx->gc.window | packed;
}

/* The number that stands for a function in objects of its store; UINT32_MAX
 * when there is no memory for it. */
uint32_t wrt_func_pack(struct wrt_ctx *ctx, struct wrt_funcref *func);

WRT_INLINE struct wrt_funcref *wrt_func_unpack(const struct wrt_ctx *ctx,
                                               uint32_t packed)
{
    return packed ? ctx->gc.funcs[packed] : NULL;
}

/* The object of a reference that is one. */
WRT_INLINE struct wrt_object *wrt_ref_object(uint64_t ref)
{
    return (struct wrt_object *)(uintptr_t)ref;
}

/*
 * Kinds of references as bits: 1 << enum wrt_object_kind for objects, the bit
 * of NONE for what is none (i31), and one for null.  A function begins with its
 * type id, which reads as a header of kind NONE; no hierarchy has both.
 */
enum { WRT_KINDS_NULL = 7 };

WRT_INLINE bool wrt_ref_has_kind(uint64_t ref, uint32_t kinds)
{
    uint32_t kind = WRT_OBJECT_NONE;

    if (ref == 0)
        kind = WRT_KINDS_NULL;
    else if (!wrt_ref_is_i31(ref))
        kind = wrt_object_kind(wrt_ref_object(ref));
    return kinds >> kind & 1;
}

/* The kinds of an abstract reference type. */
uint32_t wrt_ref_kinds(wrt_valtype type);

/* Whether a reference, null or not, is of a reference type: the check of
 * ref.test and ref.cast.  The types' forms are those of one hierarchy. */
bool wrt_ref_matches(const struct wrt_types *types, uint64_t ref,
                     wrt_valtype type);

/* Whether a reference is null, i31 or an object of this store, as far as its
 * address tells. */
bool wrt_gc_owns(const struct wrt_ctx *ctx, uint64_t ref);

/* -- Allocation ------------------------------------------------------------ */

/* Slots that a C frame holds across an allocation. */
struct wrt_gc_frame {
    struct wrt_gc_frame *prev;
    const wrt_slot *slots;
    size_t count;
};

WRT_INLINE void wrt_gc_push_frame(struct wrt_ctx *ctx,
                                  struct wrt_gc_frame *frame,
                                  const wrt_slot *slots, size_t count)
{
    *frame = (struct wrt_gc_frame){ctx->gc.frames, slots, count};
    ctx->gc.frames = frame;
}

WRT_INLINE void wrt_gc_pop_frame(struct wrt_ctx *ctx)
{
    ctx->gc.frames = ctx->gc.frames->prev;
}

/* Says what the guest's stack holds: before an allocation, all slots below top
 * that are in use.  Calls of host functions say it on their own. */
WRT_INLINE void wrt_gc_set_top(struct wrt_ctx *ctx, wrt_slot *top)
{
    ctx->activation->sp = top;
}

/*
 * Makes an object: header, then zeroes.  size_bytes counts the header; any
 * size is safe.  Fails with GC_HEAP_EXHAUSTED, or with the code of an interrupt
 * that came while collecting.
 */
WRT_MUST_USE wasmrt_code wrt_gc_alloc_slow(struct wrt_ctx *ctx,
                                           struct wrt_object header,
                                           uint64_t size_bytes,
                                           struct wrt_object **out);

/* Memory for an object, zeroed, or NULL when the slow path must make it: for
 * code that allocates in line. */
WRT_INLINE uint8_t *wrt_gc_bump(struct wrt_ctx *ctx, size_t size_bytes)
{
    uint8_t *at = ctx->gc.bump;

    if (WRT_UNLIKELY(size_bytes > (size_t)(ctx->gc.limit - at)))
        return NULL;
    ctx->gc.bump = at + size_bytes;
    return at;
}

/* The whole of it.  size_bytes is at least WRT_OBJECT_MIN_BYTES and a multiple
 * of WRT_OBJECT_ALIGN. */
WRT_INLINE wasmrt_code wrt_gc_alloc(struct wrt_ctx *ctx,
                                    struct wrt_object header,
                                    uint64_t size_bytes,
                                    struct wrt_object **out)
{
    uint8_t *at = wrt_gc_bump(ctx, size_bytes);

    if (WRT_UNLIKELY(at == NULL))
        return wrt_gc_alloc_slow(ctx, header, size_bytes, out);
    *out = (struct wrt_object *)(void *)at;
    **out = header;
    return WASMRT_ERR_NONE;
}

/*
 * Makes an exception with a copy of the payload: the slots of the tag's
 * parameters.  The payload must be on the guest's stack below the top, or in a
 * struct wrt_gc_frame.  Fails like wrt_gc_alloc().
 */
WRT_MUST_USE wasmrt_code wrt_exn_new(struct wrt_ctx *ctx,
                                     struct wrt_tag_inst *tag,
                                     const wrt_slot *payload,
                                     struct wrt_exn **out);

/* Boxes a reference of the host.  data_delete, or NULL, gets data when nobody
 * refers to the box any more, at the latest when the store is deleted; it must
 * not use the store.  On failure data is untouched. */
WRT_MUST_USE wasmrt_code wrt_extern_new(struct wrt_ctx *ctx, void *data,
                                        void (*data_delete)(void *data),
                                        struct wasmrt_extern **out);

/* -- References of the host ------------------------------------------------ */

/*
 * Keeps a reference alive for the host: until the host function that is running
 * returns; outside of one, until the store is deleted or the handles are cut
 * back (wrt_gc_close_scope).  Anything but an object is ignored.
 */
void wrt_gc_hold(struct wrt_ctx *ctx, uint64_t ref);

/* The handles of a call of a host function: those that it adds go with it. */
struct wrt_gc_scope {
    size_t nhandles, outer;
};

WRT_INLINE struct wrt_gc_scope wrt_gc_open_scope(struct wrt_ctx *ctx)
{
    struct wrt_gc_scope scope = {ctx->gc.nhandles, ctx->gc.scope};

    ctx->gc.scope = ctx->gc.nhandles;
    return scope;
}

WRT_INLINE void wrt_gc_close_scope(struct wrt_ctx *ctx,
                                   struct wrt_gc_scope scope)
{
    ctx->gc.nhandles = scope.nhandles;
    ctx->gc.scope = scope.outer;
}

/* The public wasmrt_root: a reference that the host keeps until it says
 * otherwise. */
struct wasmrt_root {
    struct wasmrt_root *next, *prev;
    struct wrt_store *store;
    wasmrt_val value;
};

/* -- Collection ------------------------------------------------------------ */

/* Collects now.  NONE, or the code of an interrupt, and then nothing was freed;
 * what was held before is whole either way. */
WRT_MUST_USE wasmrt_code wrt_gc_collect(struct wrt_ctx *ctx);

/* The blocks that hold objects, and how much they may be at most. */
uint64_t wrt_gc_heap_bytes(const struct wrt_ctx *ctx);
uint64_t wrt_gc_limit_bytes(const struct wrt_ctx *ctx);

/* Sends the next allocation through the slow path, where it looks at what has
 * been set in the store. */
void wrt_gc_retire(struct wrt_ctx *ctx);

/* Releases the heap with everything in it. */
void wrt_gc_fini(struct wrt_ctx *ctx);

#endif
