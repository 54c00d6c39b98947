/*
 * The macro-assembler for x86-64: floats.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/x64/x64.h"

/* Prefix of a scalar operation. */
static uint32_t scalar(bool is_64)
{
    return is_64 ? X_F2 | X_0F : X_F3 | X_0F;
}

/* Prefix of a packed operation on that type. */
static uint32_t packed(bool is_64)
{
    return is_64 ? X_66 | X_0F : X_0F;
}

void jit_m_float_alu(struct jit_asm *a, enum jit_float_alu op, bool is_64,
                     jit_reg dst, jit_reg lhs, struct jit_operand rhs)
{
    static const uint8_t ops[] = {[JIT_FADD] = 0x58,
                                  [JIT_FSUB] = 0x5c,
                                  [JIT_FMUL] = 0x59,
                                  [JIT_FDIV] = 0x5e};
    uint32_t code = ops[op] | scalar(is_64);

    if (rhs.form == JIT_REG && dst != lhs && x64_cpu()->has_avx) {
        x64_vex(a, code, dst, lhs, rhs.reg);
        return;
    }
    if (rhs.form == JIT_REG && rhs.reg == dst && dst != lhs) {
        jit_m_move_float(a, WRT_KIND_F64, XMM15, rhs.reg);
        rhs.reg = XMM15;
    }
    jit_m_move_float(a, WRT_KIND_F64, dst, lhs);
    if (rhs.form == JIT_REG)
        x64_rr(a, code, dst, rhs.reg);
    else
        x64_rm(a, code, dst, rhs.mem);
}

/* All ones in xmm15, shifted: the sign bit, or all but it. */
static void make_mask(struct jit_asm *a, bool is_64, bool is_sign)
{
    x64_rr(a, 0x76 | X_0F | X_66, XMM15, XMM15); /* pcmpeqd */
    x64_rr(a, (is_64 ? 0x73 : 0x72) | X_0F | X_66, is_sign ? 6 : 2, XMM15);
    x64_byte(a, is_sign ? (is_64 ? 63 : 31) : 1);
}

void jit_m_float_unary(struct jit_asm *a, enum jit_float_unary op, bool is_64,
                       jit_reg dst, jit_reg src)
{
    static const uint8_t modes[] = {[JIT_FNEAREST] = 8,
                                    [JIT_FFLOOR] = 9,
                                    [JIT_FCEIL] = 10,
                                    [JIT_FTRUNC] = 11};

    switch (op) {
    case JIT_FABS:
    case JIT_FNEG:
        make_mask(a, is_64, op == JIT_FNEG);
        jit_m_move_float(a, WRT_KIND_F64, dst, src);
        x64_rr(a, (op == JIT_FNEG ? 0x57 : 0x54) | packed(is_64), dst, XMM15);
        break;
    case JIT_FSQRT:
        if (dst != src)
            jit_m_zero(a, dst);
        x64_rr(a, 0x51 | scalar(is_64), dst, src);
        break;
    default:
        if (dst != src)
            jit_m_zero(a, dst);
        x64_rr(a, (is_64 ? 0x0b : 0x0a) | X_0F3A | X_66, dst, src);
        x64_byte(a, modes[op]);
    }
}

/*
 * The machine's minimum gives its second operand when an operand is NaN and for
 * zeroes of any sign.  So: equal operands are joined (or: the negative zero;
 * and: the positive one), unordered ones are added, and only the rest compared.
 */
