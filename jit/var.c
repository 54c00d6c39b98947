/*
 * Constants, locals, globals, drop and select.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/operand.h"

void jit_emit_const(struct jit *j, uint32_t arg)
{
    uint64_t bits = j->insn.imm.bits;

    if (arg == WRT_KIND_I32)
        bits = (uint32_t)bits;
    jit_push_const(j, (enum wrt_kind)arg, bits);
}

void jit_emit_local_get(struct jit *j, uint32_t arg)
{
    (void)arg;
    jit_push_local(j, j->insn.imm.index);
}

/* Whether the value is the local itself, unchanged. */
static bool is_local(const struct jit_value *v, uint32_t local)
{
    return v->form == JIT_LOCAL && v->local == local;
}

void jit_emit_local_set(struct jit *j, uint32_t is_tee)
{
    uint32_t local = j->insn.imm.index;
    struct jit_local *l = &j->locals[local];
    struct jit_value v = jit_pop(j);

    if (WRT_LIKELY(!is_local(&v, local))) {
        if (WRT_UNLIKELY(l->pending)) {
            jit_settle_local(j, local);
            jit_asm_room(jit_code(j), 4 * JIT_INSN_BYTES);
        }
        if (l->reg == JIT_NO_REG) {
            jit_store_value(j, &v, jit_home(j, local));
        } else {
            if (v.form == JIT_CONST && v.bits == 0)
                jit_m_zero(jit_code(j), l->reg);
            else
                jit_load_value(j, &v, l->reg);
            jit_wrote(j, local);
        }
    }
    /* What a register holds is nearer than a home. */
    if (is_tee && l->reg == JIT_NO_REG &&
        (v.form == JIT_TEMP || v.form == JIT_CONST)) {
        j->stack[j->height++] = v;
        return;
    }
    jit_release(j, &v);
    if (is_tee)
        jit_push_local(j, local);
}

/* The cell of a global: from a register, at some distance. */
static struct jit_mem global_cell(struct jit *j, uint32_t global)
{
    uint32_t nimported = j->module->nimported_globals;
    jit_reg scratch = jit_target.scratch;
    struct jit_asm *a = jit_code(j);

    if (global >= nimported)
        return jit_mem_at(jit_target.instance,
                          (int64_t)offsetof(struct wrt_instance, globals) +
                              16 * (int64_t)(global - nimported));
    jit_m_load(a, JIT_LOAD_U64, scratch,
               jit_mem_at(jit_target.instance,
                          offsetof(struct wrt_instance, imported_globals)));
    jit_m_load(a, JIT_LOAD_U64, scratch,
               jit_mem_at(scratch, 8 * (int64_t)global));
    return jit_mem_at(scratch, 0);
}

void jit_emit_global_get(struct jit *j, uint32_t arg)
{
    uint32_t global = j->insn.imm.index;
    wrt_valtype type = j->module->globals[global].type.type;
    jit_reg reg = jit_result(j, jit_is_float(type), NULL, NULL, false);

    (void)arg;
    jit_m_load(jit_code(j), jit_load_of(type), reg, global_cell(j, global));
    jit_push_result(j, wrt_valtype_kind(type), reg, NULL, NULL);
}

void jit_emit_global_set(struct jit *j, uint32_t arg)
{
    uint32_t global = j->insn.imm.index;
    wrt_valtype type = j->module->globals[global].type.type;
    struct jit_value v = jit_pop(j);
    bool is_own = global >= j->module->nimported_globals;

    (void)arg;
    /* Storing a constant needs no register; the scratch one is the cell's. */
    if (is_own)
        jit_store_value(j, &v, global_cell(j, global));
    else
        jit_m_store(jit_code(j), jit_store_of(type), jit_use(j, &v),
                    global_cell(j, global));
    jit_release(j, &v);
}

void jit_emit_drop(struct jit *j, uint32_t arg)
{
    struct jit_value v = jit_pop(j);

    (void)arg;
    jit_release(j, &v);
}

/* -- select ---------------------------------------------------------------- */

static void select_int(struct jit *j, struct jit_value *yes,
                       struct jit_value *no, struct jit_value *cond)
{
    bool is_64 = jit_is_64((enum wrt_kind)yes->kind);
    jit_reg chosen, dst;

    /* Loads and moves leave flags alone. */
    chosen = jit_use(j, yes);
    dst = jit_own(j, no);
    jit_m_select(jit_code(j), jit_condition(j, cond), is_64, dst, chosen);
    jit_release(j, cond);
    j->into = JIT_NO_LOCAL;
    jit_push_result(j, (enum wrt_kind)yes->kind, dst, yes, no);
}

static void select_float(struct jit *j, struct jit_value *yes,
                         struct jit_value *no, struct jit_value *cond)
{
    struct jit_asm *a = jit_code(j);
    jit_reg chosen = jit_use(j, yes), dst = jit_own(j, no);
    enum jit_cond c = jit_condition(j, cond);
    uint32_t place, second;

    place = jit_m_branch(a, (enum jit_cond)(c ^ 1), &second);
    jit_m_move_float(a, (enum wrt_kind)yes->kind, dst, chosen);
    jit_m_bind(a, place, jit_pos(j));
    if (second)
        jit_m_bind(a, second, jit_pos(j));
    jit_release(j, cond);
    j->into = JIT_NO_LOCAL;
    jit_push_result(j, (enum wrt_kind)yes->kind, dst, yes, no);
}

void jit_emit_select(struct jit *j, uint32_t arg)
{
    struct jit_value cond = jit_pop(j), no = jit_pop(j), yes = jit_pop(j);

    (void)arg;
    /* A register that the condition is in must not be needed by the rest. */
    if (cond.form != JIT_FLAGS)
        jit_use(j, &cond);
    if (jit_is_float(yes.kind))
        select_float(j, &yes, &no, &cond);
    else
        select_int(j, &yes, &no, &cond);
}
