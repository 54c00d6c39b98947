/*
 * The macro-assembler for x86-64: registers, moves, integers, control.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/x64/x64.h"

static const jit_reg int_args[] = {RSI, RDI, R8, RAX, RCX};
static const jit_reg float_args[] = {XMM4,     XMM4 + 1, XMM4 + 2, XMM4 + 3,
                                     XMM4 + 4, XMM4 + 5, XMM4 + 6, XMM4 + 7};
static const jit_reg c_args[] = {RDI, RSI, RDX, RCX, R8, R9};

const struct jit_target jit_target = {
    .temps = JIT_BIT(RAX) | JIT_BIT(RCX) | JIT_BIT(RDX) | (uint64_t)15 << XMM0,
    .saved =
        JIT_BIT(RBX) | JIT_BIT(R12) | JIT_BIT(R13) | JIT_BIT(R9) | JIT_BIT(R10),
    .volatile_locals =
        JIT_BIT(RSI) | JIT_BIT(RDI) | JIT_BIT(R8) | (uint64_t)0x3ff << XMM4,
    .int_args = int_args,
    .nint_args = WRT_COUNTOF(int_args),
    .float_args = float_args,
    .nfloat_args = WRT_COUNTOF(float_args),
    .c_args = c_args,
    .result = RAX,
    .float_result = XMM0,
    .frame = RBP,
    .stack = RSP,
    .instance = R15,
    .memory = R14,
    .scratch = R11,
    .float_scratch = XMM15,
    .call_scratch = RDX,
};

const jit_reg jit_target_shift_count = RCX;

const struct x64_cpu *x64_cpu(void)
{
    static struct x64_cpu cpu;
    static bool is_known;

    if (!__atomic_load_n(&is_known, __ATOMIC_ACQUIRE)) {
        __builtin_cpu_init();
        cpu.has_bmi1 = __builtin_cpu_supports("bmi") != 0;
        cpu.has_bmi2 = __builtin_cpu_supports("bmi2") != 0;
        cpu.has_lzcnt = __builtin_cpu_supports("lzcnt") != 0;
        cpu.has_popcnt = __builtin_cpu_supports("popcnt") != 0;
        cpu.has_avx = __builtin_cpu_supports("avx") != 0;
        cpu.has_sse41 = __builtin_cpu_supports("sse4.1") != 0;
        __atomic_store_n(&is_known, true, __ATOMIC_RELEASE);
    }
    return &cpu;
}

bool jit_target_is_usable(void)
{
    return x64_cpu()->has_sse41 && x64_cpu()->has_popcnt;
}

/* -- Moves ----------------------------------------------------------------- */

void jit_m_move(struct jit_asm *a, bool is_64, jit_reg dst, jit_reg src)
{
    x64_rr(a, 0x8b | x64_w(is_64), dst, src);
}

void jit_m_move_float(struct jit_asm *a, enum wrt_kind kind, jit_reg dst,
                      jit_reg src)
{
    (void)kind;
    if (dst != src)
        x64_rr(a, 0x28 | X_0F, dst, src); /* movaps */
}

void jit_m_swap(struct jit_asm *a, jit_reg x, jit_reg y)
{
    x64_rr(a, 0x87 | X_W, x, y);
}

void jit_m_const(struct jit_asm *a, jit_reg dst, uint64_t value)
{
    unsigned high = dst >> 3;

    if (WRT_LIKELY(value <= UINT32_MAX)) {
        if (high)
            x64_byte(a, 0x41);
        x64_byte(a, 0xb8 | (dst & 7));
        x64_u32(a, (uint32_t)value);
    } else if ((int64_t)value == (int32_t)value) {
        x64_rr(a, 0xc7 | X_W, 0, dst);
        x64_u32(a, (uint32_t)value);
    } else {
        x64_byte(a, 0x48 | high);
        x64_byte(a, 0xb8 | (dst & 7));
        x64_u64(a, value);
    }
}

