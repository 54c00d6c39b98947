/*
 * The macro-assembler: what the compile loop asks of a machine.
 *
 * Each target implements these functions (jit/x64/masm*.c) and describes its
 * registers (struct jit_target).  Registers of both banks share one numbering,
 * integers first, so that a set of registers is one 64-bit mask.
 *
 * Code goes to a plain buffer.  Whoever emits makes room first; an instruction
 * of these functions takes at most JIT_INSN_BYTES.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef JIT_MASM_H
#define JIT_MASM_H

#include "runtime/base/arena.h"
#include "runtime/module/types.h"

typedef uint8_t jit_reg;

enum {
    JIT_NO_REG = 0xff,
    JIT_FIRST_FLOAT = 32, /* number of float register 0 */
    JIT_INSN_BYTES = 64,  /* at most, of one function below */
};

#define JIT_BIT(reg) ((uint64_t)1 << (reg))

/* Masks of registers, and the registers with a job. */
struct jit_target {
    uint64_t temps;           /* for operands, besides locals' free ones */
    uint64_t saved;           /* for locals: callees preserve them, and so
                                 does JIT_STUB_C */
    uint64_t volatile_locals; /* for locals: callees do not */
    const jit_reg *int_args, *float_args;
    uint32_t nint_args, nfloat_args;
    const jit_reg *c_args; /* of C functions, integers */
    jit_reg result, float_result;
    jit_reg frame, stack, instance, memory;
    jit_reg scratch, float_scratch; /* between two calls of this interface */
    jit_reg call_scratch;           /* no argument is in it */
};

extern const struct jit_target jit_target;

/* Whether this processor has what all code relies on. */
bool jit_target_is_usable(void);

/* -- Buffers --------------------------------------------------------------- */

struct jit_asm {
    uint8_t *start, *p, *end;
    const struct wrt_alloc *alloc;
    bool failed; /* out of memory: what is emitted goes nowhere */
};

/* Makes room for so many bytes; on failure the buffer starts over. */
void jit_asm_grow(struct jit_asm *a, size_t bytes);
void jit_asm_fini(struct jit_asm *a);

/* The same; at the end of a buffer are always a few bytes more, for whoever
 * writes eight at once. */
WRT_INLINE void jit_asm_room(struct jit_asm *a, size_t bytes)
{
    if (WRT_UNLIKELY((size_t)(a->end - a->p) < bytes))
        jit_asm_grow(a, bytes);
}

WRT_INLINE uint32_t jit_asm_pos(const struct jit_asm *a)
{
    return (uint32_t)(a->p - a->start);
}

/* -- Operands -------------------------------------------------------------- */

/* base + index + disp */
struct jit_mem {
    jit_reg base, index; /* index may be JIT_NO_REG */
    int32_t disp;
};

struct jit_operand {
    enum { JIT_REG, JIT_IMM, JIT_MEM } form;
    union {
        jit_reg reg;
        int32_t imm; /* sign-extended */
        struct jit_mem mem;
    };
};

enum jit_load {
    JIT_LOAD_U8,
    JIT_LOAD_U16,
    JIT_LOAD_U32,
    JIT_LOAD_U64,
    JIT_LOAD_S8_32,
    JIT_LOAD_S16_32,
    JIT_LOAD_S8_64,
    JIT_LOAD_S16_64,
    JIT_LOAD_S32_64,
    JIT_LOAD_F32,
    JIT_LOAD_F64,
    JIT_LOAD_V128,
};

enum jit_store {
    JIT_STORE_8,
    JIT_STORE_16,
    JIT_STORE_32,
    JIT_STORE_64,
    JIT_STORE_F32,
    JIT_STORE_F64,
    JIT_STORE_V128,
};

enum jit_alu {
    JIT_ADD,
    JIT_SUB,
    JIT_AND,
    JIT_OR,
    JIT_XOR,
    JIT_MUL,
};

enum jit_shift { JIT_SHL, JIT_SHR_S, JIT_SHR_U, JIT_ROTL, JIT_ROTR };

