/*
 * The generator: tables.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/diff/gen.h"

static struct gtype index_type(const struct gtable *table)
{
    return table->is_64 ? G_I64 : G_I32;
}

/* Mostly an element that exists. */
static void push_at(struct gen *g, bool is_64, int depth)
{
    if (gen_chance(g, 50)) {
        int at = (int)gen_below(g, TABLE_ELEMS + (gen_chance(g, 10) ? 3 : 0));

        if (is_64)
            gen_i64(g, at);
        else
            gen_i32(g, at);
        return;
    }
    gen_expr(g, is_64 ? G_I64 : G_I32, depth - 1);
    if (gen_chance(g, 5))
        return;
    if (is_64) {
        gen_i64(g, 3);
        gen_op(g, WRT_OP_I64_AND);
    } else {
        gen_i32(g, 3);
        gen_op(g, WRT_OP_I32_AND);
    }
}

static bool pick_table(struct gen *g, struct gtype type, unsigned *out)
{
    unsigned start;

    if (!g->ntables)
        return false;
    start = gen_below(g, g->ntables);
    for (unsigned i = 0; i < g->ntables; i++) {
        *out = (start + i) % g->ntables;
        if (gen_is_sub(g, g->tables[*out].type, type))
            return true;
    }
    return false;
}

/* table.size and table.grow */
static bool sizes(struct gen *g, struct gtype type, int depth)
{
    unsigned idx = g->ntables ? gen_below(g, g->ntables) : 0;
    const struct gtable *table = &g->tables[idx];

    if (!g->ntables || index_type(table).kind != type.kind)
        return false;
    if (gen_chance(g, 60)) {
        gen_op_u(g, WRT_OP_TABLE_SIZE, idx);
        return true;
    }
    gen_expr(g, table->type, depth - 1);
    push_at(g, table->is_64, depth);
    gen_op_u(g, WRT_OP_TABLE_GROW, idx);
    return true;
}

bool gen_expr_table(struct gen *g, struct gtype type, int depth)
{
    unsigned idx;

    if (type.kind == WRT_KIND_I32 || type.kind == WRT_KIND_I64)
        return sizes(g, type, depth);
    if (type.kind != WRT_KIND_REF || !pick_table(g, type, &idx))
        return false;
    push_at(g, g->tables[idx].is_64, depth);
    gen_op_u(g, WRT_OP_TABLE_GET, idx);
    return true;
}

static bool copy(struct gen *g, unsigned to, int depth)
{
    bool to_64 = g->tables[to].is_64, from_64;
    unsigned from;

    if (!pick_table(g, g->tables[to].type, &from))
        return false;
    from_64 = g->tables[from].is_64;
    push_at(g, to_64, depth);
    push_at(g, from_64, depth);
    push_at(g, to_64 && from_64, depth);
    gen_op_u(g, WRT_OP_TABLE_COPY, to);
    gen_u(g, from);
    return true;
}

/* Element segment 1 is passive and of functions. */
static bool init(struct gen *g, unsigned to, int depth)
{
    if (g->nelems < 2 || !gen_is_sub(g, G_ABS(FUNC, true), g->tables[to].type))
        return false;
    if (gen_chance(g, 10)) {
        gen_op_u(g, WRT_OP_ELEM_DROP, 1);
        return true;
    }
    push_at(g, g->tables[to].is_64, depth);
    push_at(g, false, depth);
    push_at(g, false, depth);
    gen_op_u(g, WRT_OP_TABLE_INIT, 1);
    gen_u(g, to);
    return true;
}

bool gen_stmt_table(struct gen *g, int depth)
{
    unsigned idx;

    if (!g->ntables)
        return false;
    idx = gen_below(g, g->ntables);
    switch (gen_below(g, 6)) {
    case 0: return copy(g, idx, depth);
    case 1: return init(g, idx, depth);
    case 2:
        push_at(g, g->tables[idx].is_64, depth);
        gen_expr(g, g->tables[idx].type, depth - 1);
        push_at(g, g->tables[idx].is_64, depth);
        gen_op_u(g, WRT_OP_TABLE_FILL, idx);
        return true;
    default:
        push_at(g, g->tables[idx].is_64, depth);
        gen_expr(g, g->tables[idx].type, depth - 1);
        gen_op_u(g, WRT_OP_TABLE_SET, idx);
        return true;
    }
}
