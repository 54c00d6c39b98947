/*
 * Lexer: text -> an array of tokens.
 *
 * Identifier characters and strings that touch each other form one run (spec
 * 6.3.1, longest match), which is then classified: a number, a keyword, an
 * identifier, a string, or reserved.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/text/lex.h"

#include "runtime/base/utf8.h"
#include "runtime/module/module.h"
#include "runtime/text/number.h"

enum { NO_TOKEN = UINT32_MAX };

struct lexer {
    struct wrt_lexed *out;
    const char *text;
    uint32_t pos, len;
    WRT_VEC(uint32_t) open; /* tokens of unclosed parentheses */
};

/* What a run of characters consists of. */
struct run {
    uint32_t start, len;
    uint32_t nstrings;
};

static wasmrt_error *fail(wasmrt_code code, uint32_t pos)
{
    return wrt_error_new(code, pos, NULL);
}

bool wrt_lex_is_idchar(char c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
        (c >= '0' && c <= '9'))
        return true;
    return c != '\0' && strchr("!#$%&'*+-./:<=>?@\\^_`|~", c) != NULL;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* -- Strings --------------------------------------------------------------- */

/* Reads "u{...}" whose 'u' is at *pos: the code point, or -1. */
static int64_t unicode_escape(const char *text, uint32_t *pos, uint32_t len)
{
    uint32_t i = *pos + 1;
    int64_t value = 0;
    bool digits = false, underscore = true;

    if (i >= len || text[i++] != '{')
        return -1;
    for (; i < len && text[i] != '}'; i++) {
        int digit = hex_digit(text[i]);

        if (text[i] == '_' && !underscore) {
            underscore = true;
            continue;
        }
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
        if (value > 0x10ffff)
            return -1;
        digits = true;
        underscore = false;
    }
    *pos = i + 1;
    if (i >= len || !digits || underscore)
        return -1;
    return value >= 0xd800 && value < 0xe000 ? -1 : value;
}

/* Checks the escape whose backslash is at *pos and moves behind it. */
static bool skip_escape(const char *text, uint32_t *pos, uint32_t len)
{
    uint32_t i = *pos + 1;

    if (i >= len)
        return false;
    *pos = i + 1;
    if (text[i] != '\0' && strchr("tnr\"'\\", text[i]))
        return true;
    if (text[i] == 'u') {
        *pos = i;
        return unicode_escape(text, pos, len) >= 0;
    }
    *pos = i + 2;
    return i + 1 < len && hex_digit(text[i]) >= 0 &&
           hex_digit(text[i + 1]) >= 0;
}

/* Moves behind the string literal at the current position. */
static wasmrt_error *skip_string(struct lexer *lx)
{
    uint32_t start = lx->pos, i = start + 1;

    while (i < lx->len && lx->text[i] != '"') {
        unsigned char c = (unsigned char)lx->text[i];

        if (c == '\n' || c == '\r')
            break;
        if (c < 0x20 || c == 0x7f)
            return fail(WASMRT_ERR_TEXT_ILLEGAL_CHARACTER, i);
        if (c != '\\') {
            i++;
            continue;
        }
        uint32_t at = i;
        if (!skip_escape(lx->text, &i, lx->len))
            return fail(WASMRT_ERR_TEXT_ILLEGAL_ESCAPE, at);
    }
    if (i >= lx->len || lx->text[i] != '"')
        return fail(WASMRT_ERR_TEXT_UNCLOSED_STRING, start);
    if (!wrt_utf8_check((const uint8_t *)lx->text + start, i - start))
        return fail(WASMRT_ERR_TEXT_UTF8, start);
    lx->pos = i + 1;
    return NULL;
}

static void put_code_point(struct wrt_buf *out, uint32_t c)
{
    if (c < 0x80) {
        wrt_buf_u8(out, c);
        return;
    }
    if (c < 0x800) {
        wrt_buf_u8(out, 0xc0 | c >> 6);
    } else {
        if (c < 0x10000) {
            wrt_buf_u8(out, 0xe0 | c >> 12);
        } else {
            wrt_buf_u8(out, 0xf0 | c >> 18);
            wrt_buf_u8(out, 0x80 | (c >> 12 & 0x3f));
        }
        wrt_buf_u8(out, 0x80 | (c >> 6 & 0x3f));
    }
    wrt_buf_u8(out, 0x80 | (c & 0x3f));
}

