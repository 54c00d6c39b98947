/*
 * References, and sizes of memories.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/object.h"
#include "runtime/store/gc.h"

/* What the instructions of jit_emit_c() give. */
enum wrt_kind jit_result_kind(const struct jit *j)
{
    uint32_t index = j->insn.imm.index;

    switch (j->insn.op) {
    case WRT_OP_MEMORY_GROW:
        return j->module->memories[index].is_64 ? WRT_KIND_I64 : WRT_KIND_I32;
    case WRT_OP_TABLE_GROW:
        return j->module->tables[index].type.limits.is_64 ? WRT_KIND_I64
                                                          : WRT_KIND_I32;
    default: return WRT_KIND_REF;
    }
}

void jit_emit_ref_null(struct jit *j, uint32_t arg)
{
    (void)arg;
    jit_push_const(j, WRT_KIND_REF, 0);
}

void jit_emit_ref_as_non_null(struct jit *j, uint32_t arg)
{
    struct jit_value v = jit_pop(j);
    jit_reg reg = jit_own(j, &v);

    (void)arg;
    jit_m_compare(jit_code(j), true, reg, jit_imm_operand(0));
    jit_trap_if(j, JIT_EQ, WASMRT_ERR_NULL_REFERENCE);
    jit_push_temp(j, WRT_KIND_REF, reg);
}

/* -- Branches on references ------------------------------------------------ */

/* Puts a popped operand back. */
void jit_push_back(struct jit *j, struct jit_value *v)
{
    if (v->form == JIT_TEMP)
        jit_push_temp(j, (enum wrt_kind)v->kind, v->reg);
    else
        jit_push_local(j, v->local);
}

void jit_emit_br_on_null(struct jit *j, uint32_t arg)
{
    struct jit_value v = jit_pop(j);
    jit_reg reg;

    (void)arg;
    jit_sync(j);
    reg = jit_use(j, &v);
    jit_m_compare(jit_code(j), true, reg, jit_imm_operand(0));
    jit_branch_if(j, j->insn.imm.index, JIT_EQ);
    jit_push_back(j, &v);
}

void jit_emit_br_on_non_null(struct jit *j, uint32_t arg)
{
    struct jit_value v = jit_pop(j);
    jit_reg reg;

    (void)arg;
    jit_sync(j);
    reg = jit_use(j, &v);
    jit_push_back(j, &v);
    jit_m_compare(jit_code(j), true, reg, jit_imm_operand(0));
    jit_branch_if(j, j->insn.imm.index, JIT_NE);
    v = jit_pop(j);
    jit_release(j, &v);
}

/* -- What the instance knows ----------------------------------------------- */

/* dst = 64 bits of the instance */
static void load_instance(struct jit *j, jit_reg dst, size_t disp)
{
    jit_m_load(jit_code(j), JIT_LOAD_U64, dst,
               jit_mem_at(jit_target.instance, (int64_t)disp));
}

void jit_emit_memory_size(struct jit *j, uint32_t arg)
{
    uint32_t memory = j->insn.imm.index;
    bool is_64 = j->module->memories[memory].is_64;
    jit_reg dst = jit_result(j, false, NULL, NULL, false);
    struct jit_asm *a = jit_code(j);

    (void)arg;
    if (memory == 0) {
        load_instance(j, dst, offsetof(struct wrt_instance, mem0));
    } else {
        load_instance(j, dst, offsetof(struct wrt_instance, memories));
        jit_m_load(a, JIT_LOAD_U64, dst, jit_mem_at(dst, 8 * (int64_t)memory));
    }
    jit_m_load(a, is_64 ? JIT_LOAD_U64 : JIT_LOAD_U32, dst,
               jit_mem_at(dst, offsetof(struct wrt_memory_inst, npages)));
    jit_push_result(j, is_64 ? WRT_KIND_I64 : WRT_KIND_I32, dst, NULL, NULL);
}

void jit_emit_ref_func(struct jit *j, uint32_t arg)
{
    uint32_t func_idx = j->insn.imm.index;
    jit_reg dst = jit_result(j, false, NULL, NULL, false);
    struct jit_asm *a = jit_code(j);
    int64_t at = (int64_t)sizeof(struct wrt_funcref) *
                 j->module->funcs[func_idx].escape_idx;

    (void)arg;
    if (wrt_module_func_is_import(j->module, func_idx)) {
        load_instance(j, dst, offsetof(struct wrt_instance, imported_funcs));
        jit_m_load(a, JIT_LOAD_U64, dst,
                   jit_mem_at(dst, 8 * (int64_t)func_idx));
    } else {
        load_instance(j, dst, offsetof(struct wrt_instance, funcrefs));
        if (at != 0)
            jit_m_alu(a, JIT_ADD, true, dst, dst, jit_imm_operand((int32_t)at));
    }
    jit_push_result(j, WRT_KIND_REF, dst, NULL, NULL);
}

