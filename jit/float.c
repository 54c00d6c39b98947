/*
 * Floating-point instructions, and conversions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/emit.h"

static enum wrt_kind kind_of(bool is_64)
{
    return is_64 ? WRT_KIND_F64 : WRT_KIND_F32;
}

void jit_emit_float_alu(struct jit *j, uint32_t arg)
{
    bool is_64 = arg & EMIT_64;
    struct jit_value rhs = jit_pop(j), lhs = jit_pop(j);
    struct jit_operand operand = jit_as_operand(j, &rhs);
    jit_reg left = jit_use(j, &lhs), dst;

    dst = jit_result(j, true, &lhs, &rhs, false);
    jit_m_float_alu(jit_code(j), (enum jit_float_alu)(arg & EMIT_OP), is_64,
                    dst, left, operand);
    jit_push_result(j, kind_of(is_64), dst, &lhs, &rhs);
}

void jit_emit_float_unary(struct jit *j, uint32_t arg)
{
    bool is_64 = arg & EMIT_64;
    struct jit_value v = jit_pop(j);
    jit_reg src = jit_use(j, &v), dst;

    dst = jit_result(j, true, &v, NULL, false);
    jit_m_float_unary(jit_code(j), (enum jit_float_unary)(arg & EMIT_OP), is_64,
                      dst, src);
    jit_push_result(j, kind_of(is_64), dst, &v, NULL);
}

void jit_emit_float_min(struct jit *j, uint32_t arg)
{
    bool is_64 = arg & EMIT_64, is_max = arg & 1;
    struct jit_value rhs = jit_pop(j), lhs = jit_pop(j);
    jit_reg right = jit_use(j, &rhs), left = jit_use(j, &lhs), dst;

    jit_asm_room(jit_code(j), 8 * JIT_INSN_BYTES);
    dst = jit_result(j, true, &lhs, &rhs, true);
    jit_m_float_min(jit_code(j), is_64, is_max, dst, left, right);
    jit_push_result(j, kind_of(is_64), dst, &lhs, &rhs);
}

void jit_emit_copysign(struct jit *j, uint32_t arg)
{
    bool is_64 = arg & EMIT_64;
    struct jit_value rhs = jit_pop(j), lhs = jit_pop(j);
    jit_reg right = jit_use(j, &rhs), left = jit_use(j, &lhs), dst;

    dst = jit_result(j, true, &lhs, &rhs, false);
    jit_m_copysign(jit_code(j), is_64, dst, left, right);
    jit_push_result(j, kind_of(is_64), dst, &lhs, &rhs);
}

void jit_emit_float_compare(struct jit *j, uint32_t arg)
{
    enum jit_cond cond = (enum jit_cond)(arg & EMIT_OP);
    struct jit_value rhs = jit_pop(j), lhs = jit_pop(j);
    jit_reg right = jit_use(j, &rhs), left = jit_use(j, &lhs);

    if (arg & EMIT_SWAP)
        jit_m_float_compare(jit_code(j), arg & EMIT_64, right, left);
    else
        jit_m_float_compare(jit_code(j), arg & EMIT_64, left, right);
    /* No operand is where a number would go. */
    jit_finish_compare(j, cond, &lhs, &rhs);
}

/* -- Conversions ----------------------------------------------------------- */

void jit_emit_convert(struct jit *j, uint32_t arg)
{
    bool to_64 = arg & EMIT_TO_64;
    struct jit_value v = jit_pop(j);
    jit_reg src = jit_use(j, &v), temp = jit_take(j, false), dst;

    jit_asm_room(jit_code(j), 8 * JIT_INSN_BYTES);
    dst = jit_result(j, true, NULL, NULL, false);
    jit_m_convert(jit_code(j), arg & EMIT_64, arg & EMIT_SIGNED, to_64, dst,
                  src, temp);
    jit_give(j, temp);
    jit_push_result(j, kind_of(to_64), dst, &v, NULL);
}

