/*
 * Threads of a guest, as an embedder has them: who ends them, what is told, and
 * what is left.  What a C program does with them is in threads.t.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/lib/test.h"

#include "wasmrt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static wasmrt_engine *engine;
static wasmrt_store *store;
static wasmrt_linker *linker;
static wasmrt_module *module;
static wasmrt_instance *instance;

/*
 * run(n, how) starts n threads, each of which adds one at address 0 and then
 * waits in a way of its own (number modulo 4: at an address, in a loop,
 * reading, polling), and, when all of them are there, one more that says the
 * time at 64 and ends as `how` says: 0 returns, 1 traps, 2 exits with 9, 3
 * exits with 0. Then it waits itself, at an address.
 */
static const char guest[] =
    "(module"
    "  (import \"wasi\" \"thread-spawn\""
    "    (func $spawn (param i32) (result i32)))"
    "  (import \"wasi_snapshot_preview1\" \"proc_exit\""
    "    (func $exit (param i32)))"
    "  (import \"wasi_snapshot_preview1\" \"fd_read\""
    "    (func $read (param i32 i32 i32 i32) (result i32)))"
    "  (import \"wasi_snapshot_preview1\" \"poll_oneoff\""
    "    (func $poll (param i32 i32 i32 i32) (result i32)))"
    "  (import \"wasi_snapshot_preview1\" \"clock_time_get\""
    "    (func $clock (param i32 i64 i32) (result i32)))"
    "  (import \"env\" \"memory\" (memory 1 1 shared))"
    "  (export \"memory\" (memory 0))"
    "  (func $sleep"
    "    (drop (memory.atomic.wait32"
    "      (i32.const 128) (i32.const 0) (i64.const -1))))"
    "  (func $wait (param i32)"
    "    (block $other (block $3 (block $2 (block $1 (block $0"
    "      (br_table $0 $1 $2 $3 $other (local.get 0)))"
    "      (call $sleep) (unreachable))"
    "      (loop (br 0)))"
    "      (i32.store (i32.const 256) (i32.const 512))" /* an iovec */
    "      (i32.store (i32.const 260) (i32.const 1))"
    "      (drop (call $read"
    "        (i32.const 0) (i32.const 256) (i32.const 1) (i32.const 264)))"
    "      (return))"
    /* A subscription to the monotonic clock, an hour. */
    "      (i32.store (i32.const 1040) (i32.const 1))"
    "      (i64.store (i32.const 1048) (i64.const 3600000000000))"
    "      (drop (call $poll (i32.const 1024) (i32.const 2048) (i32.const 1)"
    "        (i32.const 4000)))))"
    "  (func $end (param $how i32)"
    "    (drop (call $clock (i32.const 1) (i64.const 0) (i32.const 64)))"
    "    (if (i32.eq (local.get $how) (i32.const 1)) (then (unreachable)))"
    "    (if (i32.ne (local.get $how) (i32.const 0)) (then (call $exit"
    "      (select (i32.const 9) (i32.const 0)"
    "        (i32.eq (local.get $how) (i32.const 2)))))))"
    "  (func (export \"wasi_thread_start\") (param $id i32) (param $arg i32)"
    "    (drop (i32.atomic.rmw.add (i32.const 4) (local.get $id)))"
    "    (if (i32.ge_s (local.get $arg) (i32.const 100))"
    "      (then (call $end (i32.sub (local.get $arg) (i32.const 100)))"
    "        (return)))"
    "    (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))"
    "    (call $wait (i32.and (local.get $arg) (i32.const 3))))"
    "  (func $start (param $n i32) (result i32) (local $i i32)"
    "    (block $refused"
    "      (loop $again"
    "        (br_if $refused (i32.ge_s (local.get $i) (local.get $n)))"
    "        (br_if $refused"
    "          (i32.lt_s (call $spawn (local.get $i)) (i32.const 0)))"
    "        (local.set $i (i32.add (local.get $i) (i32.const 1)))"
    "        (br $again)))"
    "    (loop $until"
    "      (br_if $until"
    "        (i32.lt_s (i32.atomic.load (i32.const 0)) (local.get $i))))"
    "    (local.get $i))"
    "  (func (export \"start\") (param i32) (result i32)"
    "    (i32.atomic.store (i32.const 0) (i32.const 0))"
    "    (call $start (local.get 0)))"
    "  (func (export \"run\") (param $n i32) (param $how i32) (result i32)"
    "    (i32.atomic.store (i32.const 0) (i32.const 0))"
    "    (drop (call $start (local.get $n)))"
    "    (drop (call $spawn (i32.add (local.get $how) (i32.const 100))))"
    "    (call $sleep) (i32.const 0))"
    /* Only the one that ends. */
    "  (func (export \"end\") (param $how i32) (result i32)"
    "    (call $spawn (i32.add (local.get $how) (i32.const 100))))"
    "  (func (export \"ids\") (result i32) (i32.atomic.load (i32.const 4))))";

