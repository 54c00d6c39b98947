/*
 * Operands and registers while a function is compiled.  What every instruction
 * does is inline here; operand.c has the rest.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef JIT_OPERAND_H
#define JIT_OPERAND_H

#include "jit/state.h"

/* The instruction after the current one. */
WRT_INLINE enum wrt_op jit_peek(const struct jit *j)
{
    return (enum wrt_op)wrt_op_by_byte[*j->r.pos];
}

WRT_INLINE bool jit_sets_local(enum wrt_op op)
{
    return op == WRT_OP_LOCAL_SET || op == WRT_OP_LOCAL_TEE;
}

/* -- Places ---------------------------------------------------------------- */

/* The slot of a height, a slot by its number, and the place of a local. */
WRT_INLINE struct jit_mem jit_slot_number(const struct jit *j, uint32_t slot)
{
    return jit_mem_at(jit_target.frame,
                      8 * (int64_t)slot - (int64_t)j->slots_at);
}

WRT_INLINE struct jit_mem jit_slot(const struct jit *j, uint32_t height)
{
    return jit_slot_number(j, j->slot_of[height]);
}

WRT_INLINE struct jit_mem jit_home(const struct jit *j, uint32_t local)
{
    return jit_mem_at(jit_target.frame, j->locals[local].home);
}

/* -- Pushing and popping --------------------------------------------------- */

WRT_INLINE struct jit_value *jit_push_place(struct jit *j, enum wrt_kind kind)
{
    uint32_t height = j->height++;

    /* Without vectors it has been so from the beginning. */
    if (WRT_UNLIKELY(j->info.has_v128))
        j->slot_of[height + 1] =
            j->slot_of[height] + (kind == WRT_KIND_V128 ? 2 : 1);
    return &j->stack[height];
}

WRT_INLINE struct jit_value *jit_push(struct jit *j, enum jit_form form,
                                      enum wrt_kind kind)
{
    struct jit_value *v = jit_push_place(j, kind);

    *v = (struct jit_value){.form = (uint8_t)form,
                            .kind = (uint8_t)kind,
                            .reg = JIT_NO_REG,
                            .local = JIT_NO_LOCAL};
    return v;
}

WRT_INLINE void jit_push_const(struct jit *j, enum wrt_kind kind, uint64_t bits)
{
    jit_push(j, JIT_CONST, kind)->bits = bits;
}

WRT_INLINE void jit_push_local(struct jit *j, uint32_t local)
{
    struct jit_local *l = &j->locals[local];

    *jit_push_place(j, (enum wrt_kind)l->value.kind) = l->value;
    l->pending++;
}

/* The register becomes the operand's. */
WRT_INLINE void jit_push_temp(struct jit *j, enum wrt_kind kind, jit_reg reg)
{
    jit_push(j, JIT_TEMP, kind)->reg = reg;
    j->free &= ~JIT_BIT(reg);
}

WRT_INLINE void jit_push_slot(struct jit *j, enum wrt_kind kind)
{
    jit_push(j, JIT_SLOT, kind);
}

WRT_INLINE void jit_push_flags(struct jit *j, enum jit_cond cond)
{
    jit_push(j, JIT_FLAGS, WRT_KIND_I32)->cond = (uint8_t)cond;
}

/* An operand that is the local, or none, is gone.  The number of none, as one
 * with a sign, is that of the local below the first, which counts for nothing:
 * no processor could guess which operands are locals. */
WRT_INLINE void jit_forget(struct jit *j, uint32_t local)
{
    j->locals[(int32_t)local].pending--;
}

/* Copies an operand without taking it. */
WRT_INLINE struct jit_value jit_look_at(const struct jit *j, uint32_t height)
{
    struct jit_value v = j->stack[height];

    if (WRT_UNLIKELY(v.form == JIT_SLOT))
        v.bits = j->slot_of[height];
    return v;
}

/* Takes the topmost operand.  Its register stays taken until jit_release(). */
WRT_INLINE struct jit_value jit_pop(struct jit *j)
{
    struct jit_value v = jit_look_at(j, --j->height);

    jit_forget(j, v.local);
    return v;
}

WRT_INLINE void jit_give(struct jit *j, jit_reg reg)
{
    j->free |= JIT_BIT(reg);
}

/* The mask has the register of a temporary alone, without asking what it is. */
WRT_INLINE uint64_t jit_temp_bit(const struct jit *j, const struct jit_value *v)
{
    return JIT_BIT(v->reg & 63) & j->temps;
}

WRT_INLINE void jit_release(struct jit *j, const struct jit_value *v)
{
    j->free |= jit_temp_bit(j, v);
}

/* -- Registers ------------------------------------------------------------- */

