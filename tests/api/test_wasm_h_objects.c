/*
 * wasm.h: types, vectors, globals, memories and tables.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/api/c_host.h"

#include "wasmrt/bridge.h"

/* -- Types ----------------------------------------------------------------- */

static void check_kinds(const wasm_valtype_vec_t *vec, size_t n,
                        const wasm_valkind_t *kinds)
{
    CHECK_EQ(vec->size, n);
    for (size_t i = 0; i < n; i++)
        CHECK_EQ(wasm_valtype_kind(vec->data[i]), kinds[i]);
}

static const char all_kinds[] =
    "(module"
    "  (import \"host\" \"f\" (func (param i32 i64 v128) (result funcref)))"
    "  (import \"host\" \"g\" (global (mut externref)))"
    "  (import \"\" \"t\" (table 3 7 externref))"
    "  (import \"m\" \"\" (memory 2))"
    "  (import \"e\" \"x\" (tag (param f32)))"
    "  (export \"f\" (func 0)) (export \"a much longer name\" (memory 0))"
    "  (global (export \"c\") f64 (f64.const 1)))";

TEST(wasm_h_import_types)
{
    static const wasm_valkind_t params[] = {WASM_I32, WASM_I64,
                                            WASMRT_WASM_V128};
    static const wasm_valkind_t results[] = {WASM_FUNCREF};
    wasm_importtype_vec_t imports, copies;
    const wasm_externtype_t *type;
    wasm_module_t *module;

    c_open();
    module = c_module(all_kinds);
    wasm_module_imports(module, &imports);
    wasm_importtype_vec_copy(&copies, &imports);
    wasm_importtype_vec_delete(&imports);
    CHECK_EQ(copies.size, 5);
    CHECK_MEM_EQ(wasm_importtype_module(copies.data[0])->data, "host", 4);
    CHECK_EQ(wasm_importtype_name(copies.data[0])->size, 1);
    CHECK_EQ(wasm_importtype_name(copies.data[3])->size, 0);
    type = wasm_importtype_type(copies.data[0]);
    CHECK_EQ(wasm_externtype_kind(type), WASM_EXTERN_FUNC);
    check_kinds(wasm_functype_params(wasm_externtype_as_functype_const(type)),
                3, params);
    check_kinds(wasm_functype_results(wasm_externtype_as_functype_const(type)),
                1, results);
    CHECK(wasm_externtype_as_memorytype_const(type) == NULL);

    type = wasm_importtype_type(copies.data[1]);
    CHECK_EQ(
        wasm_globaltype_mutability(wasm_externtype_as_globaltype_const(type)),
        WASM_VAR);
    CHECK(wasm_valtype_is_ref(
        wasm_globaltype_content(wasm_externtype_as_globaltype_const(type))));
    type = wasm_importtype_type(copies.data[2]);
    CHECK_EQ(
        wasm_tabletype_limits(wasm_externtype_as_tabletype_const(type))->max,
        7);
    type = wasm_importtype_type(copies.data[3]);
    CHECK_EQ(
        wasm_memorytype_limits(wasm_externtype_as_memorytype_const(type))->max,
        wasm_limits_max_default);
    type = wasm_importtype_type(copies.data[4]);
    CHECK_EQ(wasm_externtype_kind(type), WASMRT_WASM_EXTERN_TAG);
    wasm_importtype_vec_delete(&copies);
    wasm_module_delete(module);
    c_close();
}

TEST(wasm_h_export_types)
{
    wasm_exporttype_vec_t exports, copies;
    wasm_module_t *module;

    c_open();
    module = c_module(all_kinds);
    wasm_module_exports(module, &exports);
    wasm_exporttype_vec_copy(&copies, &exports);
    wasm_exporttype_vec_delete(&exports);
    CHECK_EQ(copies.size, 3);
    CHECK_EQ(wasm_exporttype_name(copies.data[1])->size, 18);
    CHECK_EQ(wasm_externtype_kind(wasm_exporttype_type(copies.data[1])),
             WASM_EXTERN_MEMORY);
    CHECK_EQ(wasm_externtype_kind(wasm_exporttype_type(copies.data[2])),
             WASM_EXTERN_GLOBAL);
    wasm_exporttype_vec_delete(&copies);
    wasm_module_delete(module);
    c_close();
}

