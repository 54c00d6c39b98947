/*
 * Linear memories, in both modes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/memory.h"

#include "runtime/base/os.h"
#include "runtime/store/ops.h"
#include "tests/unit/world.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

static struct wrt_memory_inst *new_memory(uint64_t min, uint64_t max)
{
    wasmrt_memory *memory;

    check_ok(wasmrt_memory_new(world.store, min, max, &memory));
    return memory;
}

/* What every mode does. */
static void grow_and_check(void)
{
    struct wrt_memory_inst *m = new_memory(1, 40);

    CHECK_EQ(m->len_bytes, 65536);
    CHECK_EQ(m->base[65535], 0);
    m->base[65535] = 7;
    CHECK_EQ(wrt_memory_grow(m, 0), 1);
    CHECK_EQ(wrt_memory_grow(m, 2), 1);
    CHECK_EQ(m->npages, 3);
    CHECK_EQ(m->len_bytes, 3 * 65536);
    CHECK_EQ(m->base[65535], 7);
    CHECK_EQ(m->base[3 * 65536 - 1], 0);
    m->base[3 * 65536 - 1] = 8;
    CHECK_EQ(wrt_memory_grow(m, 38), -1);
    CHECK_EQ(wrt_memory_grow(m, UINT64_MAX), -1);
    CHECK_EQ(wrt_memory_grow(m, 37), 3);
    CHECK_EQ(m->base[3 * 65536 - 1], 8);
    CHECK_EQ(wrt_memory_grow(m, 1), -1);
    CHECK_EQ(wrt_memory_grow(m, 0), 40);
    CHECK_EQ(world.store->quota->memory_bytes.now, 40 * 65536);
}

TEST(memory_grows_guarded)
{
    world_open(WASMRT_BOUNDS_GUARD);
    grow_and_check();
    world_close();
}

TEST(memory_grows_checked)
{
    world_open(WASMRT_BOUNDS_CHECK);
    grow_and_check();
    world_close();
}

TEST(memory_guarded_never_moves_and_reaches_4_gib)
{
    struct wrt_memory_inst *m;
    uint8_t *base;

    world_open(WASMRT_BOUNDS_GUARD);
    m = new_memory(0, UINT64_MAX);
    base = m->base;
    CHECK(base != NULL);
    CHECK(m->is_guarded);
    CHECK_EQ(wrt_memory_grow(m, 65536), 0);
    CHECK_EQ(m->base, base);
    CHECK_EQ(m->len_bytes, (uint64_t)1 << 32);
    base[((uint64_t)1 << 32) - 1] = 1;
    CHECK_EQ(wrt_memory_grow(m, 1), -1);
    world_close();
}

TEST(memory_checked_moves_and_keeps_its_bytes)
{
    struct wrt_memory_inst *m;
    uint8_t *first;
    unsigned moves = 0;

    world_open(WASMRT_BOUNDS_CHECK);
    m = new_memory(1, UINT64_MAX);
    first = m->base;
    for (uint32_t page = 1; page < 600; page++) {
        m->base[(page - 1) * 65536u] = (uint8_t)page;
        CHECK_EQ(wrt_memory_grow(m, 1), page);
        moves += m->base != first;
        first = m->base;
        CHECK(m->reserved_bytes >= m->len_bytes);
    }
    for (uint32_t page = 1; page < 600; page++)
        CHECK_EQ(m->base[(page - 1) * 65536u], (uint8_t)page);
    /* Geometric: not once per step. */
    CHECK(moves < 30);
    world_close();
}

TEST(memory_checked_with_small_maximum_stays)
{
    struct wrt_memory_inst *m;
    uint8_t *base;

    world_open(WASMRT_BOUNDS_CHECK);
    m = new_memory(1, 16);
    base = m->base;
    CHECK_EQ(wrt_memory_grow(m, 15), 1);
    CHECK_EQ(m->base, base);
    world_close();
}

TEST(memory_empty_has_no_bytes)
{
    struct wrt_memory_inst *m;

    world_open(WASMRT_BOUNDS_CHECK);
    m = new_memory(0, UINT64_MAX);
    CHECK_EQ(m->len_bytes, 0);
    CHECK(wrt_memory_has(m, 0, 0));
    CHECK(!wrt_memory_has(m, 0, 1));
    CHECK(wasmrt_memory_ptr(m, 0, 0) != NULL);
    CHECK(wasmrt_memory_ptr(m, 0, 1) == NULL);
    CHECK(wasmrt_memory_ptr(m, 1, 0) == NULL);
    world_close();
}

TEST(memory_none_is_empty_for_good)
{
    const struct wrt_memory_inst *none = wrt_memory_none();

    CHECK_EQ(none->len_bytes, 0);
    CHECK(!wrt_memory_has(none, 0, 1));
    CHECK_EQ(wrt_memory_grow(wrt_memory_none(), 1), -1);
    CHECK_EQ(wrt_memory_grow(wrt_memory_none(), 0), 0);
}

