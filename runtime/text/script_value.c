/*
 * Constants and result patterns of test scripts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/text/script.h"

#include "runtime/text/number.h"

/* "nan:canonical" and "nan:arithmetic", or EXACT. */
static wasmrt_script_nan nan_pattern(struct wrt_parser *p, bool is_pattern)
{
    if (is_pattern && wrt_text_eat(p, WRT_WORD_NAN_CANONICAL))
        return WASMRT_SCRIPT_CANONICAL_NAN;
    if (is_pattern && wrt_text_eat(p, WRT_WORD_NAN_ARITHMETIC))
        return WASMRT_SCRIPT_ARITHMETIC_NAN;
    return WASMRT_SCRIPT_EXACT;
}

static void float_value(struct wrt_parser *p, unsigned bits, bool is_pattern,
                        wasmrt_script_value *out)
{
    out->nan[0] = nan_pattern(p, is_pattern);
    if (out->nan[0] == WASMRT_SCRIPT_EXACT)
        out->bits = wrt_text_floating(p, bits);
}

/* A shape and its lanes; in a pattern, a lane may be one of the two kinds of
 * NaN. */
static void vector_value(struct wrt_parser *p, bool is_pattern,
                         wasmrt_script_value *out)
{
    const struct wrt_text_shape *shape = wrt_text_shape(p);

    if (!shape)
        return;
    out->lanes = shape->lanes;
    out->is_float = shape->is_float;
    for (unsigned i = 0; i < shape->lanes; i++) {
        uint64_t lane = 0;

        if (shape->is_float)
            out->nan[i] = nan_pattern(p, is_pattern);
        if (!shape->is_float)
            lane = wrt_text_integer(p, shape->bits);
        else if (out->nan[i] == WASMRT_SCRIPT_EXACT)
            lane = wrt_text_floating(p, shape->bits);
        /* Little-endian machines only (base.h). */
        memcpy(out->v128 + i * (shape->bits / 8u), &lane, shape->bits / 8u);
    }
}

/* The token's text as a string of the arena. */
static const char *copy_token(struct wrt_parser *p, struct wrt_arena *arena,
                              const struct wrt_token *token)
{
    const char *copy =
        wrt_arena_string(arena, wrt_token_text(p, token), token->len);

    if (!copy)
        wrt_text_oom(p);
    return copy;
}

static void null_value(struct wrt_parser *p, struct wrt_arena *arena,
                       wasmrt_script_value *out)
{
    out->type = WASMRT_SCRIPT_REF_NULL;
    if (wrt_text_kind(p) != WRT_TOKEN_RPAR) {
        out->heap = copy_token(p, arena, wrt_text_ahead(p, 0));
        wrt_text_advance(p, 1);
    }
}

/* "ref.extern N", "ref.func", "ref.i31" ...; the cursor is behind the word. */
static void ref_value(struct wrt_parser *p, struct wrt_arena *arena,
                      const struct wrt_token *word, wasmrt_script_value *out)
{
    struct wrt_token heap = *word;

    out->type = WASMRT_SCRIPT_REF;
    if (word->word == WRT_WORD_REF_EXTERN)
        out->type = WASMRT_SCRIPT_REF_EXTERN;
    else if (word->word == WRT_WORD_REF_HOST)
        out->type = WASMRT_SCRIPT_REF_HOST;
    heap.pos += 4;
    heap.len -= 4;
    out->heap = copy_token(p, arena, &heap);
    if (wrt_text_kind(p) == WRT_TOKEN_NAT) {
        out->has_number = true;
        out->bits = wrt_text_nat(p, 64);
    }
}

static bool is_ref_word(const struct wrt_parser *p,
                        const struct wrt_token *word)
{
    return word->len > 4 && memcmp(wrt_token_text(p, word), "ref.", 4) == 0;
}

/* What may stand in "either", and everything else but "either" itself. */
static void simple_value(struct wrt_parser *p, struct wrt_arena *arena,
                         bool is_pattern, wasmrt_script_value *out)
{
    const struct wrt_token *word = wrt_text_ahead(p, 1);
    enum wrt_op op = wrt_word_op(word->word);

    *out = (wasmrt_script_value){0};
    if (wrt_text_kind(p) != WRT_TOKEN_LPAR || word->kind != WRT_TOKEN_WORD) {
        wrt_text_unexpected(p, "a constant");
        return;
    }
    wrt_text_advance(p, 2);
    if (op == WRT_OP_I32_CONST) {
        out->bits = wrt_text_integer(p, 32) & UINT32_MAX;
    } else if (op == WRT_OP_I64_CONST) {
        out->type = WASMRT_SCRIPT_I64;
        out->bits = wrt_text_integer(p, 64);
    } else if (op == WRT_OP_F32_CONST || op == WRT_OP_F64_CONST) {
        out->type =
            op == WRT_OP_F32_CONST ? WASMRT_SCRIPT_F32 : WASMRT_SCRIPT_F64;
        float_value(p, op == WRT_OP_F32_CONST ? 32 : 64, is_pattern, out);
    } else if (op == WRT_OP_V128_CONST) {
        out->type = WASMRT_SCRIPT_V128;
        vector_value(p, is_pattern, out);
    } else if (op == WRT_OP_REF_NULL) {
        null_value(p, arena, out);
    } else if (is_ref_word(p, word)) {
        ref_value(p, arena, word, out);
    } else {
        wrt_text_fail(p, WASMRT_ERR_TEXT_SYNTAX, word, "expected a constant");
    }
    wrt_text_close(p);
}

void wrt_script_value(struct wrt_parser *p, struct wrt_arena *arena,
                      bool is_pattern, wasmrt_script_value *out)
{
    wasmrt_script_value *items;
    uint32_t count = 0;

    if (!is_pattern || !wrt_text_open(p, WRT_WORD_EITHER)) {
        simple_value(p, arena, is_pattern, out);
        return;
    }
    *out = (wasmrt_script_value){.type = WASMRT_SCRIPT_EITHER};
    for (uint32_t i = p->pos; i < p->end && p->tokens[i].kind == WRT_TOKEN_LPAR;
         count++)
        i = WRT_MIN(p->tokens[i].link, p->end - 1) + 1;
    items = wrt_arena_array(arena, count, sizeof(*items));
    if (!items) {
        wrt_text_oom(p);
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        simple_value(p, arena, true, &items[i]);
    out->alternatives = items;
    out->nalternatives = count;
    wrt_text_close(p);
}

const wasmrt_script_value *wrt_script_values(struct wrt_parser *p,
                                             struct wrt_arena *arena,
                                             bool is_pattern, size_t *count)
{
    wasmrt_script_value *items;
    uint32_t n = 0;

    for (uint32_t i = p->pos; i < p->end && p->tokens[i].kind == WRT_TOKEN_LPAR;
         n++)
        i = WRT_MIN(p->tokens[i].link, p->end - 1) + 1;
    items = wrt_arena_array(arena, n, sizeof(*items));
    *count = 0;
    if (!items) {
        wrt_text_oom(p);
        return NULL;
    }
    for (uint32_t i = 0; i < n && !p->error; i++)
        wrt_script_value(p, arena, is_pattern, &items[i]);
    *count = n;
    return items;
}
