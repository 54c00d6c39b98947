/*
 * wasm.h: references of the host in guests, host info, what outlives a store.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/api/c_host.h"

#include "wasmrt/bridge.h"
#include "wasmrt/debug.h"
#include "wasmrt/gc.h"

static const char keeper[] =
    "(module (import \"\" \"f\" (func $f (param externref) (result externref)))"
    "  (global $g (export \"g\") (mut externref) (ref.null extern))"
    "  (table $t (export \"t\") 10 20 externref)"
    "  (func (export \"set\") (param externref) (global.set $g (local.get 0)))"
    "  (func (export \"get\") (result externref) (global.get $g))"
    "  (func (export \"tset\") (param i32 externref)"
    "    (table.set $t (local.get 0) (local.get 1)))"
    "  (func (export \"tget\") (param i32) (result externref)"
    "    (table.get $t (local.get 0)))"
    "  (func (export \"call\") (param externref) (result externref)"
    "    (call $f (local.get 0))))";

static int seen;

static wasm_trap_t *look(const wasm_val_vec_t *args, wasm_val_vec_t *results)
{
    if (args->data[0].of.ref)
        seen = *(int *)wasm_ref_get_host_info(args->data[0].of.ref);
    wasm_val_copy(&results->data[0], &args->data[0]);
    return NULL;
}

static wasm_instance_t *open_keeper(void)
{
    wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_externref(),
                                                  wasm_valtype_new_externref());
    wasm_instance_t *instance;
    wasm_func_t *func;

    c_open();
    func = wasm_func_new(c_store, type, look);
    wasm_functype_delete(type);
    instance = c_instance(keeper, wasm_func_as_extern(func), NULL);
    wasm_func_delete(func);
    return instance;
}

static void collect(void)
{
    wasmrt_error *error = wasmrt_store_gc(wasmrt_store_from_wasm(c_store));

    CHECK(error == NULL);
}

/* Calls export n with an argument, or none, for a reference. */
static wasm_ref_t *call_ref(const wasm_instance_t *instance, size_t n,
                            const wasm_val_t *arg)
{
    wasm_val_t result = WASM_INIT_VAL;

    CHECK(c_call(instance, n, arg, arg != NULL, &result, 1) == NULL);
    CHECK_EQ(result.kind, WASM_EXTERNREF);
    return result.of.ref;
}

/* ref must be, and is given up. */
static void check_same(wasm_ref_t *ref, const wasm_ref_t *expected)
{
    CHECK(ref == expected || wasm_ref_same(ref, expected));
    wasm_ref_delete(ref);
}

TEST(wasm_h_host_references_come_back_the_same)
{
    static int one = 1, two = 2;
    wasm_instance_t *instance = open_keeper();
    wasm_ref_t *a = wasm_foreign_as_ref(wasm_foreign_new(c_store));
    wasm_ref_t *b = wasm_foreign_as_ref(wasm_foreign_new(c_store));
    wasm_val_t vals[2] = {c_i32(3), c_ref(a)}, val;
    wasm_extern_t *global = c_export(instance, 0);
    wasm_extern_t *table = c_export(instance, 1);

    wasm_ref_set_host_info(a, &one);
    wasm_ref_set_host_info(b, &two);
    CHECK(!wasm_ref_same(a, b));
    check_same(call_ref(instance, 3, NULL), NULL);
    CHECK(c_call(instance, 2, &vals[1], 1, NULL, 0) == NULL);
    collect();
    check_same(call_ref(instance, 3, NULL), a);
    val = c_ref(b);
    wasm_global_set(wasm_extern_as_global(global), &val);
    wasm_global_get(wasm_extern_as_global(global), &val);
    check_same(val.of.ref, b);
    check_same(call_ref(instance, 3, NULL), b);

    CHECK(c_call(instance, 4, vals, 2, NULL, 0) == NULL);
    CHECK(wasm_table_set(wasm_extern_as_table(table), 4, b));
    CHECK(wasm_table_grow(wasm_extern_as_table(table), 2, a));
    collect();
    check_same(wasm_table_get(wasm_extern_as_table(table), 3), a);
    check_same(wasm_table_get(wasm_extern_as_table(table), 11), a);
    CHECK(wasm_table_get(wasm_extern_as_table(table), 5) == NULL);
    val = c_i32(4);
    check_same(call_ref(instance, 5, &val), b);

    val = c_ref(b);
    check_same(call_ref(instance, 6, &val), b);
    CHECK_EQ(seen, 2);
    val = c_ref(NULL);
    check_same(call_ref(instance, 6, &val), NULL);
    wasm_extern_delete(global);
    wasm_extern_delete(table);
    wasm_ref_delete(a);
    wasm_ref_delete(b);
    wasm_instance_delete(instance);
    c_close();
}

