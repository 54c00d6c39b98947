/*
 * Address space between its uses.
 *
 * A memory's reservation and the stack of a store or a task cost three system
 * calls and a page fault for each page, which is more than a short guest runs
 * for.  So an engine keeps some that were given back, with the memory that they
 * have got, and the next one gets one of them.
 *
 * A pool holds reservations of one size, in any number up to its own; what
 * belongs to a guest is zero before it is kept.  Any thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_POOL_H
#define WRT_STORE_POOL_H

#include "runtime/base/os.h"

enum {
    WRT_POOL_MOST = 64, /* kept; more are released */
    /* Of a memory, made zero and kept: that is faster than to give
     * pages back and to fault for them again.  What lies beyond is given back.
     */
    WRT_POOL_ZEROED_BYTES = 256 * 1024,
    /* Larger stacks are not kept: nobody knows how much of them was used. */
    WRT_POOL_STACK_BYTES = 1 << 20,
};

struct wrt_reservation {
    uint8_t *base;
    size_t committed_bytes; /* accessible, behind the pool's lead */
};

/* All zero is a valid pool that keeps nothing. */
struct wrt_pool {
    struct wrt_mutex lock;
    size_t reserved_bytes; /* of each; constant.  0: keeps nothing */
    size_t lead_bytes;     /* of each, in front, that nobody may touch */
    uint32_t count;
    struct wrt_reservation kept[WRT_POOL_MOST];
};

/* A reservation of reserved_bytes of which committed_bytes behind the lead are
 * accessible, from the pool where it has one of that size.  NULL when the
 * system refuses; *has_space_out: it had the addresses, but no memory. */
uint8_t *wrt_pool_get(struct wrt_pool *pool, size_t reserved_bytes,
                      size_t committed_bytes, bool *has_space_out);

/* Gives it back as it is. */
void wrt_pool_put(struct wrt_pool *pool, uint8_t *base, size_t reserved_bytes,
                  size_t committed_bytes);

/* Gives it back, its accessible part zero. */
void wrt_pool_put_zeroed(struct wrt_pool *pool, uint8_t *base,
                         size_t reserved_bytes, size_t committed_bytes);

/* Releases what the pool holds; true when that was anything. */
bool wrt_pool_drain(struct wrt_pool *pool);

#endif
