/*
 * The heap: reservation, blocks, holes, and the slow path of allocation.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/heap.h"

#include "runtime/base/os.h"
#include "runtime/store/interrupt.h"
#include "runtime/store/store.h"

#define WINDOW_BYTES ((uint64_t)1 << 32)

enum {
    GROW_BLOCKS = 32,     /* at least, when the heap grows: 1 MiB */
    MIN_BLOCKS = 32,      /* a reservation of less is not worth having */
    ADDRESS_SHARE = 8,    /* the part of a limited address space that we take */
    ZERO_SLICE = 1 << 20, /* bytes between two looks at the interrupt */
};

uint64_t wrt_object_bytes(const struct wrt_object *object)
{
    uint64_t size = sizeof(*object);

    switch (wrt_object_kind(object)) {
    case WRT_OBJECT_STRUCT: return object->len;
    case WRT_OBJECT_ARRAY:
        size += (uint64_t)object->len << wrt_object_elem_log2(object);
        break;
    case WRT_OBJECT_EXN:
        size =
            sizeof(struct wrt_exn) + sizeof(wrt_slot) * (uint64_t)object->len;
        break;
    default: size = sizeof(struct wasmrt_extern); break;
    }
    size = WRT_ALIGN_UP(size, (uint64_t)WRT_OBJECT_ALIGN);
    return WRT_MAX(size, (uint64_t)WRT_OBJECT_MIN_BYTES);
}

/* -- The reservation ------------------------------------------------------- */

/* The part of [at, at + size) that lies in one window, as large as possible.
 * Offset 0 of a window is null, so no object may be there. */
static uint64_t fit_window(uint64_t at, uint64_t size, uint64_t *len)
{
    uint64_t edge = WRT_ALIGN_UP(at, WINDOW_BYTES), end = at + size;

    if (edge < end && WRT_MIN(end - edge, WINDOW_BYTES) > edge - at) {
        at = edge + WRT_BLOCK_BYTES;
        *len = WRT_MIN(end, edge + WINDOW_BYTES) - at;
    } else {
        *len = WRT_MIN(end, edge > at ? edge : at + WINDOW_BYTES) - at;
        if (edge == at) {
            at += WRT_BLOCK_BYTES;
            *len -= WRT_BLOCK_BYTES;
        }
    }
    return at;
}

/* Reserves room for max_blocks blocks in one window; false when there is none.
 * A reservation that happens to cross a window's edge is made again at twice
 * the size: then one side of the edge is large enough. */
static bool reserve_blocks(struct wrt_gc_heap *heap, uint32_t max_blocks)
{
    uint64_t want = (uint64_t)max_blocks * WRT_BLOCK_BYTES, at, len;

    for (unsigned doubled = 0; doubled < 2; doubled++) {
        size_t bytes = (size_t)(want + WRT_BLOCK_BYTES) << doubled;
        void *ptr = wrt_os_reserve(bytes);

        if (!ptr)
            return false;
        at = WRT_ALIGN_UP((uint64_t)(uintptr_t)ptr, (uint64_t)WRT_BLOCK_BYTES);
        at = fit_window(at, bytes - (at - (uintptr_t)ptr), &len);
        if (len >= want || doubled) {
            heap->reservation = ptr;
            heap->reservation_bytes = bytes;
            heap->base = (uint8_t *)(uintptr_t)at;
            heap->max_blocks = (uint32_t)(WRT_MIN(len, want) / WRT_BLOCK_BYTES);
            return true;
        }
        wrt_os_release(ptr, bytes);
    }
    return false;
}

/* Sizes per block of the arrays of the side reservation, in this order. */
static const size_t meta_sizes[] = {
    8 * WRT_MARK_WORDS, 8 * WRT_MARK_WORDS,       8 * WRT_LINE_WORDS,
    8 * WRT_LINE_WORDS, sizeof(struct wrt_block),
};

/* Bytes of one of them, in whole pages. */
static size_t meta_bytes(const struct wrt_gc_heap *heap, size_t i)
{
    return WRT_ALIGN_UP(heap->max_blocks * meta_sizes[i], wrt_os_page_size());
}