static void ok(wasmrt_error *error)
{
    if (error)
        FAIL("%s", wasmrt_error_message(error));
}

static void check_code(wasmrt_error *error, wasmrt_code code)
{
    CHECK_STR_EQ(wasmrt_code_text(error ? wasmrt_error_code(error) : 0),
                 wasmrt_code_text(code));
    wasmrt_error_delete(error);
}

/* Everything but the instance. */
static void open_parts(uint32_t max_threads, const char *text)
{
    wasmrt_wasi_config *config = wasmrt_wasi_config_new();
    int ends[2];

    CHECK_EQ(pipe(ends), 0);
    wasmrt_wasi_config_stream_fd(config, WASMRT_WASI_STDIN, ends[0]);
    wasmrt_wasi_config_threads(config, max_threads);
    ok(wasmrt_engine_new(NULL, &engine));
    ok(wasmrt_store_new(engine, &store));
    ok(wasmrt_linker_new(engine, &linker));
    ok(wasmrt_wasi_link(linker));
    ok(wasmrt_store_set_wasi(store, config));
    wasmrt_wasi_config_delete(config);
    ok(wasmrt_module_new(engine, text, strlen(text), &module));
}

static void open_guest(uint32_t max_threads)
{
    open_parts(max_threads, guest);
    ok(wasmrt_wasi_link_threads(linker, store, module));
    ok(wasmrt_linker_instantiate(linker, store, module, &instance));
}

static void close_guest(void)
{
    wasmrt_linker_delete(linker);
    wasmrt_module_delete(module);
    wasmrt_store_delete(store);
    wasmrt_engine_delete(engine);
}

static wasmrt_error *call(const char *name, int32_t a, int32_t b, int32_t *out)
{
    wasmrt_func *func = wasmrt_instance_func(instance, name);
    wasmrt_val args[] = {wasmrt_i32(a), wasmrt_i32(b)}, result = wasmrt_i32(-1);
    wasmrt_error *error = wasmrt_func_call(
        store, func, args, wasmrt_func_param_count(store, func), &result, 1);

    if (out)
        *out = result.of.i32;
    return error;
}

