/*
 * The heap: finding objects from arbitrary words, and freeing what has no mark.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/heap.h"

#include "runtime/base/os.h"

/* What goes back to the system per collection, so that it stays short. */
enum { DISCARD_RUNS = 64, DISCARD_BLOCKS = 512 };

/* -- Where objects begin --------------------------------------------------- */

/* Sets the bits of the objects in a hole, up to the first zero header. */
static void walk_hole(struct wrt_gc_heap *heap, const uint8_t *at,
                      const uint8_t *end)
{
    uint64_t *marks = heap->marks[heap->side];

    while (at < end) {
        const struct wrt_object *object =
            (const struct wrt_object *)(const void *)at;
        size_t bit = wrt_heap_offset(heap, at) >> WRT_MARK_LOG2;

        if (object->info == 0)
            return;
        marks[bit / 64] |= (uint64_t)1 << (bit % 64);
        at += wrt_object_bytes(object);
    }
}

void wrt_heap_walk_block(struct wrt_gc_heap *heap, uint32_t block)
{
    struct wrt_block *b = &heap->blocks[block];
    const uint8_t *base = heap->base + ((size_t)block << WRT_BLOCK_LOG2);
    uint32_t start, end = 0;

    b->is_walked = true;
    while (end < b->cursor &&
           wrt_heap_next_hole(heap, block, end, &start, &end) &&
           start < b->cursor)
        walk_hole(heap, base + ((size_t)start << WRT_LINE_LOG2),
                  base + ((size_t)end << WRT_LINE_LOG2));
}

/* The object that begins last at or before a place of a block, or NULL. */
static struct wrt_object *last_object(const struct wrt_gc_heap *heap,
                                      uint32_t block, size_t offset)
{
    size_t first = (size_t)block * WRT_MARK_WORDS;
    size_t bit = offset >> WRT_MARK_LOG2, word = bit / 64;
    const uint64_t *marks = heap->marks[heap->side];
    uint64_t bits = marks[word] & UINT64_MAX >> (63 - bit % 64);

    while (!bits && word > first)
        bits = marks[--word];
    if (!bits)
        return NULL;
    bit = word * 64 + 63 - (size_t)__builtin_clzll(bits);
    return (struct wrt_object *)(void *)(heap->base + (bit << WRT_MARK_LOG2));
}

struct wrt_object *wrt_heap_find(struct wrt_gc_heap *heap, uint64_t address)
{
    uint64_t offset = address - (uint64_t)(uintptr_t)heap->base;
    uint32_t block = (uint32_t)(offset >> WRT_BLOCK_LOG2);
    struct wrt_block *b;
    struct wrt_object *object = NULL;

    if (offset >> WRT_BLOCK_LOG2 >= heap->nblocks)
        return NULL;
    b = &heap->blocks[block];
    if (!b->is_used)
        return NULL;
    if (b->lead || b->run) {
        object = (struct wrt_object *)(void *)(heap->base +
                                               ((size_t)(block - b->lead)
                                                << WRT_BLOCK_LOG2));
        if (address - (uintptr_t)object < wrt_object_bytes(object))
            return object;
    }
    if (!b->is_walked)
        wrt_heap_walk_block(heap, block);
    object = last_object(heap, block, (size_t)offset);
    if (object && address - (uintptr_t)object < wrt_object_bytes(object))
        return object;
    return NULL;
}

/* -- Sweeping -------------------------------------------------------------- */

bool wrt_heap_is_marked(const struct wrt_gc_heap *heap,
                        const struct wrt_object *object)
{
    size_t bit = wrt_heap_offset(heap, object) >> WRT_MARK_LOG2;

    return heap->marks[!heap->side][bit / 64] >> (bit % 64) & 1;
}

/* Dissolves a large object that has no mark. */
static void sweep_large(struct wrt_gc_heap *heap, uint32_t block)
{
    uint32_t run = heap->blocks[block].run;
    const void *object = heap->base + ((size_t)block << WRT_BLOCK_LOG2);

    if (wrt_heap_is_marked(heap, object))
        return;
    for (uint32_t i = 0; i < run; i++)
        heap->blocks[block + i].run = heap->blocks[block + i].lead = 0;
}

/* Whether a free block's memory could be given back. */
static bool is_dirty(const struct wrt_block *b)
{
    return !b->is_used && !b->is_zeroed;
}

static void sweep_block(struct wrt_gc_heap *heap, uint32_t block)
{
    struct wrt_block *b = &heap->blocks[block];
    const uint64_t *lines =
        &heap->lines[!heap->side][(size_t)block * WRT_LINE_WORDS];
    uint64_t any = 0;

    if (b->run)
        sweep_large(heap, block);
    for (unsigned i = 0; i < WRT_LINE_WORDS; i++)
        any |= lines[i];
    b->is_zeroed = false;
    b->cursor = 0;
    if (!any) {
        b->is_used = false;
        heap->nused--;
    }
}

/* Gives memory of free blocks back, from the top: what exceeds `keep` blocks.
 */
static void discard(struct wrt_gc_heap *heap, uint32_t dirty, uint32_t keep)
{
    uint32_t excess = dirty > keep ? dirty - keep : 0;
    uint32_t block = heap->nblocks;

    excess = WRT_MIN(excess, (uint32_t)DISCARD_BLOCKS);
    for (unsigned runs = 0; runs < DISCARD_RUNS && excess; runs++) {
        uint32_t end;

        while (block > 0 && !is_dirty(&heap->blocks[block - 1]))
            block--;
        end = block;
        for (; block > 0 && excess && is_dirty(&heap->blocks[block - 1]);
             excess--)
            heap->blocks[--block].is_zeroed = true;
        if (block < end &&
            !wrt_os_discard(heap->base + ((size_t)block << WRT_BLOCK_LOG2),
                            (size_t)(end - block) << WRT_BLOCK_LOG2)) {
            for (uint32_t i = block; i < end; i++)
                heap->blocks[i].is_zeroed = false;
            return;
        }
    }
}

void wrt_heap_finalize(struct wrt_gc_heap *heap)
{
    size_t kept = 0;

    for (size_t i = 0; i < heap->finalizers.count; i++) {
        struct wrt_finalizer f = heap->finalizers.items[i];

        if (wrt_heap_is_marked(heap, &f.box->header))
            heap->finalizers.items[kept++] = f;
        else
            f.data_delete(f.box->data);
    }
    heap->finalizers.count = kept;
}

void wrt_heap_sweep(struct wrt_gc_heap *heap)
{
    struct wrt_ctx *ctx = heap->ctx;
    uint32_t dirty = 0;

    for (uint32_t i = 0; i < heap->nblocks; i++) {
        if (heap->blocks[i].is_used)
            sweep_block(heap, i);
        dirty += is_dirty(&heap->blocks[i]);
    }
    heap->side = !heap->side;
    heap->stats.taken_bytes += heap->taken_bytes;
    heap->taken_bytes = 0;
    heap->recycle_at = heap->free_at = 0;
    heap->hole_block = WRT_NO_BLOCK;
    heap->hole_limit = ctx->gc.bump = ctx->gc.limit = NULL;
    heap->medium = (struct wrt_hole){NULL, NULL};
    discard(heap, dirty, (uint32_t)(heap->threshold >> WRT_BLOCK_LOG2));
}
