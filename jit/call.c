/*
 * Calls, of functions and of C.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/emit.h"

enum { MOST_REGS = 32 }; /* that arguments can be in */

/* -- Around a call --------------------------------------------------------- */

/* Registers of operands below do not survive. */
static void spill_temps(struct jit *j, uint32_t height)
{
    for (uint32_t h = 0; h < height; h++) {
        if (j->stack[h].form != JIT_TEMP)
            continue;
        jit_asm_room(jit_code(j), 2 * JIT_INSN_BYTES);
        jit_spill(j, h);
    }
}

static void load_args_pointer(struct jit *j, jit_reg dst)
{
    jit_m_load(jit_code(j), JIT_LOAD_U64, dst,
               jit_mem_at(jit_target.instance,
                          offsetof(struct wrt_instance, native_args)));
}

/* Arguments that no register is left for. */
static void pass_in_memory(struct jit *j, const struct wrt_type *type,
                           uint32_t base)
{
    struct jit_params params = {0};
    jit_reg pointer = JIT_NO_REG;
    uint32_t slot = 0;

    for (uint32_t i = 0; i < type->nparams; i++) {
        struct jit_value v;

        if (jit_next_param(&params, wrt_type_params(type)[i], &slot) !=
            JIT_NO_REG)
            continue;
        jit_asm_room(jit_code(j), 6 * JIT_INSN_BYTES);
        if (pointer == JIT_NO_REG) {
            pointer = jit_take(j, false);
            load_args_pointer(j, pointer);
        }
        v = jit_look_at(j, base + i);
        jit_store_value(j, &v, jit_mem_at(pointer, 8 * (int64_t)slot));
    }
    if (pointer != JIT_NO_REG)
        jit_give(j, pointer);
}

/* Whether an argument is where another one has to go.  None is in a register's
 * number that stands for none. */
static bool overlap(const struct jit_sig *sig, const struct jit_value *args)
{
    uint64_t from = 0;

    for (uint32_t i = 0; i < sig->type->nparams; i++) {
        bool moves = args[i].reg != sig->regs[i];

        from |= (uint64_t)moves << (args[i].reg & 63);
    }
    return from & sig->mask;
}

static void pass_overlapping(struct jit *j, const struct jit_sig *sig,
                             uint32_t base)
{
    struct jit_move moves[MOST_REGS];
    uint32_t count = 0;

    for (uint32_t i = 0; i < sig->type->nparams; i++) {
        if (sig->regs[i] != JIT_NO_REG)
            moves[count++] =
                (struct jit_move){jit_look_at(j, base + i), sig->regs[i]};
    }
    jit_move_all(j, moves, count);
    for (uint32_t h = base; h < j->height; h++)
        jit_forget(j, j->stack[h].local);
}

/* And takes them from the stack. */
static void pass_in_registers(struct jit *j, const struct jit_sig *sig,
                              uint32_t base)
{
    jit_asm_room(jit_code(j), 2 * (MOST_REGS + 1) * JIT_INSN_BYTES);
    if (overlap(sig, j->stack + base)) {
        pass_overlapping(j, sig, base);
        return;
    }
    for (uint32_t i = 0; i < sig->type->nparams; i++) {
        const struct jit_value *v = &j->stack[base + i];
        jit_reg dst = sig->regs[i];

        jit_forget(j, v->local);
        if (WRT_UNLIKELY(dst == JIT_NO_REG))
            continue;
        if (!jit_is_in_reg(j, v) || dst >= JIT_FIRST_FLOAT) {
            struct jit_value copy = jit_look_at(j, base + i);

            jit_load_value(j, &copy, dst);
        } else if (v->reg != dst) {
            jit_m_move(jit_code(j), jit_is_64((enum wrt_kind)v->kind), dst,
                       v->reg);
        }
    }
}

/* Everything is put where a callee of the type expects it, and the operands are
 * gone. */
static void pass_args(struct jit *j, const struct jit_sig *sig, bool is_tail)
{
    uint32_t base = j->height - sig->type->nparams;

    /* The callee looks as well, but then this frame is gone from the trace. */
    if (is_tail)
        jit_poll(j);
    if (!is_tail) {
        if (j->free != j->temps)
            spill_temps(j, base);
        jit_asm_room(jit_code(j), 40 * JIT_INSN_BYTES);
        jit_send_home(j, j->at_risk);
    }
    if (sig->in_memory)
        pass_in_memory(j, sig->type, base);
    pass_in_registers(j, sig, base);
    j->height = base;
    j->free = j->temps; /* no operand is in a register then */
}

