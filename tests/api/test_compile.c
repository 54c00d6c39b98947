/*
 * Compiling a module as a whole, on several threads: the same results, and the
 * same error for what is wrong with it, whatever the number, and whichever of
 * the threads cannot be started or finds no memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/api/host.h"

#include "wasmrt/debug.h"
#include "wasmrt/text.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FUNCS = 3000, THREADS = 8, ROUNDS = 10 };

/* -- Threads that cannot be started ---------------------------------------- */

/* How many more may be started in this suite; below 0: any number. */
static int threads_left = -1;

int __real_pthread_create(pthread_t *id, const pthread_attr_t *attr,
                          void *(*run)(void *), void *arg);
int __wrap_pthread_create(pthread_t *id, const pthread_attr_t *attr,
                          void *(*run)(void *), void *arg);

int __wrap_pthread_create(pthread_t *id, const pthread_attr_t *attr,
                          void *(*run)(void *), void *arg)
{
    if (threads_left == 0)
        return EAGAIN;
    if (threads_left > 0)
        threads_left--;
    return __real_pthread_create(id, attr, run, arg);
}

/* -- An allocator of the host's -------------------------------------------- */

struct heap {
    pthread_t maker;
    long left;   /* atomic: allocations that succeed; below 0: all */
    long live;   /* atomic: blocks */
    long others; /* atomic: calls from threads that are not the maker */
};

static void *resize(void *user, void *ptr, size_t old_size, size_t size)
{
    struct heap *heap = user;
    void *fresh;

    (void)old_size;
    if (!pthread_equal(heap->maker, pthread_self()))
        __atomic_fetch_add(&heap->others, 1, __ATOMIC_RELAXED);
    if (size == 0) {
        __atomic_fetch_sub(&heap->live, ptr != NULL, __ATOMIC_RELAXED);
        free(ptr);
        return NULL;
    }
    if (__atomic_load_n(&heap->left, __ATOMIC_RELAXED) >= 0 &&
        __atomic_fetch_sub(&heap->left, 1, __ATOMIC_RELAXED) <= 0) {
        __atomic_store_n(&heap->left, 0, __ATOMIC_RELAXED);
        return NULL;
    }
    fresh = realloc(ptr, size);
    if (fresh && !ptr)
        __atomic_fetch_add(&heap->live, 1, __ATOMIC_RELAXED);
    return fresh;
}

/* -- Modules --------------------------------------------------------------- */

/* Functions that call each other.  All from `bad` on are invalid, of which the
 * first takes longest: others are found before it is. */
static void write_module(unsigned bad, uint8_t **bytes, size_t *len)
{
    enum { FILLERS = 8, LONG = 200, MOST = 16384 };
    static const char filler[] =
        "(drop (i32.mul (local.get 0) (i32.const 123456)))";
    size_t at = 0, size = (size_t)FUNCS * 1024 + MOST;
    char *text = malloc(size);

    at += (size_t)snprintf(text, size, "(module (memory 1)");
    for (unsigned i = 0; i < FUNCS; i++) {
        at += (size_t)snprintf(text + at, size - at,
                               "(func $f%u (param i32) (result i32)", i);
        for (unsigned k = 0; k < (i == bad ? LONG : FILLERS); k++)
            at += (size_t)snprintf(text + at, size - at, "%s", filler);
        at += (size_t)snprintf(
            text + at, size - at,
            "(if (i32.eqz (local.get 0)) (then (return (%s.const %u))))"
            "(i32.add (i32.const 1)"
            " (call $f%u (i32.sub (local.get 0) (i32.const 1)))))",
            i >= bad ? "i64" : "i32", i, (i + 7) % FUNCS);
    }
    snprintf(text + at, size - at, "(export \"f\" (func $f0)))");
    check_ok(wasmrt_wat2wasm(text, strlen(text), 0, bytes, len));
    free(text);
}

/* The two engines, when nothing else was asked for. */
static const wasmrt_strategy strategies[] = {WASMRT_STRATEGY_AUTO,
                                             WASMRT_STRATEGY_INTERP};

static wasmrt_config *eager(wasmrt_strategy strategy, unsigned nthreads)
{
    wasmrt_config *config = host_config();

    if (strategy != WASMRT_STRATEGY_AUTO)
        wasmrt_config_set_strategy(config, strategy);
    wasmrt_config_set_compile(config, WASMRT_COMPILE_EAGER);
    wasmrt_config_set_compile_threads(config, nthreads);
    return config;
}