void jit_m_float_min(struct jit_asm *a, bool is_64, bool is_max, jit_reg dst,
                     jit_reg lhs, jit_reg rhs)
{
    uint32_t unordered, differ, done, done_too;

    jit_m_move_float(a, WRT_KIND_F64, dst, lhs);
    x64_rr(a, 0x2e | packed(is_64), lhs, rhs); /* ucomis */
    x64_byte(a, 0x7a);                         /* jp */
    x64_byte(a, 0);
    unordered = jit_asm_pos(a);
    x64_byte(a, 0x75); /* jne */
    x64_byte(a, 0);
    differ = jit_asm_pos(a);
    x64_rr(a, (is_max ? 0x54 : 0x56) | packed(is_64), dst, rhs);
    x64_byte(a, 0xeb);
    x64_byte(a, 0);
    done = jit_asm_pos(a);
    a->start[unordered - 1] = (uint8_t)(jit_asm_pos(a) - unordered);
    x64_rr(a, 0x58 | scalar(is_64), dst, rhs);
    x64_byte(a, 0xeb);
    x64_byte(a, 0);
    done_too = jit_asm_pos(a);
    a->start[differ - 1] = (uint8_t)(jit_asm_pos(a) - differ);
    x64_rr(a, (is_max ? 0x5f : 0x5d) | scalar(is_64), dst, rhs);
    a->start[done - 1] = (uint8_t)(jit_asm_pos(a) - done);
    a->start[done_too - 1] = (uint8_t)(jit_asm_pos(a) - done_too);
}

void jit_m_copysign(struct jit_asm *a, bool is_64, jit_reg dst, jit_reg lhs,
                    jit_reg rhs)
{
    make_mask(a, is_64, false);
    jit_m_move_float(a, WRT_KIND_F64, XMM14, XMM15);
    x64_rr(a, 0x55 | packed(is_64), XMM14, rhs); /* andn: the sign */
    x64_rr(a, 0x54 | packed(is_64), XMM15, lhs); /* and: the rest */
    x64_rr(a, 0x56 | packed(is_64), XMM15, XMM14);
    jit_m_move_float(a, WRT_KIND_F64, dst, XMM15);
}

void jit_m_float_compare(struct jit_asm *a, bool is_64, jit_reg lhs,
                         jit_reg rhs)
{
    x64_rr(a, 0x2e | packed(is_64), lhs, rhs);
}

/* Above 2^63 there is no signed form: half the value, its last bit kept so that
 * rounding comes out right, and twice the result. */
static void convert_u64(struct jit_asm *a, bool to_64, jit_reg dst, jit_reg src,
                        jit_reg temp)
{
    uint32_t code = 0x2a | scalar(to_64) | X_W, big, done;

    x64_rr(a, 0x85 | X_W, src, src);
    x64_byte(a, 0x78); /* js */
    x64_byte(a, 0);
    big = jit_asm_pos(a);
    x64_rr(a, code, dst, src);
    x64_byte(a, 0xeb);
    x64_byte(a, 0);
    done = jit_asm_pos(a);
    a->start[big - 1] = (uint8_t)(jit_asm_pos(a) - big);
    jit_m_move(a, true, R11, src);
    jit_m_move(a, false, temp, src);
    x64_rr(a, 0xd1 | X_W, 5, R11); /* shr 1 */
    x64_rr(a, 0x83, 4, temp);      /* and 1 */
    x64_byte(a, 1);
    x64_rr(a, 0x09 | X_W, temp, R11);
    x64_rr(a, code, dst, R11);
    x64_rr(a, 0x58 | scalar(to_64), dst, dst);
    a->start[done - 1] = (uint8_t)(jit_asm_pos(a) - done);
}

void jit_m_convert(struct jit_asm *a, bool from_64, bool is_signed, bool to_64,
                   jit_reg dst, jit_reg src, jit_reg temp)
{
    /* The conversion writes a part of dst and would wait for the rest. */
    jit_m_zero(a, dst);
    if (from_64 && !is_signed)
        convert_u64(a, to_64, dst, src, temp);
    else
        x64_rr(a, 0x2a | scalar(to_64) | x64_w(from_64 || !is_signed), dst,
               src);
}

void jit_m_float_sign(struct jit_asm *a, bool is_64, jit_reg dst, jit_reg src)
{
    x64_rr(a, 0x50 | packed(is_64), dst, src); /* movmskp */
}

