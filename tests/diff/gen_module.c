/*
 * The generator: what a module has, and its sections.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/diff/gen_module.h"

#include <stdio.h>

/* -- Choosing what there is ------------------------------------------------ */

/* Each module lacks some features, so that others have more room. */
static void choose_features(struct gen *g)
{
    const wrt_features always = WRT_FEATURE_MVP | WRT_FEATURE_MUTABLE_GLOBALS |
                                WRT_FEATURE_SIGN_EXTENSION |
                                WRT_FEATURE_SAT_TRUNC;
    wrt_features on = always;

    for (unsigned i = 0; i < WRT_FEATURE_COUNT; i++)
        if (gen_chance(g, 75))
            on |= (wrt_features)1 << i;
    on &= g->allowed;
    if (!(on & WRT_FEATURE_REFERENCE_TYPES))
        on &= ~(wrt_features)WRT_FEATURE_FUNCTION_REFERENCES;
    if (!(on & WRT_FEATURE_FUNCTION_REFERENCES) ||
        !(on & WRT_FEATURE_BULK_MEMORY))
        on &= ~(wrt_features)WRT_FEATURE_GC;
    if (!(on & WRT_FEATURE_SIMD))
        on &= ~(wrt_features)WRT_FEATURE_RELAXED_SIMD;
    if (!(on & WRT_FEATURE_REFERENCE_TYPES))
        on &= ~(wrt_features)WRT_FEATURE_EXCEPTIONS;
    g->is_legacy = (on & WRT_FEATURE_LEGACY_EXCEPTIONS) &&
                   (!(on & WRT_FEATURE_EXCEPTIONS) || gen_chance(g, 30));
    on &= ~(wrt_features)(g->is_legacy ? WRT_FEATURE_EXCEPTIONS
                                       : WRT_FEATURE_LEGACY_EXCEPTIONS);
    g->features = on;
}

static void choose_weights(struct gen *g)
{
    static const wrt_features needs[] = {
#define FAMILY(name, text, features) features,
#include "tests/diff/families.def"
#undef FAMILY
    };
    static const uint8_t weights[] = {3, 6, 6, 20};

    for (unsigned i = 0; i < FAMILY_COUNT; i++)
        g->weights[i] = g->features & needs[i] ? weights[gen_below(g, 4)] : 0;
}

static void add_func(struct gen *g, enum gfunc_kind kind,
                     const struct gvalues *params,
                     const struct gvalues *results)
{
    g->funcs[g->nfuncs++] =
        (struct gfunc){.kind = kind, .type = gen_func_type(g, params, results)};
}

static void choose_hosts(struct gen *g)
{
    const struct gvalues ints = {2, {G_I32, G_I64}},
                         floats = {2, {G_F32, G_F64}};
    const struct gvalues i64 = gen_one(G_I64), f64 = gen_one(G_F64);
    const struct gvalues ref = gen_one(G_ABS(EXTERN, true));

    add_func(g, FUNC_HOST, &ints, &i64);
    add_func(g, FUNC_HOST, &floats, &f64);
    if (gen_has(g, WRT_FEATURE_REFERENCE_TYPES))
        add_func(g, FUNC_HOST, &ref, &ref);
    g->nhost = g->nfuncs;
}

