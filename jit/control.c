/*
 * Blocks, branches, and what is emitted behind a function.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/emit.h"

/* -- Small things ---------------------------------------------------------- */

void jit_note_place_of(struct jit *j, uint32_t offset)
{
    jit_add_place(&j->made, jit_pos(j), offset, false);
}

void jit_add_late(struct jit *j, const struct jit_late *late)
{
    if (!wrt_vec_push(j->native->module->alloc, &j->lates, *late))
        jit_code(j)->failed = true;
}

void jit_trap_if(struct jit *j, enum jit_cond cond, wasmrt_code code)
{
    struct jit_late late = {
        .kind = JIT_LATE_TRAP, .code = (uint32_t)code, .offset = jit_offset(j)};

    late.place = jit_m_branch(jit_code(j), cond, &late.second);
    jit_add_late(j, &late);
}

static void emit_late_trap(struct jit *j, const struct jit_late *late)
{
    struct jit_asm *a = jit_code(j);

    if (late->kind == JIT_LATE_TRAP)
        jit_m_const(a, jit_target.scratch, late->code);
    else
        jit_m_move(a, false, jit_target.scratch, jit_target.result);
    jit_add_far(&j->made, jit_m_call_far(a), JIT_FAR_STUB + JIT_STUB_TRAP);
    jit_note_place_of(j, late->offset);
}

/* The function's type is not the one that was asked for: one below it? */
static void emit_late_match(struct jit *j, const struct jit_late *late)
{
    struct jit_asm *a = jit_code(j);
    uint32_t none;

    jit_m_push_const(a, late->code);
    jit_m_move(a, true, jit_target.scratch, late->reg);
    jit_add_far(&j->made, jit_m_call_far(a), JIT_FAR_STUB + JIT_STUB_MATCH);
    jit_m_drop_word(a);
    jit_m_compare(a, false, jit_target.scratch, jit_imm_operand(0));
    jit_m_bind(a, jit_m_branch(a, JIT_NE, &none), late->back);
    jit_m_const(a, jit_target.scratch, WASMRT_ERR_INDIRECT_CALL_TYPE);
    jit_add_far(&j->made, jit_m_call_far(a), JIT_FAR_STUB + JIT_STUB_TRAP);
    jit_note_place_of(j, late->offset);
}

static void emit_late_stop(struct jit *j, const struct jit_late *late)
{
    struct jit_asm *a = jit_code(j);
    enum jit_stub stub =
        late->kind == JIT_LATE_POLL ? JIT_STUB_POLL : JIT_STUB_STOP;

    uint32_t start = jit_pos(j);

    jit_m_const(a, jit_target.scratch, late->code);
    jit_add_far(&j->made, jit_m_call_far(a), JIT_FAR_STUB + (unsigned)stub);
    jit_note_place_of(j, late->offset);
    jit_m_bind(a, jit_m_jump(a), late->back);
    if (late->kind == JIT_LATE_STOP)
        jit_add_bare(&j->made, start);
}

void jit_emit_lates(struct jit *j)
{
    struct jit_asm *a = jit_code(j);

    for (size_t i = 0; i < j->lates.count; i++) {
        const struct jit_late *late = &j->lates.items[i];

        jit_asm_room(a, 8 * JIT_INSN_BYTES);
        jit_m_bind(a, late->place, jit_pos(j));
        if (WRT_UNLIKELY(late->second))
            jit_m_bind(a, late->second, jit_pos(j));
        switch (late->kind) {
        case JIT_LATE_TRAP:
        case JIT_LATE_TRAP_CODE: emit_late_trap(j, late); break;
        case JIT_LATE_MATCH: emit_late_match(j, late); break;
        case JIT_LATE_POLL:
        case JIT_LATE_STOP: emit_late_stop(j, late); break;
        case JIT_LATE_CALL:
            jit_add_far(&j->made, jit_m_call_word(a),
                        jit_adapter_at(j->native, late->code, false));
            jit_note_place_of(j, late->offset);
            jit_m_bind(a, jit_m_jump(a), late->back);
            break;
        case JIT_LATE_UNALIGNED: jit_emit_late_unaligned(j, late); break;
        case JIT_LATE_ALLOC: jit_emit_late_alloc(j, late); break;
        case JIT_LATE_FUEL: jit_emit_late_fuel(j, late); break;
        case JIT_LATE_JUMP:
            jit_add_far(&j->made, jit_m_jump_word(a),
                        jit_adapter_at(j->native, late->code, true));
            break;
        }
    }
}

