/*
 * The generator: choices, the tree of nodes, and what all families use.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/diff/gen.h"

#include <stdlib.h>

/* -- Choices --------------------------------------------------------------- */

uint64_t gen_bits(struct gen *g)
{
    return rand_next(&g->rng);
}

unsigned gen_below(struct gen *g, unsigned n)
{
    return (unsigned)((gen_bits(g) >> 32) * n >> 32);
}

bool gen_chance(struct gen *g, unsigned percent)
{
    return gen_below(g, 100) < percent;
}

bool gen_has(const struct gen *g, unsigned feature)
{
    return (g->features & feature) != 0;
}

uint64_t gen_integer(struct gen *g, unsigned bits)
{
    static const int64_t small[] = {
        0,   1,    -1,   2,     3,     4,      7,     8,     16,
        31,  32,   33,   63,    64,    65,     127,   128,   255,
        256, -128, -129, 32767, 32768, -32768, 65535, 65536, 65528};
    uint64_t value = gen_bits(g);

    switch (gen_below(g, 6)) {
    case 0:
    case 1:
    case 2: value = (uint64_t)small[value % WRT_COUNTOF(small)]; break;
    case 3: /* around a power of two */
        value = ((uint64_t)1 << (value % bits)) + (value >> 32) % 3 - 1;
        break;
    case 4: value &= 0xff; break;
    default: break;
    }
    return bits == 64 ? value : value & (((uint64_t)1 << bits) - 1);
}

static uint64_t double_bits(double d)
{
    uint64_t bits;

    memcpy(&bits, &d, sizeof(bits));
    return bits;
}

static uint64_t float_bits(float f)
{
    uint32_t bits;

    memcpy(&bits, &f, sizeof(bits));
    return bits;
}

/* Bounds of integers, halves, the largest and the smallest. */
static const double edge_floats[] = {
    0,
    1,
    0.5,
    1.5,
    2.5,
    2147483647.0,
    2147483648.0,
    4294967295.0,
    4294967296.0,
    9223372036854775807.0,
    18446744073709551615.0,
    16777217.0,
    9007199254740993.0,
    1e-45,
    1.17549435e-38,
    3.402823466e38,
    1.7976931348623157e308,
    2.2250738585072014e-308,
    5e-324,
    0.49999999999999994,
    255.0,
    65536.0,
    2147483649.0,
    1e30,
    1e-30,
    123456.789,
};

uint64_t gen_float_pattern(struct gen *g, unsigned bits)
{
    uint64_t sign = gen_chance(g, 40) ? (uint64_t)1 << (bits - 1) : 0;
    uint64_t infinity = bits == 32 ? 0x7f800000u : 0x7ff0000000000000u;
    uint64_t value = gen_bits(g);
    double edge = edge_floats[value % WRT_COUNTOF(edge_floats)];

    switch (gen_below(g, 12)) {
    case 0: return sign | infinity;
    case 1: return sign | infinity | (infinity >> 1);     /* a quiet NaN */
    case 2: return sign | infinity | ((value >> 40) | 1); /* signalling */
    case 3: return bits == 32 ? value >> 32 : value;
    case 4: return sign | ((value >> 40) & 0xff); /* denormal */
    case 5:
    case 6: edge = (double)(value % 1000) / 4; break;
    default: break;
    }
    return sign ^ (bits == 32 ? float_bits((float)edge) : double_bits(edge));
}

/* -- Nodes ----------------------------------------------------------------- */

