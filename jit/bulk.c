/*
 * Copies and fills of few bytes, in line, where a memory has guard pages.
 *
 * All is read before anything is written, and the highest bytes come first: if
 * those are in bounds, the others are, so nothing is written when it traps.
 * The pieces of a length overlap instead of having odd sizes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/emit.h"

enum { MOST_BYTES = 64, MOST_PIECES = 8 };

struct pieces {
    unsigned bytes, count; /* of each; how many */
    uint32_t at[MOST_PIECES];
};

/* Whether the length, on top, is a small constant; C pays for what engines that
 * count fuel do. */
static bool is_small(const struct jit *j)
{
    const struct jit_value *len = &j->stack[j->height - 1];

    return j->has_guards && !j->native->options.has_fuel &&
           j->insn.imm.index == 0 && len->form == JIT_CONST && len->bits > 0 &&
           len->bits <= MOST_BYTES;
}

static struct pieces split(uint32_t len, unsigned most)
{
    struct pieces p = {.bytes = most};

    while (p.bytes > len)
        p.bytes /= 2;
    p.at[p.count++] = len - p.bytes;
    for (uint32_t end = (len - 1) / p.bytes * p.bytes; end > 0; end -= p.bytes)
        p.at[p.count++] = end - p.bytes;
    return p;
}

static enum jit_load load_of(unsigned bytes)
{
    return bytes == 1   ? JIT_LOAD_U8
           : bytes == 2 ? JIT_LOAD_U16
           : bytes == 4 ? JIT_LOAD_F32
           : bytes == 8 ? JIT_LOAD_F64
                        : JIT_LOAD_V128;
}

static enum jit_store store_of(unsigned bytes, bool is_float)
{
    return bytes == 1    ? JIT_STORE_8
           : bytes == 2  ? JIT_STORE_16
           : bytes == 16 ? JIT_STORE_V128
           : bytes == 4  ? is_float ? JIT_STORE_F32 : JIT_STORE_32
           : is_float    ? JIT_STORE_F64
                         : JIT_STORE_64;
}

static struct jit_mem piece_mem(const struct pieces *p, unsigned i,
                                jit_reg index)
{
    return (struct jit_mem){jit_target.memory, index, (int32_t)p->at[i]};
}

void jit_emit_memory_copy(struct jit *j, uint32_t arg)
{
    struct jit_asm *a = jit_code(j);
    jit_reg regs[MOST_PIECES], from, to;
    struct jit_value len, source, dest;
    struct pieces p;
    bool is_float;

    if (!is_small(j) || j->insn.imm.index2 != 0) {
        jit_emit_c(j, arg);
        return;
    }
    len = jit_pop(j);
    source = jit_pop(j);
    from = jit_use(j, &source);
    dest = jit_pop(j);
    to = jit_use(j, &dest);
    p = split((uint32_t)len.bits, 16);
    is_float = p.bytes >= 4;
    jit_asm_room(a, (4 + 2 * MOST_PIECES) * JIT_INSN_BYTES);
    for (unsigned i = 0; i < p.count; i++) {
        regs[i] =
            i == 0 && !is_float ? jit_target.scratch : jit_take(j, is_float);
        jit_note_place(j, true);
        jit_m_load(a, load_of(p.bytes), regs[i], piece_mem(&p, i, from));
    }
    for (unsigned i = 0; i < p.count; i++) {
        jit_note_place(j, true);
        jit_m_store(a, store_of(p.bytes, is_float), regs[i],
                    piece_mem(&p, i, to));
        if (regs[i] != jit_target.scratch)
            jit_give(j, regs[i]);
    }
    jit_release(j, &source);
    jit_release(j, &dest);
}

void jit_emit_memory_fill(struct jit *j, uint32_t arg)
{
    struct jit_asm *a = jit_code(j);
    const struct jit_value *byte = &j->stack[j->height - 2];
    jit_reg value = jit_target.scratch, to;
    struct jit_value dest;
    struct pieces p;
    uint64_t bits;

    if (!is_small(j) || byte->form != JIT_CONST) {
        jit_emit_c(j, arg);
        return;
    }
    p = split((uint32_t)j->stack[j->height - 1].bits,
              (uint8_t)byte->bits == 0 ? 16 : 8);
    bits = byte->bits & UINT8_MAX;
    jit_drop_top(j, 2);
    dest = jit_pop(j);
    to = jit_use(j, &dest);
    jit_asm_room(a, (4 + MOST_PIECES) * JIT_INSN_BYTES);
    if (p.bytes == 16) {
        value = jit_target.float_scratch;
        jit_m_zero(a, value);
    } else {
        jit_m_const(a, value, 0x0101010101010101 * bits);
    }
    for (unsigned i = 0; i < p.count; i++) {
        jit_note_place(j, true);
        jit_m_store(a, store_of(p.bytes, false), value, piece_mem(&p, i, to));
    }
    jit_release(j, &dest);
}
