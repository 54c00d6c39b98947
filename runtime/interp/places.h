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

#include "runtime/base/base.h"

/* A map that is being written, into room for wrt_places_bytes(). */
struct wrt_places {
    uint8_t *bytes;
    size_t len;
    uint32_t cell, offset; /* of the last entry */
};

/* Room that count entries need at most. */
size_t wrt_places_bytes(size_t count);

/* Appends an entry.  Cells do not decrease; of several entries of one cell the
 * last counts. */
void wrt_places_add(struct wrt_places *places, uint32_t cell, uint32_t offset);

/* The offset of the last entry whose cell is not behind this one; 0 when there
 * is none. */
uint32_t wrt_places_find(const uint8_t *bytes, size_t len, uint32_t cell);

#endif
