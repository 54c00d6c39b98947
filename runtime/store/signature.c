/*
 * Parser of function signatures.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/signature.h"

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

/* Reads the name of a type; false, not moving, when there is none. */
static bool accept_type(struct cursor *c, wrt_valtype *out)
{
    size_t len = 0;

    skip_spaces(c);
    while (is_word(c->pos[len]))
        len++;
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

/* Reads types up to the closing parenthesis, at most max of them. */
static wasmrt_error *parse_list(struct cursor *c, wrt_valtype *types,
                                uint32_t max, uint32_t *count)
{
    *count = 0;
    while (!accept(c, ")")) {
        wrt_valtype type;

        if (!accept_type(c, &type))
            return expected(c, "a value type or \")\"");
        if (*count == max)
            return expected(c, "fewer types: \")\"");
        types[(*count)++] = type;
    }
    return NULL;
}

wasmrt_error *wrt_signature_parse(const char *text, struct wrt_signature *out)
{
    struct cursor c = {text, text};
    wrt_valtype *results;

    if (!accept(&c, "("))
        return expected(&c, "\"(\"");
    WRT_TRY(parse_list(&c, out->values, WRT_LIMIT_FUNC_PARAMS, &out->nparams));
    if (!accept(&c, "->"))
        return expected(&c, "\"->\"");
    results = out->values + out->nparams;
    out->nresults = 1;
    if (accept(&c, "("))
        WRT_TRY(
            parse_list(&c, results, WRT_LIMIT_FUNC_RESULTS, &out->nresults));
    else if (!accept_type(&c, results))
        return expected(&c, "a value type or \"(\"");
    skip_spaces(&c);
    return *c.pos ? expected(&c, "the end") : NULL;
}

/* Not in line: a parsed signature takes 8 KB of stack. */
WRT_NOINLINE wasmrt_error *wrt_signature_type(struct wrt_types *types,
                                              const char *text,
                                              const struct wrt_type **out)
{
    struct wrt_signature signature;
    uint32_t id;

    WRT_TRY(wrt_signature_parse(text, &signature));
    WRT_TRY(wrt_types_add_func(types, signature.values, signature.nparams,
                               signature.values + signature.nparams,
                               signature.nresults, &id));
    *out = wrt_types_get(types, id);
    return NULL;
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
