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

/*
 * The same, as the encoder takes it: what is known where an instruction is
 * named is worked out there, by the C compiler.
 *
 *   bits 0 to 23   the escapes and the opcode, in their order
 *   bits 24, 25    how many bytes that is
 *   bits 26, 27    X_BYTE, X_W
 *   bit 28         takes the long way: X_BYTE or a prefix
 *   bits 32 up     the prefix
 */
typedef uint64_t x64_op;

#define X_LONG ((x64_op)1 << 28)

#define X64_OP_BYTES(op)                                                       \
    (((op) & X_MAP) == 0        ? ((op) & 0xff) | 1u << 24                     \
     : ((op) & X_MAP) == X_0F   ? 0x0fu | ((op) & 0xff) << 8 | 2u << 24        \
     : ((op) & X_MAP) == X_0F38 ? 0x380fu | ((op) & 0xff) << 16 | 3u << 24     \
                                : 0x3a0fu | ((op) & 0xff) << 16 | 3u << 24)
#define X64_OP(op)                                                             \
    ((x64_op)X64_OP_BYTES(op) | (x64_op)((op) & X_W) << 17 |                   \
     (x64_op)((op) & X_BYTE) << 15 | (x64_op)((op) >> 16) << 32 |              \
     ((op) & X_BYTE || (op) >> 16 ? X_LONG : 0))

void x64_put_rr(struct jit_asm *a, x64_op op, jit_reg reg, jit_reg rm);
void x64_put_rm(struct jit_asm *a, x64_op op, jit_reg reg, struct jit_mem mem,
                unsigned shift);
/* At jit_target.frame + disp, without a prefix. */
void x64_put_frame(struct jit_asm *a, x64_op op, jit_reg reg, int32_t disp);
/* At jit_target.memory + index + disp. */
void x64_put_indexed(struct jit_asm *a, x64_op op, jit_reg reg, jit_reg index,
                     int32_t disp);

/* The operand of an operation on two registers or a register and memory. */
WRT_INLINE void x64_rr(struct jit_asm *a, uint32_t op, jit_reg reg, jit_reg rm)
{
    x64_put_rr(a, X64_OP(op), reg, rm);
}

WRT_INLINE void x64_rm(struct jit_asm *a, uint32_t op, jit_reg reg,
                       struct jit_mem mem)
{
    x64_put_rm(a, X64_OP(op), reg, mem, 0);
}

/* base + (index << shift) + disp */
WRT_INLINE void x64_rm_scaled(struct jit_asm *a, uint32_t op, jit_reg reg,
                              struct jit_mem mem, unsigned shift)
{
    x64_put_rm(a, X64_OP(op), reg, mem, shift);
}

/* rip-relative: the place of the distance. */
uint32_t x64_rip(struct jit_asm *a, uint32_t op, jit_reg reg);
/* Three operands, VEX-encoded: reg, vvvv, rm. */
void x64_vex(struct jit_asm *a, uint32_t op, jit_reg reg, jit_reg vvvv,
             jit_reg rm);

WRT_INLINE void x64_byte(struct jit_asm *a, uint32_t value)
{
    *a->p++ = (uint8_t)value;
}

/* The lowest bytes of a value; four are written in any case. */
WRT_INLINE void x64_imm(struct jit_asm *a, int32_t value, size_t len)
{
    memcpy(a->p, &value, sizeof(value));
    a->p += len;
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
