/*
 * The generator: blocks, loops, branches.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/diff/gen.h"

/* -- Labels and block types ------------------------------------------------ */

void gen_push_label(struct gen *g, const struct gvalues *types)
{
    g->labels[g->nlabels++] = (struct glabel){.types = *types};
}

void gen_pop_label(struct gen *g)
{
    g->nlabels--;
}

static bool has_room(const struct gen *g)
{
    return g->nlabels + 4 < MAX_LABELS;
}

/* With parameters, or several results: the number of a type, which exists
 * already where block_type_fits() was asked first. */
static bool block_type_fits(struct gen *g, const struct gvalues *params,
                            const struct gvalues *results)
{
    return (params->n == 0 && results->n < 2) ||
           (gen_has(g, WRT_FEATURE_MULTI_VALUE) &&
            gen_func_type(g, params, results) < MAX_TYPES);
}

static void put_block_type(struct gen *g, const struct gvalues *params,
                           const struct gvalues *results)
{
    if (params->n == 0 && results->n == 0)
        wrt_buf_u8(g->code, BYTE_EMPTY);
    else if (params->n == 0 && results->n == 1)
        gen_put_type(g->code, results->of[0]);
    else
        wrt_buf_sleb(g->code, gen_func_type(g, params, results));
}

void gen_block_type(struct gen *g, const struct gvalues *results)
{
    const struct gvalues none = {0};

    put_block_type(g, &none, results);
}

/* -- Values from blocks ---------------------------------------------------- */

static void body(struct gen *g, const struct gvalues *results, int depth)
{
    gen_stmts(g, gen_below(g, 3), depth - 1);
    gen_exprs(g, results, depth - 1);
}

static void block(struct gen *g, const struct gvalues *params,
                  const struct gvalues *results, int depth)
{
    gen_exprs(g, params, depth - 1);
    gen_op(g, WRT_OP_BLOCK);
    put_block_type(g, params, results);
    gen_push_label(g, results);
    gen_sink(g, params);
    body(g, results, depth);
    gen_pop_label(g);
    gen_op(g, WRT_OP_END);
}

static void if_else(struct gen *g, const struct gvalues *params,
                    const struct gvalues *results, int depth)
{
    gen_exprs(g, params, depth - 1);
    gen_expr(g, G_I32, depth - 1);
    gen_op(g, WRT_OP_IF);
    put_block_type(g, params, results);
    gen_push_label(g, results);
    gen_sink(g, params);
    body(g, results, depth);
    gen_op(g, WRT_OP_ELSE);
    gen_sink(g, params);
    body(g, results, depth);
    gen_pop_label(g);
    gen_op(g, WRT_OP_END);
}

static void loop(struct gen *g, const struct gvalues *params,
                 const struct gvalues *results, int depth)
{
    gen_exprs(g, params, depth - 1);
    gen_op(g, WRT_OP_LOOP);
    put_block_type(g, params, results);
    gen_push_label(g, params);
    gen_pay(g);
    gen_sink(g, params);
    body(g, results, depth);
    gen_pop_label(g);
    gen_op(g, WRT_OP_END);
}

static struct gvalues some_params(struct gen *g)
{
    struct gvalues params = {.n = gen_below(g, 3)};

    if (gen_chance(g, 50))
        params.n = 0;
    for (unsigned i = 0; i < params.n; i++)
        params.of[i] = gen_type(g);
    return params;
}

/* Any of the three for these results. */
static bool structured(struct gen *g, const struct gvalues *results, int depth)
{
    struct gvalues params = some_params(g);

    if (!has_room(g) || !block_type_fits(g, &params, results))
        return false;
    switch (gen_below(g, 3)) {
    case 0: block(g, &params, results, depth); break;
    case 1: if_else(g, &params, results, depth); break;
    default: loop(g, &params, results, depth); break;
    }
    return true;
}

/* Results around the one that is wanted: those above are taken off. */
static bool several(struct gen *g, struct gtype type, int depth)
{
    struct gvalues results = {.n = 2 + gen_below(g, 2)}, rest = {0};

    for (unsigned i = 1; i < results.n; i++)
        rest.of[rest.n++] = results.of[i] = gen_type(g);
    results.of[0] = type;
    if (!structured(g, &results, depth))
        return false;
    gen_sink(g, &rest);
    return true;
}

/* -- Branches -------------------------------------------------------------- */

/* How deep a label is for the code that comes now. */
static unsigned depth_of(const struct gen *g, unsigned label)
{
    return g->nlabels - 1 - label;
}

static bool branch_if_value(struct gen *g, struct gtype type, int depth)
{
    unsigned start = gen_below(g, g->nlabels);

    for (unsigned i = 0; i < g->nlabels; i++) {
        unsigned label = (start + i) % g->nlabels;
        const struct gvalues *types = &g->labels[label].types;

        if (types->n != 1 || !gen_is_sub(g, types->of[0], type))
            continue;
        gen_expr(g, types->of[0], depth - 1);
        gen_expr(g, G_I32, depth - 1);
        gen_op_u(g, WRT_OP_BR_IF, depth_of(g, label));
        return true;
    }
    return false;
}

static void branch_table(struct gen *g, int depth)
{
    unsigned label = gen_below(g, g->nlabels), n = gen_below(g, 5);
    struct gvalues types = g->labels[label].types;

    gen_exprs(g, &types, depth - 1);
    gen_expr(g, G_I32, depth - 1);
    if (gen_chance(g, 70)) {
        gen_i32(g, 7);
        gen_op(g, WRT_OP_I32_AND);
    }
    gen_op_u(g, WRT_OP_BR_TABLE, n);
    for (unsigned i = 0; i <= n; i++) {
        unsigned other = gen_below(g, g->nlabels);

        if (!gen_are_sub(g, &types, &g->labels[other].types))
            other = label;
        gen_u(g, depth_of(g, other));
    }
}