/* Appends what the escape at raw[*pos], behind the backslash, stands for. */
static void put_escape(struct wrt_buf *out, const char *raw, uint32_t *pos,
                       uint32_t len)
{
    char c = raw[*pos];

    if (c == 'u') {
        put_code_point(out, (uint32_t)unicode_escape(raw, pos, len));
        return;
    }
    *pos += 1;
    switch (c) {
    case 't': wrt_buf_u8(out, '\t'); return;
    case 'n': wrt_buf_u8(out, '\n'); return;
    case 'r': wrt_buf_u8(out, '\r'); return;
    case '"':
    case '\'':
    case '\\': wrt_buf_u8(out, (unsigned char)c); return;
    default:
        wrt_buf_u8(out, (unsigned)(hex_digit(c) * 16 + hex_digit(raw[*pos])));
        *pos += 1;
    }
}

void wrt_lex_string(struct wrt_buf *out, const char *raw, size_t len)
{
    uint32_t i = 1, end = (uint32_t)len - 1;

    while (i < end) {
        const char *next = memchr(raw + i, '\\', end - i);
        uint32_t plain = next ? (uint32_t)(next - raw) : end;

        wrt_buf_bytes(out, raw + i, plain - i);
        i = plain;
        if (next) {
            i++;
            put_escape(out, raw, &i, end);
        }
    }
}

/* -- Blanks and annotations ------------------------------------------------ */

/* Moves behind a nested block comment. */
static wasmrt_error *skip_block_comment(struct lexer *lx)
{
    uint32_t start = lx->pos, depth = 0, i = start;

    do {
        if (i + 1 >= lx->len)
            return fail(WASMRT_ERR_TEXT_UNCLOSED_COMMENT, start);
        if (lx->text[i] == '(' && lx->text[i + 1] == ';') {
            depth++;
            i += 2;
        } else if (lx->text[i] == ';' && lx->text[i + 1] == ')') {
            depth--;
            i += 2;
        } else {
            i++;
        }
    } while (depth > 0);
    if (!wrt_utf8_check((const uint8_t *)lx->text + start, i - start))
        return fail(WASMRT_ERR_TEXT_UTF8, start);
    lx->pos = i;
    return NULL;
}

static wasmrt_error *skip_line_comment(struct lexer *lx)
{
    uint32_t start = lx->pos, i = start;

    while (i < lx->len && lx->text[i] != '\n' && lx->text[i] != '\r')
        i++;
    if (!wrt_utf8_check((const uint8_t *)lx->text + start, i - start))
        return fail(WASMRT_ERR_TEXT_UTF8, start);
    lx->pos = i;
    return NULL;
}

static bool looking_at(const struct lexer *lx, const char *two)
{
    return lx->pos + 1 < lx->len && lx->text[lx->pos] == two[0] &&
           lx->text[lx->pos + 1] == two[1];
}

static wasmrt_error *skip_blanks(struct lexer *lx)
{
    for (; lx->pos < lx->len;) {
        char c = lx->text[lx->pos];

        if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
            lx->pos++;
        else if (looking_at(lx, ";;"))
            WRT_TRY(skip_line_comment(lx));
        else if (looking_at(lx, "(;"))
            WRT_TRY(skip_block_comment(lx));
        else
            break;
    }
    return NULL;
}

/* A string in a run.  Behind a lone dollar, what is no string leaves the dollar
 * an identifier without a name. */
static wasmrt_error *run_string(struct lexer *lx, const struct run *run)
{
    bool is_id = lx->pos == run->start + 1 && lx->text[run->start] == '$';
    wasmrt_error *error = skip_string(lx);

    if (!error || !is_id || wasmrt_error_code(error) == WASMRT_ERR_TEXT_UTF8)
        return error;
    wasmrt_error_delete(error);
    return fail(WASMRT_ERR_TEXT_EMPTY_ID, run->start);
}

/* Reads a run of identifier characters and strings, possibly empty. */
static wasmrt_error *read_run(struct lexer *lx, struct run *run)
{
    *run = (struct run){.start = lx->pos};
    while (lx->pos < lx->len) {
        if (wrt_lex_is_idchar(lx->text[lx->pos])) {
            lx->pos++;
        } else if (lx->text[lx->pos] == '"') {
            WRT_TRY(run_string(lx, run));
            run->nstrings++;
        } else {
            break;
        }
    }
    run->len = lx->pos - run->start;
    return NULL;
}

