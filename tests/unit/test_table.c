/*
 * Tables.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/table.h"

#include "runtime/store/ops.h"
#include "tests/unit/world.h"

static struct wrt_table_inst *new_table(uint64_t min, uint64_t max)
{
    wasmrt_table *table;

    check_ok(wasmrt_table_new(world.store, WASMRT_EXTERNREF, min, max, &table));
    return table;
}

TEST(table_grows_with_a_value)
{
    struct wrt_table_inst *t;
    int a, b;

    world_open(WASMRT_BOUNDS_CHECK);
    t = new_table(2, 100);
    CHECK_EQ(t->size, 2);
    CHECK(t->elems[1] == NULL);
    CHECK_EQ(wrt_table_grow(t, 0, &a), 2);
    CHECK_EQ(wrt_table_grow(t, 3, &a), 2);
    CHECK_EQ(wrt_table_grow(t, 95, &b), 5);
    CHECK_EQ(t->elems[4], (void *)&a);
    CHECK_EQ(t->elems[5], (void *)&b);
    CHECK_EQ(t->elems[99], (void *)&b);
    CHECK(t->elems[1] == NULL);
    CHECK_EQ(wrt_table_grow(t, 1, NULL), -1);
    CHECK_EQ(wrt_table_grow(t, UINT64_MAX, NULL), -1);
    CHECK_EQ(world.store->quota->table_elems.now, 100);
    world_close();
}

TEST(table_limit_counts_all_tables)
{
    struct wrt_table_inst *a;
    wasmrt_table *b;

    world_open(WASMRT_BOUNDS_CHECK);
    wasmrt_store_set_table_limit(world.store, 10);
    a = new_table(4, UINT64_MAX);
    CHECK_EQ(wrt_table_grow(a, 4, NULL), 4);
    check_error(
        wasmrt_table_new(world.store, WASMRT_FUNCREF, 3, UINT64_MAX, &b),
        WASMRT_ERR_TABLE_LIMIT, "8 of 10 in use");
    check_ok(wasmrt_table_new(world.store, WASMRT_FUNCREF, 2, UINT64_MAX, &b));
    CHECK_EQ(wrt_table_grow(a, 1, NULL), -1);
    world_close();
}

TEST(table_growth_fails_without_memory)
{
    struct wrt_table_inst *t;

    world_open(WASMRT_BOUNDS_CHECK);
    t = new_table(2, UINT64_MAX);
    world.heap.fail_at = world.heap.calls;
    CHECK_EQ(wrt_table_grow(t, 50, NULL), -1);
    CHECK(world.heap.fired);
    CHECK_EQ(t->size, 2);
    CHECK_EQ(world.store->quota->table_elems.now, 2);
    CHECK_EQ(wrt_table_grow(t, 50, NULL), 2);
    world_close();
}

TEST(table_growth_is_interruptible)
{
    struct wrt_table_inst *t;

    world_open(WASMRT_BOUNDS_CHECK);
    t = new_table(2, UINT64_MAX);
    wasmrt_store_interrupt(world.store);
    CHECK_EQ(wrt_table_grow(t, 100000, NULL), -1);
    CHECK_EQ(t->size, 2);
    CHECK_EQ(world.store->quota->table_elems.now, 2);
    wasmrt_store_clear_interrupt(world.store);
    CHECK_EQ(wrt_table_grow(t, 100000, NULL), 2);
    world_close();
}

TEST(table_elements_are_checked)
{
    struct wrt_table_inst *t;
    wasmrt_extern *ref;
    wasmrt_val value = {.kind = WASMRT_EXTERNREF}, got;
    wasmrt_val number = wasmrt_i32(1);
    int data;

    world_open(WASMRT_BOUNDS_CHECK);
    t = new_table(2, UINT64_MAX);
    check_ok(wasmrt_extern_new(world.store, &data, &ref));
    value.of.ext = ref;
    check_ok(wasmrt_table_set(t, 1, &value));
    CHECK(wasmrt_table_get(t, 1, &got));
    CHECK_EQ(got.kind, WASMRT_EXTERNREF);
    CHECK_EQ(wasmrt_extern_data(got.of.ext), (void *)&data);
    CHECK(wasmrt_table_get(t, 0, &got));
    CHECK(got.of.ext == NULL);
    CHECK(!wasmrt_table_get(t, 2, &got));
    check_error(wasmrt_table_set(t, 2, &value), WASMRT_ERR_MISUSE, "bounds");
    check_error(wasmrt_table_set(t, 0, &number), WASMRT_ERR_MISUSE, "type");
    check_error(wasmrt_table_new(world.store, WASMRT_I32, 0, 1, &t),
                WASMRT_ERR_MISUSE, "kind");
    check_error(wasmrt_table_new(world.store, WASMRT_FUNCREF, 2, 1, &t),
                WASMRT_ERR_MISUSE, "minimum");
    world_close();
}

TEST(table_refuses_references_of_another_store)
{
    struct wrt_table_inst *t;
    struct wrt_store *other;
    wasmrt_val value = {.kind = WASMRT_EXTERNREF};

    world_open(WASMRT_BOUNDS_CHECK);
    t = new_table(1, UINT64_MAX);
    check_ok(wrt_store_new(world.engine, &other));
    check_ok(wasmrt_extern_new(other, NULL, &value.of.ext));
    check_error(wasmrt_table_set(t, 0, &value), WASMRT_ERR_MISUSE,
                "another store");
    wrt_store_delete(other);
    world_close();
}