TEST(wasm_h_types_are_made_and_copied)
{
    const wasm_limits_t limits = {1, wasm_limits_max_default};
    wasm_functype_t *func = wasm_functype_new_3_2(
        wasm_valtype_new_i32(), wasm_valtype_new_i64(), wasm_valtype_new_f32(),
        wasm_valtype_new_f64(), wasm_valtype_new_funcref());
    wasm_functype_t *copy = wasm_functype_copy(func);
    wasm_externtype_t *as_extern = wasm_functype_as_externtype(copy);
    wasm_tabletype_t *table =
        wasm_tabletype_new(wasm_valtype_new_funcref(), &limits);
    wasm_name_t module, name;
    wasm_importtype_t *import;

    wasm_functype_delete(func);
    CHECK_EQ(wasm_functype_params(copy)->size, 3);
    CHECK(wasm_externtype_as_functype(as_extern) == copy);
    CHECK(wasm_externtype_as_tabletype(as_extern) == NULL);
    wasm_name_new_from_string(&module, "env");
    wasm_name_new_from_string_nt(&name, "f");
    import = wasm_importtype_new(&module, &name, as_extern);
    CHECK_EQ(module.size + name.size, 0); /* taken */
    CHECK_EQ(wasm_importtype_module(import)->size, 3);
    CHECK_EQ(wasm_importtype_name(import)->size, 2);
    wasm_importtype_delete(import);
    CHECK_EQ(wasm_tabletype_limits(table)->min, 1);
    wasm_tabletype_delete(table);
    CHECK(wasm_valtype_new(77) == NULL);
    wasm_valtype_delete(wasm_valtype_copy(wasm_valtype_new_externref()));
}

TEST(wasm_h_vectors)
{
    wasm_val_t vals[] = {WASM_I32_VAL(1), WASM_F64_VAL(2)};
    wasm_val_vec_t a, b, none;

    wasm_val_vec_new(&a, 2, vals);
    wasm_val_vec_copy(&b, &a);
    wasm_val_vec_delete(&a);
    CHECK(a.size == 0 && a.data == NULL);
    CHECK_EQ(b.data[1].of.f64, 2);
    wasm_val_vec_delete(&b);
    wasm_val_vec_new_uninitialized(&a, 3);
    CHECK(a.size == 3 && a.data[2].of.i64 == 0);
    wasm_val_vec_delete(&a);
    wasm_val_vec_new_empty(&none);
    wasm_val_vec_copy(&a, &none);
    CHECK(a.size == 0 && a.data == NULL);
    wasm_val_vec_new_uninitialized(&a, SIZE_MAX / 8);
    CHECK(a.size == 0 && a.data == NULL);
}

TEST(wasm_h_pointers_as_values)
{
    wasm_val_t val;
    int x;

    wasm_val_init_ptr(&val, &x);
    CHECK_EQ(val.kind, WASM_I64);
    CHECK(wasm_val_ptr(&val) == &x);
}

/* -- Globals --------------------------------------------------------------- */

static wasm_global_t *new_global(wasm_valtype_t *type, wasm_mutability_t mut,
                                 wasm_val_t val)
{
    wasm_globaltype_t *global_type = wasm_globaltype_new(type, mut);
    wasm_global_t *global = wasm_global_new(c_store, global_type, &val);

    wasm_globaltype_delete(global_type);
    return global;
}

TEST(wasm_h_globals_of_both_sides)
{
    const wasm_val_t seven = WASM_I64_VAL(7), eight = WASM_I64_VAL(8);
    const wasm_val_t number = WASM_I32_VAL(8);
    wasm_instance_t *instance;
    wasm_global_t *global;
    wasm_extern_t *exported;
    wasm_val_t val;

    c_open();
    global = new_global(wasm_valtype_new_i64(), WASM_VAR, seven);
    instance = c_instance(
        "(module (import \"\" \"g\" (global $g (mut i64)))"
        "  (func (export \"get\") (result i64) (global.get $g))"
        "  (func (export \"set\") (param i64) (global.set $g (local.get 0)))"
        "  (export \"g\" (global $g))"
        "  (global (export \"c\") f32 (f32.const 1.5)))",
        wasm_global_as_extern(global), NULL);
    exported = c_export(instance, 2);
    CHECK(wasm_extern_as_global(exported) == global);
    CHECK(c_call(instance, 0, NULL, 0, &val, 1) == NULL);
    CHECK_EQ(val.of.i64, 7);
    CHECK(c_call(instance, 1, &eight, 1, NULL, 0) == NULL);
    wasm_global_get(global, &val);
    CHECK_EQ(val.of.i64, 8);
    wasm_global_set(global, &seven);
    wasm_global_set(global, &number); /* of another type */
    CHECK(c_call(instance, 0, NULL, 0, &val, 1) == NULL);
    CHECK_EQ(val.of.i64, 7);
    wasm_extern_delete(exported);

    exported = c_export(instance, 3);
    wasm_global_get(wasm_extern_as_global(exported), &val);
    CHECK_EQ(val.of.f32, 1.5);
    val.of.f32 = 2;
    wasm_global_set(wasm_extern_as_global(exported), &val); /* constant */
    wasm_global_get(wasm_extern_as_global(exported), &val);
    CHECK_EQ(val.of.f32, 1.5);
    wasm_extern_delete(exported);
    CHECK(new_global(wasm_valtype_new_f32(), WASM_CONST, seven) == NULL);
    wasm_global_delete(global);
    wasm_instance_delete(instance);
    c_close();
}

