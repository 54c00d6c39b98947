/*
 * Linear memories.
 *
 * Guarded: 8 GiB of address space and a guard, so that no 32-bit index plus
 * 32-bit offset leaves the reservation; pages are committed as it grows and
 * base never moves.  Otherwise: what it needs, growing geometrically, and base
 * may move.  The engine's mode decides; 64-bit memories and odd page sizes are
 * never guarded.  Shared ones are reserved at their maximum at once; shared.h
 * has what is particular to them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_MEMORY_H
#define WRT_STORE_MEMORY_H

#include "runtime/base/access.h"
#include "runtime/store/backend.h"

/* Index (4 GiB) plus offset (4 GiB) plus the widest access and to spare. */
#define WRT_GUARDED_BYTES (((size_t)8 << 30) + 65536)

/* Whether memories of a type have guard pages: what is compiled for the type
 * relies on it. */
WRT_INLINE bool wrt_memory_is_guarded(enum wrt_memory_mode mode,
                                      const struct wrt_limits *limits)
{
    return mode == WRT_MEMORY_GUARDED && !limits->is_64 &&
           limits->page_log2 == 16;
}

/* Makes a memory of its minimal size and adds it to the store. */
WRT_MUST_USE wasmrt_error *wrt_memory_init(struct wrt_memory_inst *memory,
                                           struct wrt_store *store,
                                           const struct wrt_limits *limits);

/* The same without a store that owns it, counting in the store's quota. */
WRT_MUST_USE wasmrt_error *wrt_memory_open(struct wrt_memory_inst *memory,
                                           struct wrt_store *store,
                                           const struct wrt_limits *limits);

/* Unmaps it.  The caller takes it out of the store. */
void wrt_memory_fini(struct wrt_memory_inst *memory);

/* What instances without a memory point at: empty, and never grows. */
struct wrt_memory_inst *wrt_memory_none(void);

/* Whether all of [addr, addr + len) is accessible now. */
WRT_INLINE bool wrt_memory_has(const struct wrt_memory_inst *memory,
                               uint64_t addr, uint64_t len)
{
    uint64_t len_bytes = wrt_memory_len(memory);

    return addr <= len_bytes && len <= len_bytes - addr;
}

/* memmove of len bytes from or to a memory, which other threads may be using if
 * it is shared. */
WRT_INLINE void wrt_memory_move(const struct wrt_memory_inst *memory, void *to,
                                const void *from, size_t len)
{
    if (memory->shared)
        wrt_racy_move(to, from, len);
    else
        memmove(to, from, len);
}

/* The size in pages. */
WRT_INLINE uint64_t wrt_memory_pages(const struct wrt_memory_inst *memory)
{
    return __atomic_load_n(&memory->npages, __ATOMIC_ACQUIRE);
}

/* The memory stays where it is until it is taken back, as often: C functions
 * have pointers into it.  NULL is none. */
WRT_INLINE void wrt_memory_pin(struct wrt_memory_inst *memory)
{
    if (memory)
        memory->npins++;
}

WRT_INLINE void wrt_memory_unpin(struct wrt_memory_inst *memory)
{
    if (memory)
        memory->npins--;
}

#endif
