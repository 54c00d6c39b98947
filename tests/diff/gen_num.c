/*
 * The generator: whatever opcode.def describes by a signature: numeric
 * instructions, vectors, wide arithmetic, loads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/diff/gen.h"

/* -- What an instruction is ------------------------------------------------ */

static struct gtype type_of(char c)
{
    switch (c) {
    case 'i': return G_I32;
    case 'l': return G_I64;
    case 'f': return G_F32;
    case 'd': return G_F64;
    default: return G_V128;
    }
}

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool ends_with(const char *text, const char *suffix)
{
    size_t len = strlen(text), n = strlen(suffix);

    return len >= n && strcmp(text + len - n, suffix) == 0;
}

/* 32 or 64 when an instruction computes with float lanes, whose operands may
 * hold any NaN; else 0. */
static unsigned float_lanes(const struct wrt_op_info *info)
{
    if (strstr(info->text, "convert") || strstr(info->text, "demote") ||
        strstr(info->text, "promote") || strstr(info->text, "splat") ||
        strstr(info->text, "lane"))
        return 0;
    return starts_with(info->text, "f32x4.")   ? 32
           : starts_with(info->text, "f64x2.") ? 64
                                               : 0;
}

static bool is_vector_compare(const char *text)
{
    return ends_with(text, ".eq") || ends_with(text, ".ne") ||
           ends_with(text, ".lt") || ends_with(text, ".gt") ||
           ends_with(text, ".le") || ends_with(text, ".ge");
}

/* Whether the float lanes of a result may hold any NaN. */
static unsigned dirty_lanes(const struct wrt_op_info *info)
{
    if (is_vector_compare(info->text))
        return 0;
    if (starts_with(info->text, "f32x4.demote") ||
        starts_with(info->text, "f32x4.convert"))
        return 32;
    if (starts_with(info->text, "f64x2.promote"))
        return 64;
    return float_lanes(info);
}

/* -- Operands -------------------------------------------------------------- */

/* Divisors are rarely 0, and what is converted is mostly in range. */
static void operand(struct gen *g, enum wrt_op op, unsigned n,
                    struct gtype type, int depth)
{
    const struct wrt_op_info *info = &wrt_op_infos[op];
    bool traps = (info->effects & WRT_EFFECT_TRAPS) != 0;

    if (type.kind == WRT_KIND_V128 && float_lanes(info)) {
        gen_fvec(g, float_lanes(info), depth);
        return;
    }
    if (op == WRT_OP_I32_REINTERPRET_F32 || op == WRT_OP_I64_REINTERPRET_F64 ||
        (n == 1 && (op == WRT_OP_F32_COPYSIGN || op == WRT_OP_F64_COPYSIGN)) ||
        (type.kind != WRT_KIND_V128 && info->result == WRT_KIND_V128 &&
         (type.kind == WRT_KIND_F32 || type.kind == WRT_KIND_F64))) {
        gen_clean_float(g, type, depth);
        return;
    }
    if (traps && type.kind == WRT_KIND_F32 && gen_chance(g, 80)) {
        gen_expr(g, G_I32, depth);
        gen_op(g, WRT_OP_F32_CONVERT_I32_U);
        gen_op(g, WRT_OP_F32_SQRT);
        return;
    }
    if (traps && type.kind == WRT_KIND_F64 && gen_chance(g, 80)) {
        gen_expr(g, G_I64, depth);
        gen_op(g, WRT_OP_F64_CONVERT_I64_U);
        gen_op(g, WRT_OP_F64_SQRT);
        return;
    }
    gen_expr(g, type, depth);
    if (!traps || n != 1 || gen_chance(g, 15))
        return;
    if (type.kind == WRT_KIND_I32) {
        gen_i32(g, 1 + (int)gen_below(g, 3));
        gen_op(g, WRT_OP_I32_OR);
    } else if (type.kind == WRT_KIND_I64) {
        gen_i64(g, 1 + (int)gen_below(g, 3));
        gen_op(g, WRT_OP_I64_OR);
    }
}

static bool is_wait(enum wrt_op op)
{
    return op == WRT_OP_MEMORY_ATOMIC_WAIT32 ||
           op == WRT_OP_MEMORY_ATOMIC_WAIT64;
}

