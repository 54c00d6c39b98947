/*
 * References, and sizes of memories.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/emit.h"

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
