/*
 * Limits of a store: what they refuse, how they say so, and that the store and
 * its guests go on afterwards.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/api/host.h"

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