/* log2 of the bytes that an access touches, by the immediate. */
static unsigned access_log2(enum wrt_imm imm)
{
    switch (imm) {
    case WRT_IMM_MEMARG1:
    case WRT_IMM_MEMARG1_LANE:
    case WRT_IMM_ATOMIC1: return 1;
    case WRT_IMM_MEMARG2:
    case WRT_IMM_MEMARG2_LANE:
    case WRT_IMM_ATOMIC2: return 2;
    case WRT_IMM_MEMARG3:
    case WRT_IMM_MEMARG3_LANE:
    case WRT_IMM_ATOMIC3: return 3;
    case WRT_IMM_MEMARG4: return 4;
    default: return 0;
    }
}

static unsigned lane_count(enum wrt_imm imm)
{
    switch (imm) {
    case WRT_IMM_LANE2:
    case WRT_IMM_MEMARG3_LANE: return 2;
    case WRT_IMM_LANE4:
    case WRT_IMM_MEMARG2_LANE: return 4;
    case WRT_IMM_LANE8:
    case WRT_IMM_MEMARG1_LANE: return 8;
    case WRT_IMM_LANE16:
    case WRT_IMM_MEMARG0_LANE: return 16;
    default: return 0;
    }
}

static bool is_atomic(enum wrt_imm imm)
{
    return imm >= WRT_IMM_ATOMIC0 && imm <= WRT_IMM_ATOMIC3;
}

static void immediates(struct gen *g, enum wrt_op op, const struct gaddr *addr)
{
    enum wrt_imm imm = (enum wrt_imm)wrt_op_infos[op].imm;
    unsigned log2 = access_log2(imm);

    if (addr)
        gen_memarg(g, addr,
                   is_atomic(imm) || gen_chance(g, 70)
                       ? log2
                       : gen_below(g, log2 + 1));
    if (lane_count(imm))
        wrt_buf_u8(g->code, gen_below(g, lane_count(imm)));
    if (imm == WRT_IMM_SHUFFLE)
        for (unsigned i = 0; i < 16; i++)
            wrt_buf_u8(g->code, gen_below(g, 32));
}

void gen_by_signature(struct gen *g, enum wrt_op op, int depth)
{
    const struct wrt_op_info *info = &wrt_op_infos[op];
    const char *c = info->signature;
    struct gaddr addr;
    bool has_addr = *c == 'p';

    if (has_addr)
        addr = gen_address(g, 1u << access_log2((enum wrt_imm)info->imm),
                           is_atomic((enum wrt_imm)info->imm), depth - 1);
    for (unsigned n = 0; c[n] != ':'; n++) {
        struct gtype type = type_of(c[n]);

        if (c[n] == 'p')
            continue;
        if (is_wait(op) && n == 2)
            gen_i64(g, 0); /* do not wait */
        else if (has_addr &&
                 (type.kind == WRT_KIND_F32 || type.kind == WRT_KIND_F64))
            gen_clean_float(g, type, depth - 1);
        else
            operand(g, op, n, type, depth - 1);
    }
    gen_op(g, op);
    immediates(g, op, has_addr ? &addr : NULL);
}

/* -- Choosing an instruction ----------------------------------------------- */

enum group { GROUP_NUM, GROUP_SIMD, GROUP_LOAD, GROUP_ATOMIC, GROUP_NONE };

static enum group group_of(const struct wrt_op_info *info)
{
    const char *sig = info->signature;

    if (!sig[0] || sig[0] == ':' || strchr(sig, ':')[1] == '\0' ||
        strchr(sig, ':')[2] != '\0')
        return GROUP_NONE;
    if (is_atomic((enum wrt_imm)info->imm))
        return GROUP_ATOMIC;
    if (sig[0] == 'p')
        return info->imm == WRT_IMM_MEMORY ? GROUP_NONE : GROUP_LOAD;
    if (info->feature == WRT_FEATURE_IDX_SIMD ||
        info->feature == WRT_FEATURE_IDX_RELAXED_SIMD)
        return GROUP_SIMD;
    return GROUP_NUM;
}

/* By group and result: the instructions; filled at the first use. */
static uint16_t lists[GROUP_NONE][WRT_KIND_REF][WRT_OP_COUNT];
static unsigned counts[GROUP_NONE][WRT_KIND_REF];

static void fill_lists(void)
{
    for (unsigned op = 1; op < WRT_OP_COUNT; op++) {
        const struct wrt_op_info *info = &wrt_op_infos[op];
        enum group group = group_of(info);

        if (group != GROUP_NONE)
            lists[group][info->result][counts[group][info->result]++] =
                (uint16_t)op;
    }
}

