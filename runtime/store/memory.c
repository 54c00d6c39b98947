/*
 * Linear memories: reservation, growth, accounting.
 *
 * `len_bytes` rounded up to the system's pages is what is committed; it is not
 * stored.  All sizes stay below MAX_BYTES, so that sums of two cannot overflow.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/memory.h"

#include "runtime/base/os.h"
#include "runtime/store/engine.h"
#include "runtime/store/ops.h"
#include "runtime/store/shared.h"

#include <inttypes.h>

/* More than any machine maps. */
#define MAX_BYTES ((uint64_t)1 << 56)

/* A checked memory with a maximum up to this is reserved whole: it costs
 * nothing and base never moves. */
#define SMALL_MAX_BYTES ((uint64_t)1 << 20)

struct wrt_memory_inst *wrt_memory_none(void)
{
    /* Constant, and seen through a plain pointer since instances hold one;
     * validated code of an instance without memory never writes to it. */
    static const struct wrt_memory_inst none = {
        .limits = {.max = 0, .has_max = true, .page_log2 = 16},
    };

    return (struct wrt_memory_inst *)(uintptr_t)&none;
}

/* The number of pages that this memory may ever have. */
static uint64_t max_pages(const struct wrt_limits *limits)
{
    uint64_t most =
        (limits->is_64 ? MAX_BYTES : (uint64_t)1 << 32) >> limits->page_log2;

    /* The size in pages must be an i32 as well. */
    if (!limits->is_64 && most > UINT32_MAX)
        most = UINT32_MAX;
    return limits->has_max ? WRT_MIN(limits->max, most) : most;
}

static size_t committed_bytes(uint64_t len_bytes)
{
    return WRT_ALIGN_UP((size_t)len_bytes, wrt_os_page_size());
}

/* -- Mapping --------------------------------------------------------------- */

/* Moves the memory to a larger reservation that holds len_bytes. */
static bool relocate(struct wrt_memory_inst *m, uint64_t len_bytes)
{
    uint64_t wanted = m->reserved_bytes + m->reserved_bytes / 2;
    uint64_t most = max_pages(&m->limits) << m->limits.page_log2;
    size_t reserved, used = committed_bytes(m->len_bytes);
    uint8_t *base;

    if (m->limits.has_max && most <= SMALL_MAX_BYTES)
        wanted = most;
    wanted = WRT_MIN(WRT_MAX(wanted, len_bytes), most);
    reserved = committed_bytes(wanted);
    base = wrt_os_reserve(reserved);
    if (!base && reserved > committed_bytes(len_bytes)) {
        reserved = committed_bytes(len_bytes);
        base = wrt_os_reserve(reserved);
    }
    if (!base)
        return false;
    if (!wrt_os_move(base, m->base, used)) {
        wrt_os_release(base, reserved);
        return false;
    }
    wrt_os_release(m->base, m->reserved_bytes);
    m->base = base;
    m->reserved_bytes = reserved;
    return true;
}

/* Makes len_bytes accessible, which is not less than now. */
static bool extend(struct wrt_memory_inst *m, uint64_t len_bytes)
{
    size_t before = committed_bytes(m->len_bytes);
    size_t after = committed_bytes(len_bytes);

    if (after > m->reserved_bytes && (m->npins || !relocate(m, len_bytes)))
        return false;
    return after == before || wrt_os_commit(m->base + before, after - before);
}

/* -- Lifetime -------------------------------------------------------------- */

/* Address space that the memory holds from the start. */
static uint64_t first_reservation(const struct wrt_memory_inst *m)
{
    /* Other threads hold base: it never moves. */
    return m->limits.is_shared
               ? committed_bytes(max_pages(&m->limits) << m->limits.page_log2)
               : 0;
}

static wasmrt_error *no_address_space(const struct wrt_memory_inst *m,
                                      uint64_t bytes)
{
    if (m->is_guarded)
        return wrt_error_new(
            WASMRT_ERR_ADDRESS_SPACE, WRT_NO_OFFSET,
            "no 8 GiB left for a guarded memory; explicit bounds checks "
            "(--bounds=check) need less");
    return wrt_error_new(WASMRT_ERR_ADDRESS_SPACE, WRT_NO_OFFSET,
                         "no %" PRIu64 " bytes left for a memory%s", bytes,
                         m->limits.is_shared
                             ? ", which is shared and reserved at its maximum"
                             : "");
}

static wasmrt_error *map_guarded(struct wrt_memory_inst *m,
                                 struct wrt_pool *pool, uint64_t len_bytes)
{
    bool has_space;

    m->base = wrt_pool_get(pool, WRT_GUARDED_BYTES, committed_bytes(len_bytes),
                           &has_space);
    m->reserved_bytes = WRT_GUARDED_BYTES;
    if (m->base)
        return NULL;
    return has_space ? wrt_error_oom() : no_address_space(m, WRT_GUARDED_BYTES);
}

