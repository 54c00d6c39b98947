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
    return (reg & 15u) >> 3;
}

/* Bytes of an instruction are put together in a register, the first lowest,
 * and stored eight at a time, the last of which the next one overwrites. */
WRT_INLINE void write(struct jit_asm *a, uint64_t bytes, size_t len)
{
    uint8_t *p = a->p;

    memcpy(p, &bytes, sizeof(bytes));
    a->p = p + len;
}

/* The prefix; and REX also where it says nothing: without it, bytes 4 to 7
 * would be the upper ones of registers 0 to 3. */
static unsigned begin_long(struct jit_asm *a, x64_op op, jit_reg reg,
                           jit_reg rm)
{
    if (op >> 32)
        x64_byte(a, (uint32_t)(op >> 32));
    return op & (1 << 26) && (reg / 4 == 1 || rm / 4 == 1) ? 0x40 : 0;
}

/* A byte in front, if it is not zero. */
WRT_INLINE uint64_t put_before(uint64_t bytes, unsigned byte, unsigned *len)
{
    unsigned has = byte != 0;

    *len += has;
    return bytes << 8 * has | byte;
}

WRT_INLINE void put_rr(struct jit_asm *a, x64_op op, jit_reg reg, jit_reg rm,
                       bool is_long)
{
    unsigned rex = (reg & 8u) >> 1 | (rm & 8u) >> 3 | (op >> 24 & 8);
    unsigned len = op >> 24 & 3;
    uint64_t bytes = (op & 0xffffff) |
                     (uint64_t)(0xc0 | (reg & 7u) << 3 | (rm & 7u)) << 8 * len;

    if (is_long)
        rex |= begin_long(a, op, reg, rm);
    bytes = put_before(bytes, rex ? rex | 0x40 : 0, &len);
    write(a, bytes, len + 1);
}

static WRT_NOINLINE void put_rr_long(struct jit_asm *a, x64_op op, jit_reg reg,
                                     jit_reg rm)
{
    put_rr(a, op, reg, rm, true);
}

void x64_put_rr(struct jit_asm *a, x64_op op, jit_reg reg, jit_reg rm)
{
    if (WRT_UNLIKELY(op & X_LONG))
        put_rr_long(a, op, reg, rm);
    else
        put_rr(a, op, reg, rm, false);
}

/* How many bytes a distance takes: 0, 1 or 4; and what ModRM says of that. */
WRT_INLINE unsigned disp_bytes(int32_t disp, bool is_any)
{
    return disp == (int8_t)disp ? (unsigned)((disp != 0) | is_any) : 4u;
}

WRT_INLINE unsigned disp_mod(unsigned bytes)
{
    return (bytes + 1) >> 1 << 6;
}

WRT_INLINE void write_disp(struct jit_asm *a, uint64_t bytes, unsigned len,
                           int32_t disp, unsigned ndisp)
{
    uint8_t *p = a->p;

    memcpy(p, &bytes, sizeof(bytes));
    memcpy(p + len, &disp, sizeof(disp));
    a->p = p + len + ndisp;
}

WRT_INLINE void put_rm(struct jit_asm *a, x64_op op, jit_reg reg,
                       struct jit_mem mem, unsigned shift, bool is_long)
{
    unsigned rex = (reg & 8u) >> 1 | (mem.base & 8u) >> 3 | (op >> 24 & 8);
    unsigned base = mem.base & 7u, len = op >> 24 & 3;
    unsigned ndisp = disp_bytes(mem.disp, base == RBP);
    unsigned place = disp_mod(ndisp) | (reg & 7u) << 3; /* ModRM, then SIB */
    uint64_t bytes = op & 0xffffff;

    if (mem.index != JIT_NO_REG) {
        rex |= (mem.index & 8u) >> 2;
        place |= RSP | (shift << 6 | (mem.index & 7u) << 3 | base) << 8;
        bytes |= (uint64_t)place << 8 * len++;
    } else if (base == RSP) {
        bytes |= (uint64_t)(place | RSP | 0x24 << 8) << 8 * len++;
    } else {
        bytes |= (uint64_t)(place | base) << 8 * len;
    }
    if (is_long)
        rex |= begin_long(a, op, reg, mem.base);
    bytes = put_before(bytes, rex ? rex | 0x40 : 0, &len);
    write_disp(a, bytes, len + 1, mem.disp, ndisp);
}

/* At rbp + disp: what most of the rest goes through. */
void x64_put_frame(struct jit_asm *a, x64_op op, jit_reg reg, int32_t disp)
{
    unsigned rex = (reg & 8u) >> 1 | (op >> 24 & 8);
    unsigned len = op >> 24 & 3, ndisp = disp_bytes(disp, true);
    unsigned place = disp_mod(ndisp) | (reg & 7u) << 3 | RBP;
    uint64_t bytes = (op & 0xffffff) | (uint64_t)place << 8 * len;

    bytes = put_before(bytes, rex ? rex | 0x40 : 0, &len);
    write_disp(a, bytes, len + 1, disp, ndisp);
}

/* REX is there in any case, since the base is one of the upper registers. */
void x64_put_indexed(struct jit_asm *a, x64_op op, jit_reg reg, jit_reg index,
                     int32_t disp)
{
    unsigned rex = (reg & 8u) >> 1 | (index & 8u) >> 2 | (op >> 24 & 8);
    unsigned len = (op >> 24 & 3) + 1, ndisp = disp_bytes(disp, false);
    unsigned place = disp_mod(ndisp) | (reg & 7u) << 3 | RSP |
                     ((index & 7u) << 3 | (R14 & 7u)) << 8;
    uint64_t bytes = (op & 0xffffff) << 8 | rex | 0x41;

    bytes |= (uint64_t)place << 8 * len;
    bytes = put_before(bytes, (unsigned)(op >> 32), &len);
    write_disp(a, bytes, len + 2, disp, ndisp);
}

static WRT_NOINLINE void put_rm_long(struct jit_asm *a, x64_op op, jit_reg reg,
                                     struct jit_mem mem, unsigned shift)
{
    put_rm(a, op, reg, mem, shift, true);
}

void x64_put_rm(struct jit_asm *a, x64_op op, jit_reg reg, struct jit_mem mem,
                unsigned shift)
{
    if (WRT_UNLIKELY(op & X_LONG))
        put_rm_long(a, op, reg, mem, shift);
    else
        put_rm(a, op, reg, mem, shift, false);
}

uint32_t x64_rip(struct jit_asm *a, uint32_t op, jit_reg reg)
{
    /* With a base of rbp and no distance yet: then mod is made 0. */
    x64_rm(a, op, reg, (struct jit_mem){RBP, JIT_NO_REG, 0});
    a->p -= 2;
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
