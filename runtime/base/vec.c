/*
 * The out-of-line half of vec.h: growth by half, overflow-checked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/base/vec.h"

enum { FIRST_CAPACITY = 8 };

bool wrt_vec_grow(const struct wrt_alloc *alloc, void *items, size_t *capacity,
                  size_t count, size_t extra, size_t elem)
{
    size_t want, next, bytes;
    void *old, *grown;

    if (!wrt_size_add(count, extra, &want))
        return false;
    next =
        *capacity < FIRST_CAPACITY ? FIRST_CAPACITY : *capacity + *capacity / 2;
    next = WRT_MAX(next, want);
    if (!wrt_size_mul(next, elem, &bytes))
        return false;
    /* Through memcpy: the caller's pointer has a type of its own. */
    memcpy(&old, items, sizeof(old));
    grown = alloc->resize(alloc->user, old, *capacity * elem, bytes);
    if (!grown)
        return false;
    memcpy(items, &grown, sizeof(grown));
    *capacity = next;
    return true;
}
