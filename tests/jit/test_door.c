/*
 * Calls of the host that go through a door (jit/door.c): who passes, who goes
 * the long way, and that each finds everything as it was, however the call
 * before has ended.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/lib/test.h"

#include "runtime/store/store.h"

#include "wasmrt.h"
#include "wasmrt/text.h"

#include <alloca.h>
#include <pthread.h>
#include <string.h>

static const char text[] =
    "(module"
    " (import \"h\" \"look\" (func $look (param i32) (result i32)))"
    " (memory 1) (tag $e (param i32))"
    " (func $many (export \"many\") (param i32 i32 i32 i32 i32 i32 i64 f64 f32)"
    "  (result i32 i64 f64)"
    "  (i32.add (local.get 0) (call $look (local.get 5)))"
    "  (i64.add (local.get 6) (i64.extend_i32_s (local.get 4)))"
    "  (f64.add (local.get 7) (f64.promote_f32 (local.get 8))))"
    " (func (export \"look\") (param i32) (result i32)"
    "  (i32.add (call $look (local.get 0)) (i32.const 1)))"
    " (func (export \"half\") (param i32) (result i32)"
    "  (i32.div_s (i32.const 100) (local.get 0)))"
    " (func (export \"load\") (param i32) (result i32)"
    "  (i32.load (local.get 0)))"
    " (func $deep (export \"deep\") (param i32) (result i32)"
    "  (if (result i32) (local.get 0)"
    "   (then (i32.add (call $deep (i32.sub (local.get 0) (i32.const 1)))"
    "                  (i32.const 1)))"
    "   (else (i32.const 0))))"
    " (func (export \"throw\") (param i32) (result i32)"
    "  (if (local.get 0) (then (throw $e (local.get 0)))) (i32.const 0))"
    " (func (export \"spin\") (param i32) (result i32)"
    "  (loop $l (br_if $l (local.get 0))) (i32.const 9))"
    " (func (export \"look_load\") (param i32) (result i32)"
    "  (drop (call $look (local.get 0))) (i32.load (local.get 0)))"
    " (func (export \"tail\") (param i32) (result i32)"
    "  (if (i32.eqz (local.get 0)) (then unreachable))"
    "  (return_call $look (local.get 0)))"
    /* Uses what C functions preserve, and leaves it so when it traps. */
    " (func $use (export \"use\") (param i32) (result i32)"
    "  (local $a i32) (local $b i32) (local $c i32) (local $d i32)"
    "  (local $e i32) (local $f i32)"
    "  (loop $l"
    "   (local.set $a (i32.add (local.get $a) (local.get $f)))"
    "   (local.set $b (i32.xor (local.get $b) (local.get $a)))"
    "   (local.set $c (i32.add (local.get $c) (local.get $b)))"
    "   (local.set $d (i32.xor (local.get $d) (local.get $c)))"
    "   (local.set $e (i32.add (local.get $e) (local.get $d)))"
    "   (local.set $f (i32.sub (local.get $e) (i32.const 7)))"
    "   (br_if $l (i32.lt_u (call $look (local.get $f)) (i32.const 1000))))"
    "  (i32.div_s (local.get $f) (local.get 0))))";

enum { USED = -7 }; /* what `use` divides by its argument */

static wasmrt_engine *engine;
static wasmrt_store *store;
static wasmrt_instance *instance;

/* What `look` found: the function whose door the guest came through. */
static wasmrt_func *expected;
static unsigned npassed, nothers;
static wasmrt_error *(*inside)(wasmrt_caller *caller, int32_t arg);

static void check_ok(wasmrt_error *error)
{
    if (error)
        FAIL("%s", wasmrt_error_message(error));
}

static void check_code(wasmrt_error *error, wasmrt_code code)
{
    CHECK(error != NULL);
    CHECK_EQ(wasmrt_error_code(error), code);
    wasmrt_error_delete(error);
}

static wasmrt_error *look(void *env, wasmrt_caller *caller, wasmrt_slot *slots)
{
    const struct wrt_ctx *ctx = &wasmrt_caller_store(caller)->ctx;
    uintptr_t act = (uintptr_t)ctx->activation;
    uintptr_t door = expected ? (uintptr_t)expected->door : 0;

    (void)env;
    if (door && act - door < 4096)
        npassed++;
    else
        nothers++;
    return inside ? inside(caller, slots->i32) : NULL;
}

