/*
 * The macro-assembler for x86-64: vectors, with the three operands of AVX.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/vec.h"
#include "jit/x64/x64.h"

enum {
    X_P = X_0F | X_66,
    X_P38 = X_0F38 | X_66,
    X_P3A = X_0F3A | X_66,
    PCMPEQB = 0x74 | X_P,
    PCMPEQW = 0x75 | X_P,
    PCMPEQD = 0x76 | X_P,
    PCMPEQQ = 0x29 | X_P38,
    PSHUFB = 0x00 | X_P38,
    PSHUFD = 0x70 | X_P,
    PXOR = 0xef | X_P,
    POR = 0xeb | X_P,
    PAND = 0xdb | X_P,
    PANDN = 0xdf | X_P,
    CMPPS = 0xc2 | X_0F,
    CMPPD = 0xc2 | X_P,
};

bool jit_m_has_vectors(void)
{
    return x64_cpu()->has_avx;
}

/* Asks by emitting into a buffer that is thrown away. */
bool jit_m_knows_vec(enum wrt_op op)
{
    uint8_t bytes[8 * JIT_INSN_BYTES];
    struct jit_asm a = {
        .start = bytes, .p = bytes, .end = bytes + sizeof(bytes)};

    return jit_m_vec_binary(&a, op, XMM0, XMM0, XMM0) ||
           jit_m_vec_unary(&a, op, XMM0, XMM0) ||
           jit_m_vec_ternary(&a, op, XMM0, XMM0, XMM0, XMM0) ||
           jit_m_vec_shift(&a, op, XMM0, XMM0, RAX);
}

/* -- Two operands ---------------------------------------------------------- */

/* How an instruction is one of the machine's. */
enum {
    SWAP = 1,   /* with its operands swapped */
    INVERT = 2, /* and then all bits inverted */
    EQUALS = 4, /* and then compared with the first operand: imm is with what */
    IMM = 8,    /* with imm behind it */
};

struct vec_op {
    uint32_t code;
    uint8_t flags;
    uint8_t imm;
};

