/*
 * The generator: types, subtyping, the type section.
 *
 * Structs and arrays form one recursion group at the front, so that their
 * fields may refer to any of them; function types follow, each alone, and are
 * added to while code is generated.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/diff/gen.h"

/* -- Subtyping (spec 3.3) -------------------------------------------------- */

static int top_of(enum wrt_type_form form)
{
    return form == WRT_FORM_STRUCT  ? G_HEAP(STRUCT)
           : form == WRT_FORM_ARRAY ? G_HEAP(ARRAY)
                                    : G_HEAP(FUNC);
}

static bool is_sub_abstract(enum wrt_heap a, enum wrt_heap b)
{
    switch (a) {
    case WRT_HEAP_NONE:
        return b == WRT_HEAP_I31 || b == WRT_HEAP_STRUCT ||
               b == WRT_HEAP_ARRAY || b == WRT_HEAP_EQ || b == WRT_HEAP_ANY;
    case WRT_HEAP_I31:
    case WRT_HEAP_STRUCT:
    case WRT_HEAP_ARRAY: return b == WRT_HEAP_EQ || b == WRT_HEAP_ANY;
    case WRT_HEAP_EQ: return b == WRT_HEAP_ANY;
    case WRT_HEAP_NOFUNC: return b == WRT_HEAP_FUNC;
    case WRT_HEAP_NOEXTERN: return b == WRT_HEAP_EXTERN;
    case WRT_HEAP_NOEXN: return b == WRT_HEAP_EXN;
    default: return false;
    }
}

bool gen_is_sub_heap(const struct gen *g, int a, int b)
{
    if (a == b)
        return true;
    if (a < 0 && b < 0)
        return is_sub_abstract((enum wrt_heap)(-1 - a),
                               (enum wrt_heap)(-1 - b));
    if (a < 0)
        return a == (g->types[b].form == WRT_FORM_FUNC ? G_HEAP(NOFUNC)
                                                       : G_HEAP(NONE));
    if (b < 0)
        return gen_is_sub_heap(g, top_of(g->types[a].form), b);
    return g->types[a].super >= 0 && gen_is_sub_heap(g, g->types[a].super, b);
}

bool gen_is_sub(const struct gen *g, struct gtype a, struct gtype b)
{
    if (a.kind != b.kind)
        return false;
    return a.kind != WRT_KIND_REF ||
           ((b.nullable || !a.nullable) && gen_is_sub_heap(g, a.heap, b.heap));
}

bool gen_are_sub(const struct gen *g, const struct gvalues *a,
                 const struct gvalues *b)
{
    if (a->n != b->n)
        return false;
    for (unsigned i = 0; i < a->n; i++)
        if (!gen_is_sub(g, a->of[i], b->of[i]))
            return false;
    return true;
}

static bool are_same(const struct gvalues *a, const struct gvalues *b)
{
    if (a->n != b->n)
        return false;
    for (unsigned i = 0; i < a->n; i++)
        if (a->of[i].kind != b->of[i].kind ||
            (a->of[i].kind == WRT_KIND_REF &&
             (a->of[i].nullable != b->of[i].nullable ||
              a->of[i].heap != b->of[i].heap)))
            return false;
    return true;
}

/* -- Choosing types -------------------------------------------------------- */

struct gtype gen_num_type(struct gen *g)
{
    static const uint8_t kinds[] = {WRT_KIND_I32, WRT_KIND_I32, WRT_KIND_I64,
                                    WRT_KIND_F32, WRT_KIND_F64, WRT_KIND_V128};
    unsigned n = gen_has(g, WRT_FEATURE_SIMD) ? 6 : 5;

    return (struct gtype){.kind = kinds[gen_below(g, n)]};
}

/* Below (or equal to) a heap type; -1 when there is none. */
int gen_pick_def(struct gen *g, enum wrt_type_form form, int below)
{
    unsigned start = gen_below(g, g->ntypes ? g->ntypes : 1);

    for (unsigned i = 0; i < g->ntypes; i++) {
        unsigned def = (start + i) % g->ntypes;

        if (g->types[def].form == form &&
            (form != WRT_FORM_FUNC ||
             def < g->first_func_type + g->nfunc_types) &&
            gen_is_sub_heap(g, (int)def, below))
            return (int)def;
    }
    return -1;
}

static struct gtype gc_type(struct gen *g)
{
    static const int16_t heaps[] = {G_HEAP(ANY),   G_HEAP(EQ),
                                    G_HEAP(I31),   G_HEAP(STRUCT),
                                    G_HEAP(ARRAY), G_HEAP(NONE)};
    unsigned n = gen_below(g, 12);
    bool nullable = gen_chance(g, 70);

    if (n < 6)
        return G_REF(heaps[n], nullable || n == 5);
    return G_REF(gen_below(g, g->ngroup), nullable);
}

