/*
 * Names, indices, numbers and strings as the parser reads them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/text/parser.h"

#include "runtime/base/utf8.h"
#include "runtime/text/number.h"

/* The errors of each index space. */
static const struct {
    wasmrt_code unknown, duplicate;
} space_codes[WRT_SPACE_COUNT] = {
    [WRT_SPACE_TYPE] = {WASMRT_ERR_TEXT_UNKNOWN_TYPE,
                        WASMRT_ERR_TEXT_DUPLICATE_TYPE},
    [WRT_SPACE_FUNC] = {WASMRT_ERR_TEXT_UNKNOWN_FUNC,
                        WASMRT_ERR_TEXT_DUPLICATE_FUNC},
    [WRT_SPACE_TABLE] = {WASMRT_ERR_TEXT_UNKNOWN_TABLE,
                         WASMRT_ERR_TEXT_DUPLICATE_TABLE},
    [WRT_SPACE_MEMORY] = {WASMRT_ERR_TEXT_UNKNOWN_MEMORY,
                          WASMRT_ERR_TEXT_DUPLICATE_MEMORY},
    [WRT_SPACE_GLOBAL] = {WASMRT_ERR_TEXT_UNKNOWN_GLOBAL,
                          WASMRT_ERR_TEXT_DUPLICATE_GLOBAL},
    [WRT_SPACE_TAG] = {WASMRT_ERR_TEXT_UNKNOWN_TAG,
                       WASMRT_ERR_TEXT_DUPLICATE_TAG},
    [WRT_SPACE_ELEM] = {WASMRT_ERR_TEXT_UNKNOWN_ELEM,
                        WASMRT_ERR_TEXT_DUPLICATE_ELEM},
    [WRT_SPACE_DATA] = {WASMRT_ERR_TEXT_UNKNOWN_DATA,
                        WASMRT_ERR_TEXT_DUPLICATE_DATA},
    [WRT_SPACE_LOCAL] = {WASMRT_ERR_TEXT_UNKNOWN_LOCAL,
                         WASMRT_ERR_TEXT_DUPLICATE_LOCAL},
    /* A label shadows an outer one of the same name. */
    [WRT_SPACE_LABEL] = {WASMRT_ERR_TEXT_UNKNOWN_LABEL, WASMRT_ERR_TEXT_SYNTAX},
};

const struct wrt_token *wrt_text_id(struct wrt_parser *p)
{
    if (wrt_text_kind(p) != WRT_TOKEN_ID)
        return NULL;
    return &p->tokens[p->pos++];
}

struct wrt_symbol *wrt_text_symbol(struct wrt_parser *p, uint32_t symbol)
{
    struct wrt_symbol *s = &p->lexed->symbols.items[symbol];

    if (s->module != p->module_no) {
        s->module = p->module_no;
        s->func = p->func_no;
        memset(s->index, 0xff, sizeof(s->index));
    } else if (s->func != p->func_no) {
        s->func = p->func_no;
        s->index[WRT_SPACE_LOCAL] = s->index[WRT_SPACE_LABEL] = WRT_NO_INDEX;
    }
    return s;
}

void wrt_text_define(struct wrt_parser *p, enum wrt_space space,
                     const struct wrt_token *id, uint32_t index)
{
    struct wrt_symbol *s;

    if (!id)
        return;
    s = wrt_text_symbol(p, id->link);
    if (s->index[space] != WRT_NO_INDEX)
        wrt_text_fail(p, space_codes[space].duplicate, id, "$%.*s",
                      (int)WRT_MIN(s->len, 60), s->text);
    s->index[space] = index;
}

bool wrt_text_at_index(const struct wrt_parser *p)
{
    return wrt_text_kind(p) == WRT_TOKEN_NAT ||
           wrt_text_kind(p) == WRT_TOKEN_ID;
}

uint32_t wrt_text_index(struct wrt_parser *p, enum wrt_space space)
{
    const struct wrt_token *id = wrt_text_id(p);
    const struct wrt_symbol *s;

    if (!id)
        return (uint32_t)wrt_text_nat(p, 32);
    s = wrt_text_symbol(p, id->link);
    if (s->index[space] == WRT_NO_INDEX)
        wrt_text_fail(p, space_codes[space].unknown, id, "$%.*s",
                      (int)WRT_MIN(s->len, 60), s->text);
    return s->index[space];
}

uint64_t wrt_text_nat(struct wrt_parser *p, unsigned bits)
{
    const struct wrt_token *token = wrt_text_ahead(p, 0);
    uint64_t value = 0;

    if (token->kind != WRT_TOKEN_NAT) {
        wrt_text_unexpected(p, "a number");
        return 0;
    }
    if (!wrt_number_int(wrt_token_text(p, token), token->len, bits, &value)) {
        wrt_text_fail(p,
                      bits == 64   ? WASMRT_ERR_TEXT_I64_RANGE
                      : bits == 32 ? WASMRT_ERR_TEXT_I32_RANGE
                                   : WASMRT_ERR_TEXT_I8_RANGE,
                      token, NULL);
        return 0;
    }
    wrt_text_advance(p, 1);
    return value;
}

void wrt_text_string(struct wrt_parser *p, struct wrt_buf *out)
{
    const struct wrt_token *token = wrt_text_ahead(p, 0);

    if (token->kind != WRT_TOKEN_STRING) {
        wrt_text_unexpected(p, "a string");
        return;
    }
    wrt_lex_string(out, wrt_token_text(p, token), token->len);
    wrt_text_advance(p, 1);
}

void wrt_text_name(struct wrt_parser *p, struct wrt_buf *out)
{
    const struct wrt_token *token = wrt_text_ahead(p, 0);

    p->scratch.count = 0;
    wrt_text_string(p, &p->scratch);
    if (!p->error && !wrt_utf8_check(p->scratch.items, p->scratch.count))
        wrt_text_fail(p, WASMRT_ERR_TEXT_UTF8, token, NULL);
    wrt_buf_sized(out, p->scratch.items, p->scratch.count);
}
