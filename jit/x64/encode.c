/*
 * Encoding of x86-64 instructions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/x64/x64.h"

/* The hardware's number of a register. */
static unsigned number(jit_reg reg)
{
    return reg & 15;
}

static unsigned high(jit_reg reg)
{
    return reg == JIT_NO_REG ? 0 : (reg & 15) >> 3;
}

/* Prefixes, REX and opcode. */
static void head(struct jit_asm *a, uint32_t op, jit_reg reg, jit_reg index,
                 jit_reg base)
{
    unsigned rex = high(reg) << 2 | high(index) << 1 | high(base);
    unsigned map = op >> 8 & 3;

    if (op & X_W)
        rex |= 8;
    if (op >> 16)
        x64_byte(a, op >> 16);
    /* Without it, bytes 4 to 7 would be the upper ones of registers 0 to 3. */
    if (rex || (op & X_BYTE && (reg / 4 == 1 || base / 4 == 1)))
        x64_byte(a, 0x40 | rex);
    if (map)
        x64_byte(a, 0x0f);
    if (map >= 2)
        x64_byte(a, map == 2 ? 0x38 : 0x3a);
    x64_byte(a, op & 0xff);
}

void x64_rr(struct jit_asm *a, uint32_t op, jit_reg reg, jit_reg rm)
{
    head(a, op, reg, JIT_NO_REG, rm);
    x64_byte(a, 0xc0 | (number(reg) & 7) << 3 | (number(rm) & 7));
}

void x64_rm_scaled(struct jit_asm *a, uint32_t op, jit_reg reg,
                   struct jit_mem mem, unsigned shift)
{
    unsigned base = number(mem.base) & 7, r = (number(reg) & 7) << 3, mod;
    bool has_sib = mem.index != JIT_NO_REG || base == RSP;

    head(a, op, reg, mem.index, mem.base);
    if (mem.disp == 0 && base != RBP)
        mod = 0;
    else
        mod = mem.disp >= -128 && mem.disp < 128 ? 0x40 : 0x80;
    x64_byte(a, mod | r | (has_sib ? RSP : base));
    if (has_sib) {
        unsigned index =
            mem.index == JIT_NO_REG ? RSP : (number(mem.index) & 7);

        x64_byte(a, shift << 6 | index << 3 | base);
    }
    if (mod == 0x40)
        x64_byte(a, (uint32_t)mem.disp);
    else if (mod == 0x80)
        x64_u32(a, (uint32_t)mem.disp);
}

void x64_rm(struct jit_asm *a, uint32_t op, jit_reg reg, struct jit_mem mem)
{
    x64_rm_scaled(a, op, reg, mem, 0);
}

uint32_t x64_rip(struct jit_asm *a, uint32_t op, jit_reg reg)
{
    head(a, op, reg, JIT_NO_REG, RAX);
    x64_byte(a, (number(reg) & 7) << 3 | 5);
    x64_u32(a, 0);
    return jit_asm_pos(a) - 4;
}

void x64_vex(struct jit_asm *a, uint32_t op, jit_reg reg, jit_reg vvvv,
             jit_reg rm)
{
    unsigned prefix = op >> 16;
    unsigned pp = prefix == 0x66 ? 1 : prefix == 0xf3 ? 2 : prefix ? 3 : 0;

    x64_byte(a, 0xc4);
    x64_byte(a, (high(reg) ? 0 : 0x80) | 0x40 | (high(rm) ? 0 : 0x20) |
                    (op >> 8 & 3));
    x64_byte(a, (op & X_W ? 0x80 : 0) | (~number(vvvv) & 15) << 3 | pp);
    x64_byte(a, op & 0xff);
    x64_byte(a, 0xc0 | (number(reg) & 7) << 3 | (number(rm) & 7));
}