static bool reserve_meta(struct wrt_gc_heap *heap)
{
    uint8_t *at[WRT_COUNTOF(meta_sizes)], *end;

    for (size_t i = 0; i < WRT_COUNTOF(meta_sizes); i++)
        heap->meta_bytes += meta_bytes(heap, i);
    heap->meta = end = wrt_os_reserve(heap->meta_bytes);
    if (!end)
        return false;
    for (size_t i = 0; i < WRT_COUNTOF(meta_sizes); i++) {
        at[i] = end;
        end += meta_bytes(heap, i);
    }
    heap->marks[0] = (uint64_t *)(void *)at[0];
    heap->marks[1] = (uint64_t *)(void *)at[1];
    heap->lines[0] = (uint64_t *)(void *)at[2];
    heap->lines[1] = (uint64_t *)(void *)at[3];
    heap->blocks = (struct wrt_block *)(void *)at[4];
    return true;
}

/* Commits what `count` more blocks need of an array of the side reservation. */
static bool commit_meta(struct wrt_gc_heap *heap, void *array, size_t size,
                        uint32_t count)
{
    size_t page = wrt_os_page_size();
    size_t from = heap->nblocks * size & ~(page - 1);
    size_t to = WRT_ALIGN_UP((heap->nblocks + count) * size, page);

    return wrt_os_commit((uint8_t *)array + from, to - from);
}

/* Blocks that the store's limit allows. */
static uint32_t limit_blocks(const struct wrt_gc_heap *heap)
{
    uint64_t limit = heap->ctx->store->gc_limit / WRT_BLOCK_BYTES;

    return (uint32_t)WRT_MIN(limit, (uint64_t)heap->max_blocks);
}

/* Commits at least `count` more blocks.  False when there are not so many. */
static bool grow(struct wrt_gc_heap *heap, uint32_t count)
{
    uint32_t left = heap->max_blocks - heap->nblocks;
    uint32_t more = WRT_MAX((uint32_t)GROW_BLOCKS, heap->nblocks / 4);
    uint8_t *end = heap->base + (size_t)heap->nblocks * WRT_BLOCK_BYTES;

    more = WRT_MIN(WRT_MAX(more, count), left);
    if (more < count)
        return false;
    for (unsigned side = 0; side < 2; side++) {
        if (!commit_meta(heap, heap->marks[side], meta_sizes[0], more) ||
            !commit_meta(heap, heap->lines[side], meta_sizes[2], more))
            return false;
    }
    if (!commit_meta(heap, heap->blocks, sizeof(*heap->blocks), more) ||
        !wrt_os_commit(end, (size_t)more * WRT_BLOCK_BYTES))
        return false;
    for (uint32_t i = 0; i < more; i++)
        heap->blocks[heap->nblocks + i].is_zeroed = true;
    heap->nblocks += more;
    return true;
}

static void delete_heap(struct wrt_gc_heap *heap)
{
    wrt_os_release(heap->reservation, heap->reservation_bytes);
    wrt_os_release(heap->meta, heap->meta_bytes);
    wrt_free_array(heap->alloc, heap->stack, heap->stack_capacity,
                   sizeof(*heap->stack));
    wrt_vec_fini(heap->alloc, &heap->finalizers);
    wrt_free(heap->alloc, heap, sizeof(*heap));
}

/* As much as the limit asks for, or what the address space has. */
static bool reserve(struct wrt_gc_heap *heap)
{
    uint64_t most = WINDOW_BYTES / WRT_BLOCK_BYTES - 1;
    uint64_t share =
        wrt_os_address_limit() / (ADDRESS_SHARE * (uint64_t)WRT_BLOCK_BYTES);
    uint64_t limit = heap->ctx->store->gc_limit / WRT_BLOCK_BYTES;
    uint64_t blocks = WRT_MIN(WRT_MIN(most, limit), share);
    struct wrt_types *types = heap->ctx->store->engine->types;

    for (blocks = WRT_MAX(blocks, (uint64_t)MIN_BLOCKS); blocks >= MIN_BLOCKS;
         blocks /= 2) {
        if (reserve_blocks(heap, (uint32_t)blocks))
            return reserve_meta(heap) && wrt_types_allow_objects(types);
    }
    return false;
}

/* The store's heap, made at the first call; NULL when there is no room. */
static struct wrt_gc_heap *open_heap(struct wrt_ctx *ctx)
{
    const struct wrt_alloc *alloc = &ctx->store->engine->alloc;
    struct wrt_gc_heap *heap = ctx->gc.heap;

    if (heap)
        return heap;
    heap = wrt_alloc_zero(alloc, sizeof(*heap));
    if (!heap)
        return NULL;
    heap->ctx = ctx;
    heap->alloc = alloc;
    heap->hole_block = WRT_NO_BLOCK;
    heap->threshold = WRT_GC_MIN_THRESHOLD;
    heap->stack_max = WRT_GC_STACK_MAX;
    if (!reserve(heap)) {
        delete_heap(heap);
        return NULL;
    }
    ctx->gc.window =
        (uint64_t)(uintptr_t)heap->base & ~(uint64_t)(WINDOW_BYTES - 1);
    ctx->gc.heap = heap;
    return heap;
}

