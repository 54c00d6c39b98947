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
#include "runtime/store/store.h"

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

/* -- Accounting ------------------------------------------------------------ */

static bool charge(struct wrt_store *store, uint64_t bytes)
{
    if (bytes > store->memory_limit ||
        store->memory_bytes > store->memory_limit - bytes)
        return false;
    store->memory_bytes += bytes;
    return true;
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

    if (after > m->reserved_bytes && !relocate(m, len_bytes))
        return false;
    return after == before || wrt_os_commit(m->base + before, after - before);
}

/* -- Lifetime -------------------------------------------------------------- */

static wasmrt_error *map_memory(struct wrt_memory_inst *m, uint64_t len_bytes)
{
    if (m->is_guarded) {
        m->base = wrt_os_reserve(WRT_GUARDED_BYTES);
        if (!m->base)
            return wrt_error_new(
                WASMRT_ERR_ADDRESS_SPACE, WRT_NO_OFFSET,
                "no 8 GiB left for a guarded memory; explicit bounds checks "
                "(--bounds=check) need less");
        m->reserved_bytes = WRT_GUARDED_BYTES;
    }
    if (extend(m, len_bytes))
        return NULL;
    wrt_os_release(m->base, m->reserved_bytes);
    return wrt_error_oom();
}

wasmrt_error *wrt_memory_init(struct wrt_memory_inst *memory,
                              struct wrt_store *store,
                              const struct wrt_limits *limits)
{
    uint64_t len_bytes;
    wasmrt_error *error;

    *memory = (struct wrt_memory_inst){
        .limits = *limits,
        .index_mask = limits->is_64 ? UINT64_MAX : UINT32_MAX,
        .store = store,
        .is_guarded = wrt_memory_is_guarded(store->engine->memory_mode, limits),
    };
    if (limits->min > max_pages(limits))
        return wrt_error_new(WASMRT_ERR_MEMORY_LIMIT, WRT_NO_OFFSET,
                             "%" PRIu64 " pages", limits->min);
    len_bytes = limits->min << limits->page_log2;
    WRT_TRY(wrt_store_count(&store->nmemories, "memories"));
    if (!charge(store, len_bytes)) {
        store->nmemories.now--;
        return wrt_error_new(
            WASMRT_ERR_MEMORY_LIMIT, WRT_NO_OFFSET,
            "%" PRIu64 " bytes needed, %" PRIu64 " of %" PRIu64 " in use",
            len_bytes, store->memory_bytes, store->memory_limit);
    }
    error = map_memory(memory, len_bytes);
    if (error) {
        store->nmemories.now--;
        store->memory_bytes -= len_bytes;
        return error;
    }
    memory->len_bytes = len_bytes;
    memory->npages = limits->min;
    memory->next = store->memories;
    store->memories = memory;
    return NULL;
}

void wrt_memory_fini(struct wrt_memory_inst *memory)
{
    memory->store->memory_bytes -= memory->len_bytes;
    memory->store->nmemories.now--;
    wrt_os_release(memory->base, memory->reserved_bytes);
}

int64_t wrt_memory_grow(struct wrt_memory_inst *memory, uint64_t delta)
{
    uint64_t old = memory->npages, added;
    unsigned page_log2 = memory->limits.page_log2;

    if (delta == 0)
        return (int64_t)old;
    if (delta > max_pages(&memory->limits) - old)
        return -1;
    added = delta << page_log2;
    if (!charge(memory->store, added)) {
        memory->store->nrefused++;
        return -1;
    }
    if (!extend(memory, memory->len_bytes + added)) {
        memory->store->memory_bytes -= added;
        return -1;
    }
    memory->len_bytes += added;
    memory->npages += delta;
    return (int64_t)old;
}
