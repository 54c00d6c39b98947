/*
 * How frames of x86-64 code are left, as DWARF says it: the frame that is found
 * by rbp, but for the few bytes before it is made and after it is gone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/tell.h"

#include <string.h>

const uint16_t jit_m_elf_machine = JIT_ELF_X64;

/* DWARF's numbers of registers, and its instructions. */
enum { D_RBP = 6, D_RSP = 7, D_RETURN = 16 };
enum {
    CFA_ADVANCE4 = 0x04,
    CFA_DEF = 0x0c,    /* register, offset */
    CFA_OFFSET = 0x80, /* with the register; times -8 */
    CFA_RESTORE = 0xc0,
};
enum { PUSH_BYTES = 1, MOVE_BYTES = 3 };

struct out {
    uint8_t *start, *p;
};

static void put_bytes(struct out *out, const void *bytes, size_t len)
{
    memcpy(out->p, bytes, len);
    out->p += len;
}

static void put_u32(struct out *out, uint32_t value)
{
    put_bytes(out, &value, sizeof(value));
}

static void put_u64(struct out *out, uint64_t value)
{
    put_bytes(out, &value, sizeof(value));
}

/* Fills up to a multiple of 8 with instructions that do nothing, and writes the
 * length of what began at `at`. */
static void end_entry(struct out *out, uint8_t *at)
{
    uint32_t len;

    while ((out->p - out->start) % 8)
        *out->p++ = 0;
    len = (uint32_t)(out->p - at - 4);
    memcpy(at, &len, sizeof(len));
}

/* What comes next holds from the place on. */
static void advance(struct out *out, uint32_t *from, uint32_t to)
{
    *out->p++ = CFA_ADVANCE4;
    put_u32(out, to - *from);
    *from = to;
}

static void put_framed(struct out *out)
{
    const uint8_t framed[] = {CFA_DEF, D_RBP, 16, CFA_OFFSET | D_RBP, 2};

    put_bytes(out, framed, sizeof(framed));
}

static void put_bare(struct out *out)
{
    const uint8_t bare[] = {CFA_DEF, D_RSP, 8, CFA_RESTORE | D_RBP};

    put_bytes(out, bare, sizeof(bare));
}

static void put_common(struct out *out)
{
    uint8_t *at = out->p;
    const uint8_t rest[] = {
        1,        'z',
        'R',      0,    /* version; FDEs say how addresses are written */
        1,        0x78, /* units of code, and of data: -8 */
        D_RETURN, 1,
        0, /* addresses are absolute */
        CFA_DEF,  D_RSP,
        8,        CFA_OFFSET | D_RETURN,
        1,
    };

    put_u32(out, 0);
    put_u32(out, 0);
    put_bytes(out, rest, sizeof(rest));
    end_entry(out, at);
}

size_t jit_m_unwind_info(const struct jit_made *made, uint64_t address,
                         uint64_t len, uint8_t *buf)
{
    const uint8_t pushed[] = {CFA_DEF, D_RSP, 16, CFA_OFFSET | D_RBP, 2};
    struct out out = {buf, buf};
    uint32_t from = 0;
    uint8_t *at;

    put_common(&out);
    at = out.p;
    put_u32(&out, 0);
    put_u32(&out, (uint32_t)(out.p - out.start)); /* back to the common part */
    put_u64(&out, address);
    put_u64(&out, len);
    *out.p++ = 0;
    advance(&out, &from, made->frame_at + PUSH_BYTES);
    put_bytes(&out, pushed, sizeof(pushed));
    advance(&out, &from, made->frame_at + PUSH_BYTES + MOVE_BYTES);
    put_framed(&out);
    for (uint32_t i = 0; i < made->nbare; i++) {
        advance(&out, &from, made->bare[i].start);
        put_bare(&out);
        advance(&out, &from, made->bare[i].end);
        put_framed(&out);
    }
    end_entry(&out, at);
    put_u32(&out, 0);
    return (size_t)(out.p - out.start);
}
