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
    return number(reg) >> 3;
}

/* Bytes of an instruction.  They are put together in a register and stored
 * eight at a time, the last of which the next instruction overwrites. */
struct bytes {
    uint64_t all;
    unsigned nbits;
};

/* Appends a byte, which is 0 when it is not there. */
WRT_INLINE void append(struct bytes *b, unsigned byte, bool is_there)
{
    b->all |= (uint64_t)byte << b->nbits;
    b->nbits += is_there ? 8 : 0;
}

WRT_INLINE void write(struct jit_asm *a, const struct bytes *b)
{
    memcpy(a->p, &b->all, sizeof(b->all));
    a->p += b->nbits / 8;
}

/* Prefixes, REX and opcode.  Without branches, since what comes is anyone's
 * guess. */
WRT_INLINE struct bytes head(uint32_t op, jit_reg reg, unsigned high_index,
                             jit_reg base)
{
    static const uint16_t escapes[] = {0, 0x0f, 0x380f, 0x3a0f};
    static const uint8_t escape_bits[] = {0, 8, 16, 16};
    unsigned rex = (number(reg) & 8) >> 1 | high_index << 1 | number(base) >> 3;
    unsigned map = op >> 8 & 3, prefix = op >> 16;
    struct bytes b = {prefix, prefix ? 8 : 0};
    bool has_rex;

    rex |= op & X_W ? 8 : 0;
    /* Without it, bytes 4 to 7 would be the upper ones of registers 0 to 3. */
    has_rex = (rex != 0) |
              (((op & X_BYTE) != 0) & ((reg / 4 == 1) | (base / 4 == 1)));
    append(&b, has_rex ? 0x40 | rex : 0, has_rex);
    b.all |= (uint64_t)escapes[map] << b.nbits;
    b.nbits += escape_bits[map];
    append(&b, op & 0xff, true);
    return b;
}

void x64_rr(struct jit_asm *a, uint32_t op, jit_reg reg, jit_reg rm)
{
    struct bytes b = head(op, reg, 0, rm);

    append(&b, 0xc0 | (number(reg) & 7) << 3 | (number(rm) & 7), true);
    write(a, &b);
}

void x64_rm_scaled(struct jit_asm *a, uint32_t op, jit_reg reg,
                   struct jit_mem mem, unsigned shift)
{
    unsigned base = number(mem.base) & 7, r = (number(reg) & 7) << 3;
    bool has_index = mem.index != JIT_NO_REG;
    bool has_sib = has_index || base == RSP;
    unsigned index = has_index ? number(mem.index) : RSP;
    bool has_disp = mem.disp != 0 || base == RBP;
    bool is_short = mem.disp >= -128 && mem.disp < 128;
    unsigned mod = !has_disp ? 0 : is_short ? 0x40 : 0x80;
    struct bytes b = head(op, reg, index >> 3, mem.base);

    write(a, &b);
    b = (struct bytes){mod | r | (has_sib ? (unsigned)RSP : base), 8};
    append(&b, has_sib ? shift << 6 | (index & 7) << 3 | base : 0, has_sib);
    b.all |= (uint64_t)(uint32_t)mem.disp << b.nbits;
    b.nbits += !has_disp ? 0 : is_short ? 8 : 32;
    write(a, &b);
}

void x64_rm(struct jit_asm *a, uint32_t op, jit_reg reg, struct jit_mem mem)
{
    x64_rm_scaled(a, op, reg, mem, 0);
}

uint32_t x64_rip(struct jit_asm *a, uint32_t op, jit_reg reg)
{
    struct bytes b = head(op, reg, 0, RAX);

    write(a, &b);
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
