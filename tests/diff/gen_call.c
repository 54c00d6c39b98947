/*
 * The generator: calls of all kinds.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/diff/gen.h"

static const struct gdef *type_of(const struct gen *g, unsigned func)
{
    return &g->types[g->funcs[func].type];
}

/* Host functions and random ones may be called. */
static bool pick_func(struct gen *g, unsigned *out,
                      bool (*fits)(const struct gen *g, const struct gdef *def,
                                   const void *arg),
                      const void *arg)
{
    unsigned n = g->nhost + g->nrandom, start = gen_below(g, n);

    for (unsigned i = 0; i < n; i++) {
        unsigned func = (start + i) % n;

        func = func < g->nhost ? func : g->first_random + func - g->nhost;
        if (fits(g, type_of(g, func), arg)) {
            *out = func;
            return true;
        }
    }
    return false;
}

/* The first result fits, others can be taken off. */
static bool gives(const struct gen *g, const struct gdef *def, const void *arg)
{
    return def->results.n > 0 &&
           gen_is_sub(g, def->results.of[0], *(const struct gtype *)arg);
}

static bool any(const struct gen *g, const struct gdef *def, const void *arg)
{
    (void)g;
    (void)def;
    (void)arg;
    return true;
}

static bool returns_the_same(const struct gen *g, const struct gdef *def,
                             const void *arg)
{
    return gen_are_sub(g, &def->results, arg);
}

/* -- Ways to call ---------------------------------------------------------- */

/* Tables that hold a function: where it is, by gen_module.c. */
static void push_index(struct gen *g, const struct gtable *table, unsigned func,
                       int depth)
{
    if (gen_chance(g, 90)) {
        unsigned at = (func - g->first_random) % TABLE_ELEMS;

        if (table->is_64)
            gen_i64(g, at);
        else
            gen_i32(g, (int)at);
        return;
    }
    gen_expr(g, table->is_64 ? G_I64 : G_I32, depth - 1);
    if (gen_chance(g, 30))
        return;
    if (table->is_64) {
        gen_i64(g, 7);
        gen_op(g, WRT_OP_I64_AND);
    } else {
        gen_i32(g, 7);
        gen_op(g, WRT_OP_I32_AND);
    }
}

static void call_by_index(struct gen *g, unsigned func, bool is_tail, int depth)
{
    push_index(g, &g->tables[0], func, depth);
    gen_op_u(g, is_tail ? WRT_OP_RETURN_CALL_INDIRECT : WRT_OP_CALL_INDIRECT,
             g->funcs[func].type);
    gen_u(g, 0);
}

static void call_by_ref(struct gen *g, unsigned func, bool is_tail, int depth)
{
    unsigned type = g->funcs[func].type;

    if (gen_chance(g, 70))
        gen_op_u(g, WRT_OP_REF_FUNC, func);
    else
        gen_expr(g, G_REF(type, gen_chance(g, 40)), depth - 1);
    gen_op_u(g, is_tail ? WRT_OP_RETURN_CALL_REF : WRT_OP_CALL_REF, type);
}

static void call(struct gen *g, unsigned func, bool is_tail, int depth)
{
    gen_exprs(g, &type_of(g, func)->params, depth - 1);
    if (func >= g->nhost && gen_chance(g, 25)) {
        call_by_index(g, func, is_tail, depth);
        return;
    }
    if (gen_has(g, WRT_FEATURE_FUNCTION_REFERENCES) && gen_chance(g, 30) &&
        func >= g->nhost) {
        call_by_ref(g, func, is_tail, depth);
        return;
    }
    gen_op_u(g, is_tail ? WRT_OP_RETURN_CALL : WRT_OP_CALL, func);
}

/* -- The family ------------------------------------------------------------ */

static bool tail_call(struct gen *g, int depth)
{
    unsigned func;

    if (!gen_has(g, WRT_FEATURE_TAIL_CALL) ||
        !pick_func(g, &func, returns_the_same, &g->results))
        return false;
    call(g, func, true, depth);
    return true;
}

bool gen_expr_call(struct gen *g, struct gtype type, int depth)
{
    struct gvalues rest = {0};
    unsigned func;

    if (gen_chance(g, 5))
        return tail_call(g, depth);
    if (!pick_func(g, &func, gives, &type))
        return false;
    call(g, func, false, depth);
    for (unsigned i = 1; i < type_of(g, func)->results.n; i++)
        rest.of[rest.n++] = type_of(g, func)->results.of[i];
    gen_sink(g, &rest);
    return true;
}

bool gen_stmt_call(struct gen *g, int depth)
{
    unsigned func;

    if (gen_chance(g, 15)) {
        gen_expr(g, G_I32, depth - 1);
        gen_op_u(g, WRT_OP_IF, BYTE_EMPTY);
        gen_push_label(g, &(struct gvalues){0});
        tail_call(g, depth);
        gen_pop_label(g);
        gen_op(g, WRT_OP_END);
        return true;
    }
    if (!pick_func(g, &func, any, NULL))
        return false;
    call(g, func, false, depth);
    gen_sink(g, &type_of(g, func)->results);
    return true;
}
