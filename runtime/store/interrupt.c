/*
 * Interrupts and the watch over deadlines.
 *
 * The list of pending deadlines is not sorted: setting and removing are O(1),
 * which is what a server does for each request; the scan happens when the
 * earliest deadline of the last scan has come, and most have been removed then.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/interrupt.h"

#include "runtime/store/store.h"

/* Machine code of any instance finds its stack exhausted and looks why.  An
 * instance that is entered later looks at the flag then; see jit/enter.c. */
static void stop_machine_code(struct wrt_ctx *ctx)
{
    struct wrt_instance *inst =
        ctx->store ? __atomic_load_n(&ctx->store->instances, __ATOMIC_ACQUIRE)
                   : NULL;

    while (inst) {
        __atomic_store_n(&inst->native_limit, UINTPTR_MAX, __ATOMIC_SEQ_CST);
        inst = __atomic_load_n(&inst->next, __ATOMIC_ACQUIRE);
    }
}

void wrt_interrupt_poll(struct wrt_ctx *ctx)
{
    __atomic_store_n(&ctx->poll, 1, __ATOMIC_SEQ_CST);
    stop_machine_code(ctx);
}

void wrt_interrupt_raise(struct wrt_ctx *ctx, wasmrt_code code)
{
    uint32_t event;

    /* The order of these two meets the waiter's; see wait.c. */
    __atomic_store_n(&ctx->interrupt, (uint32_t)code, __ATOMIC_SEQ_CST);
    wrt_interrupt_poll(ctx);
    event = __atomic_load_n(&ctx->event_plus_1, __ATOMIC_SEQ_CST);
    if (event)
        wrt_os_event_signal((int)event - 1);
    /* The same for a thread that waits at an address; see park.c. */
    __atomic_fetch_add(&ctx->parking, 1, __ATOMIC_SEQ_CST);
    wrt_os_wake(&ctx->parking);
}

void wrt_interrupt_clear(struct wrt_ctx *ctx, wasmrt_code code)
{
    uint32_t expected = (uint32_t)code;

    /* Another interrupt that came since stays. */
    __atomic_compare_exchange_n(&ctx->interrupt, &expected, 0, false,
                                __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

wasmrt_error *wrt_interrupt_zero(const struct wrt_ctx *ctx, void *ptr,
                                 size_t size_bytes)
{
    enum { SLICE_BYTES = 1 << 20 };

    for (size_t at = 0; at < size_bytes; at += SLICE_BYTES) {
        if (at)
            WRT_TRY(wrt_interrupt_error(ctx));
        memset((uint8_t *)ptr + at, 0,
               WRT_MIN(size_bytes - at, (size_t)SLICE_BYTES));
    }
    return NULL;
}

/* -- Pending deadlines, under the watch's lock ----------------------------- */

static void link_deadline(struct wrt_watch *watch, struct wrt_deadline *d)
{
    d->prev = NULL;
    d->next = watch->first;
    if (d->next)
        d->next->prev = d;
    watch->first = d;
}

static void unlink_deadline(struct wrt_watch *watch, struct wrt_deadline *d)
{
    if (d->next)
        d->next->prev = d->prev;
    if (d->prev)
        d->prev->next = d->next;
    else
        watch->first = d->next;
    d->next = d->prev = NULL;
    d->when_ns = 0;
}

/* Fires what is due; the earliest of the others, or 0. */
static uint64_t fire_due(struct wrt_watch *watch, uint64_t now)
{
    uint64_t earliest = 0;
    struct wrt_deadline *next;

    for (struct wrt_deadline *d = watch->first; d; d = next) {
        next = d->next;
        if (d->when_ns <= now) {
            wrt_interrupt_raise(d->ctx, WASMRT_ERR_DEADLINE);
            unlink_deadline(watch, d);
        } else if (!earliest || d->when_ns < earliest) {
            earliest = d->when_ns;
        }
    }
    return earliest;
}

/* -- The thread ------------------------------------------------------------ */

static void *watch_run(void *arg)
{
    struct wrt_watch *watch = arg;

    for (;;) {
        /* Read before the list: a change after it ends the wait at once. */
        uint32_t seen = __atomic_load_n(&watch->changes, __ATOMIC_ACQUIRE);
        uint64_t wake_ns;

        if (seen & 1)
            return NULL;
        wrt_mutex_lock(&watch->lock);
        wake_ns = fire_due(watch, wrt_os_monotonic_ns());
        watch->wake_ns = wake_ns;
        wrt_mutex_unlock(&watch->lock);
        wrt_os_wait(&watch->changes, seen, wake_ns);
    }
}

/* By 2, which leaves the mark of the end; or by 1, which sets it. */
static void tell_thread(struct wrt_watch *watch, uint32_t step)
{
    __atomic_fetch_add(&watch->changes, step, __ATOMIC_RELEASE);
    wrt_os_wake(&watch->changes);
}

void wrt_watch_set(struct wrt_watch *watch, struct wrt_deadline *deadline,
                   uint64_t when_ns)
{
    bool is_earliest = false;

    wrt_mutex_lock(&watch->lock);
    if (deadline->when_ns)
        unlink_deadline(watch, deadline);
    if (when_ns && !watch->is_running)
        watch->is_running = wrt_thread_start(&watch->thread, watch_run, watch);
    if (when_ns && !watch->is_running) {
        wrt_interrupt_raise(deadline->ctx, WASMRT_ERR_DEADLINE);
    } else if (when_ns) {
        deadline->when_ns = when_ns;
        link_deadline(watch, deadline);
        is_earliest = !watch->wake_ns || when_ns < watch->wake_ns;
        if (is_earliest)
            watch->wake_ns = when_ns;
    }
    wrt_mutex_unlock(&watch->lock);
    if (is_earliest)
        tell_thread(watch, 2);
}

uint64_t wrt_watch_when(struct wrt_watch *watch,
                        const struct wrt_deadline *deadline)
{
    uint64_t when_ns;

    wrt_mutex_lock(&watch->lock);
    when_ns = deadline->when_ns;
    wrt_mutex_unlock(&watch->lock);
    return when_ns;
}

void wrt_watch_copy(struct wrt_watch *watch, struct wrt_deadline *to,
                    const struct wrt_deadline *from)
{
    uint64_t when_ns = wrt_watch_when(watch, from);

    if (when_ns)
        wrt_watch_set(watch, to, when_ns);
}

void wrt_watch_fini(struct wrt_watch *watch)
{
    if (!watch->is_running)
        return;
    tell_thread(watch, 1);
    wrt_thread_join(&watch->thread);
    watch->is_running = false;
}