/* -- Labels ---------------------------------------------------------------- */

struct jit_block *jit_block_at(struct jit *j, uint32_t depth)
{
    return &j->blocks[j->nblocks - 1 - depth];
}

/* Adds a jump to the list of a label. */
void jit_add_fixup(struct jit *j, uint32_t *list, struct jit_fixup fixup)
{
    fixup.next = *list;
    *list = (uint32_t)j->fixups.count;
    if (!wrt_vec_push(j->native->module->alloc, &j->fixups, fixup))
        jit_code(j)->failed = true;
}

static void add_jump(struct jit *j, uint32_t *list, uint32_t place)
{
    jit_add_fixup(j, list, (struct jit_fixup){.place = place});
}

void jit_bind_all(struct jit *j, uint32_t fixups, uint32_t target)
{
    struct jit_asm *a = jit_code(j);

    while (fixups != JIT_NO_FIXUP && WRT_LIKELY(!a->failed)) {
        const struct jit_fixup *f = &j->fixups.items[fixups];

        if (WRT_UNLIKELY(f->is_pad))
            j->pads.items[f->place].target = target;
        else if (f->is_entry)
            jit_m_bind_entry(a, f->table, f->place, target);
        else
            jit_m_bind(a, f->place, target);
        fixups = f->next;
    }
}

void jit_at_label(struct jit *j)
{
    j->clean = 0;
    j->stale = 0;
}

void jit_set_dead(struct jit *j)
{
    j->is_dead = true;
    j->dead_depth = 0;
}

/* What a branch to the block passes. */
static uint32_t arity(const struct jit_block *block)
{
    return block->op == WRT_OP_LOOP ? block->nparams : block->nresults;
}

/* Whether the one value that a branch passes is in a register. */
bool jit_passes_in_reg(const struct jit_block *block)
{
    return (block->op != WRT_OP_LOOP) & (block->nresults == 1);
}

jit_reg jit_result_reg(wrt_valtype type)
{
    return jit_is_float(type) ? jit_target.float_result : jit_target.result;
}

/*
 * Moves what the block's label expects into place; the operands themselves stay
 * as they are for who goes on after a branch that is not taken.  The operands
 * are above where they go or already there, so ascending order is right.
 */
static void pass_values(struct jit *j, const struct jit_block *block)
{
    uint32_t count = arity(block), from = j->height - count;
    uint32_t slot = j->slot_of[block->height];

    if (WRT_LIKELY(count == 0))
        return;
    if (jit_passes_in_reg(block)) {
        struct jit_value v = jit_look_at(j, from);

        jit_load_value(j, &v, jit_result_reg(block->results[0]));
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct jit_value v = jit_look_at(j, from + i);

        jit_asm_room(jit_code(j), 2 * JIT_INSN_BYTES);
        if (v.form != JIT_SLOT || from != block->height)
            jit_store_value(j, &v, jit_slot_number(j, slot));
        slot += v.kind == WRT_KIND_V128 ? 2 : 1;
    }
}

/* Whether pass_values() would emit nothing. */
static bool is_in_place(const struct jit *j, const struct jit_block *block)
{
    uint32_t count = arity(block), from = j->height - count;

    if (WRT_LIKELY(count == 0))
        return true;
    if (jit_passes_in_reg(block)) {
        const struct jit_value *v = &j->stack[from];

        return v->form == JIT_TEMP &&
               v->reg == jit_result_reg(block->results[0]);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (j->stack[from + i].form != JIT_SLOT || from != block->height)
            return false;
    }
    return true;
}