uint64_t wrt_gc_heap_bytes(const struct wrt_ctx *ctx)
{
    const struct wrt_gc_heap *heap = ctx->gc.heap;

    return heap ? (uint64_t)heap->nused * WRT_BLOCK_BYTES : 0;
}

uint64_t wrt_gc_limit_bytes(const struct wrt_ctx *ctx)
{
    const struct wrt_gc_heap *heap = ctx->gc.heap;
    uint64_t most = heap ? (uint64_t)heap->max_blocks * WRT_BLOCK_BYTES
                         : WINDOW_BYTES - WRT_BLOCK_BYTES;

    return WRT_MIN(most, ctx->store->gc_limit);
}

void wrt_gc_retire(struct wrt_ctx *ctx)
{
    ctx->gc.limit = ctx->gc.bump;
}

void wrt_gc_fini(struct wrt_ctx *ctx)
{
    const struct wrt_alloc *alloc = &ctx->store->engine->alloc;
    struct wrt_gc_heap *heap = ctx->gc.heap;
    struct wasmrt_root *next;

    for (struct wasmrt_root *r = ctx->gc.roots; r; r = next) {
        next = r->next;
        wrt_free(alloc, r, sizeof(*r));
    }
    wrt_free_array(alloc, ctx->gc.funcs, ctx->gc.funcs_capacity,
                   sizeof(*ctx->gc.funcs));
    if (!heap)
        return;
    for (size_t i = 0; i < heap->finalizers.count; i++)
        heap->finalizers.items[i].data_delete(
            heap->finalizers.items[i].box->data);
    wrt_free_array(heap->alloc, ctx->gc.handles, ctx->gc.handles_capacity,
                   sizeof(*ctx->gc.handles));
    delete_heap(heap);
    memset(&ctx->gc, 0, sizeof(ctx->gc));
}

/* -- Holes ----------------------------------------------------------------- */

static uint64_t *block_lines(const struct wrt_gc_heap *heap, uint32_t block)
{
    return &heap->lines[heap->side][(size_t)block * WRT_LINE_WORDS];
}

static uint8_t *line_address(const struct wrt_gc_heap *heap, uint32_t block,
                             uint32_t line)
{
    return heap->base + ((size_t)block << WRT_BLOCK_LOG2) +
           ((size_t)line << WRT_LINE_LOG2);
}

/* The first line from `from` on that is in use, or (inverted) that is not;
 * WRT_BLOCK_LINES when there is none. */
static uint32_t find_line(const uint64_t *lines, uint32_t from, uint64_t invert)
{
    while (from < WRT_BLOCK_LINES) {
        uint64_t word = (lines[from / 64] ^ invert) >> (from % 64);

        if (word)
            return from + (uint32_t)__builtin_ctzll(word);
        from = (from | 63) + 1;
    }
    return WRT_BLOCK_LINES;
}

bool wrt_heap_next_hole(const struct wrt_gc_heap *heap, uint32_t block,
                        uint32_t from, uint32_t *start, uint32_t *end)
{
    const uint64_t *lines = block_lines(heap, block);

    *start = find_line(lines, from, UINT64_MAX);
    if (*start == WRT_BLOCK_LINES)
        return false;
    *end = find_line(lines, *start, 0);
    return true;
}

/* Whether a block has a hole of `need` lines that is not handed out. */
static bool has_hole(const struct wrt_gc_heap *heap, uint32_t block,
                     uint32_t need)
{
    uint32_t start, end = heap->blocks[block].cursor;

    while (wrt_heap_next_hole(heap, block, end, &start, &end)) {
        if (end - start >= need)
            return true;
    }
    return false;
}

/* Hands out the next hole of `need` lines; there is one.  Smaller ones before
 * it are handed out too, as empty. */
static struct wrt_hole take_hole(struct wrt_gc_heap *heap, uint32_t block,
                                 uint32_t need)
{
    struct wrt_block *b = &heap->blocks[block];
    uint32_t start = 0, end = b->cursor;
    struct wrt_hole hole;

    while (wrt_heap_next_hole(heap, block, end, &start, &end) &&
           end - start < need)
        memset(line_address(heap, block, start), 0, sizeof(struct wrt_object));
    b->cursor = (uint16_t)end;
    hole.bump = line_address(heap, block, start);
    hole.limit = line_address(heap, block, end);
    heap->taken_bytes += (size_t)(hole.limit - hole.bump);
    if (!b->is_zeroed)
        memset(hole.bump, 0, (size_t)(hole.limit - hole.bump));
    return hole;
}

