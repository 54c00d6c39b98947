/*
 * Buffers that grow.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SERVE_BUFFER_H
#define SERVE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* Makes room for `need` bytes in all, at least `first` and then twice as much
 * each time.  False when memory is exhausted; then the buffer is what it was.
 */
static inline bool buffer_reserve(char **bytes, size_t *cap, size_t need,
                                  size_t first)
{
    size_t size = *cap ? *cap : first;
    char *more;

    if (need <= *cap)
        return true;
    while (size < need)
        size = size < SIZE_MAX / 2 ? size * 2 : need;
    more = realloc(*bytes, size);
    if (!more)
        return false;
    *bytes = more;
    *cap = size;
    return true;
}

#endif