/* -- Memories -------------------------------------------------------------- */

TEST(wasm_h_memory)
{
    const wasm_val_t poke[] = {WASM_I32_VAL(0x1002), WASM_I32_VAL(6)};
    wasm_instance_t *instance;
    wasm_memory_t *memory;
    wasm_memorytype_t *type;
    wasm_extern_t *ext;

    c_open();
    instance = c_instance("(module (memory (export \"m\") 2 3)"
                          "  (func (export \"load\") (param i32) (result i32)"
                          "    (i32.load8_s (local.get 0)))"
                          "  (func (export \"store\") (param i32 i32)"
                          "    (i32.store8 (local.get 0) (local.get 1)))"
                          "  (data (i32.const 0x1000) \"\\01\\02\\03\\04\"))",
                          NULL, NULL);
    ext = c_export(instance, 0);
    memory = wasm_extern_as_memory(ext);
    CHECK_EQ(wasm_memory_size(memory), 2);
    CHECK_EQ(wasm_memory_data_size(memory), 2 * MEMORY_PAGE_SIZE);
    CHECK_EQ(wasm_memory_data(memory)[0x1003], 4);
    CHECK(c_call(instance, 2, poke, 2, NULL, 0) == NULL);
    CHECK_EQ(wasm_memory_data(memory)[0x1002], 6);
    wasm_memory_data(memory)[0x1003] = 5;
    CHECK_EQ(c_call_i32(instance, 1, 0x1003), 5);
    c_check_trap(
        c_call(instance, 1, &(wasm_val_t)WASM_I32_VAL(0x20000), 1, NULL, 0),
        "out of bounds memory access");
    CHECK(wasm_memory_grow(memory, 1));
    CHECK(!wasm_memory_grow(memory, 1));
    CHECK_EQ(c_call_i32(instance, 1, 0x20000), 0);
    type = wasm_memory_type(memory);
    CHECK_EQ(wasm_memorytype_limits(type)->min, 3);
    CHECK_EQ(wasm_memorytype_limits(type)->max, 3);
    wasm_memorytype_delete(type);
    wasm_extern_delete(ext);
    wasm_instance_delete(instance);
    c_close();
}

static wasm_memory_t *new_memory(uint32_t min, uint32_t max)
{
    const wasm_limits_t limits = {min, max};
    wasm_memorytype_t *type = wasm_memorytype_new(&limits);
    wasm_memory_t *memory = wasm_memory_new(c_store, type);

    wasm_memorytype_delete(type);
    return memory;
}

TEST(wasm_h_memories_of_the_host)
{
    wasm_memory_t *memory;

    c_open();
    memory = new_memory(0, 2);
    CHECK_EQ(wasm_memory_size(memory), 0);
    CHECK(wasm_memory_grow(memory, 2));
    CHECK(!wasm_memory_grow(memory, 1));
    wasm_memory_delete(memory);
    CHECK(new_memory(3, 2) == NULL);
    CHECK(new_memory(65537, wasm_limits_max_default) == NULL);
    c_close();
}

/* What wasm.h cannot say is not lost on the way through it. */
TEST(wasm_h_types_keep_what_they_cannot_say)
{
    wasm_instance_t *instance;
    wasm_memorytype_t *type, *shared_type;
    wasm_memory_t *memory, *shared;
    wasm_extern_t *ext, *ext2;

    c_open();
    instance = c_instance("(module (memory (export \"m\") i64 1 5)"
                          "  (memory (export \"s\") 1 2 shared))",
                          NULL, NULL);
    ext = c_export(instance, 0);
    ext2 = c_export(instance, 1);
    type = wasm_memory_type(wasm_extern_as_memory(ext));
    shared_type = wasm_memory_type(wasm_extern_as_memory(ext2));
    memory = wasm_memory_new(c_store, type);
    shared = wasm_memory_new(c_store, shared_type);
    wasm_instance_delete(instance);
    instance = c_instance("(module (import \"\" \"m\" (memory i64 1 5))"
                          "  (import \"\" \"s\" (memory 1 2 shared)))",
                          wasm_memory_as_extern(memory),
                          wasm_memory_as_extern(shared));
    wasm_instance_delete(instance);
    wasm_memorytype_delete(type);
    wasm_memorytype_delete(shared_type);
    wasm_memory_delete(memory);
    wasm_memory_delete(shared);
    wasm_extern_delete(ext);
    wasm_extern_delete(ext2);
    c_close();
}