void jit_m_zero(struct jit_asm *a, jit_reg dst)
{
    if (dst >= JIT_FIRST_FLOAT)
        x64_rr(a, 0x57 | X_0F, dst, dst); /* xorps */
    else
        x64_rr(a, 0x31, dst, dst);
}

void jit_m_to_float(struct jit_asm *a, bool is_64, jit_reg dst, jit_reg src)
{
    x64_rr(a, 0x6e | X_0F | X_66 | x64_w(is_64), dst, src);
}

void jit_m_from_float(struct jit_asm *a, bool is_64, jit_reg dst, jit_reg src)
{
    x64_rr(a, 0x7e | X_0F | X_66 | x64_w(is_64), src, dst);
}

/* A byte is read whatever its register is called. */
static const x64_op load_ops[] = {
#define LOAD(what, op) [JIT_LOAD_##what] = X64_OP(op)
    LOAD(U8, 0xb6 | X_0F),
    LOAD(U16, 0xb7 | X_0F),
    LOAD(U32, 0x8b),
    LOAD(U64, 0x8b | X_W),
    LOAD(S8_32, 0xbe | X_0F),
    LOAD(S16_32, 0xbf | X_0F),
    LOAD(S8_64, 0xbe | X_0F | X_W),
    LOAD(S16_64, 0xbf | X_0F | X_W),
    LOAD(S32_64, 0x63 | X_W),
    LOAD(F32, 0x10 | X_0F | X_F3),
    LOAD(F64, 0x10 | X_0F | X_F2),
    LOAD(V128, 0x10 | X_0F),
#undef LOAD
};

/* Most of what goes neither through an index nor through a prefix is in the
 * frame. */
static void put_mem(struct jit_asm *a, x64_op op, jit_reg reg,
                    struct jit_mem mem)
{
    if (WRT_LIKELY(mem.base == RBP && mem.index == JIT_NO_REG &&
                   !(op & X_LONG)))
        x64_put_frame(a, op, reg, mem.disp);
    else
        x64_put_rm(a, op, reg, mem, 0);
}

void jit_m_load(struct jit_asm *a, enum jit_load what, jit_reg dst,
                struct jit_mem mem)
{
    put_mem(a, load_ops[what], dst, mem);
}

void jit_m_load_scaled_as(struct jit_asm *a, enum jit_load what, jit_reg dst,
                          struct jit_mem mem, unsigned shift)
{
    x64_put_rm(a, load_ops[what], dst, mem, shift);
}

void jit_m_load_indexed(struct jit_asm *a, enum jit_load what, jit_reg dst,
                        jit_reg index, int32_t disp)
{
    x64_put_indexed(a, load_ops[what], dst, index, disp);
}

void jit_m_load_scaled(struct jit_asm *a, jit_reg dst, jit_reg base,
                       jit_reg index, unsigned shift)
{
    struct jit_mem mem = {base, index, 0};

    x64_rm_scaled(a, 0x8b | X_W, dst, mem, shift);
}

static const x64_op store_ops[] = {
#define STORE(what, op) [JIT_STORE_##what] = X64_OP(op)
    STORE(8, 0x88 | X_BYTE),
    STORE(16, 0x89 | X_66),
    STORE(32, 0x89),
    STORE(64, 0x89 | X_W),
    STORE(F32, 0x11 | X_0F | X_F3),
    STORE(F64, 0x11 | X_0F | X_F2),
    STORE(V128, 0x11 | X_0F),
#undef STORE
};

void jit_m_store(struct jit_asm *a, enum jit_store what, jit_reg src,
                 struct jit_mem mem)
{
    put_mem(a, store_ops[what], src, mem);
}

void jit_m_store_scaled_as(struct jit_asm *a, enum jit_store what, jit_reg src,
                           struct jit_mem mem, unsigned shift)
{
    x64_put_rm(a, store_ops[what], src, mem, shift);
}