struct gtype gen_ref_type(struct gen *g)
{
    bool has_typed = gen_has(g, WRT_FEATURE_FUNCTION_REFERENCES);

    if (gen_has(g, WRT_FEATURE_GC) && gen_chance(g, 65))
        return gc_type(g);
    if (gen_has(g, WRT_FEATURE_EXCEPTIONS) && !g->is_legacy &&
        gen_chance(g, 10))
        return G_ABS(EXN, true);
    if (gen_chance(g, 25))
        return G_ABS(EXTERN, !gen_has(g, WRT_FEATURE_GC) || gen_chance(g, 70));
    if (has_typed && g->nfunc_types && gen_chance(g, 50))
        return G_REF(g->first_func_type + gen_below(g, g->nfunc_types),
                     gen_chance(g, 60));
    return G_ABS(FUNC, !has_typed || gen_chance(g, 70));
}

struct gtype gen_type(struct gen *g)
{
    if (gen_has(g, WRT_FEATURE_REFERENCE_TYPES) && gen_chance(g, 30))
        return gen_ref_type(g);
    return gen_num_type(g);
}

static struct gvalues some_types(struct gen *g, unsigned max)
{
    struct gvalues v = {.n = gen_below(g, max + 1)};

    for (unsigned i = 0; i < v.n; i++)
        v.of[i] = gen_type(g);
    return v;
}

/* -- Structs and arrays ---------------------------------------------------- */

bool gen_is_packed(struct gtype type)
{
    return type.kind == WRT_KIND_I8 || type.kind == WRT_KIND_I16;
}

struct gvalues gen_one(struct gtype type)
{
    return (struct gvalues){.n = 1, .of = {type}};
}

struct gtype gen_unpacked(struct gtype type)
{
    return gen_is_packed(type) ? G_I32 : type;
}

/* References are nullable, so that there is a default for each field, except
 * those to i31. */
static struct gtype field_type(struct gen *g)
{
    struct gtype type;

    if (gen_chance(g, 25))
        return gen_chance(g, 50) ? G_NUM(I8) : G_NUM(I16);
    type = gen_chance(g, 50) ? gen_num_type(g) : gc_type(g);
    if (type.kind == WRT_KIND_REF && type.heap != G_HEAP(I31))
        type.nullable = true;
    return type;
}

static void add_field(struct gen *g, struct gdef *def)
{
    def->fields.of[def->fields.n] = field_type(g);
    def->mutable[def->fields.n++] = gen_chance(g, 75);
}

/* Supertypes stand before their subtypes; final types have no subtypes. */
static void make_struct(struct gen *g, unsigned idx)
{
    struct gdef *def = &g->types[idx];

    def->form = WRT_FORM_STRUCT;
    def->is_open = gen_chance(g, 70);
    def->super = -1;
    for (unsigned i = 0; i < idx && gen_chance(g, 75); i++)
        if (g->types[i].form == WRT_FORM_STRUCT && g->types[i].is_open &&
            gen_chance(g, 50)) {
            def->super = (int)i;
            def->fields = g->types[i].fields;
            memcpy(def->mutable, g->types[i].mutable, sizeof(def->mutable));
        }
    for (unsigned n = gen_below(g, 4); n && def->fields.n < MAX_VALUES; n--)
        add_field(g, def);
}

static void make_array(struct gen *g, unsigned idx)
{
    struct gdef *def = &g->types[idx];

    def->form = WRT_FORM_ARRAY;
    def->super = -1;
    add_field(g, def);
    def->mutable[0] = gen_chance(g, 90);
}

static void make_group(struct gen *g)
{
    unsigned nstructs = 2 + gen_below(g, 3), narrays = 1 + gen_below(g, 3);

    g->ngroup = nstructs + narrays;
    g->ntypes = g->ngroup;
    for (unsigned i = 0; i < g->ngroup; i++) {
        if (i < nstructs)
            make_struct(g, i);
        else
            make_array(g, i);
    }
}

/* -- Functions ------------------------------------------------------------- */

unsigned gen_func_type(struct gen *g, const struct gvalues *params,
                       const struct gvalues *results)
{
    struct gdef *def;

    /* Of equal types the first: that is the one which text means. */
    for (unsigned i = g->first_func_type; i < g->ntypes; i++)
        if (!g->types[i].is_open && g->types[i].super < 0 &&
            are_same(&g->types[i].params, params) &&
            are_same(&g->types[i].results, results))
            return i;
    if (g->ntypes == MAX_TYPES)
        return MAX_TYPES;
    def = &g->types[g->ntypes];
    *def = (struct gdef){.form = WRT_FORM_FUNC,
                         .super = -1,
                         .params = *params,
                         .results = *results};
    return g->ntypes++;
}