/* The error for a character that begins no token. */
static wasmrt_error *illegal_character(const struct lexer *lx)
{
    uint32_t left = lx->len - lx->pos, n = 1;

    while (n < left && n < 4 && (lx->text[lx->pos + n] & 0xc0) == 0x80)
        n++;
    if (!wrt_utf8_check((const uint8_t *)lx->text + lx->pos, n))
        return fail(WASMRT_ERR_TEXT_UTF8, lx->pos);
    return fail(WASMRT_ERR_TEXT_ILLEGAL_CHARACTER, lx->pos);
}

/* -- Tokens ---------------------------------------------------------------- */

/* The symbol of an identifier; key is the name without "$". */
static wasmrt_error *intern(struct lexer *lx, const char *key, uint32_t len,
                            uint32_t *symbol_out)
{
    struct wrt_lexed *out = lx->out;
    struct wrt_symbol symbol = {.text = key, .len = len};
    bool added;
    uint32_t *slot =
        wrt_map_add(&out->ids, key, len, (uint32_t)out->symbols.count, &added);

    if (!slot)
        return wrt_error_oom();
    if (added && !wrt_vec_push(out->alloc, &out->symbols, symbol))
        return wrt_error_oom();
    *symbol_out = *slot;
    return NULL;
}

/* $"..." names the same as $... when it decodes to the same characters. */
static wasmrt_error *quoted_id(struct lexer *lx, struct wrt_token *token)
{
    struct wrt_buf name;
    char *copy = NULL;
    wasmrt_error *error = NULL;

    wrt_buf_init(&name, lx->out->alloc);
    wrt_lex_string(&name, lx->text + token->pos + 1, token->len - 1);
    if (name.count == 0)
        error = fail(WASMRT_ERR_TEXT_EMPTY_ID, token->pos);
    else if (!wrt_utf8_check(name.items, name.count))
        error = fail(WASMRT_ERR_TEXT_UTF8, token->pos);
    else
        copy = wrt_arena_string(&lx->out->arena, (const char *)name.items,
                                name.count);
    if (copy)
        error = intern(lx, copy, (uint32_t)name.count, &token->link);
    else if (!error || name.failed) {
        wasmrt_error_delete(error);
        error = wrt_error_oom();
    }
    wrt_buf_fini(&name);
    return error;
}

static wasmrt_error *classify_id(struct lexer *lx, struct wrt_token *token,
                                 const struct run *run)
{
    const char *text = lx->text + run->start;

    if (run->nstrings == 0) {
        if (run->len == 1)
            return fail(WASMRT_ERR_TEXT_EMPTY_ID, run->start);
        token->kind = WRT_TOKEN_ID;
        return intern(lx, text + 1, run->len - 1, &token->link);
    }
    /* One string right behind the dollar and nothing else. */
    if (run->nstrings > 1 || text[1] != '"' || text[run->len - 1] != '"')
        return NULL;
    token->kind = WRT_TOKEN_ID;
    return quoted_id(lx, token);
}

/* offset=N and align=N are one token each (spec 6.5.6). */
static unsigned assignment(const char *text, uint32_t len)
{
    if (len > 7 && memcmp(text, "offset=", 7) == 0 &&
        wrt_number_shape(text + 7, len - 7) == WRT_TOKEN_NAT)
        return WRT_WORD_OFFSET_EQ;
    if (len > 6 && memcmp(text, "align=", 6) == 0 &&
        wrt_number_shape(text + 6, len - 6) == WRT_TOKEN_NAT)
        return WRT_WORD_ALIGN_EQ;
    return WRT_WORD_UNKNOWN;
}

/* Decides what a run is; it is RESERVED so far. */
static wasmrt_error *classify(struct lexer *lx, struct wrt_token *token,
                              const struct run *run)
{
    const char *text = lx->text + run->start;

    if (text[0] == '$')
        return classify_id(lx, token, run);
    if (run->nstrings > 0) {
        if (run->nstrings == 1 && text[0] == '"' && text[run->len - 1] == '"')
            token->kind = WRT_TOKEN_STRING;
        return NULL;
    }
    if (text[0] >= 'a' && text[0] <= 'z') {
        token->word = (uint16_t)wrt_words_find(&lx->out->words, text, run->len);
        if (!token->word)
            token->word = (uint16_t)assignment(text, run->len);
        if (token->word) {
            token->kind = WRT_TOKEN_WORD;
            return NULL;
        }
    }
    token->kind = (uint8_t)wrt_number_shape(text, run->len);
    return NULL;
}

