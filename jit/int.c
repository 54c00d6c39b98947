/*
 * Integer instructions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/operand.h"

#include "jit/emit.h"

static enum wrt_kind kind_of(bool is_64)
{
    return is_64 ? WRT_KIND_I64 : WRT_KIND_I32;
}

static void swap_values(struct jit_value *x, struct jit_value *y)
{
    struct jit_value old = *x;

    *x = *y;
    *y = old;
}

/* -- Arithmetic ------------------------------------------------------------ */

/* lhs + (rhs << shift), in one instruction. */
static void add_scaled(struct jit *j, struct jit_value *lhs,
                       struct jit_value *rhs)
{
    struct jit_value index = *rhs;
    jit_reg base, reg, dst;

    index.form = index.reg != JIT_NO_REG ? JIT_TEMP : JIT_LOCAL;
    reg = jit_use(j, &index);
    base = jit_use(j, lhs);
    dst = jit_result(j, false, lhs, &index, false);
    jit_m_add_scaled(jit_code(j), false, dst, base, reg, rhs->cond);
    jit_push_result(j, WRT_KIND_I32, dst, lhs, &index);
}

static void alu_any(struct jit *j, enum jit_alu op, bool is_64)
{
    struct jit_value rhs = jit_pop(j), lhs = jit_pop(j);
    struct jit_operand operand;
    jit_reg left, dst;

    if (rhs.form == JIT_SCALED) {
        add_scaled(j, &lhs, &rhs);
        return;
    }
    if (op != JIT_SUB && (lhs.form == JIT_CONST ||
                          (rhs.form == JIT_TEMP && lhs.form != JIT_TEMP)))
        swap_values(&lhs, &rhs);
    operand = jit_as_operand(j, &rhs);
    left = jit_use(j, &lhs);
    dst = jit_result(j, false, &lhs, &rhs, false);
    jit_m_alu(jit_code(j), op, is_64, dst, left, operand);
    jit_push_result(j, kind_of(is_64), dst, &lhs, &rhs);
}

void jit_emit_alu(struct jit *j, uint32_t arg)
{
    enum jit_alu op = (enum jit_alu)(arg & EMIT_OP);
    bool is_64 = arg & EMIT_64;
    struct jit_value *rhs = &j->stack[j->height - 1], *lhs = rhs - 1;
    struct jit_operand operand;
    jit_reg dst;

    if (op != JIT_SUB && rhs->form == JIT_TEMP && lhs->form == JIT_LOCAL) {
        lhs = rhs;
        rhs = lhs - 1;
    }
    if (WRT_UNLIKELY(!jit_find_two(j, lhs, rhs, &operand))) {
        alu_any(j, op, is_64);
        return;
    }
    jit_drop_top(j, 2);
    dst = jit_result(j, false, lhs, rhs, false);
    jit_m_alu(jit_code(j), op, is_64, dst, lhs->reg, operand);
    jit_push_result(j, kind_of(is_64), dst, lhs, rhs);
}

/* -- Shifts ---------------------------------------------------------------- */

static void shift_const(struct jit *j, enum jit_shift op, bool is_64,
                        struct jit_value *lhs, unsigned count)
{
    jit_reg src, dst;

    if (op == JIT_SHL && !is_64 && count >= 1 && count <= 3 &&
        jit_peek(j) == WRT_OP_I32_ADD &&
        (lhs->form == JIT_TEMP ||
         (lhs->form == JIT_LOCAL && j->locals[lhs->local].reg != JIT_NO_REG))) {
        struct jit_value *v = &j->stack[j->height++];

        *v = *lhs;
        v->reg = lhs->form == JIT_TEMP ? lhs->reg : JIT_NO_REG;
        v->form = JIT_SCALED;
        v->cond = (uint8_t)count;
        if (lhs->form == JIT_LOCAL)
            j->locals[lhs->local].pending++;
        else
            v->local = JIT_NO_LOCAL;
        return;
    }
    src = jit_use(j, lhs);
    dst = jit_result(j, false, lhs, NULL, false);
    jit_m_shift_const(jit_code(j), op, is_64, dst, src, count);
    jit_push_result(j, kind_of(is_64), dst, lhs, NULL);
}