/* Types of functions; some with equal results, for tail calls. */
static void make_func_types(struct gen *g)
{
    unsigned n = 2 + gen_below(g, 2);
    struct gvalues shared =
        some_types(g, gen_has(g, WRT_FEATURE_MULTI_VALUE) ? 3 : 1);

    g->first_func_type = g->ntypes;
    for (unsigned i = 0; i < n; i++) {
        struct gvalues params = some_types(g, 4), results = shared;
        unsigned idx;

        if (gen_chance(g, 40))
            results =
                some_types(g, gen_has(g, WRT_FEATURE_MULTI_VALUE) ? 3 : 1);
        idx = gen_func_type(g, &params, &results);
        if (idx == g->first_func_type + i && gen_has(g, WRT_FEATURE_GC))
            g->types[idx].is_open = gen_chance(g, 40);
        if (g->types[idx].is_open && g->ntypes < MAX_TYPES) {
            g->types[g->ntypes] = g->types[idx];
            g->types[g->ntypes++].super = (int)idx;
            i++;
        }
    }
    g->nfunc_types = g->ntypes - g->first_func_type;
}

void gen_types(struct gen *g)
{
    if (gen_has(g, WRT_FEATURE_GC))
        make_group(g);
    make_func_types(g);
}

/* -- Bytes (spec 5.3) ------------------------------------------------------ */

static unsigned heap_byte(int heap)
{
    static const uint8_t bytes[] = {
        [WRT_HEAP_FUNC] = 0x70,   [WRT_HEAP_NOFUNC] = 0x73,
        [WRT_HEAP_EXTERN] = 0x6f, [WRT_HEAP_NOEXTERN] = 0x72,
        [WRT_HEAP_ANY] = 0x6e,    [WRT_HEAP_EQ] = 0x6d,
        [WRT_HEAP_I31] = 0x6c,    [WRT_HEAP_STRUCT] = 0x6b,
        [WRT_HEAP_ARRAY] = 0x6a,  [WRT_HEAP_NONE] = 0x71,
        [WRT_HEAP_EXN] = 0x69,    [WRT_HEAP_NOEXN] = 0x74,
    };

    return bytes[-1 - heap];
}

void gen_put_heap(struct wrt_buf *out, int heap)
{
    if (heap >= 0)
        wrt_buf_sleb(out, heap);
    else
        wrt_buf_u8(out, heap_byte(heap));
}

void gen_put_type(struct wrt_buf *out, struct gtype type)
{
    static const uint8_t bytes[] = {
        [WRT_KIND_I32] = 0x7f,     [WRT_KIND_I64] = 0x7e,
        [WRT_KIND_F32] = 0x7d,     [WRT_KIND_F64] = 0x7c,
        [WRT_KIND_V128] = 0x7b,    [WRT_KIND_I8] = BYTE_I8,
        [WRT_KIND_I16] = BYTE_I16,
    };

    if (type.kind != WRT_KIND_REF) {
        wrt_buf_u8(out, bytes[type.kind]);
        return;
    }
    if (!type.nullable || type.heap >= 0)
        wrt_buf_u8(out, type.nullable ? BYTE_REF_NULL : BYTE_REF);
    gen_put_heap(out, type.heap);
}

static void put_values(struct wrt_buf *out, const struct gvalues *values)
{
    wrt_buf_uleb(out, values->n);
    for (unsigned i = 0; i < values->n; i++)
        gen_put_type(out, values->of[i]);
}

static void put_fields(struct wrt_buf *out, const struct gdef *def)
{
    if (def->form == WRT_FORM_STRUCT)
        wrt_buf_uleb(out, def->fields.n);
    for (unsigned i = 0; i < def->fields.n; i++) {
        gen_put_type(out, def->fields.of[i]);
        wrt_buf_u8(out, def->mutable[i]);
    }
}

static void put_def(struct wrt_buf *out, const struct gdef *def)
{
    if (def->is_open || def->super >= 0) {
        wrt_buf_u8(out, def->is_open ? BYTE_SUB : BYTE_SUB_FINAL);
        wrt_buf_uleb(out, def->super >= 0);
        if (def->super >= 0)
            wrt_buf_uleb(out, (unsigned)def->super);
    }
    switch (def->form) {
    case WRT_FORM_STRUCT:
        wrt_buf_u8(out, BYTE_STRUCT);
        put_fields(out, def);
        break;
    case WRT_FORM_ARRAY:
        wrt_buf_u8(out, BYTE_ARRAY);
        put_fields(out, def);
        break;
    default:
        wrt_buf_u8(out, BYTE_FUNC);
        put_values(out, &def->params);
        put_values(out, &def->results);
        break;
    }
}

void gen_put_types(struct gen *g, struct wrt_buf *out)
{
    wrt_buf_uleb(out, g->ntypes - g->ngroup + (g->ngroup ? 1 : 0));
    if (g->ngroup) {
        wrt_buf_u8(out, BYTE_REC);
        wrt_buf_uleb(out, g->ngroup);
    }
    for (unsigned i = 0; i < g->ntypes; i++)
        put_def(out, &g->types[i]);
}
