/*
 * Operands and registers while a function is compiled.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/operand.h"

/* -- Locals ---------------------------------------------------------------- */

/* From its home, where it was put before a call. */
jit_reg jit_load_local(struct jit *j, uint32_t local)
{
    const struct jit_local *l = &j->locals[local];

    jit_m_load(jit_code(j), jit_load_of(l->type), l->reg, jit_home(j, local));
    j->stale &= ~JIT_BIT(l->reg);
    j->clean |= JIT_BIT(l->reg);
    return l->reg;
}

void jit_sync(struct jit *j)
{
    for (uint64_t left = j->stale; left; left &= left - 1)
        jit_local_reg(j, j->reg_local[__builtin_ctzll(left)]);
}

void jit_send_home(struct jit *j, uint64_t mask)
{
    uint64_t dirty = mask & ~j->clean & ~j->stale;

    for (; dirty; dirty &= dirty - 1) {
        jit_reg reg = (jit_reg)__builtin_ctzll(dirty);
        uint32_t local = j->reg_local[reg];

        jit_m_store(jit_code(j), jit_store_of(j->locals[local].type), reg,
                    jit_home(j, local));
    }
    j->clean |= mask;
}

/* -- Registers ------------------------------------------------------------- */

/* None is free: the lowest operand gives one. */
jit_reg jit_take_spilling(struct jit *j, bool is_float)
{
    uint64_t some = j->free & jit_bank(is_float);

    for (uint32_t h = 0; !some && h < j->height; h++) {
        if (j->stack[h].form == JIT_TEMP &&
            (j->stack[h].reg >= JIT_FIRST_FLOAT) == is_float) {
            jit_spill(j, h);
            some = j->free & jit_bank(is_float);
        }
    }
    if (!some) {
        /* All are held by one instruction: it is one of ours that asks for too
         * many. */
        WRT_ASSERT(false, "no instruction needs so many registers");
        j->is_unsupported = true;
        return is_float ? jit_target.float_scratch : jit_target.scratch;
    }
    some &= 0 - some;
    j->free &= ~some;
    return (jit_reg)__builtin_ctzll(some);
}

void jit_take_reg(struct jit *j, jit_reg reg)
{
    for (uint32_t h = 0; !(j->free & JIT_BIT(reg)) && h < j->height; h++) {
        if (j->stack[h].form == JIT_TEMP && j->stack[h].reg == reg)
            jit_spill(j, h);
    }
    j->free &= ~JIT_BIT(reg);
}

/* -- Values in registers and memory ---------------------------------------- */

static struct jit_mem memory_of(struct jit *j, const struct jit_value *v)
{
    return v->form == JIT_LOCAL ? jit_home(j, v->local)
                                : jit_slot_number(j, (uint32_t)v->bits);
}

static void load_const(struct jit *j, const struct jit_value *v, jit_reg dst)
{
    struct jit_asm *a = jit_code(j);

    if (WRT_LIKELY(dst < JIT_FIRST_FLOAT)) {
        jit_m_const(a, dst, v->bits);
    } else if (v->bits == 0) {
        jit_m_zero(a, dst); /* of floats: no flags */
    } else {
        jit_m_const(a, jit_target.scratch, v->bits);
        jit_m_to_float(a, v->kind == WRT_KIND_F64, dst, jit_target.scratch);
    }
}

/* The operand that is scaled, in a register. */
static jit_reg scaled_reg(struct jit *j, const struct jit_value *v)
{
    jit_reg reg = v->reg != JIT_NO_REG ? v->reg : jit_local_reg(j, v->local);

    if (reg == JIT_NO_REG) {
        reg = jit_target.scratch;
        jit_m_load(jit_code(j), JIT_LOAD_U32, reg, jit_home(j, v->local));
    }
    return reg;
}

void jit_load_value(struct jit *j, const struct jit_value *v, jit_reg dst)
{
    struct jit_asm *a = jit_code(j);
    wrt_valtype type = v->kind;
    jit_reg src = v->reg;

    switch ((enum jit_form)v->form) {
    case JIT_CONST: load_const(j, v, dst); return;
    case JIT_FLAGS: jit_m_set(a, (enum jit_cond)v->cond, dst); return;
    case JIT_SCALED:
        jit_m_shift_const(a, JIT_SHL, false, dst, scaled_reg(j, v), v->cond);
        return;
    case JIT_LOCAL:
        src = j->locals[v->local].reg;
        if (src != JIT_NO_REG && !(j->stale & JIT_BIT(src)))
            break;
        jit_m_load(a, jit_load_of(type), dst, jit_home(j, v->local));
        return;
    case JIT_SLOT:
        jit_m_load(a, jit_load_of(type), dst, memory_of(j, v));
        return;
    case JIT_TEMP: break;
    }
    if (src == dst)
        return;
    if (dst >= JIT_FIRST_FLOAT)
        jit_m_move_float(a, (enum wrt_kind)v->kind, dst, src);
    else
        jit_m_move(a, jit_is_64((enum wrt_kind)v->kind), dst, src);
}

