/*
 * Hash map from byte strings to 32-bit numbers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/base/map.h"

#include "runtime/base/os.h"

enum { FIRST_CAPACITY = 32 };

/* One round of mixing: the halves of a 128-bit product, folded. */
static uint64_t mix(uint64_t a, uint64_t b)
{
    __extension__ unsigned __int128 product = (unsigned __int128)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint32_t hash_bytes(const struct wrt_map *map, const uint8_t *bytes,
                           uint32_t len)
{
    uint64_t h = map->seed, tail = 0;
    uint32_t left = len;

    for (; left >= 8; bytes += 8, left -= 8)
        h = mix(h ^ wrt_load_u64(bytes), 0xd6e8feb86659fd93u);
    if (left)
        memcpy(&tail, bytes, left);
    h = mix(h ^ tail, 0xa0761d6478bd642fu) ^ len;
    return (uint32_t)mix(h, 0xe7037ed1a0b428dbu);
}

void wrt_map_init(struct wrt_map *map, const struct wrt_alloc *alloc)
{
    /* Address space randomisation and the clock: not secret, but nothing that
     * whoever chose the keys could have known. */
    *map = (struct wrt_map){
        .alloc = alloc,
        .seed = wrt_os_monotonic_ns() ^ ((uint64_t)(uintptr_t)map << 20),
    };
}

void wrt_map_fini(struct wrt_map *map)
{
    wrt_free_array(map->alloc, map->entries, map->capacity,
                   sizeof(*map->entries));
    wrt_map_init(map, map->alloc);
}

void wrt_map_clear(struct wrt_map *map)
{
    if (map->count > 0)
        memset(map->entries, 0, map->capacity * sizeof(*map->entries));
    map->count = 0;
}

/* The entry of the key, or the free one where it belongs.  The table is never
 * full, so the search ends. */
static struct wrt_map_entry *probe(const struct wrt_map *map, const void *key,
                                   uint32_t len, uint32_t hash)
{
    size_t mask = map->capacity - 1, i = hash & mask;

    for (;; i = (i + 1) & mask) {
        struct wrt_map_entry *e = &map->entries[i];

        if (!e->key)
            return e;
        if (e->hash == hash && e->len == len && memcmp(e->key, key, len) == 0)
            return e;
    }
}

static bool grow(struct wrt_map *map)
{
    struct wrt_map bigger = *map;

    bigger.capacity = map->capacity ? map->capacity * 2 : FIRST_CAPACITY;
    bigger.entries =
        wrt_alloc_array(map->alloc, bigger.capacity, sizeof(*map->entries));
    if (!bigger.entries)
        return false;
    for (size_t i = 0; i < map->capacity; i++) {
        const struct wrt_map_entry *e = &map->entries[i];

        if (e->key)
            *probe(&bigger, e->key, e->len, e->hash) = *e;
    }
    wrt_free_array(map->alloc, map->entries, map->capacity,
                   sizeof(*map->entries));
    *map = bigger;
    return true;
}

uint32_t *wrt_map_add(struct wrt_map *map, const void *key, uint32_t len,
                      uint32_t value, bool *added)
{
    uint32_t hash = hash_bytes(map, key, len);
    struct wrt_map_entry *e;

    if (map->count >= map->capacity / 4 * 3 && !grow(map))
        return NULL;
    e = probe(map, key, len, hash);
    *added = e->key == NULL;
    if (*added) {
        *e = (struct wrt_map_entry){key, len, hash, value};
        map->count++;
    }
    return &e->value;
}

const uint32_t *wrt_map_find(const struct wrt_map *map, const void *key,
                             uint32_t len)
{
    const struct wrt_map_entry *e;

    if (map->capacity == 0)
        return NULL;
    e = probe(map, key, len, hash_bytes(map, key, len));
    return e->key ? &e->value : NULL;
}
