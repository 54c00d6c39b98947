/*
 * The generator: exceptions, new and old.  A module has one kind of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/diff/gen.h"

enum clause { CATCH, CATCH_REF, CATCH_ALL, CATCH_ALL_REF };

static const struct gvalues *params_of(const struct gen *g, unsigned tag)
{
    return &g->types[g->tags[tag]].params;
}

/* -- Throwing -------------------------------------------------------------- */

/* Nothing behind it is reached. */
static void throw_value(struct gen *g, int depth)
{
    unsigned tag = gen_below(g, g->ntags);

    if (!g->is_legacy && gen_chance(g, 8)) {
        gen_expr(g, G_ABS(EXN, true), depth - 1);
        gen_op(g, WRT_OP_THROW_REF);
        return;
    }
    for (unsigned i = g->nlabels; g->is_legacy && i-- > 0;)
        if (g->labels[i].is_legacy_catch && gen_chance(g, 50)) {
            gen_op_u(g, WRT_OP_RETHROW, g->nlabels - 1 - i);
            return;
        }
    gen_exprs(g, params_of(g, tag), depth - 1);
    gen_op_u(g, WRT_OP_THROW, tag);
}

static void throw_if(struct gen *g, int depth)
{
    gen_expr(g, G_I32, depth - 1);
    gen_i32(g, 3);
    gen_op(g, WRT_OP_I32_AND);
    gen_op(g, WRT_OP_I32_EQZ);
    gen_op_u(g, WRT_OP_IF, BYTE_EMPTY);
    gen_push_label(g, &(struct gvalues){0});
    throw_value(g, depth);
    gen_pop_label(g);
    gen_op(g, WRT_OP_END);
}

/* -- try_table ------------------------------------------------------------- */

/* What the handler finds on the stack; a nullable exnref, so that other
 * branches can give one. */
static struct gvalues caught(const struct gen *g, enum clause clause,
                             unsigned tag)
{
    struct gvalues types = {0};

    if (clause == CATCH || clause == CATCH_REF)
        types = *params_of(g, tag);
    if (clause == CATCH_REF || clause == CATCH_ALL_REF)
        types.of[types.n++] = G_ABS(EXN, true);
    return types;
}

static void put_clause(struct gen *g, enum clause clause, unsigned tag,
                       unsigned label)
{
    wrt_buf_u8(g->code, clause);
    if (clause == CATCH || clause == CATCH_REF)
        gen_u(g, tag);
    gen_u(g, label);
}

/* A second clause, to any label that takes what it has. */
static bool other_clause(struct gen *g, enum clause *clause, unsigned *tag,
                         unsigned *label)
{
    *clause = (enum clause)gen_below(g, 4);
    *tag = gen_below(g, g->ntags);
    for (unsigned tries = 0; tries < 4; tries++) {
        struct gvalues types = caught(g, *clause, *tag);

        *label = gen_below(g, g->nlabels);
        if (gen_are_sub(g, &types, &g->labels[*label].types))
            return true;
    }
    return false;
}

/* block (result T*) block (result CAUGHT) try_table (result T*) ... end br 1
 * end T* end */
