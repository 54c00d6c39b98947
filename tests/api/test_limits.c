/*
 * Limits of a store: what they refuse, how they say so, and that the store and
 * its guests go on afterwards.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/api/host.h"

#include "wasmrt/text.h"

static const char growing[] =
    "(module (memory (export \"m\") 1) (table (export \"t\") 1 funcref)"
    " (func (export \"memory\") (param i32) (result i32)"
    "   (memory.grow (local.get 0)))"
    " (func (export \"table\") (param i32) (result i32)"
    "   (table.grow (ref.null func) (local.get 0))))";

TEST(limits_of_memory_and_tables_refuse_growth)
{
    wasmrt_instance *inst;

    host_open();
    wasmrt_store_set_memory_limit(store, 3 * 65536);
    wasmrt_store_set_table_limit(store, 3);
    inst = host_instance(growing);
    CHECK_EQ(call_i32(inst, "memory", 1, 3), -1);
    CHECK_EQ(wasmrt_store_refused_growth(store), 1);
    CHECK_EQ(call_i32(inst, "memory", 1, 2), 1);
    CHECK_EQ(wasmrt_store_memory_bytes(store), 3 * 65536);
    CHECK_EQ(call_i32(inst, "table", 1, 3), -1);
    CHECK_EQ(wasmrt_store_refused_growth(store), 2);
    CHECK_EQ(call_i32(inst, "table", 1, 2), 1);
    /* A limit can be raised while everything is alive. */
    wasmrt_store_set_memory_limit(store, 4 * 65536);
    wasmrt_store_set_table_limit(store, 4);
    CHECK_EQ(call_i32(inst, "memory", 1, 1), 3);
    CHECK_EQ(call_i32(inst, "table", 1, 1), 3);
    CHECK_EQ(wasmrt_store_refused_growth(store), 2);
    host_close();
}

/* What the module's own maximum refuses is no business of the store's. */
TEST(limits_of_modules_are_not_those_of_the_store)
{
    wasmrt_instance *inst;

    host_open();
    inst = host_instance("(module (memory 1 1) (table 1 1 funcref)"
                         " (func (export \"f\") (result i32)"
                         "   (i32.add (memory.grow (i32.const 1))"
                         "     (table.grow (ref.null func) (i32.const 1)))))");
    CHECK_EQ(call_i32(inst, "f", 0), -2);
    CHECK_EQ(wasmrt_store_refused_growth(store), 0);
    host_close();
}

TEST(limits_of_memory_and_tables_refuse_instances)
{
    host_open();
    wasmrt_store_set_memory_limit(store, 65535);
    check_error(host_instance_error(growing), WASMRT_ERR_MEMORY_LIMIT,
                "65536 bytes needed, 0 of 65535 in use");
    wasmrt_store_set_memory_limit(store, 65536);
    wasmrt_store_set_table_limit(store, 0);
    check_error(host_instance_error(growing), WASMRT_ERR_TABLE_LIMIT,
                "1 elements needed, 0 of 0 in use");
    wasmrt_store_set_table_limit(store, 1);
    host_instance(growing);
    check_error(host_instance_error(growing), WASMRT_ERR_TABLE_LIMIT, "1 of 1");
    host_close();
}

TEST(limits_of_counts_refuse_one_more)
{
    host_open();
    wasmrt_store_set_count_limits(store, 2, UINT64_MAX, UINT64_MAX);
    host_instance("(module)");
    host_instance(growing);
    check_error(host_instance_error("(module)"), WASMRT_ERR_COUNT_LIMIT,
                "2 instances");
    wasmrt_store_set_count_limits(store, 4, 1, UINT64_MAX);
    check_error(host_instance_error("(module (memory 0))"),
                WASMRT_ERR_COUNT_LIMIT, "1 memories");
    wasmrt_store_set_count_limits(store, 4, 2, 1);
    check_error(host_instance_error("(module (memory 0) (table 0 funcref))"),
                WASMRT_ERR_COUNT_LIMIT, "1 tables");
    /* What failed has given back what it had: there is room for one memory and
     * two instances. */
    host_instance("(module (memory 0))");
    host_instance("(module)");
    check_error(host_instance_error("(module)"), WASMRT_ERR_COUNT_LIMIT,
                "4 instances");
    host_close();
}

TEST(limit_of_the_stack_is_kept)
{
    wasmrt_config *config = host_config();
    wasmrt_instance *inst;

    wasmrt_config_set_max_stack(config, 64 * 1024);
    host_open_with(config);
    inst = host_instance(
        "(module (func $f (export \"deep\") (param i32) (result i32)"
        "  (if (result i32) (local.get 0)"
        "    (then (i32.add (call $f (i32.sub (local.get 0) (i32.const 1)))"
        "      (i32.const 1)))"
        "    (else (i32.const 0))))"
        " (func (export \"all\") (drop (call $f (i32.const 1000000)))))");
    CHECK_EQ(call_i32(inst, "deep", 1, 500), 500);
    check_error(call(inst, "all"), WASMRT_ERR_STACK_OVERFLOW,
                "call stack exhausted");
    CHECK_EQ(call_i32(inst, "deep", 1, 500), 500);
    host_close();
}

/* -- Of the configuration -------------------------------------------------- */