/* Several results, from the instance's words to slots. */
static void take_many(struct jit *j, const struct wrt_type *type)
{
    const wrt_valtype *results = wrt_type_results(type);
    struct jit_asm *a = jit_code(j);
    uint32_t slot = 0;

    load_args_pointer(j, jit_target.scratch);
    for (uint32_t i = 0; i < type->nresults; i++) {
        bool is_wide = wrt_valtype_slots(results[i]) == 2;

        jit_asm_room(a, 4 * JIT_INSN_BYTES);
        jit_m_load(a, is_wide ? JIT_LOAD_V128 : JIT_LOAD_F64,
                   jit_target.float_scratch,
                   jit_mem_at(jit_target.scratch, 8 * (int64_t)slot));
        jit_m_store(a, is_wide ? JIT_STORE_V128 : JIT_STORE_F64,
                    jit_target.float_scratch, jit_slot(j, j->height));
        jit_push_slot(j, wrt_valtype_kind(results[i]));
        slot += is_wide ? 2 : 1;
    }
}

static void take_results(struct jit *j, const struct wrt_type *type)
{
    j->stale |= j->at_risk;
    if (type->nresults == 1) {
        wrt_valtype result = wrt_type_results(type)[0];

        jit_push_temp(j, wrt_valtype_kind(result), jit_result_reg(result));
    } else if (type->nresults > 1) {
        take_many(j, type);
    }
}

/* -- Calls by index -------------------------------------------------------- */

static void call_func(struct jit *j, uint32_t func_idx, bool is_tail)
{
    struct wrt_native *native = j->native;
    struct jit_asm *a = jit_code(j);
    uintptr_t code =
        __atomic_load_n(&native->slots[func_idx], __ATOMIC_ACQUIRE);
    uint64_t target = code - (uintptr_t)native->range.base;
    uint32_t place;

    if (func_idx == j->func_idx)
        target = JIT_FAR_SELF;
    else if (code == jit_code_address(native, native->stubs[JIT_STUB_LAZY])) {
        jit_m_const(a, jit_target.scratch, func_idx);
        target = jit_slot_at(func_idx);
        place = is_tail ? jit_m_jump_word(a) : jit_m_call_word(a);
        jit_add_far(&j->made, place, target);
        return;
    }
    place = is_tail ? jit_m_jump_far(a) : jit_m_call_far(a);
    jit_add_far(&j->made, place, target);
}

/* In place of this frame, a function that another instance or the host has. */
static void tail_call_import(struct jit *j, uint32_t func_idx)
{
    uint32_t type_idx = j->module->funcs[func_idx].type_idx;
    struct jit_asm *a = jit_code(j);
    jit_reg scratch = jit_target.scratch;

    if (!jit_make_adapter(j, type_idx, true)) {
        a->failed = true;
        return;
    }
    jit_m_load(a, JIT_LOAD_U64, scratch,
               jit_mem_at(jit_target.instance,
                          offsetof(struct wrt_instance, imported_funcs)));
    jit_m_load(a, JIT_LOAD_U64, scratch,
               jit_mem_at(scratch, 8 * (int64_t)func_idx));
    jit_add_far(&j->made, jit_m_jump_word(a),
                jit_adapter_at(j->native, type_idx, true));
}

void jit_emit_call(struct jit *j, uint32_t arg)
{
    uint32_t func_idx = j->insn.imm.index;
    const struct jit_sig *sig =
        &j->native->sigs[j->module->funcs[func_idx].type_idx];
    bool is_tail = arg & EMIT_TAIL;

    pass_args(j, sig, is_tail);
    if (is_tail) {
        jit_leave_for_tail(j);
        if (wrt_module_func_is_import(j->module, func_idx))
            tail_call_import(j, func_idx);
        else
            call_func(j, func_idx, true);
        jit_set_dead(j);
        return;
    }
    call_func(j, func_idx, false);
    jit_note_place(j, false);
    take_results(j, sig->type);
}

/* -- Calls by reference ---------------------------------------------------- */

/* scratch = the reference: calls the function, which may be another
 * instance's. */