/* Where an operand of the stack is that is in memory. */
static struct jit_mem stack_memory(const struct jit *j,
                                   const struct jit_value *v)
{
    return v->form == JIT_LOCAL ? jit_home(j, v->local)
                                : jit_slot(j, (uint32_t)(v - j->stack));
}

bool jit_bring(struct jit *j, struct jit_value *v)
{
    if (!jit_is_in_memory(j, v)) {
        if (v->form != JIT_LOCAL)
            return false;
        jit_load_local(j, v->local);
        return true;
    }
    v->reg = jit_take(j, jit_is_float(v->kind));
    jit_m_load(jit_code(j), jit_load_of(v->kind), v->reg, stack_memory(j, v));
    jit_forget(j, v->local);
    v->form = JIT_TEMP;
    v->local = JIT_NO_LOCAL;
    return true;
}

/* Into a register of its own. */
jit_reg jit_load_temp(struct jit *j, struct jit_value *v)
{
    jit_reg reg = jit_take(j, jit_is_float(v->kind));

    jit_load_value(j, v, reg);
    if (v->form == JIT_SCALED && v->reg != JIT_NO_REG)
        jit_give(j, v->reg);
    v->form = JIT_TEMP;
    v->reg = reg;
    return reg;
}

/* A value that is not in a register yet, as far as it knows. */
jit_reg jit_use_any(struct jit *j, struct jit_value *v)
{
    if (v->form == JIT_LOCAL) {
        jit_reg reg = jit_local_reg(j, v->local);

        if (reg != JIT_NO_REG)
            return reg;
    }
    return jit_load_temp(j, v);
}

WRT_NOINLINE bool jit_look_again(struct jit *j, struct jit_value *lhs,
                                 const struct jit_value *rhs,
                                 struct jit_operand *operand)
{
    if (!jit_ready(j, lhs))
        return false;
    if (!jit_is_in_memory(j, rhs))
        return jit_look_at_two(j, lhs, rhs, operand);
    operand->form = JIT_MEM;
    operand->mem = stack_memory(j, rhs);
    return true;
}

struct jit_operand jit_as_operand(struct jit *j, struct jit_value *v)
{
    if (jit_is_in_reg(j, v))
        return jit_reg_operand(v->reg);
    if (jit_is_imm(v))
        return jit_imm_operand((int32_t)(uint32_t)v->bits);
    if (jit_is_in_memory(j, v))
        return (struct jit_operand){.form = JIT_MEM, .mem = memory_of(j, v)};
    return jit_reg_operand(jit_use(j, v));
}

void jit_store_value(struct jit *j, struct jit_value *v, struct jit_mem to)
{
    struct jit_asm *a = jit_code(j);
    enum jit_store how = jit_store_of(v->kind);
    jit_reg reg;

    if (v->form == JIT_CONST &&
        (v->kind == WRT_KIND_I32 || (int64_t)v->bits == (int32_t)v->bits)) {
        jit_m_store_const(
            a, jit_is_64((enum wrt_kind)v->kind) ? JIT_STORE_64 : JIT_STORE_32,
            (int32_t)(uint32_t)v->bits, to);
        return;
    }
    reg = v->reg;
    if (v->form == JIT_LOCAL)
        reg = jit_local_reg(j, v->local);
    if (v->form != JIT_TEMP && (v->form != JIT_LOCAL || reg == JIT_NO_REG)) {
        reg = jit_is_float(v->kind) ? jit_target.float_scratch
                                    : jit_target.scratch;
        jit_load_value(j, v, reg);
    }
    jit_m_store(a, how, reg, to);
}

/* -- Spilling -------------------------------------------------------------- */

void jit_spill(struct jit *j, uint32_t height)
{
    struct jit_value *v = &j->stack[height];

    if (v->form == JIT_SLOT)
        return;
    jit_store_value(j, v, jit_slot(j, height));
    jit_forget(j, v->local);
    jit_release(j, v);
    v->form = JIT_SLOT;
    v->local = JIT_NO_LOCAL;
    v->reg = JIT_NO_REG;
}

void jit_spill_below(struct jit *j, uint32_t height)
{
    for (uint32_t h = 0; h < height; h++) {
        jit_asm_room(jit_code(j), 2 * JIT_INSN_BYTES);
        if (j->stack[h].form != JIT_CONST)
            jit_spill(j, h);
    }
}