void jit_m_store_const_scaled(struct jit_asm *a, enum jit_store what,
                              int32_t value, struct jit_mem mem, unsigned shift)
{
    switch (what) {
    case JIT_STORE_8:
        x64_rm_scaled(a, 0xc6, 0, mem, shift);
        x64_byte(a, (uint32_t)value);
        break;
    case JIT_STORE_16:
        x64_rm_scaled(a, 0xc7 | X_66, 0, mem, shift);
        x64_byte(a, (uint32_t)value);
        x64_byte(a, (uint32_t)value >> 8);
        break;
    case JIT_STORE_64:
        x64_rm_scaled(a, 0xc7 | X_W, 0, mem, shift);
        x64_u32(a, (uint32_t)value);
        break;
    default:
        x64_rm_scaled(a, 0xc7, 0, mem, shift);
        x64_u32(a, (uint32_t)value);
        break;
    }
}

void jit_m_store_indexed(struct jit_asm *a, enum jit_store what, jit_reg src,
                         jit_reg index, int32_t disp)
{
    x64_put_indexed(a, store_ops[what], src, index, disp);
}

void jit_m_store_const(struct jit_asm *a, enum jit_store what, int32_t value,
                       struct jit_mem mem)
{
    jit_m_store_const_scaled(a, what, value, mem, 0);
}

/* -- Integers -------------------------------------------------------------- */

/* The number of an operation on an immediate; opcodes follow from it. */
enum {
    GROUP_ADD = 0,
    GROUP_OR = 1,
    GROUP_AND = 4,
    GROUP_SUB = 5,
    GROUP_XOR = 6,
    GROUP_CMP = 7
};

WRT_INLINE void group_imm(struct jit_asm *a, unsigned group, bool is_64,
                          jit_reg reg, int32_t imm)
{
    bool is_short = imm == (int8_t)imm;

    x64_rr(a, (is_short ? 0x83 : 0x81) | x64_w(is_64), (jit_reg)group, reg);
    x64_imm(a, imm, is_short ? 1 : 4);
}

WRT_INLINE void group_operand(struct jit_asm *a, unsigned group, bool is_64,
                              jit_reg reg, struct jit_operand rhs)
{
    uint32_t op = ((group & 7) << 3 | 3) | x64_w(is_64);

    if (rhs.form == JIT_IMM)
        group_imm(a, group, is_64, reg, rhs.imm);
    else if (rhs.form == JIT_REG)
        x64_rr(a, op, reg, rhs.reg);
    else
        x64_rm(a, op, reg, rhs.mem);
}

static void multiply(struct jit_asm *a, bool is_64, jit_reg dst, jit_reg lhs,
                     struct jit_operand rhs)
{
    if (rhs.form == JIT_IMM) {
        bool is_short = rhs.imm >= -128 && rhs.imm < 128;

        x64_rr(a, (is_short ? 0x6b : 0x69) | x64_w(is_64), dst, lhs);
        if (is_short)
            x64_byte(a, (uint32_t)rhs.imm);
        else
            x64_u32(a, (uint32_t)rhs.imm);
        return;
    }
    if (rhs.form == JIT_REG && rhs.reg == dst) {
        x64_rr(a, 0xaf | X_0F | x64_w(is_64), dst, lhs);
        return;
    }
    if (dst != lhs)
        jit_m_move(a, is_64, dst, lhs);
    if (rhs.form == JIT_REG)
        x64_rr(a, 0xaf | X_0F | x64_w(is_64), dst, rhs.reg);
    else
        x64_rm(a, 0xaf | X_0F | x64_w(is_64), dst, rhs.mem);
}

