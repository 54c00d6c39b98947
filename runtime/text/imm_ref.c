/*
 * Immediates of instructions on structs, arrays, casts and exceptions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/text/bytes.h"
#include "runtime/text/parser.h"

static void put_type_field(struct wrt_parser *p, struct wrt_buf *out)
{
    uint32_t type_idx = wrt_text_index(p, WRT_SPACE_TYPE);

    wrt_buf_uleb(out, type_idx);
    wrt_buf_uleb(out, wrt_text_field(p, type_idx));
}

/* A type index and then an index of another space. */
static void put_type_and(struct wrt_parser *p, enum wrt_space space,
                         struct wrt_buf *out)
{
    wrt_buf_uleb(out, wrt_text_index(p, WRT_SPACE_TYPE));
    wrt_buf_uleb(out, wrt_text_index(p, space));
}

/* "br_on_cast l rt1 rt2": which of the two types hold null goes in front. */
static void put_cast(struct wrt_parser *p, struct wrt_buf *out)
{
    bool from_null, to_null;

    p->scratch.count = 0;
    wrt_text_label(p, &p->scratch);
    from_null = wrt_text_ref(p, &p->scratch);
    to_null = wrt_text_ref(p, &p->scratch);
    wrt_buf_u8(out, (from_null ? CAST_FROM_NULL : 0u) |
                        (to_null ? CAST_TO_NULL : 0u));
    wrt_buf_bytes(out, p->scratch.items, p->scratch.count);
}

bool wrt_text_ref_imm(struct wrt_parser *p, enum wrt_imm imm,
                      struct wrt_buf *out)
{
    switch (imm) {
    case WRT_IMM_CAST: put_cast(p, out); return true;
    case WRT_IMM_TYPE_FIELD: put_type_field(p, out); return true;
    case WRT_IMM_TYPE_COUNT:
        wrt_buf_uleb(out, wrt_text_index(p, WRT_SPACE_TYPE));
        wrt_buf_uleb(out, wrt_text_nat(p, 32));
        return true;
    case WRT_IMM_TYPE_DATA:
        p->needs_data_count = true;
        put_type_and(p, WRT_SPACE_DATA, out);
        return true;
    case WRT_IMM_TYPE_ELEM: put_type_and(p, WRT_SPACE_ELEM, out); return true;
    case WRT_IMM_TYPE_TYPE: put_type_and(p, WRT_SPACE_TYPE, out); return true;
    case WRT_IMM_TAG:
        wrt_buf_uleb(out, wrt_text_index(p, WRT_SPACE_TAG));
        return true;
    default: return false;
    }
}

void wrt_text_cast_op(struct wrt_parser *p, enum wrt_op op, struct wrt_buf *out)
{
    p->scratch.count = 0;
    /* The row for nullable types follows the one for others. */
    if (wrt_text_ref(p, &p->scratch))
        op = (enum wrt_op)(op + 1);
    wrt_buf_opcode(out, wrt_op_infos[op].code);
    wrt_buf_bytes(out, p->scratch.items, p->scratch.count);
}

void wrt_text_catches(struct wrt_parser *p, struct wrt_buf *out)
{
    uint32_t count = 0;

    p->scratch.count = 0;
    for (;; count++) {
        unsigned word = wrt_text_group(p);

        /* In the order of their numbers in the binary format. */
        static const uint16_t words[] = {WRT_WORD_CATCH, WRT_WORD_CATCH_REF,
                                         WRT_WORD_CATCH_ALL,
                                         WRT_WORD_CATCH_ALL_REF};
        unsigned form = 0;

        while (form < WRT_COUNTOF(words) && words[form] != word)
            form++;
        if (form == WRT_COUNTOF(words))
            break;
        wrt_text_advance(p, 2);
        wrt_buf_u8(&p->scratch, form);
        if (form < 2)
            wrt_buf_uleb(&p->scratch, wrt_text_index(p, WRT_SPACE_TAG));
        wrt_text_label(p, &p->scratch);
        wrt_text_close(p);
    }
    wrt_buf_uleb(out, count);
    wrt_buf_bytes(out, p->scratch.items, p->scratch.count);
}