/* Compiles and runs it with what the configuration says. */
static void check_runs(wasmrt_config *config_taken, const uint8_t *bytes,
                       size_t len)
{
    wasmrt_module_stats stats;
    wasmrt_instance *inst;
    wasmrt_module *module;

    host_open_with(config_taken);
    check_ok(wasmrt_module_new(engine, bytes, len, &module));
    wasmrt_module_get_stats(module, &stats);
    CHECK_EQ(stats.lowered_funcs, FUNCS);
    check_ok(wasmrt_linker_instantiate(linker, store, module, &inst));
    CHECK_EQ(call_i32(inst, "f", 1, 100), 100 + 700);
    wasmrt_module_delete(module);
    host_close();
}

/* -- Tests ----------------------------------------------------------------- */

TEST(compile_threads_make_what_one_makes)
{
    static const unsigned counts[] = {0, 1, 2, THREADS, 100000};
    uint8_t *bytes;
    size_t len;

    write_module(FUNCS, &bytes, &len);
    for (unsigned s = 0; s < 2; s++) {
        for (unsigned i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
            wasmrt_config *config = eager(strategies[s], counts[i]);

            wasmrt_config_set_code_check(config, i & 1);
            check_runs(config, bytes, len);
        }
    }
    wasmrt_bytes_delete(bytes);
}

TEST(compile_threads_find_the_first_error)
{
    enum { BAD = 1500 };
    uint8_t *bytes;
    size_t len;

    write_module(BAD, &bytes, &len);
    for (int i = 0; i < 2 * ROUNDS; i++) {
        wasmrt_module *module = NULL;
        wasmrt_error *error;
        uint32_t func = 0;

        host_open_with(eager(strategies[i & 1], THREADS));
        error = wasmrt_module_new(engine, bytes, len, &module);
        CHECK(error != NULL);
        CHECK_EQ(wasmrt_error_kind(error), WASMRT_KIND_VALIDATE);
        CHECK(wasmrt_error_func(error, &func, NULL));
        CHECK_EQ(func, BAD);
        wasmrt_error_delete(error);
        host_close();
    }
    wasmrt_bytes_delete(bytes);
}

TEST(compile_goes_on_when_no_thread_can_be_started)
{
    uint8_t *bytes;
    size_t len;

    write_module(FUNCS, &bytes, &len);
    for (int i = 0; i < 4; i++) {
        threads_left = i / 2;
        check_runs(eager(strategies[i & 1], THREADS), bytes, len);
        CHECK_EQ(threads_left, 0); /* it was tried */
        threads_left = -1;
    }
    wasmrt_bytes_delete(bytes);
}

TEST(compile_takes_one_thread_with_an_allocator_of_the_host)
{
    struct heap heap = {.maker = pthread_self(), .left = -1};
    uint8_t *bytes;
    size_t len;

    write_module(FUNCS, &bytes, &len);
    for (unsigned s = 0; s < 2; s++) {
        for (unsigned n = 0; n <= THREADS; n += THREADS) {
            wasmrt_config *config = eager(strategies[s], n);

            heap.others = 0;
            wasmrt_config_set_allocator(config, resize, &heap);
            check_runs(config, bytes, len);
            CHECK_EQ(heap.live, 0);
            if (n == 0)
                CHECK_EQ(heap.others, 0);
            else
                printf("%ld calls of the allocator from other threads\n",
                       heap.others);
        }
    }
    wasmrt_bytes_delete(bytes);
}

TEST(compile_threads_leave_nothing_when_memory_is_exhausted)
{
    struct heap heap = {.maker = pthread_self()};
    long failed = 0;
    uint8_t *bytes;
    size_t len;

    write_module(FUNCS, &bytes, &len);
    for (long n = 1; n < 8000; n += n / 3 + 1) {
        for (unsigned s = 0; s < 2; s++) {
            wasmrt_config *config = eager(strategies[s], THREADS);
            wasmrt_module *module = NULL;
            wasmrt_engine *made;
            wasmrt_error *error;

            heap.left = -1;
            wasmrt_config_set_allocator(config, resize, &heap);
            check_ok(wasmrt_engine_new(config, &made));
            wasmrt_config_delete(config);
            heap.left = n;
            error = wasmrt_module_new(made, bytes, len, &module);
            failed += error != NULL;
            if (error)
                check_code(error, WASMRT_ERR_OUT_OF_MEMORY);
            wasmrt_module_delete(module);
            wasmrt_engine_delete(made);
            CHECK_EQ(heap.live, 0);
        }
    }
    printf("%ld modules were not made\n", failed);
    CHECK(failed > 10);
    wasmrt_bytes_delete(bytes);
}