void jit_m_alu(struct jit_asm *a, enum jit_alu op, bool is_64, jit_reg dst,
               jit_reg lhs, struct jit_operand rhs)
{
    static const uint8_t groups[] = {
        [JIT_ADD] = GROUP_ADD, [JIT_SUB] = GROUP_SUB, [JIT_AND] = GROUP_AND,
        [JIT_OR] = GROUP_OR,   [JIT_XOR] = GROUP_XOR,
    };

    if (WRT_UNLIKELY(op == JIT_MUL)) {
        multiply(a, is_64, dst, lhs, rhs);
        return;
    }
    if (WRT_LIKELY(dst == lhs)) {
        group_operand(a, groups[op], is_64, dst, rhs);
        return;
    }
    if (rhs.form == JIT_REG && rhs.reg == dst) {
        if (op == JIT_SUB) { /* dst = lhs - dst */
            x64_rr(a, 0xf7 | x64_w(is_64), 3, dst);
            op = JIT_ADD;
        }
        rhs.reg = lhs;
        lhs = dst;
    }
    if (op == JIT_ADD && dst != lhs && rhs.form == JIT_REG) {
        jit_m_add_scaled(a, is_64, dst, lhs, rhs.reg, 0);
        return;
    }
    if (dst != lhs && rhs.form == JIT_IMM && rhs.imm != INT32_MIN &&
        (op == JIT_ADD || op == JIT_SUB)) {
        struct jit_mem mem = {lhs, JIT_NO_REG,
                              op == JIT_ADD ? rhs.imm : -rhs.imm};

        x64_rm(a, 0x8d | x64_w(is_64), dst, mem);
        return;
    }
    if (dst != lhs)
        jit_m_move(a, is_64, dst, lhs);
    group_operand(a, groups[op], is_64, dst, rhs);
}

void jit_m_add_scaled(struct jit_asm *a, bool is_64, jit_reg dst, jit_reg base,
                      jit_reg index, unsigned shift)
{
    struct jit_mem mem = {base, index, 0};

    x64_rm_scaled(a, 0x8d | x64_w(is_64), dst, mem, shift);
}

void jit_m_add_flags(struct jit_asm *a, jit_reg dst, int32_t imm)
{
    group_imm(a, GROUP_ADD, true, dst, imm);
}

void jit_m_lea(struct jit_asm *a, jit_reg dst, struct jit_mem mem)
{
    x64_rm(a, 0x8d | X_W, dst, mem);
}

/* The number of a shift in its groups. */
static unsigned shift_group(enum jit_shift op)
{
    static const uint8_t groups[] = {
        [JIT_SHL] = 4,  [JIT_SHR_S] = 7, [JIT_SHR_U] = 5,
        [JIT_ROTL] = 0, [JIT_ROTR] = 1,
    };

    return groups[op];
}

void jit_m_shift_const(struct jit_asm *a, enum jit_shift op, bool is_64,
                       jit_reg dst, jit_reg src, unsigned count)
{
    count &= is_64 ? 63 : 31;
    if (dst != src)
        jit_m_move(a, is_64, dst, src);
    else if (count == 0 && !is_64)
        jit_m_move(a, false, dst, src);
    if (count == 0)
        return;
    x64_rr(a, 0xc1 | x64_w(is_64), (jit_reg)shift_group(op), dst);
    x64_byte(a, count);
}

bool jit_m_has_free_shift(enum jit_shift op)
{
    return op <= JIT_SHR_U && x64_cpu()->has_bmi2;
}

void jit_m_shift(struct jit_asm *a, enum jit_shift op, bool is_64, jit_reg dst,
                 jit_reg src, jit_reg count)
{
    static const uint32_t prefix[] = {
        [JIT_SHL] = X_66, [JIT_SHR_S] = X_F3, [JIT_SHR_U] = X_F2};

    if (jit_m_has_free_shift(op)) {
        x64_vex(a, 0xf7 | X_0F38 | prefix[op] | x64_w(is_64), dst, count, src);
        return;
    }
    if (dst != src)
        jit_m_move(a, is_64, dst, src);
    x64_rr(a, 0xd3 | x64_w(is_64), (jit_reg)shift_group(op), dst);
}