static void call_scratch(struct jit *j, uint32_t type_idx, bool is_tail)
{
    struct jit_asm *a = jit_code(j);
    jit_reg scratch = jit_target.scratch, table = jit_target.call_scratch;
    struct jit_late late = {.kind = is_tail ? JIT_LATE_JUMP : JIT_LATE_CALL,
                            .code = type_idx,
                            .offset = jit_offset(j)};

    if (!jit_make_adapter(j, type_idx, is_tail)) {
        a->failed = true;
        return;
    }
    jit_m_compare(a, true, jit_target.instance,
                  (struct jit_operand){
                      .form = JIT_MEM,
                      .mem = jit_mem_at(
                          scratch, offsetof(struct wrt_funcref, instance))});
    late.place = jit_m_branch(a, JIT_NE, &late.second);
    jit_m_load(a, JIT_LOAD_U32, scratch,
               jit_mem_at(scratch, offsetof(struct wrt_funcref, func_idx)));
    jit_add_far(&j->made, jit_m_address_far(a, table), jit_slot_at(0));
    jit_m_call_entry(a, table, scratch, is_tail);
    late.back = jit_pos(j);
    if (!is_tail)
        jit_note_place(j, false);
    jit_add_late(j, &late);
}

/* Passes the arguments and calls what is in `ref`, which is released. */
static void call_reference(struct jit *j, jit_reg ref, uint32_t type_idx,
                           bool is_tail)
{
    const struct jit_sig *sig = &j->native->sigs[type_idx];
    struct jit_asm *a = jit_code(j);
    struct jit_mem kept = jit_slot(j, j->height);

    /* Arguments may need every register: the reference waits in its operand's
     * slot. */
    jit_m_store(a, JIT_STORE_64, ref, kept);
    jit_give(j, ref);
    pass_args(j, sig, is_tail);
    jit_m_load(a, JIT_LOAD_U64, jit_target.scratch, kept);
    if (is_tail)
        jit_leave_for_tail(j);
    call_scratch(j, type_idx, is_tail);
    if (is_tail)
        jit_set_dead(j);
    else
        take_results(j, sig->type);
}

/* Checks an index, which gets a register of its own; the elements are in the
 * one that is returned, which was taken. */
jit_reg jit_find_element(struct jit *j, struct jit_value *index, uint32_t table,
                         wasmrt_code code)
{
    struct jit_asm *a = jit_code(j);
    jit_reg at = jit_own(j, index), temp = jit_take(j, false);
    jit_reg zero = jit_target.scratch;
    struct jit_operand size = {.form = JIT_MEM};
    bool has_masks = j->native->options.has_masks;

    jit_m_load(
        a, JIT_LOAD_U64, temp,
        jit_mem_at(jit_target.instance, offsetof(struct wrt_instance, tables)));
    jit_m_load(a, JIT_LOAD_U64, temp, jit_mem_at(temp, 8 * (int64_t)table));
    size.mem = jit_mem_at(temp, offsetof(struct wrt_table_inst, size));
    if (has_masks)
        jit_m_const(a, zero, 0);
    jit_m_compare(a, true, at, size);
    jit_trap_if(j, JIT_GE_U, code);
    /* For a processor that guesses. */
    if (has_masks)
        jit_m_select(a, JIT_GE_U, true, at, zero);
    jit_m_load(a, JIT_LOAD_U64, temp,
               jit_mem_at(temp, offsetof(struct wrt_table_inst, elems)));
    return temp;
}

/* Loads the element: a register that was taken. */
static jit_reg load_element(struct jit *j, struct jit_value *index,
                            uint32_t table)
{
    jit_reg elems =
        jit_find_element(j, index, table, WASMRT_ERR_UNDEFINED_ELEMENT);

    jit_m_load_scaled(jit_code(j), index->reg, elems, index->reg, 3);
    jit_give(j, elems);
    return index->reg;
}

void jit_emit_call_indirect(struct jit *j, uint32_t arg)
{
    uint32_t type_idx = j->insn.imm.index, table = j->insn.imm.index2;
    const struct wrt_type *type = wrt_module_type(j->module, type_idx);
    struct jit_asm *a = jit_code(j);
    struct jit_value index;
    jit_reg ref;

    jit_asm_room(a, 40 * JIT_INSN_BYTES);
    index = jit_pop(j);
    ref = load_element(j, &index, table);
    jit_m_compare(a, true, ref, jit_imm_operand(0));
    jit_trap_if(j, JIT_EQ, WASMRT_ERR_UNINITIALIZED_ELEMENT);
    jit_m_compare_memory(a,
                         jit_mem_at(ref, offsetof(struct wrt_funcref, type_id)),
                         (int32_t)j->module->type_ids[type_idx]);
    if (type->is_final) {
        jit_trap_if(j, JIT_NE, WASMRT_ERR_INDIRECT_CALL_TYPE);
    } else {
        struct jit_late late = {.kind = JIT_LATE_MATCH,
                                .reg = ref,
                                .code = type_idx,
                                .offset = jit_offset(j)};

        late.place = jit_m_branch(a, JIT_NE, &late.second);
        late.back = jit_pos(j);
        jit_add_late(j, &late);
    }
    call_reference(j, ref, type_idx, arg & EMIT_TAIL);
}

