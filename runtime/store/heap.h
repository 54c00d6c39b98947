/*
 * Inside the heap: blocks, lines and bitmaps, for gc.c, heap.c and mark.c.
 *
 * The heap is a reservation within one window of 4 GiB, committed block by
 * block (32 KiB) as it grows.  A block has 256 lines of 128 bytes.  Objects are
 * allocated by moving a pointer through a hole: neighbouring lines that the
 * last collection found empty.  Objects of more than half a block begin at a
 * block of their own and extend over as many as they need; what they leave of
 * their last block is a hole like any other.
 *
 * Two bitmaps describe objects, one bit per 8 bytes, and two describe lines.
 * Those of the current side say where objects begin and which lines are in use
 * since the last complete collection; a collection builds the other side by
 * marking and then changes sides.  So an interrupted collection is forgotten by
 * not changing sides.
 *
 * Allocation writes no bits.  Where objects that are younger than the last
 * collection begin is found by walking over the holes that were handed out: a
 * hole is zeroed first, and a header is never zero.  Only blocks that a word of
 * a stack points into are walked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_HEAP_H
#define WRT_STORE_HEAP_H

#include "runtime/base/vec.h"
#include "runtime/store/gc.h"

enum {
    WRT_BLOCK_LOG2 = 15,
    WRT_BLOCK_BYTES = 1 << WRT_BLOCK_LOG2,
    WRT_LINE_LOG2 = 7,
    WRT_LINE_BYTES = 1 << WRT_LINE_LOG2,
    WRT_BLOCK_LINES = WRT_BLOCK_BYTES / WRT_LINE_BYTES,
    WRT_MARK_LOG2 = 3, /* bytes per bit */
    /* 64-bit words per block of either bitmap. */
    WRT_MARK_WORDS = WRT_BLOCK_BYTES >> (WRT_MARK_LOG2 + 6),
    WRT_LINE_WORDS = WRT_BLOCK_LINES / 64,
    /* Larger objects have blocks of their own. */
    WRT_MEDIUM_BYTES = WRT_BLOCK_BYTES / 2,
};

/* Entries of the mark stack at most: what does not fit is found again by
 * looking through the blocks. */
enum { WRT_GC_STACK_MAX = 1 << 20 };

/* Bytes of allocation until the next collection, at least. */
enum { WRT_GC_MIN_THRESHOLD = 4 << 20 };

#define WRT_NO_BLOCK UINT32_MAX

struct wrt_block {
    bool is_used;
    bool is_zeroed;     /* what was not handed out is zero */
    bool is_walked;     /* the bits of young objects are set */
    bool is_overflowed; /* holds marked objects that are still to be scanned */
    uint16_t cursor;    /* holes below this line are handed out */
    uint32_t run;       /* blocks of the large object that begins here, or 0 */
    uint32_t lead;      /* blocks from here down to the one where the large
                           object begins that reaches in here, or 0 */
};

/* A box of the host that has something to release. */
struct wrt_finalizer {
    struct wasmrt_extern *box;
    void (*data_delete)(void *data);
};

struct wrt_heap_stats {
    uint64_t taken_bytes; /* handed out by all collections before */
    uint64_t live_objects, live_bytes; /* after the last collection */
    uint64_t collections, interrupted; /* complete ones, and given up ones */
    uint64_t pause_ns, max_pause_ns;   /* of complete ones */
};

/* Memory that objects are being allocated in. */
struct wrt_hole {
    uint8_t *bump, *limit;
};

struct wrt_gc_heap {
    struct wrt_ctx *ctx;
    const struct wrt_alloc *alloc;

    uint8_t *base; /* of block 0 */
    void *reservation, *meta;
    size_t reservation_bytes, meta_bytes;
    uint32_t nblocks;    /* committed */
    uint32_t max_blocks; /* reserved */
    uint32_t nused;

    unsigned side; /* the current one */
    uint64_t *marks[2];
    uint64_t *lines[2];
    struct wrt_block *blocks;

    uint8_t *hole_limit;    /* of the hole that ctx->gc.bump is in */
    uint32_t hole_block;    /* its block, or WRT_NO_BLOCK */
    struct wrt_hole medium; /* for objects larger than a line */
    uint32_t recycle_at;    /* blocks below have no hole left */
    uint32_t free_at;       /* blocks below are used */

    uint64_t taken_bytes; /* handed out since the last collection */
    uint64_t threshold;   /* that many lead to the next one */

    /* Packed references of marked objects that are still to be scanned. */
    uint32_t *stack;
    size_t stack_count, stack_capacity, stack_max;
    bool has_overflowed;

    struct wrt_heap_stats stats;
    uint64_t live_objects, live_bytes; /* of the marking in progress */
    WRT_VEC(struct wrt_finalizer) finalizers;
    bool is_frozen; /* a handle was lost: nothing is freed any more */
};

/* -- heap.c ---------------------------------------------------------------- */

/* The size of an object, from its header. */
uint64_t wrt_object_bytes(const struct wrt_object *object);

/* The offset of an object or of any place in the heap. */
WRT_INLINE size_t wrt_heap_offset(const struct wrt_gc_heap *heap, const void *p)
{
    return (size_t)((const uint8_t *)p - heap->base);
}

/* The next hole of a block from a line on: lines [*start, *end).  False at the
 * block's end. */
bool wrt_heap_next_hole(const struct wrt_gc_heap *heap, uint32_t block,
                        uint32_t from, uint32_t *start, uint32_t *end);

/* Sets the bits of the lines that an object covers, in one of the bitmaps. */
void wrt_heap_set_lines(uint64_t *lines, size_t offset, uint64_t size);

/* -- sweep.c --------------------------------------------------------------- */

/* Whether the collection in progress has reached an object. */
bool wrt_heap_is_marked(const struct wrt_gc_heap *heap,
                        const struct wrt_object *object);

/* The object that an address points to or into, or NULL: for words that may be
 * anything. */
struct wrt_object *wrt_heap_find(struct wrt_gc_heap *heap, uint64_t address);

/* Frees what has no mark on the other side, and changes sides. */
void wrt_heap_sweep(struct wrt_gc_heap *heap);

/* Calls the finalizers of boxes without a mark on the other side. */
void wrt_heap_finalize(struct wrt_gc_heap *heap);

/* Makes the current side's bits of a block complete: young objects too. */
void wrt_heap_walk_block(struct wrt_gc_heap *heap, uint32_t block);

/* -- verify.c: debug builds only ------------------------------------------- */

/* Asserts, after marking, that marks are objects and that whatever a marked
 * object refers to is marked. */
void wrt_heap_verify(struct wrt_gc_heap *heap);

/* Overwrites what a sweep has freed, so that its use is noticed. */
void wrt_heap_poison(struct wrt_gc_heap *heap);

/* -- mark.c ---------------------------------------------------------------- */

/* Marks what is reachable on the other side.  NONE, or an interrupt's code. */
wasmrt_code wrt_heap_mark(struct wrt_gc_heap *heap);

#endif