static double ms_since_the_end_began(void)
{
    wasmrt_extern_val memory;
    struct timespec now;
    uint64_t ns;

    CHECK(wasmrt_instance_export(instance, "memory", &memory));
    CHECK(wasmrt_memory_read(memory.of.memory, 64, &ns, sizeof(ns)));
    clock_gettime(CLOCK_MONOTONIC, &now);
    return ((double)now.tv_sec * 1e9 + (double)now.tv_nsec - (double)ns) / 1e6;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* Runs rounds that end in one way; the store is as good as new after each. */
static void check_ends(int32_t how, wasmrt_code code, int32_t status)
{
    enum { ROUNDS = 20 };
    double ms[ROUNDS];

    open_guest(16);
    for (int i = 0; i < ROUNDS; i++) {
        wasmrt_error *error = call("run", 8, how, NULL);

        CHECK(error != NULL);
        CHECK_EQ(wasmrt_error_code(error), WASMRT_ERR_INTERRUPTED);
        error = wasmrt_wasi_end_threads(store, error);
        ms[i] = ms_since_the_end_began();
        CHECK(error != NULL);
        if (wasmrt_error_kind(error) == WASMRT_KIND_EXIT)
            CHECK_EQ(wasmrt_error_exit_status(error), status);
        else
            CHECK(wasmrt_error_frame_count(error) == 2);
        check_code(error, code);
        /* Nothing is left of it. */
        CHECK(wasmrt_wasi_end_threads(store, NULL) == NULL);
    }
    close_guest();
    qsort(ms, ROUNDS, sizeof(ms[0]), by_value);
    printf("9 threads ended in %.3f ms (median), %.3f ms (worst)\n",
           ms[ROUNDS / 2], ms[ROUNDS - 1]);
}

TEST(wasi_threads_end_with_a_trap_in_one)
{
    check_ends(1, WASMRT_ERR_UNREACHABLE, 0);
}

TEST(wasi_threads_end_with_an_exit_in_one)
{
    check_ends(2, WASMRT_ERR_EXIT, 9);
}

TEST(wasi_threads_end_with_an_exit_of_0)
{
    check_ends(3, WASMRT_ERR_EXIT, 0);
}

TEST(wasi_threads_end_with_the_store)
{
    int32_t n;

    open_guest(16);
    ok(call("start", 12, 0, &n));
    CHECK_EQ(n, 12);
    close_guest();
}

/* What the embedder stops is stopped everywhere, and the store goes on. */
TEST(wasi_threads_end_when_the_embedder_says_so)
{
    wasmrt_error *error;
    int32_t n;

    open_guest(6);
    for (int i = 0; i < 5; i++) {
        ok(call("start", 4, 0, &n));
        CHECK(wasmrt_wasi_end_threads(store, NULL) == NULL);
    }
    wasmrt_store_set_deadline(store, 1);
    error = wasmrt_wasi_end_threads(store, call("run", 4, 0, NULL));
    check_code(error, WASMRT_ERR_DEADLINE);
    wasmrt_store_set_deadline(store, 0);
    ok(call("start", 4, 0, &n));
    wasmrt_store_interrupt(store);
    error = wasmrt_wasi_end_threads(store, call("run", 4, 0, NULL));
    check_code(error, WASMRT_ERR_INTERRUPTED);
    ok(call("start", 4, 0, &n));
    CHECK_EQ(n, 4);
    close_guest();
}

/* The interrupt meets nothing, and is not left for the next call. */
TEST(wasi_threads_end_while_the_host_does_nothing)
{
    wasmrt_error *early, *error = NULL;

    open_guest(1);
    /* A thread that has not come far is ended without an error; one that is
     * quicker than the host interrupts the call. */
    for (unsigned us = 1000; !error; us *= 2) {
        early = call("end", 1, 0, NULL);
        if (!early)
            usleep(us);
        error = wasmrt_wasi_end_threads(store, NULL);
        ok(call("ids", 0, 0, NULL));
        if (early) {
            wasmrt_error_delete(error);
            error = NULL;
        }
        wasmrt_error_delete(early);
    }
    check_code(error, WASMRT_ERR_UNREACHABLE);
    close_guest();
}

TEST(wasi_threads_have_a_limit)
{
    int32_t n;

    open_guest(5);
    ok(call("start", 5, 0, &n));
    CHECK_EQ(n, 5);
    CHECK_EQ(wasmrt_wasi_refused_threads(store), 0);
    CHECK(wasmrt_wasi_end_threads(store, NULL) == NULL);
    ok(call("start", 9, 0, &n));
    CHECK_EQ(n, 5);
    CHECK_EQ(wasmrt_wasi_refused_threads(store), 1);
    CHECK(wasmrt_wasi_end_threads(store, NULL) == NULL);
    /* Numbers go on: 1 to 10. */
    ok(call("ids", 0, 0, &n));
    CHECK_EQ(n, 55);
    close_guest();
}

TEST(wasi_threads_are_refused_where_they_do_not_fit)
{
    static const char no_start[] =
        "(module (import \"wasi\" \"thread-spawn\""
        "  (func (param i32) (result i32)))"
        " (import \"env\" \"memory\" (memory 1 1 shared))"
        " (func (export \"wasi_thread_start\") (param i32)))";
    static const char no_memory[] =
        "(module (import \"wasi\" \"thread-spawn\""
        "  (func (param i32) (result i32)))"
        " (import \"env\" \"memory\" (memory 1 1))"
        " (func (export \"wasi_thread_start\") (param i32 i32)))";

    open_parts(0, guest);
    check_code(wasmrt_wasi_link_threads(linker, store, module),
               WASMRT_ERR_MISUSE);
    CHECK_EQ(wasmrt_wasi_refused_threads(store), 0);
    close_guest();
    open_parts(1, no_start);
    check_code(wasmrt_wasi_link_threads(linker, store, module),
               WASMRT_ERR_NO_SUCH_EXPORT);
    close_guest();
    open_parts(1, no_memory);
    check_code(wasmrt_wasi_link_threads(linker, store, module),
               WASMRT_ERR_IMPORT_TYPE);
    close_guest();
    open_guest(1);
    check_code(wasmrt_wasi_link_threads(linker, store, module),
               WASMRT_ERR_MISUSE);
    close_guest();
}

/* A memory that the embedder defines is used as it is. */
TEST(wasi_threads_use_the_memory_of_the_embedder)
{
    wasmrt_memory *memory;
    uint32_t count;
    int32_t n;

    open_parts(4, guest);
    ok(wasmrt_memory_new_shared(store, 1, 1, &memory));
    ok(wasmrt_linker_define_shared(linker, "env", "memory", memory));
    ok(wasmrt_wasi_link_threads(linker, store, module));
    ok(wasmrt_linker_instantiate(linker, store, module, &instance));
    ok(call("start", 4, 0, &n));
    CHECK(wasmrt_memory_read(memory, 0, &count, sizeof(count)));
    CHECK_EQ(count, 4);
    close_guest();
}