static wasmrt_error *map_memory(struct wrt_memory_inst *m, uint64_t len_bytes)
{
    uint64_t reserved = first_reservation(m);

    if (reserved) {
        m->base = wrt_os_reserve((size_t)reserved);
        if (!m->base)
            return no_address_space(m, reserved);
        m->reserved_bytes = (size_t)reserved;
    }
    if (extend(m, len_bytes))
        return NULL;
    if (m->reserved_bytes < committed_bytes(len_bytes))
        return no_address_space(m, len_bytes);
    wrt_os_release(m->base, m->reserved_bytes);
    return wrt_error_oom();
}

wasmrt_error *wrt_memory_open(struct wrt_memory_inst *memory,
                              struct wrt_store *store,
                              const struct wrt_limits *limits)
{
    struct wrt_quota *quota = store->quota;
    uint64_t len_bytes;
    wasmrt_error *error;

    *memory = (struct wrt_memory_inst){
        .limits = *limits,
        .index_mask = limits->is_64 ? UINT64_MAX : UINT32_MAX,
        .quota = quota,
        .is_guarded = wrt_memory_is_guarded(store->engine->memory_mode, limits),
    };
    if (limits->min > max_pages(limits))
        return wrt_error_new(WASMRT_ERR_MEMORY_LIMIT, WRT_NO_OFFSET,
                             "%" PRIu64 " pages", limits->min);
    len_bytes = limits->min << limits->page_log2;
    WRT_TRY(wrt_count_object(&quota->memories, "memories"));
    if (wrt_count_take(&quota->memory_bytes, len_bytes)) {
        error =
            memory->is_guarded
                ? map_guarded(memory, &store->engine->memory_pool, len_bytes)
                : map_memory(memory, len_bytes);
        if (error)
            wrt_count_give(&quota->memory_bytes, len_bytes);
    } else {
        error = wrt_error_new(WASMRT_ERR_MEMORY_LIMIT, WRT_NO_OFFSET,
                              "%" PRIu64 " bytes needed, %" PRIu64
                              " of %" PRIu64 " in use",
                              len_bytes, wrt_count_now(&quota->memory_bytes),
                              wrt_count_limit(&quota->memory_bytes));
    }
    if (error) {
        wrt_count_give(&quota->memories, 1);
        return error;
    }
    memory->len_bytes = len_bytes;
    memory->npages = limits->min;
    return NULL;
}

wasmrt_error *wrt_memory_init(struct wrt_memory_inst *memory,
                              struct wrt_store *store,
                              const struct wrt_limits *limits)
{
    WRT_TRY(wrt_memory_open(memory, store, limits));
    memory->store = store;
    memory->next = store->memories;
    store->memories = memory;
    return NULL;
}

void wrt_memory_fini(struct wrt_memory_inst *memory)
{
    wrt_count_give(&memory->quota->memory_bytes, memory->len_bytes);
    wrt_count_give(&memory->quota->memories, 1);
    if (memory->is_guarded && memory->store)
        wrt_pool_put_zeroed(&memory->store->engine->memory_pool, memory->base,
                            memory->reserved_bytes,
                            committed_bytes(memory->len_bytes));
    else
        wrt_os_release(memory->base, memory->reserved_bytes);
}

/* -- Growth ---------------------------------------------------------------- */

/* Alone with the memory, but for readers when it is shared. */
static int64_t grow(struct wrt_memory_inst *memory, uint64_t delta)
{
    uint64_t old = memory->npages, len_bytes = memory->len_bytes, added;

    if (delta == 0)
        return (int64_t)old;
    if (delta > max_pages(&memory->limits) - old)
        return -1;
    added = delta << memory->limits.page_log2;
    if (!wrt_count_take(&memory->quota->memory_bytes, added)) {
        wrt_quota_refused(memory->quota);
        return -1;
    }
    if (!extend(memory, len_bytes + added)) {
        wrt_count_give(&memory->quota->memory_bytes, added);
        return -1;
    }
    /* In this order: whoever sees the new size may use all of it. */
    __atomic_store_n(&memory->len_bytes, len_bytes + added, __ATOMIC_RELEASE);
    __atomic_store_n(&memory->npages, old + delta, __ATOMIC_RELEASE);
    return (int64_t)old;
}

int64_t wrt_memory_grow(struct wrt_memory_inst *memory, uint64_t delta)
{
    int64_t old;

    if (!memory->shared)
        return grow(memory, delta);
    wrt_mutex_lock(&memory->shared->lock);
    old = grow(memory, delta);
    wrt_mutex_unlock(&memory->shared->lock);
    return old;
}
