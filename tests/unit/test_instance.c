/*
 * Instantiation, with modules from text and the fake backend.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/instance.h"

#include "runtime/store/memory.h"
#include "tests/unit/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int32_t global_i32(struct wrt_instance *inst, const char *name)
{
    wasmrt_extern_val value;

    CHECK(wasmrt_instance_export(inst, name, &value));
    CHECK_EQ(value.kind, WASMRT_EXTERN_GLOBAL);
    return wasmrt_global_get(value.of.global).of.i32;
}

TEST(instance_of_an_empty_module)
{
    struct wrt_instance *inst;

    world_open(WASMRT_BOUNDS_CHECK);
    inst = world_instance("(module)");
    CHECK_EQ(inst->mem0, wrt_memory_none());
    CHECK_EQ(inst->size_bytes, sizeof(*inst));
    world_close();
}

TEST(instance_initialises_globals_in_order)
{
    struct wrt_instance *inst;
    wasmrt_extern_val value;

    world_open(WASMRT_BOUNDS_CHECK);
    inst = world_instance(
        "(module"
        "  (global (export \"a\") i32 (i32.const -5))"
        "  (global (export \"b\") i64 (i64.const 0x123456789abcdef0))"
        "  (global (export \"c\") (mut f64) (f64.const -0x1p+4))"
        "  (global (export \"d\") i32 (i32.add (i32.const 7)"
        "     (i32.mul (i32.const 3) (i32.const -2))))"
        "  (func $f) (global (export \"e\") funcref (ref.func $f))"
        "  (global (export \"n\") externref (ref.null extern))"
        "  (export \"f\" (func $f)))");
    CHECK_EQ(global_i32(inst, "a"), -5);
    CHECK_EQ(global_i32(inst, "d"), 1);
    CHECK(wasmrt_instance_export(inst, "b", &value));
    CHECK_EQ(wasmrt_global_get(value.of.global).of.i64, 0x123456789abcdef0);
    CHECK(wasmrt_instance_export(inst, "c", &value));
    CHECK_EQ(wasmrt_global_get(value.of.global).of.f64, -16.0);
    CHECK(wasmrt_instance_export(inst, "e", &value));
    CHECK_EQ(wasmrt_global_get(value.of.global).of.func, world_func(inst, "f"));
    CHECK(wasmrt_instance_export(inst, "n", &value));
    CHECK(wasmrt_global_get(value.of.global).of.ext == NULL);
    world_close();
}

TEST(instance_applies_segments)
{
    struct wrt_instance *inst;
    struct wrt_table_inst *table;
    struct wrt_memory_inst *memory;

    world_open(WASMRT_BOUNDS_CHECK);
    inst = world_instance("(module (memory (export \"m\") 1)"
                          "  (global $g i32 (i32.const 100))"
                          "  (table (export \"t\") 10 funcref)"
                          "  (func $a) (func $b (export \"b\"))"
                          "  (elem (i32.const 2) $a $b)"
                          "  (elem (table 0) (offset (i32.const 5)) funcref"
                          "     (item (ref.func $b)) (item (ref.null func)))"
                          "  (elem $passive func $a)"
                          "  (elem declare func $a)"
                          "  (data (i32.const 3) \"abc\")"
                          "  (data (i32.const 65536) \"\")"
                          "  (data $p \"xyz\"))");
    table = world_table(inst, "t");
    memory = world_memory(inst, "m");
    CHECK(table->elems[1] == NULL);
    CHECK(table->elems[2] != NULL);
    CHECK_EQ(table->elems[3], world_func(inst, "b"));
    CHECK_EQ(table->elems[5], world_func(inst, "b"));
    CHECK(table->elems[6] == NULL);
    CHECK_EQ(inst->mem0, memory);
    CHECK_MEM_EQ(memory->base + 2, "\0abc\0", 5);
    /* Active and declared segments are dropped, passive ones not. */
    CHECK_MEM_EQ(inst->dropped_elems, "\1\1\0\1", 4);
    CHECK_MEM_EQ(inst->dropped_datas, "\1\1\0", 3);
    world_close();
}