/* Anything is an externref; and only a function is a funcref. */
TEST(wasm_h_any_handle_is_an_externref)
{
    wasm_instance_t *instance = open_keeper();
    wasm_module_t *module = c_module("(module (func (export \"f\")))");
    wasm_ref_t *refs[] = {wasm_instance_as_ref(instance),
                          wasm_module_as_ref(module), NULL};
    wasm_extern_t *table = c_export(instance, 1), *func = c_export(instance, 2);

    refs[2] = wasm_extern_as_ref(func);
    for (size_t i = 0; i < 3; i++) {
        wasm_val_t val = c_ref(refs[i]);

        CHECK(c_call(instance, 2, &val, 1, NULL, 0) == NULL);
        check_same(call_ref(instance, 3, NULL), refs[i]);
    }
    CHECK(wasm_ref_as_instance(refs[0]) == instance);
    CHECK(wasm_ref_as_module(refs[0]) == NULL);
    CHECK(wasm_ref_as_extern(refs[2]) == func);
    CHECK(wasm_ref_as_func(refs[2]) == wasm_extern_as_func(func));
    CHECK(wasm_ref_as_global(refs[2]) == NULL);
    CHECK(wasm_ref_as_foreign(refs[2]) == NULL);
    CHECK(wasm_ref_as_trap(NULL) == NULL);
    CHECK(wasm_extern_as_memory(table) == NULL);
    wasm_extern_delete(table);
    wasm_extern_delete(func);
    wasm_module_delete(module);
    wasm_instance_delete(instance);
    c_close();
}

TEST(wasm_h_funcrefs_are_functions)
{
    wasm_instance_t *instance;
    wasm_extern_t *table, *func;
    wasm_foreign_t *foreign;
    wasm_val_t result = WASM_INIT_VAL, arg;

    c_open();
    foreign = wasm_foreign_new(c_store);
    instance = c_instance("(module (table (export \"t\") 2 funcref)"
                          "  (func (export \"id\") (param funcref)"
                          "    (result funcref) (local.get 0)))",
                          NULL, NULL);
    table = c_export(instance, 0);
    func = c_export(instance, 1);
    arg = c_ref(wasm_extern_as_ref(func));
    CHECK(c_call(instance, 1, &arg, 1, &result, 1) == NULL);
    CHECK_EQ(result.kind, WASM_FUNCREF);
    check_same(result.of.ref, wasm_extern_as_ref(func));
    CHECK(wasm_table_set(wasm_extern_as_table(table), 1,
                         wasm_extern_as_ref(func)));
    CHECK(!wasm_table_set(wasm_extern_as_table(table), 1,
                          wasm_foreign_as_ref(foreign)));
    check_same(wasm_table_get(wasm_extern_as_table(table), 1),
               wasm_extern_as_ref(func));
    arg = c_ref(wasm_foreign_as_ref(foreign));
    c_check_trap(c_call(instance, 1, &arg, 1, &result, 1),
                 "API misuse: a reference that is no function");
    wasm_foreign_delete(foreign);
    wasm_extern_delete(table);
    wasm_extern_delete(func);
    wasm_instance_delete(instance);
    c_close();
}

/* -- Objects of the guest's ------------------------------------------------ */