static bool pick(struct gen *g, enum group group, struct gtype type,
                 enum wrt_op *out)
{
    unsigned n;

    if (!counts[GROUP_NUM][WRT_KIND_I32])
        fill_lists();
    if (type.kind >= WRT_KIND_REF || !(n = counts[group][type.kind]))
        return false;
    for (unsigned tries = 0; tries < 8; tries++) {
        enum wrt_op op = lists[group][type.kind][gen_below(g, n)];

        if (is_wait(op) && gen_chance(g, 80)) /* traps where not shared */
            continue;
        if (g->features & (wrt_features)1 << wrt_op_infos[op].feature) {
            *out = op;
            return true;
        }
    }
    return false;
}

bool gen_expr_num(struct gen *g, struct gtype type, int depth)
{
    enum wrt_op op;

    if (!pick(g, GROUP_NUM, type, &op))
        return false;
    gen_by_signature(g, op, depth);
    return true;
}

/* A statement about numbers: a value that goes to a local. */
static bool set_of(struct gen *g, struct gtype type,
                   bool (*expr)(struct gen *, struct gtype, int), int depth)
{
    struct gvalues one = gen_one(type);

    if (!expr(g, type, depth))
        return false;
    gen_sink(g, &one);
    return true;
}

bool gen_stmt_num(struct gen *g, int depth)
{
    static const uint8_t kinds[] = {WRT_KIND_I32, WRT_KIND_I64, WRT_KIND_F32,
                                    WRT_KIND_F64};

    return set_of(g, (struct gtype){.kind = kinds[gen_below(g, 4)]},
                  gen_expr_num, depth);
}

/* -- Loads and atomics ----------------------------------------------------- */

bool gen_expr_mem(struct gen *g, struct gtype type, int depth)
{
    enum wrt_op op;

    if (!g->nmemories || !pick(g, GROUP_LOAD, type, &op))
        return false;
    if (type.kind == WRT_KIND_V128 && !gen_has(g, WRT_FEATURE_SIMD))
        return false;
    gen_by_signature(g, op, depth);
    return true;
}

bool gen_expr_atomic(struct gen *g, struct gtype type, int depth)
{
    enum wrt_op op;

    if (!g->nmemories || !pick(g, GROUP_ATOMIC, type, &op))
        return false;
    gen_by_signature(g, op, depth);
    return true;
}

/* -- Stores, from the same table ------------------------------------------- */

static bool is_store(const struct wrt_op_info *info, bool atomic)
{
    const char *sig = info->signature;

    return sig[0] == 'p' && sig[strlen(sig) - 1] == ':' &&
           is_atomic((enum wrt_imm)info->imm) == atomic;
}

static bool pick_store(struct gen *g, bool atomic, enum wrt_op *out)
{
    for (unsigned tries = 0; tries < 200; tries++) {
        unsigned op = 1 + gen_below(g, WRT_OP_COUNT - 1);

        if (is_store(&wrt_op_infos[op], atomic) &&
            g->features & (wrt_features)1 << wrt_op_infos[op].feature) {
            *out = (enum wrt_op)op;
            return true;
        }
    }
    return false;
}

bool gen_stmt_mem(struct gen *g, int depth)
{
    /* Those of the first page of opcodes, or any. */
    enum wrt_op op =
        (enum wrt_op)(WRT_OP_I32_STORE +
                      gen_below(g, WRT_OP_I64_STORE32 - WRT_OP_I32_STORE + 1));

    if (!g->nmemories)
        return false;
    if (gen_has(g, WRT_FEATURE_SIMD) && gen_chance(g, 30) &&
        !pick_store(g, false, &op))
        return false;
    gen_by_signature(g, op, depth);
    return true;
}

bool gen_stmt_atomic(struct gen *g, int depth)
{
    struct gvalues one = {.n = 1};
    enum wrt_op op;

    if (!g->nmemories)
        return false;
    if (gen_chance(g, 10)) {
        gen_op(g, WRT_OP_ATOMIC_FENCE);
        wrt_buf_u8(g->code, 0);
        return true;
    }
    if (gen_chance(g, 40)) {
        if (!pick_store(g, true, &op))
            return false;
        gen_by_signature(g, op, depth);
        return true;
    }
    one.of[0] = gen_chance(g, 50) ? G_I32 : G_I64;
    if (!gen_expr_atomic(g, one.of[0], depth))
        return false;
    gen_sink(g, &one);
    return true;
}

