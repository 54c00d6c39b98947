/*
 * Waiting at an address of a shared memory, and waking.
 *
 * A thread looks at the value and joins its queue under the queue's lock, and
 * who notifies takes the same lock, so nothing is lost between look and sleep.
 * It sleeps on a word of its own context: a notification, an interrupt and a
 * deadline each change the word and wake it, and it finds out which it was.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/interrupt.h"
#include "runtime/store/ops.h"
#include "runtime/store/shared.h"

/* Results of memory.atomic.wait. */
enum { WAIT_OK, WAIT_NOT_EQUAL, WAIT_TIMED_OUT };

static struct wrt_wait_queue *queue_of(struct wrt_shared_memory *shared,
                                       uint64_t addr)
{
    /* Locks of a guest lie side by side: the product spreads them. */
    uint64_t hash = (addr >> 2) * UINT64_C(0x9e3779b97f4a7c15);

    return &shared->queues[hash >> 58];
}

_Static_assert(WRT_WAIT_QUEUES == 1 << (64 - 58), "the hash has 6 bits");

static void join(struct wrt_wait_queue *queue, struct wrt_waiter *w)
{
    w->prev = queue->last;
    if (w->prev)
        w->prev->next = w;
    else
        queue->first = w;
    queue->last = w;
}

static void leave(struct wrt_wait_queue *queue, struct wrt_waiter *w)
{
    if (w->prev)
        w->prev->next = w->next;
    else
        queue->first = w->next;
    if (w->next)
        w->next->prev = w->prev;
    else
        queue->last = w->prev;
}

/* When a timeout from now ends; 0 for never. */
static uint64_t end_of(int64_t timeout_ns)
{
    uint64_t now = wrt_os_monotonic_ns(), left = (uint64_t)timeout_ns;

    if (timeout_ns < 0)
        return 0;
    return left > UINT64_MAX - now ? UINT64_MAX : now + left;
}

/* Sleeps until the waiter is notified, an interrupt is pending, which is the
 * result, or the time has come. */
static wasmrt_code sleep_on(struct wrt_waiter *w, uint64_t until_ns)
{
    for (;;) {
        uint32_t seen = __atomic_load_n(&w->ctx->parking, __ATOMIC_SEQ_CST);
        uint32_t code = __atomic_load_n(&w->ctx->interrupt, __ATOMIC_SEQ_CST);

        if (__atomic_load_n(&w->is_notified, __ATOMIC_ACQUIRE))
            return WASMRT_ERR_NONE;
        if (code)
            return (wasmrt_code)code;
        if (until_ns && wrt_os_monotonic_ns() >= until_ns)
            return WASMRT_ERR_NONE;
        wrt_os_wait(&w->ctx->parking, seen, until_ns);
    }
}

static bool is_equal(const struct wrt_wait *wait)
{
    if (wait->size == sizeof(uint32_t))
        return __atomic_load_n((const uint32_t *)wait->ptr, __ATOMIC_SEQ_CST) ==
               (uint32_t)wait->expected;
    return __atomic_load_n((const uint64_t *)wait->ptr, __ATOMIC_SEQ_CST) ==
           wait->expected;
}

struct wrt_wait_result wrt_op_wait(struct wrt_ctx *ctx,
                                   struct wrt_memory_inst *memory,
                                   const struct wrt_wait *wait)
{
    struct wrt_waiter w = {.addr = wait->addr, .ctx = ctx};
    struct wrt_wait_queue *queue;
    wasmrt_code code;
    uint64_t until_ns;

    if (!memory->shared)
        return (struct wrt_wait_result){.code = WASMRT_ERR_EXPECTED_SHARED};
    queue = queue_of(memory->shared, wait->addr);
    until_ns = end_of(wait->timeout_ns);
    wrt_mutex_lock(&queue->lock);
    if (!is_equal(wait)) {
        wrt_mutex_unlock(&queue->lock);
        return (struct wrt_wait_result){.value = WAIT_NOT_EQUAL};
    }
    join(queue, &w);
    wrt_mutex_unlock(&queue->lock);
    code = sleep_on(&w, until_ns);
    /* Also for whoever was notified: the notifier is done with w then. */
    wrt_mutex_lock(&queue->lock);
    if (!w.is_notified)
        leave(queue, &w);
    wrt_mutex_unlock(&queue->lock);
    if (w.is_notified)
        return (struct wrt_wait_result){.value = WAIT_OK};
    if (code != WASMRT_ERR_NONE)
        return (struct wrt_wait_result){.code = code};
    return (struct wrt_wait_result){.value = WAIT_TIMED_OUT};
}

uint32_t wrt_notify(struct wrt_memory_inst *memory, uint64_t addr,
                    uint32_t count)
{
    struct wrt_wait_queue *queue;
    struct wrt_waiter *w, *next;
    uint32_t *last = NULL, n = 0;

    if (!memory->shared)
        return 0;
    queue = queue_of(memory->shared, addr);
    wrt_mutex_lock(&queue->lock);
    for (w = queue->first; w && n < count; w = next) {
        next = w->next;
        if (w->addr != addr)
            continue;
        leave(queue, w);
        /* From here on w belongs to its thread again, but for the lock. */
        __atomic_store_n(&w->is_notified, 1, __ATOMIC_RELEASE);
        __atomic_fetch_add(&w->ctx->parking, 1, __ATOMIC_SEQ_CST);
        if (last)
            wrt_os_wake(last);
        last = &w->ctx->parking;
        n++;
    }
    wrt_mutex_unlock(&queue->lock);
    /* Without the lock, which the woken thread takes.  Should its store be gone
     * by now, the system finds nobody at the address, which it does not read.
     */
    if (last)
        wrt_os_wake(last);
    return n;
}