static bool try_table(struct gen *g, const struct gvalues *results, int depth)
{
    enum clause clause = (enum clause)gen_below(g, 4), more;
    unsigned tag = gen_below(g, g->ntags), more_tag, more_label;
    struct gvalues types = caught(g, clause, tag);
    bool has_more;

    if (g->nlabels + 5 > MAX_LABELS || g->ntypes + 4 > MAX_TYPES ||
        !gen_has(g, WRT_FEATURE_MULTI_VALUE))
        return false;
    gen_op(g, WRT_OP_BLOCK);
    gen_block_type(g, results);
    gen_push_label(g, results);
    gen_op(g, WRT_OP_BLOCK);
    gen_block_type(g, &types);
    gen_push_label(g, &types);
    has_more =
        gen_chance(g, 30) && other_clause(g, &more, &more_tag, &more_label);
    gen_op(g, WRT_OP_TRY_TABLE);
    gen_block_type(g, results);
    gen_u(g, has_more ? 2 : 1);
    if (has_more)
        put_clause(g, more, more_tag, g->nlabels - 1 - more_label);
    put_clause(g, clause, tag, 0);
    gen_push_label(g, results);
    gen_stmts(g, 1 + gen_below(g, 2), depth - 1);
    if (gen_chance(g, 50))
        throw_if(g, depth - 1);
    gen_exprs(g, results, depth - 1);
    gen_pop_label(g);
    gen_op(g, WRT_OP_END);
    gen_op_u(g, WRT_OP_BR, 1);
    gen_pop_label(g);
    gen_op(g, WRT_OP_END);
    gen_sink(g, &types);
    gen_count(g, GLOBAL_CAUGHT);
    gen_exprs(g, results, depth - 1);
    gen_pop_label(g);
    gen_op(g, WRT_OP_END);
    return true;
}

/* -- try, the older form --------------------------------------------------- */

static void handler(struct gen *g, const struct gvalues *types,
                    const struct gvalues *results, int depth)
{
    g->labels[g->nlabels - 1].is_legacy_catch = true;
    gen_sink(g, types);
    gen_count(g, GLOBAL_CAUGHT);
    gen_stmts(g, gen_below(g, 2), depth - 1);
    if (gen_chance(g, 20))
        throw_if(g, depth - 1);
    gen_exprs(g, results, depth - 1);
}

static bool try_legacy(struct gen *g, const struct gvalues *results, int depth)
{
    unsigned kind = gen_below(g, 4), tag = gen_below(g, g->ntags);

    if (g->nlabels + 5 > MAX_LABELS || g->ntypes + 4 > MAX_TYPES ||
        (results->n > 1 && !gen_has(g, WRT_FEATURE_MULTI_VALUE)))
        return false;
    gen_op(g, WRT_OP_TRY);
    gen_block_type(g, results);
    gen_push_label(g, results);
    gen_stmts(g, 1 + gen_below(g, 2), depth - 1);
    if (gen_chance(g, 50))
        throw_if(g, depth - 1);
    gen_exprs(g, results, depth - 1);
    if (kind == 0 && g->nlabels > 1) {
        gen_pop_label(g);
        gen_op_u(g, WRT_OP_DELEGATE, gen_below(g, g->nlabels));
        return true;
    }
    if (kind != 1) {
        gen_op_u(g, WRT_OP_CATCH, tag);
        handler(g, params_of(g, tag), results, depth);
    }
    if (kind != 2) {
        gen_op(g, WRT_OP_CATCH_ALL);
        handler(g, &(struct gvalues){0}, results, depth);
    }
    gen_pop_label(g);
    gen_op(g, WRT_OP_END);
    return true;
}

/* -- The family ------------------------------------------------------------ */

static bool try_block(struct gen *g, const struct gvalues *results, int depth)
{
    return g->is_legacy ? try_legacy(g, results, depth)
                        : try_table(g, results, depth);
}

bool gen_expr_exn(struct gen *g, struct gtype type, int depth)
{
    struct gvalues one = gen_one(type);

    if (!g->ntags)
        return false;
    if (gen_chance(g, 6)) {
        throw_value(g, depth);
        return true;
    }
    return try_block(g, &one, depth);
}

bool gen_stmt_exn(struct gen *g, int depth)
{
    struct gvalues results = {.n = gen_below(g, 3)};

    if (!g->ntags || depth <= 0)
        return false;
    if (gen_chance(g, 25)) {
        throw_if(g, depth);
        return true;
    }
    for (unsigned i = 0; i < results.n; i++)
        results.of[i] = gen_type(g);
    if (!try_block(g, &results, depth))
        return false;
    gen_sink(g, &results);
    return true;
}