TEST(instance_segment_out_of_bounds_keeps_what_came_before)
{
    struct wrt_instance *owner;
    struct wrt_memory_inst *memory;
    struct wrt_table_inst *table;

    world_open(WASMRT_BOUNDS_CHECK);
    owner = world_instance("(module (memory (export \"m\") 1)"
                           "  (table (export \"t\") 3 funcref))");
    memory = world_memory(owner, "m");
    table = world_table(owner, "t");
    check_ok(wasmrt_linker_define_instance(world.linker, "o", owner));
    check_error(world_instance_error(
                    "(module (import \"o\" \"m\" (memory 1))"
                    "  (import \"o\" \"t\" (table 2 funcref)) (func $f)"
                    "  (elem (i32.const 1) $f)"
                    "  (data (i32.const 0) \"kept\")"
                    "  (data (i32.const 65535) \"no\"))"),
                WASMRT_ERR_MEMORY_OOB, "out of bounds memory access");
    CHECK_MEM_EQ(memory->base, "kept", 4);
    CHECK_EQ(memory->base[65535], 0);
    /* The function in the shared table belongs to the failed instance, which
     * must live on. */
    CHECK(table->elems[1] != NULL);
    CHECK_EQ(((struct wrt_funcref *)table->elems[1])->instance->store,
             world.store);
    check_error(world_instance_error(
                    "(module (import \"o\" \"t\" (table 2 funcref)) (func $f)"
                    "  (elem (i32.const 3) $f))"),
                WASMRT_ERR_TABLE_OOB, "out of bounds table access");
    world_close();
}

static wasmrt_error *trap_start(struct wrt_ctx *ctx, struct wrt_instance *inst,
                                uint32_t func_idx, wrt_slot *slots)
{
    (void)slots;
    CHECK_EQ(func_idx, 1);
    CHECK_EQ(inst->ctx, ctx);
    return wrt_trap_error(ctx, WASMRT_ERR_UNREACHABLE);
}

TEST(instance_start_may_trap)
{
    world_open(WASMRT_BOUNDS_CHECK);
    world.run = trap_start;
    check_error(world_instance_error("(module (func) (func $s) (start $s))"),
                WASMRT_ERR_UNREACHABLE, "unreachable");
    CHECK(world.store->instances != NULL);
    CHECK_EQ(world.entered, 1);
    world_close();
}

static wasmrt_error *count_start(void *env, wasmrt_caller *caller,
                                 const wasmrt_val *args, wasmrt_val *results)
{
    (void)args;
    (void)results;
    CHECK(wasmrt_caller_instance(caller) == NULL);
    CHECK(wasmrt_caller_memory(caller) == NULL);
    ++*(int *)env;
    return NULL;
}

TEST(instance_start_may_be_imported)
{
    int count = 0;

    world_open(WASMRT_BOUNDS_CHECK);
    check_ok(wasmrt_linker_define(world.linker, "h", "f", "() -> ()",
                                  count_start, &count));
    world_instance("(module (import \"h\" \"f\" (func $f)) (start $f))");
    CHECK_EQ(count, 1);
    world_close();
}

/* -- Imports --------------------------------------------------------------- */

TEST(instance_imports_keep_their_identity)
{
    struct wrt_instance *a, *b, *c;
    wasmrt_extern_val from_a, from_c;
    wasmrt_val value = wasmrt_i32(42);

    world_open(WASMRT_BOUNDS_CHECK);
    a = world_instance("(module (memory (export \"m\") 1)"
                       "  (table (export \"t\") 1 funcref)"
                       "  (global (export \"g\") (mut i32) (i32.const 1))"
                       "  (func (export \"f\")))");
    check_ok(wasmrt_linker_define_instance(world.linker, "a", a));
    b = world_instance("(module (import \"a\" \"m\" (memory 1))"
                       "  (import \"a\" \"t\" (table 1 funcref))"
                       "  (import \"a\" \"g\" (global (mut i32)))"
                       "  (import \"a\" \"f\" (func))"
                       "  (export \"m\" (memory 0)) (export \"t\" (table 0))"
                       "  (export \"g\" (global 0)) (export \"f\" (func 0)))");
    check_ok(wasmrt_linker_define_instance(world.linker, "b", b));
    c = world_instance("(module (import \"b\" \"g\" (global (mut i32)))"
                       "  (export \"g\" (global 0)))");
    CHECK_EQ(world_memory(a, "m"), world_memory(b, "m"));
    CHECK_EQ(world_table(a, "t"), world_table(b, "t"));
    CHECK_EQ(world_func(a, "f"), world_func(b, "f"));
    CHECK(wasmrt_instance_export(a, "g", &from_a));
    CHECK(wasmrt_instance_export(c, "g", &from_c));
    CHECK_EQ(from_a.of.global, from_c.of.global);
    check_ok(wasmrt_global_set(from_c.of.global, &value));
    CHECK_EQ(global_i32(a, "g"), 42);
    world_close();
}

