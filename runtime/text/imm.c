/*
 * Immediates of instructions (spec 6.5), chosen by the row in opcode.def.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/text/parser.h"

#include "runtime/text/number.h"

/* -- Indices --------------------------------------------------------------- */

/* An index that may be left out and is 0 then. */
static uint32_t optional_index(struct wrt_parser *p, enum wrt_space space)
{
    return wrt_text_at_index(p) ? wrt_text_index(p, space) : 0;
}

static void put_index(struct wrt_parser *p, enum wrt_space space,
                      struct wrt_buf *out)
{
    wrt_buf_uleb(out, wrt_text_index(p, space));
}

void wrt_text_label(struct wrt_parser *p, struct wrt_buf *out)
{
    bool is_name = wrt_text_kind(p) == WRT_TOKEN_ID;
    uint32_t label = wrt_text_index(p, WRT_SPACE_LABEL);

    if (is_name)
        label = (uint32_t)p->labels.count - 1 - label;
    wrt_buf_uleb(out, label);
}

static void put_br_table(struct wrt_parser *p, struct wrt_buf *out)
{
    uint32_t count = 0;

    p->scratch.count = 0;
    do {
        wrt_text_label(p, &p->scratch);
        count++;
    } while (wrt_text_at_index(p));
    /* The last one is the default and is not counted. */
    wrt_buf_uleb(out, count - 1);
    wrt_buf_bytes(out, p->scratch.items, p->scratch.count);
}

/* "x? y" with x in an outer space (table, memory) and y a segment; the binary
 * format has y first. */
static void put_init(struct wrt_parser *p, enum wrt_space outer,
                     enum wrt_space segment, struct wrt_buf *out)
{
    uint32_t object = 0;
    enum wrt_token_kind next = (enum wrt_token_kind)wrt_text_ahead(p, 1)->kind;

    if (next == WRT_TOKEN_NAT || next == WRT_TOKEN_ID)
        object = wrt_text_index(p, outer);
    put_index(p, segment, out);
    wrt_buf_uleb(out, object);
}

/* "x y" or nothing. */
static void put_copy(struct wrt_parser *p, enum wrt_space space,
                     struct wrt_buf *out)
{
    bool is_given = wrt_text_at_index(p);

    wrt_buf_uleb(out, is_given ? wrt_text_index(p, space) : 0);
    wrt_buf_uleb(out, is_given ? wrt_text_index(p, space) : 0);
}

static void put_call_indirect(struct wrt_parser *p, struct wrt_buf *out)
{
    uint32_t table = optional_index(p, WRT_SPACE_TABLE);

    wrt_buf_uleb(out, wrt_text_typeuse(p, WRT_PARAMS_PLAIN));
    wrt_buf_uleb(out, table);
}

/* -- Memory arguments ------------------------------------------------------ */

/* The number behind "offset=" or "align=". */
static uint64_t assigned(struct wrt_parser *p, unsigned bits)
{
    const struct wrt_token *token = wrt_text_ahead(p, 0);
    const char *text = wrt_token_text(p, token);
    const char *value = (const char *)memchr(text, '=', token->len) + 1;
    uint64_t number;

    if (!wrt_number_int(value, token->len - (size_t)(value - text), bits,
                        &number)) {
        wrt_text_fail(p,
                      bits == 64 ? WASMRT_ERR_TEXT_I64_RANGE
                                 : WASMRT_ERR_TEXT_I32_RANGE,
                      token, NULL);
        return 0;
    }
    wrt_text_advance(p, 1);
    return number;
}

/* Whether the index here is a memory's: before a lane there may be one or
 * not. */
static bool at_memory(const struct wrt_parser *p, bool before_lane)
{
    const struct wrt_token *next = wrt_text_ahead(p, 1);

    if (!wrt_text_at_index(p))
        return false;
    return !before_lane || wrt_text_kind(p) == WRT_TOKEN_ID ||
           next->kind == WRT_TOKEN_NAT || next->word == WRT_WORD_OFFSET_EQ ||
           next->word == WRT_WORD_ALIGN_EQ;
}

void wrt_text_memarg(struct wrt_parser *p, unsigned natural_log2,
                     bool before_lane, struct wrt_buf *out)
{
    uint32_t memory = 0;
    uint64_t offset = 0, align = (uint64_t)1 << natural_log2;

    if (at_memory(p, before_lane))
        memory = wrt_text_index(p, WRT_SPACE_MEMORY);
    if (wrt_text_word(p) == WRT_WORD_OFFSET_EQ)
        offset = assigned(p, 64);
    if (wrt_text_word(p) == WRT_WORD_ALIGN_EQ) {
        const struct wrt_token *token = wrt_text_ahead(p, 0);

        align = assigned(p, 64);
        if (align == 0 || (align & (align - 1)) != 0) {
            wrt_text_fail(p, WASMRT_ERR_TEXT_ALIGNMENT, token, NULL);
            return;
        }
    }
    wrt_buf_uleb(out, (unsigned)__builtin_ctzll(align) | (memory ? 0x40u : 0));
    if (memory)
        wrt_buf_uleb(out, memory);
    wrt_buf_uleb(out, offset);
}

/* -- Constants ------------------------------------------------------------- */

uint64_t wrt_text_integer(struct wrt_parser *p, unsigned bits)
{
    const struct wrt_token *token = wrt_text_ahead(p, 0);
    uint64_t value = 0;

    if (token->kind != WRT_TOKEN_NAT && token->kind != WRT_TOKEN_INT)
        wrt_text_unexpected(p, "an integer");
    else if (!wrt_number_int(wrt_token_text(p, token), token->len, bits,
                             &value))
        wrt_text_fail(p, WASMRT_ERR_TEXT_CONST_RANGE, token, NULL);
    else
        wrt_text_advance(p, 1);
    return value;
}