WRT_INLINE uint64_t jit_bank(bool is_float)
{
    const uint64_t ints = JIT_BIT(JIT_FIRST_FLOAT) - 1;

    return is_float ? ~ints : ints;
}

jit_reg jit_take_spilling(struct jit *j, bool is_float);

/* A free register, which is taken then; spills an operand if need be. */
WRT_INLINE jit_reg jit_take(struct jit *j, bool is_float)
{
    uint64_t some = j->free & jit_bank(is_float);

    if (WRT_UNLIKELY(!some))
        return jit_take_spilling(j, is_float);
    j->free &= ~(some & (0 - some));
    return (jit_reg)__builtin_ctzll(some);
}

jit_reg jit_load_local(struct jit *j, uint32_t local);

/* The register of a local, up to date; or JIT_NO_REG. */
WRT_INLINE jit_reg jit_local_reg(struct jit *j, uint32_t local)
{
    jit_reg reg = j->locals[local].reg;

    if (reg != JIT_NO_REG && WRT_UNLIKELY((j->stale & JIT_BIT(reg)) != 0))
        return jit_load_local(j, local);
    return reg;
}

/* The local's register was written. */
WRT_INLINE void jit_wrote(struct jit *j, uint32_t local)
{
    uint64_t bit = JIT_BIT(j->locals[local].reg);

    j->clean &= ~bit;
    j->stale &= ~bit;
}

/* Whether it is in memory, and nowhere else. */
WRT_INLINE bool jit_is_in_memory(const struct jit *j, const struct jit_value *v)
{
    return v->form == JIT_SLOT ||
           (v->form == JIT_LOCAL && j->locals[v->local].reg == JIT_NO_REG);
}

/* Brings an operand of the stack from memory into a register; false when it is
 * not in memory. */
bool jit_bring(struct jit *j, struct jit_value *v);

jit_reg jit_load_temp(struct jit *j, struct jit_value *v);
jit_reg jit_use_any(struct jit *j, struct jit_value *v);

/* Whether the value is in its register, as it should be read. */
WRT_INLINE bool jit_is_in_reg(const struct jit *j, const struct jit_value *v)
{
    uint64_t not_there = j->stale | JIT_BIT(JIT_NO_REG & 63);

    return !((not_there >> (v->reg & 63) & 1) | (v->form == JIT_SCALED));
}

/* Whether an operand of the stack is in a register by now.  Others may have
 * been spilled for that. */
WRT_INLINE bool jit_ready(struct jit *j, struct jit_value *v)
{
    return WRT_LIKELY(jit_is_in_reg(j, v)) || jit_bring(j, v);
}

/* Whether it is a constant that fits into an instruction. */
WRT_INLINE bool jit_is_imm(const struct jit_value *v)
{
    return v->form == JIT_CONST &&
           (v->kind == WRT_KIND_I32 ||
            (v->kind == WRT_KIND_I64 && (int64_t)v->bits == (int32_t)v->bits));
}

/* Two integer operands of the stack: the first in a register, the second, too,
 * or a constant.  False when they are something else. */
WRT_INLINE bool jit_look_at_two(const struct jit *j,
                                const struct jit_value *lhs,
                                const struct jit_value *rhs,
                                struct jit_operand *operand)
{
    if (!jit_is_in_reg(j, lhs))
        return false;
    if (jit_is_imm(rhs))
        *operand = jit_imm_operand((int32_t)(uint32_t)rhs->bits);
    else if (jit_is_in_reg(j, rhs))
        *operand = jit_reg_operand(rhs->reg);
    else
        return false;
    return true;
}

/* The same, for which the first is brought into a register, or the second may
 * be in memory. */
bool jit_look_again(struct jit *j, struct jit_value *lhs,
                    const struct jit_value *rhs, struct jit_operand *operand);

/* Most operands are as the first function wants them. */
WRT_INLINE bool jit_find_two(struct jit *j, struct jit_value *lhs,
                             const struct jit_value *rhs,
                             struct jit_operand *operand)
{
    return WRT_LIKELY(jit_look_at_two(j, lhs, rhs, operand)) ||
           jit_look_again(j, lhs, rhs, operand);
}

/* Takes operands from the stack that have been looked at.  They stay readable
 * there until the next push. */
WRT_INLINE void jit_drop_top(struct jit *j, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        jit_forget(j, j->stack[--j->height].local);
}

/* A register that holds the value, to be read only. */
WRT_INLINE jit_reg jit_use(struct jit *j, struct jit_value *v)
{
    return WRT_LIKELY(jit_is_in_reg(j, v)) ? v->reg : jit_use_any(j, v);
}

/* The value in a register of its own, which may be changed. */
WRT_INLINE jit_reg jit_own(struct jit *j, struct jit_value *v)
{
    return v->form == JIT_TEMP ? v->reg : jit_load_temp(j, v);
}

