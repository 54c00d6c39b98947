/*
 * References, and sizes of memories.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/emit.h"
#include "runtime/store/gc.h"

/* A field or element, as an operand. */
static enum wrt_kind field_kind(const struct jit *j, uint32_t type_idx,
                                uint32_t field)
{
    enum wrt_kind kind = wrt_valtype_kind(
        wrt_module_type(j->module, type_idx)->fields[field].type);

    return kind == WRT_KIND_I8 || kind == WRT_KIND_I16 ? WRT_KIND_I32 : kind;
}

/* What the instructions of jit_emit_c() give. */
enum wrt_kind jit_result_kind(const struct jit *j)
{
    uint32_t index = j->insn.imm.index;

    switch (j->insn.op) {
    case WRT_OP_MEMORY_GROW:
    case WRT_OP_MEMORY_SIZE:
        return j->module->memories[index].is_64 ? WRT_KIND_I64 : WRT_KIND_I32;
    case WRT_OP_TABLE_GROW:
    case WRT_OP_TABLE_SIZE:
        return j->module->tables[index].type.limits.is_64 ? WRT_KIND_I64
                                                          : WRT_KIND_I32;
    case WRT_OP_STRUCT_GET:
    case WRT_OP_STRUCT_GET_S:
    case WRT_OP_STRUCT_GET_U: return field_kind(j, index, j->insn.imm.index2);
    case WRT_OP_ARRAY_GET:
    case WRT_OP_ARRAY_GET_S:
    case WRT_OP_ARRAY_GET_U: return field_kind(j, index, 0);
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
static void push_back(struct jit *j, struct jit_value *v)
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
    push_back(j, &v);
}

void jit_emit_br_on_non_null(struct jit *j, uint32_t arg)
{
    struct jit_value v = jit_pop(j);
    jit_reg reg;

    (void)arg;
    jit_sync(j);
    reg = jit_use(j, &v);
    push_back(j, &v);
    jit_m_compare(jit_code(j), true, reg, jit_imm_operand(0));
    jit_branch_if(j, j->insn.imm.index, JIT_NE);
    v = jit_pop(j);
    jit_release(j, &v);
}

/* The result register tells whether the topmost operand is of the type. */
static void test_type(struct jit *j, wrt_valtype type)
{
    jit_call_c(j, JIT_HELPER_REF_TEST, 1, type, 0);
}

void jit_emit_br_on_cast(struct jit *j, uint32_t on_failure)
{
    test_type(j, j->insn.imm.cast.to);
    /* It is in its slot still. */
    jit_push_slot(j, WRT_KIND_REF);
    jit_sync(j);
    jit_m_compare(jit_code(j), false, jit_target.result, jit_imm_operand(0));
    jit_branch_if(j, j->insn.imm.cast.label, on_failure ? JIT_EQ : JIT_NE);
}

void jit_emit_ref_test(struct jit *j, uint32_t arg)
{
    (void)arg;
    test_type(j, j->insn.imm.type);
    jit_push_temp(j, WRT_KIND_I32, jit_target.result);
}

void jit_emit_ref_cast(struct jit *j, uint32_t arg)
{
    (void)arg;
    jit_call_c(j, JIT_HELPER_REF_CAST, 1, j->insn.imm.type, 0);
    jit_trap_code(j);
    jit_push_slot(j, WRT_KIND_REF);
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
    jit_m_load(a, JIT_LOAD_U32, dst,
               jit_mem_at(src, offsetof(struct wrt_object, len)));
    jit_push_result(j, WRT_KIND_I32, dst, &v, NULL);
}
