/*
 * Bulk operations on memories and tables.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/ops.h"

#include "tests/unit/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A memory of 64 MiB, so that operations have several slices. */
enum { PAGES = 1024, BYTES = PAGES * 65536 };

static struct wrt_instance *open_memory(void)
{
    world_open(WASMRT_BOUNDS_CHECK);
    return world_instance("(module (memory 1024) (data $d \"abcdefgh\"))");
}

TEST(ops_fill_checks_bounds_before_writing)
{
    struct wrt_instance *inst = open_memory();
    uint8_t *base = inst->mem0->base;

    CHECK_EQ(wrt_op_memory_fill(inst, 0, BYTES - 3, 9, 4),
             WASMRT_ERR_MEMORY_OOB);
    CHECK_EQ(base[BYTES - 3], 0);
    CHECK_EQ(wrt_op_memory_fill(inst, 0, 1, 9, UINT64_MAX),
             WASMRT_ERR_MEMORY_OOB);
    CHECK_EQ(wrt_op_memory_fill(inst, 0, BYTES, 9, 0), WASMRT_ERR_NONE);
    CHECK_EQ(wrt_op_memory_fill(inst, 0, BYTES + 1, 9, 0),
             WASMRT_ERR_MEMORY_OOB);
    CHECK_EQ(wrt_op_memory_fill(inst, 0, 1, 9, BYTES - 2), WASMRT_ERR_NONE);
    CHECK_EQ(base[0], 0);
    CHECK_EQ(base[1], 9);
    CHECK_EQ(base[BYTES / 2], 9);
    CHECK_EQ(base[BYTES - 2], 9);
    CHECK_EQ(base[BYTES - 1], 0);
    world_close();
}

/* Bytes whose position shows in them over long distances. */
static uint8_t pattern(size_t i)
{
    return (uint8_t)(i * 2654435761u >> 24);
}

static void check_copy(uint64_t dst, uint64_t src, uint64_t n)
{
    struct wrt_instance *inst = open_memory();
    uint8_t *base = inst->mem0->base;

    for (size_t i = 0; i < n; i++)
        base[src + i] = pattern(i);
    CHECK_EQ(wrt_op_memory_copy(inst, 0, 0, dst, src, n), WASMRT_ERR_NONE);
    for (size_t i = 0; i < n; i++) {
        if (base[dst + i] != pattern(i))
            FAIL("byte %zu is wrong", i);
    }
    world_close();
}

TEST(ops_copy_forward_overlapping)
{
    check_copy(1000, 1001, 5 << 20);
}

TEST(ops_copy_backward_overlapping)
{
    check_copy(1001, 1000, (5 << 20) + 17);
}

TEST(ops_copy_apart)
{
    check_copy(32 << 20, 5, 3 << 20);
}

TEST(ops_copy_checks_both_ranges)
{
    struct wrt_instance *inst = open_memory();

    CHECK_EQ(wrt_op_memory_copy(inst, 0, 0, BYTES, 0, 1),
             WASMRT_ERR_MEMORY_OOB);
    CHECK_EQ(wrt_op_memory_copy(inst, 0, 0, 0, BYTES, 1),
             WASMRT_ERR_MEMORY_OOB);
    CHECK_EQ(wrt_op_memory_copy(inst, 0, 0, BYTES, BYTES, 0), WASMRT_ERR_NONE);
    CHECK_EQ(wrt_op_memory_copy(inst, 0, 0, BYTES + 1, 0, 0),
             WASMRT_ERR_MEMORY_OOB);
    world_close();
}

TEST(ops_memory_init_and_drop)
{
    struct wrt_instance *inst = open_memory();

    CHECK_EQ(wrt_op_memory_init(inst, 0, 0, 4, 2, 5), WASMRT_ERR_NONE);
    CHECK_MEM_EQ(inst->mem0->base + 3, "\0cdefg\0", 7);
    CHECK_EQ(wrt_op_memory_init(inst, 0, 0, 0, 8, 0), WASMRT_ERR_NONE);
    CHECK_EQ(wrt_op_memory_init(inst, 0, 0, 0, 9, 0), WASMRT_ERR_MEMORY_OOB);
    CHECK_EQ(wrt_op_memory_init(inst, 0, 0, 0, 4, 5), WASMRT_ERR_MEMORY_OOB);
    CHECK_EQ(wrt_op_memory_init(inst, 0, 0, 0, 1, UINT32_MAX),
             WASMRT_ERR_MEMORY_OOB);
    CHECK_EQ(wrt_op_memory_init(inst, 0, 0, BYTES, 0, 1),
             WASMRT_ERR_MEMORY_OOB);
    wrt_op_data_drop(inst, 0);
    CHECK_EQ(wrt_op_memory_init(inst, 0, 0, 0, 0, 1), WASMRT_ERR_MEMORY_OOB);
    CHECK_EQ(wrt_op_memory_init(inst, 0, 0, 0, 0, 0), WASMRT_ERR_NONE);
    world_close();
}