/* Without the newer instructions, whose zero case is defined. */
static void scan_bits(struct jit_asm *a, bool is_clz, bool is_64, jit_reg dst,
                      jit_reg src)
{
    uint32_t top = is_64 ? 63 : 31;

    /* bsr and bsf leave the register alone (in fact) and set ZF for zero. */
    x64_rr(a, (is_clz ? 0xbd : 0xbc) | X_0F | x64_w(is_64), R11, src);
    jit_m_const(a, dst, is_clz ? 2 * top + 1 : top + 1);
    x64_rr(a, 0x45 | X_0F | X_W, dst, R11); /* cmovne */
    if (is_clz)
        group_imm(a, GROUP_XOR, false, dst, (int32_t)top);
}

void jit_m_unary(struct jit_asm *a, enum jit_unary op, bool is_64, jit_reg dst,
                 jit_reg src)
{
    const struct x64_cpu *cpu = x64_cpu();
    uint32_t w = x64_w(is_64);

    switch (op) {
    case JIT_CLZ:
    case JIT_CTZ:
        if (!(op == JIT_CLZ ? cpu->has_lzcnt : cpu->has_bmi1)) {
            scan_bits(a, op == JIT_CLZ, is_64, dst, src);
            break;
        }
        /* Some processors wait for the old value of dst. */
        if (dst != src)
            jit_m_zero(a, dst);
        x64_rr(a, (op == JIT_CLZ ? 0xbd : 0xbc) | X_0F | X_F3 | w, dst, src);
        break;
    case JIT_POPCNT: x64_rr(a, 0xb8 | X_0F | X_F3 | w, dst, src); break;
    case JIT_EXTEND8: x64_rr(a, 0xbe | X_0F | X_BYTE | w, dst, src); break;
    case JIT_EXTEND16: x64_rr(a, 0xbf | X_0F | w, dst, src); break;
    case JIT_EXTEND32: x64_rr(a, 0x63 | X_W, dst, src); break;
    }
}

void jit_m_compare(struct jit_asm *a, bool is_64, jit_reg lhs,
                   struct jit_operand rhs)
{
    if (rhs.form == JIT_IMM && rhs.imm == 0)
        x64_rr(a, 0x85 | x64_w(is_64), lhs, lhs);
    else
        group_operand(a, GROUP_CMP, is_64, lhs, rhs);
}

void jit_m_compare_memory(struct jit_asm *a, struct jit_mem mem, int32_t imm)
{
    x64_rm(a, 0x81, GROUP_CMP, mem);
    x64_u32(a, (uint32_t)imm);
}

void jit_m_test(struct jit_asm *a, bool is_64, jit_reg lhs,
                struct jit_operand rhs)
{
    if (rhs.form == JIT_IMM) {
        x64_rr(a, 0xf7 | x64_w(is_64), 0, lhs);
        x64_u32(a, (uint32_t)rhs.imm);
    } else if (rhs.form == JIT_REG) {
        x64_rr(a, 0x85 | x64_w(is_64), rhs.reg, lhs);
    } else {
        x64_rm(a, 0x85 | x64_w(is_64), lhs, rhs.mem);
    }
}

const jit_reg jit_target_remainder = RDX;

void jit_m_divide(struct jit_asm *a, bool is_64, bool is_signed,
                  jit_reg divisor)
{
    if (!is_signed) {
        jit_m_zero(a, RDX);
    } else {
        if (is_64)
            x64_byte(a, 0x48);
        x64_byte(a, 0x99); /* cdq, cqo */
    }
    x64_rr(a, 0xf7 | x64_w(is_64), is_signed ? 7 : 6, divisor);
}

void jit_m_multiply_wide(struct jit_asm *a, bool is_signed, jit_reg rhs)
{
    x64_rr(a, 0xf7 | X_W, is_signed ? 5 : 4, rhs);
}