/* The count in the one register that can hold it. */
static void shift_fixed(struct jit *j, enum jit_shift op, bool is_64,
                        struct jit_value *lhs, struct jit_value *rhs)
{
    jit_reg count = jit_target_shift_count, src, dst;
    bool is_there = rhs->form == JIT_TEMP && rhs->reg == count;

    /* The value must not be where the count goes. */
    if (lhs->form == JIT_TEMP && lhs->reg == count) {
        dst = jit_take(j, false);
        jit_m_move(jit_code(j), is_64, dst, lhs->reg);
        lhs->reg = dst;
        j->free &= ~JIT_BIT(count);
    } else if (!is_there) {
        jit_take_reg(j, count);
    }
    if (!is_there) {
        jit_load_value(j, rhs, count);
        jit_release(j, rhs);
        rhs->form = JIT_TEMP;
        rhs->reg = count;
    }
    src = jit_use(j, lhs);
    dst = jit_result(j, false, lhs, NULL, false);
    jit_m_shift(jit_code(j), op, is_64, dst, src, count);
    jit_push_result(j, kind_of(is_64), dst, lhs, rhs);
}

void jit_emit_shift(struct jit *j, uint32_t arg)
{
    enum jit_shift op = (enum jit_shift)(arg & EMIT_OP);
    bool is_64 = arg & EMIT_64;
    struct jit_value rhs = jit_pop(j), lhs = jit_pop(j);
    jit_reg src, count, dst;

    if (rhs.form == JIT_CONST) {
        shift_const(j, op, is_64, &lhs, (unsigned)rhs.bits & (is_64 ? 63 : 31));
        return;
    }
    if (!jit_m_has_free_shift(op)) {
        shift_fixed(j, op, is_64, &lhs, &rhs);
        return;
    }
    count = jit_use(j, &rhs);
    src = jit_use(j, &lhs);
    dst = jit_result(j, false, &lhs, &rhs, false);
    jit_m_shift(jit_code(j), op, is_64, dst, src, count);
    jit_push_result(j, kind_of(is_64), dst, &lhs, &rhs);
}

/* -- Comparisons ----------------------------------------------------------- */

/* Leaves a condition in the flags for the next instruction, or makes it a
 * number. */
void jit_finish_compare(struct jit *j, enum jit_cond cond,
                        struct jit_value *lhs, struct jit_value *rhs)
{
    jit_reg dst;

    switch (jit_peek(j)) {
    case WRT_OP_BR_IF:
    case WRT_OP_IF:
    case WRT_OP_SELECT:
    case WRT_OP_SELECT_T:
    case WRT_OP_I32_EQZ:
        jit_release(j, lhs);
        if (rhs)
            jit_release(j, rhs);
        jit_push_flags(j, cond);
        return;
    default: break;
    }
    dst = jit_result(j, false, lhs, rhs, false);
    jit_m_set(jit_code(j), cond, dst);
    jit_push_result(j, WRT_KIND_I32, dst, lhs, rhs);
}

/* The condition for operands that were swapped. */
static enum jit_cond mirrored(enum jit_cond cond)
{
    switch (cond) {
    case JIT_LT_S: return JIT_GT_S;
    case JIT_GE_S: return JIT_LE_S;
    case JIT_LT_U: return JIT_GT_U;
    case JIT_GE_U: return JIT_LE_U;
    case JIT_GT_S: return JIT_LT_S;
    case JIT_LE_S: return JIT_GE_S;
    case JIT_GT_U: return JIT_LT_U;
    case JIT_LE_U: return JIT_GE_U;
    default: return cond;
    }
}

static void compare_any(struct jit *j, enum jit_cond cond, bool is_64)
{
    struct jit_value rhs = jit_pop(j), lhs = jit_pop(j);
    struct jit_operand operand;
    jit_reg left;

    if (lhs.form == JIT_CONST) {
        swap_values(&lhs, &rhs);
        cond = mirrored(cond);
    }
    operand = jit_as_operand(j, &rhs);
    left = jit_use(j, &lhs);
    jit_m_compare(jit_code(j), is_64, left, operand);
    jit_finish_compare(j, cond, &lhs, &rhs);
}

