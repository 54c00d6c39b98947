/*
 * What fails around a guest: every allocation, address space, time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/api/host.h"
#include "tests/lib/heap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

/* -- Allocations ----------------------------------------------------------- */

static const char rich_module[] =
    "(module (import \"h\" \"add\" (func $add (param i32 i32) (result i32)))"
    "  (import \"h\" \"v\" (global $v i32))"
    "  (type $t (func (param i32) (result i32)))"
    "  (memory (export \"memory\") 1 4) (table (export \"t\") 6 20 funcref)"
    "  (global $g (export \"g\") (mut i32) (global.get $v))"
    "  (func $sq (param i32) (result i32)"
    "    (i32.mul (local.get 0) (local.get 0)))"
    "  (func $rec (param i32) (result i32)"
    "    (if (result i32) (local.get 0)"
    "      (then (call $add (local.get 0)"
    "        (call $rec (i32.sub (local.get 0) (i32.const 1)))))"
    "      (else (i32.const 0))))"
    "  (elem (i32.const 1) $sq $rec) (data (i32.const 5) \"payload\")"
    "  (func $s (global.set $g (i32.const 2))) (start $s)"
    "  (func (export \"run\") (param i32) (result i32)"
    "    (drop (table.grow (ref.null func) (i32.const 9)))"
    "    (drop (memory.grow (i32.const 1)))"
    "    (call $add (call_indirect (type $t) (local.get 0) (i32.const 1))"
    "      (call_indirect (type $t) (local.get 0) (i32.const 2))))"
    "  (func (export \"bad\") (i32.store (i32.const -4) (i32.const 0))))";

static wasmrt_error *add(void *env, wasmrt_caller *caller,
                         const wasmrt_val *args, wasmrt_val *results)
{
    (void)env;
    (void)caller;
    results[0] = wasmrt_i32(args[0].of.i32 + args[1].of.i32);
    return NULL;
}

static wasmrt_module *module;
static int key;

#define TRY(expr)                                                              \
    do {                                                                       \
        wasmrt_error *try_error = (expr);                                      \
        if (try_error)                                                         \
            return try_error;                                                  \
    } while (0)

static wasmrt_error *define_names(void)
{
    wasmrt_extern_val value = {.kind = WASMRT_EXTERN_GLOBAL};
    wasmrt_val seven = wasmrt_i32(7);

    TRY(wasmrt_linker_define(linker, "h", "add", "(i32 i32) -> i32", add,
                             NULL));
    TRY(wasmrt_global_new(store, &seven, false, &value.of.global));
    return wasmrt_linker_define_extern(linker, store, "h", "v", &value);
}

/* From the engine to a trap; NULL when everything went well. */
static wasmrt_error *scenario(const wasmrt_config *config)
{
    wasmrt_instance *inst;
    wasmrt_extern_val value;
    wasmrt_val arg = wasmrt_i32(3), result;
    wasmrt_error *error;

    TRY(wasmrt_engine_new(config, &engine));
    TRY(wasmrt_store_new(engine, &store));
    TRY(wasmrt_linker_new(engine, &linker));
    TRY(define_names());
    TRY(wasmrt_module_new(engine, rich_module, strlen(rich_module), &module));
    TRY(wasmrt_store_attach(store, &key, NULL, NULL));
    TRY(wasmrt_linker_instantiate(linker, store, module, &inst));
    TRY(wasmrt_func_call(store, wasmrt_instance_func(inst, "run"), &arg, 1,
                         &result, 1));
    CHECK_EQ(result.of.i32, 15);
    error = wasmrt_func_call(store, wasmrt_instance_func(inst, "bad"), NULL, 0,
                             NULL, 0);
    if (wasmrt_error_code(error) == WASMRT_ERR_OUT_OF_MEMORY)
        return error;
    check_code(error, WASMRT_ERR_MEMORY_OOB);
    /* The handle of a global is made now. */
    if (!wasmrt_instance_export(inst, "g", &value))
        return wasmrt_error_new(WASMRT_ERR_OUT_OF_MEMORY, NULL);
    CHECK_EQ(wasmrt_global_get(value.of.global).of.i32, 2);
    return wasmrt_linker_define_instance(linker, "i", inst);
}

static void *heap_resize(void *user, void *ptr, size_t old_size,
                         size_t new_size)
{
    struct test_heap *heap = user;

    return heap->alloc.resize(heap->alloc.user, ptr, old_size, new_size);
}

static void sweep(bool fail_after)
{
    struct test_heap heap;
    long n = 0, fired = 0;

    do {
        wasmrt_config *config = host_config();
        wasmrt_error *error;

        engine = NULL;
        store = NULL;
        linker = NULL;
        module = NULL;
        test_heap_init(&heap, n++);
        heap.fail_after = fail_after;
        wasmrt_config_set_allocator(config, heap_resize, &heap);
        error = scenario(config);
        wasmrt_config_delete(config);
        /* A table that cannot grow and a name that cannot be looked up are no
         * failures. */
        if (error)
            CHECK(heap.fired);
        if (error)
            check_code(error, WASMRT_ERR_OUT_OF_MEMORY);
        fired += heap.fired;
        wasmrt_module_delete(module);
        host_close();
        CHECK_EQ(heap.live_blocks, 0);
    } while (heap.fired);
    CHECK(fired > 40);
}