/* The processor's number of a condition. */
WRT_INLINE unsigned cc(enum jit_cond cond)
{
    static const uint8_t codes[] = {
        [JIT_EQ] = 4,       [JIT_NE] = 5,        [JIT_LT_S] = 12,
        [JIT_GE_S] = 13,    [JIT_LT_U] = 2,      [JIT_GE_U] = 3,
        [JIT_GT_S] = 15,    [JIT_LE_S] = 14,     [JIT_GT_U] = 7,
        [JIT_LE_U] = 6,     [JIT_F_EQ] = 4,      [JIT_F_NE] = 5,
        [JIT_F_GT] = 7,     [JIT_F_NOT_GT] = 6,  [JIT_F_GE] = 3,
        [JIT_F_NOT_GE] = 2, [JIT_OVERFLOWS] = 2, [JIT_NO_OVERFLOW] = 3,
        [JIT_F_NAN] = 10,   [JIT_F_NO_NAN] = 11,
    };

    return codes[cond] & 15;
}

void jit_m_negate(struct jit_asm *a, jit_reg reg)
{
    x64_rr(a, 0xf7 | X_W, 3, reg);
}

/* The opcode for bytes, and behind it for wider operands. */
static void atomic(struct jit_asm *a, uint32_t op, unsigned bytes, jit_reg reg,
                   struct jit_mem mem)
{
    enum { LOCK = 0xf0 };

    if (op != 0x86) /* exchanging is atomic in any case */
        x64_byte(a, LOCK);
    switch (bytes) {
    case 1: x64_rm(a, op | X_BYTE, reg, mem); break;
    case 2: x64_rm(a, (op + 1) | X_66, reg, mem); break;
    case 4: x64_rm(a, op + 1, reg, mem); break;
    default: x64_rm(a, (op + 1) | X_W, reg, mem); break;
    }
}

void jit_m_atomic_swap(struct jit_asm *a, unsigned bytes, jit_reg reg,
                       struct jit_mem mem)
{
    atomic(a, 0x86, bytes, reg, mem);
}

void jit_m_atomic_add(struct jit_asm *a, unsigned bytes, jit_reg reg,
                      struct jit_mem mem)
{
    atomic(a, 0xc0 | X_0F, bytes, reg, mem);
}

void jit_m_atomic_compare(struct jit_asm *a, unsigned bytes, jit_reg src,
                          struct jit_mem mem)
{
    atomic(a, 0xb0 | X_0F, bytes, src, mem);
}

void jit_m_fence(struct jit_asm *a)
{
    x64_rr(a, 0xae | X_0F, 6, RAX); /* mfence */
}

void jit_m_mask_below(struct jit_asm *a, jit_reg dst, jit_reg src)
{
    x64_rr(a, 0x1b, dst, dst); /* sbb: all ones or 0 */
    x64_rr(a, 0x23, dst, src); /* and */
}

enum { CC_PARITY = 10, CC_NO_PARITY = 11 };

void jit_m_set(struct jit_asm *a, enum jit_cond cond, jit_reg dst)
{
    x64_rr(a, (0x90 | cc(cond)) | X_0F | X_BYTE, 0, dst);
    if (cond == JIT_F_EQ || cond == JIT_F_NE) {
        bool is_eq = cond == JIT_F_EQ;

        x64_rr(a, (0x90 | (is_eq ? CC_NO_PARITY : CC_PARITY)) | X_0F | X_BYTE,
               0, R11);
        x64_rr(a, (is_eq ? 0x21 : 0x09), R11, dst); /* and, or */
    }
    x64_rr(a, 0xb6 | X_0F | X_BYTE, dst, dst);
}

