/*
 * Arrays that grow, for what stands on the public headers alone: the one place
 * where their sizes are computed.  (runtime/base/vec.h has those whose memory
 * comes from the embedder's allocator.)
 *
 *     if (!array_reserve(&items, &cap, count + 1, sizeof(*items)))
 *         return false;
 *     items[count++] = item;
 *
 * `array` is the address of the pointer to the items.  Without memory, false is
 * returned and the array is what it was.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ARRAY_GROW_H
#define ARRAY_GROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Makes it an array of that many items of `size` bytes. */
static inline bool array_resize(void *array, size_t count, size_t size)
{
    void *items, *more;

    if (count > SIZE_MAX / size)
        return false;
    memcpy(&items, array, sizeof(items));
    more = realloc(items, count * size);
    if (more)
        memcpy(array, &more, sizeof(more));
    return more != NULL;
}

/* Makes room for `need` items: a kilobyte at first, then at least twice as much
 * each time. */
static inline bool array_reserve(void *array, size_t *cap, size_t need,
                                 size_t size)
{
    size_t count = *cap ? *cap : (1024 + size - 1) / size;

    if (need <= *cap)
        return true;
    while (count < need)
        count = count < SIZE_MAX / 2 ? count * 2 : need;
    if (!array_resize(array, count, size))
        return false;
    *cap = count;
    return true;
}

#endif
