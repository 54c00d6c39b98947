/*
 * What the rows of emit.def tell the emitters, and what these share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef JIT_EMIT_H
#define JIT_EMIT_H

#include "jit/operand.h"

/* Flags beside an operation's number. */
enum {
    EMIT_OP = 0xff,
    EMIT_64 = 1 << 8, /* of the operands, or of what is converted */
    EMIT_SIGNED = 1 << 9,
    EMIT_REM = 1 << 10,
    EMIT_TO_64 = 1 << 11,
    EMIT_SAT = 1 << 12,
    EMIT_SWAP = 1 << 13,   /* operands change places */
    EMIT_RESULT = 1 << 14, /* of a C function: it has one */
    EMIT_FLOAT = 1 << 15,
    EMIT_TAIL = 1 << 16,
    EMIT_TRAPS = 1 << 17,
    EMIT_GROWS = 1 << 18, /* may move a memory */
    EMIT_OPERANDS = 20,   /* the shift of their number, or: */
    EMIT_COUNTED = 7,     /* the type says how many */
};

void jit_finish_compare(struct jit *j, enum jit_cond cond,
                        struct jit_value *lhs, struct jit_value *rhs);

/* Before a C function is called: operands go to their slots, locals in
 * registers that it may change go home. */
void jit_before_c(struct jit *j, uint32_t noperands);
void jit_call_scratch_c(struct jit *j);
void jit_after_c(struct jit *j);

void jit_call_c(struct jit *j, enum jit_helper helper, uint32_t noperands,
                uint32_t first, uint32_t second);
/* The same with slots elsewhere, after jit_before_c(). */
void jit_call_c_at(struct jit *j, enum jit_helper helper, struct jit_mem slots,
                   uint32_t first, uint32_t second);
void jit_trap_code(struct jit *j);

jit_reg jit_find_element(struct jit *j, struct jit_value *index, uint32_t table,
                         wasmrt_code code);

/* The code that calls functions of a type in other instances, made now if need
 * be; 0 when there is no room for it or it was refused. */
uintptr_t jit_make_adapter(struct jit *j, uint32_t type_idx, bool is_tail);

/* Opens a block that is left through its end alone. */
struct jit_block *jit_open_block(struct jit *j);
struct jit_block *jit_block_at(struct jit *j, uint32_t depth);
/* Ends a part of the block: what was reached goes to the block's end. */
void jit_leave_part(struct jit *j, struct jit_block *block);
void jit_push_slots(struct jit *j, const wrt_valtype *types, uint32_t count);
void jit_add_fixup(struct jit *j, uint32_t *list, struct jit_fixup fixup);
/* Whether the one value that a branch passes is in a register; which one. */
bool jit_passes_in_reg(const struct jit_block *block);
jit_reg jit_result_reg(wrt_valtype type);

/* At the end of a try_table: its clauses.  Behind the function: their ways to
 * labels. */
void jit_end_try_table(struct jit *j, const struct jit_block *block);
void jit_emit_pads(struct jit *j);

/* Looks whether the guest is to stop. */
void jit_poll(struct jit *j);

/* Branches to the block of that depth, with the operands on the stack, when a
 * condition of the flags holds. */
void jit_branch_if(struct jit *j, uint32_t depth, enum jit_cond cond);

/* The same without a condition, at the end of a path of its own: what is known
 * of registers is as before then. */
void jit_branch_always(struct jit *j, uint32_t depth);

/* Puts a popped operand, a register's or a local's, back. */
void jit_push_back(struct jit *j, struct jit_value *v);

/* The kind of an instruction's result that C has made. */
enum wrt_kind jit_result_kind(const struct jit *j);

/* Where an access goes, and what was taken for it. */
struct jit_place {
    struct jit_mem mem;
    struct jit_value index;
    jit_reg taken;
    bool may_fault;
};

/* Finds the place of the current instruction's access of so many bytes, with
 * the checks that it needs. */
struct jit_place jit_find_access(struct jit *j, struct jit_value index,
                                 uint32_t bytes);
/* The same for an access that is tested for more than its bounds: it is masked
 * in any case, since the branch is not the last one. */
struct jit_place jit_find_atomic(struct jit *j, struct jit_value index,
                                 uint32_t bytes);
/* What comes next is the instruction that accesses it. */
void jit_begin_access(struct jit *j, const struct jit_place *p);
/* Gives back what was taken, but not the index. */
void jit_release_access(struct jit *j, const struct jit_place *p);

/* Whether the first memory has guard pages. */
bool jit_has_guards(const struct jit *j);

/* The first memory's base, for whoever may have moved it. */
void jit_reload_memory(struct jit *j);

#endif
