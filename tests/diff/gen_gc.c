/*
 * The generator: references, structs, arrays, casts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/diff/gen.h"

/* -- Making objects -------------------------------------------------------- */

static bool is_defaultable(const struct gdef *def)
{
    for (unsigned i = 0; i < def->fields.n; i++)
        if (def->fields.of[i].kind == WRT_KIND_REF &&
            !def->fields.of[i].nullable)
            return false;
    return true;
}

static void fields(struct gen *g, const struct gdef *def, int depth)
{
    for (unsigned i = 0; i < def->fields.n; i++) {
        struct gtype type = gen_unpacked(def->fields.of[i]);

        if (depth > 0) {
            gen_expr(g, type, depth - 1);
        } else if (type.kind == WRT_KIND_REF && type.nullable) {
            gen_op(g, WRT_OP_REF_NULL); /* objects of objects end here */
            gen_put_heap(g->code, type.heap);
        } else {
            gen_leaf(g, type);
        }
    }
}

static void new_struct(struct gen *g, unsigned idx, int depth)
{
    const struct gdef *def = &g->types[idx];

    if (is_defaultable(def) && (depth <= 0 || gen_chance(g, 30))) {
        gen_op_u(g, WRT_OP_STRUCT_NEW_DEFAULT, idx);
        return;
    }
    fields(g, def, depth);
    gen_op_u(g, WRT_OP_STRUCT_NEW, idx);
}

static bool is_number(struct gtype type)
{
    return type.kind != WRT_KIND_REF;
}

static unsigned field_bytes(struct gtype type)
{
    switch (type.kind) {
    case WRT_KIND_I8: return 1;
    case WRT_KIND_I16: return 2;
    case WRT_KIND_I64:
    case WRT_KIND_F64: return 8;
    case WRT_KIND_V128: return 16;
    default: return 4;
    }
}

static void array_length(struct gen *g, int depth)
{
    if (depth <= 0 || gen_chance(g, 60)) {
        gen_i32(g, (int)(ARRAY_ELEMS + gen_below(g, 4)));
        return;
    }
    gen_expr(g, G_I32, depth - 1);
    gen_i32(g, 7);
    gen_op(g, WRT_OP_I32_AND);
    gen_i32(g, ARRAY_ELEMS);
    gen_op(g, WRT_OP_I32_OR);
}

/* From a passive data segment, whose floats could be any NaN: fine for floats,
 * and vectors are no harm. */
static void array_of_data(struct gen *g, unsigned idx, int depth)
{
    unsigned bytes = field_bytes(g->types[idx].fields.of[0]);
    unsigned n = DATA_BYTES / bytes;

    if (depth > 0 && gen_chance(g, 20))
        gen_expr(g, G_I32, depth - 1);
    else
        gen_i32(g, (int)gen_below(g, 4));
    gen_i32(g, (int)gen_below(g, n + 1));
    gen_op_u(g, WRT_OP_ARRAY_NEW_DATA, idx);
    gen_u(g, g->ndatas - 1);
}

/* Whether element segment 3 has elements for an array. */
static bool fits_elems(const struct gen *g, struct gtype elem)
{
    return g->nelems > 3 && gen_is_sub(g, g->elem_type, elem);
}

static void new_array(struct gen *g, unsigned idx, int depth)
{
    struct gtype elem = g->types[idx].fields.of[0];
    unsigned kind = gen_below(g, 4);

    if (kind == 0 && depth > 0 && is_number(elem) && g->ndatas) {
        array_of_data(g, idx, depth);
    } else if (kind == 0 && depth > 0 && fits_elems(g, elem)) {
        gen_i32(g, (int)gen_below(g, 3));
        gen_i32(g, (int)gen_below(g, TABLE_ELEMS + 1));
        gen_op_u(g, WRT_OP_ARRAY_NEW_ELEM, idx);
        gen_u(g, 3);
    } else if (kind == 1 && is_defaultable(&g->types[idx])) {
        array_length(g, depth);
        gen_op_u(g, WRT_OP_ARRAY_NEW_DEFAULT, idx);
    } else if (kind == 2) {
        fields(g, &g->types[idx], depth);
        array_length(g, depth);
        gen_op_u(g, WRT_OP_ARRAY_NEW, idx);
    } else {
        unsigned n = ARRAY_ELEMS + gen_below(g, 2);

        for (unsigned i = 0; i < n; i++)
            fields(g, &g->types[idx], depth - 1);
        gen_op_u(g, WRT_OP_ARRAY_NEW_FIXED, idx);
        gen_u(g, n);
    }
}