/* -- Vectors --------------------------------------------------------------- */

/* Float lanes with whatever NaN the operation gives. */
void gen_fvec(struct gen *g, unsigned lane_bits, int depth)
{
    enum wrt_op op;
    struct gnode up;
    bool done = false;

    if (gen_enter(g, &up) && depth > 0 && g->budget > 0) {
        for (unsigned tries = 0; !done && tries < 8; tries++)
            if (pick(g, GROUP_SIMD, G_V128, &op) &&
                dirty_lanes(&wrt_op_infos[op]) == lane_bits) {
                g->budget--;
                gen_by_signature(g, op, depth);
                done = true;
            }
    }
    if (!done)
        gen_expr(g, G_V128, depth);
    gen_leave(g, &up);
}

static void clean_lanes(struct gen *g, unsigned lane_bits)
{
    gen_op_u(g, WRT_OP_LOCAL_TEE, g->temp_v128);
    gen_op(g, WRT_OP_V128_CONST);
    for (unsigned i = 0; i < 128; i += lane_bits)
        wrt_buf_fixed(g->code,
                      lane_bits == 32 ? 0x7fc00000u : 0x7ff8000000000000u,
                      lane_bits / 8);
    gen_op_u(g, WRT_OP_LOCAL_GET, g->temp_v128);
    gen_op_u(g, WRT_OP_LOCAL_GET, g->temp_v128);
    gen_op(g, lane_bits == 32 ? WRT_OP_F32X4_EQ : WRT_OP_F64X2_EQ);
    gen_op(g, WRT_OP_V128_BITSELECT);
}

bool gen_expr_simd(struct gen *g, struct gtype type, int depth)
{
    enum wrt_op op;
    unsigned dirty;

    if (!pick(g, GROUP_SIMD, type, &op))
        return false;
    gen_by_signature(g, op, depth);
    dirty = type.kind == WRT_KIND_V128 ? dirty_lanes(&wrt_op_infos[op]) : 0;
    if (dirty)
        clean_lanes(g, dirty);
    return true;
}

bool gen_stmt_simd(struct gen *g, int depth)
{
    return set_of(g, G_V128, gen_expr_simd, depth);
}

/* -- Floats whose bits are seen -------------------------------------------- */

void gen_clean_float(struct gen *g, struct gtype type, int depth)
{
    bool is_f32 = type.kind == WRT_KIND_F32;

    switch (gen_below(g, 6)) {
    case 0: gen_const(g, type); return;
    case 1: /* the bits of an integer */
        gen_expr(g, is_f32 ? G_I32 : G_I64, depth - 1);
        gen_op(g, is_f32 ? WRT_OP_F32_REINTERPRET_I32
                         : WRT_OP_F64_REINTERPRET_I64);
        return;
    case 2:
        if (!g->nmemories)
            break;
        gen_by_signature(g, is_f32 ? WRT_OP_F32_LOAD : WRT_OP_F64_LOAD, depth);
        return;
    case 3: /* changes the sign of any NaN */
        gen_const(g, type);
        gen_op(g, is_f32 ? WRT_OP_F32_NEG : WRT_OP_F64_NEG);
        return;
    default: break;
    }
    gen_expr(g, type, depth);
    gen_float_bits(g, type);
}

/* -- Wide arithmetic ------------------------------------------------------- */

static void wide(struct gen *g, int depth)
{
    enum wrt_op op = (enum wrt_op)(WRT_OP_I64_ADD128 + (int)gen_below(g, 4));
    unsigned n = op <= WRT_OP_I64_SUB128 ? 4 : 2;

    for (unsigned i = 0; i < n; i++)
        gen_expr(g, G_I64, depth - 1);
    gen_op(g, op);
}

bool gen_expr_wide(struct gen *g, struct gtype type, int depth)
{
    struct gvalues one = gen_one(G_I64);

    if (type.kind != WRT_KIND_I64)
        return false;
    wide(g, depth);
    if (gen_chance(g, 50))
        gen_sink(g, &one);
    else
        gen_op(g, WRT_OP_I64_XOR);
    return true;
}

bool gen_stmt_wide(struct gen *g, int depth)
{
    struct gvalues two = {.n = 2, .of = {G_I64, G_I64}};

    wide(g, depth);
    gen_sink(g, &two);
    return true;
}