/* At least one function of each type, so that each type has values. */
static void choose_funcs(struct gen *g)
{
    const struct gvalues none = {0}, i64 = gen_one(G_I64);
    const struct gvalues digest_any = {2, {G_ABS(ANY, true), G_I32}};
    const struct gvalues digest_func = gen_one(G_ABS(FUNC, true));
    unsigned more = gen_below(g, 2);

    choose_hosts(g);
    g->first_random = g->nfuncs;
    for (unsigned i = 0; i < g->nfunc_types + more; i++)
        g->funcs[g->nfuncs++] = (struct gfunc){
            .kind = FUNC_RANDOM,
            .type = g->first_func_type +
                    (i < g->nfunc_types ? i : gen_below(g, g->nfunc_types))};
    g->nrandom = g->nfuncs - g->first_random;
    g->digest_any = g->nfuncs;
    if (gen_has(g, WRT_FEATURE_GC))
        add_func(g, FUNC_DIGEST_ANY, &digest_any, &i64);
    g->digest_func = g->nfuncs;
    if (gen_has(g, WRT_FEATURE_REFERENCE_TYPES))
        add_func(g, FUNC_DIGEST_FUNC, &digest_func, &i64);
    for (unsigned i = 0; i < g->nrandom; i++) {
        unsigned target = g->first_random + i;
        struct gvalues results =
            gen_entry_results(&g->types[g->funcs[target].type].results);

        add_func(g, FUNC_ENTRY, &none, &results);
        g->funcs[g->nfuncs - 1].target = target;
    }
    add_func(g, FUNC_STATE, &none, &none);
    if (gen_chance(g, 8))
        add_func(g, FUNC_START, &none, &none);
}

static void choose_globals(struct gen *g)
{
    unsigned n = 2 + gen_below(g, 8);

    for (unsigned i = 0; i < OWN_GLOBALS; i++)
        g->globals[i] =
            (struct gglobal){i == GLOBAL_STATE ? G_I64 : G_I32, true};
    g->nglobals = OWN_GLOBALS;
    for (unsigned i = 0; i < n; i++)
        g->globals[g->nglobals++] =
            (struct gglobal){gen_type(g), gen_chance(g, 70)};
}

/* Table 0 holds functions. */
static void choose_tables(struct gen *g)
{
    unsigned n =
        gen_has(g, WRT_FEATURE_REFERENCE_TYPES) ? 1 + gen_below(g, 4) : 1;

    for (unsigned i = 0; i < n; i++) {
        struct gtable *table = &g->tables[g->ntables++];

        table->type = i == 0 ? G_ABS(FUNC, true) : gen_ref_type(g);
        table->is_64 = gen_has(g, WRT_FEATURE_MEMORY64) && gen_chance(g, 30);
        table->min = TABLE_ELEMS + gen_below(g, 3);
        table->max = table->min + gen_below(g, 5);
    }
}

static void choose_memories(struct gen *g)
{
    unsigned n = gen_has(g, WRT_FEATURE_MULTI_MEMORY) ? gen_below(g, 4)
                                                      : !gen_chance(g, 4);

    for (unsigned i = 0; i < n; i++) {
        struct gmemory *m = &g->memories[g->nmemories++];

        m->is_64 = gen_has(g, WRT_FEATURE_MEMORY64) && gen_chance(g, 30);
        m->is_bytes =
            gen_has(g, WRT_FEATURE_CUSTOM_PAGE_SIZES) && gen_chance(g, 30);
        m->is_shared = gen_has(g, WRT_FEATURE_THREADS) && gen_chance(g, 30);
        m->min = m->is_bytes ? 128 + gen_below(g, 300) : !gen_chance(g, 5);
        m->max = m->min + gen_below(g, m->is_bytes ? 100 : 3);
    }
    if (g->nmemories || gen_has(g, WRT_FEATURE_BULK_MEMORY))
        g->ndatas =
            g->nmemories && !gen_has(g, WRT_FEATURE_BULK_MEMORY) ? 1 : 3;
}

/* A tag's type has no results; those of random functions may have. */
static void choose_tags(struct gen *g)
{
    const struct gvalues none = {0};
    unsigned n = 1 + gen_below(g, MAX_TAGS);

    if (!gen_has(g, WRT_FEATURE_EXCEPTIONS) && !g->is_legacy)
        return;
    for (unsigned i = 0; i < n; i++) {
        struct gvalues params = {.n = gen_below(g, 4)};

        for (unsigned j = 0; j < params.n; j++)
            params.of[j] = gen_type(g);
        g->tags[g->ntags++] = gen_func_type(g, &params, &none);
    }
}

