/*
 * The allocator: one callback for allocate, resize and free.
 *
 * The callback receives the old size, so an embedder's accounting is exact and
 * the test allocator can check our honesty.  Guest memories, tables of guards
 * and machine code are mappings (os.h) and do not go through here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_BASE_ALLOC_H
#define WRT_BASE_ALLOC_H

#include "runtime/base/base.h"

/*
 * resize(user, NULL, 0, n)  allocates n bytes, aligned for any object;
 * resize(user, p, old, n)   resizes; on failure p stays as it was;
 * resize(user, p, old, 0)   frees and returns NULL; never fails.
 * A failure returns NULL.  Thread-safe when the engine is shared.
 */
struct wrt_alloc {
    void *(*resize)(void *user, void *ptr, size_t old_size, size_t new_size);
    void *user;
};

/* The C library's allocator. */
extern const struct wrt_alloc wrt_alloc_libc;

/* size_bytes of zeroed memory, or NULL. */
void *wrt_alloc_zero(const struct wrt_alloc *alloc, size_t size_bytes);

/* count * elem zeroed bytes, or NULL also when the product overflows. */
void *wrt_alloc_array(const struct wrt_alloc *alloc, size_t count, size_t elem);

/* Room for count items: the `nfew` that the caller has on its stack when these
 * suffice, else allocated and zeroed; NULL when memory is exhausted.  Given
 * back by wrt_give_room() with the same arguments. */
WRT_INLINE void *wrt_take_room(const struct wrt_alloc *alloc, void *few,
                               size_t nfew, size_t count, size_t elem)
{
    return count <= nfew ? few : wrt_alloc_array(alloc, count, elem);
}

/* Releases ptr of size_bytes; NULL is fine. */
void wrt_free(const struct wrt_alloc *alloc, void *ptr, size_t size_bytes);

/* Releases what wrt_alloc_array(count, elem) gave; NULL is fine. */
void wrt_free_array(const struct wrt_alloc *alloc, void *ptr, size_t count,
                    size_t elem);

WRT_INLINE void wrt_give_room(const struct wrt_alloc *alloc, const void *few,
                              void *room, size_t count, size_t elem)
{
    if (room != few)
        wrt_free_array(alloc, room, count, elem);
}

#endif
