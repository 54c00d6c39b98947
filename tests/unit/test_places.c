/*
 * The map from code to module.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/places.h"

#include "tests/lib/test.h"

#include <stdlib.h>

enum { MANY = 20000 };

static struct {
    uint32_t cell, offset;
} entries[MANY];
static struct wrt_arena arena;
static const uint8_t *bytes;
static size_t len;

static void write_entries(size_t count)
{
    struct wrt_places places = {.arena = &arena};

    wrt_arena_init(&arena, &wrt_alloc_libc);
    for (size_t i = 0; i < count; i++) {
        if (!wrt_places_has_room(&places))
            CHECK(wrt_places_reserve(&places, count - i));
        wrt_places_add(&places, entries[i].cell, entries[i].offset);
        CHECK(places.len <= places.capacity);
    }
    bytes = places.bytes;
    len = places.len;
}

/* One after the other: all entries, except those that repeat the one before. */
static void check_order(size_t count)
{
    struct wrt_places_cursor c = {.bytes = bytes, .at = bytes, .len = len};
    size_t i = 0;

    while (wrt_places_next(&c)) {
        while (i > 0 && i < count && entries[i].cell == entries[i - 1].cell &&
               entries[i].offset == entries[i - 1].offset &&
               (c.cell != entries[i].cell || c.offset != entries[i].offset))
            i++;
        CHECK(i < count);
        CHECK_EQ(c.cell, entries[i].cell);
        CHECK_EQ(c.offset, entries[i].offset);
        i++;
    }
    while (i > 0 && i < count && entries[i].cell == entries[i - 1].cell &&
           entries[i].offset == entries[i - 1].offset)
        i++;
    CHECK_EQ(i, count);
}

/* Every cell up to the last one and a few behind it. */
static void check_cells(size_t count)
{
    uint32_t expected = 0, last = entries[count - 1].cell + 5;

    for (uint32_t cell = 0, i = 0; cell <= last; cell++) {
        while (i < count && entries[i].cell <= cell)
            expected = entries[i++].offset;
        CHECK_EQ(wrt_places_find(bytes, len, cell), expected);
    }
    check_order(count);
}

TEST(places_of_nothing)
{
    write_entries(0);
    CHECK_EQ(len, 0);
    CHECK_EQ(wrt_places_find(bytes, len, 3), 0);
    check_order(0);
    wrt_arena_fini(&arena);
}

TEST(places_are_found_again)
{
    for (size_t count = 1; count < 40; count++) {
        uint32_t cell = 0, offset = 0;

        for (size_t i = 0; i < count; i++) {
            entries[i].cell = cell;
            entries[i].offset = offset;
            cell += (uint32_t)(i % 4);
            offset += (uint32_t)(i % 3);
        }
        write_entries(count);
        check_cells(count);
        wrt_arena_fini(&arena);
    }
}

/* Steps of all sizes, at the borders of blocks too. */
TEST(places_of_large_functions)
{
    for (unsigned seed = 1; seed < 20; seed++) {
        uint32_t cell = seed % 2 ? 0 : 70000, offset = seed * 1000;

        srand(seed);
        for (size_t i = 0; i < MANY; i++) {
            entries[i].cell = cell;
            entries[i].offset = offset;
            cell += (uint32_t)(rand() % (rand() % 50 ? 4 : 20));
            offset += (uint32_t)(rand() % (rand() % 50 ? 8 : 100000));
        }
        write_entries(MANY);
        check_cells(MANY);
        wrt_arena_fini(&arena);
    }
}

/* Offsets may go back, should code be moved one day. */
TEST(places_that_go_back)
{
    for (size_t i = 0; i < 1000; i++) {
        entries[i].cell = (uint32_t)i * 2;
        entries[i].offset = (uint32_t)(i * 7919 % 1000);
    }
    write_entries(1000);
    check_cells(1000);
    wrt_arena_fini(&arena);
}

TEST(places_take_about_a_byte_each)
{
    for (size_t i = 0; i < MANY; i++) {
        entries[i].cell = (uint32_t)i * 2;
        entries[i].offset = (uint32_t)i * 3;
    }
    write_entries(MANY);
    CHECK(len < MANY * 11 / 10);
    wrt_arena_fini(&arena);
}