static void new_i31(struct gen *g, int depth)
{
    if (depth > 0)
        gen_expr(g, G_I32, depth - 1);
    else
        gen_leaf(g, G_I32);
    gen_op(g, WRT_OP_REF_I31);
}

static bool new_func(struct gen *g, int heap)
{
    unsigned start = gen_below(g, g->nrandom);

    for (unsigned i = 0; i < g->nrandom; i++) {
        unsigned func = g->first_random + (start + i) % g->nrandom;

        if (gen_is_sub_heap(g, (int)g->funcs[func].type, heap)) {
            gen_op_u(g, WRT_OP_REF_FUNC, func);
            return true;
        }
    }
    return false;
}

static bool new_of_form(struct gen *g, enum wrt_type_form form, int heap,
                        int depth)
{
    int def = gen_pick_def(g, form, heap);

    if (def < 0)
        return false;
    if (form == WRT_FORM_STRUCT)
        new_struct(g, (unsigned)def, depth);
    else
        new_array(g, (unsigned)def, depth);
    return true;
}

/* Not null.  False, with nothing emitted, when there is no such value. */
bool gen_new_ref(struct gen *g, struct gtype type, int depth)
{
    int heap = type.heap;

    if (heap >= 0)
        return g->types[heap].form == WRT_FORM_FUNC
                   ? new_func(g, heap)
                   : new_of_form(g, g->types[heap].form, heap, depth);
    if (heap == G_HEAP(FUNC))
        return new_func(g, heap);
    if (!gen_has(g, WRT_FEATURE_GC))
        return false;
    switch (-1 - heap) {
    case WRT_HEAP_I31: new_i31(g, depth); return true;
    case WRT_HEAP_STRUCT: return new_of_form(g, WRT_FORM_STRUCT, heap, depth);
    case WRT_HEAP_ARRAY: return new_of_form(g, WRT_FORM_ARRAY, heap, depth);
    case WRT_HEAP_ANY:
    case WRT_HEAP_EQ:
        switch (gen_below(g, 3)) {
        case 0: new_i31(g, depth); return true;
        case 1: return new_of_form(g, WRT_FORM_STRUCT, heap, depth);
        default: return new_of_form(g, WRT_FORM_ARRAY, heap, depth);
        }
    case WRT_HEAP_EXTERN:
        gen_new_ref(g, G_ABS(ANY, false), depth);
        gen_op(g, WRT_OP_EXTERN_CONVERT_ANY);
        return true;
    default: return false;
    }
}

/* -- References ------------------------------------------------------------ */

/* A heap type at or above another one; itself when it has none that casts know.
 */
static int above(struct gen *g, int heap)
{
    static const int16_t tops[] = {G_HEAP(ANY), G_HEAP(EQ), G_HEAP(STRUCT),
                                   G_HEAP(ARRAY), G_HEAP(FUNC)};
    unsigned start = gen_below(g, WRT_COUNTOF(tops));

    if (heap >= 0 && g->types[heap].super >= 0 && gen_chance(g, 40))
        return g->types[heap].super;
    for (unsigned i = 0; i < WRT_COUNTOF(tops); i++) {
        int top = tops[(start + i) % WRT_COUNTOF(tops)];

        if (gen_is_sub_heap(g, heap, top))
            return top;
    }
    return heap;
}

