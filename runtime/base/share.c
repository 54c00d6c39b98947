/*
 * Work on a range of numbers that several threads do together.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/base/share.h"

enum { MOST_THREADS = 64 }; /* this one included */

struct part {
    struct wrt_share *share;
    void (*work)(void *user, struct wrt_share *share);
    void *user;
};

bool wrt_share_next(struct wrt_share *share, uint32_t *i)
{
    uint32_t n = __atomic_load_n(&share->next, __ATOMIC_RELAXED);

    /* It stops at the end, so that it never wraps. */
    while (n < share->end &&
           !__atomic_compare_exchange_n(&share->next, &n, n + 1, true,
                                        __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        ;
    *i = n;
    return n < share->end &&
           n < __atomic_load_n(&share->failed_at, __ATOMIC_RELAXED);
}

void wrt_share_fail(struct wrt_share *share, uint32_t i,
                    wasmrt_error *error_taken)
{
    wasmrt_error *other = error_taken;

    wrt_mutex_lock(&share->lock);
    if (i < share->failed_at) {
        other = share->error;
        share->error = error_taken;
        __atomic_store_n(&share->failed_at, i, __ATOMIC_RELAXED);
    }
    wrt_mutex_unlock(&share->lock);
    wasmrt_error_delete(other);
}

static void *run(void *arg)
{
    const struct part *part = arg;

    part->work(part->user, part->share);
    return NULL;
}

wasmrt_error *wrt_share_out(unsigned nthreads, uint32_t first, uint32_t end,
                            void (*work)(void *user, struct wrt_share *share),
                            void *user)
{
    struct wrt_share share = {
        .next = first, .end = end, .failed_at = UINT32_MAX};
    struct part part = {&share, work, user};
    struct wrt_thread threads[MOST_THREADS - 1];
    unsigned count = 0;

    while (count + 1 < WRT_MIN(nthreads, (unsigned)MOST_THREADS) &&
           wrt_thread_start(&threads[count], run, &part))
        count++;
    work(user, &share);
    while (count > 0)
        wrt_thread_join(&threads[--count]);
    return share.error;
}
