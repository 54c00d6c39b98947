/*
 * Stores that belong together: shared memories and who keeps them, limits and
 * fuel of a group, and what is refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/api/host.h"
#include "tests/lib/heap.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static const char uses_memory[] =
    "(module (import \"env\" \"m\" (memory 1 4 shared))"
    "  (func (export \"load\") (param i32) (result i32)"
    "    (i32.load (local.get 0)))"
    "  (func (export \"store\") (param i32 i32) (result i32)"
    "    (i32.store (local.get 0) (local.get 1)) (i32.const 0))"
    "  (func (export \"grow\") (param i32) (result i32)"
    "    (memory.grow (local.get 0))))";

/* Calls an export of an instance in some store, for one i32 result. */
static int32_t call_in(wasmrt_store *in, wasmrt_instance *inst,
                       const char *name, int32_t a, int32_t b)
{
    wasmrt_func *func = wasmrt_instance_func(inst, name);
    wasmrt_val args[] = {wasmrt_i32(a), wasmrt_i32(b)}, result;

    CHECK(func != NULL);
    check_ok(wasmrt_func_call(in, func, args, wasmrt_func_param_count(in, func),
                              &result, 1));
    return result.of.i32;
}

/* -- Who keeps a shared memory --------------------------------------------- */

TEST(shared_memory_outlives_the_store_that_made_it)
{
    wasmrt_store *first, *second;
    wasmrt_linker *other;
    wasmrt_module *module;
    wasmrt_memory *memory;
    wasmrt_instance *a, *b;

    host_open();
    module = host_module(uses_memory);
    check_ok(wasmrt_store_new(engine, &first));
    check_ok(wasmrt_store_new(engine, &second));
    check_ok(wasmrt_linker_new(engine, &other));
    check_ok(wasmrt_memory_new_shared(first, 1, 4, &memory));
    CHECK(wasmrt_memory_is_shared(memory));
    check_ok(wasmrt_linker_define_shared(other, "env", "m", memory));
    check_ok(wasmrt_linker_instantiate(other, first, module, &a));
    CHECK_EQ(call_in(first, a, "store", 8, 42), 0);
    wasmrt_store_delete(first);
    /* The linker alone keeps it now, */
    CHECK_EQ(wasmrt_memory_size(memory), 65536);
    check_ok(wasmrt_linker_instantiate(other, second, module, &b));
    wasmrt_linker_delete(other);
    /* and now the second store. */
    CHECK_EQ(call_in(second, b, "load", 8, 0), 42);
    CHECK_EQ(call_in(second, b, "grow", 2, 0), 1);
    CHECK_EQ(call_in(second, b, "load", 3 * 65536 - 4, 0), 0);
    CHECK_EQ(wasmrt_store_memory_bytes(second), 0);
    wasmrt_store_delete(second);
    wasmrt_module_delete(module);
    host_close();
}

TEST(shared_memory_of_an_instance_goes_to_other_stores)
{
    wasmrt_store *second;
    wasmrt_linker *other;
    wasmrt_module *module;
    wasmrt_instance *owner, *user;
    wasmrt_extern_val memory, again;

    host_open();
    owner = host_instance("(module (memory (export \"m\") 1 4 shared)"
                          "  (data (i32.const 0) \"*\"))");
    CHECK(wasmrt_instance_export(owner, "m", &memory));
    CHECK(wasmrt_memory_is_shared(memory.of.memory));
    module = host_module(uses_memory);
    check_ok(wasmrt_store_new(engine, &second));
    check_ok(wasmrt_linker_new(engine, &other));
    /* As an object of whichever store. */
    check_ok(wasmrt_linker_define_extern(other, second, "env", "m", &memory));
    check_ok(wasmrt_linker_instantiate(other, second, module, &user));
    CHECK_EQ(call_in(second, user, "load", 0, 0), '*');
    CHECK_EQ(call_in(second, user, "grow", 1, 0), 1);
    CHECK_EQ(wasmrt_memory_size(memory.of.memory), 2 * 65536);
    CHECK(wasmrt_instance_export(owner, "m", &again));
    CHECK_EQ(again.of.memory, memory.of.memory);
    wasmrt_store_delete(second);
    wasmrt_linker_delete(other);
    wasmrt_module_delete(module);
    host_close();
}