static void cast_operands(struct gen *g, struct gtype from, struct gtype to)
{
    wrt_buf_u8(g->code, (from.nullable ? CAST_FROM_NULL : 0u) |
                            (to.nullable ? CAST_TO_NULL : 0u));
    gen_u(g, 0);
    gen_put_heap(g->code, from.heap);
    gen_put_heap(g->code, to.heap);
}

/* block (result TO) FROM, br_on_cast 0, drop, TO end */
static void branch_on_cast(struct gen *g, struct gtype to, int depth)
{
    struct gtype from = G_REF(above(g, to.heap), true);
    struct gvalues one = gen_one(to), rest;

    gen_op(g, WRT_OP_BLOCK);
    gen_block_type(g, &one);
    gen_push_label(g, &one);
    if (gen_chance(g, 50)) {
        gen_expr(g, from, depth - 1);
        gen_op(g, WRT_OP_BR_ON_CAST);
        cast_operands(g, from, to);
        gen_op(g, WRT_OP_DROP);
    } else {
        rest = gen_one(G_REF(from.heap, !to.nullable));
        gen_op(g, WRT_OP_BLOCK);
        gen_block_type(g, &rest);
        gen_push_label(g, &rest);
        gen_expr(g, from, depth - 1);
        gen_op(g, WRT_OP_BR_ON_CAST_FAIL);
        cast_operands(g, from, to);
        gen_op_u(g, WRT_OP_BR, 1);
        gen_pop_label(g);
        gen_op(g, WRT_OP_END);
        gen_sink(g, &rest);
    }
    gen_expr(g, to, depth - 1);
    gen_pop_label(g);
    gen_op(g, WRT_OP_END);
}

/* A value that is not null, by a branch on one that may be. */
static void branch_on_null(struct gen *g, struct gtype to, int depth)
{
    struct gvalues one = gen_one(to), none = {0};

    gen_op(g, WRT_OP_BLOCK);
    gen_block_type(g, &one);
    gen_push_label(g, &one);
    if (gen_chance(g, 50)) {
        gen_expr(g, G_REF(to.heap, true), depth - 1);
        gen_op_u(g, WRT_OP_BR_ON_NON_NULL, 0);
    } else {
        gen_op(g, WRT_OP_BLOCK);
        gen_block_type(g, &none);
        gen_push_label(g, &none);
        gen_expr(g, G_REF(to.heap, true), depth - 1);
        gen_op_u(g, WRT_OP_BR_ON_NULL, 0);
        gen_op_u(g, WRT_OP_BR, 1);
        gen_pop_label(g);
        gen_op(g, WRT_OP_END);
    }
    gen_expr(g, to, depth - 1);
    gen_pop_label(g);
    gen_op(g, WRT_OP_END);
}

static bool can_cast(struct gtype type)
{
    return type.heap != G_HEAP(EXTERN) && type.heap != G_HEAP(EXN) &&
           type.heap != G_HEAP(NOEXTERN);
}

static bool convert(struct gen *g, struct gtype type, int depth)
{
    if (type.heap == G_HEAP(EXTERN)) {
        gen_expr(g, G_ABS(ANY, type.nullable), depth - 1);
        gen_op(g, WRT_OP_EXTERN_CONVERT_ANY);
        return true;
    }
    if (type.heap != G_HEAP(ANY))
        return false;
    gen_expr(g, G_ABS(EXTERN, type.nullable), depth - 1);
    gen_op(g, WRT_OP_ANY_CONVERT_EXTERN);
    return true;
}

