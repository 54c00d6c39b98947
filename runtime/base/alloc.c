/*
 * Allocator helpers: zeroed and overflow-checked allocation over the callback.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/base/alloc.h"

#include <stdlib.h>

static void *libc_resize(void *user, void *ptr, size_t old_size,
                         size_t new_size)
{
    (void)user;
    (void)old_size;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, new_size);
}

const struct wrt_alloc wrt_alloc_libc = {.resize = libc_resize};

void *wrt_alloc_zero(const struct wrt_alloc *alloc, size_t size_bytes)
{
    void *ptr = alloc->resize(alloc->user, NULL, 0, size_bytes);

    return ptr ? memset(ptr, 0, size_bytes) : NULL;
}

void *wrt_alloc_array(const struct wrt_alloc *alloc, size_t count, size_t elem)
{
    size_t size_bytes;

    if (!wrt_size_mul(count, elem, &size_bytes))
        return NULL;
    return wrt_alloc_zero(alloc, size_bytes);
}

void wrt_free(const struct wrt_alloc *alloc, void *ptr, size_t size_bytes)
{
    if (ptr)
        alloc->resize(alloc->user, ptr, size_bytes, 0);
}

void wrt_free_array(const struct wrt_alloc *alloc, void *ptr, size_t count,
                    size_t elem)
{
    wrt_free(alloc, ptr, count * elem);
}