TEST(instance_globals_may_start_from_imported_ones)
{
    struct wrt_instance *inst;
    wasmrt_extern_val value = {.kind = WASMRT_EXTERN_GLOBAL};
    wasmrt_val thirty = wasmrt_i32(30);

    world_open(WASMRT_BOUNDS_CHECK);
    check_ok(wasmrt_global_new(world.store, &thirty, false, &value.of.global));
    check_ok(wasmrt_linker_define_extern(world.linker, world.store, "h", "g",
                                         &value));
    inst = world_instance(
        "(module (import \"h\" \"g\" (global $g i32)) (memory (export \"m\") 1)"
        "  (global (export \"a\") i32 (global.get $g))"
        "  (global (export \"b\") i32 (i32.sub (global.get $g) (i32.const 1)))"
        "  (data (offset (global.get $g)) \"here\"))");
    CHECK_EQ(global_i32(inst, "a"), 30);
    CHECK_EQ(global_i32(inst, "b"), 29);
    CHECK_MEM_EQ(world_memory(inst, "m")->base + 30, "here", 4);
    world_close();
}

TEST(instance_names_import_and_both_types)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"(module (import \"a\" \"f\" (func (param i32))))",
         "\"a\" \"f\": expected (i32) -> (), found (i64) -> i32"},
        {"(module (import \"a\" \"f\" (global i32)))",
         "expected global i32, found (i64) -> i32"},
        {"(module (import \"a\" \"m\" (memory 2)))",
         "expected memory 2, found memory 1..3"},
        {"(module (import \"a\" \"m\" (memory 1 2)))",
         "expected memory 1..2, found memory 1..3"},
        {"(module (import \"a\" \"t\" (table 1 externref)))",
         "expected table 1 externref, found table 2 funcref"},
        {"(module (import \"a\" \"t\" (table 1 5 funcref)))",
         "expected table 1..5 funcref, found table 2 funcref"},
        {"(module (import \"a\" \"g\" (global i32)))",
         "expected global i32, found global mut i32"},
        {"(module (import \"a\" \"c\" (global i32)))",
         "expected global i32, found global i64"},
    };
    struct wrt_instance *a;

    world_open(WASMRT_BOUNDS_CHECK);
    a = world_instance(
        "(module (func (export \"f\") (param i64) (result i32) i32.const 0)"
        "  (memory (export \"m\") 1 3) (table (export \"t\") 2 funcref)"
        "  (global (export \"g\") (mut i32) (i32.const 0))"
        "  (global (export \"c\") i64 (i64.const 0)))");
    check_ok(wasmrt_linker_define_instance(world.linker, "a", a));
    for (size_t i = 0; i < WRT_COUNTOF(cases); i++)
        check_error(world_instance_error(cases[i].text), WASMRT_ERR_IMPORT_TYPE,
                    cases[i].says);
    /* The size that counts is the one of now. */
    check_ok(wasmrt_memory_grow(world_memory(a, "m"), 1, NULL));
    world_instance("(module (import \"a\" \"m\" (memory 2)))");
    world_close();
}

TEST(instance_memory_limit_refuses)
{
    world_open(WASMRT_BOUNDS_CHECK);
    wasmrt_store_set_memory_limit(world.store, 65536);
    check_error(world_instance_error("(module (memory 2))"),
                WASMRT_ERR_MEMORY_LIMIT, "131072 bytes needed");
    wasmrt_store_set_table_limit(world.store, 1);
    check_error(world_instance_error("(module (table 2 funcref))"),
                WASMRT_ERR_TABLE_LIMIT, "2 elements needed");
    /* What the module made before it failed is given back. */
    check_error(world_instance_error("(module (table 1 funcref) (memory 2))"),
                WASMRT_ERR_MEMORY_LIMIT, "");
    CHECK_EQ(world.store->quota->table_elems.now, 0);
    CHECK(world.store->instances == NULL);
    world_close();
}