static bool ref_value(struct gen *g, struct gtype type, int depth)
{
    bool has_gc = gen_has(g, WRT_FEATURE_GC);

    switch (gen_below(g, 8)) {
    case 0:
        if (!has_gc || !can_cast(type))
            return false;
        gen_expr(g, G_REF(above(g, type.heap), true), depth - 1);
        gen_op(g, type.nullable ? WRT_OP_REF_CAST_NULL : WRT_OP_REF_CAST);
        gen_put_heap(g->code, type.heap);
        return true;
    case 1:
    case 2:
        if (!has_gc || !can_cast(type) || g->nlabels + 4 > MAX_LABELS)
            return false;
        branch_on_cast(g, type, depth);
        return true;
    case 3:
        if (!gen_has(g, WRT_FEATURE_FUNCTION_REFERENCES) || type.nullable ||
            g->nlabels + 4 > MAX_LABELS)
            return false;
        branch_on_null(g, type, depth);
        return true;
    case 4: return has_gc && convert(g, type, depth);
    case 5:
        if (!gen_has(g, WRT_FEATURE_FUNCTION_REFERENCES) || !gen_chance(g, 50))
            return false;
        gen_expr(g, G_REF(type.heap, true), depth - 1);
        gen_op(g, WRT_OP_REF_AS_NON_NULL);
        return true;
    default: return gen_new_ref(g, type, depth);
    }
}

static bool ref_question(struct gen *g, int depth)
{
    struct gtype type = gen_ref_type(g);

    switch (gen_has(g, WRT_FEATURE_GC) ? gen_below(g, 5) : 0) {
    case 1:
    case 2:
        if (!can_cast(type))
            return false;
        gen_expr(g, G_REF(above(g, type.heap), true), depth - 1);
        gen_op(g, type.nullable ? WRT_OP_REF_TEST_NULL : WRT_OP_REF_TEST);
        gen_put_heap(g->code, type.heap);
        return true;
    case 3:
        gen_expr(g, G_ABS(EQ, true), depth - 1);
        gen_expr(g, G_ABS(EQ, true), depth - 1);
        gen_op(g, WRT_OP_REF_EQ);
        return true;
    case 4:
        gen_expr(g, G_ABS(I31, gen_chance(g, 20)), depth - 1);
        gen_op(g, gen_chance(g, 50) ? WRT_OP_I31_GET_S : WRT_OP_I31_GET_U);
        return true;
    default:
        gen_expr(g, type, depth - 1);
        gen_op(g, WRT_OP_REF_IS_NULL);
        return true;
    }
}

bool gen_expr_ref(struct gen *g, struct gtype type, int depth)
{
    if (type.kind == WRT_KIND_I32)
        return ref_question(g, depth);
    return type.kind == WRT_KIND_REF && ref_value(g, type, depth);
}

bool gen_stmt_ref(struct gen *g, int depth)
{
    struct gvalues one = gen_one(gen_ref_type(g));

    if (!gen_expr_ref(g, one.of[0], depth))
        return false;
    gen_sink(g, &one);
    return true;
}

/* -- Fields and elements --------------------------------------------------- */

static void object(struct gen *g, int def, int depth)
{
    gen_expr(g, G_REF(def, gen_chance(g, 15)), depth - 1);
}

/* An index that exists, mostly. */
static void element(struct gen *g, int depth)
{
    if (gen_chance(g, 50)) {
        gen_i32(g, (int)gen_below(g, ARRAY_ELEMS + (gen_chance(g, 5) ? 9 : 0)));
        return;
    }
    gen_expr(g, G_I32, depth - 1);
    if (gen_chance(g, 4))
        return;
    gen_i32(g, 3);
    gen_op(g, WRT_OP_I32_AND);
}

void gen_get_field(struct gen *g, unsigned def, unsigned field)
{
    bool is_array = g->types[def].form == WRT_FORM_ARRAY;
    bool is_signed = gen_chance(g, 50);
    enum wrt_op op = is_array ? WRT_OP_ARRAY_GET : WRT_OP_STRUCT_GET;

    if (gen_is_packed(g->types[def].fields.of[field]))
        op = is_array    ? is_signed ? WRT_OP_ARRAY_GET_S : WRT_OP_ARRAY_GET_U
             : is_signed ? WRT_OP_STRUCT_GET_S
                         : WRT_OP_STRUCT_GET_U;
    gen_op_u(g, op, def);
    if (!is_array)
        gen_u(g, field);
}