/* -- Results --------------------------------------------------------------- */

/* The local that the next instruction is about, whose number takes several
 * bytes. */
uint32_t jit_next_far_local(const struct jit *j);

/* The local that the next instruction, which sets one, is about, if its
 * register can take a result, or JIT_NO_LOCAL. */
WRT_INLINE uint32_t jit_next_local(const struct jit *j, bool is_float)
{
    uint32_t local = j->r.pos[1];
    const struct jit_local *l;

    if (WRT_UNLIKELY(local >= 0x80))
        local = jit_next_far_local(j);
    l = &j->locals[local];
    /* As one question: each answer alone is hard to guess. */
    return ((l->reg != JIT_NO_REG) & (l->pending == 0) &
            ((l->reg >= JIT_FIRST_FLOAT) == is_float))
               ? local
               : JIT_NO_LOCAL;
}

/* Does that instruction. */
void jit_set_into(struct jit *j, enum wrt_kind kind, jit_reg reg);
/* Whether the register is where an operand is; v may be NULL. */
bool jit_holds(const struct jit *j, const struct jit_value *v, jit_reg reg);

/* The register of an operand that ends here, or a free one. */
WRT_INLINE jit_reg jit_take_over(struct jit *j, bool is_float,
                                 const struct jit_value *lhs,
                                 const struct jit_value *rhs)
{
    uint64_t bank = jit_bank(is_float), some = j->free & bank;
    uint64_t left = lhs ? jit_temp_bit(j, lhs) & bank : 0;
    uint64_t right = rhs ? jit_temp_bit(j, rhs) & bank : 0;

    some = right ? right : some;
    some = left ? left : some;
    if (WRT_UNLIKELY(!some))
        return jit_take_spilling(j, is_float);
    j->free &= ~(some & (0 - some));
    return (jit_reg)__builtin_ctzll(some);
}

/* Where the result goes: the local that the next instruction sets, if it does
 * and lives in a register; or the register of an operand that ends here (either
 * may be NULL); or a free one.  is_apart: not one that an operand is in. */
WRT_INLINE jit_reg jit_result(struct jit *j, bool is_float,
                              struct jit_value *lhs, struct jit_value *rhs,
                              bool is_apart)
{
    j->into = JIT_NO_LOCAL;
    if (jit_sets_local(jit_peek(j))) {
        j->into = jit_next_local(j, is_float);
        if (j->into != JIT_NO_LOCAL) {
            jit_reg reg = j->locals[j->into].reg;

            if (!is_apart ||
                (!jit_holds(j, lhs, reg) && !jit_holds(j, rhs, reg)))
                return reg;
            return jit_take(j, is_float);
        }
    }
    return is_apart ? jit_take(j, is_float)
                    : jit_take_over(j, is_float, lhs, rhs);
}

/* Pushes it, or sets the local; operands are released. */
WRT_INLINE void jit_push_result(struct jit *j, enum wrt_kind kind, jit_reg reg,
                                struct jit_value *lhs, struct jit_value *rhs)
{
    if (lhs)
        jit_release(j, lhs);
    if (rhs)
        jit_release(j, rhs);
    if (j->into != JIT_NO_LOCAL) {
        jit_set_into(j, kind, reg);
        return;
    }
    jit_push_temp(j, kind, reg);
}

/* -- The rest; operand.c --------------------------------------------------- */

/* As an operand of an instruction: constant, register or memory. */
struct jit_operand jit_as_operand(struct jit *j, struct jit_value *v);

/* Takes a certain register; an operand in it goes elsewhere. */
void jit_take_reg(struct jit *j, jit_reg reg);

/* Puts an operand of the stack into its slot. */
void jit_spill(struct jit *j, uint32_t height);
/* All operands below, except constants. */
void jit_spill_below(struct jit *j, uint32_t height);
/* Stores the value to memory. */
void jit_store_value(struct jit *j, struct jit_value *v, struct jit_mem to);

/* Operands that read the local get what it is now. */
void jit_settle_local(struct jit *j, uint32_t local);
/* Locals that are only at home come back to their registers. */
void jit_sync(struct jit *j);
/* Before a call: locals in registers of the mask go home, after which the
 * registers are stale. */
void jit_send_home(struct jit *j, uint64_t mask);

/* Moves values to registers at once, whichever overlap. */
struct jit_move {
    struct jit_value value;
    jit_reg dst;
};
void jit_move_all(struct jit *j, struct jit_move *moves, uint32_t count);
/* Loads the value into a register, whatever else that register holds. */
void jit_load_value(struct jit *j, const struct jit_value *v, jit_reg dst);

#endif
