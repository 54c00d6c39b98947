/*
 * Work on a range of numbers that several threads do together.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_BASE_SHARE_H
#define WRT_BASE_SHARE_H

#include "runtime/base/error.h"
#include "runtime/base/os.h"

/* What the threads have in common.  Numbers are taken in their order, and the
 * error that stands is the one of the least number: as if one thread had done
 * them one after the other and stopped there. */
struct wrt_share {
    uint32_t next, end; /* next: atomic */
    uint32_t failed_at; /* atomic: nothing behind it matters */
    struct wrt_mutex lock;
    wasmrt_error *error;
};

/* The next number that is this thread's; false: it is done. */
bool wrt_share_next(struct wrt_share *share, uint32_t *i);

/* Takes note of what is wrong with it.  Takes ownership. */
void wrt_share_fail(struct wrt_share *share, uint32_t i,
                    wasmrt_error *error_taken);

/* Calls work(user, share) on so many threads at once, of which this is one; on
 * fewer when no more can be started.  Each takes numbers from first to below
 * end until there are none. */
WRT_MUST_USE wasmrt_error *
wrt_share_out(unsigned nthreads, uint32_t first, uint32_t end,
              void (*work)(void *user, struct wrt_share *share), void *user);

#endif