/* -- Annotations ----------------------------------------------------------- */

/* The annotations that change what a module means, by name. */
static enum wrt_annotation_kind annotation_kind(const char *name, size_t len)
{
    static const char *const known[] = {
        [WRT_ANNOTATION_CUSTOM] = "custom",
        [WRT_ANNOTATION_NAME] = "name",
        [WRT_ANNOTATION_BRANCH_HINT] = "metadata.code.branch_hint",
    };

    for (size_t i = 0; i < WRT_COUNTOF(known); i++) {
        if (strlen(known[i]) == len && memcmp(known[i], name, len) == 0)
            return (enum wrt_annotation_kind)i;
    }
    return WRT_ANNOTATION_OTHER;
}

/* The name of an annotation as a string.  What is no complete string is no
 * name at all, except that bad UTF-8 is reported as such. */
static wasmrt_error *quoted_annotation_name(struct lexer *lx,
                                            enum wrt_annotation_kind *kind)
{
    uint32_t start = lx->pos;
    wasmrt_error *error = skip_string(lx);
    struct wrt_buf name;
    bool ok;

    if (error && wasmrt_error_code(error) == WASMRT_ERR_TEXT_UTF8)
        return error;
    if (error) {
        wasmrt_error_delete(error);
        lx->pos = start;
        return NULL;
    }
    wrt_buf_init(&name, lx->out->alloc);
    wrt_lex_string(&name, lx->text + start, lx->pos - start);
    ok = wrt_utf8_check(name.items, name.count);
    if (name.count == 0)
        lx->pos = start;
    else
        *kind = annotation_kind((const char *)name.items, name.count);
    error = name.failed ? wrt_error_oom() : NULL;
    wrt_buf_fini(&name);
    return error || ok ? error : fail(WASMRT_ERR_TEXT_UTF8, start);
}

/* Reads the name behind "(@": identifier characters, or one string. */
static wasmrt_error *annotation_name(struct lexer *lx,
                                     enum wrt_annotation_kind *kind)
{
    uint32_t start = lx->pos;

    while (lx->pos < lx->len && wrt_lex_is_idchar(lx->text[lx->pos]))
        lx->pos++;
    *kind = annotation_kind(lx->text + start, lx->pos - start);
    if (lx->pos == start && lx->pos < lx->len && lx->text[start] == '"')
        WRT_TRY(quoted_annotation_name(lx, kind));
    if (lx->pos == start)
        return fail(WASMRT_ERR_TEXT_EMPTY_ANNOTATION, start - 2);
    return NULL;
}

/* Reads one token of an annotation, keeping count of parentheses. */
static wasmrt_error *annotation_token(struct lexer *lx, bool is_kept,
                                      uint32_t *depth, struct wrt_token *token)
{
    struct run run;
    char c = lx->text[lx->pos];

    *token = (struct wrt_token){
        .pos = lx->pos, .len = 1, .kind = WRT_TOKEN_RESERVED};
    if (c == '(' || c == ')') {
        *depth += c == '(' ? 1u : UINT32_MAX;
        token->kind = c == '(' ? WRT_TOKEN_LPAR : WRT_TOKEN_RPAR;
        /* Inside an annotation "(@" is a group like any other; it needs no
         * name. */
        lx->pos += looking_at(lx, "(@") ? 2 : 1;
        return NULL;
    }
    if (strchr(",;[]{}", c) && c != '\0') {
        lx->pos++;
        return NULL;
    }
    WRT_TRY(read_run(lx, &run));
    if (run.len == 0)
        return illegal_character(lx);
    token->len = run.len;
    return is_kept ? classify(lx, token, &run) : NULL;
}

/* "(@name ...)": kept beside the tokens when it has a meaning, with tokens of
 * its own, of which the last one is END at its parenthesis. */
static wasmrt_error *annotation(struct lexer *lx)
{
    struct wrt_annotation note = {
        .pos = lx->pos,
        .token = (uint32_t)lx->out->tokens.count,
        .first = (uint32_t)lx->out->notes.count,
    };
    enum wrt_annotation_kind kind;
    uint32_t depth = 1;
    bool is_kept;

    lx->pos += 2;
    WRT_TRY(annotation_name(lx, &kind));
    is_kept = kind != WRT_ANNOTATION_OTHER;
    while (depth > 0) {
        struct wrt_token token;

        WRT_TRY(skip_blanks(lx));
        if (lx->pos >= lx->len)
            return fail(WASMRT_ERR_TEXT_UNCLOSED_ANNOTATION, note.pos);
        WRT_TRY(annotation_token(lx, is_kept, &depth, &token));
        if (depth == 0)
            token.kind = WRT_TOKEN_END;
        if (is_kept && !wrt_vec_push(lx->out->alloc, &lx->out->notes, token))
            return wrt_error_oom();
    }
    note.kind = (uint8_t)kind;
    if (is_kept && !wrt_vec_push(lx->out->alloc, &lx->out->annotations, note))
        return wrt_error_oom();
    return NULL;
}