void jit_emit_compare(struct jit *j, uint32_t arg)
{
    enum jit_cond cond = (enum jit_cond)(arg & EMIT_OP);
    bool is_64 = arg & EMIT_64;
    struct jit_value *rhs = &j->stack[j->height - 1], *lhs = rhs - 1;
    struct jit_operand operand;

    if (WRT_UNLIKELY(!jit_find_two(j, lhs, rhs, &operand))) {
        compare_any(j, cond, is_64);
        return;
    }
    jit_drop_top(j, 2);
    jit_m_compare(jit_code(j), is_64, lhs->reg, operand);
    jit_finish_compare(j, cond, lhs, rhs);
}

void jit_emit_eqz(struct jit *j, uint32_t arg)
{
    struct jit_value *top = &j->stack[j->height - 1], v;

    if (WRT_LIKELY(jit_ready(j, top))) {
        jit_drop_top(j, 1);
        jit_m_compare(jit_code(j), arg & EMIT_64, top->reg, jit_imm_operand(0));
        jit_finish_compare(j, JIT_EQ, top, NULL);
        return;
    }
    v = jit_pop(j);
    if (v.form == JIT_FLAGS) {
        jit_finish_compare(j, (enum jit_cond)(v.cond ^ 1), &v, NULL);
        return;
    }
    jit_m_compare(jit_code(j), arg & EMIT_64, jit_use(j, &v),
                  jit_imm_operand(0));
    jit_finish_compare(j, JIT_EQ, &v, NULL);
}

/* -- One operand ----------------------------------------------------------- */

void jit_emit_unary(struct jit *j, uint32_t arg)
{
    enum jit_unary op = (enum jit_unary)(arg & EMIT_OP);
    bool is_64 = arg & EMIT_64;
    struct jit_value v = jit_pop(j);
    jit_reg src = jit_use(j, &v), dst;

    dst = jit_result(j, false, &v, NULL, false);
    jit_m_unary(jit_code(j), op, is_64, dst, src);
    jit_push_result(j, kind_of(is_64), dst, &v, NULL);
}

/* To 32 bits, whose upper half is zero, and from them. */
void jit_emit_widen(struct jit *j, uint32_t kind)
{
    struct jit_value *top = &j->stack[j->height - 1], v;
    jit_reg src, dst;

    /* A number of 32 bits in a register is one of 64 already. */
    if (kind == WRT_KIND_I64 && top->form == JIT_TEMP &&
        !jit_sets_local(jit_peek(j))) {
        top->kind = WRT_KIND_I64;
        return;
    }
    if (WRT_LIKELY(jit_ready(j, top))) {
        src = top->reg;
        jit_drop_top(j, 1);
        dst = jit_result(j, false, top, NULL, false);
        jit_m_move(jit_code(j), false, dst, src);
        jit_push_result(j, (enum wrt_kind)kind, dst, top, NULL);
        return;
    }
    v = jit_pop(j);
    if (v.form == JIT_CONST) {
        jit_push_const(j, (enum wrt_kind)kind, (uint32_t)v.bits);
        return;
    }
    src = jit_use(j, &v);
    dst = jit_result(j, false, &v, NULL, false);
    jit_m_move(jit_code(j), false, dst, src);
    jit_push_result(j, (enum wrt_kind)kind, dst, &v, NULL);
}

/* -- Division -------------------------------------------------------------- */

/* dst = src / 2^n, or what is left, without sign. */
static bool divide_by_power(struct jit *j, bool is_64, bool is_rem,
                            struct jit_value *lhs, uint64_t divisor)
{
    jit_reg src, dst;

    if (divisor == 0 || divisor & (divisor - 1) || divisor > INT32_MAX)
        return false;
    if (!is_rem) {
        j->into = JIT_NO_LOCAL;
        shift_const(j, JIT_SHR_U, is_64, lhs,
                    (unsigned)__builtin_ctzll(divisor));
        return true;
    }
    src = jit_use(j, lhs);
    dst = jit_result(j, false, lhs, NULL, false);
    jit_m_alu(jit_code(j), JIT_AND, is_64, dst, src,
              jit_imm_operand((int32_t)(divisor - 1)));
    jit_push_result(j, kind_of(is_64), dst, lhs, NULL);
    return true;
}

/* Overflow: the least number by minus one.  Traps, or, as a remainder, is 0;
 * then a branch is returned that is taken with the result in place. */
