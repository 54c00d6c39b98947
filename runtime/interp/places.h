/*
 * Where cells come from: the map from a function's code to the module.
 *
 * Kept with the code, for traps and stack traces, at about a byte for each
 * instruction.  The bytes are blocks of equal size.  A block begins with a cell
 * and an offset; behind them are steps from one instruction to the next.  So a
 * lookup is a binary search over blocks and a walk through one of them, however
 * large the function.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_INTERP_PLACES_H
#define WRT_INTERP_PLACES_H

#include "runtime/base/arena.h"

/* The longest entry: a block that begins, and the end of the one before. */
enum { WRT_PLACES_ENTRY_BYTES = 256 + 8 };

/* A step from one entry to the next: a byte, cells times 32 plus offset, where
 * both are small enough. */
enum {
    WRT_PLACES_BLOCK_BYTES = 256,
    WRT_PLACES_STEP_BYTES = 11, /* the longest step */
    WRT_PLACES_MAX_CELLS = 7,   /* of a step of one byte: less than that */
    WRT_PLACES_MAX_OFFSET = 31,
};

/* A map that is being written. */
struct wrt_places {
    struct wrt_arena *arena;
    uint8_t *bytes; /* in the arena, or NULL */
    size_t len, capacity;
    uint32_t cell, offset; /* of the last entry */
};

/* Makes room for at least one more entry; count more are to be expected.  False
 * when memory is exhausted. */
bool wrt_places_reserve(struct wrt_places *places, size_t count);

/* Whether there is room. */
WRT_INLINE bool wrt_places_has_room(const struct wrt_places *places)
{
    return places->capacity - places->len >= WRT_PLACES_ENTRY_BYTES;
}

/* The general case of the next function. */
void wrt_places_add_slow(struct wrt_places *places, uint32_t cell,
                         uint32_t offset);

/* Appends an entry, for which there must be room.  Cells do not decrease; of
 * several entries of one cell the last counts. */
WRT_INLINE void wrt_places_add(struct wrt_places *p, uint32_t cell,
                               uint32_t offset)
{
    const size_t last = WRT_PLACES_BLOCK_BYTES - WRT_PLACES_STEP_BYTES;
    uint32_t cells = cell - p->cell, bytes = offset - p->offset;

    if (WRT_UNLIKELY(cells >= WRT_PLACES_MAX_CELLS ||
                     bytes >= WRT_PLACES_MAX_OFFSET ||
                     p->len % WRT_PLACES_BLOCK_BYTES - 1 >= last)) {
        wrt_places_add_slow(p, cell, offset);
        return;
    }
    p->cell = cell;
    p->offset = offset;
    p->bytes[p->len] = (uint8_t)(cells << 5 | bytes);
    p->len += (cells | bytes) != 0; /* a step of nothing is none */
}

/* The offset of the last entry whose cell is not behind this one; 0 when there
 * is none. */
uint32_t wrt_places_find(const uint8_t *bytes, size_t len, uint32_t cell);

/* All entries in their order: set bytes, len and at, which is bytes, first. */
struct wrt_places_cursor {
    const uint8_t *bytes, *at;
    size_t len;
    uint32_t cell, offset;
};

/* Moves to the next entry; false at the end. */
bool wrt_places_next(struct wrt_places_cursor *cursor);

#endif
