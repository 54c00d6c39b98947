/*
 * Shared memories in several stores, each on a thread of its own: atomic
 * instructions, waiting and waking, growth, interrupts, limits of a group.
 *
 * The hammering tests assert what must hold for every interleaving; run under
 * the thread sanitizer they also show that the runtime itself has no races.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/api/host.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 4 };

static const char guest[] =
    "(module (import \"env\" \"m\" (memory 1 64 shared))"
    /* Adds 1 to 0, an atomic sum of each kind. */
    "  (func (export \"add\") (param $n i32) (result i32)"
    "    (loop $l"
    "      (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))"
    "      (drop (i64.atomic.rmw.sub (i32.const 8) (i64.const 3)))"
    "      (drop (i32.atomic.rmw8.xor_u (i32.const 16) (i32.const 0x5a)))"
    "      (drop (i64.atomic.rmw16.add_u (i32.const 18) (i64.const 7)))"
    "      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))"
    "    (i32.const 0))"
    /* A lock at 64 that sleeps; 0 free, 1 held, 2 held and wanted. */
    "  (func $lock (if (i32.atomic.rmw.cmpxchg (i32.const 64) (i32.const 0)"
    "      (i32.const 1)) (then (loop $l"
    "      (if (i32.atomic.rmw.xchg (i32.const 64) (i32.const 2)) (then"
    "        (drop (memory.atomic.wait32 (i32.const 64) (i32.const 2)"
    "          (i64.const -1))) (br $l)))))))"
    "  (func $unlock (if (i32.eq (i32.atomic.rmw.xchg (i32.const 64)"
    "      (i32.const 0)) (i32.const 2)) (then"
    "      (drop (memory.atomic.notify (i32.const 64) (i32.const 1))))))"
    "  (func (export \"locked\") (param $n i32) (result i32)"
    "    (loop $l (call $lock)"
    "      (i32.store (i32.const 68)"
    "        (i32.add (i32.load (i32.const 68)) (i32.const 1)))"
    "      (call $unlock)"
    "      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))"
    "    (i32.const 0))"
    /* Takes turns at 128: waits until the turn is mine, gives the other. */
    "  (func (export \"turns\") (param $n i32) (param $mine i32) (result i32)"
    "    (local $seen i32) (local $sleeps i32)"
    "    (loop $next"
    "      (loop $wait"
    "        (local.set $seen (i32.atomic.load (i32.const 128)))"
    "        (if (i32.ne (i32.and (local.get $seen) (i32.const 1))"
    "            (local.get $mine)) (then"
    "          (local.set $sleeps (i32.add (local.get $sleeps) (i32.eqz"
    "            (memory.atomic.wait32 (i32.const 128) (local.get $seen)"
    "              (i64.const -1)))))"
    "          (br $wait))))"
    "      (drop (i32.atomic.rmw.add (i32.const 128) (i32.const 1)))"
    "      (drop (memory.atomic.notify (i32.const 128) (i32.const -1)))"
    "      (br_if $next (local.tee $n (i32.sub (local.get $n)"
    "        (i32.const 1)))))"
    "    (local.get $sleeps))"
    /* Waits n times at 192, for 20 us and less; how often it was woken. */
    "  (func (export \"doze\") (param $n i32) (result i32) (local $woken i32)"
    "    (loop $l"
    "      (local.set $woken (i32.add (local.get $woken) (i32.eqz"
    "        (memory.atomic.wait64 (i32.const 192) (i64.const 0)"
    "          (i64.mul (i64.extend_i32_u (i32.and (local.get $n)"
    "            (i32.const 31))) (i64.const 1000))))))"
    "      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))"
    "    (drop (i32.atomic.rmw.add (i32.const 200) (i32.const 1)))"
    "    (local.get $woken))"
    /* Wakes at 192 until `n` have finished; how many it woke. */
    "  (func (export \"rouse\") (param $n i32) (result i32) (local $woken i32)"
    "    (loop $l"
    "      (local.set $woken (i32.add (local.get $woken)"
    "        (memory.atomic.notify (i32.const 192) (i32.const 1))))"
    "      (br_if $l (i32.lt_u (i32.atomic.load (i32.const 200))"
    "        (local.get $n))))"
    "    (local.get $woken))"
    /* Grows page by page, notes at 256 + 4 * page who made each; how many. */
    "  (func (export \"grow\") (param $me i32) (result i32) (local $p i32)"
    "    (local $count i32)"
    "    (loop $l"
    "      (local.set $p (memory.grow (i32.const 1)))"
    "      (if (i32.ge_s (local.get $p) (i32.const 0)) (then"
    "        (i32.store (i32.mul (local.get $p) (i32.const 65536))"
    "          (local.get $me))"
    "        (drop (i32.atomic.rmw.add offset=256"
    "          (i32.mul (local.get $p) (i32.const 4)) (local.get $me)))"
    "        (local.set $count (i32.add (local.get $count) (i32.const 1)))"
    "        (br $l))))"
    "    (local.get $count))"
    /* Touches the last byte of whatever the size is, until 64 pages. */
    "  (func (export \"follow\") (result i32) (local $p i32)"
    "    (loop $l"
    "      (local.set $p (memory.size))"
    "      (drop (i32.load8_u (i32.sub (i32.mul (local.get $p)"
    "        (i32.const 65536)) (i32.const 1))))"
    "      (br_if $l (i32.lt_u (local.get $p) (i32.const 64))))"
    "    (local.get $p))"
    /* Races on purpose, without order: fills, copies, stores and loads. */
    "  (func (export \"race\") (param $n i32) (param $me i32) (result i32)"
    "    (local $sum i32)"
    "    (loop $l"
    "      (memory.fill (i32.const 4096) (local.get $me) (i32.const 256))"
    "      (memory.copy (i32.const 4200) (i32.const 4096) (i32.const 300))"
    "      (i64.store (i32.const 4099) (i64.const -1))"
    "      (f64.store (i32.const 4111) (f64.const 1))"
    "      (local.set $sum (i32.add (local.get $sum)"
    "        (i32.load16_s (i32.const 4101))))"
    "      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))"
    "    (i32.const 0))"
    "  (func (export \"wait\") (result i32) (memory.atomic.wait32"
    "    (i32.const 320) (i32.const 0) (i64.const -1)))"
    "  (func (export \"spin\") (loop $l (br $l)))"
    "  (func (export \"load\") (param i32) (result i32)"
    "    (i32.atomic.load (local.get 0)))"
    "  (func (export \"size\") (result i32) (memory.size))"
    "  (func (export \"oob\") (i32.store (i32.const -4) (i32.const 0))))";

