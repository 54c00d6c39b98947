/*
 * An allocator for tests: counts what is live, poisons memory, checks that
 * callers pass the right old size, and can make allocation number N fail.
 *
 *     long n = 0;
 *     do {
 *         test_heap_init(&heap, n++);
 *         ...run the scenario with &heap.alloc, release everything...
 *         CHECK_EQ(heap.live_bytes, 0);
 *     } while (heap.fired);
 *
 * executes every failure path of the scenario, one per round.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TESTS_LIB_HEAP_H
#define WRT_TESTS_LIB_HEAP_H

#include "runtime/base/alloc.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Not thread-safe and must not be copied: alloc.user points back at it.
 * Every call can be made to fail but a release: shrinking, too.
 */
struct test_heap {
    struct wrt_alloc alloc; /* give out &heap.alloc */
    long fail_at;           /* index of the call that fails; -1: none */
    bool fail_after;        /* every call from fail_at on fails as well */
    bool fired;             /* a failure was injected */
    long calls;             /* all but releases, so far */
    size_t live_bytes;
    size_t live_blocks;
    size_t peak_bytes;
};

/* fail_at counts from 0; -1 lets every call succeed. */
void test_heap_init(struct test_heap *heap, long fail_at);

#endif