void jit_m_select(struct jit_asm *a, enum jit_cond cond, bool is_64,
                  jit_reg dst, jit_reg src)
{
    if (cond == JIT_F_EQ) {
        /* dst = equal and ordered ? src : dst */
        jit_m_move(a, true, R11, dst);
        x64_rr(a, (0x40 | cc(cond)) | X_0F | x64_w(is_64), dst, src);
        x64_rr(a, (0x40 | CC_PARITY) | X_0F | x64_w(is_64), dst, R11);
        return;
    }
    x64_rr(a, (0x40 | cc(cond)) | X_0F | x64_w(is_64), dst, src);
    if (cond == JIT_F_NE)
        x64_rr(a, (0x40 | CC_PARITY) | X_0F | x64_w(is_64), dst, src);
}

/* -- Control --------------------------------------------------------------- */

uint32_t jit_m_jump(struct jit_asm *a)
{
    x64_byte(a, 0xe9);
    x64_u32(a, 0);
    return jit_asm_pos(a) - 4;
}

static uint32_t branch_cc(struct jit_asm *a, unsigned code)
{
    x64_byte(a, 0x0f);
    x64_byte(a, 0x80 | code);
    x64_u32(a, 0);
    return jit_asm_pos(a) - 4;
}

uint32_t jit_m_branch(struct jit_asm *a, enum jit_cond cond, uint32_t *second)
{
    uint32_t place;

    *second = 0;
    if (WRT_UNLIKELY(cond == JIT_F_NE)) {
        *second = branch_cc(a, CC_PARITY);
        return branch_cc(a, cc(cond));
    }
    if (WRT_LIKELY(cond != JIT_F_EQ))
        return branch_cc(a, cc(cond));
    /* Over the branch when unordered. */
    x64_byte(a, 0x70 | CC_PARITY);
    x64_byte(a, 6);
    place = branch_cc(a, cc(cond));
    return place;
}

void jit_m_bind(struct jit_asm *a, uint32_t place, uint32_t target)
{
    uint32_t distance = target - (place + 4);

    if (!a->failed)
        memcpy(a->start + place, &distance, sizeof(distance));
}

void jit_m_jump_back(struct jit_asm *a, uint32_t target)
{
    uint32_t distance = target - (jit_asm_pos(a) + 2);

    if ((int32_t)distance >= -128) {
        x64_byte(a, 0xeb);
        x64_byte(a, distance);
    } else {
        jit_m_bind(a, jit_m_jump(a), target);
    }
}

void jit_m_jump_reg(struct jit_asm *a, jit_reg reg)
{
    x64_rr(a, 0xff, 4, reg);
}

void jit_m_call_reg(struct jit_asm *a, jit_reg reg)
{
    x64_rr(a, 0xff, 2, reg);
}

void jit_m_call_entry(struct jit_asm *a, jit_reg table, jit_reg index,
                      bool is_tail)
{
    struct jit_mem mem = {table, index, 0};

    x64_rm_scaled(a, 0xff, is_tail ? 4 : 2, mem, 3);
}

uint32_t jit_m_call_far(struct jit_asm *a)
{
    x64_byte(a, 0xe8);
    x64_u32(a, 0);
    return jit_asm_pos(a) - 4;
}

uint32_t jit_m_jump_far(struct jit_asm *a)
{
    return jit_m_jump(a);
}

uint32_t jit_m_branch_far(struct jit_asm *a, enum jit_cond cond)
{
    return branch_cc(a, cc(cond));
}

uint32_t jit_m_call_word(struct jit_asm *a)
{
    return x64_rip(a, 0xff, 2);
}

uint32_t jit_m_jump_word(struct jit_asm *a)
{
    return x64_rip(a, 0xff, 4);
}

uint32_t jit_m_load_word(struct jit_asm *a, jit_reg dst)
{
    return x64_rip(a, 0x8b | X_W, dst);
}

uint32_t jit_m_address_far(struct jit_asm *a, jit_reg dst)
{
    return x64_rip(a, 0x8d | X_W, dst);
}