static wasmrt_module *module;
static wasmrt_memory *memory;
static wasmrt_instance *inst; /* in the main store */

static void open_with(wasmrt_config *config_taken)
{
    host_open_with(config_taken);
    module = host_module(guest);
    check_ok(wasmrt_memory_new_shared(store, 1, 64, &memory));
    check_ok(wasmrt_linker_define_shared(linker, "env", "m", memory));
    check_ok(wasmrt_linker_instantiate(linker, store, module, &inst));
}

static void open(void)
{
    open_with(host_config());
}

static void close_all(void)
{
    wasmrt_module_delete(module);
    host_close();
}

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* -- Workers --------------------------------------------------------------- */

/* A call of the guest on a thread and in a store of its own. */
struct worker {
    pthread_t thread;
    wasmrt_store *store;
    const char *func;
    wasmrt_val args[2];
    size_t nargs;
    int32_t result;
    wasmrt_error *error;
};

static void *work(void *arg)
{
    struct worker *w = arg;
    wasmrt_instance *mine;
    wasmrt_func *func;
    wasmrt_val result = {0};

    w->error = wasmrt_linker_instantiate(linker, w->store, module, &mine);
    if (w->error)
        return NULL;
    func = wasmrt_instance_func(mine, w->func);
    CHECK(func != NULL);
    w->error = wasmrt_func_call(w->store, func, w->args, w->nargs, &result,
                                wasmrt_func_result_count(w->store, func));
    w->result = result.of.i32;
    return NULL;
}

static void start(struct worker *w, const char *func, int nargs, int32_t a,
                  int32_t b)
{
    *w = (struct worker){.func = func,
                         .args = {wasmrt_i32(a), wasmrt_i32(b)},
                         .nargs = (size_t)nargs};
    check_ok(wasmrt_store_new_sibling(store, &w->store));
    CHECK_EQ(pthread_create(&w->thread, NULL, work, w), 0);
}