static uint32_t check_overflow(struct jit *j, bool is_64, bool is_rem,
                               jit_reg divisor)
{
    struct jit_asm *a = jit_code(j);
    uint32_t other, none, done = 0;

    jit_m_compare(a, is_64, divisor, jit_imm_operand(-1));
    other = jit_m_branch(a, JIT_NE, &none);
    if (is_rem) {
        jit_m_zero(a, jit_target_remainder);
        done = jit_m_jump(a);
    } else {
        if (is_64) {
            jit_m_const(a, jit_target.scratch, (uint64_t)INT64_MIN);
            jit_m_compare(a, true, jit_target.result,
                          jit_reg_operand(jit_target.scratch));
        } else {
            jit_m_compare(a, false, jit_target.result,
                          jit_imm_operand(INT32_MIN));
        }
        jit_trap_if(j, JIT_EQ, WASMRT_ERR_INTEGER_OVERFLOW);
    }
    jit_m_bind(a, other, jit_pos(j));
    return done;
}

/* Takes the registers of a division, with the dividend in its place; the
 * divisor is in neither. */
static jit_reg set_up_division(struct jit *j, struct jit_value *lhs,
                               struct jit_value *rhs)
{
    const jit_reg low = jit_target.result, high = jit_target_remainder;
    jit_reg old;

    jit_asm_room(jit_code(j), 16 * JIT_INSN_BYTES);
    /* First both, so that nothing else is put there. */
    jit_take_reg(j, low);
    jit_take_reg(j, high);
    if (lhs->form == JIT_TEMP && lhs->reg != low && lhs->reg != high) {
        old = lhs->reg;
        if (rhs->form == JIT_TEMP && rhs->reg == low) {
            jit_m_swap(jit_code(j), low, old);
            rhs->reg = old;
        } else {
            jit_m_move(jit_code(j), true, low, old);
            jit_give(j, old);
        }
        lhs->reg = low;
    }
    if (rhs->form != JIT_TEMP) {
        jit_use(j, rhs);
    } else if (rhs->reg == low || rhs->reg == high) {
        old = rhs->reg;
        rhs->reg = jit_take(j, false);
        jit_m_move(jit_code(j), true, rhs->reg, old);
    }
    jit_load_value(j, lhs, low);
    return rhs->form == JIT_TEMP ? rhs->reg : j->locals[rhs->local].reg;
}

/* The quotient becomes the remainder of the dividend, or the result. */
static void finish_quotient(struct jit *j, bool is_rem, struct jit_value *lhs,
                            jit_reg src, jit_reg quotient, uint32_t divisor)
{
    struct jit_asm *a = jit_code(j);
    jit_reg dst;

    j->into = JIT_NO_LOCAL;
    if (!is_rem) {
        jit_push_result(j, WRT_KIND_I32, quotient, lhs, NULL);
        return;
    }
    jit_m_alu(a, JIT_MUL, false, quotient, quotient,
              jit_imm_operand((int32_t)divisor));
    dst = jit_result(j, false, lhs, NULL, false);
    jit_m_alu(a, JIT_SUB, false, dst, src, jit_reg_operand(quotient));
    jit_give(j, quotient);
    jit_push_result(j, WRT_KIND_I32, dst, lhs, NULL);
}

/* ceil(2^(32 + shift) / divisor), when its product with any 32-bit number,
 * shifted right by as much, is the quotient.  The error times the number must
 * not reach 2^(32 + shift). */
static bool find_factor(uint32_t divisor, bool is_signed, uint64_t *factor,
                        unsigned *shift)
{
    for (*shift = 0; *shift < 31; ++*shift) {
        uint64_t power = (uint64_t)1 << (32 + *shift);
        uint64_t error;

        *factor = (power + divisor - 1) / divisor;
        error = *factor * divisor - power;
        if (*factor >> 32)
            return false;
        if (error <= (uint64_t)1 << (*shift + is_signed))
            return true;
    }
    return false;
}

/* Division of 32 bits by a constant: a product of 64 bits, and a shift. */
static bool divide_by_factor(struct jit *j, bool is_rem, bool is_signed,
                             struct jit_value *lhs, uint64_t bits)
{
    struct jit_asm *a = jit_code(j);
    uint32_t divisor = (uint32_t)bits;
    uint64_t factor;
    unsigned shift;
    jit_reg src, quotient;