/* What an array of references holds. */
static void choose_elems(struct gen *g)
{
    g->nelems = gen_has(g, WRT_FEATURE_REFERENCE_TYPES) ? 3 : 1;
    if (!gen_has(g, WRT_FEATURE_GC))
        return;
    g->nelems = 4;
    g->elem_type = G_ABS(I31, gen_chance(g, 50));
    for (unsigned i = 0; i < g->ngroup; i++)
        if (g->types[i].form == WRT_FORM_ARRAY &&
            g->types[i].fields.of[0].kind == WRT_KIND_REF && gen_chance(g, 60))
            g->elem_type = g->types[i].fields.of[0];
}

/* -- Constants ------------------------------------------------------------- */

static bool refers_to(struct gen *g, struct gtype type, unsigned before,
                      unsigned *out)
{
    for (unsigned i = OWN_GLOBALS; i < before; i++)
        if (!g->globals[i].mutable && gen_has(g, WRT_FEATURE_GC) &&
            gen_is_sub(g, g->globals[i].type, type) && gen_chance(g, 60)) {
            *out = i;
            return true;
        }
    return false;
}

/* Without locals a leaf is constant.  `before`: globals that may be read. */
static void const_expr(struct gen *g, struct gtype type, unsigned before,
                       struct wrt_buf *out)
{
    bool is_i32 = type.kind == WRT_KIND_I32;
    unsigned global;

    g->code = out;
    g->first_temp = 0;
    if (refers_to(g, type, before, &global)) {
        gen_op_u(g, WRT_OP_GLOBAL_GET, global);
    } else if ((is_i32 || type.kind == WRT_KIND_I64) &&
               gen_has(g, WRT_FEATURE_EXTENDED_CONST) && gen_chance(g, 40)) {
        gen_leaf(g, type);
        gen_leaf(g, type);
        gen_op(g, (enum wrt_op)((is_i32 ? WRT_OP_I32_ADD : WRT_OP_I64_ADD) +
                                (int)gen_below(g, 3)));
    } else {
        gen_leaf(g, type);
    }
    gen_op(g, WRT_OP_END);
}

static void offset_expr(struct gen *g, bool is_64, uint64_t value,
                        struct wrt_buf *out)
{
    g->code = out;
    if (is_64)
        gen_i64(g, (int64_t)value);
    else
        gen_i32(g, (int32_t)value);
    gen_op(g, WRT_OP_END);
}

/* -- Sections (spec 5.5) --------------------------------------------------- */

static void put_name(struct wrt_buf *out, const char *name)
{
    wrt_buf_sized(out, name, strlen(name));
}

static void put_imports(struct gen *g, struct wrt_buf *out)
{
    static const char *const names[] = {"ints", "floats", "ref"};

    wrt_buf_uleb(out, g->nhost);
    for (unsigned i = 0; i < g->nhost; i++) {
        put_name(out, "h");
        put_name(out, names[i]);
        wrt_buf_u8(out, 0);
        wrt_buf_uleb(out, g->funcs[i].type);
    }
}

static void put_funcs(struct gen *g, struct wrt_buf *out)
{
    wrt_buf_uleb(out, g->nfuncs - g->nhost);
    for (unsigned i = g->nhost; i < g->nfuncs; i++)
        wrt_buf_uleb(out, g->funcs[i].type);
}

static void put_tables(struct gen *g, struct wrt_buf *out)
{
    wrt_buf_uleb(out, g->ntables);
    for (unsigned i = 0; i < g->ntables; i++) {
        const struct gtable *t = &g->tables[i];
        bool has_init = !t->type.nullable;

        if (has_init) {
            wrt_buf_u8(out, TABLE_WITH_INIT);
            wrt_buf_u8(out, 0);
        }
        gen_put_type(out, t->type);
        wrt_buf_u8(out, LIMITS_HAS_MAX | (t->is_64 ? LIMITS_64 : 0));
        wrt_buf_uleb(out, t->min);
        wrt_buf_uleb(out, t->max);
        if (has_init)
            const_expr(g, t->type, 0, out);
    }
}

