/*
 * Blocks that catch.
 *
 * They emit nothing where nothing is thrown.  Each clause says in which part of
 * the body it is asked and where control lands (struct jit_clause); whoever
 * unwinds puts payload and exception into slots of the frame and preserved
 * registers back.  What lies below a block is in its slots since the block was
 * entered, and locals in other registers went home before whatever has thrown.
 *
 * A clause of try_table lands behind the function, in a pad that goes on to a
 * label of a block around it.  In the older form handlers are parts of the
 * block, and rethrow names one: so each nesting of such blocks has a slot.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/emit.h"

static const struct wrt_type *tag_type(const struct jit *j, uint32_t tag)
{
    return wrt_types_get(j->module->types, j->module->tags[tag].type_id);
}

static void add_clause(struct jit *j, struct jit_clause clause)
{
    if (!wrt_vec_push(j->module->alloc, &j->made.clauses, clause))
        jit_code(j)->failed = true;
}

/* Where a landing begins: the stack ends where this frame does, and calls may
 * have moved the memory. */
static void begin_landing(struct jit *j)
{
    jit_m_lea(jit_code(j), jit_target.stack,
              jit_mem_at(jit_target.frame, -(int64_t)j->frame_bytes));
    jit_reload_memory(j);
    j->stale = j->clean = j->at_risk;
}

/* -- try_table ------------------------------------------------------------- */

void jit_emit_try_table(struct jit *j, uint32_t arg)
{
    struct jit_block *block = jit_open_block(j);

    (void)arg;
    block->try_from = jit_offset(j);
    block->ncatches = j->insn.imm.try_table.ncatches;
    block->catches = j->insn.imm.try_table.catches;
}

/* The way from a clause, which is the next one, to the label of a block. */
static void add_pad(struct jit *j, struct jit_block *target)
{
    struct jit_pad pad = {.clause = (uint32_t)j->made.clauses.count,
                          .target = target->start,
                          .is_exit = target == &j->blocks[0]};

    if (jit_passes_in_reg(target)) {
        pad.has_value = true;
        pad.value = target->results[0];
    }
    if (target->op != WRT_OP_LOOP)
        jit_add_fixup(j, &target->fixups,
                      (struct jit_fixup){.place = (uint32_t)j->pads.count,
                                         .is_pad = true});
    if (!wrt_vec_push(j->module->alloc, &j->pads, pad))
        jit_code(j)->failed = true;
}

/* The label is counted from outside of the try_table. */
static void add_table_clause(struct jit *j, const struct jit_block *block,
                             const struct wrt_catch *catch)
{
    const bool has_tag = catch->kind <= WRT_CATCH_REF;
    const bool has_ref =
        catch->kind == WRT_CATCH_REF || catch->kind == WRT_CATCH_ALL_REF;
    struct jit_block *target = jit_block_at(j, catch->label + 1);
    uint32_t slot = j->slot_of[target->height], behind = slot;

    if (has_tag)
        behind += tag_type(j, catch->tag)->param_slots;
    add_pad(j, target);
    add_clause(
        j, (struct jit_clause){
               .from = block->try_from,
               .to = jit_offset(j),
               .level = j->nblocks - 1,
               .tag = has_tag ? catch->tag : JIT_ANY_TAG,
               .payload = jit_slot_number(j, slot).disp,
               .exn = has_ref ? jit_slot_number(j, behind).disp : JIT_NO_EXN,
           });
}

void jit_end_try_table(struct jit *j, const struct jit_block *block)
{
    struct wrt_reader r = j->r;
    struct wrt_catch catch;

    r.pos = block->catches;
    for (uint32_t i = 0; i < block->ncatches; i++) {
        wrt_catch_read(&r, &catch);
        add_table_clause(j, block, &catch);
    }
}

void jit_emit_pads(struct jit *j)
{
    struct jit_asm *a = jit_code(j);

    for (size_t i = 0; i < j->pads.count; i++) {
        const struct jit_pad *pad = &j->pads.items[i];
        struct jit_clause *clause;

        jit_asm_room(a, 48 * JIT_INSN_BYTES);
        if (a->failed)
            return;
        clause = &j->made.clauses.items[pad->clause];
        clause->landing = jit_pos(j);
        begin_landing(j);
        if (pad->has_value)
            jit_m_load(a, jit_load_of(pad->value), jit_result_reg(pad->value),
                       jit_mem_at(jit_target.frame, clause->payload));
        if (!pad->is_exit)
            jit_sync(j);
        jit_m_bind(a, jit_m_jump(a), pad->target);
    }
}

/* -- The older form -------------------------------------------------------- */

void jit_emit_try(struct jit *j, uint32_t arg)
{
    struct jit_block *block = jit_open_block(j);

    (void)arg;
    block->is_try = true;
    block->try_from = jit_offset(j);
    block->exn_slot = j->info.max_slots + j->ntries++;
}

/* catch and catch_all */
void jit_emit_catch(struct jit *j, uint32_t arg)
{
    const bool has_tag = j->insn.op == WRT_OP_CATCH;
    struct jit_block *block = jit_block_at(j, 0);
    struct jit_clause clause = {
        .from = block->try_from, .level = j->nblocks - 1, .tag = JIT_ANY_TAG};

    (void)arg;
    jit_leave_part(j, block);
    if (block->try_to == 0)
        block->try_to = jit_offset(j);
    if (has_tag)
        clause.tag = j->insn.imm.index;
    clause.to = block->try_to;
    clause.landing = jit_pos(j);
    clause.payload = jit_slot_number(j, j->slot_of[block->height]).disp;
    clause.exn = jit_slot_number(j, block->exn_slot).disp;
    add_clause(j, clause);
    j->is_dead = false;
    jit_asm_room(jit_code(j), 16 * JIT_INSN_BYTES);
    begin_landing(j);
    if (has_tag) {
        const struct wrt_type *type = tag_type(j, clause.tag);

        jit_push_slots(j, wrt_type_params(type), type->nparams);
    }
}

/* What is thrown in the block goes to whoever catches around another one. */
void jit_emit_delegate(struct jit *j, uint32_t arg)
{
    uint32_t level = j->nblocks - 1;

    add_clause(j, (struct jit_clause){
                      .from = jit_block_at(j, 0)->try_from,
                      .to = jit_offset(j),
                      .level = level,
                      .tag = JIT_DELEGATE,
                      .landing = level - 1 - j->insn.imm.index,
                  });
    jit_emit_end(j, arg);
}

void jit_emit_rethrow(struct jit *j, uint32_t arg)
{
    const struct jit_block *block = jit_block_at(j, j->insn.imm.index);

    (void)arg;
    jit_before_c(j, 0);
    jit_call_c_at(j, JIT_HELPER_THROW_REF, jit_slot_number(j, block->exn_slot),
                  0, 0);
    jit_trap_code(j);
    jit_set_dead(j);
}