void jit_m_bind_far(struct jit_asm *a, uint32_t place, uint64_t at,
                    uint64_t target)
{
    uint32_t distance = (uint32_t)(target - (at + 4));

    if (!a->failed)
        memcpy(a->start + place, &distance, sizeof(distance));
}

uint32_t jit_m_jump_table(struct jit_asm *a, jit_reg index, jit_reg temp,
                          uint32_t count)
{
    struct jit_mem entry = {temp, index, 0};
    uint32_t place = x64_rip(a, 0x8d | X_W, temp), table;

    x64_rm_scaled(a, 0x63 | X_W, index, entry, 2);
    x64_rr(a, 0x03 | X_W, temp, index);
    jit_m_jump_reg(a, temp);
    table = jit_asm_pos(a);
    jit_m_bind(a, place, table);
    memset(a->p, 0, 4 * (size_t)count);
    a->p += 4 * (size_t)count;
    return table;
}

void jit_m_bind_entry(struct jit_asm *a, uint32_t table, uint32_t entry,
                      uint32_t target)
{
    uint32_t distance = target - table;

    if (!a->failed)
        memcpy(a->start + table + 4 * (size_t)entry, &distance,
               sizeof(distance));
}

void jit_m_compare_limit(struct jit_asm *a, int32_t disp)
{
    struct jit_mem mem = {R15, JIT_NO_REG, disp};

    x64_rm(a, 0x3b | X_W, RSP, mem);
}

void jit_m_compare_limit_below(struct jit_asm *a, int32_t disp, uint32_t bytes)
{
    struct jit_mem mem = {R15, JIT_NO_REG, disp};
    struct jit_mem below = {RSP, JIT_NO_REG, -(int32_t)bytes};

    jit_m_lea(a, R11, below);
    x64_rm(a, 0x3b | X_W, R11, mem);
}

uint32_t jit_m_subtract_memory(struct jit_asm *a, struct jit_mem mem)
{
    x64_rm(a, 0x81 | X_W, GROUP_SUB, mem);
    x64_u32(a, 0);
    return jit_asm_pos(a) - 4;
}

void jit_m_set_word(struct jit_asm *a, uint32_t place, uint32_t value)
{
    if (!a->failed)
        memcpy(a->start + place, &value, sizeof(value));
}

void jit_m_align(struct jit_asm *a, unsigned bytes)
{
    /* One instruction of any length up to nine. */
    static const uint8_t nops[9][9] = {
        {0x90},
        {0x66, 0x90},
        {0x0f, 0x1f, 0x00},
        {0x0f, 0x1f, 0x40, 0x00},
        {0x0f, 0x1f, 0x44, 0x00, 0x00},
        {0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00},
        {0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00},
        {0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00},
        {0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00},
    };
    uint32_t left = (0u - jit_asm_pos(a)) & (bytes - 1);

    while (left > 0) {
        uint32_t n = WRT_MIN(left, 9u);

        memcpy(a->p, nops[n - 1], n);
        a->p += n;
        left -= n;
    }
}

/* -- Frames ---------------------------------------------------------------- */

void jit_m_enter_frame(struct jit_asm *a, uint32_t bytes)
{
    x64_byte(a, 0x55); /* push rbp */
    x64_rr(a, 0x8b | X_W, RBP, RSP);
    if (bytes)
        group_imm(a, GROUP_SUB, true, RSP, (int32_t)bytes);
}

void jit_m_drop_frame(struct jit_asm *a)
{
    x64_byte(a, 0xc9); /* leave */
}

void jit_m_leave_frame(struct jit_asm *a)
{
    jit_m_drop_frame(a);
    jit_m_return(a);
}

void jit_m_push_const(struct jit_asm *a, uint32_t value)
{
    x64_byte(a, 0x68);
    x64_u32(a, value);
}

void jit_m_drop_word(struct jit_asm *a)
{
    group_imm(a, GROUP_ADD, true, RSP, 8);
}

void jit_m_return(struct jit_asm *a)
{
    x64_byte(a, 0xc3);
}
