/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/pool.h"

#include <string.h>

/* Takes the latest one, whose pages are the likeliest to be in the caches, of
 * those that are committed as wanted; of the others if there are none. */
static bool take(struct wrt_pool *pool, size_t committed_bytes,
                 struct wrt_reservation *out)
{
    uint32_t at = pool->count;

    if (pool->count == 0)
        return false;
    while (at > 0 && pool->kept[at - 1].committed_bytes != committed_bytes)
        at--;
    at = at > 0 ? at - 1 : pool->count - 1;
    *out = pool->kept[at];
    pool->kept[at] = pool->kept[--pool->count];
    return true;
}

/* Makes committed_bytes accessible and nothing behind them. */
static bool fit(const struct wrt_pool *pool, const struct wrt_reservation *kept,
                size_t committed_bytes)
{
    uint8_t *base = kept->base + pool->lead_bytes;
    size_t had = kept->committed_bytes;

    if (committed_bytes > had)
        return wrt_os_commit(base + had, committed_bytes - had);
    return committed_bytes == had ||
           wrt_os_decommit(base + committed_bytes, had - committed_bytes);
}

static uint8_t *get_kept(struct wrt_pool *pool, size_t committed_bytes)
{
    struct wrt_reservation kept;
    bool is_kept;

    wrt_mutex_lock(&pool->lock);
    is_kept = take(pool, committed_bytes, &kept);
    wrt_mutex_unlock(&pool->lock);
    if (!is_kept)
        return NULL;
    if (fit(pool, &kept, committed_bytes))
        return kept.base;
    wrt_os_release(kept.base, pool->reserved_bytes);
    return NULL;
}

uint8_t *wrt_pool_get(struct wrt_pool *pool, size_t reserved_bytes,
                      size_t committed_bytes, bool *has_space_out)
{
    uint8_t *base = NULL;

    *has_space_out = true;
    if (reserved_bytes == pool->reserved_bytes)
        base = get_kept(pool, committed_bytes);
    if (base)
        return base;
    base = wrt_os_reserve(reserved_bytes);
    /* What is kept must not be what is missing. */
    if (!base && wrt_pool_drain(pool))
        base = wrt_os_reserve(reserved_bytes);
    *has_space_out = base != NULL;
    if (base && committed_bytes &&
        !wrt_os_commit(base + pool->lead_bytes, committed_bytes)) {
        wrt_os_release(base, reserved_bytes);
        return NULL;
    }
    return base;
}

void wrt_pool_put(struct wrt_pool *pool, uint8_t *base, size_t reserved_bytes,
                  size_t committed_bytes)
{
    bool is_kept = false;

    if (reserved_bytes == pool->reserved_bytes) {
        wrt_mutex_lock(&pool->lock);
        is_kept = pool->count < WRT_POOL_MOST;
        if (is_kept)
            pool->kept[pool->count++] =
                (struct wrt_reservation){base, committed_bytes};
        wrt_mutex_unlock(&pool->lock);
    }
    if (!is_kept)
        wrt_os_release(base, reserved_bytes);
}

/* In steps that a compiler makes vectors of. */
static bool is_zero(const uint8_t *p, size_t len)
{
    enum { STEP = 32 * sizeof(uint64_t) };
    size_t at = 0;
    uint64_t any = 0;

    for (; len - at >= STEP && !any; at += STEP) {
        uint64_t words[STEP / sizeof(uint64_t)];

        memcpy(words, p + at, STEP);
        for (size_t i = 0; i < STEP / sizeof(uint64_t); i++)
            any |= words[i];
    }
    for (; at < len && !any; at++)
        any = p[at];
    return !any;
}

/* Only what has been written to: most of a short guest's memory has not, and
 * reading takes less time than writing, and no memory where there was none. */
static void zero_written(uint8_t *base, size_t len)
{
    enum { PIECE = 4096 };

    for (size_t at = 0; at < len; at += PIECE) {
        size_t n = WRT_MIN(len - at, (size_t)PIECE);

        if (!is_zero(base + at, n))
            memset(base + at, 0, n);
    }
}

void wrt_pool_put_zeroed(struct wrt_pool *pool, uint8_t *base,
                         size_t reserved_bytes, size_t committed_bytes)
{
    size_t zeroed = WRT_MIN(committed_bytes, (size_t)WRT_POOL_ZEROED_BYTES);
    uint8_t *first = base + pool->lead_bytes;

    if (reserved_bytes != pool->reserved_bytes ||
        (committed_bytes > zeroed &&
         !wrt_os_discard(first + zeroed, committed_bytes - zeroed))) {
        wrt_os_release(base, reserved_bytes);
        return;
    }
    zero_written(first, zeroed);
    wrt_pool_put(pool, base, reserved_bytes, committed_bytes);
}

bool wrt_pool_drain(struct wrt_pool *pool)
{
    struct wrt_reservation kept[WRT_POOL_MOST];
    uint32_t count;

    wrt_mutex_lock(&pool->lock);
    count = pool->count;
    memcpy(kept, pool->kept, count * sizeof(kept[0]));
    pool->count = 0;
    wrt_mutex_unlock(&pool->lock);
    for (uint32_t i = 0; i < count; i++)
        wrt_os_release(kept[i].base, pool->reserved_bytes);
    return count > 0;
}