/* -- Tables ---------------------------------------------------------------- */

static wasm_trap_t *negate(const wasm_val_vec_t *args, wasm_val_vec_t *results)
{
    results->data[0] = c_i32(-args->data[0].of.i32);
    return NULL;
}

TEST(wasm_h_table_of_functions)
{
    wasm_functype_t *type =
        wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
    wasm_instance_t *instance;
    wasm_extern_t *ext, *twice;
    wasm_table_t *table;
    wasm_func_t *func;
    wasm_ref_t *ref;

    c_open();
    func = wasm_func_new(c_store, type, negate);
    wasm_functype_delete(type);
    instance =
        c_instance("(module (table (export \"t\") 2 5 funcref)"
                   "  (func $twice (export \"twice\") (param i32) (result i32)"
                   "    (i32.mul (local.get 0) (i32.const 2)))"
                   "  (elem (i32.const 1) $twice)"
                   "  (func (export \"call\") (param i32) (result i32)"
                   "    (call_indirect (param i32) (result i32)"
                   "      (i32.const 20) (local.get 0))))",
                   NULL, NULL);
    ext = c_export(instance, 0);
    twice = c_export(instance, 1);
    table = wasm_extern_as_table(ext);
    CHECK_EQ(wasm_table_size(table), 2);
    CHECK(wasm_table_get(table, 0) == NULL);
    ref = wasm_table_get(table, 1);
    CHECK(wasm_ref_as_func(ref) == wasm_extern_as_func(twice));
    wasm_ref_delete(ref);
    CHECK_EQ(c_call_i32(instance, 2, 1), 40);
    CHECK(wasm_table_set(table, 0, wasm_func_as_ref(func)));
    CHECK(!wasm_table_set(table, 2, NULL));
    CHECK_EQ(c_call_i32(instance, 2, 0), -20);
    CHECK(wasm_table_grow(table, 3, wasm_func_as_ref(func)));
    CHECK(!wasm_table_grow(table, 1, NULL));
    CHECK_EQ(c_call_i32(instance, 2, 4), -20);
    CHECK(wasm_table_set(table, 4, NULL));
    c_check_trap(c_call(instance, 2, &(wasm_val_t)WASM_I32_VAL(4), 1, NULL, 0),
                 "uninitialized element");
    wasm_extern_delete(ext);
    wasm_extern_delete(twice);
    wasm_func_delete(func);
    wasm_instance_delete(instance);
    c_close();
}

TEST(wasm_h_tables_of_the_host)
{
    const wasm_limits_t limits = {3, 4}, wrong = {3, 2};
    wasm_tabletype_t *type =
        wasm_tabletype_new(wasm_valtype_new_externref(), &limits);
    wasm_tabletype_t *bad =
        wasm_tabletype_new(wasm_valtype_new_externref(), &wrong);
    wasm_foreign_t *foreign;
    wasm_table_t *table;
    wasm_tabletype_t *now;
    wasm_ref_t *ref;

    c_open();
    foreign = wasm_foreign_new(c_store);
    table = wasm_table_new(c_store, type, wasm_foreign_as_ref(foreign));
    CHECK_EQ(wasm_table_size(table), 3);
    ref = wasm_table_get(table, 2);
    CHECK(wasm_ref_as_foreign(ref) == foreign);
    wasm_ref_delete(ref);
    CHECK(wasm_table_grow(table, 1, NULL));
    now = wasm_table_type(table);
    CHECK_EQ(wasm_tabletype_limits(now)->min, 4);
    CHECK_EQ(wasm_valtype_kind(wasm_tabletype_element(now)), WASM_EXTERNREF);
    wasm_tabletype_delete(now);
    CHECK(wasm_table_new(c_store, bad, NULL) == NULL);
    wasm_tabletype_delete(type);
    wasm_tabletype_delete(bad);
    wasm_table_delete(table);
    wasm_foreign_delete(foreign);
    c_close();
}
