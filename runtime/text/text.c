/*
 * The text format: text -> binary module, and errors shown in their line.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/text/text.h"

#include "runtime/text/parser.h"
#include "wasmrt/text.h"

#include <stdio.h>
#include <stdlib.h>

/* The tokens of the module's fields: without "(module $x" and ")". */
static wasmrt_error *module_range(const struct wrt_lexed *lexed,
                                  uint32_t *begin, uint32_t *end)
{
    const struct wrt_token *tokens = lexed->tokens.items;
    uint32_t count = (uint32_t)lexed->tokens.count;

    *begin = 0;
    *end = count - 1;
    if (tokens[0].kind != WRT_TOKEN_LPAR || tokens[1].word != WRT_WORD_MODULE)
        return NULL;
    *end = tokens[0].link;
    *begin = tokens[2].kind == WRT_TOKEN_ID ? 3 : 2;
    if (tokens[*end].kind != WRT_TOKEN_RPAR)
        return wrt_error_new(WASMRT_ERR_TEXT_SYNTAX, tokens[*end].pos,
                             "end, expected )");
    if (tokens[*end + 1].kind != WRT_TOKEN_END)
        return wrt_error_new(WASMRT_ERR_TEXT_SYNTAX, tokens[*end + 1].pos,
                             "text behind the module");
    return NULL;
}

static wasmrt_error *translate(const struct wrt_alloc *alloc, const char *text,
                               size_t len, bool with_names,
                               struct wrt_text_sought *sought, uint8_t **out,
                               size_t *out_len)
{
    struct wrt_lexed lexed;
    uint32_t begin = 0, end = 0;
    wasmrt_error *error = wrt_lex(alloc, text, len, &lexed);

    if (!error)
        error = module_range(&lexed, &begin, &end);
    if (!error)
        error = wrt_text_encode(alloc, &lexed, begin, end, 1, with_names,
                                sought, out, out_len);
    wrt_lexed_fini(&lexed);
    return error;
}

wasmrt_error *wrt_text_to_binary(const struct wrt_alloc *alloc,
                                 const char *text, size_t len, bool with_names,
                                 uint8_t **out, size_t *out_len)
{
    return translate(alloc, text, len, with_names, NULL, out, out_len);
}

/* Translates twice: to know what the byte belongs to, and where that is. */
static bool find_byte(const char *text, size_t len, uint64_t offset,
                      uint64_t *place_out)
{
    const struct wrt_alloc *alloc = &wrt_alloc_libc;
    struct wrt_text_sought sought;
    uint8_t *bytes;
    size_t nbytes;
    bool is_there;
    wasmrt_error *error =
        translate(alloc, text, len, true, NULL, &bytes, &nbytes);

    is_there = !error && wrt_text_seek(bytes, nbytes, offset, &sought);
    if (!error)
        wrt_free(alloc, bytes, nbytes);
    if (is_there) {
        error = translate(alloc, text, len, true, &sought, &bytes, &nbytes);
        if (!error)
            wrt_free(alloc, bytes, nbytes);
    }
    is_there = is_there && !error && sought.is_found;
    wasmrt_error_delete(error);
    if (is_there)
        *place_out = sought.at;
    return is_there;
}

/* -- Public ---------------------------------------------------------------- */

void wasmrt_bytes_delete(void *bytes)
{
    free(bytes);
}

wasmrt_error *wasmrt_wat2wasm(const char *text, size_t len, unsigned flags,
                              uint8_t **out, size_t *out_len)
{
    if ((!text && len) || !out || !out_len)
        return wrt_error_new(WASMRT_ERR_MISUSE, WRT_NO_OFFSET,
                             "wat2wasm: an argument is NULL");
    return wrt_text_to_binary(&wrt_alloc_libc, text, len,
                              !(flags & WASMRT_TEXT_NO_NAMES), out, out_len);
}

