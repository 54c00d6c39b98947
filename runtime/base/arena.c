/*
 * Arena blocks form a singly linked list, newest first.  Only the newest block
 * has free space; the tail of an older one is abandoned, which wastes at most
 * one object per block because large requests get a block of their own size.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/base/arena.h"

#include "runtime/base/os.h"

enum {
    BLOCK_BYTES = 16 * 1024,
    MAX_KEPT_BYTES = 8 * 1024 * 1024,
    HUGE_BYTES = 8 << 20,
};

struct wrt_arena_block {
    struct wrt_arena_block *next;
    size_t size_bytes; /* payload only */
    alignas(max_align_t) uint8_t payload[];
};

void wrt_arena_init(struct wrt_arena *arena, const struct wrt_alloc *alloc)
{
    *arena = (struct wrt_arena){.alloc = alloc};
}

static void free_blocks(struct wrt_arena *arena, struct wrt_arena_block *block)
{
    while (block) {
        struct wrt_arena_block *next = block->next;

        wrt_free(arena->alloc, block, sizeof(*block) + block->size_bytes);
        block = next;
    }
}

void wrt_arena_fini(struct wrt_arena *arena)
{
    free_blocks(arena, arena->head);
    wrt_arena_init(arena, arena->alloc);
}

/* All of the newest block is free, if there is one. */
static void rewind_head(struct wrt_arena *arena)
{
    arena->pos = arena->head ? arena->head->payload : NULL;
    arena->end = arena->head ? arena->pos + arena->head->size_bytes : NULL;
}

void wrt_arena_reset(struct wrt_arena *arena)
{
    if (arena->head && arena->head->next) {
        arena->usual_bytes =
            WRT_MIN(wrt_arena_footprint(arena), (size_t)MAX_KEPT_BYTES);
        free_blocks(arena, arena->head);
        arena->head = NULL;
    }
    rewind_head(arena);
    arena->failed = false;
}

/* Links a block with room for at least size_bytes. */
static bool add_block(struct wrt_arena *arena, size_t size_bytes)
{
    const struct wrt_alloc *alloc = arena->alloc;
    struct wrt_arena_block *block;

    size_bytes = WRT_MAX(size_bytes, (size_t)BLOCK_BYTES);
    if (!arena->head)
        size_bytes = WRT_MAX(size_bytes, arena->usual_bytes);
    block = alloc->resize(alloc->user, NULL, 0, sizeof(*block) + size_bytes);
    if (!block)
        return false;
    /* The scratch of a huge function: whoever interrupts the guest waits for
     * its release. */
    if (size_bytes >= HUGE_BYTES)
        wrt_os_prefer_large_pages(block, sizeof(*block) + size_bytes);
    block->next = arena->head;
    block->size_bytes = size_bytes;
    arena->head = block;
    rewind_head(arena);
    return true;
}

void *wrt_arena_raw_slow(struct wrt_arena *arena, size_t count,
                         size_t size_bytes)
{
    size_t need;

    if (!arena->failed && wrt_size_mul(count, size_bytes, &need) &&
        need <= SIZE_MAX / 2 &&
        add_block(arena, WRT_ALIGN_UP(need + 1, (size_t)WRT_ARENA_ALIGN)))
        return wrt_arena_raw(arena, count, size_bytes);
    arena->failed = true;
    arena->pos = arena->end = NULL;
    return NULL;
}

void *wrt_arena_array(struct wrt_arena *arena, size_t count, size_t size_bytes)
{
    void *ptr = wrt_arena_raw(arena, count, size_bytes);

    return ptr ? memset(ptr, 0, count * size_bytes) : NULL;
}

char *wrt_arena_string(struct wrt_arena *arena, const char *text, size_t len)
{
    char *copy = len < SIZE_MAX ? wrt_arena_array(arena, len + 1, 1) : NULL;

    if (copy && len)
        memcpy(copy, text, len);
    return copy;
}

size_t wrt_arena_footprint(const struct wrt_arena *arena)
{
    size_t total = 0;

    for (const struct wrt_arena_block *b = arena->head; b; b = b->next)
        total += sizeof(*b) + b->size_bytes;
    return total;
}
