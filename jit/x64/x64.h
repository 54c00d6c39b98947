/*
 * Encoding of x86-64 instructions.
 *
 * An opcode is a number with its map, prefix and width, made of the bits below;
 * the operands are a register and a register or memory.  Registers 32 and up
 * are xmm0 and up.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef JIT_X64_X64_H
#define JIT_X64_X64_H

#include "jit/masm.h"

enum {
    RAX,
    RCX,
    RDX,
    RBX,
    RSP,
    RBP,
    RSI,
    RDI,
    R8,
    R9,
    R10,
    R11,
    R12,
    R13,
    R14,
    R15,
    XMM0 = JIT_FIRST_FLOAT,
    XMM4 = XMM0 + 4,
    XMM14 = XMM0 + 14,
    XMM15,
};

enum {
    X_0F = 1 << 8, /* the map */
    X_0F38 = 2 << 8,
    X_0F3A = 3 << 8,
    X_MAP = 3 << 8,
    X_W = 1 << 10,    /* 64 bits */
    X_BYTE = 1 << 11, /* the register is a byte */
    X_66 = 0x66 << 16,
    X_F2 = 0xf2 << 16,
    X_F3 = 0xf3 << 16,
};

WRT_INLINE uint32_t x64_w(bool is_64)
{
    return is_64 ? X_W : 0;
}

/* The operand of an operation on two registers or a register and memory.  A
 * signed immediate may follow, imm_bytes long, for the distances of rip. */
void x64_rr(struct jit_asm *a, uint32_t op, jit_reg reg, jit_reg rm);
void x64_rm(struct jit_asm *a, uint32_t op, jit_reg reg, struct jit_mem mem);
/* base + (index << shift) + disp */
void x64_rm_scaled(struct jit_asm *a, uint32_t op, jit_reg reg,
                   struct jit_mem mem, unsigned shift);
/* rip-relative: the place of the distance. */
uint32_t x64_rip(struct jit_asm *a, uint32_t op, jit_reg reg);
/* Three operands, VEX-encoded: reg, vvvv, rm. */
void x64_vex(struct jit_asm *a, uint32_t op, jit_reg reg, jit_reg vvvv,
             jit_reg rm);

WRT_INLINE void x64_byte(struct jit_asm *a, uint32_t value)
{
    *a->p++ = (uint8_t)value;
}

WRT_INLINE void x64_u32(struct jit_asm *a, uint32_t value)
{
    memcpy(a->p, &value, sizeof(value));
    a->p += sizeof(value);
}

WRT_INLINE void x64_u64(struct jit_asm *a, uint64_t value)
{
    memcpy(a->p, &value, sizeof(value));
    a->p += sizeof(value);
}

/* What this processor has beyond the baseline. */
struct x64_cpu {
    bool has_bmi2, has_lzcnt, has_bmi1, has_popcnt, has_sse41, has_avx;
};

const struct x64_cpu *x64_cpu(void);

#endif