TEST(limits_of_the_configuration_are_those_of_its_stores)
{
    wasmrt_config *config = host_config();
    wasmrt_store *first;
    wasmrt_instance *inst;

    wasmrt_config_set_memory_limit(config, 2 * 65536);
    wasmrt_config_set_table_limit(config, 2);
    wasmrt_config_set_count_limits(config, 2, 2, 2);
    host_open_with(config);
    first = store;
    for (int i = 0; i < 2; i++) {
        if (i)
            check_ok(wasmrt_store_new(engine, &store));
        inst = host_instance(growing);
        CHECK_EQ(call_i32(inst, "memory", 1, 2), -1);
        CHECK_EQ(call_i32(inst, "memory", 1, 1), 1);
        CHECK_EQ(call_i32(inst, "table", 1, 2), -1);
        CHECK_EQ(call_i32(inst, "table", 1, 1), 1);
        (void)host_instance("(module)");
        check_error(host_instance_error("(module)"), WASMRT_ERR_COUNT_LIMIT,
                    "2 instances");
        /* One store more is allowed more. */
        wasmrt_store_set_memory_limit(store, 3 * 65536);
        CHECK_EQ(call_i32(inst, "memory", 1, 1), 2);
    }
    wasmrt_store_delete(first);
    host_close();
}

TEST(limits_of_objects_are_those_of_the_configuration)
{
    wasmrt_config *config = host_config();

    wasmrt_config_set_gc_limit(config, 65536);
    host_open_with(config);
    check_code(call(host_instance("(module (type $a (array i8))"
                                  " (func (export \"f\")"
                                  "  (drop (array.new_default $a"
                                  "   (i32.const 1000000)))))"),
                    "f"),
               WASMRT_ERR_GC_HEAP_EXHAUSTED);
    host_close();
}

/* An empty module has 8 bytes. */
TEST(limits_of_modules_are_bytes)
{
    static const uint8_t empty[] = {0, 'a', 's', 'm', 1, 0, 0, 0, 0, 1, 0};
    wasmrt_config *config = host_config();
    wasmrt_module *module;

    wasmrt_config_set_module_limit(config, 8);
    host_open_with(config);
    check_ok(wasmrt_module_new(engine, empty, 8, &module));
    wasmrt_module_delete(module);
    check_error(wasmrt_module_new(engine, empty, 11, &module), WASMRT_ERR_LIMIT,
                "11 bytes (limit 8)");
    check_error(wasmrt_module_validate(engine, empty, 11), WASMRT_ERR_LIMIT,
                "11 bytes (limit 8)");
    check_code(wasmrt_module_new(engine, "(module (func))", 15, &module),
               WASMRT_ERR_LIMIT);
    host_close();
}

/* A function that is called often enough for its code to be the limit's. */
static const char large[] =
    "(module (func (export \"small\") (result i32) (i32.const 7))"
    " (func (export \"large\") (param i32) (result i32)"
#define SUM                                                                    \
    "(local.set 0 (i32.add (local.get 0) (i32.mul (local.get 0)"               \
    " (i32.const 77777))))"
    SUM SUM SUM SUM SUM SUM SUM SUM SUM SUM SUM SUM SUM SUM SUM SUM SUM SUM SUM
        SUM SUM SUM SUM SUM SUM SUM SUM SUM SUM SUM SUM SUM SUM SUM SUM SUM SUM
            SUM SUM SUM SUM SUM SUM SUM SUM SUM SUM SUM SUM SUM SUM
    "(local.get 0)))";

static void check_code_limit(wasmrt_compile compile)
{
    wasmrt_config *config = host_config();
    wasmrt_val arg = wasmrt_i32(1), result;
    wasmrt_instance *inst;
    wasmrt_module *module;
    wasmrt_error *error;
    uint8_t *bytes;
    size_t len;

    wasmrt_config_set_code_limit(config, 512);
    wasmrt_config_set_compile(config, compile);
    host_open_with(config);
    if (compile == WASMRT_COMPILE_EAGER) {
        check_ok(wasmrt_wat2wasm(large, sizeof(large) - 1, 0, &bytes, &len));
        check_error(wasmrt_module_new(engine, bytes, len, &module),
                    WASMRT_ERR_LIMIT, "code of function 1");
        wasmrt_bytes_delete(bytes);
    } else {
        inst = host_instance(large);
        CHECK_EQ(call_i32(inst, "small", 0), 7);
        error = wasmrt_func_call(store, wasmrt_instance_func(inst, "large"),
                                 &arg, 1, &result, 1);
        check_error(error, WASMRT_ERR_LIMIT, "limit 512)");
        CHECK_EQ(call_i32(inst, "small", 0), 7);
    }
    host_close();
}

TEST(limits_of_code_refuse_functions)
{
    check_code_limit(WASMRT_COMPILE_LAZY);
}

TEST(limits_of_code_refuse_modules)
{
    check_code_limit(WASMRT_COMPILE_EAGER);
}

/* Machine code that has no room is interpreted. */
TEST(limits_of_code_leave_the_interpreter)
{
    wasmrt_config *config = host_config();

    wasmrt_config_set_code_limit(config, 65535);
    host_open_with(config);
    CHECK_EQ(call_i32(host_instance(large), "small", 0), 7);
    host_close();
}
