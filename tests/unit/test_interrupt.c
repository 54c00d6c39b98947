/*
 * Interrupts and deadlines.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "runtime/store/interrupt.h"

#include "tests/unit/world.h"

#include <pthread.h>
#include <unistd.h>

static uint64_t in_ms(uint64_t ms)
{
    return wrt_os_monotonic_ns() + ms * 1000000;
}

/* Runs until it is told to stop. */
static wasmrt_error *spin(struct wrt_ctx *ctx, struct wrt_instance *inst,
                          uint32_t func_idx, wrt_slot *slots)
{
    wasmrt_code code;

    (void)inst;
    (void)func_idx;
    (void)slots;
    while ((code = wrt_interrupt_pending(ctx)) == WASMRT_ERR_NONE)
        usleep(100);
    return wrt_trap_error(ctx, code);
}

static wasmrt_func *open_spinning(void)
{
    world_open(WASMRT_BOUNDS_CHECK);
    world.run = spin;
    return world_func(world_instance("(module (func (export \"f\")))"), "f");
}

static wasmrt_error *call(wasmrt_func *func)
{
    return wasmrt_func_call(world.store, func, NULL, 0, NULL, 0);
}

TEST(interrupt_deadline_ends_a_call)
{
    wasmrt_func *func = open_spinning();
    uint64_t start = wrt_os_monotonic_ns();

    CHECK(!world.engine->watch.is_running);
    for (int i = 0; i < 3; i++) {
        wasmrt_store_set_deadline(world.store, in_ms(20));
        check_error(call(func), WASMRT_ERR_DEADLINE, "deadline exceeded");
    }
    CHECK(wrt_os_monotonic_ns() - start >= 60 * 1000000u);
    world_close();
}

TEST(interrupt_earlier_deadline_is_seen_at_once)
{
    wasmrt_func *func = open_spinning();

    wasmrt_store_set_deadline(world.store, in_ms(3600 * 1000));
    usleep(20000); /* the thread sleeps for an hour now */
    wasmrt_store_set_deadline(world.store, in_ms(10));
    check_error(call(func), WASMRT_ERR_DEADLINE, "");
    world_close();
}

TEST(interrupt_deadline_in_the_past)
{
    wasmrt_func *func = open_spinning();

    wasmrt_store_set_deadline(world.store, 1);
    check_error(call(func), WASMRT_ERR_DEADLINE, "");
    world_close();
}

TEST(interrupt_deadline_taken_back)
{
    wasmrt_func *func = open_spinning();

    world.run = NULL;
    wasmrt_store_set_deadline(world.store, in_ms(5));
    wasmrt_store_set_deadline(world.store, 0);
    usleep(20000);
    check_ok(call(func));
    /* Also when it has come already. */
    wasmrt_store_set_deadline(world.store, 1);
    usleep(20000);
    CHECK_EQ(wrt_interrupt_pending(&world.store->ctx), WASMRT_ERR_DEADLINE);
    wasmrt_store_set_deadline(world.store, 0);
    check_ok(call(func));
    world_close();
}

TEST(interrupt_many_stores_have_deadlines)
{
    enum { STORES = 100 };
    struct wrt_store *stores[STORES];

    world_open(WASMRT_BOUNDS_CHECK);
    for (int i = 0; i < STORES; i++) {
        check_ok(wrt_store_new(world.engine, &stores[i]));
        wasmrt_store_set_deadline(stores[i], in_ms(i % 2 ? 20 : 3600 * 1000));
    }
    wasmrt_store_set_deadline(stores[1], 0);
    wrt_store_delete(stores[3]);
    /* The latest of them; a busy machine may take its time. */
    while (wrt_interrupt_pending(&stores[STORES - 1]->ctx) == WASMRT_ERR_NONE)
        usleep(1000);
    for (int i = 0; i < STORES; i++) {
        wasmrt_code expected =
            i % 2 && i != 1 ? WASMRT_ERR_DEADLINE : WASMRT_ERR_NONE;

        if (i == 3)
            continue;
        CHECK_EQ(wrt_interrupt_pending(&stores[i]->ctx), expected);
        wrt_store_delete(stores[i]);
    }
    CHECK(world.engine->watch.first == NULL);
    world_close();
}

static void *interrupt_soon(void *store)
{
    usleep(10000);
    wasmrt_store_interrupt(store);
    return NULL;
}

TEST(interrupt_from_another_thread)
{
    wasmrt_func *func = open_spinning();
    pthread_t thread;

    for (int i = 0; i < 5; i++) {
        CHECK_EQ(pthread_create(&thread, NULL, interrupt_soon, world.store), 0);
        check_error(call(func), WASMRT_ERR_INTERRUPTED, "interrupted");
        CHECK_EQ(pthread_join(thread, NULL), 0);
    }
    world_close();
}

static void *churn(void *arg)
{
    struct wrt_store *store;

    (void)arg;
    for (int i = 0; i < 300; i++) {
        check_ok(wrt_store_new(world.engine, &store));
        wasmrt_store_set_deadline(store, in_ms((uint64_t)i % 3));
        if (i % 2)
            wasmrt_store_set_deadline(store, in_ms(1));
        wrt_store_delete(store);
    }
    return NULL;
}

TEST(hammer_deadlines)
{
    pthread_t threads[4];

    world_open_engine(WASMRT_BOUNDS_CHECK);
    /* The allocator of the tests is for one thread. */
    world.engine->alloc = wrt_alloc_libc;
    for (int i = 0; i < 4; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, churn, NULL), 0);
    for (int i = 0; i < 4; i++)
        CHECK_EQ(pthread_join(threads[i], NULL), 0);
    CHECK(world.engine->watch.first == NULL);
    world.engine->alloc = world.heap.alloc;
    world_close();
}