uint64_t wrt_text_floating(struct wrt_parser *p, unsigned bits)
{
    const struct wrt_token *token = wrt_text_ahead(p, 0);
    uint64_t value = 0;

    if (token->kind != WRT_TOKEN_NAT && token->kind != WRT_TOKEN_INT &&
        token->kind != WRT_TOKEN_FLOAT)
        wrt_text_unexpected(p, "a number");
    else if (!wrt_number_float(wrt_token_text(p, token), token->len, bits,
                               &value))
        wrt_text_fail(p, WASMRT_ERR_TEXT_CONST_RANGE, token, NULL);
    else
        wrt_text_advance(p, 1);
    return value;
}

/* -- Dispatch -------------------------------------------------------------- */

static void put_select(struct wrt_parser *p, struct wrt_buf *out)
{
    bool is_typed = wrt_text_group(p) == WRT_WORD_RESULT;

    wrt_buf_opcode(
        out, wrt_op_infos[is_typed ? WRT_OP_SELECT_T : WRT_OP_SELECT].code);
    if (is_typed)
        wrt_text_results(p, out);
}

/* Kinds that are one index. */
static bool put_one_index(struct wrt_parser *p, enum wrt_imm imm,
                          struct wrt_buf *out)
{
    switch (imm) {
    case WRT_IMM_FUNC: put_index(p, WRT_SPACE_FUNC, out); return true;
    case WRT_IMM_TYPE: put_index(p, WRT_SPACE_TYPE, out); return true;
    case WRT_IMM_LOCAL: put_index(p, WRT_SPACE_LOCAL, out); return true;
    case WRT_IMM_GLOBAL: put_index(p, WRT_SPACE_GLOBAL, out); return true;
    case WRT_IMM_ELEM: put_index(p, WRT_SPACE_ELEM, out); return true;
    case WRT_IMM_LABEL: wrt_text_label(p, out); return true;
    case WRT_IMM_TABLE:
        wrt_buf_uleb(out, optional_index(p, WRT_SPACE_TABLE));
        return true;
    case WRT_IMM_MEMORY:
        wrt_buf_uleb(out, optional_index(p, WRT_SPACE_MEMORY));
        return true;
    case WRT_IMM_DATA:
        p->needs_data_count = true;
        put_index(p, WRT_SPACE_DATA, out);
        return true;
    default: return false;
    }
}

/* Kinds of several parts, and constants. */
static void put_other(struct wrt_parser *p, enum wrt_imm imm,
                      struct wrt_buf *out)
{
    switch (imm) {
    case WRT_IMM_BR_TABLE: put_br_table(p, out); break;
    case WRT_IMM_CALL_INDIRECT: put_call_indirect(p, out); break;
    case WRT_IMM_TABLE_INIT:
        put_init(p, WRT_SPACE_TABLE, WRT_SPACE_ELEM, out);
        break;
    case WRT_IMM_MEMORY_INIT:
        p->needs_data_count = true;
        put_init(p, WRT_SPACE_MEMORY, WRT_SPACE_DATA, out);
        break;
    case WRT_IMM_TABLE_COPY: put_copy(p, WRT_SPACE_TABLE, out); break;
    case WRT_IMM_MEMORY_COPY: put_copy(p, WRT_SPACE_MEMORY, out); break;
    case WRT_IMM_MEMARG0:
    case WRT_IMM_MEMARG1:
    case WRT_IMM_MEMARG2:
    case WRT_IMM_MEMARG3:
    case WRT_IMM_MEMARG4:
        wrt_text_memarg(p, imm - WRT_IMM_MEMARG0, false, out);
        break;
    case WRT_IMM_I32:
        wrt_buf_sleb(out, (int32_t)wrt_text_integer(p, 32));
        break;
    case WRT_IMM_I64:
        wrt_buf_sleb(out, (int64_t)wrt_text_integer(p, 64));
        break;
    case WRT_IMM_F32: wrt_buf_fixed(out, wrt_text_floating(p, 32), 4); break;
    case WRT_IMM_F64: wrt_buf_fixed(out, wrt_text_floating(p, 64), 8); break;
    case WRT_IMM_HEAP_TYPE: wrt_text_heaptype(p, out); break;
    case WRT_IMM_ATOMIC0:
    case WRT_IMM_ATOMIC1:
    case WRT_IMM_ATOMIC2:
    case WRT_IMM_ATOMIC3:
        wrt_text_memarg(p, imm - WRT_IMM_ATOMIC0, false, out);
        break;
    case WRT_IMM_FENCE: wrt_buf_u8(out, 0); break;
    default: break;
    }
}

void wrt_text_plain(struct wrt_parser *p, enum wrt_op op, struct wrt_buf *out)
{
    const struct wrt_op_info *info = &wrt_op_infos[op];

    if (op == WRT_OP_SELECT) {
        put_select(p, out);
        return;
    }
    if (info->imm == WRT_IMM_REF_TYPE) {
        wrt_text_cast_op(p, op, out);
        return;
    }
    wrt_buf_opcode(out, info->code);
    if (!put_one_index(p, (enum wrt_imm)info->imm, out) &&
        !wrt_text_vec_imm(p, (enum wrt_imm)info->imm, out) &&
        !wrt_text_ref_imm(p, (enum wrt_imm)info->imm, out))
        put_other(p, (enum wrt_imm)info->imm, out);
}
