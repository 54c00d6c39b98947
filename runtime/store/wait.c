/*
 * Blocking in host functions.
 *
 * The thread sleeps in one poll over what it waits for and the store's event,
 * which whoever raises an interrupt signals.  The event is made at the first
 * wait: a store that never waits costs no descriptor.
 *
 * The two sides meet without a lock.  The waiter publishes the event and then
 * looks at the flag; the raiser sets the flag and then looks for the event.
 * Both in that order, so at least one of them sees the other.
 *
 * A task asks first without waiting.  What is not ready is for the embedder's
 * loop to watch, if it has said so; the task is suspended meanwhile, and asks
 * again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/interrupt.h"

#include "runtime/base/error.h"
#include "runtime/store/engine.h"
#include "runtime/store/store.h"
#include "runtime/store/task.h"

enum { FEW = 8 }; /* descriptors that need no allocation */

/* The error for a pending interrupt, or NULL. */
static wasmrt_error *pending_error(const struct wrt_ctx *ctx)
{
    wasmrt_code code =
        (wasmrt_code)__atomic_load_n(&ctx->interrupt, __ATOMIC_SEQ_CST);

    return code ? wasmrt_error_new(code, NULL) : NULL;
}

/* Publishes the event of ctx; false when the system has no descriptor left. */
static bool ensure_event(struct wrt_ctx *ctx)
{
    int event;

    if (ctx->event_plus_1)
        return true;
    event = wrt_os_event_new();
    if (event < 0)
        return false;
    __atomic_store_n(&ctx->event_plus_1, (uint32_t)event + 1, __ATOMIC_SEQ_CST);
    return true;
}

/* Sleeps until something is ready, the time has come, or an interrupt is
 * there.  all holds n descriptors and has room for the event. */
static wasmrt_error *sleep_on(struct wrt_ctx *ctx, wasmrt_waitfd *all, size_t n,
                              wasmrt_waitfd *fds, uint64_t deadline_ns)
{
    int event = (int)ctx->event_plus_1 - 1;
    wasmrt_error *error;

    for (;;) {
        bool is_late;
        int ready;

        error = pending_error(ctx);
        if (error)
            return error;
        for (size_t i = 0; i < n; i++)
            all[i] = (wasmrt_waitfd){fds[i].fd, fds[i].events, 0};
        all[n] = (wasmrt_waitfd){event, WASMRT_WAIT_READ, 0};
        is_late =
            deadline_ns != UINT64_MAX && wrt_os_monotonic_ns() >= deadline_ns;
        ready = wrt_os_poll(all, n + 1, deadline_ns);
        if (ready < 0)
            return wrt_error_new(WASMRT_ERR_IO, WRT_NO_OFFSET,
                                 "cannot wait for %zu descriptors", n);
        if (ready && all[n].ready) {
            /* Signalled: by the interrupt that is found next, or by one that
             * has been taken back since. */
            wrt_os_event_clear(event);
            continue;
        }
        if (ready || is_late)
            break;
    }
    for (size_t i = 0; i < n; i++)
        fds[i].ready = all[i].ready;
    return NULL;
}

/* -- In a task ------------------------------------------------------------- */

/* Whether anything is ready; all has room for n. */
static wasmrt_error *ask(wasmrt_waitfd *fds, wasmrt_waitfd *all, size_t n,
                         bool *is_ready)
{
    int ready = 0;

    for (size_t i = 0; i < n; i++)
        all[i] = (wasmrt_waitfd){fds[i].fd, fds[i].events, 0};
    if (n)
        ready = wrt_os_poll(all, n, 0);
    if (ready < 0)
        return wrt_error_new(WASMRT_ERR_IO, WRT_NO_OFFSET,
                             "cannot wait for %zu descriptors", n);
    for (size_t i = 0; i < n; i++)
        fds[i].ready = ready ? all[i].ready : 0;
    *is_ready = ready > 0;
    return NULL;
}

/* Whether the embedder has found something ready, or only it can tell: a
 * number below 0 is no descriptor, which polls pass over. */
static bool was_told(const wasmrt_waitfd *fds, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (fds[i].ready || fds[i].fd < 0)
            return true;
    }
    return false;
}

/* Asks, says what to wait for, and suspends, until something is ready or the
 * time has come. */
static wasmrt_error *suspend_on(struct wrt_ctx *ctx, wasmrt_waitfd *fds,
                                wasmrt_waitfd *all, size_t n,
                                uint64_t deadline_ns)
{
    struct wrt_store *store = ctx->store;

    for (;;) {
        uint64_t latest;
        bool is_ready;

        WRT_TRY(ask(fds, all, n, &is_ready));
        if (is_ready ||
            (deadline_ns != UINT64_MAX && wrt_os_monotonic_ns() >= deadline_ns))
            return NULL;
        latest = wrt_watch_when(&store->engine->watch, &store->deadline);
        latest = latest ? WRT_MIN(latest, deadline_ns) : deadline_ns;
        WRT_TRY(store->waiter(store->waiter_user, ctx->task, fds, n, latest));
        WRT_TRY(wrt_task_suspend(ctx, NULL));
        if (was_told(fds, n))
            return NULL;
    }
}

/* -- Either way ------------------------------------------------------------ */

wasmrt_error *wrt_interrupt_wait(struct wrt_ctx *ctx, wasmrt_waitfd *fds,
                                 size_t n, uint64_t deadline_ns)
{
    const struct wrt_alloc *alloc = &ctx->store->engine->alloc;
    wasmrt_waitfd few[FEW + 1], *all = few;
    wasmrt_error *error = pending_error(ctx);
    bool is_task;

    /* Nothing to wait for: a poll for interrupts between slices of work. */
    if (error || (n == 0 && deadline_ns == 0))
        return error;
    is_task = ctx->store->waiter && wrt_task_can_suspend(ctx);
    if (!is_task && !ensure_event(ctx))
        return wrt_error_new(WASMRT_ERR_IO, WRT_NO_OFFSET,
                             "no descriptor left to wait with");
    if (n > FEW)
        all = n < SIZE_MAX ? wrt_alloc_array(alloc, n + 1, sizeof(*all)) : NULL;
    if (!all)
        return wrt_error_oom();
    error = is_task ? suspend_on(ctx, fds, all, n, deadline_ns)
                    : sleep_on(ctx, all, n, fds, deadline_ns);
    if (all != few)
        wrt_free_array(alloc, all, n + 1, sizeof(*all));
    return error;
}