/* -- Tables ---------------------------------------------------------------- */

void jit_emit_table_get(struct jit *j, uint32_t arg)
{
    struct jit_value index = jit_pop(j);
    jit_reg elems =
        jit_find_element(j, &index, j->insn.imm.index, WASMRT_ERR_TABLE_OOB);
    jit_reg dst;

    (void)arg;
    jit_give(j, elems);
    dst = jit_result(j, false, &index, NULL, false);
    jit_note_object(j);
    jit_m_load_scaled(jit_code(j), dst, elems, index.reg, 3);
    jit_push_result(j, WRT_KIND_REF, dst, &index, NULL);
}

void jit_emit_table_set(struct jit *j, uint32_t arg)
{
    struct jit_value v = jit_pop(j), index;
    jit_reg src = jit_use(j, &v), elems;

    (void)arg;
    index = jit_pop(j);
    elems =
        jit_find_element(j, &index, j->insn.imm.index, WASMRT_ERR_TABLE_OOB);
    jit_note_object(j);
    jit_m_store_scaled_as(jit_code(j), JIT_STORE_64, src,
                          (struct jit_mem){elems, index.reg, 0}, 3);
    jit_give(j, elems);
    jit_release(j, &index);
    jit_release(j, &v);
}

void jit_emit_table_size(struct jit *j, uint32_t arg)
{
    uint32_t table = j->insn.imm.index;
    jit_reg dst = jit_result(j, false, NULL, NULL, false);
    bool is_64 = j->module->tables[table].type.limits.is_64;
    struct jit_asm *a = jit_code(j);

    (void)arg;
    jit_m_load(
        a, JIT_LOAD_U64, dst,
        jit_mem_at(jit_target.instance, offsetof(struct wrt_instance, tables)));
    jit_m_load(a, JIT_LOAD_U64, dst, jit_mem_at(dst, 8 * (int64_t)table));
    jit_m_load(a, is_64 ? JIT_LOAD_U64 : JIT_LOAD_U32, dst,
               jit_mem_at(dst, offsetof(struct wrt_table_inst, size)));
    jit_push_result(j, is_64 ? WRT_KIND_I64 : WRT_KIND_I32, dst, NULL, NULL);
}

/* -- i31 and arrays -------------------------------------------------------- */

void jit_emit_ref_i31(struct jit *j, uint32_t arg)
{
    struct jit_value v = jit_pop(j);
    jit_reg src = jit_use(j, &v);
    jit_reg dst = jit_result(j, false, &v, NULL, false);
    struct jit_asm *a = jit_code(j);

    (void)arg;
    jit_m_shift_const(a, JIT_SHL, false, dst, src, 1);
    jit_m_alu(a, JIT_OR, false, dst, dst, jit_imm_operand(1));
    jit_push_result(j, WRT_KIND_REF, dst, &v, NULL);
}

void jit_emit_i31_get(struct jit *j, uint32_t arg)
{
    struct jit_value v = jit_pop(j);
    jit_reg src = jit_use(j, &v), dst;
    struct jit_asm *a = jit_code(j);

    jit_m_compare(a, true, src, jit_imm_operand(0));
    jit_trap_if(j, JIT_EQ, WASMRT_ERR_NULL_I31_REFERENCE);
    dst = jit_result(j, false, &v, NULL, false);
    jit_m_shift_const(a, arg & EMIT_SIGNED ? JIT_SHR_S : JIT_SHR_U, false, dst,
                      src, 1);
    jit_push_result(j, WRT_KIND_I32, dst, &v, NULL);
}

void jit_emit_array_len(struct jit *j, uint32_t arg)
{
    struct jit_value v = jit_pop(j);
    jit_reg src = jit_use(j, &v), dst;
    struct jit_asm *a = jit_code(j);

    (void)arg;
    jit_m_compare(a, true, src, jit_imm_operand(0));
    jit_trap_if(j, JIT_EQ, WASMRT_ERR_NULL_ARRAY_REFERENCE);
    dst = jit_result(j, false, &v, NULL, false);
    jit_note_object(j);
    jit_m_load(a, JIT_LOAD_U32, dst,
               jit_mem_at(src, offsetof(struct wrt_object, len)));
    jit_push_result(j, WRT_KIND_I32, dst, &v, NULL);
}
