/*
 * Parser of function signatures.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/signature.h"

#include <stdio.h>

/* The text and the place in it. */
struct cursor {
    const char *text, *pos;
};

static const struct {
    const char *name;
    wrt_valtype type;
} type_names[] = {
    {"i32", WRT_KIND_I32},
    {"i64", WRT_KIND_I64},
    {"f32", WRT_KIND_F32},
    {"f64", WRT_KIND_F64},
    {"v128", WRT_KIND_V128},
    {"funcref", WRT_FUNCREF},
    {"externref", WRT_EXTERNREF},
    {"exnref", WRT_REF(WRT_HEAP_EXN, true)},
    {"anyref", WRT_REF(WRT_HEAP_ANY, true)},
};

static wasmrt_error *expected(const struct cursor *c, const char *what)
{
    return wrt_error_new(WASMRT_ERR_MISUSE, WRT_NO_OFFSET,
                         "signature \"%.80s\": expected %s at column %zu",
                         c->text, what, (size_t)(c->pos - c->text) + 1);
}

static void skip_spaces(struct cursor *c)
{
    while (*c->pos == ' ' || *c->pos == '\t')
        c->pos++;
}

static bool accept(struct cursor *c, const char *token)
{
    size_t len = strlen(token);

    skip_spaces(c);
    if (strncmp(c->pos, token, len) != 0)
        return false;
    c->pos += len;
    return true;
}

static bool is_word(char ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || ch == '_';
}

/* Spaces, and the length of the word behind them. */
static size_t next_word(struct cursor *c)
{
    size_t len = 0;

    skip_spaces(c);
    while (is_word(c->pos[len]))
        len++;
    return len;
}

static bool accept_word(struct cursor *c, const char *word)
{
    size_t len = next_word(c);

    if (strlen(word) != len || memcmp(word, c->pos, len) != 0)
        return false;
    c->pos += len;
    return true;
}

/* Reads the name of a type; false, not moving, when there is none. */
static bool accept_type(struct cursor *c, wrt_valtype *out)
{
    size_t len = next_word(c);

    for (size_t i = 0; i < WRT_COUNTOF(type_names); i++) {
        if (strlen(type_names[i].name) == len &&
            memcmp(type_names[i].name, c->pos, len) == 0) {
            c->pos += len;
            *out = type_names[i].type;
            return true;
        }
    }
    return false;
}

/* -- Native types ---------------------------------------------------------- */

/* The size of what is pointed to: "[" decimal "]". */
static wasmrt_error *parse_size(struct cursor *c, uint32_t *out)
{
    uint64_t size = 0;

    if (!accept(c, "["))
        return expected(c, "\"[\" and a size");
    skip_spaces(c);
    if (*c->pos < '1' || *c->pos > '9')
        return expected(c, "a size in bytes");
    for (; *c->pos >= '0' && *c->pos <= '9'; c->pos++) {
        size = 10 * size + (uint64_t)(*c->pos - '0');
        if (size > INT32_MAX)
            return expected(c, "a size below 2 GiB");
    }
    *out = (uint32_t)size;
    return accept(c, "]") ? NULL : expected(c, "\"]\"");
}

/* What may stand behind const and mut; *found false when it does not. */
static wasmrt_error *parse_pointer(struct cursor *c, bool is_mut,
                                   struct wrt_native_type *out, bool *found)
{
    *found = true;
    if (accept_word(c, "ptr")) {
        out->kind = WRT_NATIVE_PTR;
        return parse_size(c, &out->nbytes);
    }
    if (accept_word(c, "buf"))
        out->kind = WRT_NATIVE_BUF;
    else if (!is_mut && accept_word(c, "str"))
        out->kind = WRT_NATIVE_STR;
    else
        *found = false;
    return NULL;
}

static bool is_number(wrt_valtype type)
{
    return type == WRT_KIND_I32 || type == WRT_KIND_I64 ||
           type == WRT_KIND_F32 || type == WRT_KIND_F64;
}

/* Any type of a native signature; *found false, not moving, when there is
 * none. */
static wasmrt_error *parse_native(struct cursor *c, struct wrt_native_type *out,
                                  bool *found)
{
    const char *start = c->pos;
    bool is_mut = accept_word(c, "mut");
    bool is_const = !is_mut && accept_word(c, "const");

    *out = (struct wrt_native_type){.kind = WRT_NATIVE_VALUE};
    WRT_TRY(parse_pointer(c, is_mut, out, found));
    out->is_mut = is_mut;
    if (*found)
        return NULL;
    if (is_mut)
        return expected(c, "ptr[N] or buf");
    if (is_const)
        return expected(c, "ptr[N], buf or str");
    *found = accept_type(c, &out->type) && is_number(out->type);
    if (!*found)
        c->pos = start;
    return NULL;
}

/* -- Lists ----------------------------------------------------------------- */

/* Where types go: to one of the two arrays. */
struct list {
    wrt_valtype *values;
    struct wrt_native_type *natives;
    uint32_t count, max;
};

static const char *what_types(const struct list *list)
{
    return list->natives ? "a number, ptr[N], buf or str" : "a value type";
}