TEST(wasm_h_objects_of_guests_are_opaque_and_kept)
{
    static int info;
    wasm_val_t five = WASM_I32_VAL(5), result = WASM_INIT_VAL, arg;
    wasm_instance_t *instance;
    wasm_ref_t *object, *i31;

    c_open();
    instance =
        c_instance("(module (type $s (struct (field i32)))"
                   "  (func (export \"new\") (param i32) (result externref)"
                   "    (extern.convert_any (struct.new $s (local.get 0))))"
                   "  (func (export \"get\") (param externref) (result i32)"
                   "    (struct.get $s 0 (ref.cast (ref $s)"
                   "      (any.convert_extern (local.get 0)))))"
                   "  (func (export \"any\") (param anyref) (result anyref)"
                   "    (local.get 0))"
                   "  (func (export \"i31\") (result externref)"
                   "    (extern.convert_any (ref.i31 (i32.const 9)))))",
                   NULL, NULL);
    object = call_ref(instance, 0, &five);
    wasm_ref_set_host_info(object, &info);
    for (int i = 0; i < 3; i++)
        collect();
    arg = c_ref(object);
    CHECK(c_call(instance, 1, &arg, 1, &result, 1) == NULL);
    CHECK_EQ(result.of.i32, 5);
    CHECK(c_call(instance, 2, &arg, 1, &result, 1) == NULL);
    CHECK_EQ(result.kind, WASMRT_WASM_ANYREF);
    CHECK(wasm_ref_get_host_info(result.of.ref) == &info);
    check_same(result.of.ref, object);
    i31 = call_ref(instance, 3, NULL);
    check_same(call_ref(instance, 3, NULL), i31);
    wasm_ref_delete(i31);
    CHECK(wasm_ref_as_foreign(object) == NULL);
    wasm_instance_delete(instance);
    c_close();
    wasm_ref_delete(object); /* after its store */
}

/* Each argument is boxed while the boxes before it are not yet anywhere. */
TEST(wasm_h_arguments_survive_the_collector)
{
    wasm_val_t args[3], results[3];
    wasm_instance_t *instance;

    c_open();
    wasmrt_store_set_gc_stress(wasmrt_store_from_wasm(c_store), true);
    instance = c_instance("(module (func (export \"f\")"
                          "  (param externref externref externref)"
                          "  (result externref externref externref)"
                          "  (local.get 2) (local.get 0) (local.get 1)))",
                          NULL, NULL);
    for (int i = 0; i < 3; i++)
        args[i] = c_ref(wasm_foreign_as_ref(wasm_foreign_new(c_store)));
    for (int round = 0; round < 20; round++) {
        CHECK(c_call(instance, 0, args, 3, results, 3) == NULL);
        for (int i = 0; i < 3; i++)
            check_same(results[i].of.ref, args[(i + 2) % 3].of.ref);
    }
    for (int i = 0; i < 3; i++)
        wasm_val_delete(&args[i]);
    wasm_instance_delete(instance);
    c_close();
}

/* -- Host info ------------------------------------------------------------- */

static int live;

static void count_down(void *info)
{
    CHECK(info == &live);
    live--;
}

TEST(wasm_h_finalizers_of_instances_wait_for_the_store)
{
    enum { N = 2000 };
    wasm_extern_vec_t imports = WASM_EMPTY_VEC;
    wasm_module_t *module;

    c_open();
    module = c_module("(module (func (export \"f\")))");
    for (int i = 0; i < N; i++) {
        wasm_instance_t *instance =
            wasm_instance_new(c_store, module, &imports, NULL);

        wasm_instance_set_host_info_with_finalizer(instance, &live, count_down);
        wasm_instance_delete(instance);
        live++;
    }
    wasm_module_set_host_info_with_finalizer(module, &live, count_down);
    live++;
    CHECK_EQ(live, N + 1);
    wasm_module_delete(module); /* the handle is all that there is to find */
    CHECK_EQ(live, N);
    c_close();
    CHECK_EQ(live, 0);
}