static void jump_to(struct jit *j, struct jit_block *block)
{
    jit_asm_room(jit_code(j), 2 * JIT_INSN_BYTES);
    if (block->op == WRT_OP_LOOP)
        jit_m_jump_back(jit_code(j), block->start);
    else
        add_jump(j, &block->fixups, jit_m_jump(jit_code(j)));
}

/* Drops operands down to a height. */
static void drop_to(struct jit *j, uint32_t height)
{
    while (j->height > height) {
        struct jit_value v = jit_pop(j);

        jit_release(j, &v);
    }
}

void jit_push_slots(struct jit *j, const wrt_valtype *types, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        jit_push_slot(j, wrt_valtype_kind(types[i]));
}

/* -- Entering and leaving blocks ------------------------------------------- */

static struct jit_block *push_block(struct jit *j, enum wrt_op op)
{
    struct jit_block *block = &j->blocks[j->nblocks++];
    struct wrt_block_sig sig = wrt_block_sig(j->module, &j->insn.imm.block);

    *block = (struct jit_block){.op = op,
                                .nparams = sig.nparams,
                                .nresults = sig.nresults,
                                .params = sig.params,
                                .results = sig.results,
                                .fixups = JIT_NO_FIXUP,
                                .else_fixups = JIT_NO_FIXUP};
    if (WRT_UNLIKELY(j->insn.imm.block.form == WRT_BLOCK_VALUE)) {
        block->value = j->insn.imm.block.value;
        block->results = &block->value;
    }
    block->height = j->height - block->nparams;
    return block;
}

/* All operands go to where a label expects them; parameters, which a loop's
 * label or an else part takes from there, too when they are constants. */
static void settle_operands(struct jit *j, uint32_t nparams)
{
    jit_spill_below(j, j->height);
    for (uint32_t i = 0; i < nparams; i++) {
        jit_asm_room(jit_code(j), 2 * JIT_INSN_BYTES);
        jit_spill(j, j->height - 1 - i);
    }
}

struct jit_block *jit_open_block(struct jit *j)
{
    struct jit_block *block = push_block(j, WRT_OP_BLOCK);

    settle_operands(j, block->nparams);
    return block;
}

void jit_emit_block(struct jit *j, uint32_t arg)
{
    (void)arg;
    jit_open_block(j);
}

void jit_poll(struct jit *j)
{
    struct jit_late late = {.kind = JIT_LATE_POLL, .offset = jit_offset(j)};

    jit_m_compare_limit(jit_code(j),
                        offsetof(struct wrt_instance, native_limit));
    late.place = jit_m_branch(jit_code(j), JIT_LT_U, &late.second);
    late.back = jit_pos(j);
    jit_add_late(j, &late);
}

void jit_emit_loop(struct jit *j, uint32_t arg)
{
    struct jit_block *block = push_block(j, WRT_OP_LOOP);

    (void)arg;
    settle_operands(j, block->nparams);
    jit_sync(j);
    jit_asm_room(jit_code(j), 4 * JIT_INSN_BYTES);
    jit_m_align(jit_code(j), 16);
    block->start = jit_pos(j);
    jit_at_label(j);
    jit_poll(j);
}

/* Comparing with zero in front of a branch. */
enum jit_cond jit_condition(struct jit *j, struct jit_value *v)
{
    struct jit_operand operand;

    if (v->form == JIT_FLAGS)
        return (enum jit_cond)v->cond;
    operand = jit_as_operand(j, v);
    if (operand.form == JIT_MEM || operand.form == JIT_IMM)
        operand.reg = jit_use(j, v);
    jit_m_compare(jit_code(j), false, operand.reg, jit_imm_operand(0));
    return JIT_NE;
}

