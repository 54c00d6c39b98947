/*
 * Vectors: what the macro-assembler does with them, and what C does.
 *
 * Functions that return bool emit nothing and return false for an instruction
 * that the target does not do in a few of its own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef JIT_VEC_H
#define JIT_VEC_H

#include "jit/masm.h"
#include "runtime/module/opcode.h"

#include "wasmrt/func.h"

/* By instruction: operands in slots, the result in the first. */
extern void (*const jit_vec_functions[WRT_OP_COUNT])(wasmrt_slot *slots);

/* Whether this processor has what the functions below rely on. */
bool jit_m_has_vectors(void);

/* Whether the target has the instruction of two, one or three operands, or the
 * shift; else jit_vec_functions has it. */
bool jit_m_knows_vec(enum wrt_op op);

bool jit_m_vec_binary(struct jit_asm *a, enum wrt_op op, jit_reg dst,
                      jit_reg lhs, jit_reg rhs);
bool jit_m_vec_unary(struct jit_asm *a, enum wrt_op op, jit_reg dst,
                     jit_reg src);
bool jit_m_vec_ternary(struct jit_asm *a, enum wrt_op op, jit_reg dst,
                       jit_reg x, jit_reg y, jit_reg z);
/* count: an integer register. */
bool jit_m_vec_shift(struct jit_asm *a, enum wrt_op op, jit_reg dst,
                     jit_reg src, jit_reg count);
/* dst: an integer register. */
bool jit_m_vec_test(struct jit_asm *a, enum wrt_op op, jit_reg dst,
                    jit_reg src);

/* By the number of lanes; is_float: the scalar is in the other bank. */
void jit_m_vec_splat(struct jit_asm *a, unsigned lanes, bool is_float,
                     jit_reg dst, jit_reg src);
void jit_m_vec_extract(struct jit_asm *a, unsigned lanes, bool is_float,
                       bool is_signed, jit_reg dst, jit_reg src, unsigned lane);
/* dst has the vector already, and is not value. */
void jit_m_vec_replace(struct jit_asm *a, unsigned lanes, bool is_float,
                       jit_reg dst, jit_reg value, unsigned lane);
void jit_m_vec_shuffle(struct jit_asm *a, jit_reg dst, jit_reg lhs, jit_reg rhs,
                       const uint8_t lanes[16]);
void jit_m_vec_const(struct jit_asm *a, jit_reg dst, const uint8_t bytes[16]);
/* v128.load8x8_s and so on: half a vector, widened. */
void jit_m_vec_load_wide(struct jit_asm *a, enum wrt_op op, jit_reg dst,
                         struct jit_mem mem);

#endif