/* A field of the group's types that can be read as a type. */
static bool pick_field(struct gen *g, struct gtype type, unsigned *def,
                       unsigned *field)
{
    unsigned start;

    if (!g->ngroup)
        return false;
    start = gen_below(g, g->ngroup);
    for (unsigned i = 0; i < g->ngroup; i++) {
        const struct gvalues *of;

        *def = (start + i) % g->ngroup;
        of = &g->types[*def].fields;
        for (unsigned j = 0; j < of->n; j++) {
            *field = j;
            if (gen_is_sub(g, gen_unpacked(of->of[j]), type) &&
                gen_chance(g, 60))
                return true;
        }
    }
    return false;
}

bool gen_expr_gc(struct gen *g, struct gtype type, int depth)
{
    unsigned def, field;

    if (type.kind == WRT_KIND_I32 && gen_chance(g, 15)) {
        gen_expr(g, G_ABS(ARRAY, gen_chance(g, 15)), depth - 1);
        gen_op(g, WRT_OP_ARRAY_LEN);
        return true;
    }
    if (type.kind == WRT_KIND_REF && gen_chance(g, 30))
        return gen_new_ref(g, type, depth);
    if (!pick_field(g, type, &def, &field))
        return false;
    object(g, (int)def, depth);
    if (g->types[def].form == WRT_FORM_ARRAY)
        element(g, depth);
    gen_get_field(g, def, field);
    return true;
}

/* -- Statements ------------------------------------------------------------ */

static bool set_field(struct gen *g, unsigned def, int depth)
{
    unsigned field = 0;
    bool is_array = g->types[def].form == WRT_FORM_ARRAY;

    if (!g->types[def].fields.n)
        return false;
    field = gen_below(g, g->types[def].fields.n);
    if (!g->types[def].mutable[field])
        return false;
    object(g, (int)def, depth);
    if (is_array)
        element(g, depth);
    gen_expr(g, gen_unpacked(g->types[def].fields.of[field]), depth - 1);
    gen_op_u(g, is_array ? WRT_OP_ARRAY_SET : WRT_OP_STRUCT_SET, def);
    if (!is_array)
        gen_u(g, field);
    return true;
}

/* Elements of one array type may be copied to another of the same. */
static bool array_bulk(struct gen *g, unsigned def, int depth)
{
    struct gtype elem = g->types[def].fields.of[0];

    if (!g->types[def].mutable[0])
        return false;
    object(g, (int)def, depth);
    element(g, depth);
    switch (gen_below(g, 3)) {
    case 0:
        object(g, (int)def, depth);
        element(g, depth);
        element(g, depth);
        gen_op_u(g, WRT_OP_ARRAY_COPY, def);
        gen_u(g, def);
        return true;
    case 1:
        if (is_number(elem) && g->ndatas) {
            element(g, depth);
            element(g, depth);
            gen_op_u(g, WRT_OP_ARRAY_INIT_DATA, def);
            gen_u(g, g->ndatas - 1);
            return true;
        }
        if (fits_elems(g, elem)) {
            element(g, depth);
            element(g, depth);
            gen_op_u(g, WRT_OP_ARRAY_INIT_ELEM, def);
            gen_u(g, 3);
            return true;
        }
        /* fall through */
    default:
        gen_expr(g, gen_unpacked(elem), depth - 1);
        element(g, depth);
        gen_op_u(g, WRT_OP_ARRAY_FILL, def);
        return true;
    }
}

bool gen_stmt_gc(struct gen *g, int depth)
{
    struct gvalues one = {.n = 1};
    unsigned def;

    if (!g->ngroup)
        return false;
    def = gen_below(g, g->ngroup);
    if (gen_chance(g, 30)) {
        one.of[0] = gen_type(g);
        if (!gen_expr_gc(g, one.of[0], depth))
            return false;
        gen_sink(g, &one);
        return true;
    }
    if (g->types[def].form == WRT_FORM_ARRAY && gen_chance(g, 50))
        return array_bulk(g, def, depth);
    return set_field(g, def, depth);
}