static void open_store(wasmrt_store **out, wasmrt_instance **inst)
{
    wasmrt_linker *linker;
    wasmrt_module *module;
    uint8_t *bytes;
    size_t len;

    check_ok(wasmrt_store_new(engine, out));
    check_ok(wasmrt_linker_new(engine, &linker));
    check_ok(wasmrt_linker_define_raw(linker, "h", "look", "(i32) -> i32", look,
                                      NULL));
    check_ok(wasmrt_wat2wasm(text, strlen(text), 0, &bytes, &len));
    check_ok(wasmrt_module_new(engine, bytes, len, &module));
    check_ok(wasmrt_linker_instantiate(linker, *out, module, inst));
    wasmrt_module_delete(module);
    wasmrt_linker_delete(linker);
    wasmrt_bytes_delete(bytes);
}

static void open_with(wasmrt_bounds bounds)
{
    wasmrt_config *config = wasmrt_config_new();

    wasmrt_config_set_strategy(config, WASMRT_STRATEGY_JIT);
    wasmrt_config_set_bounds(config, bounds);
    check_ok(wasmrt_engine_new(config, &engine));
    wasmrt_config_delete(config);
    open_store(&store, &instance);
}

static void close_all(void)
{
    wasmrt_store_delete(store);
    wasmrt_engine_delete(engine);
}

static wasmrt_error *try_in(wasmrt_store *in, wasmrt_func *func, int32_t arg,
                            int32_t *out)
{
    wasmrt_slot slot = {.i32 = arg};
    wasmrt_error *error = wasmrt_func_call_raw(in, func, &slot);

    *out = slot.i32;
    return error;
}

static int32_t ask(wasmrt_func *func, int32_t arg)
{
    int32_t result;

    check_ok(try_in(store, func, arg, &result));
    return result;
}

static void fails(wasmrt_func *func, int32_t arg, wasmrt_code code)
{
    int32_t result;

    check_code(try_in(store, func, arg, &result), code);
}

/* A function that has been called, so that it has a door. */
static wasmrt_func *known(const char *name, int32_t arg, int32_t result)
{
    wasmrt_func *func = wasmrt_instance_func(instance, name);

    CHECK(func->door == NULL);
    CHECK_EQ(ask(func, arg), result);
    CHECK(func->door != NULL);
    return func;
}

/* -- Who passes ------------------------------------------------------------ */

static void check_passes(wasmrt_func *func)
{
    unsigned before = npassed;

    expected = func;
    CHECK_EQ(ask(func, 5), 6);
    CHECK_EQ(npassed, before + 1);
    expected = NULL;
}

TEST(door_lets_calls_of_the_host_through)
{
    wasmrt_func *func;

    open_with(WASMRT_BOUNDS_AUTO);
    func = known("look", 5, 6);
    for (int i = 0; i < 3; i++)
        check_passes(func);
    CHECK_EQ(nothers, 1);
    close_all();
}

TEST(door_needs_no_signals_where_accesses_are_checked)
{
    wasmrt_func *func;

    open_with(WASMRT_BOUNDS_CHECK);
    func = known("look", 5, 6);
    check_passes(func);
    check_passes(func);
    fails(known("load", 8, 0), 65536, WASMRT_ERR_MEMORY_OOB);
    check_passes(func);
    close_all();
}

/* In the guest on the same stack; and the call around it goes on. */
static wasmrt_error *call_again(wasmrt_caller *caller, int32_t arg)
{
    wasmrt_func *func = expected;
    int32_t result;

    (void)caller;
    if (arg == 1) {
        CHECK_EQ(ask(func, 2), 3);
        check_code(
            try_in(store, wasmrt_instance_func(instance, "half"), 0, &result),
            WASMRT_ERR_DIVIDE_BY_ZERO);
    }
    return NULL;
}

TEST(door_is_closed_to_calls_from_inside)
{
    wasmrt_func *func;

    open_with(WASMRT_BOUNDS_AUTO);
    func = known("look", 5, 6);
    known("half", 2, 50);
    expected = func;
    inside = call_again;
    for (unsigned i = 1; i < 4; i++) {
        CHECK_EQ(ask(func, 1), 2);
        /* Inside, the innermost activation is another. */
        CHECK_EQ(npassed, i);
        CHECK_EQ(nothers, 1 + i);
    }
    close_all();
}

/* -- Parameters, results and registers ------------------------------------- */

static void fill_many(wasmrt_slot *slots, int32_t n)
{
    for (int i = 0; i < 6; i++)
        slots[i].i32 = n + i;
    slots[6].i64 = (int64_t)n << 40;
    slots[7].f64 = n + 0.5;
    slots[8].f32 = 0.25f;
}

static void check_many(wasmrt_func *func, int32_t n)
{
    wasmrt_slot slots[9];

    fill_many(slots, n);
    check_ok(wasmrt_func_call_raw(store, func, slots));
    CHECK_EQ(slots[0].i32, n + n + 5);
    CHECK_EQ(slots[1].i64, ((int64_t)n << 40) + n + 4);
    CHECK(slots[2].f64 == n + 0.75);
}