wasmrt_error *wasmrt_wasm2wat(const uint8_t *bytes, size_t len, unsigned flags,
                              char **out, size_t *out_len)
{
    const struct wrt_alloc *alloc = &wrt_alloc_libc;
    struct wrt_module *module;
    struct wrt_types *types;
    wasmrt_error *error;

    if ((!bytes && len) || !out || !out_len)
        return wrt_error_new(WASMRT_ERR_MISUSE, WRT_NO_OFFSET,
                             "wasm2wat: an argument is NULL");
    WRT_TRY(wrt_types_new(alloc, &types));
    error = wrt_module_decode(alloc, types, WRT_FEATURES_ALL, bytes, len, false,
                              &module);
    if (!error) {
        error = wrt_text_print(alloc, module, flags, out, out_len);
        wrt_module_unref(module);
    }
    wrt_types_delete(types);
    return error;
}

/* The line that holds the byte: [*begin, *end) without the line's end. */
static size_t find_line(const char *text, size_t len, size_t at, size_t *begin,
                        size_t *end)
{
    size_t line = 1;

    *begin = 0;
    for (size_t i = 0; i < at; i++) {
        if (text[i] == '\n') {
            *begin = i + 1;
            line++;
        }
    }
    *end = at;
    while (*end < len && text[*end] != '\n' && text[*end] != '\r')
        *end += 1;
    return line;
}

/* Characters, not bytes: UTF-8 continuation bytes do not count. */
static size_t count_characters(const char *text, size_t len)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++)
        n += (text[i] & 0xc0) != 0x80;
    return n;
}

void wasmrt_text_locate(const char *text, size_t len, uint64_t offset,
                        size_t *line_out, size_t *column_out)
{
    size_t at = offset < len ? (size_t)offset : len, begin, end;

    *line_out = find_line(text, len, at, &begin, &end);
    *column_out = count_characters(text + begin, at - begin) + 1;
}

bool wasmrt_text_place(const wasmrt_error *error, const char *text, size_t len,
                       uint64_t *offset_out)
{
    uint64_t offset;

    if (!wasmrt_error_offset(error, &offset))
        return false;
    switch (wasmrt_error_kind(error)) {
    case WASMRT_KIND_TEXT: *offset_out = offset; return true;
    case WASMRT_KIND_DECODE:
    case WASMRT_KIND_VALIDATE:
    case WASMRT_KIND_LIMIT:
    case WASMRT_KIND_LINK: return find_byte(text, len, offset, offset_out);
    default: return false;
    }
}

/* What is shown of a long line: so many bytes before and behind the place. */
enum { BEFORE = 60, BEHIND = 40 };

size_t wasmrt_text_explain(const wasmrt_error *error, const char *name,
                           const char *text, size_t len, char *buf, size_t size)
{
    char caret[BEFORE + 2];
    uint64_t offset;
    size_t at, begin, end, line, column, n = 0;
    int written;

    if (!wasmrt_text_place(error, text, len, &offset)) {
        written = snprintf(buf, size, "%s%s%s\n", name ? name : "",
                           name ? ": " : "", wasmrt_error_message(error));
        return written < 0 ? 0 : (size_t)written;
    }
    at = offset < len ? (size_t)offset : len;
    line = find_line(text, len, at, &begin, &end);
    column = count_characters(text + begin, at - begin) + 1;
    if (at - begin > BEFORE)
        begin = at - BEFORE;
    while (begin < at && (text[begin] & 0xc0) == 0x80)
        begin++;
    end = WRT_MIN(end, at + BEHIND);
    while (end > at && end < len && (text[end] & 0xc0) == 0x80)
        end--;
    /* Tabs stay tabs, so that the caret stands where it should. */
    for (size_t i = begin; i < at; i++) {
        if ((text[i] & 0xc0) != 0x80)
            caret[n++] = text[i] == '\t' ? '\t' : ' ';
    }
    caret[n++] = '^';
    caret[n] = '\0';
    written =
        snprintf(buf, size, "%s%s%zu:%zu: %s\n%.*s\n%s\n", name ? name : "",
                 name ? ":" : "", line, column, wasmrt_error_message(error),
                 (int)(end - begin), text + begin, caret);
    return written < 0 ? 0 : (size_t)written;
}
