/*
 * Arenas: alignment, overflow, sticky failure, reuse.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/base/arena.h"

#include "tests/lib/heap.h"
#include "tests/lib/test.h"

#include <stdalign.h>

TEST(arena_objects_are_zeroed_and_aligned)
{
    struct test_heap heap;
    struct wrt_arena arena;

    test_heap_init(&heap, -1);
    wrt_arena_init(&arena, &heap.alloc);
    CHECK_EQ(heap.calls, 0);
    for (size_t i = 1; i < 3000; i += 7) {
        unsigned char *p = wrt_arena_array(&arena, i, 1);

        CHECK_EQ((uintptr_t)p % alignof(max_align_t), 0);
        CHECK_EQ(p[0], 0);
        CHECK_EQ(p[i - 1], 0);
        memset(p, 0xff, i);
    }
    CHECK(wrt_arena_array(&arena, 0, 8) != NULL);
    CHECK_EQ(wrt_arena_footprint(&arena), heap.live_bytes);
    wrt_arena_fini(&arena);
    CHECK_EQ(heap.live_bytes, 0);
}

TEST(arena_takes_objects_larger_than_a_block)
{
    struct test_heap heap;
    struct wrt_arena arena;
    char *big;

    test_heap_init(&heap, -1);
    wrt_arena_init(&arena, &heap.alloc);
    big = wrt_arena_array(&arena, 100, 1000);
    CHECK(big != NULL);
    CHECK_EQ(big[99999], 0);
    CHECK_STR_EQ(wrt_arena_string(&arena, "name and more", 4), "name");
    CHECK_STR_EQ(wrt_arena_string(&arena, NULL, 0), "");
    wrt_arena_fini(&arena);
    CHECK_EQ(heap.live_bytes, 0);
}

TEST(arena_rejects_size_overflow)
{
    struct test_heap heap;
    struct wrt_arena arena;

    test_heap_init(&heap, -1);
    wrt_arena_init(&arena, &heap.alloc);
    CHECK(wrt_arena_array(&arena, SIZE_MAX, 2) == NULL);
    CHECK(wrt_arena_array(&arena, 1, 1) == NULL); /* failure is sticky */
    CHECK(wrt_arena_string(&arena, "", SIZE_MAX) == NULL);
    wrt_arena_reset(&arena);
    CHECK(wrt_arena_array(&arena, 1, SIZE_MAX - 3) == NULL);
    CHECK_EQ(heap.calls, 0);
    wrt_arena_fini(&arena);
}

TEST(arena_reset_keeps_one_block)
{
    struct test_heap heap;
    struct wrt_arena arena;
    long calls;

    test_heap_init(&heap, -1);
    wrt_arena_init(&arena, &heap.alloc);
    for (int i = 0; i < 100; i++)
        wrt_arena_array(&arena, 1, 1000);
    wrt_arena_reset(&arena);
    /* One block takes the place of several, at the next use. */
    wrt_arena_array(&arena, 1, 1000);
    CHECK_EQ(heap.live_blocks, 1);
    calls = heap.calls;
    for (int i = 0; i < 10; i++) {
        unsigned char *p = wrt_arena_array(&arena, 1, 1000);

        CHECK_EQ(p[500], 0);
    }
    CHECK_EQ(heap.calls, calls);
    wrt_arena_fini(&arena);
    CHECK_EQ(heap.live_bytes, 0);
}

/* Fails allocation 0, 1, 2, ... until a whole run needs no more of them. */
TEST(arena_survives_every_allocation_failure)
{
    struct test_heap heap;
    struct wrt_arena arena;
    long n = 0;

    do {
        test_heap_init(&heap, n++);
        wrt_arena_init(&arena, &heap.alloc);
        for (int i = 0; i < 4000; i++)
            wrt_arena_array(&arena, 3, 7);
        CHECK_EQ(arena.failed, heap.fired);
        wrt_arena_fini(&arena);
        CHECK_EQ(heap.live_bytes, 0);
    } while (heap.fired);
    CHECK(n > 5);
}

/* A scratch arena settles on one block for what each round takes. */
TEST(arena_keeps_what_a_round_takes)
{
    struct test_heap heap;
    struct wrt_arena arena;

    test_heap_init(&heap, -1);
    wrt_arena_init(&arena, &heap.alloc);
    for (int round = 0; round < 4; round++) {
        long before = heap.calls;

        for (int i = 0; i < 10; i++)
            CHECK(wrt_arena_raw(&arena, 1000, 16) != NULL);
        if (round > 1)
            CHECK_EQ(heap.calls, before);
        wrt_arena_reset(&arena);
    }
    wrt_arena_fini(&arena);
    CHECK_EQ(heap.live_bytes, 0);
}
