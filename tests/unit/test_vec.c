/*
 * Growable arrays and the allocator's helpers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/base/vec.h"

#include "tests/lib/heap.h"
#include "tests/lib/test.h"

TEST(vec_keeps_its_items_while_growing)
{
    WRT_VEC(uint32_t) v = {0};
    struct test_heap heap;

    test_heap_init(&heap, -1);
    for (uint32_t i = 0; i < 1000; i++)
        CHECK(wrt_vec_push(&heap.alloc, &v, i * 3));
    CHECK_EQ(v.count, 1000);
    for (uint32_t i = 0; i < 1000; i++)
        CHECK_EQ(v.items[i], i * 3);
    CHECK(heap.calls < 20); /* geometric */
    wrt_vec_fini(&heap.alloc, &v);
    CHECK_EQ(v.count, 0);
    CHECK_EQ(heap.live_bytes, 0);
}

TEST(vec_failed_push_changes_nothing)
{
    struct test_heap heap;
    long n = 0;

    do {
        WRT_VEC(uint64_t) v = {0};
        size_t pushed = 0;

        test_heap_init(&heap, n++);
        for (uint64_t i = 0; i < 100; i++)
            pushed += wrt_vec_push(&heap.alloc, &v, i);
        CHECK_EQ(v.count, pushed);
        CHECK(pushed == 100 || heap.fired);
        CHECK(v.capacity >= v.count);
        wrt_vec_fini(&heap.alloc, &v);
        CHECK_EQ(heap.live_bytes, 0);
    } while (heap.fired);
    CHECK(n > 3);
}

TEST(vec_reserve_rejects_overflow)
{
    WRT_VEC(uint64_t) v = {0};
    struct test_heap heap;

    test_heap_init(&heap, -1);
    CHECK(!wrt_vec_reserve(&heap.alloc, &v, SIZE_MAX));
    CHECK(!wrt_vec_reserve(&heap.alloc, &v, SIZE_MAX / 8 + 1));
    CHECK(wrt_vec_push(&heap.alloc, &v, 1));
    CHECK(!wrt_vec_reserve(&heap.alloc, &v, SIZE_MAX)); /* count + extra */
    wrt_vec_fini(&heap.alloc, &v);
}

TEST(alloc_array_is_zeroed_and_rejects_overflow)
{
    struct test_heap heap;
    uint32_t *items;

    test_heap_init(&heap, -1);
    items = wrt_alloc_array(&heap.alloc, 10, sizeof(*items));
    for (int i = 0; i < 10; i++)
        CHECK_EQ(items[i], 0);
    wrt_free_array(&heap.alloc, items, 10, sizeof(*items));
    CHECK(wrt_alloc_array(&heap.alloc, SIZE_MAX / 2, 3) == NULL);
    CHECK_EQ(heap.calls, 1);
    wrt_free(&heap.alloc, NULL, 0);
    wrt_free_array(&heap.alloc, NULL, 0, 8);
    CHECK_EQ(heap.live_bytes, 0);
}

TEST(alloc_libc_resizes_and_releases)
{
    const struct wrt_alloc *libc = &wrt_alloc_libc;
    char *p = wrt_alloc_zero(libc, 5);

    CHECK_MEM_EQ(p, "\0\0\0\0\0", 5);
    memcpy(p, "1234", 5);
    p = libc->resize(libc->user, p, 5, 5000);
    CHECK_STR_EQ(p, "1234");
    wrt_free(libc, p, 5000);
}
