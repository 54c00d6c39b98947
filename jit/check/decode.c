/*
 * The decoder: prefixes, opcode, operands; what is allowed is a table.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/check/decode.h"

enum form {
    FORM_NONE = 0,
    FORM_RM = 1,
    FORM_LOW = 2, /* a register in the opcode's low bits */
    FORM_IMM8 = 4,
    FORM_IMM16 = 8,
    FORM_IMM32 = 16,
    FORM_IMMV = 32, /* 32 bits, or 64 in wide operations */
    FORM_REL8 = 64,
    FORM_REL32 = 128,
};

enum prefix { PREFIX_NP, PREFIX_P66, PREFIX_PF3, PREFIX_PF2, PREFIX_COUNT };

enum { BYTES_W = 0xff, ANY = 0xff, MAPS = 4, OPCODES = 256 };

struct row {
    uint8_t effect, form, bytes, exts;
};

#define NONE  FORM_NONE
#define RM    FORM_RM
#define LOW   FORM_LOW
#define IMM8  FORM_IMM8
#define IMM16 FORM_IMM16
#define IMM32 FORM_IMM32
#define IMMV  FORM_IMMV
#define REL8  FORM_REL8
#define REL32 FORM_REL32
#define W     BYTES_W
#define ROW(map, prefix, opcode, form, effect, bytes, exts)                    \
    [map][PREFIX_##prefix][opcode] = {EFFECT_##effect, (form), bytes, (exts)},

static const struct row legacy[MAPS][PREFIX_COUNT][OPCODES] = {
#define LEGACY ROW
#define VEX(...)
#include "jit/check/insns.def"
#undef LEGACY
#undef VEX
};

static const struct row vex[MAPS][PREFIX_COUNT][OPCODES] = {
#define LEGACY(...)
#define VEX ROW
#include "jit/check/insns.def"
#undef LEGACY
#undef VEX
};

struct cursor {
    const uint8_t *code;
    uint32_t pos, len;
    bool is_bad;
};

static uint64_t take(struct cursor *c, unsigned bytes)
{
    uint64_t value = 0;

    if (c->len - c->pos < bytes) {
        c->is_bad = true;
        return 0;
    }
    for (unsigned i = 0; i < bytes; i++)
        value |= (uint64_t)c->code[c->pos + i] << (8 * i);
    c->pos += bytes;
    return value;
}

/* Sign-extended. */
static int64_t take_signed(struct cursor *c, unsigned bytes)
{
    unsigned unused = 64 - 8 * bytes;

    return (int64_t)(take(c, bytes) << unused) >> unused;
}

/* The bits that widen the numbers of registers, and the width. */
struct rex {
    unsigned w, r, x, b;
};

static void take_memory(struct cursor *c, struct insn *insn, unsigned mod,
                        unsigned low, const struct rex *rex)
{
    unsigned sib;

    insn->has_mem = true;
    insn->index = insn->base = NO_REG;
    if (mod == 0 && low == 5) {
        insn->is_rip = true;
        insn->disp = take_signed(c, 4);
        return;
    }
    if (low == 4) {
        sib = (unsigned)take(c, 1);
        insn->scale = (uint8_t)(sib >> 6);
        if ((sib >> 3 & 7) != 4 || rex->x)
            insn->index = (uint8_t)((sib >> 3 & 7) | rex->x << 3);
        low = sib & 7;
        if (mod == 0 && low == 5)
            c->is_bad = true; /* an address without base */
    }
    insn->base = (uint8_t)(low | rex->b << 3);
    if (mod)
        insn->disp = take_signed(c, mod == 1 ? 1 : 4);
}

static void take_operands(struct cursor *c, struct insn *insn,
                          const struct row *row, const struct rex *rex)
{
    unsigned modrm, mod, reg;

    if (row->form & FORM_LOW)
        insn->rm = (uint8_t)((insn->opcode & 7) | rex->b << 3);
    if (!(row->form & FORM_RM))
        return;
    modrm = (unsigned)take(c, 1);
    mod = modrm >> 6;
    reg = modrm >> 3 & 7;
    if (!(row->exts >> reg & 1) || (row->exts != ANY && rex->r))
        c->is_bad = true;
    insn->reg = (uint8_t)(reg | rex->r << 3);
    if (mod == 3) {
        insn->rm = (uint8_t)((modrm & 7) | rex->b << 3);
        return;
    }
    insn->rm = NO_REG;
    take_memory(c, insn, mod, modrm & 7, rex);
    insn->bytes = row->bytes == BYTES_W ? insn->width : row->bytes;
    if (insn->bytes == 0)
        c->is_bad = true;
}

static void take_imm(struct cursor *c, struct insn *insn, unsigned form)
{
    if (insn->effect == EFFECT_GROUP_F7 && insn->reg == 0)
        form |= FORM_IMM32;
    if (form & (FORM_IMM8 | FORM_REL8))
        insn->imm = take_signed(c, 1);
    else if (form & FORM_IMM16)
        insn->imm = take_signed(c, 2);
    else if (form & (FORM_IMM32 | FORM_REL32))
        insn->imm = take_signed(c, 4);
    else if (form & FORM_IMMV)
        insn->imm = insn->width == 8 ? take_signed(c, 8) : (int64_t)take(c, 4);
    if (form & (FORM_REL8 | FORM_REL32))
        insn->imm += c->pos;
    if (insn->is_rip)
        insn->disp += c->pos;
}

/* LOCK, one mandatory prefix at most, then REX: the order that processors
 * require. */
static const struct row *take_legacy(struct cursor *c, struct insn *insn,
                                     struct rex *rex)
{
    unsigned byte = (unsigned)take(c, 1), map = 0, prefix = PREFIX_NP;

    if (byte == 0xf0) {
        insn->has_lock = true;
        byte = (unsigned)take(c, 1);
    }
    if (byte == 0x66 || byte == 0xf3 || byte == 0xf2) {
        prefix = byte == 0x66   ? PREFIX_P66
                 : byte == 0xf3 ? PREFIX_PF3
                                : PREFIX_PF2;
        byte = (unsigned)take(c, 1);
    }
    if (byte >> 4 == 4) {
        insn->has_rex = true;
        *rex =
            (struct rex){byte >> 3 & 1, byte >> 2 & 1, byte >> 1 & 1, byte & 1};
        byte = (unsigned)take(c, 1);
    }
    if (byte == 0x0f) {
        map = 1;
        byte = (unsigned)take(c, 1);
        if (byte == 0x38 || byte == 0x3a) {
            map = byte == 0x38 ? 2 : 3;
            byte = (unsigned)take(c, 1);
        }
    }
    insn->opcode = (uint8_t)byte;
    return &legacy[map][prefix][byte];
}

static const struct row *take_vex(struct cursor *c, struct insn *insn,
                                  struct rex *rex)
{
    unsigned first, second, map;

    take(c, 1);
    first = (unsigned)take(c, 1);
    second = (unsigned)take(c, 1);
    map = first & 31;
    *rex = (struct rex){second >> 7, !(first & 0x80), !(first & 0x40),
                        !(first & 0x20)};
    insn->opcode = (uint8_t)take(c, 1);
    if (map >= MAPS || second & 4) /* 256 bits: not ours */
        c->is_bad = true;
    return &vex[map & 3][second & 3][insn->opcode];
}

bool jit_check_decode(const uint8_t *code, uint32_t len, uint32_t pos,
                      struct insn *insn)
{
    struct cursor c = {.code = code, .pos = pos, .len = len};
    struct rex rex = {0};
    const struct row *row;

    *insn = (struct insn){.pos = pos,
                          .reg = NO_REG,
                          .rm = NO_REG,
                          .base = NO_REG,
                          .index = NO_REG};
    if (pos >= len)
        return false;
    row = code[pos] == 0xc4 ? take_vex(&c, insn, &rex)
                            : take_legacy(&c, insn, &rex);
    insn->effect = row->effect;
    insn->width = rex.w ? 8 : 4;
    if (c.is_bad || row->effect == EFFECT_UNKNOWN)
        return false;
    take_operands(&c, insn, row, &rex);
    take_imm(&c, insn, row->form);
    insn->next = c.pos;
    /* Parts of registers are not exchanged. */
    if (row->effect == EFFECT_SWAP && !insn->has_mem && row->bytes != BYTES_W)
        return false;
    /* Of all that could be locked, these are, and in memory. */
    if ((row->effect == EFFECT_ATOMIC_ADD ||
         row->effect == EFFECT_ATOMIC_COMPARE) != insn->has_lock ||
        (insn->has_lock && !insn->has_mem))
        return false;
    return !c.is_bad;
}