static wasmrt_error *push(struct lexer *lx, struct wrt_token token)
{
    if (!wrt_vec_push(lx->out->alloc, &lx->out->tokens, token))
        return wrt_error_oom();
    return NULL;
}

static wasmrt_error *open_paren(struct lexer *lx, struct wrt_token token)
{
    token.kind = WRT_TOKEN_LPAR;
    token.link = NO_TOKEN;
    if (!wrt_vec_push(lx->out->alloc, &lx->open,
                      (uint32_t)lx->out->tokens.count))
        return wrt_error_oom();
    return push(lx, token);
}

static wasmrt_error *close_paren(struct lexer *lx, struct wrt_token token)
{
    token.kind = WRT_TOKEN_RPAR;
    if (lx->open.count > 0) {
        uint32_t open = lx->open.items[--lx->open.count];

        lx->out->tokens.items[open].link = (uint32_t)lx->out->tokens.count;
    }
    return push(lx, token);
}

/* Apart from punctuation a token is a run of characters, which is classified as
 * a whole. */
static wasmrt_error *next_token(struct lexer *lx)
{
    struct wrt_token token = {
        .pos = lx->pos, .len = 1, .kind = WRT_TOKEN_RESERVED};
    char c = lx->text[lx->pos];
    struct run run;

    if (looking_at(lx, "(@"))
        return annotation(lx);
    if (c == '(' || c == ')') {
        lx->pos++;
        return c == '(' ? open_paren(lx, token) : close_paren(lx, token);
    }
    if (c != '\0' && strchr(",;[]{}", c)) {
        lx->pos++;
        return push(lx, token);
    }
    WRT_TRY(read_run(lx, &run));
    if (run.len == 0)
        return illegal_character(lx);
    token.len = run.len;
    WRT_TRY(classify(lx, &token, &run));
    return push(lx, token);
}

/* Adds END, and closes at it what the text leaves open. */
static wasmrt_error *finish(struct lexer *lx)
{
    struct wrt_token end = {.pos = lx->len, .kind = WRT_TOKEN_END};
    uint32_t index = (uint32_t)lx->out->tokens.count;

    while (lx->open.count > 0) {
        uint32_t open = lx->open.items[--lx->open.count];

        lx->out->tokens.items[open].link = index;
    }
    return push(lx, end);
}

static wasmrt_error *lex_all(struct lexer *lx)
{
    for (;;) {
        WRT_TRY(skip_blanks(lx));
        if (lx->pos >= lx->len)
            return finish(lx);
        WRT_TRY(next_token(lx));
    }
}

wasmrt_error *wrt_lex(const struct wrt_alloc *alloc, const char *text,
                      size_t len, struct wrt_lexed *out)
{
    struct lexer lx = {.out = out, .text = text};
    wasmrt_error *error;

    *out = (struct wrt_lexed){.alloc = alloc, .text = text};
    wrt_map_init(&out->ids, alloc);
    wrt_arena_init(&out->arena, alloc);
    wrt_words_init(&out->words);
    /* Positions and token numbers are 32 bits. */
    if (len > WRT_LIMIT_MODULE_BYTES)
        return wrt_error_new(WASMRT_ERR_LIMIT, WRT_NO_OFFSET,
                             "a text of %zu bytes", len);
    lx.len = out->len = (uint32_t)len;
    error = lex_all(&lx);
    wrt_vec_fini(alloc, &lx.open);
    return error;
}

void wrt_lexed_fini(struct wrt_lexed *lexed)
{
    wrt_vec_fini(lexed->alloc, &lexed->tokens);
    wrt_vec_fini(lexed->alloc, &lexed->notes);
    wrt_vec_fini(lexed->alloc, &lexed->symbols);
    wrt_vec_fini(lexed->alloc, &lexed->annotations);
    wrt_map_fini(&lexed->ids);
    wrt_arena_fini(&lexed->arena);
}
