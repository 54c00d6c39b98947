/*
 * One module, many threads: each makes a store and an instance, calls it, and
 * deletes both, over and over.
 *
 * Under the thread sanitizer this shows that what stores share (the engine's
 * types and allocator, a module's code that is compiled on the way, a linker)
 * has no races; that all get the right results shows the rest. `make hammer`
 * does it for longer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/api/host.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { THREADS = 8 };

static const char guest[] =
    "(module (import \"h\" \"add\" (func $add (param i32 i32) (result i32)))"
    "  (type $s (struct (field i32)))"
    "  (memory 1) (table 2 funcref) (elem (i32.const 0) $sq $inc)"
    "  (global $g (mut i32) (i32.const 1)) (data (i32.const 8) \"\\07\")"
    "  (func $sq (param i32) (result i32)"
    "    (i32.mul (local.get 0) (local.get 0)))"
    "  (func $inc (param i32) (result i32)"
    "    (global.set $g (i32.add (global.get $g) (i32.const 1)))"
    "    (i32.add (local.get 0) (global.get $g)))"
    "  (func (export \"run\") (param $x i32) (result i32)"
    "    (call $add (i32.load8_u (i32.const 8))"
    "      (call_indirect (param i32) (result i32)"
    "        (struct.get $s 0 (struct.new $s (local.get $x)))"
    "        (i32.and (local.get $x) (i32.const 1)))))"
    "  (func (export \"trap\") (param i32) (result i32)"
    "    (i32.div_u (i32.const 1) (i32.const 0))))";

static wasmrt_error *add(void *env, wasmrt_caller *caller, wasmrt_slot *slots)
{
    (void)env;
    (void)caller;
    slots[0].i32 += slots[1].i32;
    return NULL;
}

static wasmrt_module *module;
static int rounds;

static void one_round(int i)
{
    const int expected = 7 + (i & 1 ? i + 2 : i * i);
    wasmrt_instance *inst;
    wasmrt_slot slots[2];
    wasmrt_store *mine;

    check_ok(wasmrt_store_new(engine, &mine));
    check_ok(wasmrt_linker_instantiate(linker, mine, module, &inst));
    slots[0].i32 = i;
    check_ok(
        wasmrt_func_call_raw(mine, wasmrt_instance_func(inst, "run"), slots));
    CHECK_EQ(slots[0].i32, expected);
    if (i % 64 == 0)
        check_code(wasmrt_func_call_raw(
                       mine, wasmrt_instance_func(inst, "trap"), slots),
                   WASMRT_ERR_DIVIDE_BY_ZERO);
    wasmrt_store_delete(mine);
}

static void *run(void *arg)
{
    (void)arg;
    for (int i = 0; i < rounds; i++)
        one_round(i);
    return NULL;
}

TEST(hammer_threads_share_a_module)
{
    const char *wanted = getenv("HAMMER_ROUNDS");
    pthread_t threads[THREADS];

    if (test_is_emulated())
        SKIP("the emulator does not get memory back");
    rounds = wanted && *wanted ? atoi(wanted) : test_is_slow() ? 50 : 500;
    host_open();
    check_ok(wasmrt_linker_define_raw(linker, "h", "add", "(i32 i32) -> i32",
                                      add, NULL));
    module = host_module(guest);
    for (int i = 0; i < THREADS; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, run, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    printf("%s, %s: %d threads, %d instances each\n",
           wasmrt_engine_strategy(engine), wasmrt_engine_bounds(engine),
           THREADS, rounds);
    wasmrt_module_delete(module);
    host_close();
}
