/*
 * The body of wrt_insn_read(), for the one other file that is hot enough to
 * want it inline: the validator.  Everybody else includes insn.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_MODULE_INSN_READ_H
#define WRT_MODULE_INSN_READ_H

#include "runtime/module/insn.h"

/* Immediates that are rare or long: everything but the cases below. */
void wrt_insn_read_rare(const struct wrt_module *module, struct wrt_reader *r,
                        struct wrt_insn *insn);

/* An opcode behind a prefix byte that has been read. */
enum wrt_op wrt_insn_read_prefixed(struct wrt_reader *r, uint8_t prefix);

/* The bit of a memory argument's flags that announces a memory index. */
enum { WRT_MEMARG_HAS_MEMORY = 0x40, WRT_MEMARG_MAX_FLAGS = 0x7f };

WRT_INLINE void wrt_memarg_read(struct wrt_reader *r, struct wrt_memarg *arg)
{
    uint32_t flags = wrt_read_u32(r);

    arg->memory_idx = 0;
    if (WRT_UNLIKELY(flags >= WRT_MEMARG_HAS_MEMORY)) {
        if (flags > WRT_MEMARG_MAX_FLAGS)
            wrt_reader_fail(r, WASMRT_ERR_BAD_MEMOP_FLAGS);
        arg->memory_idx = wrt_read_u32(r);
    }
    arg->align_log2 = flags & (WRT_MEMARG_HAS_MEMORY - 1);
    arg->offset = wrt_read_u64(r);
}

WRT_INLINE void wrt_insn_read_inline(const struct wrt_module *module,
                                     struct wrt_reader *r,
                                     struct wrt_insn *insn)
{
    uint8_t byte;

    insn->pos = r->pos;
    byte = wrt_read_u8(r);
    insn->op = (enum wrt_op)wrt_op_by_byte[byte];
    if (WRT_UNLIKELY(insn->op == WRT_OP_NONE))
        insn->op = wrt_insn_read_prefixed(r, byte);
    switch ((enum wrt_imm)wrt_op_infos[insn->op].imm) {
    case WRT_IMM_NONE: break;
    case WRT_IMM_LOCAL:
    case WRT_IMM_LABEL:
    case WRT_IMM_FUNC:
    case WRT_IMM_GLOBAL: insn->imm.index = wrt_read_u32(r); break;
    case WRT_IMM_I32:
        insn->imm.bits = (uint64_t)(int64_t)wrt_read_s32(r);
        break;
    case WRT_IMM_I64: insn->imm.bits = (uint64_t)wrt_read_s64(r); break;
    case WRT_IMM_MEMARG0:
    case WRT_IMM_MEMARG1:
    case WRT_IMM_MEMARG2:
    case WRT_IMM_MEMARG3:
    case WRT_IMM_MEMARG4: wrt_memarg_read(r, &insn->imm.memarg); break;
    default: wrt_insn_read_rare(module, r, insn);
    }
}

#endif