/* Leaves for good: whatever stands behind is never reached, but valid. */
static void leave(struct gen *g, int depth)
{
    struct gvalues types;
    unsigned label;

    switch (gen_below(g, 8)) {
    case 0:
        if (gen_chance(g, 30)) {
            gen_op(g, WRT_OP_UNREACHABLE);
            return;
        }
        /* fall through */
    case 1:
        gen_exprs(g, &g->results, depth - 1);
        gen_op(g, WRT_OP_RETURN);
        return;
    case 2:
    case 3: branch_table(g, depth); return;
    default:
        label = gen_below(g, g->nlabels);
        types = g->labels[label].types;
        gen_exprs(g, &types, depth - 1);
        gen_op_u(g, WRT_OP_BR, depth_of(g, label));
        return;
    }
}

static bool select_value(struct gen *g, struct gtype type, int depth)
{
    if (type.kind == WRT_KIND_REF && !gen_has(g, WRT_FEATURE_REFERENCE_TYPES))
        return false;
    gen_expr(g, type, depth - 1);
    gen_expr(g, type, depth - 1);
    gen_expr(g, G_I32, depth - 1);
    if (type.kind == WRT_KIND_REF ||
        (gen_has(g, WRT_FEATURE_REFERENCE_TYPES) && gen_chance(g, 30))) {
        gen_op_u(g, WRT_OP_SELECT_T, 1);
        gen_put_type(g->code, type);
    } else {
        gen_op(g, WRT_OP_SELECT);
    }
    return true;
}

bool gen_expr_ctrl(struct gen *g, struct gtype type, int depth)
{
    struct gvalues one = gen_one(type);

    switch (gen_below(g, 12)) {
    case 0:
        if (!gen_chance(g, 15))
            return false;
        leave(g, depth);
        return true;
    case 1:
    case 2: return branch_if_value(g, type, depth);
    case 3:
    case 4:
    case 5: return select_value(g, type, depth);
    case 6:
    case 7: return several(g, type, depth);
    default: return structured(g, &one, depth);
    }
}

/* -- Statements ------------------------------------------------------------ */

/* The loop that compilers write: a local counts up to a bound. */
static bool counting_loop(struct gen *g, int depth)
{
    const struct gvalues none = {0};
    unsigned local;

    if (!has_room(g) || !gen_find_local(g, G_I32, true, &local))
        return false;
    gen_i32(g, (int)gen_below(g, 4));
    gen_op_u(g, WRT_OP_LOCAL_SET, local);
    gen_op_u(g, WRT_OP_LOOP, BYTE_EMPTY);
    gen_push_label(g, &none);
    gen_pay(g);
    gen_stmts(g, 1 + gen_below(g, 3), depth - 1);
    gen_pop_label(g);
    gen_op_u(g, WRT_OP_LOCAL_GET, local);
    gen_i32(g, 1);
    gen_op(g, WRT_OP_I32_ADD);
    gen_op_u(g, WRT_OP_LOCAL_TEE, local);
    gen_i32(g, (int)gen_below(g, 8));
    gen_op(g, (enum wrt_op)(WRT_OP_I32_NE + (int)gen_below(g, 5)));
    gen_op_u(g, WRT_OP_BR_IF, 0);
    gen_op(g, WRT_OP_END);
    return true;
}

static void branch_if(struct gen *g, int depth)
{
    unsigned label = gen_below(g, g->nlabels);
    struct gvalues types = g->labels[label].types;

    gen_exprs(g, &types, depth - 1);
    gen_expr(g, G_I32, depth - 1);
    gen_op_u(g, WRT_OP_BR_IF, depth_of(g, label));
    gen_sink(g, &types);
}

static bool if_only(struct gen *g, int depth)
{
    const struct gvalues none = {0};

    if (!has_room(g))
        return false;
    gen_expr(g, G_I32, depth - 1);
    gen_op_u(g, WRT_OP_IF, BYTE_EMPTY);
    gen_push_label(g, &none);
    gen_stmts(g, 1 + gen_below(g, 2), depth - 1);
    if (gen_chance(g, 15))
        leave(g, depth - 1);
    gen_pop_label(g);
    gen_op(g, WRT_OP_END);
    return true;
}

/* A block around a branch by table, as a switch statement becomes. */
static bool switch_block(struct gen *g, int depth)
{
    const struct gvalues none = {0};

    if (!has_room(g))
        return false;
    for (unsigned i = 0; i < 2; i++) {
        gen_op_u(g, WRT_OP_BLOCK, BYTE_EMPTY);
        gen_push_label(g, &none);
    }
    gen_stmts(g, gen_below(g, 2), depth - 1);
    branch_table(g, depth);
    gen_pop_label(g);
    gen_op(g, WRT_OP_END);
    gen_stmts(g, 1 + gen_below(g, 2), depth - 1);
    gen_pop_label(g);
    gen_op(g, WRT_OP_END);
    return true;
}

bool gen_stmt_ctrl(struct gen *g, int depth)
{
    struct gvalues results = some_params(g);

    if (depth <= 0)
        return false;
    switch (gen_below(g, 10)) {
    case 0:
        if (gen_chance(g, 20))
            gen_op(g, WRT_OP_NOP);
        else
            branch_if(g, depth);
        return true;
    case 1:
    case 2: return counting_loop(g, depth);
    case 3:
    case 4: return if_only(g, depth);
    case 5: return switch_block(g, depth);
    default:
        if (!structured(g, &results, depth))
            return false;
        gen_sink(g, &results);
        return true;
    }
}
