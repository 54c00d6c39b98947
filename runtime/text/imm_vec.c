/*
 * Immediates of vector instructions (spec 6.5.10).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/text/parser.h"

#include "runtime/text/number.h"

/* Number and width of the lanes of each shape. */
static const struct wrt_text_shape shapes[] = {
    {WRT_WORD_I8X16, 16, 8, false}, {WRT_WORD_I16X8, 8, 16, false},
    {WRT_WORD_I32X4, 4, 32, false}, {WRT_WORD_I64X2, 2, 64, false},
    {WRT_WORD_F32X4, 4, 32, true},  {WRT_WORD_F64X2, 2, 64, true},
};

const struct wrt_text_shape *wrt_text_shape(struct wrt_parser *p)
{
    for (size_t i = 0; i < WRT_COUNTOF(shapes); i++) {
        if (wrt_text_eat(p, (enum wrt_word)shapes[i].word))
            return &shapes[i];
    }
    wrt_text_unexpected(p, "the shape of a vector");
    return NULL;
}

static bool is_number(const struct wrt_token *token)
{
    return token->kind == WRT_TOKEN_NAT || token->kind == WRT_TOKEN_INT ||
           token->kind == WRT_TOKEN_FLOAT;
}

/* "v128.const shape lane*", behind the keyword. */
static void put_v128(struct wrt_parser *p, struct wrt_buf *out)
{
    const struct wrt_text_shape *shape = wrt_text_shape(p);
    unsigned count = 0;

    while (shape && is_number(wrt_text_ahead(p, count)))
        count++;
    if (shape && count != shape->lanes) {
        const struct wrt_token *first = wrt_text_ahead(p, 0);

        wrt_text_advance(p, count);
        if (wrt_text_kind(p) == WRT_TOKEN_RESERVED)
            wrt_text_unexpected(p, "a number");
        wrt_text_fail(p, WASMRT_ERR_TEXT_LANE_COUNT, first, "%u, expected %u",
                      count, shape->lanes);
    }
    for (unsigned i = 0; shape && i < shape->lanes && !p->error; i++) {
        uint64_t lane = shape->is_float ? wrt_text_floating(p, shape->bits)
                                        : wrt_text_integer(p, shape->bits);

        wrt_buf_fixed(out, lane, shape->bits / 8u);
    }
}

static void put_shuffle(struct wrt_parser *p, struct wrt_buf *out)
{
    const struct wrt_token *first = wrt_text_ahead(p, 0);
    unsigned count = 0;

    while (is_number(wrt_text_ahead(p, count)))
        count++;
    if (count != 16) {
        wrt_text_fail(p, WASMRT_ERR_TEXT_SHUFFLE_LENGTH, first,
                      "%u, expected 16", count);
        return;
    }
    for (unsigned i = 0; i < 16; i++) {
        const struct wrt_token *lane = wrt_text_ahead(p, 0);

        if (lane->kind != WRT_TOKEN_NAT)
            wrt_text_fail(p, WASMRT_ERR_TEXT_I8_RANGE, lane, NULL);
        wrt_buf_u8(out, (unsigned)wrt_text_nat(p, 8));
    }
}

static void put_lane(struct wrt_parser *p, struct wrt_buf *out)
{
    wrt_buf_u8(out, (unsigned)wrt_text_nat(p, 8));
}

bool wrt_text_vec_imm(struct wrt_parser *p, enum wrt_imm imm,
                      struct wrt_buf *out)
{
    switch (imm) {
    case WRT_IMM_V128: put_v128(p, out); return true;
    case WRT_IMM_SHUFFLE: put_shuffle(p, out); return true;
    case WRT_IMM_LANE2:
    case WRT_IMM_LANE4:
    case WRT_IMM_LANE8:
    case WRT_IMM_LANE16: put_lane(p, out); return true;
    case WRT_IMM_MEMARG0_LANE:
    case WRT_IMM_MEMARG1_LANE:
    case WRT_IMM_MEMARG2_LANE:
    case WRT_IMM_MEMARG3_LANE:
        wrt_text_memarg(p, imm - WRT_IMM_MEMARG0_LANE, true, out);
        put_lane(p, out);
        return true;
    default: return false;
    }
}