enum jit_unary {
    JIT_CLZ,
    JIT_CTZ,
    JIT_POPCNT,
    JIT_EXTEND8,
    JIT_EXTEND16,
    JIT_EXTEND32,
};

enum jit_float_alu { JIT_FADD, JIT_FSUB, JIT_FMUL, JIT_FDIV };

enum jit_float_unary {
    JIT_FABS,
    JIT_FNEG,
    JIT_FSQRT,
    JIT_FCEIL,
    JIT_FFLOOR,
    JIT_FTRUNC,
    JIT_FNEAREST,
};

/* Conditions come in pairs: c ^ 1 is the opposite of c. */
enum jit_cond {
    JIT_EQ,
    JIT_NE,
    JIT_LT_S,
    JIT_GE_S,
    JIT_LT_U,
    JIT_GE_U,
    JIT_GT_S,
    JIT_LE_S,
    JIT_GT_U,
    JIT_LE_U,
    /* After a comparison of floats; all but the second of each pair are false
     * when an operand is NaN. */
    JIT_F_EQ,
    JIT_F_NE,
    JIT_F_GT,
    JIT_F_NOT_GT,
    JIT_F_GE,
    JIT_F_NOT_GE,
    JIT_OVERFLOWS, /* unsigned carry of the last addition */
    JIT_NO_OVERFLOW,
    JIT_F_NAN, /* an operand was NaN */
    JIT_F_NO_NAN,
};

/* -- Moves ----------------------------------------------------------------- */

/* No move and no load changes flags. */
void jit_m_move(struct jit_asm *a, bool is_64, jit_reg dst, jit_reg src);
void jit_m_move_float(struct jit_asm *a, enum wrt_kind kind, jit_reg dst,
                      jit_reg src);
void jit_m_swap(struct jit_asm *a, jit_reg x, jit_reg y); /* integers */
void jit_m_const(struct jit_asm *a, jit_reg dst, uint64_t value);
/* The same, shorter; flags are lost. */
void jit_m_zero(struct jit_asm *a, jit_reg dst);
/* Bits between the banks. */
void jit_m_to_float(struct jit_asm *a, bool is_64, jit_reg dst, jit_reg src);
void jit_m_from_float(struct jit_asm *a, bool is_64, jit_reg dst, jit_reg src);
void jit_m_load(struct jit_asm *a, enum jit_load what, jit_reg dst,
                struct jit_mem mem);
void jit_m_store(struct jit_asm *a, enum jit_store what, jit_reg src,
                 struct jit_mem mem);
/* The same at base + (index << shift) + disp. */
void jit_m_load_scaled_as(struct jit_asm *a, enum jit_load what, jit_reg dst,
                          struct jit_mem mem, unsigned shift);
void jit_m_store_scaled_as(struct jit_asm *a, enum jit_store what, jit_reg src,
                           struct jit_mem mem, unsigned shift);
void jit_m_store_const_scaled(struct jit_asm *a, enum jit_store what,
                              int32_t value, struct jit_mem mem,
                              unsigned shift);
/* The same at jit_target.memory + index + disp. */
void jit_m_load_indexed(struct jit_asm *a, enum jit_load what, jit_reg dst,
                        jit_reg index, int32_t disp);
void jit_m_store_indexed(struct jit_asm *a, enum jit_store what, jit_reg src,
                         jit_reg index, int32_t disp);
/* 64 bits at base + (index << shift) */
void jit_m_load_scaled(struct jit_asm *a, jit_reg dst, jit_reg base,
                       jit_reg index, unsigned shift);
/* Stores a constant of 8 to 64 bits, sign-extended. */
void jit_m_store_const(struct jit_asm *a, enum jit_store what, int32_t value,
                       struct jit_mem mem);

/* -- Integers -------------------------------------------------------------- */

/* dst = lhs op rhs; dst may be any of them.  Flags are lost. */
void jit_m_alu(struct jit_asm *a, enum jit_alu op, bool is_64, jit_reg dst,
               jit_reg lhs, struct jit_operand rhs);
/* dst = base + (index << shift), shift 0..3 */
void jit_m_add_scaled(struct jit_asm *a, bool is_64, jit_reg dst, jit_reg base,
                      jit_reg index, unsigned shift);
