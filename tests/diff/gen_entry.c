/*
 * The generator: what makes results comparable.  Entries call the random
 * functions and turn whatever they give into 64-bit integers; references become
 * digests of what they lead to.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/diff/gen.h"

enum { DIGEST_LEVELS = 2, LOCAL_ACC = 2, LOCAL_AT = 3 };

struct gvalues gen_entry_results(const struct gvalues *results)
{
    struct gvalues v = {.n = results->n};

    for (unsigned i = 0; i < v.n; i++)
        v.of[i] = G_I64;
    return v;
}

/* -- Values as integers ---------------------------------------------------- */

static void ref_to_i64(struct gen *g, struct gtype type, bool has_level)
{
    bool is_extern = gen_is_sub_heap(g, type.heap, G_HEAP(EXTERN));

    if (gen_has(g, WRT_FEATURE_GC) &&
        (is_extern || gen_is_sub_heap(g, type.heap, G_HEAP(ANY)))) {
        if (is_extern)
            gen_op(g, WRT_OP_ANY_CONVERT_EXTERN);
        if (has_level) {
            gen_op_u(g, WRT_OP_LOCAL_GET, 1);
            gen_i32(g, 1);
            gen_op(g, WRT_OP_I32_SUB);
        } else {
            gen_i32(g, DIGEST_LEVELS);
        }
        gen_op_u(g, WRT_OP_CALL, g->digest_any);
        return;
    }
    if (gen_is_sub_heap(g, type.heap, G_HEAP(FUNC))) {
        gen_op_u(g, WRT_OP_CALL, g->digest_func);
        return;
    }
    gen_op(g, WRT_OP_REF_IS_NULL);
    gen_op(g, WRT_OP_I64_EXTEND_I32_U);
}

static void to_i64(struct gen *g, struct gtype type, bool has_level)
{
    switch (type.kind) {
    case WRT_KIND_I8:
    case WRT_KIND_I16:
    case WRT_KIND_I32: gen_op(g, WRT_OP_I64_EXTEND_I32_U); break;
    case WRT_KIND_I64: break;
    case WRT_KIND_F32:
        gen_float_bits(g, type);
        gen_op(g, WRT_OP_I32_REINTERPRET_F32);
        gen_op(g, WRT_OP_I64_EXTEND_I32_U);
        break;
    case WRT_KIND_F64:
        gen_float_bits(g, type);
        gen_op(g, WRT_OP_I64_REINTERPRET_F64);
        break;
    case WRT_KIND_V128:
        gen_op_u(g, WRT_OP_LOCAL_TEE, g->temp_v128);
        gen_op(g, WRT_OP_I64X2_EXTRACT_LANE);
        wrt_buf_u8(g->code, 0);
        gen_i64(g, 31);
        gen_op(g, WRT_OP_I64_ROTL);
        gen_op_u(g, WRT_OP_LOCAL_GET, g->temp_v128);
        gen_op(g, WRT_OP_I64X2_EXTRACT_LANE);
        wrt_buf_u8(g->code, 1);
        gen_op(g, WRT_OP_I64_XOR);
        break;
    default: ref_to_i64(g, type, has_level); break;
    }
}

/* -- Entries --------------------------------------------------------------- */

void gen_entry(struct gen *g, unsigned func)
{
    const struct gdef *def = &g->types[g->funcs[func].type];
    unsigned work = g->nlocals - MAX_VALUES;

    gen_i32(g, FUEL_PER_CALL);
    gen_op_u(g, WRT_OP_GLOBAL_SET, GLOBAL_FUEL);
    gen_exprs(g, &def->params, 2);
    gen_op_u(g, WRT_OP_CALL, func);
    for (unsigned i = def->results.n; i-- > 0;) {
        to_i64(g, def->results.of[i], false);
        gen_op_u(g, WRT_OP_LOCAL_SET, work + i);
    }
    for (unsigned i = 0; i < def->results.n; i++)
        gen_op_u(g, WRT_OP_LOCAL_GET, work + i);
}

/* acc = rotl(acc, 7) ^ value, in two halves around the value. */
static void mix_begin(struct gen *g)
{
    gen_op_u(g, WRT_OP_LOCAL_GET, LOCAL_ACC);
    gen_i64(g, 7);
    gen_op(g, WRT_OP_I64_ROTL);
}

static void mix_end(struct gen *g)
{
    gen_op(g, WRT_OP_I64_XOR);
    gen_op_u(g, WRT_OP_LOCAL_SET, LOCAL_ACC);
}

void gen_state(struct gen *g)
{
    for (unsigned i = OWN_GLOBALS; i < g->nglobals; i++) {
        mix_begin(g);
        gen_op_u(g, WRT_OP_GLOBAL_GET, i);
        to_i64(g, g->globals[i].type, false);
        mix_end(g);
    }
    for (unsigned i = 0; i < g->ntables * TABLE_ELEMS; i++) {
        const struct gtable *table = &g->tables[i / TABLE_ELEMS];

        if (!gen_has(g, WRT_FEATURE_REFERENCE_TYPES))
            break;
        mix_begin(g);
        if (table->is_64)
            gen_i64(g, i % TABLE_ELEMS);
        else
            gen_i32(g, (int)(i % TABLE_ELEMS));
        gen_op_u(g, WRT_OP_TABLE_GET, i / TABLE_ELEMS);
        to_i64(g, table->type, false);
        mix_end(g);
    }
    gen_op_u(g, WRT_OP_LOCAL_GET, LOCAL_ACC);
    gen_op_u(g, WRT_OP_GLOBAL_SET, GLOBAL_STATE);
}

