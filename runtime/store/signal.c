/*
 * Memory faults of guest code.
 *
 * A fault is the guest's when this thread runs guest code, the address lies in
 * a reservation of that store's memories, and the backend knows the pc as one
 * of its guarded accesses.  Anything else is a bug of somebody's and goes to
 * the handlers that were there before: a crash must not turn into a trap.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/signal.h"

#include "runtime/store/backend.h"
#include "runtime/store/store.h"

WRT_THREAD_LOCAL struct wrt_ctx *wrt_signal_current;

/* The store's lists do not change while guest code accesses memory, so that
 * reading them here is safe. */
static bool is_in_guarded_memory(const struct wrt_store *store, uintptr_t addr)
{
    for (const struct wrt_memory_inst *m = store->memories; m; m = m->next) {
        if (m->is_guarded && addr - (uintptr_t)m->base < m->reserved_bytes)
            return true;
    }
    for (size_t i = 0; i < store->shared.count; i++) {
        const struct wrt_memory_inst *m = store->shared.items[i];

        if (m->is_guarded && addr - (uintptr_t)m->base < m->reserved_bytes)
            return true;
    }
    return false;
}

static bool on_fault(struct wrt_os_fault *fault)
{
    struct wrt_ctx *ctx = wrt_signal_current;
    struct wrt_activation *activation = ctx ? ctx->activation : NULL;
    const struct wrt_fault described = {
        .pc = fault->pc,
        .addr = fault->addr,
        .regs = fault->regs,
    };
    void (*resume)(struct wrt_activation *) = NULL;

    if (!activation || !activation->backend->claim_fault ||
        !is_in_guarded_memory(ctx->store, fault->addr))
        return false;
    if (!activation->backend->claim_fault(activation, &described, &resume))
        return false;
    fault->resume = (uintptr_t)resume;
    fault->resume_arg = activation;
    return true;
}

bool wrt_signal_install(void)
{
    return wrt_os_catch_faults(on_fault);
}