/* As addresses; flags of the addition hold. */
void jit_m_add_flags(struct jit_asm *a, jit_reg dst, int32_t imm);
void jit_m_lea(struct jit_asm *a, jit_reg dst, struct jit_mem mem);
void jit_m_shift_const(struct jit_asm *a, enum jit_shift op, bool is_64,
                       jit_reg dst, jit_reg src, unsigned count);
/* Whether shifts by a register exist without a register of their own; else
 * count is jit_target_shift_count and dst is not it. */
bool jit_m_has_free_shift(enum jit_shift op);
extern const jit_reg jit_target_shift_count;
void jit_m_shift(struct jit_asm *a, enum jit_shift op, bool is_64, jit_reg dst,
                 jit_reg src, jit_reg count);
void jit_m_unary(struct jit_asm *a, enum jit_unary op, bool is_64, jit_reg dst,
                 jit_reg src);
void jit_m_compare(struct jit_asm *a, bool is_64, jit_reg lhs,
                   struct jit_operand rhs);
/* 32 bits in memory. */
void jit_m_compare_memory(struct jit_asm *a, struct jit_mem mem, int32_t imm);
/* lhs & rhs against zero: for EQ and NE. */
void jit_m_test(struct jit_asm *a, bool is_64, jit_reg lhs,
                struct jit_operand rhs);
/* dst = 0 or 1. */
void jit_m_set(struct jit_asm *a, enum jit_cond cond, jit_reg dst);
/* Quotient and remainder of what fixed registers hold: the dividend in
 * jit_target.result, the divisor in none of the two; the result as asked, in
 * `result` or in jit_target_remainder. */
void jit_m_divide(struct jit_asm *a, bool is_64, bool is_signed,
                  jit_reg divisor);
extern const jit_reg jit_target_remainder;
/* Both halves of a product of the result register: to it and remainder. */
void jit_m_multiply_wide(struct jit_asm *a, bool is_signed, jit_reg rhs);
/* dst = cond ? src : dst */
void jit_m_select(struct jit_asm *a, enum jit_cond cond, bool is_64,
                  jit_reg dst, jit_reg src);

void jit_m_negate(struct jit_asm *a, jit_reg reg); /* 64 bits */
/* Atomic accesses of 1, 2, 4 or 8 bytes.  Exchanges the lowest bytes of the
 * register with those in memory, of which the second stores the sum. */
void jit_m_atomic_swap(struct jit_asm *a, unsigned bytes, jit_reg reg,
                       struct jit_mem mem);
void jit_m_atomic_add(struct jit_asm *a, unsigned bytes, jit_reg reg,
                      struct jit_mem mem);
/* Stores src where what jit_target.result has is in memory: EQ.  It has what
 * was there then. */
void jit_m_atomic_compare(struct jit_asm *a, unsigned bytes, jit_reg src,
                          struct jit_mem mem);
void jit_m_fence(struct jit_asm *a);
/* dst = src, 32 bits, when the comparison that the flags are of has found less,
 * unsigned; else 0.  Flags are lost. */
void jit_m_mask_below(struct jit_asm *a, jit_reg dst, jit_reg src);

/* -- Floats ---------------------------------------------------------------- */

void jit_m_float_alu(struct jit_asm *a, enum jit_float_alu op, bool is_64,
                     jit_reg dst, jit_reg lhs, struct jit_operand rhs);
void jit_m_float_unary(struct jit_asm *a, enum jit_float_unary op, bool is_64,
                       jit_reg dst, jit_reg src);
/* dst is neither of them. */
void jit_m_float_min(struct jit_asm *a, bool is_64, bool is_max, jit_reg dst,
                     jit_reg lhs, jit_reg rhs);
void jit_m_copysign(struct jit_asm *a, bool is_64, jit_reg dst, jit_reg lhs,
                    jit_reg rhs);
void jit_m_float_compare(struct jit_asm *a, bool is_64, jit_reg lhs,
                         jit_reg rhs);
