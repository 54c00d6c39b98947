/*
 * Reservations that are used again: zero, and no larger than asked for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/pool.h"

#include "runtime/store/engine.h"
#include "runtime/store/memory.h"
#include "runtime/store/ops.h"
#include "tests/unit/world.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RESERVED = 1 << 20, PAGE = 65536, LARGE = WRT_POOL_ZEROED_BYTES + PAGE };

static uint8_t *get(struct wrt_pool *pool, size_t committed)
{
    bool has_space = false;
    uint8_t *base = wrt_pool_get(pool, RESERVED, committed, &has_space);

    CHECK(base && has_space);
    return base;
}

static void check_zero(const uint8_t *base, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (base[i])
            FAIL("byte %zu is %u", i, base[i]);
    }
}

/* Whether a byte can be written, found out by a child. */
static bool can_write(uint8_t *p)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        signal(SIGSEGV, SIG_DFL); /* a sanitizer would report */
        *(volatile uint8_t *)p = 1;
        _exit(0);
    }
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(pool_gives_zeroes)
{
    struct wrt_pool pool = {.reserved_bytes = RESERVED};
    uint8_t *base = get(&pool, LARGE);

    memset(base, 0xab, LARGE);
    wrt_pool_put_zeroed(&pool, base, RESERVED, LARGE);
    CHECK_EQ(pool.count, 1);
    CHECK_EQ(get(&pool, LARGE), base);
    CHECK_EQ(pool.count, 0);
    check_zero(base, LARGE);
    /* What grows again was taken away in between. */
    memset(base, 0xcd, LARGE);
    wrt_pool_put_zeroed(&pool, base, RESERVED, LARGE);
    CHECK_EQ(get(&pool, PAGE), base);
    CHECK(wrt_os_commit(base + PAGE, LARGE - PAGE));
    check_zero(base, LARGE);
    wrt_os_release(base, RESERVED);
}

/* A stack's lower end is as closed as its upper one. */
TEST(pool_leaves_the_lead_alone)
{
    struct wrt_pool pool = {.reserved_bytes = RESERVED, .lead_bytes = PAGE};
    uint8_t *base = get(&pool, PAGE);

    for (int i = 0; i < 2; i++) {
        CHECK(!can_write(base + PAGE - 1));
        CHECK(can_write(base + PAGE));
        CHECK(can_write(base + 2 * PAGE - 1));
        CHECK(!can_write(base + 2 * PAGE));
        memset(base + PAGE, 1, PAGE);
        wrt_pool_put_zeroed(&pool, base, RESERVED, PAGE);
        CHECK_EQ(get(&pool, PAGE), base);
        check_zero(base + PAGE, PAGE);
    }
    wrt_os_release(base, RESERVED);
}

TEST(pool_gives_no_more_than_asked_for)
{
    struct wrt_pool pool = {.reserved_bytes = RESERVED};
    uint8_t *base = get(&pool, LARGE);

    CHECK(can_write(base + LARGE - 1));
    wrt_pool_put_zeroed(&pool, base, RESERVED, LARGE);
    CHECK_EQ(get(&pool, PAGE), base);
    CHECK(can_write(base + PAGE - 1));
    CHECK(!can_write(base + PAGE));
    wrt_pool_put_zeroed(&pool, base, RESERVED, PAGE);
    CHECK_EQ(get(&pool, 0), base);
    CHECK(!can_write(base));
    wrt_pool_put_zeroed(&pool, base, RESERVED, 0);
    CHECK_EQ(get(&pool, 2 * PAGE), base);
    CHECK(can_write(base + 2 * PAGE - 1));
    CHECK(!can_write(base + 2 * PAGE));
    wrt_os_release(base, RESERVED);
}

TEST(pool_prefers_what_fits)
{
    struct wrt_pool pool = {.reserved_bytes = RESERVED};
    uint8_t *small = get(&pool, PAGE), *large = get(&pool, 2 * PAGE);

    wrt_pool_put(&pool, small, RESERVED, PAGE);
    wrt_pool_put(&pool, large, RESERVED, 2 * PAGE);
    CHECK_EQ(get(&pool, PAGE), small);
    CHECK_EQ(get(&pool, 2 * PAGE), large);
    wrt_os_release(small, RESERVED);
    wrt_os_release(large, RESERVED);
}

