/*
 * The map from code to module; see places.h.
 *
 * A step is a byte, cells times 32 plus offset; the largest value of either
 * part says that a LEB128 number follows instead.  A byte of 0 is no step: it
 * fills a block whose rest is too short for the longest one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/places.h"

#include <string.h>

enum {
    BLOCK_BYTES = WRT_PLACES_BLOCK_BYTES,
    HEAD_BYTES = 8, /* cell, offset: as the machine stores them */
    STEP_BYTES = WRT_PLACES_STEP_BYTES,
    MAX_CELLS = WRT_PLACES_MAX_CELLS,
    MAX_OFFSET = WRT_PLACES_MAX_OFFSET,
};

bool wrt_places_reserve(struct wrt_places *p, size_t count)
{
    size_t capacity = p->capacity + count + count / 4 + WRT_PLACES_ENTRY_BYTES;
    uint8_t *bytes = wrt_arena_raw(p->arena, capacity, 1);

    if (!bytes)
        return false;
    if (p->len)
        memcpy(bytes, p->bytes, p->len);
    p->bytes = bytes;
    p->capacity = capacity;
    return true;
}

static void put_leb(struct wrt_places *p, uint32_t n)
{
    for (; n >= 0x80; n >>= 7)
        p->bytes[p->len++] = (uint8_t)(n | 0x80);
    p->bytes[p->len++] = (uint8_t)n;
}

static void begin_block(struct wrt_places *p, uint32_t cell, uint32_t offset)
{
    size_t start = WRT_ALIGN_UP(p->len, (size_t)BLOCK_BYTES);

    memset(p->bytes + p->len, 0, start - p->len);
    memcpy(p->bytes + start, &cell, sizeof(cell));
    memcpy(p->bytes + start + sizeof(cell), &offset, sizeof(offset));
    p->len = start + HEAD_BYTES;
}

void wrt_places_add_slow(struct wrt_places *p, uint32_t cell, uint32_t offset)
{
    size_t used = p->len % BLOCK_BYTES;
    uint32_t cells = cell - p->cell, bytes = offset - p->offset;

    p->cell = cell;
    p->offset = offset;
    if (used == 0 || used + STEP_BYTES > BLOCK_BYTES) {
        begin_block(p, cell, offset);
        return;
    }
    if (cells == 0 && bytes == 0)
        return;
    p->bytes[p->len++] = (uint8_t)(WRT_MIN(cells, (uint32_t)MAX_CELLS) << 5 |
                                   WRT_MIN(bytes, (uint32_t)MAX_OFFSET));
    if (cells >= MAX_CELLS)
        put_leb(p, cells);
    if (bytes >= MAX_OFFSET)
        put_leb(p, bytes);
}

static uint32_t get_leb(const uint8_t **at)
{
    uint32_t n = 0;
    unsigned shift = 0;

    do
        n |= (uint32_t)(**at & 0x7f) << shift, shift += 7;
    while (*(*at)++ & 0x80);
    return n;
}

static uint32_t head_cell(const uint8_t *block)
{
    uint32_t cell;

    memcpy(&cell, block, sizeof(cell));
    return cell;
}

/* The last block that begins at or before the cell; the first, if none does. */
static size_t find_block(const uint8_t *bytes, size_t nblocks, uint32_t cell)
{
    size_t low = 0, high = nblocks;

    while (high - low > 1) {
        size_t mid = low + (high - low) / 2;

        if (head_cell(bytes + mid * BLOCK_BYTES) <= cell)
            low = mid;
        else
            high = mid;
    }
    return low;
}

uint32_t wrt_places_find(const uint8_t *bytes, size_t len, uint32_t cell)
{
    size_t nblocks = (len + BLOCK_BYTES - 1) / BLOCK_BYTES;
    const uint8_t *at, *end;
    uint32_t here, offset, found;

    if (len == 0)
        return 0;
    at = bytes + find_block(bytes, nblocks, cell) * BLOCK_BYTES;
    end = at + WRT_MIN((size_t)(bytes + len - at), (size_t)BLOCK_BYTES);
    here = head_cell(at);
    if (here > cell)
        return 0;
    memcpy(&offset, at + sizeof(here), sizeof(offset));
    found = offset;
    at += HEAD_BYTES;
    while (at < end && here <= cell) {
        uint32_t cells = *at >> 5, step = *at & MAX_OFFSET;

        at++;
        found = offset;
        here += cells < MAX_CELLS ? cells : get_leb(&at);
        offset += step < MAX_OFFSET ? step : get_leb(&at);
    }
    return here <= cell ? offset : found;
}

bool wrt_places_next(struct wrt_places_cursor *c)
{
    size_t used = (size_t)(c->at - c->bytes);

    /* The rest of a block whose next step did not fit. */
    if (used < c->len && used % BLOCK_BYTES != 0 && *c->at == 0)
        used = WRT_ALIGN_UP(used, (size_t)BLOCK_BYTES);
    if (used >= c->len)
        return false;
    c->at = c->bytes + used;
    if (used % BLOCK_BYTES == 0) {
        memcpy(&c->cell, c->at, sizeof(c->cell));
        memcpy(&c->offset, c->at + sizeof(c->cell), sizeof(c->offset));
        c->at += HEAD_BYTES;
    } else {
        uint32_t cells = *c->at >> 5, step = *c->at & MAX_OFFSET;

        c->at++;
        c->cell += cells < MAX_CELLS ? cells : get_leb(&c->at);
        c->offset += step < MAX_OFFSET ? step : get_leb(&c->at);
    }
    return true;
}
