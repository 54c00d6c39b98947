/*
 * Quotas: counting under limits, and the fuel of several threads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/quota.h"

#include "runtime/store/store.h"

#include <inttypes.h>

/* What a store takes from the common fuel at once: the thousandth part of a
 * second, so that taking costs nothing and little is left over. */
enum { FUEL_PORTION = 100000 };

struct wrt_quota *wrt_quota_new(const struct wrt_alloc *alloc,
                                const struct wrt_store_limits *limits)
{
    struct wrt_quota *quota = wrt_alloc_zero(alloc, sizeof(*quota));

    if (!quota)
        return NULL;
    quota->refcount = 1;
    quota->alloc = alloc;
    quota->memory_bytes.limit = limits->memory_bytes;
    quota->table_elems.limit = limits->table_elems;
    quota->instances.limit = limits->instances;
    quota->memories.limit = limits->memories;
    quota->tables.limit = limits->tables;
    return quota;
}

struct wrt_quota *wrt_quota_ref(struct wrt_quota *quota)
{
    __atomic_fetch_add(&quota->refcount, 1, __ATOMIC_RELAXED);
    return quota;
}

void wrt_quota_unref(struct wrt_quota *quota)
{
    if (__atomic_fetch_sub(&quota->refcount, 1, __ATOMIC_ACQ_REL) == 1)
        wrt_free(quota->alloc, quota, sizeof(*quota));
}

bool wrt_count_take(struct wrt_count *count, uint64_t n)
{
    uint64_t now = wrt_count_now(count), limit = wrt_count_limit(count);

    do {
        if (n > limit || now > limit - n)
            return false;
    } while (!__atomic_compare_exchange_n(&count->now, &now, now + n, true,
                                          __ATOMIC_RELAXED, __ATOMIC_RELAXED));
    return true;
}

wasmrt_error *wrt_count_object(struct wrt_count *count, const char *what)
{
    if (wrt_count_take(count, 1))
        return NULL;
    return wrt_error_new(WASMRT_ERR_COUNT_LIMIT, WRT_NO_OFFSET,
                         "%" PRIu64 " %s are all that there may be",
                         wrt_count_limit(count), what);
}

/* -- Fuel ------------------------------------------------------------------ */

void wrt_quota_add_fuel(struct wrt_quota *quota, uint64_t units)
{
    uint64_t fuel = __atomic_load_n(&quota->fuel, __ATOMIC_RELAXED), sum;

    do {
        sum = units > UINT64_MAX - fuel ? UINT64_MAX : fuel + units;
    } while (!__atomic_compare_exchange_n(&quota->fuel, &fuel, sum, true,
                                          __ATOMIC_RELAXED, __ATOMIC_RELAXED));
}

bool wrt_fuel_refill(struct wrt_ctx *ctx, uint64_t units)
{
    uint64_t *pool = &ctx->store->quota->fuel, missing = units - ctx->fuel;
    uint64_t fuel = __atomic_load_n(pool, __ATOMIC_RELAXED), taken;

    do {
        if (fuel < missing)
            return false;
        taken = WRT_MIN(fuel, WRT_MAX(missing, FUEL_PORTION));
    } while (!__atomic_compare_exchange_n(pool, &fuel, fuel - taken, true,
                                          __ATOMIC_RELAXED, __ATOMIC_RELAXED));
    ctx->fuel = taken - missing;
    return true;
}