TEST(wasm_h_host_info_stays_with_the_thing)
{
    static int info;
    wasm_instance_t *instance;
    wasm_extern_t *func;

    c_open();
    instance = c_instance("(module (func (export \"f\")))", NULL, NULL);
    func = c_export(instance, 0);
    CHECK(wasm_extern_get_host_info(func) == NULL);
    wasm_extern_set_host_info(func, &info);
    wasm_extern_delete(func);
    func = c_export(instance, 0);
    CHECK(wasm_extern_get_host_info(func) == &info);

    /* Another one finalizes the first. */
    live = 2;
    wasm_extern_set_host_info_with_finalizer(func, &live, count_down);
    wasm_extern_set_host_info(func, NULL);
    CHECK_EQ(live, 1);
    wasm_extern_delete(func);
    wasm_instance_delete(instance);
    c_close();
    CHECK_EQ(live, 1);
}

/* A box in the guest keeps a foreign object; its end is the object's. */
TEST(wasm_h_foreign_objects_end_when_nobody_has_them)
{
    wasm_instance_t *instance = open_keeper();
    wasm_foreign_t *foreign = wasm_foreign_new(c_store);
    wasm_val_t val = c_ref(wasm_foreign_as_ref(foreign)), null = c_ref(NULL);

    live = 1;
    wasm_foreign_set_host_info_with_finalizer(foreign, &live, count_down);
    CHECK(c_call(instance, 2, &val, 1, NULL, 0) == NULL);
    wasm_foreign_delete(foreign);
    collect();
    CHECK_EQ(live, 1);
    CHECK(c_call(instance, 2, &null, 1, NULL, 0) == NULL);
    collect();
    CHECK_EQ(live, 0);

    /* Or the store's. */
    foreign = wasm_foreign_new(c_store);
    val = c_ref(wasm_foreign_as_ref(foreign));
    live = 1;
    wasm_foreign_set_host_info_with_finalizer(foreign, &live, count_down);
    CHECK(c_call(instance, 2, &val, 1, NULL, 0) == NULL);
    wasm_foreign_delete(foreign);
    wasm_instance_delete(instance);
    c_close();
    CHECK_EQ(live, 0);
}

/* -- Handles without a store ----------------------------------------------- */

TEST(wasm_h_handles_may_outlive_their_store)
{
    wasm_instance_t *instance = open_keeper();
    wasm_extern_t *global = c_export(instance, 0);
    wasm_extern_t *table = c_export(instance, 1);
    wasm_extern_t *func = c_export(instance, 2);
    wasm_module_t *module = c_module("(module (func (export \"f\")))");
    wasm_extern_vec_t exports;
    wasm_exporttype_vec_t types;
    wasm_val_t val;

    wasm_store_delete(c_store);
    wasm_instance_exports(instance, &exports);
    CHECK_EQ(exports.size, 0);
    CHECK(wasm_extern_type(global) == NULL);
    wasm_global_get(wasm_extern_as_global(global), &val);
    CHECK(wasm_table_get(wasm_extern_as_table(table), 0) == NULL);
    CHECK(!wasm_table_grow(wasm_extern_as_table(table), 1, NULL));
    CHECK_EQ(wasm_table_size(wasm_extern_as_table(table)), 0);
    CHECK_EQ(wasm_func_param_arity(wasm_extern_as_func(func)), 0);
    wasm_module_exports(module, &types); /* a module needs no store */
    CHECK_EQ(types.size, 1);
    wasm_exporttype_vec_delete(&types);
    wasm_module_delete(module);
    wasm_extern_delete(global);
    wasm_extern_delete(table);
    wasm_extern_delete(func);
    wasm_instance_delete(instance);
    wasm_engine_delete(c_engine);
}

TEST(wasm_h_references_of_another_store_are_refused)
{
    wasm_instance_t *instance = open_keeper();
    wasm_store_t *other = wasm_store_new(c_engine);
    wasm_foreign_t *foreign = wasm_foreign_new(other);
    wasm_val_t val = c_ref(wasm_foreign_as_ref(foreign));

    c_check_trap(c_call(instance, 2, &val, 1, NULL, 0),
                 "API misuse: a reference of another store");
    wasm_foreign_delete(foreign);
    wasm_store_delete(other);
    wasm_instance_delete(instance);
    c_close();
}