TEST(shared_memory_is_refused_where_it_does_not_fit)
{
    wasmrt_memory *plain, *shared = NULL;
    wasmrt_engine *other_engine;
    wasmrt_linker *other;
    wasmrt_config *config;

    host_open();
    check_ok(wasmrt_memory_new(store, 1, 4, &plain));
    CHECK(!wasmrt_memory_is_shared(plain));
    CHECK_EQ(wasmrt_memory_notify(plain, 0, 1), 0);
    check_error(wasmrt_linker_define_shared(linker, "env", "m", plain),
                WASMRT_ERR_MISUSE, "not shared");
    check_error(wasmrt_memory_new_shared(store, 1, UINT64_MAX, &shared),
                WASMRT_ERR_MISUSE, "maximum");
    check_error(wasmrt_memory_new_shared(store, 5, 4, &shared),
                WASMRT_ERR_MISUSE, "minimum");
    CHECK(shared == NULL);
    check_ok(wasmrt_memory_new_shared(store, 1, 4, &shared));
    check_ok(wasmrt_linker_define_shared(linker, "env", "m", shared));
    check_error(wasmrt_linker_define_shared(linker, "env", "m", shared),
                WASMRT_ERR_ALREADY_DEFINED, "\"m\"");
    config = host_config();
    check_ok(wasmrt_engine_new(config, &other_engine));
    wasmrt_config_delete(config);
    check_ok(wasmrt_linker_new(other_engine, &other));
    check_error(wasmrt_linker_define_shared(other, "env", "m", shared),
                WASMRT_ERR_MISUSE, "another engine");
    check_error(
        host_instance_error("(module (import \"env\" \"m\" (memory 1 4)))"),
        WASMRT_ERR_IMPORT_TYPE, "found memory 1..4 shared");
    wasmrt_linker_delete(other);
    wasmrt_engine_delete(other_engine);
    host_close();
}

/* A failed instantiation leaves no memory behind, nor a reference to one. */
TEST(shared_memory_of_a_failed_instance_is_gone)
{
    wasmrt_memory *memory;

    host_open();
    check_ok(wasmrt_memory_new_shared(store, 1, 4, &memory));
    check_ok(wasmrt_linker_define_shared(linker, "env", "m", memory));
    wasmrt_store_set_memory_limit(store, 3 * 65536);
    check_error(
        host_instance_error("(module (import \"env\" \"m\" (memory 1 4 shared))"
                            "  (memory 1 1 shared) (memory 2 2 shared))"),
        WASMRT_ERR_MEMORY_LIMIT, "131072 of 196608");
    CHECK_EQ(wasmrt_store_memory_bytes(store), 65536);
    host_close();
}

/* -- Limits of a group ----------------------------------------------------- */

TEST(siblings_share_their_limits)
{
    wasmrt_store *second;
    wasmrt_memory *a, *b, *c = NULL;
    wasmrt_table *table, *other = NULL;
    uint64_t old;

    host_open();
    wasmrt_store_set_memory_limit(store, 4 * 65536);
    wasmrt_store_set_table_limit(store, 10);
    wasmrt_store_set_count_limits(store, 1, 2, 5);
    check_ok(wasmrt_store_new_sibling(store, &second));
    check_ok(wasmrt_memory_new(store, 1, 4, &a));
    check_ok(wasmrt_memory_new_shared(second, 2, 4, &b));
    check_error(wasmrt_memory_new(second, 0, 0, &c), WASMRT_ERR_COUNT_LIMIT,
                "2 memories");
    CHECK_EQ(wasmrt_store_memory_bytes(store), 3 * 65536);
    CHECK_EQ(wasmrt_store_memory_bytes(second), 3 * 65536);
    check_ok(wasmrt_memory_grow(b, 1, &old));
    check_error(wasmrt_memory_grow(a, 1, NULL), WASMRT_ERR_MEMORY_LIMIT, "");
    CHECK_EQ(wasmrt_store_refused_growth(second), 1);
    check_ok(wasmrt_table_new(second, WASMRT_FUNCREF, 8, 10, &table));
    check_error(wasmrt_table_new(store, WASMRT_FUNCREF, 3, 10, &other),
                WASMRT_ERR_TABLE_LIMIT, "8 of 10");
    host_instance("(module)");
    /* What a store had is given back with it. */
    wasmrt_store_delete(second);
    CHECK_EQ(wasmrt_store_memory_bytes(store), 65536);
    check_ok(wasmrt_table_new(store, WASMRT_FUNCREF, 10, 10, &other));
    check_ok(wasmrt_memory_new(store, 0, 0, &c));
    check_error(host_instance_error("(module)"), WASMRT_ERR_COUNT_LIMIT,
                "1 instances");
    host_close();
}

TEST(siblings_of_siblings_belong_to_the_group)
{
    wasmrt_store *second, *third;
    wasmrt_memory *memory = NULL;

    host_open();
    check_ok(wasmrt_store_new_sibling(store, &second));
    check_ok(wasmrt_store_new_sibling(second, &third));
    wasmrt_store_delete(second);
    wasmrt_store_set_memory_limit(third, 65536);
    check_error(wasmrt_memory_new(store, 2, 2, &memory),
                WASMRT_ERR_MEMORY_LIMIT, "of 65536");
    check_error(wasmrt_store_new_sibling(NULL, &second), WASMRT_ERR_MISUSE,
                "NULL");
    wasmrt_store_delete(third);
    host_close();
}

static const char burner[] =
    "(module (func (export \"burn\") (param i32) (result i32)"
    "  (loop $l (br_if $l (local.tee 0"
    "    (i32.sub (local.get 0) (i32.const 1))))) (i32.const 0)))";