void jit_emit_call_ref(struct jit *j, uint32_t arg)
{
    struct jit_value v = jit_pop(j);
    jit_reg ref = jit_own(j, &v);

    jit_asm_room(jit_code(j), 40 * JIT_INSN_BYTES);
    jit_m_compare(jit_code(j), true, ref, jit_imm_operand(0));
    jit_trap_if(j, JIT_EQ, WASMRT_ERR_NULL_FUNC_REFERENCE);
    call_reference(j, ref, j->insn.imm.index, arg & EMIT_TAIL);
}

/* -- Calls of C ------------------------------------------------------------ */

void jit_before_c(struct jit *j, uint32_t noperands)
{
    spill_temps(j, j->height - noperands);
    for (uint32_t i = 0; i < noperands; i++) {
        jit_asm_room(jit_code(j), 2 * JIT_INSN_BYTES);
        jit_spill(j, j->height - 1 - i);
    }
    jit_asm_room(jit_code(j), 48 * JIT_INSN_BYTES);
    jit_send_home(j, j->at_risk);
}

void jit_after_c(struct jit *j)
{
    j->stale |= j->at_risk;
}

/* Calls the C function in the scratch register. */
void jit_call_scratch_c(struct jit *j)
{
    jit_add_far(&j->made, jit_m_call_far(jit_code(j)),
                JIT_FAR_STUB + JIT_STUB_C);
}

/* Operands of an instruction whose type says how many there are. */
static uint32_t count_fields(const struct jit *j)
{
    uint32_t index = j->insn.imm.index;

    switch (j->insn.op) {
    case WRT_OP_STRUCT_NEW: return wrt_module_type(j->module, index)->nfields;
    case WRT_OP_ARRAY_NEW_FIXED: return j->insn.imm.index2;
    default: /* throw */
        return wrt_types_get(j->module->types, j->module->tags[index].type_id)
            ->nparams;
    }
}

/* Calls a function of the topmost operands' slots, which are gone then. */
void jit_call_c(struct jit *j, enum jit_helper helper, uint32_t noperands,
                uint32_t first, uint32_t second)
{
    jit_before_c(j, noperands);
    while (noperands-- > 0)
        jit_pop(j);
    jit_call_c_at(j, helper, jit_slot(j, j->height), first, second);
}

void jit_call_c_at(struct jit *j, enum jit_helper helper, struct jit_mem slots,
                   uint32_t first, uint32_t second)
{
    struct jit_asm *a = jit_code(j);

    jit_m_move(a, true, jit_target.c_args[0], jit_target.instance);
    jit_m_const(a, jit_target.c_args[1], first);
    jit_m_lea(a, jit_target.c_args[2], slots);
    jit_m_const(a, jit_target.c_args[3], second);
    jit_add_far(&j->made, jit_m_load_word(a, jit_target.scratch),
                jit_helper_at(helper));
    jit_call_scratch_c(j);
    jit_after_c(j);
}

/* Traps with the code that C has given, unless it is none. */
void jit_trap_code(struct jit *j)
{
    struct jit_late late = {.kind = JIT_LATE_TRAP_CODE,
                            .offset = jit_offset(j)};

    jit_m_compare(jit_code(j), false, jit_target.result, jit_imm_operand(0));
    late.place = jit_m_branch(jit_code(j), JIT_NE, &late.second);
    jit_add_late(j, &late);
}

/* Instructions that are functions of slots: see ops.c. */
void jit_emit_c(struct jit *j, uint32_t arg)
{
    uint32_t noperands = arg >> EMIT_OPERANDS & 7;

    if (noperands == EMIT_COUNTED)
        noperands = count_fields(j);
    jit_call_c(j, (enum jit_helper)(arg & EMIT_OP), noperands,
               j->insn.imm.index, j->insn.imm.index2);
    if (arg & EMIT_TRAPS)
        jit_trap_code(j);
    if (arg & EMIT_GROWS)
        jit_reload_memory(j);
    if (arg & EMIT_RESULT)
        jit_push_slot(j, jit_result_kind(j));
    if (j->insn.op == WRT_OP_THROW || j->insn.op == WRT_OP_THROW_REF)
        jit_set_dead(j);
}

void jit_emit_wide_sum(struct jit *j, uint32_t helper)
{
    jit_call_c(j, (enum jit_helper)helper, 4, 0, 0);
    jit_push_slot(j, WRT_KIND_I64);
    jit_push_slot(j, WRT_KIND_I64);
}