TEST(memory_bounds_do_not_wrap)
{
    struct wrt_memory_inst *m;

    world_open(WASMRT_BOUNDS_CHECK);
    m = new_memory(1, UINT64_MAX);
    CHECK(wrt_memory_has(m, 65535, 1));
    CHECK(wrt_memory_has(m, 65536, 0));
    CHECK(!wrt_memory_has(m, 65536, 1));
    CHECK(!wrt_memory_has(m, 65537, 0));
    CHECK(!wrt_memory_has(m, 1, UINT64_MAX));
    CHECK(!wrt_memory_has(m, UINT64_MAX, 1));
    world_close();
}

TEST(memory_limit_of_the_store_counts_all_memories)
{
    struct wrt_memory_inst *a;
    wasmrt_memory *b = NULL;

    world_open(WASMRT_BOUNDS_CHECK);
    wasmrt_store_set_memory_limit(world.store, 3 * 65536);
    a = new_memory(1, UINT64_MAX);
    CHECK_EQ(wrt_memory_grow(a, 1), 1);
    check_error(wasmrt_memory_new(world.store, 2, UINT64_MAX, &b),
                WASMRT_ERR_MEMORY_LIMIT, "131072 of 196608 in use");
    CHECK(b == NULL);
    check_ok(wasmrt_memory_new(world.store, 1, UINT64_MAX, &b));
    CHECK_EQ(wrt_memory_grow(a, 1), -1);
    CHECK_EQ(wasmrt_store_memory_bytes(world.store), 3 * 65536);
    world_close();
}

TEST(memory_arguments_are_checked)
{
    wasmrt_memory *m;

    world_open(WASMRT_BOUNDS_CHECK);
    check_error(wasmrt_memory_new(world.store, 65537, UINT64_MAX, &m),
                WASMRT_ERR_MISUSE, "minimum");
    check_error(wasmrt_memory_new(world.store, 2, 1, &m), WASMRT_ERR_MISUSE,
                "minimum");
    world_close();
}

/* -- Address space --------------------------------------------------------- */

static void limit_address_space(rlim_t bytes)
{
    struct rlimit limit = {bytes, bytes};

    world_skip_without_limits();
    CHECK_EQ(setrlimit(RLIMIT_AS, &limit), 0);
}

TEST(memory_mode_falls_back_when_address_space_is_scarce)
{
    struct wrt_memory_inst *m;

    limit_address_space((rlim_t)4 << 30);
    world_open(WASMRT_BOUNDS_AUTO);
    CHECK_STR_EQ(wasmrt_engine_bounds(world.engine), "check");
    m = new_memory(1, UINT64_MAX);
    CHECK_EQ(wrt_memory_grow(m, 100), 1);
    CHECK_EQ(wrt_memory_grow(m, 65435), -1);
    CHECK_EQ(m->npages, 101);
    world_close();
}

TEST(memory_mode_guard_is_refused_without_address_space)
{
    limit_address_space((rlim_t)4 << 30);
    wrt_config_init(&world.config);
    world.config.backends = fake_backends;
    world.config.bounds = WASMRT_BOUNDS_GUARD;
    check_error(wrt_engine_new(&world.config, &world.engine),
                WASMRT_ERR_ADDRESS_SPACE, "8 GiB");
}

TEST(memory_reservation_failure_names_the_way_out)
{
    wasmrt_memory *m;
    wasmrt_error *error = NULL;

    world_open(WASMRT_BOUNDS_GUARD);
    limit_address_space((rlim_t)30 << 30);
    for (int i = 0; i < 4 && !error; i++)
        error = wasmrt_memory_new(world.store, 1, UINT64_MAX, &m);
    check_error(error, WASMRT_ERR_ADDRESS_SPACE, "--bounds=check");
    CHECK(world.store->quota->memory_bytes.now < 4 * 65536);
    world_close();
}

static rlim_t mapped_bytes(void)
{
    FILE *statm = fopen("/proc/self/statm", "r");
    unsigned long pages;

    CHECK_EQ(fscanf(statm, "%lu", &pages), 1);
    fclose(statm);
    return (rlim_t)pages * wrt_os_page_size();
}

/* Takes away all memory that could be written: reservations still succeed. */
static void forbid_commits(void)
{
    struct rlimit limit = {0, 0};

    world_skip_without_limits();
    CHECK_EQ(setrlimit(RLIMIT_DATA, &limit), 0);
}

