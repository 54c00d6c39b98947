/*
 * NULL where something is needed: functions that can report it do, on behalf of
 * hosts that have not looked whether there is what they asked for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/api/host.h"

#include "wasmrt/debug.h"
#include "wasmrt/text.h"

static void misuse(wasmrt_error *error)
{
    check_code(error, WASMRT_ERR_MISUSE);
}

static wasmrt_error *host(void *env, wasmrt_caller *caller,
                          const wasmrt_val *args, wasmrt_val *results)
{
    (void)env;
    (void)caller;
    (void)args;
    (void)results;
    return NULL;
}

static wasmrt_error *raw(void *env, wasmrt_caller *caller, wasmrt_slot *slots)
{
    (void)env;
    (void)caller;
    (void)slots;
    return NULL;
}

static wasmrt_instance *instance(void)
{
    return host_instance("(module (memory (export \"m\") 1)"
                         "  (func (export \"f\") (param i32)))");
}

TEST(null_engine_module_and_store_are_misuse)
{
    wasmrt_instance *inst;
    wasmrt_module *module;
    wasmrt_store *other;

    host_open();
    module = host_module("(module)");
    misuse(wasmrt_engine_new(NULL, NULL));
    misuse(wasmrt_module_new(NULL, "", 0, &module));
    misuse(wasmrt_module_new(engine, NULL, 1, &module));
    misuse(wasmrt_module_new(engine, "", 0, NULL));
    misuse(wasmrt_module_new_borrowed(NULL, "", 0, &module));
    misuse(wasmrt_module_new_borrowed(engine, NULL, 1, &module));
    misuse(wasmrt_module_new_borrowed(engine, "", 0, NULL));
    misuse(wasmrt_module_from_file(engine, NULL, &module));
    misuse(wasmrt_module_validate(engine, NULL, 1));
    misuse(wasmrt_module_check_custom(NULL));
    misuse(wasmrt_module_dump(NULL, 1, NULL, NULL, NULL));
    misuse(wasmrt_module_dump(module, 1, NULL, NULL, NULL));
    misuse(wasmrt_store_new(NULL, &other));
    misuse(wasmrt_store_new(engine, NULL));
    misuse(wasmrt_store_new_sibling(NULL, &other));
    misuse(wasmrt_store_set_fuel(NULL, 1));
    misuse(wasmrt_store_add_fuel(NULL, 1));
    misuse(wasmrt_store_attach(NULL, "", NULL, NULL));
    misuse(wasmrt_store_gc(NULL));
    misuse(wasmrt_linker_new(engine, NULL));
    misuse(wasmrt_linker_instantiate(linker, store, NULL, &inst));
    misuse(wasmrt_linker_instantiate(linker, store, module, NULL));
    wasmrt_module_delete(module);
    host_close();
}

TEST(null_objects_are_misuse)
{
    wasmrt_val null = {.kind = WASMRT_FUNCREF}, number = wasmrt_i32(1);
    wasmrt_extern *ext;
    wasmrt_root *root;
    wasmrt_memory *memory;
    wasmrt_table *table;
    wasmrt_global *global;

    host_open();
    misuse(wasmrt_extern_new(NULL, NULL, &ext));
    misuse(wasmrt_extern_new(store, NULL, NULL));
    misuse(wasmrt_extern_new_owned(NULL, NULL, NULL, &ext));
    misuse(wasmrt_root_new(NULL, &null, &root));
    misuse(wasmrt_root_new(store, NULL, &root));
    misuse(wasmrt_root_new(store, &null, NULL));
    misuse(wasmrt_memory_new(NULL, 1, 1, &memory));
    misuse(wasmrt_memory_new(store, 1, 1, NULL));
    misuse(wasmrt_memory_new_shared(NULL, 1, 1, &memory));
    misuse(wasmrt_memory_new_shared(store, 1, 1, NULL));
    misuse(wasmrt_memory_grow(NULL, 1, NULL));
    misuse(wasmrt_table_new(NULL, WASMRT_FUNCREF, 1, 1, &table));
    misuse(wasmrt_table_new(store, WASMRT_FUNCREF, 1, 1, NULL));
    check_ok(wasmrt_table_new(store, WASMRT_FUNCREF, 1, 1, &table));
    misuse(wasmrt_table_set(NULL, 0, &null));
    misuse(wasmrt_table_set(table, 0, NULL));
    misuse(wasmrt_global_new(NULL, &number, true, &global));
    misuse(wasmrt_global_new(store, NULL, true, &global));
    misuse(wasmrt_global_new(store, &number, true, NULL));
    check_ok(wasmrt_global_new(store, &number, true, &global));
    misuse(wasmrt_global_set(NULL, &number));
    misuse(wasmrt_global_set(global, NULL));
    host_close();
}

TEST(null_functions_and_names_are_misuse)
{
    wasmrt_instance *inst;
    wasmrt_func *func;
    wasmrt_tag *tag;
    wasmrt_val arg = wasmrt_i32(1);

    host_open();
    inst = instance();
    func = wasmrt_instance_func(inst, "f");
    misuse(wasmrt_func_new(NULL, "() -> ()", host, NULL, NULL, &func));
    misuse(wasmrt_func_new(store, NULL, host, NULL, NULL, &func));
    misuse(wasmrt_func_new(store, "() -> ()", host, NULL, NULL, NULL));
    misuse(wasmrt_func_call(NULL, func, &arg, 1, NULL, 0));
    misuse(wasmrt_func_call(store, NULL, &arg, 1, NULL, 0));
    misuse(wasmrt_func_call(store, func, NULL, 1, NULL, 0));
    misuse(wasmrt_call(NULL, func, "(i32) -> ()", 1));
    misuse(wasmrt_tag_new(NULL, "() -> ()", &tag));
    misuse(wasmrt_tag_new(store, "() -> ()", NULL));
    check_ok(wasmrt_tag_new(store, "() -> ()", &tag));
    misuse(wasmrt_exception_new(NULL, tag, NULL, 0));
    misuse(wasmrt_exception_new(store, NULL, NULL, 0));
    misuse(wasmrt_task_results(NULL, NULL, 0));
    misuse(wasmrt_linker_define(NULL, "a", "b", "() -> ()", host, NULL));
    misuse(wasmrt_linker_define(linker, NULL, "b", "() -> ()", host, NULL));
    misuse(wasmrt_linker_define(linker, "a", "b", NULL, host, NULL));
    misuse(wasmrt_linker_define_raw(NULL, "a", "b", "() -> ()", raw, NULL));
    misuse(wasmrt_linker_define_extern(linker, store, "a", "b", NULL));
    misuse(wasmrt_linker_define_shared(NULL, "a", "b", NULL));
    misuse(wasmrt_linker_define_shared(linker, "a", "b", NULL));
    misuse(wasmrt_linker_define_instance(NULL, "a", inst));
    misuse(wasmrt_linker_define_instance(linker, "a", NULL));
    host_close();
}

TEST(null_text_and_wasi_are_misuse)
{
    wasmrt_wasi_config *config = wasmrt_wasi_config_new();
    wasmrt_script *script;
    uint8_t *bytes;
    char *text;
    size_t len;

    host_open();
    misuse(wasmrt_wat2wasm(NULL, 1, 0, &bytes, &len));
    misuse(wasmrt_wat2wasm("", 0, 0, NULL, &len));
    misuse(wasmrt_wasm2wat(NULL, 1, 0, &text, &len));
    misuse(wasmrt_script_new(NULL, 1, &script));
    misuse(wasmrt_wasi_link(NULL));
    misuse(wasmrt_wasi_link_stubs(linker, NULL));
    misuse(wasmrt_wasi_link_imports(linker, NULL));
    misuse(wasmrt_store_set_wasi(NULL, config));
    misuse(wasmrt_store_set_wasi(store, NULL));
    misuse(wasmrt_wasi_start(store, NULL));
    misuse(wasmrt_run_wasi(engine, NULL, config));
    wasmrt_wasi_config_delete(config);
    host_close();
}

/* What is not there: no export of that name, a caller without a memory. */
TEST(null_has_no_exports_and_no_bytes)
{
    wasmrt_extern_val value;
    wasmrt_val element;
    char byte = 1;

    host_open();
    CHECK(wasmrt_instance_func(NULL, "f") == NULL);
    CHECK(wasmrt_instance_func(instance(), NULL) == NULL);
    CHECK(!wasmrt_instance_export(NULL, "f", &value));
    CHECK_EQ(wasmrt_memory_size(NULL), 0);
    CHECK(wasmrt_memory_ptr(NULL, 0, 0) == NULL);
    CHECK(!wasmrt_memory_read(NULL, 0, &byte, 1));
    CHECK(!wasmrt_memory_write(NULL, 0, &byte, 1));
    CHECK_EQ(wasmrt_table_size(NULL), 0);
    CHECK(!wasmrt_table_get(NULL, 0, &element));
    host_close();
}
