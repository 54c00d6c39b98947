/*
 * The queues of memory.atomic.wait: order, hashing, who is woken.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "runtime/store/interrupt.h"
#include "runtime/store/ops.h"
#include "runtime/store/shared.h"
#include "tests/unit/world.h"

#include <pthread.h>
#include <unistd.h>

/* A thread that waits in a store of its own. */
struct sleeper {
    pthread_t thread;
    struct wrt_store *store;
    struct wrt_memory_inst *memory;
    uint64_t addr;
    struct wrt_wait_result result;
    uint32_t *order; /* counts those that are awake */
    uint32_t place;
};

static void *sleep_now(void *arg)
{
    struct sleeper *s = arg;
    const struct wrt_wait wait = {.ptr = s->memory->base + s->addr,
                                  .addr = s->addr,
                                  .size = 4,
                                  .timeout_ns = -1};

    s->result = wrt_op_wait(&s->store->ctx, s->memory, &wait);
    s->place = __atomic_fetch_add(s->order, 1, __ATOMIC_RELAXED);
    return NULL;
}

/* How many threads wait in any queue. */
static size_t count_waiting(struct wrt_shared_memory *shared)
{
    size_t count = 0;

    for (size_t i = 0; i < WRT_WAIT_QUEUES; i++) {
        struct wrt_wait_queue *queue = &shared->queues[i];

        wrt_mutex_lock(&queue->lock);
        for (struct wrt_waiter *w = queue->first; w; w = w->next) {
            CHECK_EQ(w->next ? w->next->prev : queue->last, w);
            count++;
        }
        wrt_mutex_unlock(&queue->lock);
    }
    return count;
}

static void wait_for_count(struct wrt_memory_inst *memory, size_t count)
{
    while (count_waiting(memory->shared) != count)
        usleep(100);
}

static void begin(struct sleeper *s, struct wrt_memory_inst *memory,
                  uint64_t addr, uint32_t *order)
{
    size_t before = count_waiting(memory->shared);

    *s = (struct sleeper){.memory = memory, .addr = addr, .order = order};
    check_ok(wrt_store_new(world.engine, &s->store));
    CHECK_EQ(pthread_create(&s->thread, NULL, sleep_now, s), 0);
    wait_for_count(memory, before + 1);
}

static void end(struct sleeper *s)
{
    CHECK_EQ(pthread_join(s->thread, NULL), 0);
    wrt_store_delete(s->store);
}

static struct wrt_memory_inst *shared_memory(void)
{
    wasmrt_memory *memory;

    check_ok(wasmrt_memory_new_shared(world.store, 1, 1, &memory));
    return memory;
}

TEST(park_wakes_the_oldest_first)
{
    struct sleeper s[5];
    struct wrt_memory_inst *memory;
    uint32_t order = 0;

    world_open(WASMRT_BOUNDS_CHECK);
    memory = shared_memory();
    for (int i = 0; i < 5; i++)
        begin(&s[i], memory, 64, &order);
    for (uint32_t i = 0; i < 3; i++) {
        CHECK_EQ(wrt_notify(memory, 64, 1), 1);
        end(&s[i]);
        CHECK_EQ(s[i].place, i);
        CHECK_EQ(s[i].result.value, 0);
        CHECK_EQ(s[i].result.code, WASMRT_ERR_NONE);
    }
    CHECK_EQ(wrt_notify(memory, 64, 0), 0);
    CHECK_EQ(wrt_notify(memory, 64, 9), 2);
    end(&s[3]);
    end(&s[4]);
    CHECK_EQ(count_waiting(memory->shared), 0);
    world_close();
}

/* More addresses than queues: some share one. */
TEST(park_wakes_only_at_the_address)
{
    enum { COUNT = 2 * WRT_WAIT_QUEUES };
    static struct sleeper s[COUNT];
    struct wrt_memory_inst *memory;
    uint32_t order = 0;

    if (test_is_slow())
        SKIP("a hundred threads");
    world_open(WASMRT_BOUNDS_CHECK);
    memory = shared_memory();
    for (uint32_t i = 0; i < COUNT; i++)
        begin(&s[i], memory, 4 * i, &order);
    /* From the middle outwards, so that queues lose inner members too. */
    for (uint32_t i = 0; i < COUNT; i++) {
        uint32_t n = (COUNT / 2 + (i % 2 ? i / 2 : COUNT - i / 2 - 1)) % COUNT;

        CHECK_EQ(wrt_notify(memory, 4 * n, UINT32_MAX), 1);
        end(&s[n]);
        CHECK_EQ(count_waiting(memory->shared), COUNT - i - 1);
    }
    world_close();
}

TEST(park_leaves_the_queue_when_interrupted)
{
    struct sleeper s[3];
    struct wrt_memory_inst *memory;
    uint32_t order = 0;

    world_open(WASMRT_BOUNDS_CHECK);
    memory = shared_memory();
    for (int i = 0; i < 3; i++)
        begin(&s[i], memory, 64, &order);
    wrt_interrupt_raise(&s[1].store->ctx, WASMRT_ERR_INTERRUPTED);
    end(&s[1]);
    CHECK_EQ(s[1].result.code, WASMRT_ERR_INTERRUPTED);
    CHECK_EQ(count_waiting(memory->shared), 2);
    wrt_interrupt_raise(&s[2].store->ctx, WASMRT_ERR_DEADLINE);
    end(&s[2]);
    CHECK_EQ(s[2].result.code, WASMRT_ERR_DEADLINE);
    CHECK_EQ(wrt_notify(memory, 64, UINT32_MAX), 1);
    end(&s[0]);
    CHECK_EQ(s[0].result.value, 0);
    world_close();
}

/* Whoever begins to wait with an interrupt pending does not sleep; a notifier
 * that comes first counts. */
TEST(park_takes_a_pending_interrupt)
{
    struct wrt_memory_inst *memory;
    struct wrt_wait wait = {.size = 8, .timeout_ns = -1};
    struct wrt_wait_result result;

    world_open(WASMRT_BOUNDS_CHECK);
    memory = shared_memory();
    wait.ptr = memory->base;
    wrt_interrupt_raise(&world.store->ctx, WASMRT_ERR_INTERRUPTED);
    result = wrt_op_wait(&world.store->ctx, memory, &wait);
    CHECK_EQ(result.code, WASMRT_ERR_INTERRUPTED);
    wait.expected = 1;
    result = wrt_op_wait(&world.store->ctx, memory, &wait);
    CHECK_EQ(result.code, WASMRT_ERR_NONE);
    CHECK_EQ(result.value, 1);
    wrt_interrupt_clear(&world.store->ctx, WASMRT_ERR_INTERRUPTED);
    wait.expected = 0;
    wait.timeout_ns = 1000;
    result = wrt_op_wait(&world.store->ctx, memory, &wait);
    CHECK_EQ(result.value, 2);
    CHECK_EQ(count_waiting(memory->shared), 0);
    world_close();
}