/* -- Free blocks ----------------------------------------------------------- */

/* Takes `count` free blocks from `first` into use. */
static void use_blocks(struct wrt_gc_heap *heap, uint32_t first, uint32_t count)
{
    memset(&heap->marks[heap->side][(size_t)first * WRT_MARK_WORDS], 0,
           count * meta_sizes[0]);
    memset(block_lines(heap, first), 0, count * meta_sizes[2]);
    for (uint32_t i = 0; i < count; i++) {
        struct wrt_block *b = &heap->blocks[first + i];

        *b = (struct wrt_block){.is_used = true, .is_zeroed = b->is_zeroed};
    }
    heap->nused += count;
}

/* The first of `count` neighbouring free blocks, or WRT_NO_BLOCK. */
static uint32_t find_run(const struct wrt_gc_heap *heap, uint32_t count)
{
    uint32_t found = 0;

    for (uint32_t i = heap->free_at; i < heap->nblocks; i++) {
        found = heap->blocks[i].is_used ? 0 : found + 1;
        if (found == count)
            return i + 1 - count;
    }
    return WRT_NO_BLOCK;
}

/* Takes `count` neighbouring free blocks, growing the heap when it may. */
static uint32_t take_blocks(struct wrt_gc_heap *heap, uint32_t count)
{
    uint32_t most = limit_blocks(heap), first, tail = 0;

    if (count > most || heap->nused > most - count)
        return WRT_NO_BLOCK;
    while (heap->free_at < heap->nblocks && heap->blocks[heap->free_at].is_used)
        heap->free_at++;
    first = find_run(heap, count);
    if (first == WRT_NO_BLOCK) {
        while (tail < heap->nblocks &&
               !heap->blocks[heap->nblocks - 1 - tail].is_used)
            tail++;
        if (!grow(heap, count - tail))
            return WRT_NO_BLOCK;
        first = find_run(heap, count);
    }
    use_blocks(heap, first, count);
    return first;
}

/* -- Allocation ------------------------------------------------------------ */

/* An object from a hole, or NULL when it does not fit. */
static void *carve(struct wrt_hole *hole, size_t size)
{
    uint8_t *at = hole->bump;

    if (size > (size_t)(hole->limit - at))
        return NULL;
    hole->bump = at + size;
    return at;
}

/* A block with a hole of `need` lines: one that the last collection left some
 * in, else a free one. */
static uint32_t find_block(struct wrt_gc_heap *heap, uint32_t need)
{
    uint32_t block;

    while (heap->recycle_at < heap->nblocks) {
        block = heap->recycle_at;
        if (heap->blocks[block].is_used && has_hole(heap, block, 1))
            break;
        heap->recycle_at++;
    }
    if (need > 1) {
        /* A free block serves many; a search for a hole serves one. */
        block = take_blocks(heap, 1);
        if (block != WRT_NO_BLOCK)
            return block;
    }
    for (block = heap->recycle_at; block < heap->nblocks; block++) {
        if (heap->blocks[block].is_used && has_hole(heap, block, need))
            return block;
    }
    return need > 1 ? WRT_NO_BLOCK : take_blocks(heap, 1);
}

/* At most a line: goes into the next hole, wherever that is. */
static void *alloc_small(struct wrt_gc_heap *heap, size_t size)
{
    struct wrt_hole hole = {heap->ctx->gc.bump, heap->hole_limit};
    void *object = carve(&hole, size);

    if (!object) {
        uint32_t block = heap->hole_block;

        if (block == WRT_NO_BLOCK || !has_hole(heap, block, 1))
            block = find_block(heap, 1);
        if (block == WRT_NO_BLOCK)
            return NULL;
        hole = take_hole(heap, block, 1);
        heap->hole_block = block;
        object = carve(&hole, size);
    }
    heap->ctx->gc.bump = hole.bump;
    heap->hole_limit = hole.limit;
    heap->ctx->gc.limit = heap->ctx->store->gc_stress ? hole.bump : hole.limit;
    return object;
}

/* More than a line: from a hole of its kind, so that the small ones can go on
 * filling theirs. */
static void *alloc_medium(struct wrt_gc_heap *heap, size_t size)
{
    void *object = carve(&heap->medium, size);
    uint32_t need = (uint32_t)((size + WRT_LINE_BYTES - 1) >> WRT_LINE_LOG2);
    uint32_t block;

    if (object)
        return object;
    block = find_block(heap, need);
    if (block == WRT_NO_BLOCK)
        return NULL;
    heap->medium = take_hole(heap, block, need);
    return carve(&heap->medium, size);
}

