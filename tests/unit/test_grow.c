/*
 * Arrays that grow: when they do, and what they refuse.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "array/grow.h"

#include "tests/lib/test.h"

TEST(grow_doubles_and_keeps_the_items)
{
    enum { COUNT = 100000 };
    uint64_t *items = NULL;
    size_t cap = 0, moves = 0;

    for (size_t i = 0; i < COUNT; i++) {
        size_t before = cap;

        CHECK(array_reserve(&items, &cap, i + 1, sizeof(*items)));
        items[i] = i;
        moves += cap != before;
    }
    CHECK_EQ(cap, 131072);
    CHECK_EQ(moves, 11); /* from a kilobyte */
    for (size_t i = 0; i < COUNT; i++)
        CHECK_EQ(items[i], i);
    CHECK(array_reserve(&items, &cap, 1000000, sizeof(*items)));
    CHECK_EQ(cap, 1048576);
    CHECK_EQ(items[COUNT - 1], COUNT - 1);
    free(items);
}

TEST(grow_refuses_sizes_that_overflow)
{
    uint32_t *items = malloc(3 * sizeof(*items)), *before = items;
    size_t cap = 3;

    if (!items)
        return;
    items[2] = 7;
    /* 4 bytes, if the product were not checked. */
    CHECK(!array_resize(&items, SIZE_MAX / 4 + 2, sizeof(*items)));
    CHECK(!array_reserve(&items, &cap, SIZE_MAX / 4 + 2, sizeof(*items)));
    CHECK(!array_reserve(&items, &cap, SIZE_MAX, sizeof(*items)));
    CHECK_EQ(items, before);
    CHECK_EQ(items[2], 7);
    CHECK_EQ(cap, 3);
    free(items);
}