void jit_emit_if(struct jit *j, uint32_t arg)
{
    struct jit_value v = jit_pop(j);
    struct jit_block *block = push_block(j, WRT_OP_IF);
    enum jit_cond cond;
    uint32_t place, second;

    (void)arg;
    settle_operands(j, block->nparams);
    jit_sync(j);
    jit_asm_room(jit_code(j), 4 * JIT_INSN_BYTES);
    cond = jit_condition(j, &v);
    jit_release(j, &v);
    place = jit_m_branch(jit_code(j), (enum jit_cond)(cond ^ 1), &second);
    add_jump(j, &block->else_fixups, place);
    if (WRT_UNLIKELY(second))
        add_jump(j, &block->else_fixups, second);
}

/* Ends what came before a label of the block: its values are in place. */
static void finish_part(struct jit *j, struct jit_block *block)
{
    if (!j->is_dead) {
        pass_values(j, block);
        if (block != &j->blocks[0])
            jit_sync(j);
    }
    drop_to(j, block->height);
}

void jit_leave_part(struct jit *j, struct jit_block *block)
{
    finish_part(j, block);
    if (!j->is_dead)
        jump_to(j, block);
}

void jit_emit_else(struct jit *j, uint32_t arg)
{
    struct jit_block *block = jit_block_at(j, 0);

    (void)arg;
    jit_leave_part(j, block);
    jit_bind_all(j, block->else_fixups, jit_pos(j));
    block->else_fixups = JIT_NO_FIXUP;
    block->op = WRT_OP_ELSE;
    j->is_dead = block->is_dead;
    jit_at_label(j);
    jit_push_slots(j, block->params, block->nparams);
}

/* An `if` without `else`: its parameters are its results. */
static void finish_if(struct jit *j, struct jit_block *block)
{
    if (WRT_LIKELY(block->nparams == 0)) {
        jit_bind_all(j, block->else_fixups, jit_pos(j));
        j->is_dead = false;
        return;
    }
    if (!j->is_dead)
        jump_to(j, block);
    jit_bind_all(j, block->else_fixups, jit_pos(j));
    j->is_dead = false;
    jit_push_slots(j, block->params, block->nparams);
    pass_values(j, block);
    drop_to(j, block->height);
}

void jit_emit_end(struct jit *j, uint32_t arg)
{
    struct jit_block *block = jit_block_at(j, 0);

    (void)arg;
    /* A loop's end is no label: its results stay what they are. */
    if (WRT_UNLIKELY(block->op == WRT_OP_LOOP)) {
        j->nblocks--;
        return;
    }
    if (WRT_UNLIKELY(block->ncatches))
        jit_end_try_table(j, block);
    j->ntries -= block->is_try;
    finish_part(j, block);
    if (block->op == WRT_OP_IF)
        finish_if(j, block);
    if (block->fixups != JIT_NO_FIXUP)
        j->is_dead = false;
    jit_bind_all(j, block->fixups, jit_pos(j));
    if (!j->is_dead) {
        jit_at_label(j);
        if (WRT_UNLIKELY(jit_passes_in_reg(block)))
            jit_push_temp(j, wrt_valtype_kind(block->results[0]),
                          jit_result_reg(block->results[0]));
        else
            jit_push_slots(j, block->results, block->nresults);
    }
    j->nblocks--;
}

/* -- Branches -------------------------------------------------------------- */

void jit_emit_br(struct jit *j, uint32_t arg)
{
    struct jit_block *block = jit_block_at(j, j->insn.imm.index);

    (void)arg;
    pass_values(j, block);
    if (block != &j->blocks[0])
        jit_sync(j);
    jump_to(j, block);
    jit_set_dead(j);
}

void jit_emit_return(struct jit *j, uint32_t arg)
{
    j->insn.imm.index = j->nblocks - 1;
    jit_emit_br(j, arg);
}

/* A conditional jump to the block, whose values are in place. */
static void branch_to(struct jit *j, struct jit_block *block,
                      enum jit_cond cond)
{
    uint32_t second, place = jit_m_branch(jit_code(j), cond, &second);

    if (WRT_UNLIKELY(block->op == WRT_OP_LOOP)) {
        jit_m_bind(jit_code(j), place, block->start);
        if (second)
            jit_m_bind(jit_code(j), second, block->start);
        return;
    }
    add_jump(j, &block->fixups, place);
    if (WRT_UNLIKELY(second))
        add_jump(j, &block->fixups, second);
}