static int compare_paths(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

bool gen_enter(struct gen *g, struct gnode *up)
{
    *up = (struct gnode){g->path, g->rng, g->nchildren + 1};
    g->path = rand_mix(g->path ^ (0x100000001u * (uint64_t)up->nchildren));
    g->rng = g->path;
    g->nchildren = 0;
    if (g->nodes && g->nnodes < MAX_NODES)
        g->nodes[g->nnodes++] = g->path;
    return !g->cuts || !g->cuts->n ||
           !bsearch(&g->path, g->cuts->paths, g->cuts->n, sizeof(uint64_t),
                    compare_paths);
}

void gen_leave(struct gen *g, const struct gnode *up)
{
    g->path = up->path;
    g->rng = up->rng;
    g->nchildren = up->nchildren;
}

/* -- Code ------------------------------------------------------------------ */

void gen_op(struct gen *g, enum wrt_op op)
{
    wrt_buf_opcode(g->code, wrt_op_infos[op].code);
    g->counts[op]++;
}

void gen_u(struct gen *g, uint64_t value)
{
    wrt_buf_uleb(g->code, value);
}

void gen_op_u(struct gen *g, enum wrt_op op, uint64_t imm)
{
    gen_op(g, op);
    gen_u(g, imm);
}

void gen_i32(struct gen *g, int32_t value)
{
    gen_op(g, WRT_OP_I32_CONST);
    wrt_buf_sleb(g->code, value);
}

void gen_i64(struct gen *g, int64_t value)
{
    gen_op(g, WRT_OP_I64_CONST);
    wrt_buf_sleb(g->code, value);
}

/* Lanes of one kind, so that each operation meets values that matter to it. */
static void vector_const(struct gen *g)
{
    unsigned kind = gen_below(g, 7);

    gen_op(g, WRT_OP_V128_CONST);
    if (kind >= 5) {
        unsigned bytes = kind == 5 ? 4 : 8;

        for (unsigned i = 0; i < 16; i += bytes)
            wrt_buf_fixed(g->code, gen_float_pattern(g, bytes * 8), bytes);
    } else {
        unsigned bytes = 1u << (kind & 3);

        for (unsigned i = 0; i < 16; i += bytes)
            wrt_buf_fixed(g->code, gen_integer(g, bytes * 8), bytes);
    }
}

void gen_const(struct gen *g, struct gtype type)
{
    switch (type.kind) {
    case WRT_KIND_I32: gen_i32(g, (int32_t)gen_integer(g, 32)); break;
    case WRT_KIND_I64: gen_i64(g, (int64_t)gen_integer(g, 64)); break;
    case WRT_KIND_F32:
        gen_op(g, WRT_OP_F32_CONST);
        wrt_buf_fixed(g->code, gen_float_pattern(g, 32), 4);
        break;
    case WRT_KIND_F64:
        gen_op(g, WRT_OP_F64_CONST);
        wrt_buf_fixed(g->code, gen_float_pattern(g, 64), 8);
        break;
    default: vector_const(g); break;
    }
}

void gen_float_bits(struct gen *g, struct gtype type)
{
    bool is_f32 = type.kind == WRT_KIND_F32;
    unsigned temp = is_f32 ? g->temp_f32 : g->temp_f64;

    gen_op_u(g, WRT_OP_LOCAL_TEE, temp);
    gen_op(g, is_f32 ? WRT_OP_F32_CONST : WRT_OP_F64_CONST);
    if (is_f32)
        wrt_buf_fixed(g->code, 0x7fc00000u, 4);
    else
        wrt_buf_fixed(g->code, 0x7ff8000000000000u, 8);
    gen_op_u(g, WRT_OP_LOCAL_GET, temp);
    gen_op_u(g, WRT_OP_LOCAL_GET, temp);
    gen_op(g, is_f32 ? WRT_OP_F32_EQ : WRT_OP_F64_EQ);
    gen_op(g, WRT_OP_SELECT);
}

void gen_count(struct gen *g, unsigned global)
{
    gen_op_u(g, WRT_OP_GLOBAL_GET, global);
    gen_i32(g, 1);
    gen_op(g, WRT_OP_I32_ADD);
    gen_op_u(g, WRT_OP_GLOBAL_SET, global);
}

void gen_pay(struct gen *g)
{
    gen_op_u(g, WRT_OP_GLOBAL_GET, GLOBAL_FUEL);
    gen_op(g, WRT_OP_I32_EQZ);
    gen_op_u(g, WRT_OP_IF, BYTE_EMPTY);
    gen_op(g, WRT_OP_UNREACHABLE);
    gen_op(g, WRT_OP_END);
    gen_op_u(g, WRT_OP_GLOBAL_GET, GLOBAL_FUEL);
    gen_i32(g, 1);
    gen_op(g, WRT_OP_I32_SUB);
    gen_op_u(g, WRT_OP_GLOBAL_SET, GLOBAL_FUEL);
}

/* -- Locals ---------------------------------------------------------------- */

bool gen_find_local(struct gen *g, struct gtype type, bool exact, unsigned *out)
{
    unsigned start;

    if (g->first_temp == 0)
        return false;
    start = gen_below(g, g->first_temp);
    for (unsigned i = 0; i <= g->first_temp; i++) {
        /* The one that was written last is tried first, at times. */
        unsigned local = i == 0 ? g->recent : (start + i) % g->first_temp;

        if (i == 0 && (g->recent >= g->first_temp || gen_chance(g, 60)))
            continue;
        if (!gen_is_sub(g, g->locals[local], type) ||
            (exact && !gen_is_sub(g, type, g->locals[local])))
            continue;
        *out = local;
        return true;
    }
    return false;
}

void gen_set_local(struct gen *g, unsigned local)
{
    gen_op_u(g, WRT_OP_LOCAL_SET, local);
    g->recent = local;
}

void gen_sink(struct gen *g, const struct gvalues *types)
{
    for (unsigned i = types->n; i-- > 0;) {
        unsigned local;

        if (gen_chance(g, 75) && gen_find_local(g, types->of[i], true, &local))
            gen_set_local(g, local);
        else
            gen_op(g, WRT_OP_DROP);
    }
}

static bool find_global(struct gen *g, struct gtype type, bool write,
                        unsigned *out)
{
    unsigned n = g->nglobals - OWN_GLOBALS;
    unsigned start = n ? gen_below(g, n) : 0;

    for (unsigned i = 0; i < n; i++) {
        unsigned idx = OWN_GLOBALS + (start + i) % n;
        const struct gglobal *global = &g->globals[idx];

        if (write ? global->mutable && gen_is_sub(g, type, global->type)
                  : gen_is_sub(g, global->type, type)) {
            *out = idx;
            return true;
        }
    }
    return false;
}

bool gen_expr_local(struct gen *g, struct gtype type, int depth)
{
    unsigned idx;

    switch (gen_below(g, 4)) {
    case 0:
        if (!find_global(g, type, false, &idx))
            return false;
        gen_op_u(g, WRT_OP_GLOBAL_GET, idx);
        return true;
    case 1:
        if (depth <= 0 || !gen_find_local(g, type, false, &idx))
            return false;
        gen_expr(g, g->locals[idx], depth - 1);
        gen_op_u(g, WRT_OP_LOCAL_TEE, idx);
        g->recent = idx;
        return true;
    default:
        if (!gen_find_local(g, type, false, &idx))
            return false;
        gen_op_u(g, WRT_OP_LOCAL_GET, idx);
        return true;
    }
}

bool gen_stmt_local(struct gen *g, int depth)
{
    unsigned idx;

    if (gen_chance(g, 25)) {
        struct gtype type = gen_type(g);

        if (!find_global(g, type, true, &idx))
            return false;
        gen_expr(g, g->globals[idx].type, depth);
        gen_op_u(g, WRT_OP_GLOBAL_SET, idx);
        return true;
    }
    if (g->first_temp == 0)
        return false;
    idx = gen_below(g, g->first_temp);
    gen_expr(g, g->locals[idx], depth);
    gen_set_local(g, idx);
    return true;
}

/* -- Expressions and statements -------------------------------------------- */

void gen_leaf(struct gen *g, struct gtype type)
{
    unsigned idx;

    if (gen_chance(g, 60) && gen_find_local(g, type, false, &idx)) {
        gen_op_u(g, WRT_OP_LOCAL_GET, idx);
        return;
    }
    if (type.kind != WRT_KIND_REF) {
        gen_const(g, type);
        return;
    }
    if (type.nullable && gen_chance(g, 30)) {
        gen_op(g, WRT_OP_REF_NULL);
        gen_put_heap(g->code, type.heap);
        return;
    }
    if (gen_new_ref(g, type, 0))
        return;
    gen_op(g, type.nullable ? WRT_OP_REF_NULL : WRT_OP_UNREACHABLE);
    if (type.nullable)
        gen_put_heap(g->code, type.heap);
}

typedef bool expr_fn(struct gen *g, struct gtype type, int depth);
typedef bool stmt_fn(struct gen *g, int depth);

static expr_fn *const expr_fns[] = {
#define FAMILY(name, text, features) gen_expr_##name,
#include "tests/diff/families.def"
#undef FAMILY
};
static stmt_fn *const stmt_fns[] = {
#define FAMILY(name, text, features) gen_stmt_##name,
#include "tests/diff/families.def"
#undef FAMILY
};

static unsigned pick_family(struct gen *g)
{
    unsigned total = 0, at;

    for (unsigned i = 0; i < FAMILY_COUNT; i++)
        total += g->weights[i];
    at = gen_below(g, total);
    for (unsigned i = 0;; i++) {
        if (at < g->weights[i])
            return i;
        at -= g->weights[i];
    }
}

void gen_expr(struct gen *g, struct gtype type, int depth)
{
    struct gnode up;
    bool done = false;

    if (!gen_enter(g, &up) || depth <= 0 || g->budget <= 0) {
        gen_leaf(g, type);
        gen_leave(g, &up);
        return;
    }
    g->budget--;
    for (unsigned tries = 0; !done && tries < 6; tries++)
        done = expr_fns[pick_family(g)](g, type, depth);
    if (!done)
        gen_leaf(g, type);
    gen_leave(g, &up);
}

void gen_exprs(struct gen *g, const struct gvalues *types, int depth)
{
    for (unsigned i = 0; i < types->n; i++)
        gen_expr(g, types->of[i], depth);
}

void gen_stmt(struct gen *g, int depth)
{
    struct gnode up;
    bool done = g->budget <= 0;

    g->budget--;
    if (gen_enter(g, &up))
        for (unsigned tries = 0; !done && tries < 6; tries++)
            done = stmt_fns[pick_family(g)](g, depth);
    gen_leave(g, &up);
}

void gen_stmts(struct gen *g, unsigned n, int depth)
{
    for (unsigned i = 0; i < n; i++)
        gen_stmt(g, depth);
}