TEST(instance_tables_may_have_an_initial_value)
{
    struct wrt_instance *inst;
    struct wrt_table_inst *table;

    world.extra_features = WRT_FEATURE_FUNCTION_REFERENCES;
    world_open(WASMRT_BOUNDS_CHECK);
    inst = world_instance("(module (func $f (export \"f\"))"
                          "  (table (export \"t\") 3 funcref (ref.func $f)))");
    table = world_table(inst, "t");
    CHECK_EQ(table->elems[0], world_func(inst, "f"));
    CHECK_EQ(table->elems[2], world_func(inst, "f"));
    world_close();
}

TEST(instance_gives_back_memories_when_it_fails)
{
    world.extra_features = WRT_FEATURE_MULTI_MEMORY;
    world_open(WASMRT_BOUNDS_CHECK);
    wasmrt_store_set_memory_limit(world.store, 3 * 65536);
    check_error(
        world_instance_error("(module (memory 1) (memory 1) (memory 2))"),
        WASMRT_ERR_MEMORY_LIMIT, "131072 of 196608 in use");
    CHECK_EQ(world.store->quota->memory_bytes.now, 0);
    CHECK(world.store->memories == NULL);
    world_instance("(module (memory 1) (memory 2))");
    CHECK_EQ(world.store->quota->memory_bytes.now, 3 * 65536);
    world_close();
}

TEST(instance_tags_have_an_identity)
{
    struct wrt_instance *a, *b;
    wasmrt_extern_val from_a, from_b;

    world.extra_features = WRT_FEATURE_EXCEPTIONS;
    world_open(WASMRT_BOUNDS_CHECK);
    a = world_instance("(module (tag (export \"t\") (param i32 i64)))");
    CHECK(wasmrt_instance_export(a, "t", &from_a));
    CHECK_EQ(from_a.kind, WASMRT_EXTERN_TAG);
    check_ok(wasmrt_linker_define_extern(world.linker, world.store, "x", "t",
                                         &from_a));
    b = world_instance("(module (import \"x\" \"t\" (tag (param i32 i64)))"
                       "  (export \"t\" (tag 0)))");
    CHECK(wasmrt_instance_export(b, "t", &from_b));
    CHECK_EQ(from_a.of.tag, from_b.of.tag);
    check_error(
        world_instance_error("(module (import \"x\" \"t\" (tag (param i32))))"),
        WASMRT_ERR_IMPORT_TYPE, "expected tag (i32), found tag (i32 i64)");
    world_close();
}

TEST(instance_with_many_imports_and_globals)
{
    enum { COUNT = 100 };
    char text[COUNT * 120] = "(module";
    struct wrt_module *module;
    struct wrt_instance *inst;
    int counts = 0;

    world_open(WASMRT_BOUNDS_CHECK);
    for (int i = 0; i < COUNT; i++) {
        char name[8], line[60];

        snprintf(name, sizeof(name), "f%d", i);
        check_ok(wasmrt_linker_define(world.linker, "h", name, "() -> ()",
                                      count_start, &counts));
        snprintf(line, sizeof(line), " (import \"h\" \"%s\" (func))", name);
        strcat(text, line);
    }
    for (int i = 0; i < COUNT; i++) {
        char line[60];

        snprintf(line, sizeof(line),
                 " (global (export \"g%d\") i32 (i32.const %d))", i, i);
        strcat(text, line);
    }
    strcat(text, ")");
    inst = world_instance(text);
    /* Twice: the second time the objects are found. */
    for (int i = 0; i < 2 * COUNT; i++) {
        char name[8];

        snprintf(name, sizeof(name), "g%d", i % COUNT);
        CHECK_EQ(global_i32(inst, name), i % COUNT);
    }
    CHECK_EQ(world.store->nglobals, COUNT);
    module = world_module(text);
    world.heap.fail_at = world.heap.calls;
    check_error(
        wrt_linker_instantiate(world.linker, world.store, module, &inst),
        WASMRT_ERR_OUT_OF_MEMORY, "");
    wrt_engine_module_unref(module);
    world_close();
}

/* -- Resources ------------------------------------------------------------- */

static const char rich_module[] =
    "(module (import \"h\" \"f\" (func $h (param i32) (result i32)))"
    "  (memory (export \"m\") 2) (table (export \"t\") 8 funcref)"
    "  (global (export \"g\") (mut i64) (i64.const 1))"
    "  (func $a (export \"a\") (param i32) (result i32) local.get 0)"
    "  (func $s) (start $s)"
    "  (elem (i32.const 0) $h $a) (data (i32.const 9) \"data\"))";