/* -- Interrupts ------------------------------------------------------------ */

TEST(ops_stop_between_slices)
{
    struct wrt_instance *inst = open_memory();
    uint8_t *base = inst->mem0->base;

    wasmrt_store_interrupt(world.store);
    CHECK_EQ(wrt_op_memory_fill(inst, 0, 0, 1, BYTES), WASMRT_ERR_INTERRUPTED);
    CHECK_EQ(base[0], 1);
    CHECK_EQ(base[BYTES - 1], 0);
    base[BYTES - 1] = 5;
    CHECK_EQ(wrt_op_memory_copy(inst, 0, 0, 1, 0, BYTES - 1),
             WASMRT_ERR_INTERRUPTED);
    /* Small ones are done before anybody asks. */
    CHECK_EQ(wrt_op_memory_fill(inst, 0, 0, 2, 100), WASMRT_ERR_NONE);
    CHECK_EQ(base[99], 2);
    world_close();
}

TEST(ops_on_tables_stop_between_slices)
{
    struct wrt_instance *inst;

    world_open(WASMRT_BOUNDS_CHECK);
    inst = world_instance("(module (table 100000 funcref) (func $f)"
                          "  (export \"f\" (func $f)))");
    wasmrt_store_interrupt(world.store);
    CHECK_EQ(wrt_op_table_fill(inst, 0, 0, world_func(inst, "f"), 100000),
             WASMRT_ERR_INTERRUPTED);
    CHECK(inst->tables[0]->elems[0] != NULL);
    CHECK(inst->tables[0]->elems[99999] == NULL);
    CHECK_EQ(wrt_op_table_copy(inst, 0, 0, 0, 1, 99999),
             WASMRT_ERR_INTERRUPTED);
    CHECK_EQ(wrt_op_table_copy(inst, 0, 0, 100000, 100000, 0), WASMRT_ERR_NONE);
    world_close();
}

/* "(module (table 40000 funcref) (func $f) (elem $e func $f $f ...))" */
static char *big_segment(void)
{
    enum { ITEMS = 40000 };
    char *text = malloc(ITEMS * 3 + 100), *at = text;

    at += sprintf(at, "(module (table %d funcref) (func $f) (elem $e func",
                  (int)ITEMS);
    for (int i = 0; i < ITEMS; i++, at += 3)
        memcpy(at, " $f", 3);
    memcpy(at, "))", 3);
    return text;
}

TEST(ops_table_init_stops_between_slices)
{
    struct wrt_instance *inst;
    char *text = big_segment();

    world_open(WASMRT_BOUNDS_CHECK);
    inst = world_instance(text);
    free(text);
    wasmrt_store_interrupt(world.store);
    CHECK_EQ(wrt_op_table_init(inst, 0, 0, 0, 0, 40000),
             WASMRT_ERR_INTERRUPTED);
    CHECK(inst->tables[0]->elems[0] != NULL);
    CHECK(inst->tables[0]->elems[39999] == NULL);
    wasmrt_store_clear_interrupt(world.store);
    CHECK_EQ(wrt_op_table_init(inst, 0, 0, 0, 0, 40000), WASMRT_ERR_NONE);
    CHECK_EQ(inst->tables[0]->elems[39999], inst->tables[0]->elems[0]);
    world_close();
}

/* -- Tables ---------------------------------------------------------------- */

TEST(ops_table_fill_copy_init)
{
    struct wrt_instance *inst;
    void **elems;
    void *f, *g;

    world_open(WASMRT_BOUNDS_CHECK);
    inst = world_instance(
        "(module (table 10 funcref) (table 4 funcref)"
        "  (func $f (export \"f\")) (func $g (export \"g\"))"
        "  (elem $e func $f $g $f)"
        "  (elem $x funcref (item (ref.func $g)) (item (ref.null func))))");
    elems = inst->tables[0]->elems;
    f = world_func(inst, "f");
    g = world_func(inst, "g");
    CHECK_EQ(wrt_op_table_fill(inst, 0, 8, f, 3), WASMRT_ERR_TABLE_OOB);
    CHECK(elems[8] == NULL);
    CHECK_EQ(wrt_op_table_fill(inst, 0, 8, f, 2), WASMRT_ERR_NONE);
    CHECK_EQ(elems[9], f);
    CHECK_EQ(wrt_op_table_init(inst, 0, 0, 0, 1, 2), WASMRT_ERR_NONE);
    CHECK_EQ(elems[0], g);
    CHECK_EQ(elems[1], f);
    CHECK_EQ(wrt_op_table_init(inst, 0, 1, 2, 0, 2), WASMRT_ERR_NONE);
    CHECK_EQ(elems[2], g);
    CHECK(elems[3] == NULL);
    CHECK_EQ(wrt_op_table_init(inst, 0, 0, 0, 2, 2), WASMRT_ERR_TABLE_OOB);
    CHECK_EQ(wrt_op_table_init(inst, 0, 0, 9, 0, 2), WASMRT_ERR_TABLE_OOB);
    CHECK_EQ(wrt_op_table_copy(inst, 0, 0, 1, 0, 3), WASMRT_ERR_NONE);
    CHECK_EQ(elems[1], g);
    CHECK_EQ(elems[2], f);
    CHECK_EQ(elems[3], g);
    CHECK_EQ(wrt_op_table_copy(inst, 1, 0, 0, 1, 4), WASMRT_ERR_NONE);
    CHECK_EQ(inst->tables[1]->elems[2], g);
    CHECK_EQ(wrt_op_table_copy(inst, 1, 0, 1, 0, 4), WASMRT_ERR_TABLE_OOB);
    CHECK_EQ(wrt_op_table_copy(inst, 0, 1, 0, 5, 0), WASMRT_ERR_TABLE_OOB);
    wrt_op_elem_drop(inst, 0);
    CHECK_EQ(wrt_op_table_init(inst, 0, 0, 0, 0, 1), WASMRT_ERR_TABLE_OOB);
    CHECK_EQ(wrt_op_table_init(inst, 0, 0, 0, 0, 0), WASMRT_ERR_NONE);
    world_close();
}

