/*
 * The hash map: additions, look-ups, growth, and memory exhaustion.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/base/map.h"

#include "tests/lib/heap.h"
#include "tests/lib/test.h"

enum { KEYS = 5000 };

static bool fill(struct wrt_map *map, const uint32_t *keys)
{
    for (uint32_t i = 0; i < KEYS; i++) {
        bool added;

        if (!wrt_map_add(map, &keys[i], sizeof(keys[i]), i, &added))
            return false;
        CHECK(added);
    }
    return true;
}

TEST(map_finds_what_was_added_and_nothing_else)
{
    static uint32_t keys[KEYS];
    struct wrt_map map;
    uint32_t absent = KEYS * 7;
    bool added;

    for (uint32_t i = 0; i < KEYS; i++)
        keys[i] = i * 7;
    wrt_map_init(&map, &wrt_alloc_libc);
    CHECK(!wrt_map_find(&map, &absent, sizeof(absent)));
    CHECK(fill(&map, keys));
    for (uint32_t i = 0; i < KEYS; i++)
        CHECK_EQ(*wrt_map_find(&map, &keys[i], sizeof(keys[i])), i);
    CHECK(!wrt_map_find(&map, &absent, sizeof(absent)));
    CHECK(!wrt_map_find(&map, &keys[1], 3));
    CHECK_EQ(*wrt_map_add(&map, &keys[9], sizeof(keys[9]), 1, &added), 9);
    CHECK(!added);
    wrt_map_clear(&map);
    CHECK(!wrt_map_find(&map, &keys[1], sizeof(keys[1])));
    wrt_map_fini(&map);
}

TEST(map_reports_exhausted_memory_and_leaks_nothing)
{
    static uint32_t keys[KEYS];
    struct test_heap heap;
    long n = 0;

    for (uint32_t i = 0; i < KEYS; i++)
        keys[i] = i;
    do {
        struct wrt_map map;

        test_heap_init(&heap, n++);
        wrt_map_init(&map, &heap.alloc);
        CHECK_EQ(fill(&map, keys), !heap.fired);
        wrt_map_fini(&map);
        CHECK_EQ(heap.live_bytes, 0);
    } while (heap.fired);
    CHECK(n > 5);
}