/* One type of a list: of WebAssembly, or for native calls. */
static wasmrt_error *parse_type(struct cursor *c, struct list *list)
{
    struct wrt_native_type type = {.kind = WRT_NATIVE_VALUE};
    char what[64];
    bool found;

    if (list->count == list->max)
        return expected(c, "fewer types: \")\"");
    if (list->natives)
        WRT_TRY(parse_native(c, &type, &found));
    else
        found = accept_type(c, &type.type);
    if (!found) {
        snprintf(what, sizeof(what), "%s or \")\"", what_types(list));
        return expected(c, what);
    }
    if (list->natives)
        list->natives[list->count++] = type;
    else
        list->values[list->count++] = type.type;
    return NULL;
}

/* Reads types up to the closing parenthesis. */
static wasmrt_error *parse_list(struct cursor *c, struct list *list)
{
    while (!accept(c, ")"))
        WRT_TRY(parse_type(c, list));
    return NULL;
}

static wasmrt_error *parse_results(struct cursor *c, struct list *list)
{
    char what[64];

    if (accept(c, "("))
        return parse_list(c, list);
    skip_spaces(c);
    if (is_word(*c->pos)) {
        const char *start = c->pos;
        wasmrt_error *error = parse_type(c, list);

        if (!error)
            return NULL;
        wasmrt_error_delete(error);
        c->pos = start;
    }
    snprintf(what, sizeof(what), "%s or \"(\"", what_types(list));
    return expected(c, what);
}

static wasmrt_error *parse(const char *text, struct list *params,
                           struct list *results)
{
    struct cursor c = {text, text};

    if (!accept(&c, "("))
        return expected(&c, "\"(\"");
    WRT_TRY(parse_list(&c, params));
    if (!accept(&c, "->"))
        return expected(&c, "\"->\"");
    /* They follow the parameters. */
    if (results->values)
        results->values += params->count;
    WRT_TRY(parse_results(&c, results));
    skip_spaces(&c);
    return *c.pos ? expected(&c, "the end") : NULL;
}

/* -- Signatures ------------------------------------------------------------ */

wasmrt_error *wrt_signature_parse(const char *text, struct wrt_signature *out)
{
    struct list params = {.values = out->values, .max = WRT_LIMIT_FUNC_PARAMS};
    struct list results = {.values = out->values,
                           .max = WRT_LIMIT_FUNC_RESULTS};

    WRT_TRY(parse(text, &params, &results));
    out->nparams = params.count;
    out->nresults = results.count;
    return NULL;
}

wasmrt_error *wrt_signature_parse_native(const char *text,
                                         struct wrt_native_signature *out)
{
    struct list params = {.natives = out->params, .max = WRT_NATIVE_PARAMS};
    struct list results = {.natives = &out->result, .max = 1};

    WRT_TRY(parse(text, &params, &results));
    out->nparams = params.count;
    out->nresults = results.count;
    if (out->nresults && out->result.kind != WRT_NATIVE_VALUE)
        return wrt_error_new(WASMRT_ERR_MISUSE, WRT_NO_OFFSET,
                             "signature \"%.80s\": the result is no number",
                             text);
    return NULL;
}

void wrt_signature_of_native(const struct wrt_native_signature *native,
                             struct wrt_signature *out)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < native->nparams; i++) {
        const struct wrt_native_type *param = &native->params[i];

        out->values[n++] =
            param->kind == WRT_NATIVE_VALUE ? param->type : WRT_KIND_I32;
        if (param->kind == WRT_NATIVE_BUF)
            out->values[n++] = WRT_KIND_I32;
    }
    out->nparams = n;
    out->nresults = native->nresults;
    out->values[n] = native->result.type;
}

static wasmrt_error *add_type(struct wrt_types *types,
                              const struct wrt_signature *signature,
                              const struct wrt_type **out)
{
    uint32_t id;

    WRT_TRY(wrt_types_add_func(types, signature->values, signature->nparams,
                               signature->values + signature->nparams,
                               signature->nresults, &id));
    *out = wrt_types_get(types, id);
    return NULL;
}

/* Not in line: a parsed signature takes 8 KB of stack. */
WRT_NOINLINE wasmrt_error *wrt_signature_type(struct wrt_types *types,
                                              const char *text,
                                              const struct wrt_type **out)
{
    struct wrt_signature signature;

    WRT_TRY(wrt_signature_parse(text, &signature));
    return add_type(types, &signature, out);
}

WRT_NOINLINE wasmrt_error *
wrt_signature_native_type(struct wrt_types *types,
                          const struct wrt_native_signature *native,
                          const struct wrt_type **out)
{
    struct wrt_signature signature;

    wrt_signature_of_native(native, &signature);
    return add_type(types, &signature, out);
}

bool wrt_signature_matches(const struct wrt_signature *signature,
                           const struct wrt_type *type)
{
    size_t count = (size_t)type->nparams + type->nresults;

    return type->nparams == signature->nparams &&
           type->nresults == signature->nresults &&
           memcmp(type->values, signature->values,
                  count * sizeof(*type->values)) == 0;
}