/* -- Widths ---------------------------------------------------------------- */

/* What is above the lower half of a slot, where 32 bits are an operand. */
static const uint64_t junk = (uint64_t)7 << 32;

TEST(ops_ignore_upper_halves_of_32_bits)
{
    struct wrt_instance *inst;
    uint64_t old;
    void *f;

    world_open(WASMRT_BOUNDS_CHECK);
    inst = world_instance("(module (memory 1) (table 9 funcref)"
                          "  (data \"ab\") (func $f (export \"f\"))"
                          "  (elem func $f))");
    f = world_func(inst, "f");
    CHECK_EQ(wrt_op_memory_fill(inst, 0, junk, 9, junk + 1), WASMRT_ERR_NONE);
    CHECK_EQ(wrt_op_memory_init(inst, 0, 0, junk + 1, 0, 2), WASMRT_ERR_NONE);
    CHECK_EQ(wrt_op_memory_copy(inst, 0, 0, junk + 3, junk, junk + 2),
             WASMRT_ERR_NONE);
    CHECK(memcmp(inst->mem0->base, "\tab\ta", 6) == 0);
    CHECK_EQ(wrt_op_memory_grow(inst, 0, junk), 1);
    CHECK_EQ(wrt_op_memory_grow(inst, 0, UINT32_MAX), UINT32_MAX);
    CHECK_EQ(wrt_op_table_fill(inst, 0, junk, f, junk + 1), WASMRT_ERR_NONE);
    CHECK_EQ(wrt_op_table_init(inst, 0, 0, junk + 8, 0, 1), WASMRT_ERR_NONE);
    CHECK_EQ(wrt_op_table_copy(inst, 0, 0, junk + 1, junk, junk + 1),
             WASMRT_ERR_NONE);
    CHECK_EQ(inst->tables[0]->elems[1], f);
    CHECK_EQ(inst->tables[0]->elems[8], f);
    CHECK_EQ(wrt_op_table_grow(inst, 0, NULL, junk, &old), WASMRT_ERR_NONE);
    CHECK_EQ(old, 9);
    CHECK_EQ(wrt_op_table_grow(inst, 0, NULL, UINT32_MAX, &old),
             WASMRT_ERR_NONE);
    CHECK_EQ(old, UINT32_MAX);
    world_close();
}

TEST(ops_take_64_bits_where_memories_have_them)
{
    struct wrt_instance *inst;

    world_open(WASMRT_BOUNDS_CHECK);
    inst = world_instance("(module (memory 1) (memory i64 1))");
    CHECK_EQ(wrt_op_memory_fill(inst, 1, junk, 9, 1), WASMRT_ERR_MEMORY_OOB);
    CHECK_EQ(wrt_op_memory_fill(inst, 1, 0, 9, junk), WASMRT_ERR_MEMORY_OOB);
    CHECK_EQ(wrt_op_memory_fill(inst, 1, 2, 9, UINT64_MAX),
             WASMRT_ERR_MEMORY_OOB);
    CHECK_EQ(wrt_op_memory_copy(inst, 1, 1, 0, 0, junk), WASMRT_ERR_MEMORY_OOB);
    CHECK_EQ(wrt_op_memory_copy(inst, 1, 0, junk, 0, 1), WASMRT_ERR_MEMORY_OOB);
    /* The count has 64 bits only when both have. */
    CHECK_EQ(wrt_op_memory_copy(inst, 1, 0, 0, junk, junk + 1),
             WASMRT_ERR_NONE);
    CHECK_EQ(wrt_op_memory_grow(inst, 1, junk << 24), UINT64_MAX);
    world_close();
}