/* Each round of the loop is 5 instructions, and there are 2 around it. */
TEST(siblings_burn_common_fuel)
{
    wasmrt_config *config = host_config();
    wasmrt_store *second;
    wasmrt_module *module;
    wasmrt_instance *a, *b;
    wasmrt_val arg = wasmrt_i32(100), result;
    uint64_t before, cost;

    wasmrt_config_set_fuel(config, true);
    host_open_with(config);
    module = host_module(burner);
    check_ok(wasmrt_store_set_fuel(store, 10000));
    check_ok(wasmrt_linker_instantiate(linker, store, module, &a));
    CHECK_EQ(call_in(store, a, "burn", 100, 0), 0);
    cost = 10000 - wasmrt_store_fuel(store);
    CHECK(cost > 400);
    check_ok(wasmrt_store_new_sibling(store, &second));
    check_ok(wasmrt_linker_instantiate(linker, second, module, &b));
    CHECK_EQ(wasmrt_store_fuel(second), 10000 - cost);
    /* Both pay from what is left, wherever it is at the moment. */
    CHECK_EQ(call_in(second, b, "burn", 100, 0), 0);
    CHECK_EQ(wasmrt_store_fuel(second), 10000 - 2 * cost);
    wasmrt_store_delete(second);
    CHECK_EQ(wasmrt_store_fuel(store), 10000 - 2 * cost);
    for (before = wasmrt_store_fuel(store); before >= cost; before -= cost)
        CHECK_EQ(call_in(store, a, "burn", 100, 0), 0);
    check_code(wasmrt_func_call(store, wasmrt_instance_func(a, "burn"), &arg, 1,
                                &result, 1),
               WASMRT_ERR_FUEL_EXHAUSTED);
    check_ok(wasmrt_store_add_fuel(store, UINT64_MAX));
    CHECK_EQ(wasmrt_store_fuel(store), UINT64_MAX);
    wasmrt_module_delete(module);
    host_close();
}

/* -- What fails ------------------------------------------------------------ */

TEST(shared_memory_that_cannot_be_reserved_says_so)
{
    struct rlimit limit = {(rlim_t)2 << 30, (rlim_t)2 << 30};
    wasmrt_memory *memory = NULL;
    wasmrt_config *config = host_config();

    if (test_is_slow())
        SKIP("a sanitizer or an emulator needs address space");
    wasmrt_config_set_bounds(config, WASMRT_BOUNDS_CHECK);
    host_open_with(config);
    CHECK_EQ(setrlimit(RLIMIT_AS, &limit), 0);
    check_error(wasmrt_memory_new_shared(store, 1, 65536, &memory),
                WASMRT_ERR_ADDRESS_SPACE,
                "4294967296 bytes left for a memory, which is shared and "
                "reserved at its maximum");
    check_error(host_instance_error("(module (memory i64 1 0x1_0000_0000_0000"
                                    " shared))"),
                WASMRT_ERR_ADDRESS_SPACE, "reserved at its maximum");
    check_error(host_instance_error("(module (memory i64 0x1_0000_0000))"),
                WASMRT_ERR_ADDRESS_SPACE, "281474976710656 bytes left");
    CHECK_EQ(wasmrt_store_memory_bytes(store), 0);
    check_ok(wasmrt_memory_new_shared(store, 1, 100, &memory));
    host_close();
}

static wasmrt_error *everything(const struct test_heap *heap)
{
    wasmrt_config *config = host_config();
    wasmrt_store *second = NULL;
    wasmrt_module *module = NULL;
    wasmrt_memory *memory;
    wasmrt_instance *inst;
    wasmrt_val one = wasmrt_i32(1), old;
    wasmrt_error *error;

    engine = NULL, store = NULL, linker = NULL;
    wasmrt_config_set_allocator(config, heap->alloc.resize, heap->alloc.user);
    error = wasmrt_engine_new(config, &engine);
    wasmrt_config_delete(config);
    if (!error)
        error = wasmrt_store_new(engine, &store);
    if (!error)
        error = wasmrt_linker_new(engine, &linker);
    if (!error)
        error = wasmrt_memory_new_shared(store, 1, 4, &memory);
    if (!error)
        error = wasmrt_linker_define_shared(linker, "env", "m", memory);
    if (!error)
        error = wasmrt_module_new(engine, uses_memory, strlen(uses_memory),
                                  &module);
    if (!error)
        error = wasmrt_store_new_sibling(store, &second);
    if (!error)
        error = wasmrt_linker_instantiate(linker, second, module, &inst);
    if (!error)
        error = wasmrt_func_call(second, wasmrt_instance_func(inst, "grow"),
                                 &one, 1, &old, 1);
    CHECK(error || old.of.i32 == 1);
    wasmrt_store_delete(second);
    wasmrt_module_delete(module);
    wasmrt_linker_delete(linker);
    wasmrt_store_delete(store);
    wasmrt_engine_delete(engine);
    return error;
}

TEST(shared_memory_under_every_failing_allocation)
{
    struct test_heap heap;
    long n = 0;

    do {
        wasmrt_error *error;

        test_heap_init(&heap, n++);
        error = everything(&heap);
        CHECK(!error || heap.fired);
        wasmrt_error_delete(error);
        CHECK_EQ(heap.live_bytes, 0);
    } while (heap.fired);
    CHECK(n > 10);
}