void jit_settle_local(struct jit *j, uint32_t local)
{
    struct jit_local *l = &j->locals[local];

    for (uint32_t h = j->height; l->pending && h-- > 0;) {
        struct jit_value *v = &j->stack[h];
        struct jit_value old = *v;

        if (v->local != local)
            continue;
        jit_asm_room(jit_code(j), 4 * JIT_INSN_BYTES);
        if (j->free & jit_bank(jit_is_float(l->type)) && v->form == JIT_LOCAL) {
            jit_reg reg = jit_take(j, jit_is_float(l->type));

            jit_load_value(j, &old, reg);
            v->form = JIT_TEMP;
            v->reg = reg;
            v->local = JIT_NO_LOCAL;
            l->pending--;
        } else {
            jit_spill(j, h);
        }
    }
}

/* -- Results --------------------------------------------------------------- */

WRT_NOINLINE uint32_t jit_next_far_local(const struct jit *j)
{
    struct wrt_reader r = j->r;

    wrt_read_u8(&r);
    return wrt_read_u32(&r);
}

bool jit_holds(const struct jit *j, const struct jit_value *v, jit_reg reg)
{
    if (!v)
        return false;
    if (v->form == JIT_TEMP)
        return v->reg == reg;
    return v->local != JIT_NO_LOCAL && j->locals[v->local].reg == reg;
}

void jit_set_into(struct jit *j, enum wrt_kind kind, jit_reg reg)
{
    uint32_t local = j->into;
    jit_reg home = j->locals[local].reg;
    bool is_tee = jit_peek(j) == WRT_OP_LOCAL_TEE;

    jit_count_fuel(j, jit_peek(j));
    j->r.pos++;
    wrt_read_u32(&j->r);
    if (WRT_UNLIKELY(reg != home)) {
        struct jit_value v = {
            .form = JIT_TEMP, .kind = (uint8_t)kind, .reg = reg};

        jit_load_value(j, &v, home);
        jit_give(j, reg);
    }
    jit_wrote(j, local);
    if (is_tee)
        jit_push_local(j, local);
}

/* -- Parallel moves -------------------------------------------------------- */

/* The register that a move reads, or JIT_NO_REG. */
static jit_reg source_reg(const struct jit *j, const struct jit_value *v)
{
    if (v->form == JIT_TEMP)
        return v->reg;
    if (v->form == JIT_LOCAL) {
        jit_reg reg = j->locals[v->local].reg;

        if (reg != JIT_NO_REG && !(j->stale & JIT_BIT(reg)))
            return reg;
    }
    return JIT_NO_REG;
}

/* All that are left are cycles: one value moves out of the way.  Where it is
 * now. */
static jit_reg break_cycle(struct jit *j, struct jit_move *move)
{
    bool is_float = move->dst >= JIT_FIRST_FLOAT;
    jit_reg spare = is_float ? jit_target.float_scratch : jit_target.scratch;

    jit_load_value(j, &move->value, spare);
    move->value.form = JIT_TEMP;
    move->value.reg = spare;
    return spare;
}

/* How many of the moves read each register, with those done that have nothing
 * to move.  Returns how many do. */
static uint32_t count_readers(const struct jit *j, struct jit_move *moves,
                              uint32_t count, uint8_t readers[64])
{
    uint32_t left = 0;

    for (uint32_t i = 0; i < count; i++) {
        jit_reg from = source_reg(j, &moves[i].value);

        if (from == JIT_NO_REG)
            continue;
        if (from == moves[i].dst) {
            moves[i].dst = JIT_NO_REG;
            continue;
        }
        readers[from]++;
        left++;
    }
    return left;
}

/* Registers first, in an order in which nothing is overwritten that is still to
 * be read; then what comes from elsewhere. */
void jit_move_all(struct jit *j, struct jit_move *moves, uint32_t count)
{
    uint8_t readers[64] = {0};
    uint32_t left = count_readers(j, moves, count, readers);

    while (left > 0) {
        uint32_t before = left, last = 0;

        for (uint32_t i = 0; i < count; i++) {
            jit_reg from = source_reg(j, &moves[i].value);

            if (moves[i].dst == JIT_NO_REG || from == JIT_NO_REG)
                continue;
            last = i;
            if (readers[moves[i].dst] > 0)
                continue;
            jit_load_value(j, &moves[i].value, moves[i].dst);
            moves[i].dst = JIT_NO_REG;
            readers[from]--;
            left--;
        }
        if (left == before) {
            readers[source_reg(j, &moves[last].value)]--;
            readers[break_cycle(j, &moves[last])]++;
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        if (moves[i].dst != JIT_NO_REG)
            jit_load_value(j, &moves[i].value, moves[i].dst);
    }
}