    if (divisor < 2 || divisor >> 31 ||
        !find_factor(divisor, is_signed, &factor, &shift))
        return false;
    jit_asm_room(a, 16 * JIT_INSN_BYTES);
    src = jit_use(j, lhs);
    quotient = jit_take(j, false);
    jit_m_const(a, quotient, factor);
    if (!is_signed) {
        jit_m_alu(a, JIT_MUL, true, quotient, quotient, jit_reg_operand(src));
        jit_m_shift_const(a, JIT_SHR_U, true, quotient, quotient, 32 + shift);
        finish_quotient(j, is_rem, lhs, src, quotient, divisor);
        return true;
    }
    jit_m_unary(a, JIT_EXTEND32, true, jit_target.scratch, src);
    jit_m_alu(a, JIT_MUL, true, quotient, quotient,
              jit_reg_operand(jit_target.scratch));
    jit_m_shift_const(a, JIT_SHR_S, true, quotient, quotient, 32 + shift);
    /* Towards zero: one more for what is negative. */
    jit_m_shift_const(a, JIT_SHR_U, false, jit_target.scratch,
                      jit_target.scratch, 31);
    jit_m_alu(a, JIT_ADD, false, quotient, quotient,
              jit_reg_operand(jit_target.scratch));
    finish_quotient(j, is_rem, lhs, src, quotient, divisor);
    return true;
}

/* The same for 64 bits without sign, of which the upper ones are known to be
 * zero. */
static bool find_wide_factor(uint64_t divisor, unsigned nzeroes,
                             uint64_t *factor, unsigned *shift)
{
    for (*shift = 0; *shift < 63; ++*shift) {
        unsigned __int128 power = (unsigned __int128)1 << (64 + *shift);
        unsigned __int128 product = (power + divisor - 1) / divisor;

        if (product >> 64)
            return false;
        *factor = (uint64_t)product;
        if (product * divisor - power <= (unsigned __int128)1
                                             << (*shift + nzeroes))
            return true;
    }
    return false;
}

/* Division of 64 bits by a constant: the upper half of a product.  For a
 * remainder the dividend is needed again. */
static bool divide_wide(struct jit *j, bool is_rem, struct jit_value *lhs,
                        uint64_t divisor)
{
    const jit_reg low = jit_target.result, high = jit_target_remainder;
    struct jit_value rhs = {.form = JIT_CONST,
                            .kind = WRT_KIND_I64,
                            .reg = JIT_NO_REG,
                            .local = JIT_NO_LOCAL};
    struct jit_asm *a = jit_code(j);
    jit_reg src =
        lhs->form == JIT_LOCAL && jit_is_in_reg(j, lhs) ? lhs->reg : JIT_NO_REG;
    unsigned shift, first = 0;
    jit_reg factor;

    if (divisor < 2 || (is_rem && (src == JIT_NO_REG || divisor > INT32_MAX)))
        return false;
    if (!find_wide_factor(divisor, 0, &rhs.bits, &shift)) {
        /* Twos are divided by first, if there are any. */
        first = (unsigned)__builtin_ctzll(divisor);
        if (first == 0 ||
            !find_wide_factor(divisor >> first, first, &rhs.bits, &shift))
            return false;
    }
    factor = set_up_division(j, lhs, &rhs);
    if (first)
        jit_m_shift_const(a, JIT_SHR_U, true, low, low, first);
    jit_m_multiply_wide(a, false, factor);
    jit_m_shift_const(a, JIT_SHR_U, true, high, high, shift);
    if (is_rem) {
        jit_m_alu(a, JIT_MUL, true, low, high,
                  jit_imm_operand((int32_t)divisor));
        jit_m_alu(a, JIT_SUB, true, high, src, jit_reg_operand(low));
    }
    jit_give(j, low);
    jit_release(j, &rhs);
    jit_push_temp(j, WRT_KIND_I64, high);
    return true;
}

/* Signed division by a power of two: what is negative is rounded up first. */
static bool divide_signed_by_power(struct jit *j, bool is_64, bool is_rem,
                                   struct jit_value *lhs, uint64_t divisor)
{
    struct jit_asm *a = jit_code(j);
    unsigned log2 = (unsigned)__builtin_ctzll(divisor), width = is_64 ? 64 : 32;
    jit_reg src, bias;

