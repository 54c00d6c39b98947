/*
 * Stopping guest code from outside: interrupts and deadlines.
 *
 * Both set ctx->interrupt, which the sliced operations test, and then
 * ctx->poll, which guest code tests.  One thread per engine, started by the
 * first deadline, watches the clock.  A set costs a lock and, when the new
 * deadline is the earliest, a wake-up; a clear costs the lock.  Without
 * deadlines there is neither thread nor cost.
 *
 * fork(): a child has no watching thread, and a lock may be held in it.  An
 * engine that ever had a deadline must not be used in a child.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_INTERRUPT_H
#define WRT_STORE_INTERRUPT_H

#include "runtime/base/error.h"
#include "runtime/base/os.h"
#include "runtime/store/vmctx.h"

#include "wasmrt/func.h"

/* A store's deadline, linked into the engine's watch while it is pending. */
struct wrt_deadline {
    struct wrt_deadline *next, *prev; /* NULL while not pending */
    uint64_t when_ns;
    struct wrt_ctx *ctx;
};

/* The engine's pending deadlines.  All zero is a valid, idle watch. */
struct wrt_watch {
    struct wrt_mutex lock;
    struct wrt_deadline *first;
    uint64_t wake_ns; /* when the thread looks next; 0: when told to */
    uint32_t changes; /* what the thread waits on; odd ends it */
    bool is_running;
    struct wrt_thread thread;
};

/* Asks guest code of ctx to stop with this code.  Async-signal-safe, any
 * thread. */
void wrt_interrupt_raise(struct wrt_ctx *ctx, wasmrt_code code);

/* Makes guest code of ctx look up: to be called when the reason is there.
 * Async-signal-safe, any thread. */
void wrt_interrupt_poll(struct wrt_ctx *ctx);

/* The code that guest code of ctx is to stop with, or WASMRT_ERR_NONE. */
WRT_INLINE wasmrt_code wrt_interrupt_pending(const struct wrt_ctx *ctx)
{
    return (wasmrt_code)__atomic_load_n(&ctx->interrupt, __ATOMIC_RELAXED);
}

/* Whether a code is one that stops guests from outside. */
WRT_INLINE bool wrt_is_interrupt(wasmrt_code code)
{
    return code == WASMRT_ERR_INTERRUPTED || code == WASMRT_ERR_DEADLINE ||
           code == WASMRT_ERR_CANCELLED;
}

/* The error of an interrupt that is pending, or NULL. */
WRT_INLINE wasmrt_error *wrt_interrupt_error(const struct wrt_ctx *ctx)
{
    return wrt_error_if_stopped(&ctx->interrupt);
}

/* Zeroes a range, which may be large, in slices.  The error of an interrupt
 * that came meanwhile, or NULL. */
WRT_MUST_USE wasmrt_error *wrt_interrupt_zero(const struct wrt_ctx *ctx,
                                              void *ptr, size_t size_bytes);

/* Takes an interrupt back, if it is the one with this code. */
void wrt_interrupt_clear(struct wrt_ctx *ctx, wasmrt_code code);

/* The implementation of wasmrt_caller_wait(). */
WRT_MUST_USE wasmrt_error *wrt_interrupt_wait(struct wrt_ctx *ctx,
                                              wasmrt_waitfd *fds, size_t n,
                                              uint64_t deadline_ns);

/*
 * Sets, moves or (when_ns 0) removes the deadline of a store.  It fires once.
 * Where no thread can be started it fires at once: a guest that cannot be
 * stopped in time does not run.
 */
void wrt_watch_set(struct wrt_watch *watch, struct wrt_deadline *deadline,
                   uint64_t when_ns);

/* When a deadline will fire; 0 when it is not pending. */
uint64_t wrt_watch_when(struct wrt_watch *watch,
                        const struct wrt_deadline *deadline);

/* Gives a store the deadline of another, if one is pending. */
void wrt_watch_copy(struct wrt_watch *watch, struct wrt_deadline *to,
                    const struct wrt_deadline *from);

/* Ends the thread.  Nothing is pending any more. */
void wrt_watch_fini(struct wrt_watch *watch);

#endif
