/*
 * Hash map from byte strings to 32-bit numbers: names to indices.
 *
 * Open addressing with linear probing, at most 3/4 full, entries are never
 * removed one by one.  Keys are borrowed: they must outlive the map, so they
 * usually live in an arena or in the input.  Hashes are seeded per map, because
 * names may come from a guest that wants them to collide.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_BASE_MAP_H
#define WRT_BASE_MAP_H

#include "runtime/base/alloc.h"

struct wrt_map_entry {
    const void *key; /* NULL: free */
    uint32_t len;
    uint32_t hash;
    uint32_t value;
};

/* Owner: whoever called init.  Not thread-safe. */
struct wrt_map {
    const struct wrt_alloc *alloc; /* borrowed */
    struct wrt_map_entry *entries;
    size_t capacity; /* a power of two, or 0 */
    size_t count;
    uint64_t seed;
};

/* Makes an empty map.  Allocates nothing, so it cannot fail. */
void wrt_map_init(struct wrt_map *map, const struct wrt_alloc *alloc);

/* Releases the table.  Safe on an empty map. */
void wrt_map_fini(struct wrt_map *map);

/* Forgets all entries but keeps the table. */
void wrt_map_clear(struct wrt_map *map);

/*
 * Finds the value of a key, adding `value` when there is none yet.  The result
 * may be written through and is valid until the next addition; *added tells
 * which it was.  NULL when memory is exhausted, with the map unchanged.
 */
uint32_t *wrt_map_add(struct wrt_map *map, const void *key, uint32_t len,
                      uint32_t value, bool *added);

/* The value of a key, or NULL when there is none. */
const uint32_t *wrt_map_find(const struct wrt_map *map, const void *key,
                             uint32_t len);

#endif
