/*
 * The fault-injecting allocator of the tests.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/lib/heap.h"

#include "tests/lib/test.h"

#include <string.h>

static void *resize(struct test_heap *heap, void *ptr, size_t old_size,
                    size_t new_size)
{
    return heap->alloc.resize(heap->alloc.user, ptr, old_size, new_size);
}

TEST(heap_counts_live_bytes_and_poisons)
{
    struct test_heap heap;
    unsigned char *a, *b;

    test_heap_init(&heap, -1);
    a = resize(&heap, NULL, 0, 10);
    CHECK_EQ(a[0], 0xCD);
    CHECK_EQ(a[9], 0xCD);
    memcpy(a, "0123456789", 10);
    b = resize(&heap, a, 10, 20);
    CHECK_MEM_EQ(b, "0123456789", 10);
    CHECK_EQ(b[10], 0xCD);
    CHECK_EQ(heap.live_bytes, 20);
    CHECK_EQ(heap.live_blocks, 1);
    b = resize(&heap, b, 20, 4);
    CHECK_EQ(heap.live_bytes, 4);
    resize(&heap, b, 4, 0);
    CHECK_EQ(heap.live_bytes, 0);
    CHECK_EQ(heap.peak_bytes, 30); /* both copies, while growing */
    CHECK(!heap.fired);
}

TEST(heap_fails_the_chosen_call_only)
{
    struct test_heap heap;
    void *a, *b;

    test_heap_init(&heap, 1);
    a = resize(&heap, NULL, 0, 8);
    CHECK(a != NULL);
    CHECK(resize(&heap, a, 8, 16) == NULL); /* the old block stays valid */
    CHECK(heap.fired);
    CHECK_EQ(heap.live_bytes, 8);
    b = resize(&heap, a, 8, 16);
    CHECK(b != NULL);
    resize(&heap, b, 16, 0);
    CHECK_EQ(heap.live_blocks, 0);
}

TEST(heap_can_fail_every_later_call)
{
    struct test_heap heap;
    void *a;

    test_heap_init(&heap, 1);
    heap.fail_after = true;
    a = resize(&heap, NULL, 0, 8);
    CHECK(resize(&heap, NULL, 0, 8) == NULL);
    CHECK(resize(&heap, NULL, 0, 8) == NULL);
    CHECK(resize(&heap, a, 8, 4) == NULL); /* shrinking is a call as well */
    resize(&heap, a, 8, 0);
    CHECK_EQ(heap.live_bytes, 0);
}