/* -- Digests of references ------------------------------------------------- */

static void test_def(struct gen *g, unsigned def)
{
    gen_op_u(g, WRT_OP_LOCAL_GET, 0);
    gen_op(g, WRT_OP_REF_TEST);
    gen_put_heap(g->code, (int)def);
    gen_op_u(g, WRT_OP_IF, BYTE_EMPTY);
    gen_i64(g, (int64_t)def + 1);
    gen_op_u(g, WRT_OP_LOCAL_SET, LOCAL_ACC);
}

static void cast_to(struct gen *g, int heap)
{
    gen_op_u(g, WRT_OP_LOCAL_GET, 0);
    gen_op(g, WRT_OP_REF_CAST);
    gen_put_heap(g->code, heap);
}

static void struct_digest(struct gen *g, unsigned def)
{
    for (unsigned i = 0; i < g->types[def].fields.n; i++) {
        mix_begin(g);
        cast_to(g, (int)def);
        gen_get_field(g, def, i);
        to_i64(g, g->types[def].fields.of[i], true);
        mix_end(g);
    }
}

/* The length, and the elements to the eighth. */
static void array_digest(struct gen *g, unsigned def)
{
    mix_begin(g);
    cast_to(g, (int)def);
    gen_op(g, WRT_OP_ARRAY_LEN);
    gen_op_u(g, WRT_OP_LOCAL_TEE, LOCAL_AT);
    gen_op(g, WRT_OP_I64_EXTEND_I32_U);
    mix_end(g);
    gen_op_u(g, WRT_OP_BLOCK, BYTE_EMPTY);
    gen_op_u(g, WRT_OP_LOOP, BYTE_EMPTY);
    gen_op_u(g, WRT_OP_LOCAL_GET, LOCAL_AT);
    gen_op(g, WRT_OP_I32_EQZ);
    gen_op_u(g, WRT_OP_BR_IF, 1);
    gen_op_u(g, WRT_OP_LOCAL_GET, LOCAL_AT);
    gen_i32(g, 1);
    gen_op(g, WRT_OP_I32_SUB);
    gen_op_u(g, WRT_OP_LOCAL_SET, LOCAL_AT);
    mix_begin(g);
    cast_to(g, (int)def);
    gen_op_u(g, WRT_OP_LOCAL_GET, LOCAL_AT);
    gen_get_field(g, def, 0);
    to_i64(g, g->types[def].fields.of[0], true);
    mix_end(g);
    gen_op_u(g, WRT_OP_BR, 0);
    gen_op(g, WRT_OP_END);
    gen_op(g, WRT_OP_END);
}

static void return_if(struct gen *g, int64_t value)
{
    gen_op_u(g, WRT_OP_IF, BYTE_EMPTY);
    gen_i64(g, value);
    gen_op(g, WRT_OP_RETURN);
    gen_op(g, WRT_OP_END);
}

/* (anyref, levels) -> i64.  Subtypes stand behind their supertypes, so the last
 * type that fits says most. */
void gen_digest_any(struct gen *g)
{
    gen_op_u(g, WRT_OP_LOCAL_GET, 0);
    gen_op(g, WRT_OP_REF_IS_NULL);
    return_if(g, -1);
    gen_op_u(g, WRT_OP_LOCAL_GET, 1);
    gen_op(g, WRT_OP_I32_EQZ);
    return_if(g, -2);
    gen_op_u(g, WRT_OP_LOCAL_GET, 0);
    gen_op(g, WRT_OP_REF_TEST);
    gen_put_heap(g->code, G_HEAP(I31));
    gen_op_u(g, WRT_OP_IF, BYTE_EMPTY);
    cast_to(g, G_HEAP(I31));
    gen_op(g, WRT_OP_I31_GET_U);
    gen_op(g, WRT_OP_I64_EXTEND_I32_U);
    gen_op(g, WRT_OP_RETURN);
    gen_op(g, WRT_OP_END);
    for (unsigned def = g->ngroup; def-- > 0;) {
        test_def(g, def);
        if (g->types[def].form == WRT_FORM_STRUCT)
            struct_digest(g, def);
        else
            array_digest(g, def);
        gen_op_u(g, WRT_OP_LOCAL_GET, LOCAL_ACC);
        gen_op(g, WRT_OP_RETURN);
        gen_op(g, WRT_OP_END);
    }
    gen_i64(g, -3);
}

/* (funcref) -> i64: which types it has. */
void gen_digest_func(struct gen *g)
{
    gen_op_u(g, WRT_OP_LOCAL_GET, 0);
    gen_op(g, WRT_OP_REF_IS_NULL);
    return_if(g, -1);
    for (unsigned i = 0; i < g->nfunc_types; i++) {
        if (!gen_has(g, WRT_FEATURE_GC))
            break;
        mix_begin(g);
        gen_op_u(g, WRT_OP_LOCAL_GET, 0);
        gen_op(g, WRT_OP_REF_TEST);
        gen_put_heap(g->code, (int)(g->first_func_type + i));
        gen_op(g, WRT_OP_I64_EXTEND_I32_U);
        mix_end(g);
    }
    gen_op_u(g, WRT_OP_LOCAL_GET, LOCAL_ACC);
}
