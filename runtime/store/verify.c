/*
 * The heap: what debug builds check and spoil with every collection.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/base/access.h"
#include "runtime/store/heap.h"
#include "runtime/store/store.h"

enum { POISON = 0xdb };

static struct wrt_object *object_at(const struct wrt_gc_heap *heap,
                                    size_t offset)
{
    return (struct wrt_object *)(void *)(heap->base + offset);
}

/* Whether a side's bit says that an object begins there. */
static bool has_bit(const struct wrt_gc_heap *heap, unsigned side,
                    size_t offset)
{
    size_t bit = offset >> WRT_MARK_LOG2;

    return heap->marks[side][bit / 64] >> (bit % 64) & 1;
}

/* The first bit of a block at or behind a place, as an offset; the block's end
 * when there is none. */
static size_t next_object(const struct wrt_gc_heap *heap, unsigned side,
                          size_t offset)
{
    size_t end = WRT_ALIGN_UP(offset + 1, (size_t)WRT_BLOCK_BYTES);

    while (offset < end && !has_bit(heap, side, offset))
        offset += WRT_OBJECT_ALIGN;
    return offset;
}

/* -- Verifying ------------------------------------------------------------- */

/* Whether a reference to an object is to one of the heap that is marked. */
WRT_INLINE bool is_to_marked(const struct wrt_gc_heap *heap, uint32_t packed)
{
    size_t offset = packed - (uint32_t)(uintptr_t)heap->base;

    return offset < (size_t)heap->nblocks << WRT_BLOCK_LOG2 &&
           has_bit(heap, !heap->side, offset);
}

static void verify_ref(const struct wrt_gc_heap *heap, uint32_t packed)
{
    if (packed == 0 || packed & 1)
        return;
    WRT_ASSERT(is_to_marked(heap, packed),
               "what a marked object refers to is in the heap and marked");
}

/* Whatever a marked object refers to must be marked. */
static void verify_fields(const struct wrt_gc_heap *heap,
                          const struct wrt_object *object)
{
    const struct wrt_types *types = heap->ctx->store->engine->types;
    const uint8_t *at = (const uint8_t *)object;
    const struct wrt_type *type;

    if (wrt_object_kind(object) == WRT_OBJECT_ARRAY &&
        object->info & WRT_OBJECT_TRACED) {
        for (uint32_t i = 0; i < object->len; i++)
            verify_ref(heap, *(const wrt_guest_u32 *)(at + 8 + 4 * (size_t)i));
    }
    if (wrt_object_kind(object) != WRT_OBJECT_STRUCT)
        return;
    type = wrt_types_get(types, wrt_object_type_id(object));
    WRT_ASSERT(object->info == type->object_info &&
                   object->len == type->size_bytes,
               "headers are made from types");
    for (uint32_t i = 0; i < type->nrefs; i++)
        verify_ref(heap, *(const wrt_guest_u32 *)(at + type->ref_offsets[i]));
}

/* Whether an object ends in its block, or in the run that it has alone. */
WRT_INLINE bool ends_in_block(const struct wrt_block *b, size_t at, size_t end,
                              const struct wrt_object *object)
{
    uint64_t size = wrt_object_bytes(object);

    return at + size <= end || b->run > (size - 1) >> WRT_BLOCK_LOG2;
}

static void verify_block(struct wrt_gc_heap *heap, uint32_t block)
{
    size_t at = (size_t)block << WRT_BLOCK_LOG2, end = at + WRT_BLOCK_BYTES;
    const struct wrt_block *b = &heap->blocks[block];

    if (!b->is_walked)
        wrt_heap_walk_block(heap, block);
    for (at = next_object(heap, !heap->side, at); at < end;
         at = next_object(heap, !heap->side, at + WRT_OBJECT_ALIGN)) {
        const struct wrt_object *object = object_at(heap, at);

        WRT_ASSERT(has_bit(heap, heap->side, at),
                   "only the start of an object is marked");
        WRT_ASSERT(wrt_object_kind(object) >= WRT_OBJECT_STRUCT &&
                       wrt_object_kind(object) <= WRT_OBJECT_EXN,
                   "objects have a kind");
        WRT_ASSERT(ends_in_block(b, at, end, object),
                   "only large objects leave their block");
        verify_fields(heap, object);
        /* The last one of a block would otherwise look into the next. */
        if (at + WRT_OBJECT_ALIGN >= end)
            break;
    }
}

void wrt_heap_verify(struct wrt_gc_heap *heap)
{
    for (uint32_t i = 0; i < heap->nblocks; i++) {
        if (heap->blocks[i].is_used)
            verify_block(heap, i);
    }
}

/* -- Poisoning ------------------------------------------------------------- */

/* Everything of a block that is in no object. */
static void poison_block(const struct wrt_gc_heap *heap, uint32_t block)
{
    const struct wrt_block *b = &heap->blocks[block];
    size_t start = (size_t)block << WRT_BLOCK_LOG2, at = start;
    size_t end = start + WRT_BLOCK_BYTES;

    if (b->lead) {
        size_t head = (size_t)(block - b->lead) << WRT_BLOCK_LOG2;

        at = head + wrt_object_bytes(object_at(heap, head));
    }
    while (at < end) {
        size_t object = next_object(heap, heap->side, at);

        memset(heap->base + at, POISON, object - at);
        at = object;
        if (object < end)
            at += wrt_object_bytes(object_at(heap, object));
    }
}

void wrt_heap_poison(struct wrt_gc_heap *heap)
{
    for (uint32_t i = 0; i < heap->nblocks; i++) {
        struct wrt_block *b = &heap->blocks[i];
        uint8_t *at = heap->base + ((size_t)i << WRT_BLOCK_LOG2);

        if (b->is_used)
            poison_block(heap, i);
        else if (!b->is_zeroed)
            memset(at, POISON, WRT_BLOCK_BYTES);
    }
}