static wasmrt_error *identity(void *env, wasmrt_caller *caller,
                              const wasmrt_val *args, wasmrt_val *results)
{
    (void)env;
    (void)caller;
    results[0] = args[0];
    return NULL;
}

/* Everything that allocates, from engine to call; NULL when it worked. */
static wasmrt_error *scenario(void)
{
    struct wrt_module *module = NULL;
    struct wrt_instance *inst;
    wasmrt_extern_val value;
    wasmrt_val arg = wasmrt_i32(4), result;
    wasmrt_func *func;
    int key;

    WRT_TRY(wrt_engine_new(&world.config, &world.engine));
    WRT_TRY(wrt_store_new(world.engine, &world.store));
    WRT_TRY(wrt_linker_new(world.engine, &world.linker));
    WRT_TRY(wasmrt_store_attach(world.store, &key, NULL, NULL));
    WRT_TRY(wasmrt_linker_define(world.linker, "h", "f", "(i32) -> i32",
                                 identity, NULL));
    WRT_TRY(wasmrt_func_new(world.store, "(i32) -> i32", identity, NULL, NULL,
                            &func));
    WRT_TRY(wasmrt_module_new(world.engine, rich_module,
                              sizeof(rich_module) - 1, &module));
    value.of.func = NULL;
    /* Modules are freed by the store or here, whichever comes last. */
    {
        wasmrt_error *error =
            wrt_linker_instantiate(world.linker, world.store, module, &inst);

        wrt_engine_module_unref(module);
        WRT_TRY(error);
    }
    if (!wasmrt_instance_export(inst, "g", &value))
        return wrt_error_oom();
    WRT_TRY(wasmrt_linker_define_instance(world.linker, "i", inst));
    return wasmrt_func_call(world.store, func, &arg, 1, &result, 1);
}

TEST(instance_every_allocation_may_fail)
{
    long n = 0, fired = 0;

    wrt_config_init(&world.config);
    world.config.backends = fake_backends;
    world.config.bounds = WASMRT_BOUNDS_CHECK;
    do {
        wasmrt_error *error;

        test_heap_init(&world.heap, n++);
        world.config.alloc = world.heap.alloc;
        world.engine = NULL;
        world.store = NULL;
        world.linker = NULL;
        error = scenario();
        if (world.heap.fired)
            check_error(error, WASMRT_ERR_OUT_OF_MEMORY, "out of memory");
        else
            check_ok(error);
        fired += world.heap.fired;
        if (world.engine)
            world_close();
        CHECK_EQ(world.heap.live_blocks, 0);
    } while (world.heap.fired);
    CHECK(fired > 30);
}

/* Mappings of this process. */
static size_t count_mappings(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    size_t n = 0;

    for (int c; (c = getc(maps)) != EOF;)
        n += c == '\n';
    fclose(maps);
    return n;
}

static void create_and_delete(wasmrt_bounds bounds, int cycles)
{
    struct wrt_module *module;
    struct wrt_instance *inst;
    const char *variant = getenv("VARIANT");
    size_t before = 0;

    if (variant && strcmp(variant, "tsan") == 0)
        SKIP("the sanitizer makes mappings of its own");
    world_open(bounds);
    check_ok(wasmrt_linker_define(world.linker, "h", "f", "(i32) -> i32",
                                  identity, NULL));
    module = world_module(rich_module);
    for (int i = 0; i < cycles; i++) {
        struct wrt_store *store;

        check_ok(wrt_store_new(world.engine, &store));
        check_ok(wrt_linker_instantiate(world.linker, store, module, &inst));
        wrt_store_delete(store);
        if (i == 10)
            before = count_mappings();
    }
    CHECK(count_mappings() <= before + 2);
    wrt_engine_module_unref(module);
    world_close();
}

TEST(instance_leaves_no_mapping_guarded)
{
    create_and_delete(WASMRT_BOUNDS_GUARD, test_is_slow() ? 20 : 20000);
}

TEST(instance_leaves_no_mapping_checked)
{
    create_and_delete(WASMRT_BOUNDS_CHECK, test_is_slow() ? 1000 : 20000);
}