    if (divisor < 2 || divisor & (divisor - 1) || log2 >= 31)
        return false;
    jit_asm_room(a, 16 * JIT_INSN_BYTES);
    src = jit_use(j, lhs);
    bias = jit_take(j, false);
    /* The sign in as many bits as the divisor has zeroes. */
    if (log2 > 1)
        jit_m_shift_const(a, JIT_SHR_S, is_64, bias, src, width - 1);
    jit_m_shift_const(a, JIT_SHR_U, is_64, bias, log2 > 1 ? bias : src,
                      width - log2);
    jit_m_alu(a, JIT_ADD, is_64, bias, bias, jit_reg_operand(src));
    j->into = JIT_NO_LOCAL;
    if (!is_rem) {
        jit_m_shift_const(a, JIT_SHR_S, is_64, bias, bias, log2);
        jit_push_result(j, kind_of(is_64), bias, lhs, NULL);
        return true;
    }
    jit_m_alu(a, JIT_AND, is_64, bias, bias,
              jit_imm_operand(-(int32_t)divisor));
    jit_m_alu(a, JIT_SUB, is_64, bias, src, jit_reg_operand(bias));
    jit_push_result(j, kind_of(is_64), bias, lhs, NULL);
    return true;
}

/* Division by a constant without dividing; false when there is no such way. */
static bool divide_by_const(struct jit *j, uint32_t arg, struct jit_value *lhs,
                            uint64_t divisor)
{
    bool is_64 = arg & EMIT_64, is_rem = arg & EMIT_REM;
    bool is_signed = arg & EMIT_SIGNED;

    if (is_signed ? divide_signed_by_power(j, is_64, is_rem, lhs, divisor)
                  : divide_by_power(j, is_64, is_rem, lhs, divisor))
        return true;
    if (!is_64)
        return divide_by_factor(j, is_rem, is_signed, lhs, divisor);
    return !is_signed && divide_wide(j, is_rem, lhs, divisor);
}

void jit_emit_divide(struct jit *j, uint32_t arg)
{
    bool is_64 = arg & EMIT_64, is_rem = arg & EMIT_REM;
    bool is_signed = arg & EMIT_SIGNED;
    struct jit_value rhs = jit_pop(j), lhs = jit_pop(j);
    jit_reg divisor, result, other;
    uint32_t done = 0;
    bool is_known = rhs.form == JIT_CONST && rhs.bits != 0;
    bool is_minus_1 = rhs.form == JIT_CONST &&
                      rhs.bits == (is_64 ? UINT64_MAX : (uint64_t)UINT32_MAX);

    if (is_known && divide_by_const(j, arg, &lhs, rhs.bits))
        return;
    divisor = set_up_division(j, &lhs, &rhs);
    if (!is_known) {
        jit_m_compare(jit_code(j), is_64, divisor, jit_imm_operand(0));
        jit_trap_if(j, JIT_EQ, WASMRT_ERR_DIVIDE_BY_ZERO);
    }
    if (is_signed && (!is_known || is_minus_1))
        done = check_overflow(j, is_64, is_rem, divisor);
    jit_m_divide(jit_code(j), is_64, is_signed, divisor);
    if (done)
        jit_m_bind(jit_code(j), done, jit_pos(j));
    result = is_rem ? jit_target_remainder : jit_target.result;
    other = is_rem ? jit_target.result : jit_target_remainder;
    jit_give(j, other);
    jit_release(j, &rhs);
    jit_push_temp(j, kind_of(is_64), result);
}

/* -- Wide arithmetic ------------------------------------------------------- */

void jit_emit_multiply_wide(struct jit *j, uint32_t is_signed)
{
    struct jit_value rhs = jit_pop(j), lhs = jit_pop(j);
    jit_reg factor = set_up_division(j, &lhs, &rhs);

    jit_m_multiply_wide(jit_code(j), is_signed, factor);
    jit_release(j, &rhs);
    jit_push_temp(j, WRT_KIND_I64, jit_target.result);
    jit_push_temp(j, WRT_KIND_I64, jit_target_remainder);
}