TEST(fault_each_allocation_fails_once)
{
    sweep(false);
}

TEST(fault_each_allocation_fails_and_all_after_it)
{
    sweep(true);
}

/* -- Address space --------------------------------------------------------- */

/* Leaves `spare` bytes of address space beyond what is mapped now. */
static void leave_address_space(size_t spare)
{
    const char *variant = getenv("VARIANT");
    FILE *statm = fopen("/proc/self/statm", "r");
    unsigned long pages;
    struct rlimit limit;

    if (variant && (!strcmp(variant, "asan") || !strcmp(variant, "tsan")))
        SKIP("the sanitizer needs the address space itself");
    if (test_is_emulated())
        SKIP("the emulator needs the address space itself");
    CHECK_EQ(fscanf(statm, "%lu", &pages), 1);
    fclose(statm);
    limit.rlim_cur = limit.rlim_max = pages * 4096 + spare;
    CHECK_EQ(setrlimit(RLIMIT_AS, &limit), 0);
}

TEST(fault_engine_falls_back_to_checks)
{
    wasmrt_instance *inst;
    wasmrt_config *config = wasmrt_config_new();

    leave_address_space((size_t)1 << 30);
    host_open_with(config);
    CHECK_STR_EQ(wasmrt_engine_bounds(engine), "check");
    inst =
        host_instance("(module (memory 1) (func (export \"f\") (drop (i32.load"
                      "  (i32.const 65533)))) (func (export \"g\") (result i32)"
                      "  (i32.store (i32.const 65532) (i32.const 6))"
                      "  (drop (memory.grow (i32.const 500)))"
                      "  (i32.load (i32.const 65532)))"
                      "  (func (export \"big\") (result i32)"
                      "    (memory.grow (i32.const 60000))))");
    check_code(call(inst, "f"), WASMRT_ERR_MEMORY_OOB);
    CHECK_EQ(call_i32(inst, "g", 0), 6);
    CHECK_EQ(call_i32(inst, "big", 0), -1);
    host_close();
}

TEST(fault_stores_run_out_of_address_space)
{
    wasmrt_store *stores[200];
    wasmrt_error *error = NULL;
    int n = 0;

    host_open();
    leave_address_space(16 << 20);
    while (n < 200 && !(error = wasmrt_store_new(engine, &stores[n])))
        n++;
    CHECK(n > 4);
    check_error(error, WASMRT_ERR_ADDRESS_SPACE, "guest stack");
    while (n > 0)
        wasmrt_store_delete(stores[--n]);
    check_ok(wasmrt_store_new(engine, &stores[0]));
    wasmrt_store_delete(stores[0]);
    host_close();
}

TEST(fault_deadline_without_a_thread_has_come)
{
    wasmrt_instance *inst;

    host_open();
    inst = host_instance("(module (func (export \"f\")))");
    check_ok(call(inst, "f"));
    leave_address_space(0);
    wasmrt_store_set_deadline(store, UINT64_MAX);
    check_code(call(inst, "f"), WASMRT_ERR_DEADLINE);
    check_ok(call(inst, "f"));
    host_close();
}

/* -- Time ------------------------------------------------------------------ */

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

TEST(fault_deadline_stops_loops_and_long_operations)
{
    static const char *const names[] = {"loop", "fill"};
    wasmrt_instance *inst;

    host_open();
    inst = host_instance(
        "(module (memory 2048)"
        "  (func (export \"loop\") (loop $l br $l))"
        "  (func (export \"fill\") (loop $l (memory.fill (i32.const 0)"
        "    (i32.const 1) (i32.const 134217728)) br $l))"
        "  (func (export \"one\") (result i32) (i32.const 1)))");
    for (int i = 0; i < 2; i++) {
        uint64_t start = now_ns();

        wasmrt_store_set_deadline(store, start + 30 * 1000000);
        check_error(call(inst, names[i]), WASMRT_ERR_DEADLINE,
                    "deadline exceeded");
        CHECK(now_ns() - start >= 30 * 1000000);
        CHECK_EQ(call_i32(inst, "one", 0), 1);
    }
    host_close();
}

TEST(fault_interrupt_ends_the_start_function)
{
    wasmrt_instance *inst;

    host_open();
    wasmrt_store_set_deadline(store, now_ns() + 20 * 1000000);
    check_code(
        host_instance_error("(module (func $s (loop $l br $l)) (start $s))"),
        WASMRT_ERR_DEADLINE);
    wasmrt_store_interrupt(store);
    check_code(host_instance_error("(module (func $s) (start $s))"),
               WASMRT_ERR_INTERRUPTED);
    inst = host_instance("(module (func $s) (start $s)"
                         "  (func (export \"f\") (result i32) i32.const 3))");
    CHECK_EQ(call_i32(inst, "f", 0), 3);
    host_close();
}
