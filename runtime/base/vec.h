/*
 * Growable arrays of any element type: the only generic container.
 *
 *     WRT_VEC(uint32_t) offsets = {0};
 *     if (!wrt_vec_push(alloc, &offsets, value))
 *         return oom;
 *     ... offsets.items[i], offsets.count ...
 *     wrt_vec_fini(alloc, &offsets);
 *
 * Growth is geometric.  A failed push leaves the vector as it was.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_BASE_VEC_H
#define WRT_BASE_VEC_H

#include "runtime/base/alloc.h"

#define WRT_VEC(type)                                                          \
    struct {                                                                   \
        type *items;                                                           \
        size_t count, capacity;                                                \
    }

/* Makes room for `extra` more items; false when memory is exhausted. */
#define wrt_vec_reserve(alloc, vec, extra)                                     \
    ((vec)->capacity - (vec)->count >= (size_t)(extra) ||                      \
     wrt_vec_grow((alloc), (void *)&(vec)->items, &(vec)->capacity,            \
                  (vec)->count, (size_t)(extra), sizeof(*(vec)->items)))

/* Appends one item; false when memory is exhausted. */
#define wrt_vec_push(alloc, vec, value)                                        \
    (wrt_vec_reserve(alloc, vec, 1) &&                                         \
     ((vec)->items[(vec)->count++] = (value), true))

#define wrt_vec_fini(alloc, vec)                                               \
    (wrt_free((alloc), (vec)->items, (vec)->capacity * sizeof(*(vec)->items)), \
     (vec)->items = NULL, (vec)->count = (vec)->capacity = 0)

/* Implementation of wrt_vec_reserve; items is a pointer to the item pointer. */
bool wrt_vec_grow(const struct wrt_alloc *alloc, void *items, size_t *capacity,
                  size_t count, size_t extra, size_t elem);

#endif
