/*
 * Fuel: every instruction that the table does not call free costs one unit, and
 * a basic block pays for all of its instructions when it is entered.  Blocks
 * are cut where the threaded engine cuts them, by WRT_EFFECT_SPLITS, so that
 * both count the same and stop at the same instruction.
 *
 * The price is known at the block's end: it is counted in what is emitted
 * behind the function, and goes into the code from there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/emit.h"

#include "runtime/store/vmctx.h"

/* Nothing may be in the flags or in the scratch register: it is what comes
 * before a block's first instruction. */
static void charge_block(struct jit *j)
{
    struct jit_asm *a = jit_code(j);
    struct jit_late late = {.kind = JIT_LATE_FUEL, .offset = jit_offset(j)};

    jit_asm_room(a, 4 * JIT_INSN_BYTES);
    if (a->failed)
        return;
    jit_m_load(
        a, JIT_LOAD_U64, jit_target.scratch,
        jit_mem_at(jit_target.instance, offsetof(struct wrt_instance, ctx)));
    late.price = jit_m_subtract_memory(
        a, jit_mem_at(jit_target.scratch, offsetof(struct wrt_ctx, fuel)));
    late.place = jit_m_branch(a, JIT_LT_U, &late.second);
    late.back = jit_pos(j);
    jit_add_late(j, &late);
    if (!a->failed)
        j->fuel_late = (uint32_t)j->lates.count;
}

void jit_count_one(struct jit *j, enum wrt_op op)
{
    if (wrt_op_infos[op].effects & WRT_EFFECT_FREE)
        return;
    if (j->fuel_late == 0)
        charge_block(j);
    if (j->fuel_late != 0)
        j->lates.items[j->fuel_late - 1].code++;
}

void jit_split_fuel(struct jit *j, enum wrt_op op)
{
    if (wrt_op_infos[op].effects & WRT_EFFECT_SPLITS)
        j->fuel_late = 0;
}

void jit_emit_late_fuel(struct jit *j, const struct jit_late *late)
{
    struct jit_asm *a = jit_code(j);

    jit_m_set_word(a, late->price, late->code);
    jit_m_const(a, jit_target.scratch, late->code);
    jit_add_far(&j->made, jit_m_call_far(a), JIT_FAR_STUB + JIT_STUB_FUEL);
    jit_note_place_of(j, late->offset);
    jit_m_bind(a, jit_m_jump(a), late->back);
}