/* float <- integer */
void jit_m_convert(struct jit_asm *a, bool from_64, bool is_signed, bool to_64,
                   jit_reg dst, jit_reg src, jit_reg temp);
/* integer <- float, towards zero.  Returns places of branches (the second may
 * be 0) that are taken when the value fits; behind them dst is undefined. */
uint32_t jit_m_truncate(struct jit_asm *a, bool from_64, bool to_64,
                        bool is_signed, jit_reg dst, jit_reg src, jit_reg temp,
                        uint32_t *second);
/* Bit 0 of dst = the sign. */
void jit_m_float_sign(struct jit_asm *a, bool is_64, jit_reg dst, jit_reg src);
void jit_m_promote(struct jit_asm *a, jit_reg dst, jit_reg src);
void jit_m_demote(struct jit_asm *a, jit_reg dst, jit_reg src);

/* -- Control --------------------------------------------------------------- */

/* A jump whose distance is filled in by jit_m_bind(): the place to fill. */
uint32_t jit_m_jump(struct jit_asm *a);
/* Conditional; F_EQ and F_NE take two, the second or 0 goes to *second. */
uint32_t jit_m_branch(struct jit_asm *a, enum jit_cond cond, uint32_t *second);
/* Makes the jump at `place` go to `target`, positions in the buffer. */
void jit_m_bind(struct jit_asm *a, uint32_t place, uint32_t target);
void jit_m_jump_back(struct jit_asm *a, uint32_t target);
void jit_m_jump_reg(struct jit_asm *a, jit_reg reg);
void jit_m_call_reg(struct jit_asm *a, jit_reg reg);
/* Calls, or jumps to, the word at table + 8 * index. */
void jit_m_call_entry(struct jit_asm *a, jit_reg table, jit_reg index,
                      bool is_tail);

/* Places to fill when it is known where the code goes: distances to an offset
 * in the range of code (code.h). */
uint32_t jit_m_call_far(struct jit_asm *a);
uint32_t jit_m_jump_far(struct jit_asm *a);
uint32_t jit_m_branch_far(struct jit_asm *a, enum jit_cond cond);
/* Through a word in memory. */
uint32_t jit_m_call_word(struct jit_asm *a);
uint32_t jit_m_jump_word(struct jit_asm *a);
uint32_t jit_m_load_word(struct jit_asm *a, jit_reg dst);
uint32_t jit_m_address_far(struct jit_asm *a, jit_reg dst);
/* at: where the code with the place is in the range. */
void jit_m_bind_far(struct jit_asm *a, uint32_t place, uint64_t at,
                    uint64_t target);

/* Jumps through a table of distances, which follows: table + 4 * index.  Both
 * registers are lost.  Returns the place of the table. */
uint32_t jit_m_jump_table(struct jit_asm *a, jit_reg index, jit_reg temp,
                          uint32_t count);
void jit_m_bind_entry(struct jit_asm *a, uint32_t table, uint32_t entry,
                      uint32_t target);

/* Compares the stack pointer with the instance's limit; then LT_U: stop. */
void jit_m_compare_limit(struct jit_asm *a, int32_t disp);
/* The same so many bytes below. */
void jit_m_compare_limit_below(struct jit_asm *a, int32_t disp, uint32_t bytes);
void jit_m_align(struct jit_asm *a, unsigned bytes);

/* Takes from 64 bits in memory what jit_m_set_word() puts at the place that is
 * returned; then LT_U: they were less. */
uint32_t jit_m_subtract_memory(struct jit_asm *a, struct jit_mem mem);
/* Below 2^31. */
void jit_m_set_word(struct jit_asm *a, uint32_t place, uint32_t value);

void jit_m_push_const(struct jit_asm *a, uint32_t value);
void jit_m_drop_word(struct jit_asm *a);

/* -- Frames ---------------------------------------------------------------- */

void jit_m_enter_frame(struct jit_asm *a, uint32_t bytes);
void jit_m_leave_frame(struct jit_asm *a);
void jit_m_drop_frame(struct jit_asm *a); /* and no return */
void jit_m_return(struct jit_asm *a);

#endif