static void put_memories(struct gen *g, struct wrt_buf *out)
{
    wrt_buf_uleb(out, g->nmemories);
    for (unsigned i = 0; i < g->nmemories; i++) {
        const struct gmemory *m = &g->memories[i];

        wrt_buf_u8(out, LIMITS_HAS_MAX | (m->is_shared ? LIMITS_SHARED : 0u) |
                            (m->is_64 ? LIMITS_64 : 0u) |
                            (m->is_bytes ? LIMITS_PAGE_SIZE : 0u));
        wrt_buf_uleb(out, m->min);
        wrt_buf_uleb(out, m->max);
        if (m->is_bytes)
            wrt_buf_uleb(out, 0);
    }
}

static void put_tags(struct gen *g, struct wrt_buf *out)
{
    wrt_buf_uleb(out, g->ntags);
    for (unsigned i = 0; i < g->ntags; i++) {
        wrt_buf_u8(out, 0);
        wrt_buf_uleb(out, g->tags[i]);
    }
}

static void put_globals(struct gen *g, struct wrt_buf *out)
{
    wrt_buf_uleb(out, g->nglobals);
    for (unsigned i = 0; i < g->nglobals; i++) {
        gen_put_type(out, g->globals[i].type);
        wrt_buf_u8(out, g->globals[i].mutable);
        if (i == GLOBAL_STATE)
            offset_expr(g, true, 0, out);
        else if (i < OWN_GLOBALS)
            offset_expr(g, false, i == GLOBAL_FUEL ? FUEL_PER_CALL : 0, out);
        else
            const_expr(g, g->globals[i].type, i, out);
    }
}

static void put_export(struct wrt_buf *out, const char *prefix, unsigned n,
                       unsigned kind, unsigned idx)
{
    char name[16];

    snprintf(name, sizeof(name), "%s%u", prefix, n);
    put_name(out, name);
    wrt_buf_u8(out, kind);
    wrt_buf_uleb(out, idx);
}

/* Those that any engine shows as they are. */
static bool is_integer(struct gtype type)
{
    return type.kind == WRT_KIND_I32 || type.kind == WRT_KIND_I64;
}

static void put_exports(struct gen *g, struct wrt_buf *out)
{
    unsigned entry = 0;

    wrt_buf_uleb(out, g->nrandom + 1 + g->ntables + g->nmemories + g->nglobals +
                          g->ntags);
    for (unsigned i = 0; i < g->nfuncs; i++)
        if (g->funcs[i].kind == FUNC_ENTRY)
            put_export(out, "e", entry++, 0, i);
        else if (g->funcs[i].kind == FUNC_STATE)
            put_export(out, "s", 0, 0, i);
    for (unsigned i = 0; i < g->ntables; i++)
        put_export(out, "t", i, 1, i);
    for (unsigned i = 0; i < g->nmemories; i++)
        put_export(out, "m", i, 2, i);
    for (unsigned i = 0; i < g->nglobals; i++)
        put_export(out, is_integer(g->globals[i].type) ? "g" : "r", i, 3, i);
    for (unsigned i = 0; i < g->ntags; i++)
        put_export(out, "x", i, 4, i);
}

static void put_func_vector(struct gen *g, struct wrt_buf *out, unsigned n)
{
    wrt_buf_uleb(out, n);
    for (unsigned i = 0; i < n; i++)
        wrt_buf_uleb(out, g->first_random + i % g->nrandom);
}

/* Expressions, as many as the tables have elements, and some. */
static void put_expr_elems(struct gen *g, struct wrt_buf *out)
{
    wrt_buf_uleb(out, ELEM_NOT_ACTIVE | ELEM_EXPRS);
    gen_put_type(out, g->elem_type);
    wrt_buf_uleb(out, TABLE_ELEMS + 3);
    for (unsigned i = 0; i < TABLE_ELEMS + 3; i++)
        const_expr(g, g->elem_type, g->nglobals, out);
}