TEST(door_takes_parameters_in_memory_and_several_results)
{
    wasmrt_func *func;

    open_with(WASMRT_BOUNDS_AUTO);
    func = wasmrt_instance_func(instance, "many");
    for (int32_t n = 0; n < 4; n++)
        check_many(func, n);
    expected = func;
    check_many(func, 7);
    CHECK_EQ(npassed, 1);
    close_all();
}

/* Enough values alive across a call that the compiler keeps some in registers
 * that a callee has to preserve. */
static uint64_t mix(wasmrt_func *func, int32_t arg, wasmrt_code code,
                    uint64_t seed)
{
    uint64_t a = seed * 3, b = seed * 5, c = seed * 7, d = seed * 11;
    uint64_t e = seed * 13;

    for (int i = 0; i < 3; i++) {
        if (code == WASMRT_ERR_NONE)
            CHECK_EQ(ask(func, arg), USED / arg);
        else
            fails(func, arg, code);
        a += b;
        b ^= c;
        c += d;
        d ^= e;
        e += a;
    }
    return a ^ b ^ c ^ d ^ e;
}

TEST(door_gives_registers_back_however_the_call_ends)
{
    wasmrt_func *func;
    uint64_t seed = (uint64_t)(uintptr_t)&func | 1;

    open_with(WASMRT_BOUNDS_AUTO);
    func = known("use", 2, USED / 2);
    CHECK_EQ(mix(func, 4, WASMRT_ERR_NONE, seed),
             mix(func, 0, WASMRT_ERR_DIVIDE_BY_ZERO, seed));
    close_all();
}

/* -- Ends ------------------------------------------------------------------ */

TEST(door_stays_open_after_traps)
{
    wasmrt_func *func, *half, *load, *deep, *throws, *tail;

    open_with(WASMRT_BOUNDS_AUTO);
    func = known("look", 5, 6);
    half = known("half", 2, 50);
    load = known("load", 4, 0);
    deep = known("deep", 100, 100);
    throws = known("throw", 0, 0);
    tail = known("tail", 4, 4);
    for (int i = 0; i < 3; i++) {
        fails(half, 0, WASMRT_ERR_DIVIDE_BY_ZERO);
        check_passes(func);
        fails(load, 65536, WASMRT_ERR_MEMORY_OOB);
        check_passes(func);
        fails(deep, 100000000, WASMRT_ERR_STACK_OVERFLOW);
        check_passes(func);
        fails(throws, 7, WASMRT_ERR_UNCAUGHT_EXCEPTION);
        check_passes(func);
        CHECK_EQ(ask(tail, 8), 8);
        fails(tail, 0, WASMRT_ERR_UNREACHABLE);
        CHECK_EQ(ask(tail, 8), 8);
        check_passes(func);
    }
    close_all();
}

TEST(door_traps_have_the_frames_of_the_guest)
{
    wasmrt_func *half;
    wasmrt_error *error;
    int32_t result;

    open_with(WASMRT_BOUNDS_AUTO);
    half = known("half", 2, 50);
    error = try_in(store, half, 0, &result);
    CHECK_EQ(wasmrt_error_frame_count(error), 1);
    check_code(error, WASMRT_ERR_DIVIDE_BY_ZERO);
    close_all();
}

TEST(door_is_closed_to_who_was_interrupted)
{
    wasmrt_func *func, *spin;

    open_with(WASMRT_BOUNDS_AUTO);
    func = known("look", 5, 6);
    spin = known("spin", 0, 9);
    for (int i = 0; i < 3; i++) {
        wasmrt_store_interrupt(store);
        fails(func, 5, WASMRT_ERR_INTERRUPTED);
        check_passes(func);
        wasmrt_store_set_deadline(store, 1);
        fails(spin, 1, WASMRT_ERR_DEADLINE);
        check_passes(func);
    }
    close_all();
}

/* -- Stacks ---------------------------------------------------------------- */

/* From places that are so many bytes apart; the guest gets what there is. */
static WRT_NOINLINE void from_below(wasmrt_func *func, wasmrt_func *deep,
                                    size_t bytes)
{
    volatile char *room = alloca(bytes);

    room[0] = 1;
    check_passes(func);
    CHECK_EQ(ask(deep, 1000), 1000);
    fails(deep, 100000000, WASMRT_ERR_STACK_OVERFLOW);
    check_passes(func);
}

TEST(door_follows_the_hosts_stack)
{
    wasmrt_func *func, *deep;

    open_with(WASMRT_BOUNDS_AUTO);
    func = known("look", 5, 6);
    deep = known("deep", 100, 100);
    for (size_t bytes = 1000; bytes < 2000000; bytes *= 3) {
        from_below(func, deep, bytes);
        from_below(func, deep, 16);
    }
    close_all();
}