TEST(memory_that_cannot_be_committed)
{
    struct wrt_memory_inst *m;
    struct wrt_store *store = NULL;
    wasmrt_memory *other;

    world_open(WASMRT_BOUNDS_CHECK);
    m = new_memory(1, 4);
    forbid_commits();
    CHECK_EQ(wrt_memory_grow(m, 1), -1);
    CHECK_EQ(world.store->quota->memory_bytes.now, 65536);
    CHECK_EQ(m->base[65535], 0);
    check_error(wasmrt_memory_new(world.store, 1, 4, &other),
                WASMRT_ERR_OUT_OF_MEMORY, "");
    check_error(wrt_store_new(world.engine, &store), WASMRT_ERR_ADDRESS_SPACE,
                "guest stack");
    CHECK(store == NULL);
    world_close();
}

TEST(memory_grows_by_what_is_left_when_more_is_refused)
{
    struct wrt_memory_inst *m;

    world_open(WASMRT_BOUNDS_CHECK);
    m = new_memory(1600, UINT64_MAX);
    /* Room for a second one, but not for half as much again. */
    limit_address_space(mapped_bytes() + (rlim_t)1700 * 65536);
    CHECK_EQ(wrt_memory_grow(m, 1), 1600);
    CHECK_EQ(m->reserved_bytes, 1601 * 65536);
    world_close();
}

TEST(memory_pages_over_the_limit_of_the_format)
{
    const struct wrt_limits limits = {.min = 65537, .page_log2 = 16};
    struct wrt_memory_inst m;

    world_open(WASMRT_BOUNDS_CHECK);
    check_error(wrt_memory_init(&m, world.store, &limits),
                WASMRT_ERR_MEMORY_LIMIT, "65537 pages");
    world_close();
}

TEST(memory_mode_follows_the_backend)
{
    struct wrt_backend plain = *fake_backends[0];
    const struct wrt_backend *const backends[] = {&plain, NULL};

    plain.claim_fault = NULL;
    wrt_config_init(&world.config);
    world.config.backends = backends;
    check_ok(wrt_engine_new(&world.config, &world.engine));
    CHECK_STR_EQ(wasmrt_engine_bounds(world.engine), "check");
    wrt_engine_unref(world.engine);
    world.config.bounds = WASMRT_BOUNDS_GUARD;
    check_error(wrt_engine_new(&world.config, &world.engine), WASMRT_ERR_MISUSE,
                "has no guard pages");
    world.config.strategy = WASMRT_STRATEGY_JIT;
    check_error(wrt_engine_new(&world.config, &world.engine),
                WASMRT_ERR_ENGINE_UNAVAILABLE, "no engine \"jit\"");
}

TEST(memory_mode_follows_signals)
{
    wrt_config_init(&world.config);
    world.config.backends = fake_backends;
    world.config.has_signals = false;
    check_ok(wrt_engine_new(&world.config, &world.engine));
    CHECK_STR_EQ(wasmrt_engine_bounds(world.engine), "check");
    wrt_engine_unref(world.engine);
    world.config.bounds = WASMRT_BOUNDS_GUARD;
    check_error(wrt_engine_new(&world.config, &world.engine), WASMRT_ERR_MISUSE,
                "signal handlers");
}

TEST(memory_of_64_bit_indices_is_not_guarded)
{
    const struct wrt_limits limits = {
        .min = 1, .max = 3, .has_max = true, .is_64 = true, .page_log2 = 16};
    struct wrt_memory_inst m;

    world_open(WASMRT_BOUNDS_GUARD);
    check_ok(wrt_memory_init(&m, world.store, &limits));
    CHECK(!m.is_guarded);
    CHECK_EQ(wrt_memory_grow(&m, 2), 1);
    CHECK_EQ(wrt_memory_grow(&m, 1), -1);
    world_close();
}

TEST(memory_pages_of_one_byte)
{
    const struct wrt_limits limits = {.min = 5, .page_log2 = 0};
    struct wrt_memory_inst m;

    world_open(WASMRT_BOUNDS_GUARD);
    check_ok(wrt_memory_init(&m, world.store, &limits));
    CHECK_EQ(m.len_bytes, 5);
    CHECK(!m.is_guarded);
    CHECK_EQ(wrt_memory_grow(&m, 5000), 5);
    CHECK_EQ(m.len_bytes, 5005);
    m.base[5004] = 1;
    CHECK_EQ(wrt_memory_grow(&m, (uint64_t)1 << 32), -1);
    world_close();
}

/* Where the compiler leaves narrow atomics to a library, that is asked. */
#define TAKES_NO_LOCK(n, p)                                                    \
    (__atomic_always_lock_free(n, 0) || __atomic_is_lock_free(n, p))

/* A lock would be unknown to the host's own accesses. */
TEST(memory_atomics_take_no_lock)
{
    uint64_t place = 0;

    (void)place;
    CHECK(TAKES_NO_LOCK(1, (uint8_t *)&place + 1));
    CHECK(TAKES_NO_LOCK(2, (uint16_t *)&place + 1));
    CHECK(TAKES_NO_LOCK(4, (uint32_t *)&place + 1));
    CHECK(TAKES_NO_LOCK(8, &place));
}