TEST(pool_keeps_so_many_of_one_size)
{
    struct wrt_pool pool = {.reserved_bytes = RESERVED};
    struct wrt_pool none = {0};
    uint8_t *bases[WRT_POOL_MOST + 3];
    bool has_space;

    for (unsigned i = 0; i < WRT_POOL_MOST + 3; i++)
        bases[i] = get(&pool, PAGE);
    for (unsigned i = 0; i < WRT_POOL_MOST + 3; i++)
        wrt_pool_put(&pool, bases[i], RESERVED, PAGE);
    CHECK_EQ(pool.count, WRT_POOL_MOST);
    CHECK(!can_write(bases[WRT_POOL_MOST]));
    bases[0] = wrt_pool_get(&pool, 2 * RESERVED, PAGE, &has_space);
    wrt_pool_put_zeroed(&pool, bases[0], 2 * RESERVED, PAGE);
    CHECK_EQ(pool.count, WRT_POOL_MOST);
    bases[1] = get(&none, PAGE);
    wrt_pool_put_zeroed(&none, bases[1], RESERVED, PAGE);
    CHECK_EQ(none.count, 0);
    CHECK(wrt_pool_drain(&pool));
    CHECK(!wrt_pool_drain(&pool));
}

TEST(pool_is_drained_before_addresses_are_missing)
{
    struct wrt_pool pool = {.reserved_bytes = RESERVED};
    bool has_space = true;

    wrt_pool_put(&pool, get(&pool, PAGE), RESERVED, PAGE);
    CHECK(!wrt_pool_get(&pool, (size_t)1 << 60, PAGE, &has_space));
    CHECK(!has_space);
    CHECK_EQ(pool.count, 0);
}

static void *use(void *arg)
{
    for (unsigned i = 0; i < 500; i++) {
        uint8_t *base = get(arg, PAGE);

        CHECK_EQ(base[i], 0);
        base[i] = 1;
        wrt_pool_put_zeroed(arg, base, RESERVED, PAGE);
    }
    return NULL;
}

TEST(pool_serves_threads)
{
    struct wrt_pool pool = {.reserved_bytes = RESERVED};
    pthread_t threads[4];

    for (unsigned i = 0; i < 4; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, use, &pool), 0);
    for (unsigned i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    CHECK(pool.count >= 1 && pool.count <= 4);
    wrt_pool_drain(&pool);
}

/* -- What stores make of it ------------------------------------------------ */

TEST(pool_hides_one_store_from_the_next)
{
    wasmrt_memory *m;
    uint8_t *base;
    wrt_slot *stack;

    if (wrt_os_address_limit() != SIZE_MAX)
        SKIP("addresses are limited here, and nothing is kept");
    world_open(WASMRT_BOUNDS_GUARD);
    check_ok(wasmrt_memory_new(world.store, 1, UINT64_MAX, &m));
    base = ((struct wrt_memory_inst *)m)->base;
    CHECK_EQ(wrt_memory_grow(m, 6), 1);
    memset(base, 0xab, 7 * PAGE);
    stack = world.store->ctx.stack_base;
    wrt_store_delete(world.store);
    CHECK_EQ(world.engine->memory_pool.count, 1);
    CHECK_EQ(world.engine->stack_pool.count, 1);

    check_ok(wrt_store_new(world.engine, &world.store));
    CHECK_EQ(world.store->ctx.stack_base, stack);
    check_ok(wasmrt_memory_new(world.store, 2, UINT64_MAX, &m));
    CHECK_EQ(((struct wrt_memory_inst *)m)->base, base);
    CHECK(!can_write(base + 2 * PAGE));
    CHECK_EQ(wrt_memory_grow(m, 5), 2);
    check_zero(base, 7 * PAGE);
    world_close();
}

TEST(pool_keeps_no_checked_memory)
{
    wasmrt_memory *m;

    world_open(WASMRT_BOUNDS_CHECK);
    check_ok(wasmrt_memory_new(world.store, 1, UINT64_MAX, &m));
    wrt_store_delete(world.store);
    CHECK_EQ(world.engine->memory_pool.count, 0);
    check_ok(wrt_store_new(world.engine, &world.store));
    world_close();
}