static void *on_small_stack(void *arg)
{
    wasmrt_func *const *funcs = arg;
    unsigned before = npassed;

    expected = funcs[0];
    CHECK_EQ(ask(funcs[0], 5), 6);
    CHECK_EQ(npassed, before);
    fails(funcs[1], 100000000, WASMRT_ERR_STACK_OVERFLOW);
    CHECK_EQ(ask(funcs[0], 5), 6);
    expected = NULL;
    return NULL;
}

static void *on_large_stack(void *arg)
{
    wasmrt_func *const *funcs = arg;

    /* The thread gets a stack for signals. */
    CHECK_EQ(ask(funcs[0], 5), 6);
    check_passes(funcs[0]);
    fails(funcs[1], 100000000, WASMRT_ERR_STACK_OVERFLOW);
    check_passes(funcs[0]);
    return NULL;
}

static void in_thread(size_t stack_bytes, void *(*run)(void *), void *arg)
{
    pthread_attr_t attr;
    pthread_t thread;

    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, stack_bytes);
    CHECK_EQ(pthread_create(&thread, &attr, run, arg), 0);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attr);
}

TEST(door_knows_the_stacks_of_threads)
{
    wasmrt_func *funcs[2];

    open_with(WASMRT_BOUNDS_AUTO);
    funcs[0] = known("look", 5, 6);
    funcs[1] = known("deep", 100, 100);
    for (int i = 0; i < 3; i++) {
        in_thread(256 * 1024, on_small_stack, funcs);
        in_thread(8 << 20, on_large_stack, funcs);
        check_passes(funcs[0]);
    }
    close_all();
}

/* -- Tasks and other stores ------------------------------------------------ */

static wasmrt_error *wait_if_asked(wasmrt_caller *caller, int32_t arg)
{
    return arg >= 1000 ? wasmrt_task_suspend(caller, NULL) : NULL;
}

/* A task that stands in the same instance, with parameters in its own memory,
 * and calls beside it, before and after. */
TEST(door_is_beside_tasks_and_closed_to_them)
{
    wasmrt_func *func, *many;
    wasmrt_val args[9], results[3];
    wasmrt_task *task;

    open_with(WASMRT_BOUNDS_AUTO);
    inside = wait_if_asked;
    func = known("look", 5, 6);
    many = wasmrt_instance_func(instance, "many");
    check_many(many, 1);
    CHECK(many->door != NULL);
    for (int i = 0; i < 6; i++)
        args[i] = wasmrt_i32(1000 + i);
    args[6] = wasmrt_i64(1);
    args[7] = wasmrt_f64(2);
    args[8] = wasmrt_f32(3);
    check_ok(wasmrt_task_new(store, NULL, &task));
    for (int i = 0; i < 3; i++) {
        expected = many;
        npassed = 0;
        check_ok(wasmrt_task_start(task, many, args, 9));
        CHECK(wasmrt_task_is_suspended(task));
        CHECK_EQ(npassed, 0);
        check_passes(func);
        check_passes(func);
        check_many(many, i);
        check_ok(wasmrt_task_resume(task, NULL));
        check_ok(wasmrt_task_results(task, results, 3));
        CHECK_EQ(results[0].of.i32, 1000 + 1005);
        CHECK_EQ(results[1].of.i64, 1 + 1004);
        CHECK(results[2].of.f64 == 5);
        check_passes(func);
    }
    close_all();
}

static wasmrt_store *other;
static wasmrt_func *other_half;

/* Faults of this guest are claimed after one of the other has been. */
static wasmrt_error *call_other(wasmrt_caller *caller, int32_t arg)
{
    int32_t result = 0;

    (void)caller;
    check_ok(try_in(other, other_half, 4, &result));
    CHECK_EQ(result, 25);
    check_code(try_in(other, other_half, 0, &result),
               WASMRT_ERR_DIVIDE_BY_ZERO);
    return arg ? NULL : wasmrt_error_new(WASMRT_ERR_HOST_TRAP, "no");
}

TEST(door_of_a_store_is_reached_from_another)
{
    wasmrt_instance *theirs;
    wasmrt_func *func, *load;
    int32_t result;

    open_with(WASMRT_BOUNDS_AUTO);
    open_store(&other, &theirs);
    other_half = wasmrt_instance_func(theirs, "half");
    check_ok(try_in(other, other_half, 2, &result));
    CHECK(other_half->door != NULL);
    inside = call_other;
    func = known("look", 5, 6);
    load = known("look_load", 4, 0);
    for (int i = 0; i < 3; i++) {
        check_passes(func);
        fails(load, 65536, WASMRT_ERR_MEMORY_OOB);
        fails(func, 0, WASMRT_ERR_HOST_TRAP);
    }
    wasmrt_store_delete(other);
    close_all();
}
