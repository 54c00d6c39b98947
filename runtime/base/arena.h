/*
 * Arena: memory that is released all at once.
 *
 * A module's decoded structures live in one arena; so does the scratch state of
 * compiling one function.  Allocation is a pointer bump; there is no per-object
 * free.  Failure is sticky: after the first failed allocation every later one
 * returns NULL too, so a caller may allocate several things and check once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_BASE_ARENA_H
#define WRT_BASE_ARENA_H

#include "runtime/base/alloc.h"

#include <stdalign.h>

struct wrt_arena_block;

enum { WRT_ARENA_ALIGN = alignof(max_align_t) };

/* Owner: whoever called init.  Not thread-safe.  Must not be copied. */
struct wrt_arena {
    const struct wrt_alloc *alloc; /* borrowed; outlives the arena */
    struct wrt_arena_block *head;  /* newest block, or NULL */
    uint8_t *pos, *end;            /* of what is free in it; NULL: none */
    bool failed;                   /* sticky; nothing is free then */
    size_t usual_bytes;            /* what one use took, before resets */
};

/* Makes an empty arena.  Allocates nothing, so it cannot fail. */
void wrt_arena_init(struct wrt_arena *arena, const struct wrt_alloc *alloc);

/* Releases every block.  Safe on an empty arena and after a failure. */
void wrt_arena_fini(struct wrt_arena *arena);

/* Forgets every object, for scratch arenas that serve one function after the
 * other.  Clears the failure.  Memory is kept, soon as one block that is large
 * enough. */
void wrt_arena_reset(struct wrt_arena *arena);

/*
 * Returns count * size_bytes of zeroed memory aligned for any object, valid
 * until fini or reset; or NULL when memory is exhausted or the product
 * overflows.  A product of zero gives a valid pointer.
 */
void *wrt_arena_array(struct wrt_arena *arena, size_t count, size_t size_bytes);

/* When the newest block has no room for it. */
void *wrt_arena_raw_slow(struct wrt_arena *arena, size_t count,
                         size_t size_bytes);

/* The same without the zeroes, for what is written before it is read. */
WRT_INLINE void *wrt_arena_raw(struct wrt_arena *arena, size_t count,
                               size_t size_bytes)
{
    size_t left = (size_t)(arena->end - arena->pos), need;
    uint8_t *ptr = arena->pos;

    /* Blocks end aligned, so what is rounded up still fits.  One that is full,
     * or none, has no valid pointer for zero bytes either. */
    if (WRT_UNLIKELY(!wrt_size_mul(count, size_bytes, &need) || need >= left))
        return wrt_arena_raw_slow(arena, count, size_bytes);
    arena->pos += WRT_ALIGN_UP(need, (size_t)WRT_ARENA_ALIGN);
    return ptr;
}

/* A NUL-terminated copy of len bytes, or NULL. */
char *wrt_arena_string(struct wrt_arena *arena, const char *text, size_t len);

/* Bytes held, blocks and all: for statistics. */
size_t wrt_arena_footprint(const struct wrt_arena *arena);

#endif