void jit_branch_always(struct jit *j, uint32_t depth)
{
    struct jit_block *block = jit_block_at(j, depth);
    uint64_t stale = j->stale, clean = j->clean;

    pass_values(j, block);
    jump_to(j, block);
    /* What was loaded on the way there is not loaded here. */
    j->stale = stale;
    j->clean = clean;
}

void jit_branch_if(struct jit *j, uint32_t depth, enum jit_cond cond)
{
    struct jit_block *block = jit_block_at(j, depth);
    struct jit_asm *a = jit_code(j);
    uint32_t place, second;

    if (WRT_LIKELY(is_in_place(j, block))) {
        branch_to(j, block, cond);
        return;
    }
    place = jit_m_branch(a, (enum jit_cond)(cond ^ 1), &second);
    jit_branch_always(j, depth);
    jit_m_bind(a, place, jit_pos(j));
    if (second)
        jit_m_bind(a, second, jit_pos(j));
}

void jit_emit_br_if(struct jit *j, uint32_t arg)
{
    uint32_t depth = j->insn.imm.index;
    struct jit_value v = jit_pop(j);
    enum jit_cond cond;

    (void)arg;
    /* The function's end expects no local anywhere. */
    if (depth != j->nblocks - 1)
        jit_sync(j);
    jit_asm_room(jit_code(j), 4 * JIT_INSN_BYTES);
    cond = jit_condition(j, &v);
    jit_release(j, &v);
    jit_branch_if(j, depth, cond);
}

/* An entry of a jump table: the label itself, or code that passes values. */
static void bind_entry(struct jit *j, struct jit_block *block, uint32_t table,
                       uint32_t entry)
{
    struct jit_asm *a = jit_code(j);

    if (WRT_UNLIKELY(!is_in_place(j, block))) {
        jit_asm_room(a, 4 * JIT_INSN_BYTES);
        jit_m_bind_entry(a, table, entry, jit_pos(j));
        pass_values(j, block);
        jump_to(j, block);
    } else if (WRT_UNLIKELY(block->op == WRT_OP_LOOP)) {
        jit_m_bind_entry(a, table, entry, block->start);
    } else {
        jit_add_fixup(j, &block->fixups,
                      (struct jit_fixup){
                          .place = entry, .table = table, .is_entry = true});
    }
}

void jit_emit_br_table(struct jit *j, uint32_t arg)
{
    struct jit_value v = jit_pop(j);
    struct jit_asm *a = jit_code(j);
    uint32_t count = j->insn.imm.count, table;
    jit_reg index = jit_own(j, &v), limit = jit_take(j, false);
    struct wrt_reader targets = j->r;

    (void)arg;
    jit_sync(j);
    jit_asm_room(a, 16 * JIT_INSN_BYTES + 4 * ((size_t)count + 1));
    if (a->failed)
        return;
    /* Whatever is out of range becomes the default; without a branch, so that
     * no speculation goes elsewhere. */
    jit_m_const(a, limit, count);
    jit_m_compare(a, false, index, jit_reg_operand(limit));
    jit_m_select(a, JIT_GT_U, false, index, limit);
    table = jit_m_jump_table(a, index, limit, count + 1);
    jit_give(j, limit);
    jit_release(j, &v);
    targets.pos = j->insn.imm.targets;
    for (uint32_t i = 0; i <= count; i++)
        bind_entry(j, jit_block_at(j, wrt_read_u32(&targets)), table, i);
    jit_set_dead(j);
}

void jit_emit_unreachable(struct jit *j, uint32_t arg)
{
    struct jit_late late = {.kind = JIT_LATE_TRAP,
                            .code = WASMRT_ERR_UNREACHABLE,
                            .offset = jit_offset(j)};

    (void)arg;
    late.place = jit_m_jump(jit_code(j));
    jit_add_late(j, &late);
    jit_set_dead(j);
}

void jit_emit_nop(struct jit *j, uint32_t arg)
{
    (void)j;
    (void)arg;
}