/* Zeroes a large object in slices.  The code of an interrupt, or NONE. */
static wasmrt_code zero_blocks(struct wrt_gc_heap *heap, uint32_t first,
                               uint32_t count, size_t size)
{
    for (uint32_t i = 0; i < count; i++) {
        size_t done = (size_t)i * WRT_BLOCK_BYTES;
        struct wrt_block *b = &heap->blocks[first + i];

        if (!b->is_zeroed)
            memset(line_address(heap, first + i, 0), 0,
                   WRT_MIN(size - done, (size_t)WRT_BLOCK_BYTES));
        if (done % ZERO_SLICE == 0) {
            wasmrt_code code = wrt_interrupt_pending(heap->ctx);

            if (code != WASMRT_ERR_NONE)
                return code;
        }
    }
    return WASMRT_ERR_NONE;
}

void wrt_heap_set_lines(uint64_t *lines, size_t offset, uint64_t size)
{
    size_t first = offset >> WRT_LINE_LOG2;
    size_t last = (offset + size - 1) >> WRT_LINE_LOG2;

    for (size_t word = first / 64; word <= last / 64; word++) {
        uint64_t mask = UINT64_MAX;

        if (word == first / 64)
            mask &= UINT64_MAX << (first % 64);
        if (word == last / 64)
            mask &= UINT64_MAX >> (63 - last % 64);
        lines[word] |= mask;
    }
}

/* Blocks of its own; what is left of the last one stays a hole. */
static void *alloc_large(struct wrt_gc_heap *heap, uint64_t size,
                         wasmrt_code *code)
{
    uint64_t count = (size + WRT_BLOCK_BYTES - 1) / WRT_BLOCK_BYTES;
    uint32_t first, n = (uint32_t)count;
    size_t offset;

    if (count > heap->max_blocks)
        return NULL;
    first = take_blocks(heap, n);
    if (first == WRT_NO_BLOCK)
        return NULL;
    *code = zero_blocks(heap, first, n, (size_t)size);
    if (*code != WASMRT_ERR_NONE)
        return NULL; /* the blocks are empty; the next collection finds that */
    offset = (size_t)first * WRT_BLOCK_BYTES;
    heap->marks[heap->side][offset >> (WRT_MARK_LOG2 + 6)] |= 1;
    wrt_heap_set_lines(heap->lines[heap->side], offset, size);
    heap->blocks[first].run = n;
    for (uint32_t i = 1; i < n; i++)
        heap->blocks[first + i].lead = i;
    heap->recycle_at = WRT_MIN(heap->recycle_at, first + n - 1);
    heap->taken_bytes += size;
    return heap->base + offset;
}

static void *alloc_any(struct wrt_gc_heap *heap, uint64_t size,
                       wasmrt_code *code)
{
    if (size > WRT_MEDIUM_BYTES)
        return alloc_large(heap, size, code);
    return size > WRT_LINE_BYTES ? alloc_medium(heap, (size_t)size)
                                 : alloc_small(heap, (size_t)size);
}

wasmrt_code wrt_gc_alloc_slow(struct wrt_ctx *ctx, struct wrt_object header,
                              uint64_t size_bytes, struct wrt_object **out)
{
    struct wrt_gc_heap *heap = open_heap(ctx);
    wasmrt_code code = WASMRT_ERR_NONE;
    struct wrt_object *object = NULL;

    ctx->gc.refused_bytes = size_bytes;
    if (!heap)
        return WASMRT_ERR_GC_HEAP_EXHAUSTED;
    size_bytes = WRT_ALIGN_UP(size_bytes, (uint64_t)WRT_OBJECT_ALIGN);
    size_bytes = WRT_MAX(size_bytes, (uint64_t)WRT_OBJECT_MIN_BYTES);
    if (ctx->store->gc_stress || heap->taken_bytes >= heap->threshold)
        code = wrt_gc_collect(ctx);
    if (code == WASMRT_ERR_NONE)
        object = alloc_any(heap, size_bytes, &code);
    if (!object && code == WASMRT_ERR_NONE) {
        code = wrt_gc_collect(ctx);
        if (code == WASMRT_ERR_NONE)
            object = alloc_any(heap, size_bytes, &code);
    }
    if (!object)
        return code != WASMRT_ERR_NONE ? code : WASMRT_ERR_GC_HEAP_EXHAUSTED;
    *object = header;
    *out = object;
    return WASMRT_ERR_NONE;
}
