/*
 * Heapsort.  The C library's qsort is not used: its bound depends on the
 * library, and it may allocate behind the embedder's back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/base/sort.h"

/* Lets items[root] sink to its place in the heap of `count` items. */
static void sink(uint32_t *items, size_t root, size_t count,
                 wrt_sort_compare *compare, const void *user)
{
    uint32_t item = items[root];

    for (;;) {
        size_t child = 2 * root + 1;

        if (child >= count)
            break;
        if (child + 1 < count &&
            compare(user, items[child], items[child + 1]) < 0)
            child++;
        if (compare(user, item, items[child]) >= 0)
            break;
        items[root] = items[child];
        root = child;
    }
    items[root] = item;
}

void wrt_sort_u32(uint32_t *items, size_t count, wrt_sort_compare *compare,
                  const void *user)
{
    for (size_t i = count / 2; i-- > 0;)
        sink(items, i, count, compare, user);
    for (size_t n = count; n > 1;) {
        uint32_t last = items[--n];

        items[n] = items[0];
        items[0] = last;
        sink(items, 0, n, compare, user);
    }
}
