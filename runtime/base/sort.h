/*
 * Sorting of indices, in place and with a guaranteed bound: O(n log n)
 * comparisons, no memory, whatever the input.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_BASE_SORT_H
#define WRT_BASE_SORT_H

#include "runtime/base/base.h"

/* Negative, zero or positive, as a sorts before, with or after b. */
typedef int wrt_sort_compare(const void *user, uint32_t a, uint32_t b);

void wrt_sort_u32(uint32_t *items, size_t count, wrt_sort_compare *compare,
                  const void *user);

#endif
