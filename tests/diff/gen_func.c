/*
 * The generator: functions, from their locals to their end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/diff/gen_module.h"

enum { NODES_PER_FUNC = 40 };

static void add_local(struct gen *g, struct gtype type)
{
    if (g->nlocals < MAX_LOCALS)
        g->locals[g->nlocals++] = type;
}

static void random_locals(struct gen *g)
{
    static const uint8_t kinds[] = {WRT_KIND_I32, WRT_KIND_I32, WRT_KIND_I64,
                                    WRT_KIND_F32, WRT_KIND_F64};
    unsigned more = gen_below(g, 8);

    for (unsigned i = 0; i < WRT_COUNTOF(kinds); i++)
        add_local(g, (struct gtype){.kind = kinds[i]});
    for (unsigned i = 0; i < more; i++)
        add_local(g, gen_type(g));
}

/* What gen_float_bits() and the like use; never read by random code. */
static void temps(struct gen *g)
{
    g->first_temp = g->nlocals;
    g->temp_f32 = g->nlocals;
    add_local(g, G_F32);
    g->temp_f64 = g->nlocals;
    add_local(g, G_F64);
    g->temp_v128 = g->nlocals;
    if (gen_has(g, WRT_FEATURE_SIMD))
        add_local(g, G_V128);
}

static void begin(struct gen *g, const struct gfunc *func)
{
    const struct gdef *def = &g->types[func->type];

    g->nlocals = g->nparams = def->params.n;
    memcpy(g->locals, def->params.of, sizeof(def->params.of));
    g->results = def->results;
    g->recent = MAX_LOCALS;
    g->nlabels = 0;
    g->budget = NODES_PER_FUNC;
    gen_push_label(g, &g->results);
}

/* Locals that exclude null have to be set before they are read. */
static void init_locals(struct gen *g)
{
    unsigned readable = g->first_temp;

    for (unsigned i = g->nparams; i < readable; i++) {
        if (g->locals[i].kind != WRT_KIND_REF || g->locals[i].nullable)
            continue;
        g->first_temp = g->nparams;
        gen_leaf(g, g->locals[i]);
        gen_op_u(g, WRT_OP_LOCAL_SET, i);
    }
    g->first_temp = readable;
}

static void random_function(struct gen *g)
{
    random_locals(g);
    temps(g);
    gen_count(g, GLOBAL_CALLS);
    gen_pay(g);
    init_locals(g);
    gen_stmts(g, 1 + gen_below(g, 4), 4);
    gen_exprs(g, &g->results, 4);
}

static void entry(struct gen *g, unsigned target)
{
    random_locals(g);
    temps(g);
    for (unsigned i = 0; i < MAX_VALUES; i++)
        g->locals[g->nlocals++] = G_I64;
    init_locals(g);
    gen_entry(g, target);
}

static void start(struct gen *g)
{
    random_locals(g);
    temps(g);
    init_locals(g);
    gen_stmts(g, 2, 3);
}

/* Parameters, accumulator, counter. */
static void digest(struct gen *g, enum gfunc_kind kind)
{
    while (g->nlocals < 2)
        add_local(g, G_I32);
    add_local(g, G_I64);
    add_local(g, G_I32);
    temps(g);
    if (kind == FUNC_DIGEST_ANY)
        gen_digest_any(g);
    else if (kind == FUNC_DIGEST_FUNC)
        gen_digest_func(g);
    else
        gen_state(g);
}

static void body(struct gen *g, const struct gfunc *func)
{
    switch (func->kind) {
    case FUNC_RANDOM: random_function(g); break;
    case FUNC_ENTRY: entry(g, func->target); break;
    case FUNC_START: start(g); break;
    default: digest(g, func->kind); break;
    }
}

/* What is left of a function that is cut out. */
static void stump(struct gen *g)
{
    g->first_temp = 0;
    for (unsigned i = 0; i < g->results.n; i++)
        gen_leaf(g, g->results.of[i]);
}

static bool is_same(struct gtype a, struct gtype b)
{
    return a.kind == b.kind && (a.kind != WRT_KIND_REF ||
                                (a.heap == b.heap && a.nullable == b.nullable));
}

/* Runs of equal types, as the binary format has them. */
static void put_locals(struct gen *g, struct wrt_buf *out)
{
    unsigned runs = 0;

    for (unsigned pass = 0; pass < 2; pass++) {
        for (unsigned i = g->nparams, n; i < g->nlocals; i += n) {
            for (n = 1;
                 i + n < g->nlocals && is_same(g->locals[i], g->locals[i + n]);)
                n++;
            if (pass == 0) {
                runs++;
                continue;
            }
            wrt_buf_uleb(out, n);
            gen_put_type(out, g->locals[i]);
        }
        if (pass == 0)
            wrt_buf_uleb(out, runs);
    }
}

void gen_function(struct gen *g, unsigned idx, struct wrt_buf *out)
{
    struct wrt_buf code, all;
    struct gnode up;

    wrt_buf_init(&code, out->alloc);
    wrt_buf_init(&all, out->alloc);
    g->code = &code;
    begin(g, &g->funcs[idx]);
    if (gen_enter(g, &up))
        body(g, &g->funcs[idx]);
    else
        stump(g);
    gen_op(g, WRT_OP_END);
    gen_leave(g, &up);
    put_locals(g, &all);
    wrt_buf_bytes(&all, code.items, code.count);
    wrt_buf_sized(out, all.items, all.count);
    out->failed |= code.failed || all.failed;
    wrt_buf_fini(&code);
    wrt_buf_fini(&all);
}