static uint32_t branch(struct jit_asm *a, enum jit_cond cond)
{
    uint32_t none;

    return jit_m_branch(a, cond, &none);
}

/* xmm15 = a power of two, by its bits in either size. */
static void load_bound(struct jit_asm *a, bool is_64, uint32_t bits32,
                       uint64_t bits64)
{
    jit_m_const(a, R11, is_64 ? bits64 : bits32);
    jit_m_to_float(a, is_64, XMM15, R11);
}

/* The machine gives INT64_MIN for what does not fit; that itself is one value
 * that does. */
static uint32_t truncate_i64(struct jit_asm *a, bool from_64, jit_reg dst,
                             jit_reg src, uint32_t *second)
{
    uint32_t place;

    x64_rr(a, 0x2c | scalar(from_64) | X_W, dst, src);
    x64_rr(a, 0x83 | X_W, 7, dst); /* cmp dst, 1: overflows for the minimum */
    x64_byte(a, 1);
    x64_byte(a, 0x0f);
    x64_byte(a, 0x81); /* jno */
    x64_u32(a, 0);
    place = jit_asm_pos(a) - 4;
    load_bound(a, from_64, 0xdf000000, 0xc3e0000000000000);
    x64_rr(a, 0x2e | packed(from_64), src, XMM15);
    *second = jit_m_branch(a, JIT_F_EQ, &(uint32_t){0});
    return place;
}

static uint32_t truncate_u64(struct jit_asm *a, bool from_64, jit_reg dst,
                             jit_reg src, uint32_t *second)
{
    uint32_t small, bad, place;

    load_bound(a, from_64, 0x5f000000, 0x43e0000000000000);
    x64_rr(a, 0x2e | packed(from_64), src, XMM15);
    small = branch(a, JIT_F_NOT_GE);
    jit_m_move_float(a, WRT_KIND_F64, XMM14, src);
    x64_rr(a, 0x5c | scalar(from_64), XMM14, XMM15);
    x64_rr(a, 0x2c | scalar(from_64) | X_W, dst, XMM14);
    x64_rr(a, 0xba | X_0F | X_W, 7, dst); /* btc dst, 63 */
    x64_byte(a, 63);
    x64_rr(a, 0x85 | X_W, dst, dst);
    place = branch(a, JIT_LT_S);
    bad = jit_m_jump(a);
    jit_m_bind(a, small, jit_asm_pos(a));
    x64_rr(a, 0x2c | scalar(from_64) | X_W, dst, src);
    x64_rr(a, 0x85 | X_W, dst, dst);
    *second = branch(a, JIT_GE_S);
    jit_m_bind(a, bad, jit_asm_pos(a));
    return place;
}

uint32_t jit_m_truncate(struct jit_asm *a, bool from_64, bool to_64,
                        bool is_signed, jit_reg dst, jit_reg src, jit_reg temp,
                        uint32_t *second)
{
    *second = 0;
    if (to_64)
        return is_signed ? truncate_i64(a, from_64, dst, src, second)
                         : truncate_u64(a, from_64, dst, src, second);
    /* All 32-bit results are among the 64-bit ones. */
    x64_rr(a, 0x2c | scalar(from_64) | X_W, temp, src);
    if (is_signed)
        x64_rr(a, 0x63 | X_W, dst, temp);
    else
        jit_m_move(a, false, dst, temp);
    x64_rr(a, 0x3b | X_W, dst, temp);
    if (is_signed)
        jit_m_move(a, false, dst, dst);
    return branch(a, JIT_EQ);
}

void jit_m_promote(struct jit_asm *a, jit_reg dst, jit_reg src)
{
    if (dst != src)
        jit_m_zero(a, dst);
    x64_rr(a, 0x5a | X_0F | X_F3, dst, src);
}

void jit_m_demote(struct jit_asm *a, jit_reg dst, jit_reg src)
{
    if (dst != src)
        jit_m_zero(a, dst);
    x64_rr(a, 0x5a | X_0F | X_F2, dst, src);
}