void jit_emit_promote(struct jit *j, uint32_t arg)
{
    struct jit_value v = jit_pop(j);
    jit_reg src = jit_use(j, &v);
    jit_reg dst = jit_result(j, true, &v, NULL, false);

    (void)arg;
    jit_m_promote(jit_code(j), dst, src);
    jit_push_result(j, WRT_KIND_F64, dst, &v, NULL);
}

void jit_emit_demote(struct jit *j, uint32_t arg)
{
    struct jit_value v = jit_pop(j);
    jit_reg src = jit_use(j, &v);
    jit_reg dst = jit_result(j, true, &v, NULL, false);

    (void)arg;
    jit_m_demote(jit_code(j), dst, src);
    jit_push_result(j, WRT_KIND_F32, dst, &v, NULL);
}

/* The bits of one bank in the other. */
void jit_emit_reinterpret(struct jit *j, uint32_t kind)
{
    bool to_float = jit_is_float(kind);
    bool is_64 = jit_is_64((enum wrt_kind)kind);
    struct jit_value v = jit_pop(j);
    jit_reg src = jit_use(j, &v);
    jit_reg dst = jit_result(j, to_float, NULL, NULL, false);

    if (to_float)
        jit_m_to_float(jit_code(j), is_64, dst, src);
    else
        jit_m_from_float(jit_code(j), is_64, dst, src);
    jit_push_result(j, (enum wrt_kind)kind, dst, &v, NULL);
}

/* What does not fit: traps ... */
static void trap_misfit(struct jit *j, bool from_64, jit_reg src)
{
    struct jit_late late = {.kind = JIT_LATE_TRAP,
                            .code = WASMRT_ERR_INTEGER_OVERFLOW,
                            .offset = jit_offset(j)};

    jit_m_float_compare(jit_code(j), from_64, src, src);
    jit_trap_if(j, JIT_F_NAN, WASMRT_ERR_INVALID_CONVERSION);
    late.place = jit_m_jump(jit_code(j));
    jit_add_late(j, &late);
}

/* ... or becomes the nearest number, and NaN zero. */
static void saturate(struct jit *j, uint32_t arg, jit_reg dst, jit_reg src)
{
    bool from_64 = arg & EMIT_64, to_64 = arg & EMIT_TO_64;
    struct jit_asm *a = jit_code(j);
    uint64_t least = 0, greatest = to_64 ? UINT64_MAX : UINT32_MAX;
    uint32_t nan, none, positive;

    if (arg & EMIT_SIGNED) {
        greatest >>= 1;
        least = greatest + 1;
    }
    jit_m_const(a, dst, 0);
    jit_m_float_compare(a, from_64, src, src);
    nan = jit_m_branch(a, JIT_F_NAN, &none);
    jit_m_float_sign(a, from_64, jit_target.scratch, src);
    jit_m_const(a, dst, greatest);
    jit_m_test(a, false, jit_target.scratch, jit_imm_operand(1));
    positive = jit_m_branch(a, JIT_EQ, &none);
    jit_m_const(a, dst, least);
    jit_m_bind(a, positive, jit_pos(j));
    jit_m_bind(a, nan, jit_pos(j));
}

void jit_emit_truncate(struct jit *j, uint32_t arg)
{
    bool from_64 = arg & EMIT_64, to_64 = arg & EMIT_TO_64;
    struct jit_asm *a = jit_code(j);
    struct jit_value v = jit_pop(j);
    jit_reg src, dst, temp;
    uint32_t fits, fits_too;

    jit_asm_room(a, 24 * JIT_INSN_BYTES);
    src = jit_use(j, &v);
    temp = jit_take(j, false);
    dst = jit_result(j, false, NULL, NULL, false);
    fits = jit_m_truncate(a, from_64, to_64, arg & EMIT_SIGNED, dst, src, temp,
                          &fits_too);
    if (arg & EMIT_SAT)
        saturate(j, arg, dst, src);
    else
        trap_misfit(j, from_64, src);
    jit_m_bind(a, fits, jit_pos(j));
    if (fits_too)
        jit_m_bind(a, fits_too, jit_pos(j));
    jit_give(j, temp);
    jit_push_result(j, to_64 ? WRT_KIND_I64 : WRT_KIND_I32, dst, &v, NULL);
}