/* 0 fills table 0; 1 is passive; 2 declares every function; 3 is for arrays. */
static void put_elems(struct gen *g, struct wrt_buf *out)
{
    wrt_buf_uleb(out, g->nelems);
    wrt_buf_uleb(out, 0);
    offset_expr(g, g->tables[0].is_64, 0, out);
    put_func_vector(g, out, WRT_MIN(g->nrandom, (unsigned)TABLE_ELEMS));
    if (g->nelems == 1)
        return;
    for (unsigned flags = ELEM_NOT_ACTIVE;
         flags <= (ELEM_NOT_ACTIVE | ELEM_EXPLICIT); flags += ELEM_EXPLICIT) {
        wrt_buf_uleb(out, flags);
        wrt_buf_u8(out, 0);
        put_func_vector(g, out, flags & ELEM_EXPLICIT ? g->nrandom : 4);
    }
    if (g->nelems > 3)
        put_expr_elems(g, out);
}

static void put_datas(struct gen *g, struct wrt_buf *out)
{
    wrt_buf_uleb(out, g->ndatas);
    for (unsigned i = 0; i < g->ndatas; i++) {
        bool is_active = i == 0 && g->nmemories;

        wrt_buf_uleb(out, is_active ? DATA_ACTIVE : DATA_PASSIVE);
        if (is_active)
            offset_expr(g, g->memories[0].is_64, gen_below(g, 64), out);
        wrt_buf_uleb(out, DATA_BYTES);
        for (unsigned j = 0; j < DATA_BYTES; j += 8)
            wrt_buf_fixed(out, gen_bits(g), 8);
    }
}

static void section(struct gen *g, unsigned id,
                    void (*put)(struct gen *, struct wrt_buf *))
{
    struct wrt_buf body;

    wrt_buf_init(&body, g->module.alloc);
    put(g, &body);
    wrt_buf_u8(&g->module, id);
    wrt_buf_sized(&g->module, body.items, body.count);
    g->module.failed |= body.failed;
    wrt_buf_fini(&body);
}

static void put_start(struct gen *g, struct wrt_buf *out)
{
    wrt_buf_uleb(out, g->nfuncs - 1);
}

static void put_data_count(struct gen *g, struct wrt_buf *out)
{
    wrt_buf_uleb(out, g->ndatas);
}

/* Only where code names a segment, as text that becomes binary has it. */
static bool needs_data_count(const struct gen *g)
{
    return g->counts[WRT_OP_MEMORY_INIT] || g->counts[WRT_OP_DATA_DROP] ||
           g->counts[WRT_OP_ARRAY_NEW_DATA] ||
           g->counts[WRT_OP_ARRAY_INIT_DATA];
}

/* -- The module ------------------------------------------------------------ */

static void put_sections(struct gen *g, const struct wrt_buf *code)
{
    wrt_buf_bytes(&g->module, "\0asm\1\0\0\0", 8);
    section(g, 1, gen_put_types);
    section(g, 2, put_imports);
    section(g, 3, put_funcs);
    section(g, 4, put_tables);
    if (g->nmemories)
        section(g, 5, put_memories);
    if (g->ntags)
        section(g, 13, put_tags);
    section(g, 6, put_globals);
    section(g, 7, put_exports);
    if (g->funcs[g->nfuncs - 1].kind == FUNC_START)
        section(g, 8, put_start);
    section(g, 9, put_elems);
    if (needs_data_count(g))
        section(g, 12, put_data_count);
    wrt_buf_u8(&g->module, 10);
    wrt_buf_sized(&g->module, code->items, code->count);
    if (g->ndatas)
        section(g, 11, put_datas);
}

bool gen_module(struct gen *g)
{
    struct wrt_buf code;

    wrt_buf_init(&g->module, &wrt_alloc_libc);
    wrt_buf_init(&code, &wrt_alloc_libc);
    g->path = g->rng = rand_mix(g->seed);
    choose_features(g);
    choose_weights(g);
    gen_types(g);
    choose_funcs(g);
    choose_tables(g);
    choose_memories(g);
    choose_tags(g);
    choose_globals(g);
    choose_elems(g);
    wrt_buf_uleb(&code, g->nfuncs - g->nhost);
    for (unsigned i = g->nhost; i < g->nfuncs; i++)
        gen_function(g, i, &code);
    put_sections(g, &code);
    g->module.failed |= code.failed;
    wrt_buf_fini(&code);
    return !g->module.failed;
}
