/*
 * The operating system as the engine sees it.
 *
 * os_linux.c is the only file of the engine with system headers beyond C11;
 * another system means another os_<name>.c.  WASI and the CLI have an os.h of
 * their own.  Functions return false or NULL when the system refuses; errno is
 * not part of the contract.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_BASE_OS_H
#define WRT_BASE_OS_H

#include "runtime/base/base.h"

/* -- Address space --------------------------------------------------------- */

size_t wrt_os_page_size(void);

/* Reserves address space that no access may touch and that costs no memory.
 * size_bytes is a multiple of the page size. */
void *wrt_os_reserve(size_t size_bytes);

/* Makes part of a reservation readable and writable, zero-filled on touch. */
bool wrt_os_commit(void *ptr, size_t size_bytes);

/* Takes part of a reservation back: inaccessible, its memory released. */
bool wrt_os_decommit(void *ptr, size_t size_bytes);

/* Zeroes committed pages by giving their memory back. */
bool wrt_os_discard(void *ptr, size_t size_bytes);

/* Ends a whole reservation. */
void wrt_os_release(void *ptr, size_t size_bytes);

/* -- Time ------------------------------------------------------------------ */

/* Nanoseconds of a clock that never goes back. */
uint64_t wrt_os_monotonic_ns(void);

/* -- Threads --------------------------------------------------------------- */

/* A small lock; zero-initialised is unlocked.  Not recursive. */
struct wrt_mutex {
    uint32_t state; /* 0 free, 1 held, 2 held with waiters */
};

void wrt_mutex_lock(struct wrt_mutex *mutex);
void wrt_mutex_unlock(struct wrt_mutex *mutex);

/* -- Files ----------------------------------------------------------------- */

/* Reads a whole regular file or pipe into memory from alloc; *out has *len
 * bytes (NULL for an empty file) and is released with wrt_free(alloc, *out,
 * *len).  On failure returns a short text that says why (static lifetime), else
 * NULL. */
struct wrt_alloc;
const char *wrt_os_read_file(const char *path, const struct wrt_alloc *alloc,
                             size_t max_bytes, uint8_t **out, size_t *len);

#endif