#define VEC(name, c)         [WRT_OP_##name] = {(c), 0, 0}
#define VEC_F(name, c, f, i) [WRT_OP_##name] = {(c), (f), (i)}
/* Unsigned comparisons by the lesser or greater of both. */
#define UNSIGNED(lanes, min, max, eq)                                          \
    VEC_F(lanes##_GE_U, max, EQUALS, (eq)),                                    \
        VEC_F(lanes##_LE_U, min, EQUALS, (eq)),                                \
        VEC_F(lanes##_LT_U, max, EQUALS | INVERT, (eq)),                       \
        VEC_F(lanes##_GT_U, min, EQUALS | INVERT, (eq))
#define SIGNED(lanes, eq, gt)                                                  \
    VEC(lanes##_EQ, eq), VEC_F(lanes##_NE, eq, INVERT, 0),                     \
        VEC(lanes##_GT_S, gt), VEC_F(lanes##_LT_S, gt, SWAP, 0),               \
        VEC_F(lanes##_LE_S, gt, INVERT, 0),                                    \
        VEC_F(lanes##_GE_S, gt, SWAP | INVERT, 0)
#define FLOATS(lanes, p, cmp)                                                  \
    VEC(lanes##_ADD, 0x58 | (p)), VEC(lanes##_SUB, 0x5c | (p)),                \
        VEC(lanes##_MUL, 0x59 | (p)), VEC(lanes##_DIV, 0x5e | (p)),            \
        VEC_F(lanes##_PMIN, 0x5d | (p), SWAP, 0),                              \
        VEC_F(lanes##_PMAX, 0x5f | (p), SWAP, 0),                              \
        VEC_F(lanes##_EQ, cmp, IMM, 0), VEC_F(lanes##_NE, cmp, IMM, 4),        \
        VEC_F(lanes##_LT, cmp, IMM, 1), VEC_F(lanes##_LE, cmp, IMM, 2),        \
        VEC_F(lanes##_GT, cmp, IMM | SWAP, 1),                                 \
        VEC_F(lanes##_GE, cmp, IMM | SWAP, 2)

static const struct vec_op binary[WRT_OP_COUNT] = {
    VEC(V128_AND, PAND),
    VEC(V128_OR, POR),
    VEC(V128_XOR, PXOR),
    VEC_F(V128_ANDNOT, PANDN, SWAP, 0),
    SIGNED(I8X16, PCMPEQB, 0x64 | X_P),
    SIGNED(I16X8, PCMPEQW, 0x65 | X_P),
    SIGNED(I32X4, PCMPEQD, 0x66 | X_P),
    SIGNED(I64X2, PCMPEQQ, 0x37 | X_P38),
    UNSIGNED(I8X16, 0xda | X_P, 0xde | X_P, 0x74),
    UNSIGNED(I16X8, 0x3a | X_P38, 0x3e | X_P38, 0x75),
    UNSIGNED(I32X4, 0x3b | X_P38, 0x3f | X_P38, 0x76),
    VEC(I8X16_ADD, 0xfc | X_P),
    VEC(I16X8_ADD, 0xfd | X_P),
    VEC(I32X4_ADD, 0xfe | X_P),
    VEC(I64X2_ADD, 0xd4 | X_P),
    VEC(I8X16_SUB, 0xf8 | X_P),
    VEC(I16X8_SUB, 0xf9 | X_P),
    VEC(I32X4_SUB, 0xfa | X_P),
    VEC(I64X2_SUB, 0xfb | X_P),
    VEC(I16X8_MUL, 0xd5 | X_P),
    VEC(I32X4_MUL, 0x40 | X_P38),
    VEC(I8X16_ADD_SAT_S, 0xec | X_P),
    VEC(I16X8_ADD_SAT_S, 0xed | X_P),
    VEC(I8X16_ADD_SAT_U, 0xdc | X_P),
    VEC(I16X8_ADD_SAT_U, 0xdd | X_P),
    VEC(I8X16_SUB_SAT_S, 0xe8 | X_P),
    VEC(I16X8_SUB_SAT_S, 0xe9 | X_P),
    VEC(I8X16_SUB_SAT_U, 0xd8 | X_P),
    VEC(I16X8_SUB_SAT_U, 0xd9 | X_P),
    VEC(I8X16_MIN_S, 0x38 | X_P38),
    VEC(I16X8_MIN_S, 0xea | X_P),
    VEC(I32X4_MIN_S, 0x39 | X_P38),
    VEC(I8X16_MIN_U, 0xda | X_P),
    VEC(I16X8_MIN_U, 0x3a | X_P38),
    VEC(I32X4_MIN_U, 0x3b | X_P38),
    VEC(I8X16_MAX_S, 0x3c | X_P38),
    VEC(I16X8_MAX_S, 0xee | X_P),
    VEC(I32X4_MAX_S, 0x3d | X_P38),
    VEC(I8X16_MAX_U, 0xde | X_P),
    VEC(I16X8_MAX_U, 0x3e | X_P38),
    VEC(I32X4_MAX_U, 0x3f | X_P38),
    VEC(I8X16_AVGR_U, 0xe0 | X_P),
    VEC(I16X8_AVGR_U, 0xe3 | X_P),
    VEC(I32X4_DOT_I16X8_S, 0xf5 | X_P),
    VEC(I8X16_NARROW_I16X8_S, 0x63 | X_P),
    VEC(I8X16_NARROW_I16X8_U, 0x67 | X_P),
    VEC(I16X8_NARROW_I32X4_S, 0x6b | X_P),
    VEC(I16X8_NARROW_I32X4_U, 0x2b | X_P38),
    FLOATS(F32X4, X_0F, CMPPS),
    FLOATS(F64X2, X_P, CMPPD),
};

/* xmm15 = all ones */
static void make_ones(struct jit_asm *a)
{
    x64_vex(a, PCMPEQD, XMM15, XMM15, XMM15);
}

static void make_zero(struct jit_asm *a, jit_reg reg)
{
    x64_vex(a, PXOR, reg, reg, reg);
}

/* Both halves widened and multiplied. */
static bool multiply_wide(struct jit_asm *a, enum wrt_op op, jit_reg dst,
                          jit_reg lhs, jit_reg rhs)
{
    static const struct {
        uint32_t widen, multiply;
        bool is_high;
    } rows[WRT_OP_COUNT] = {
#define EXTMUL(to, from, mul, s, u)                                            \
    [WRT_OP_##to##_EXTMUL_LOW_##from##_S] = {s, mul, false},                   \
    [WRT_OP_##to##_EXTMUL_HIGH_##from##_S] = {s, mul, true},                   \
    [WRT_OP_##to##_EXTMUL_LOW_##from##_U] = {u, mul, false},                   \
    [WRT_OP_##to##_EXTMUL_HIGH_##from##_U] = {u, mul, true}
        EXTMUL(I16X8, I8X16, 0xd5 | X_P, 0x20 | X_P38, 0x30 | X_P38),
        EXTMUL(I32X4, I16X8, 0x40 | X_P38, 0x23 | X_P38, 0x33 | X_P38),
    };

    if (!rows[op].multiply)
        return false;
    if (rows[op].is_high) {
        x64_vex(a, PSHUFD, XMM14, XMM0, lhs);
        x64_byte(a, 0xee);
        x64_vex(a, PSHUFD, XMM15, XMM0, rhs);
        x64_byte(a, 0xee);
        lhs = XMM14;
        rhs = XMM15;
    }
    x64_vex(a, rows[op].widen, XMM14, XMM0, lhs);
    x64_vex(a, rows[op].widen, XMM15, XMM0, rhs);
    x64_vex(a, rows[op].multiply, dst, XMM14, XMM15);
    return true;
}

/* The machine's minimum is its second operand when one is a NaN or both are
 * zero: so it is asked both ways, and what differs says which it was. */
static void min_or_max(struct jit_asm *a, bool is_64, bool is_max, jit_reg dst,
                       jit_reg lhs, jit_reg rhs)
{
    uint32_t lanes = is_64 ? X_P : X_0F;
    uint32_t op = (is_max ? 0x5f : 0x5d) | lanes;

    x64_vex(a, op, XMM14, lhs, rhs);
    x64_vex(a, op, XMM15, rhs, lhs);
    if (is_max) { /* zeroes of both signs: the sign goes */
        x64_vex(a, PXOR, XMM15, XMM14, XMM15);
        x64_vex(a, POR, XMM14, XMM14, XMM15);
        x64_vex(a, 0x5c | lanes, XMM14, XMM14, XMM15);
    } else {
        x64_vex(a, POR, XMM14, XMM14, XMM15);
    }
    /* Unordered lanes become the canonical NaN. */
    x64_vex(a, is_64 ? CMPPD : CMPPS, XMM15, XMM14, XMM14);
    x64_byte(a, 3);
    x64_vex(a, POR, XMM14, XMM14, XMM15);
    x64_vex(a, (is_64 ? 0x73 : 0x72) | X_P, 2, XMM15, XMM15);
    x64_byte(a, is_64 ? 13 : 10);
    x64_vex(a, PANDN, dst, XMM15, XMM14);
}

/* From products of halves. */
static void multiply_i64x2(struct jit_asm *a, jit_reg dst, jit_reg lhs,
                           jit_reg rhs)
{
    enum { PMULUDQ = 0xf4 | X_P, PADDQ = 0xd4 | X_P, PSHIFTQ = 0x73 | X_P };

    x64_vex(a, PSHIFTQ, 2, XMM14, lhs);
    x64_byte(a, 32);
    x64_vex(a, PMULUDQ, XMM14, XMM14, rhs);
    x64_vex(a, PSHIFTQ, 2, XMM15, rhs);
    x64_byte(a, 32);
    x64_vex(a, PMULUDQ, XMM15, XMM15, lhs);
    x64_vex(a, PADDQ, XMM14, XMM14, XMM15);
    x64_vex(a, PSHIFTQ, 6, XMM14, XMM14);
    x64_byte(a, 32);
    x64_vex(a, PMULUDQ, XMM15, lhs, rhs);
    x64_vex(a, PADDQ, dst, XMM14, XMM15);
}

/* What takes several instructions. */
static bool binary_long(struct jit_asm *a, enum wrt_op op, jit_reg dst,
                        jit_reg lhs, jit_reg rhs)
{
    switch (op) {
    case WRT_OP_F32X4_RELAXED_MIN:
    case WRT_OP_F32X4_MIN: min_or_max(a, false, false, dst, lhs, rhs); break;
    case WRT_OP_F32X4_RELAXED_MAX:
    case WRT_OP_F32X4_MAX: min_or_max(a, false, true, dst, lhs, rhs); break;
    case WRT_OP_F64X2_RELAXED_MIN:
    case WRT_OP_F64X2_MIN: min_or_max(a, true, false, dst, lhs, rhs); break;
    case WRT_OP_F64X2_RELAXED_MAX:
    case WRT_OP_F64X2_MAX: min_or_max(a, true, true, dst, lhs, rhs); break;
    case WRT_OP_I64X2_MUL: multiply_i64x2(a, dst, lhs, rhs); break;
    default: return multiply_wide(a, op, dst, lhs, rhs);
    }
    return true;
}

bool jit_m_vec_binary(struct jit_asm *a, enum wrt_op op, jit_reg dst,
                      jit_reg lhs, jit_reg rhs)
{
    static const uint8_t bias[16] = {0x70, 0x70, 0x70, 0x70, 0x70, 0x70,
                                     0x70, 0x70, 0x70, 0x70, 0x70, 0x70,
                                     0x70, 0x70, 0x70, 0x70};
    const struct vec_op *v = &binary[op];
    jit_reg first = v->flags & SWAP ? rhs : lhs;
    jit_reg second = v->flags & SWAP ? lhs : rhs;

    if (op == WRT_OP_I8X16_SWIZZLE || op == WRT_OP_I8X16_RELAXED_SWIZZLE) {
        /* Numbers beyond 15 get their upper bit. */
        jit_m_vec_const(a, XMM15, bias);
        x64_vex(a, 0xdc | X_P, XMM15, rhs, XMM15);
        x64_vex(a, PSHUFB, dst, lhs, XMM15);
        return true;
    }
    if (!v->code)
        return binary_long(a, op, dst, lhs, rhs);
    if (v->flags & EQUALS) {
        x64_vex(a, v->code, XMM14, first, second);
        x64_vex(a, v->imm | (uint32_t)X_P, dst, XMM14, lhs);
    } else {
        x64_vex(a, v->code, dst, first, second);
        if (v->flags & IMM)
            x64_byte(a, v->imm);
    }
    if (v->flags & INVERT) {
        make_ones(a);
        x64_vex(a, PXOR, dst, dst, XMM15);
    }
    return true;
}

/* -- One operand ----------------------------------------------------------- */

enum {
    NEGATE = 1, /* zero minus it */
    HIGH = 2,   /* of the upper half */
    ROUND = 8,  /* IMM */
};

static const struct vec_op unary[WRT_OP_COUNT] = {
    VEC(I8X16_ABS, 0x1c | X_P38),
    VEC(I16X8_ABS, 0x1d | X_P38),
    VEC(I32X4_ABS, 0x1e | X_P38),
    VEC_F(I8X16_NEG, 0xf8 | X_P, NEGATE, 0),
    VEC_F(I16X8_NEG, 0xf9 | X_P, NEGATE, 0),
    VEC_F(I32X4_NEG, 0xfa | X_P, NEGATE, 0),
    VEC_F(I64X2_NEG, 0xfb | X_P, NEGATE, 0),
#define EXTEND(to, from, s, u)                                                 \
    VEC(to##_EXTEND_LOW_##from##_S, s), VEC(to##_EXTEND_LOW_##from##_U, u),    \
        VEC_F(to##_EXTEND_HIGH_##from##_S, s, HIGH, 0),                        \
        VEC_F(to##_EXTEND_HIGH_##from##_U, u, HIGH, 0)
    EXTEND(I16X8, I8X16, 0x20 | X_P38, 0x30 | X_P38),
    EXTEND(I32X4, I16X8, 0x23 | X_P38, 0x33 | X_P38),
    EXTEND(I64X2, I32X4, 0x25 | X_P38, 0x35 | X_P38),
    VEC(F32X4_SQRT, 0x51 | X_0F),
    VEC(F64X2_SQRT, 0x51 | X_P),
    VEC_F(F32X4_NEAREST, 0x08 | X_P3A, ROUND, 8),
    VEC_F(F32X4_FLOOR, 0x08 | X_P3A, ROUND, 9),
    VEC_F(F32X4_CEIL, 0x08 | X_P3A, ROUND, 10),
    VEC_F(F32X4_TRUNC, 0x08 | X_P3A, ROUND, 11),
    VEC_F(F64X2_NEAREST, 0x09 | X_P3A, ROUND, 8),
    VEC_F(F64X2_FLOOR, 0x09 | X_P3A, ROUND, 9),
    VEC_F(F64X2_CEIL, 0x09 | X_P3A, ROUND, 10),
    VEC_F(F64X2_TRUNC, 0x09 | X_P3A, ROUND, 11),
    VEC(F32X4_CONVERT_I32X4_S, 0x5b | X_0F),
    VEC(F64X2_CONVERT_LOW_I32X4_S, 0xe6 | X_0F | X_F3),
    VEC(F64X2_PROMOTE_LOW_F32X4, 0x5a | X_0F),
    VEC(F32X4_DEMOTE_F64X2_ZERO, 0x5a | X_P),
};

/* The sign bits, or all but them, in xmm15. */
static void make_signs(struct jit_asm *a, bool is_64, bool is_sign)
{
    make_ones(a);
    x64_vex(a, (is_64 ? 0x73 : 0x72) | X_P, is_sign ? 6 : 2, XMM15, XMM15);
    x64_byte(a, is_sign ? (is_64 ? 63 : 31) : 1);
}

bool jit_m_vec_unary(struct jit_asm *a, enum wrt_op op, jit_reg dst,
                     jit_reg src)
{
    const struct vec_op *v = &unary[op];
    bool is_64 = op == WRT_OP_F64X2_NEG || op == WRT_OP_F64X2_ABS;

    switch (op) {
    case WRT_OP_V128_NOT:
        make_ones(a);
        x64_vex(a, PXOR, dst, src, XMM15);
        return true;
    case WRT_OP_F32X4_NEG:
    case WRT_OP_F64X2_NEG:
        make_signs(a, is_64, true);
        x64_vex(a, PXOR, dst, src, XMM15);
        return true;
    case WRT_OP_F32X4_ABS:
    case WRT_OP_F64X2_ABS:
        make_signs(a, is_64, false);
        x64_vex(a, PAND, dst, src, XMM15);
        return true;
    default: break;
    }
    if (!v->code)
        return false;
    if (v->flags == NEGATE) {
        make_zero(a, XMM15);
        x64_vex(a, v->code, dst, XMM15, src);
        return true;
    }
    if (v->flags == HIGH) {
        x64_vex(a, PSHUFD, XMM15, XMM0, src);
        x64_byte(a, 0xee);
        src = XMM15;
    }
    x64_vex(a, v->code, dst, XMM0, src);
    if (v->flags == ROUND)
        x64_byte(a, v->imm);
    return true;
}

/* -- Others ---------------------------------------------------------------- */

bool jit_m_vec_ternary(struct jit_asm *a, enum wrt_op op, jit_reg dst,
                       jit_reg x, jit_reg y, jit_reg z)
{
    bool is_64 = false;

    switch (op) {
    case WRT_OP_V128_BITSELECT:
    case WRT_OP_I8X16_RELAXED_LANESELECT:
    case WRT_OP_I16X8_RELAXED_LANESELECT:
    case WRT_OP_I32X4_RELAXED_LANESELECT:
    case WRT_OP_I64X2_RELAXED_LANESELECT:
        x64_vex(a, PAND, XMM15, x, z);
        x64_vex(a, PANDN, XMM14, z, y);
        x64_vex(a, POR, dst, XMM15, XMM14);
        return true;
    case WRT_OP_F64X2_RELAXED_MADD:
    case WRT_OP_F64X2_RELAXED_NMADD: is_64 = true; break;
    case WRT_OP_F32X4_RELAXED_MADD:
    case WRT_OP_F32X4_RELAXED_NMADD: break;
    default: return false;
    }
    x64_vex(a, 0x59 | (is_64 ? X_P : X_0F), XMM15, x, y);
    if (op == WRT_OP_F32X4_RELAXED_MADD || op == WRT_OP_F64X2_RELAXED_MADD)
        x64_vex(a, 0x58 | (is_64 ? X_P : X_0F), dst, XMM15, z);
    else
        x64_vex(a, 0x5c | (is_64 ? X_P : X_0F), dst, z, XMM15);
    return true;
}

bool jit_m_vec_shift(struct jit_asm *a, enum wrt_op op, jit_reg dst,
                     jit_reg src, jit_reg count)
{
    static const struct vec_op rows[WRT_OP_COUNT] = {
        VEC_F(I16X8_SHL, 0xf1 | X_P, 0, 15),
        VEC_F(I16X8_SHR_S, 0xe1 | X_P, 0, 15),
        VEC_F(I16X8_SHR_U, 0xd1 | X_P, 0, 15),
        VEC_F(I32X4_SHL, 0xf2 | X_P, 0, 31),
        VEC_F(I32X4_SHR_S, 0xe2 | X_P, 0, 31),
        VEC_F(I32X4_SHR_U, 0xd2 | X_P, 0, 31),
        VEC_F(I64X2_SHL, 0xf3 | X_P, 0, 63),
        VEC_F(I64X2_SHR_U, 0xd3 | X_P, 0, 63),
    };

    if (!rows[op].code)
        return false;
    jit_m_alu(a, JIT_AND, false, R11, count,
              (struct jit_operand){.form = JIT_IMM, .imm = rows[op].imm});
    jit_m_to_float(a, false, XMM15, R11);
    x64_vex(a, rows[op].code, dst, src, XMM15);
    return true;
}

/* dst = whether no lane of src is zero */
static void all_true(struct jit_asm *a, uint32_t equals, jit_reg dst,
                     jit_reg src)
{
    make_zero(a, XMM15);
    x64_vex(a, equals, XMM15, XMM15, src);
    x64_rr(a, 0x17 | X_P38, XMM15, XMM15); /* ptest */
    jit_m_set(a, JIT_EQ, dst);
}

bool jit_m_vec_test(struct jit_asm *a, enum wrt_op op, jit_reg dst, jit_reg src)
{
    switch (op) {
    case WRT_OP_V128_ANY_TRUE:
        x64_rr(a, 0x17 | X_P38, src, src);
        jit_m_set(a, JIT_NE, dst);
        return true;
    case WRT_OP_I8X16_ALL_TRUE: all_true(a, PCMPEQB, dst, src); return true;
    case WRT_OP_I16X8_ALL_TRUE: all_true(a, PCMPEQW, dst, src); return true;
    case WRT_OP_I32X4_ALL_TRUE: all_true(a, PCMPEQD, dst, src); return true;
    case WRT_OP_I64X2_ALL_TRUE: all_true(a, PCMPEQQ, dst, src); return true;
    case WRT_OP_I8X16_BITMASK: x64_rr(a, 0xd7 | X_P, dst, src); return true;
    case WRT_OP_I16X8_BITMASK:
        make_zero(a, XMM15);
        x64_vex(a, 0x63 | X_P, XMM15, src, XMM15); /* packsswb */
        x64_rr(a, 0xd7 | X_P, dst, XMM15);
        return true;
    case WRT_OP_I32X4_BITMASK: x64_rr(a, 0x50 | X_0F, dst, src); return true;
    case WRT_OP_I64X2_BITMASK: x64_rr(a, 0x50 | X_P, dst, src); return true;
    default: return false;
    }
}

static void shuffle_dwords(struct jit_asm *a, jit_reg dst, jit_reg src,
                           unsigned order)
{
    x64_vex(a, PSHUFD, dst, XMM0, src);
    x64_byte(a, order);
}

void jit_m_vec_splat(struct jit_asm *a, unsigned lanes, bool is_float,
                     jit_reg dst, jit_reg src)
{
    if (!is_float) {
        jit_m_to_float(a, lanes == 2, dst, src);
        src = dst;
    }
    switch (lanes) {
    case 16:
        make_zero(a, XMM15);
        x64_vex(a, PSHUFB, dst, src, XMM15);
        break;
    case 8:
        x64_vex(a, 0x70 | X_0F | X_F2, dst, XMM0, src); /* pshuflw */
        x64_byte(a, 0);
        shuffle_dwords(a, dst, dst, 0);
        break;
    case 4: shuffle_dwords(a, dst, src, 0); break;
    default: shuffle_dwords(a, dst, src, 0x44); break;
    }
}

void jit_m_vec_extract(struct jit_asm *a, unsigned lanes, bool is_float,
                       bool is_signed, jit_reg dst, jit_reg src, unsigned lane)
{
    if (is_float) {
        shuffle_dwords(a, dst, src, lanes == 4 ? lane : lane ? 0xee : 0x44);
        return;
    }
    switch (lanes) {
    case 16: x64_rr(a, 0x14 | X_P3A, src, dst); break;
    case 8: x64_rr(a, 0xc5 | X_P, dst, src); break;
    case 4: x64_rr(a, 0x16 | X_P3A, src, dst); break;
    default: x64_rr(a, 0x16 | X_P3A | X_W, src, dst); break;
    }
    x64_byte(a, lane);
    if (is_signed)
        jit_m_unary(a, lanes == 16 ? JIT_EXTEND8 : JIT_EXTEND16, false, dst,
                    dst);
}

void jit_m_vec_replace(struct jit_asm *a, unsigned lanes, bool is_float,
                       jit_reg dst, jit_reg value, unsigned lane)
{
    if (is_float && lanes == 2) {
        if (lane)
            x64_rr(a, 0x14 | X_P, dst, value); /* unpcklpd */
        else
            x64_rr(a, 0x10 | X_0F | X_F2, dst, value); /* movsd */
        return;
    }
    if (is_float) {
        x64_rr(a, 0x21 | X_P3A, dst, value); /* insertps */
        x64_byte(a, lane << 4);
        return;
    }
    switch (lanes) {
    case 16: x64_rr(a, 0x20 | X_P3A, dst, value); break;
    case 8: x64_rr(a, 0xc4 | X_P, dst, value); break;
    case 4: x64_rr(a, 0x22 | X_P3A, dst, value); break;
    default: x64_rr(a, 0x22 | X_P3A | X_W, dst, value); break;
    }
    x64_byte(a, lane);
}

void jit_m_vec_const(struct jit_asm *a, jit_reg dst, const uint8_t bytes[16])
{
    uint64_t low = wrt_load_u64(bytes), high = wrt_load_u64(bytes + 8);

    if (!(low | high)) {
        make_zero(a, dst);
        return;
    }
    jit_m_const(a, R11, low);
    jit_m_to_float(a, true, dst, R11);
    if (low == high) {
        shuffle_dwords(a, dst, dst, 0x44);
    } else if (high) {
        jit_m_const(a, R11, high);
        jit_m_vec_replace(a, 2, false, dst, R11, 1);
    }
}

void jit_m_vec_shuffle(struct jit_asm *a, jit_reg dst, jit_reg lhs, jit_reg rhs,
                       const uint8_t lanes[16])
{
    uint8_t of_lhs[16], of_rhs[16];

    for (int i = 0; i < 16; i++) {
        of_lhs[i] = lanes[i] < 16 ? lanes[i] : 0x80;
        of_rhs[i] = lanes[i] < 16 ? 0x80 : (uint8_t)(lanes[i] - 16);
    }
    jit_m_vec_const(a, XMM15, of_lhs);
    x64_vex(a, PSHUFB, XMM14, lhs, XMM15);
    jit_m_vec_const(a, XMM15, of_rhs);
    x64_vex(a, PSHUFB, XMM15, rhs, XMM15);
    x64_vex(a, POR, dst, XMM14, XMM15);
}

void jit_m_vec_load_wide(struct jit_asm *a, enum wrt_op op, jit_reg dst,
                         struct jit_mem mem)
{
    uint32_t code = 0;

    switch (op) {
    case WRT_OP_V128_LOAD8X8_S: code = 0x20; break;
    case WRT_OP_V128_LOAD8X8_U: code = 0x30; break;
    case WRT_OP_V128_LOAD16X4_S: code = 0x23; break;
    case WRT_OP_V128_LOAD16X4_U: code = 0x33; break;
    case WRT_OP_V128_LOAD32X2_S: code = 0x25; break;
    default: code = 0x35; break;
    }
    x64_rm(a, code | X_P38, dst, mem);
}