/* Waits for its end; the error, if any, is the caller's. */
static wasmrt_error *join(struct worker *w)
{
    CHECK_EQ(pthread_join(w->thread, NULL), 0);
    wasmrt_store_delete(w->store);
    return w->error;
}

static int32_t load(int32_t addr)
{
    return call_i32(inst, "load", 1, addr);
}

/* Fewer rounds where each costs a hundred times more. */
static int32_t rounds(int32_t n)
{
    return test_is_slow() ? n / 20 : n;
}

/* -- Atomic instructions --------------------------------------------------- */

TEST(threads_add_up)
{
    struct worker workers[THREADS];
    int32_t n = rounds(20000), total = THREADS * n;
    int64_t difference;

    open();
    for (int i = 0; i < THREADS; i++)
        start(&workers[i], "add", 1, n, 0);
    for (int i = 0; i < THREADS; i++)
        check_ok(join(&workers[i]));
    CHECK_EQ(load(0), total);
    CHECK(wasmrt_memory_read(memory, 8, &difference, 8));
    CHECK_EQ(difference, (int64_t)total * -3);
    CHECK_EQ(load(16) & 0xff, 0); /* an even number of times */
    CHECK_EQ((uint32_t)load(16) >> 16, (uint32_t)(total * 7) & 0xffff);
    close_all();
}

TEST(threads_exclude_each_other)
{
    struct worker workers[THREADS];
    int32_t n = rounds(10000);

    open();
    for (int i = 0; i < THREADS; i++)
        start(&workers[i], "locked", 1, n, 0);
    for (int i = 0; i < THREADS; i++)
        check_ok(join(&workers[i]));
    CHECK_EQ(load(68), THREADS * n);
    CHECK_EQ(load(64), 0);
    close_all();
}

/* Neither side ever gives a timeout: one wake-up lost, and this never ends. */
TEST(threads_lose_no_wake_up)
{
    struct worker even, odd;
    int32_t n = rounds(20000);

    open();
    start(&even, "turns", 2, n, 0);
    start(&odd, "turns", 2, n, 1);
    check_ok(join(&even));
    check_ok(join(&odd));
    CHECK_EQ(load(128), 2 * n);
    printf("slept %d and %d times\n", even.result, odd.result);
    CHECK(even.result + odd.result > 0);
    close_all();
}

/* Timeouts that end as the notification comes: each of these reaches exactly
 * one thread, or is not counted. */
TEST(threads_wake_as_many_as_they_say)
{
    struct worker sleepers[THREADS], waker;
    int32_t woken = 0;

    open();
    for (int i = 0; i < THREADS; i++)
        start(&sleepers[i], "doze", 1, rounds(4000), 0);
    start(&waker, "rouse", 1, THREADS, 0);
    for (int i = 0; i < THREADS; i++) {
        check_ok(join(&sleepers[i]));
        woken += sleepers[i].result;
    }
    check_ok(join(&waker));
    printf("woken %d times\n", woken);
    CHECK_EQ(waker.result, woken);
    CHECK(woken > 0);
    close_all();
}

TEST(threads_race_without_order)
{
    struct worker workers[THREADS];
    uint8_t bytes[600];

    open();
    for (int i = 0; i < THREADS; i++)
        start(&workers[i], "race", 2, rounds(2000), i);
    for (int i = 0; i < 200; i++) {
        CHECK(wasmrt_memory_read(memory, 4096, bytes, sizeof(bytes)));
        CHECK(wasmrt_memory_write(memory, 4096, bytes, 10));
    }
    for (int i = 0; i < THREADS; i++)
        check_ok(join(&workers[i]));
    close_all();
}

/* -- Growth ---------------------------------------------------------------- */

static void grow_at_once(void)
{
    struct worker growers[THREADS], follower;
    int32_t pages = 0;

    open();
    start(&follower, "follow", 0, 0, 0);
    for (int i = 0; i < THREADS; i++)
        start(&growers[i], "grow", 1, 1 << (8 * i), 0);
    for (int i = 0; i < THREADS; i++) {
        check_ok(join(&growers[i]));
        pages += growers[i].result;
    }
    check_ok(join(&follower));
    CHECK_EQ(pages, 63);
    CHECK_EQ(follower.result, 64);
    CHECK_EQ(wasmrt_memory_size(memory), 64 * 65536);
    /* Each page was given to one thread, which then wrote to it. */
    for (int32_t page = 1; page < 64; page++) {
        int32_t who = load(256 + 4 * page);

        CHECK(who && (who & (who - 1)) == 0);
        CHECK_EQ(load(page * 65536), who);
    }
    CHECK_EQ(wasmrt_store_memory_bytes(store), 64 * 65536);
    close_all();
}

