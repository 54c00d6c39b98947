/*
 * Quotas: what a store, or all stores of one guest, may hold.
 *
 * A store has a quota of its own.  Stores made for further threads of a guest
 * share one, so that a limit holds for the guest however many threads it has.
 * A shared memory counts in the quota that it was made under, also when that
 * store is gone.  Everything here is atomic and in no order with anything else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_QUOTA_H
#define WRT_STORE_QUOTA_H

#include "runtime/base/alloc.h"
#include "runtime/base/error.h"

/* How many there are, and how many there may be. */
struct wrt_count {
    uint64_t now, limit;
};

struct wrt_quota {
    uint32_t refcount;
    const struct wrt_alloc *alloc; /* of an engine that outlives it */
    struct wrt_count memory_bytes; /* of all linear memories */
    struct wrt_count table_elems;  /* of all tables */
    struct wrt_count instances, memories, tables;
    uint64_t nrefused; /* growths that a limit above has refused */
    uint64_t fuel;     /* units that no store has taken yet */
};

/* What a store may hold at first; UINT64_MAX: no limit. */
struct wrt_store_limits {
    uint64_t memory_bytes, table_elems, instances, memories, tables;
    uint64_t gc_bytes; /* of objects; not counted in the quota */
};

/* A quota with those limits; NULL when memory is exhausted. */
struct wrt_quota *wrt_quota_new(const struct wrt_alloc *alloc,
                                const struct wrt_store_limits *limits);
struct wrt_quota *wrt_quota_ref(struct wrt_quota *quota);
void wrt_quota_unref(struct wrt_quota *quota);

/* Whether other stores share it now. */
WRT_INLINE bool wrt_quota_is_shared(const struct wrt_quota *quota)
{
    return __atomic_load_n(&quota->refcount, __ATOMIC_RELAXED) > 1;
}

/* Adds n, unless that is more than may be. */
bool wrt_count_take(struct wrt_count *count, uint64_t n);

WRT_INLINE void wrt_count_give(struct wrt_count *count, uint64_t n)
{
    __atomic_fetch_sub(&count->now, n, __ATOMIC_RELAXED);
}

WRT_INLINE uint64_t wrt_count_now(const struct wrt_count *count)
{
    return __atomic_load_n(&count->now, __ATOMIC_RELAXED);
}

WRT_INLINE uint64_t wrt_count_limit(const struct wrt_count *count)
{
    return __atomic_load_n(&count->limit, __ATOMIC_RELAXED);
}

WRT_INLINE void wrt_count_set_limit(struct wrt_count *count, uint64_t limit)
{
    __atomic_store_n(&count->limit, limit, __ATOMIC_RELAXED);
}

/* Adds one object, or the error that names what there are too many of. */
WRT_MUST_USE wasmrt_error *wrt_count_object(struct wrt_count *count,
                                            const char *what);

/* A growth that a limit has refused. */
WRT_INLINE void wrt_quota_refused(struct wrt_quota *quota)
{
    __atomic_fetch_add(&quota->nrefused, 1, __ATOMIC_RELAXED);
}

/* Adds fuel to what stores may take, as far as it can be counted. */
void wrt_quota_add_fuel(struct wrt_quota *quota, uint64_t units);

#endif
