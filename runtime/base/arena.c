/*
 * Arena blocks form a singly linked list, newest first.  Only the newest block
 * has free space; the tail of an older one is abandoned, which wastes at most
 * one object per block because large requests get a block of their own size.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/base/arena.h"

#include "runtime/base/os.h"

#include <stdalign.h>

enum {
    BLOCK_BYTES = 16 * 1024,
    MAX_KEPT_BYTES = 8 * 1024 * 1024,
    HUGE_BYTES = 8 << 20,
    ALIGN_BYTES = alignof(max_align_t)
};

struct wrt_arena_block {
    struct wrt_arena_block *next;
    size_t size_bytes; /* payload only */
    alignas(max_align_t) unsigned char payload[];
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

void wrt_arena_reset(struct wrt_arena *arena)
{
    if (arena->head && arena->head->next) {
        arena->usual_bytes =
            WRT_MIN(wrt_arena_footprint(arena), (size_t)MAX_KEPT_BYTES);
        free_blocks(arena, arena->head);
        arena->head = NULL;
    }
    arena->used_bytes = 0;
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
    arena->used_bytes = 0;
    return true;
}

/* Rounds count * size_bytes up to the alignment.  False on overflow. */
static bool checked_size(size_t count, size_t size_bytes, size_t *out)
{
    size_t product;

    if (!wrt_size_mul(count, size_bytes, &product) || product > SIZE_MAX / 2)
        return false;
    *out = WRT_ALIGN_UP(product, (size_t)ALIGN_BYTES);
    return true;
}

/* A place for count * size_bytes, which *need receives, rounded up. */
static void *bump(struct wrt_arena *arena, size_t count, size_t size_bytes,
                  size_t *need)
{
    void *ptr;

    if (arena->failed || !checked_size(count, size_bytes, need))
        goto fail;
    if (!arena->head || arena->head->size_bytes - arena->used_bytes < *need) {
        if (!add_block(arena, *need))
            goto fail;
    }
    ptr = arena->head->payload + arena->used_bytes;
    arena->used_bytes += *need;
    return ptr;

fail:
    arena->failed = true;
    return NULL;
}

void *wrt_arena_array(struct wrt_arena *arena, size_t count, size_t size_bytes)
{
    size_t need;
    void *ptr = bump(arena, count, size_bytes, &need);

    return ptr ? memset(ptr, 0, need) : NULL;
}

void *wrt_arena_raw(struct wrt_arena *arena, size_t count, size_t size_bytes)
{
    size_t need;

    return bump(arena, count, size_bytes, &need);
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