TEST(threads_grow_at_once)
{
    for (int i = rounds(60); i > 0; i--)
        grow_at_once();
}

/* -- Stopping -------------------------------------------------------------- */

/* Whether a thread waits at 320: then a notification would find it. */
static void let_it_wait(void)
{
    usleep(test_is_slow() ? 200000 : 20000);
}

static int by_value(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

/* The median of some latencies, in microseconds. */
static uint64_t median_us(uint64_t *ns, size_t count)
{
    qsort(ns, count, sizeof(*ns), by_value);
    return ns[count / 2] / 1000;
}

TEST(threads_that_wait_are_interrupted)
{
    uint64_t took[11];

    open();
    for (size_t i = 0; i < 11; i++) {
        struct worker w;
        uint64_t begin;

        start(&w, "wait", 0, 0, 0);
        let_it_wait();
        begin = now_ns();
        wasmrt_store_interrupt(w.store);
        CHECK_EQ(pthread_join(w.thread, NULL), 0);
        took[i] = now_ns() - begin;
        /* On a busy machine the interrupt may be there before the guest. */
        if (wasmrt_error_frame_count(w.error) == 0)
            i--;
        check_code(w.error, WASMRT_ERR_INTERRUPTED);
        wasmrt_store_delete(w.store);
        /* Nobody is left in the queue. */
        CHECK_EQ(wasmrt_memory_notify(memory, 320, UINT32_MAX), 0);
    }
    CHECK(median_us(took, 11) < (test_is_slow() ? 500000 : 10000));
    close_all();
}

TEST(threads_that_wait_end_at_the_deadline)
{
    uint64_t late[11];

    open();
    for (size_t i = 0; i < 11; i++) {
        struct worker w;
        uint64_t deadline = now_ns() + 30000000;

        /* A sibling begins with the deadline of the store. */
        wasmrt_store_set_deadline(store, deadline);
        start(&w, "wait", 0, 0, 0);
        wasmrt_store_set_deadline(store, 0);
        CHECK_EQ(pthread_join(w.thread, NULL), 0);
        CHECK(now_ns() >= deadline);
        late[i] = now_ns() - deadline;
        check_code(w.error, WASMRT_ERR_DEADLINE);
        wasmrt_store_delete(w.store);
    }
    CHECK(median_us(late, 11) < (test_is_slow() ? 500000 : 10000));
    close_all();
}

TEST(threads_begin_with_a_pending_interrupt)
{
    struct worker w;

    open();
    wasmrt_store_interrupt(store);
    start(&w, "spin", 0, 0, 0);
    wasmrt_store_clear_interrupt(store);
    check_code(join(&w), WASMRT_ERR_INTERRUPTED);
    CHECK_EQ(call_i32(inst, "size", 0), 1);
    close_all();
}

TEST(threads_trap_alone)
{
    struct worker good, bad;

    open();
    start(&good, "wait", 0, 0, 0);
    start(&bad, "oob", 0, 0, 0);
    check_code(join(&bad), WASMRT_ERR_MEMORY_OOB);
    while (wasmrt_memory_notify(memory, 320, 1) == 0)
        usleep(100);
    check_ok(join(&good));
    CHECK_EQ(good.result, 0);
    close_all();
}

TEST(threads_are_woken_by_the_host)
{
    struct worker workers[THREADS];
    uint32_t woken = 0;

    open();
    for (int i = 0; i < THREADS; i++)
        start(&workers[i], "wait", 0, 0, 0);
    while (woken < THREADS)
        woken += wasmrt_memory_notify(memory, 320, UINT32_MAX);
    for (int i = 0; i < THREADS; i++) {
        check_ok(join(&workers[i]));
        CHECK_EQ(workers[i].result, 0);
    }
    CHECK_EQ(wasmrt_memory_notify(memory, 320, UINT32_MAX), 0);
    CHECK_EQ(wasmrt_memory_notify(memory, UINT64_MAX, 1), 0);
    close_all();
}
