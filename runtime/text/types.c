/*
 * Types: value types, type definitions, type uses.
 *
 * A type written in place ("inline") means the first definition that is a
 * plain function type of the same parameters and results; if there is none, a
 * new one behind all others, in the order of the text (spec 6.4.8).  Function
 * types are compared by their binary form, which is unique.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/text/parser.h"

#include "runtime/text/bytes.h"

/* -- Value types ----------------------------------------------------------- */

/* Number and vector types, and references with a name of their own. */
static const struct {
    uint16_t word;
    uint8_t byte;
    bool is_ref;
} type_words[] = {
    {WRT_WORD_I32, 0x7f, false},          {WRT_WORD_I64, 0x7e, false},
    {WRT_WORD_F32, 0x7d, false},          {WRT_WORD_F64, 0x7c, false},
    {WRT_WORD_V128, 0x7b, false},         {WRT_WORD_FUNCREF, 0x70, true},
    {WRT_WORD_EXTERNREF, 0x6f, true},     {WRT_WORD_ANYREF, 0x6e, true},
    {WRT_WORD_EQREF, 0x6d, true},         {WRT_WORD_I31REF, 0x6c, true},
    {WRT_WORD_STRUCTREF, 0x6b, true},     {WRT_WORD_ARRAYREF, 0x6a, true},
    {WRT_WORD_EXNREF, 0x69, true},        {WRT_WORD_NULLREF, 0x71, true},
    {WRT_WORD_NULLEXTERNREF, 0x72, true}, {WRT_WORD_NULLFUNCREF, 0x73, true},
    {WRT_WORD_NULLEXNREF, 0x74, true},
};

static const struct {
    uint16_t word;
    uint8_t byte;
} heap_words[] = {
    {WRT_WORD_FUNC, 0x70},     {WRT_WORD_EXTERN, 0x6f}, {WRT_WORD_ANY, 0x6e},
    {WRT_WORD_EQ, 0x6d},       {WRT_WORD_I31, 0x6c},    {WRT_WORD_STRUCT, 0x6b},
    {WRT_WORD_ARRAY, 0x6a},    {WRT_WORD_EXN, 0x69},    {WRT_WORD_NONE, 0x71},
    {WRT_WORD_NOEXTERN, 0x72}, {WRT_WORD_NOFUNC, 0x73}, {WRT_WORD_NOEXN, 0x74},
};

/* The byte of a type that is one keyword, or 0. */
static unsigned type_byte(unsigned word, bool only_refs)
{
    for (size_t i = 0; i < WRT_COUNTOF(type_words); i++) {
        if (type_words[i].word == word && (type_words[i].is_ref || !only_refs))
            return type_words[i].byte;
    }
    return 0;
}

const char *wrt_text_type_name(unsigned byte)
{
    for (size_t i = 0; i < WRT_COUNTOF(type_words); i++) {
        if (type_words[i].byte == byte)
            return wrt_word_text(type_words[i].word);
    }
    return "";
}

const char *wrt_text_heap_name(unsigned byte)
{
    for (size_t i = 0; i < WRT_COUNTOF(heap_words); i++) {
        if (heap_words[i].byte == byte)
            return wrt_word_text(heap_words[i].word);
    }
    return "";
}

/* The byte of an abstract heap type, or 0. */
static unsigned heap_byte(unsigned word)
{
    for (size_t i = 0; i < WRT_COUNTOF(heap_words); i++) {
        if (heap_words[i].word == word)
            return heap_words[i].byte;
    }
    return 0;
}

void wrt_text_heaptype(struct wrt_parser *p, struct wrt_buf *out)
{
    unsigned byte = heap_byte(wrt_text_word(p));

    if (byte) {
        wrt_buf_u8(out, byte);
        wrt_text_advance(p, 1);
    } else if (wrt_text_at_index(p)) {
        wrt_buf_sleb(out, wrt_text_index(p, WRT_SPACE_TYPE));
    } else {
        wrt_text_unexpected(p, "a heap type");
    }
}

/* "(ref null? ht)", in the short form where there is one, so that equal types
 * have equal bytes. */
static void ref_group(struct wrt_parser *p, struct wrt_buf *out)
{
    bool is_null;

    wrt_text_open(p, WRT_WORD_REF);
    is_null = wrt_text_eat(p, WRT_WORD_NULL);
    if (!is_null || !heap_byte(wrt_text_word(p)))
        wrt_buf_u8(out, is_null ? BYTE_REF_NULL : BYTE_REF);
    wrt_text_heaptype(p, out);
    wrt_text_close(p);
}

bool wrt_text_at_valtype(const struct wrt_parser *p)
{
    return wrt_text_group(p) == WRT_WORD_REF ||
           type_byte(wrt_text_word(p), false) != 0;
}

static void any_type(struct wrt_parser *p, struct wrt_buf *out, bool only_refs,
                     const char *what)
{
    unsigned byte = type_byte(wrt_text_word(p), only_refs);

    if (byte) {
        wrt_buf_u8(out, byte);
        wrt_text_advance(p, 1);
    } else if (wrt_text_group(p) == WRT_WORD_REF) {
        ref_group(p, out);
    } else {
        wrt_text_unexpected(p, what);
    }
}

void wrt_text_valtype(struct wrt_parser *p, struct wrt_buf *out)
{
    any_type(p, out, false, "a value type");
}

void wrt_text_reftype(struct wrt_parser *p, struct wrt_buf *out)
{
    any_type(p, out, true, "a reference type");
}

bool wrt_text_ref(struct wrt_parser *p, struct wrt_buf *out)
{
    unsigned byte = type_byte(wrt_text_word(p), true);
    bool is_null = true;

    /* A type of one keyword has the byte of its heap type. */
    if (byte) {
        wrt_buf_u8(out, byte);
        wrt_text_advance(p, 1);
    } else if (wrt_text_open(p, WRT_WORD_REF)) {
        is_null = wrt_text_eat(p, WRT_WORD_NULL);
        wrt_text_heaptype(p, out);
        wrt_text_close(p);
    } else {
        wrt_text_unexpected(p, "a reference type");
    }
    return is_null;
}

/* -- Function types -------------------------------------------------------- */

/* One "(param ...)": a name with one type, or any number of types. */
static void param_group(struct wrt_parser *p, enum wrt_param_names names)
{
    const struct wrt_token *id = NULL;
    bool is_named = false;

    if (names != WRT_PARAMS_PLAIN)
        id = wrt_text_id(p);
    if (names == WRT_PARAMS_NAMED || names == WRT_PARAMS_LOCALS)
        is_named = wrt_text_bind_name(p, WRT_NAMES_LOCAL, p->nparams, id);
    if (id || is_named) {
        if (names == WRT_PARAMS_LOCALS)
            wrt_text_define(p, WRT_SPACE_LOCAL, id, p->nparams);
        wrt_text_valtype(p, &p->params);
        p->nparams++;
    } else {
        while (wrt_text_at_valtype(p)) {
            wrt_text_valtype(p, &p->params);
            p->nparams++;
        }
    }
    wrt_text_close(p);
}

/* "(param ...)* (result ...)*" into p->params and p->results; whether there
 * was any group. */
static bool signature(struct wrt_parser *p, enum wrt_param_names names)
{
    uint32_t begin = p->pos;

    p->params.count = p->results.count = 0;
    p->nparams = p->nresults = 0;
    while (wrt_text_open(p, WRT_WORD_PARAM))
        param_group(p, names);
    while (wrt_text_open(p, WRT_WORD_RESULT)) {
        while (wrt_text_at_valtype(p)) {
            wrt_text_valtype(p, &p->results);
            p->nresults++;
        }
        wrt_text_close(p);
    }
    return p->pos != begin;
}

void wrt_text_results(struct wrt_parser *p, struct wrt_buf *out)
{
    p->results.count = 0;
    p->nresults = 0;
    while (wrt_text_open(p, WRT_WORD_RESULT)) {
        while (wrt_text_at_valtype(p)) {
            wrt_text_valtype(p, &p->results);
            p->nresults++;
        }
        wrt_text_close(p);
    }
    wrt_buf_uleb(out, p->nresults);
    wrt_buf_bytes(out, p->results.items, p->results.count);
}

/* Appends the signature just read to p->sigs, as a type of its own. */
static struct wrt_text_type encode_signature(struct wrt_parser *p)
{
    struct wrt_text_type type = {
        .is_func = true, .nparams = p->nparams, .sig = p->sigs.count};

    wrt_buf_u8(&p->sigs, BYTE_FUNC);
    wrt_buf_uleb(&p->sigs, p->nparams);
    wrt_buf_bytes(&p->sigs, p->params.items, p->params.count);
    wrt_buf_uleb(&p->sigs, p->nresults);
    wrt_buf_bytes(&p->sigs, p->results.items, p->results.count);
    type.sig_len = p->sigs.count - type.sig;
    return type;
}

/* Registers a function type as what the same signature means from now on,
 * unless another came first; gives the index of the first. */
static uint32_t intern_signature(struct wrt_parser *p,
                                 const struct wrt_text_type *type,
                                 uint32_t type_idx)
{
    uint32_t *first;
    bool added;
    char *key;

    if (p->sigs.failed) {
        wrt_text_oom(p);
        return 0;
    }
    /* p->sigs moves when it grows, so keys are copies. */
    key = wrt_arena_string(&p->arena, (char *)p->sigs.items + type->sig,
                           type->sig_len);
    first = key ? wrt_map_add(&p->sig_indices, key, (uint32_t)type->sig_len,
                              type_idx, &added)
                : NULL;
    if (!first) {
        wrt_text_oom(p);
        return 0;
    }
    return *first;
}

static void push_type(struct wrt_parser *p, struct wrt_text_type type)
{
    if (!wrt_vec_push(p->alloc, &p->types, type))
        wrt_text_oom(p);
}

/* The index of the signature just read, as a type written in place. */
static uint32_t implicit_type(struct wrt_parser *p)
{
    struct wrt_text_type type = encode_signature(p);
    uint32_t fresh = (uint32_t)p->types.count;
    uint32_t index = intern_signature(p, &type, fresh);

    if (p->error)
        return 0;
    if (index == fresh) {
        push_type(p, type);
        wrt_buf_bytes(wrt_text_section(p, WRT_SECTION_TYPE),
                      p->sigs.items + type.sig, type.sig_len);
    } else {
        p->sigs.count = type.sig;
    }
    return index;
}

/* An explicit type with a signature beside it: both must agree. */
static void check_signature(struct wrt_parser *p, uint32_t type_idx,
                            const struct wrt_token *at)
{
    struct wrt_text_type inline_type = encode_signature(p), type = {0};

    if (p->sigs.failed) {
        wrt_text_oom(p);
        return;
    }
    if (type_idx < p->types.count)
        type = p->types.items[type_idx];
    else
        wrt_text_fail(p, WASMRT_ERR_TEXT_UNKNOWN_TYPE, at, "%u", type_idx);
    /* Groups out of order are the likelier mistake. */
    if (wrt_text_group(p) == WRT_WORD_TYPE ||
        wrt_text_group(p) == WRT_WORD_PARAM)
        wrt_text_unexpected(p, "type, parameters and results in this order");
    if (!type.is_func || type.sig_len != inline_type.sig_len ||
        memcmp(p->sigs.items + type.sig, p->sigs.items + inline_type.sig,
               type.sig_len) != 0)
        wrt_text_fail(p, WASMRT_ERR_TEXT_INLINE_TYPE, at,
                      "differs from type %u", type_idx);
    p->sigs.count = inline_type.sig;
}

uint32_t wrt_text_typeuse(struct wrt_parser *p, enum wrt_param_names names)
{
    const struct wrt_token *at = wrt_text_ahead(p, 0);
    bool is_explicit = wrt_text_open(p, WRT_WORD_TYPE);
    uint32_t index = 0;

    if (is_explicit) {
        index = wrt_text_index(p, WRT_SPACE_TYPE);
        wrt_text_close(p);
    }
    if (!signature(p, names) && is_explicit) {
        p->nparams = wrt_text_param_count(p, index);
        return index;
    }
    if (!is_explicit)
        return implicit_type(p);
    check_signature(p, index, at);
    return index;
}

void wrt_text_blocktype(struct wrt_parser *p, struct wrt_buf *out)
{
    uint32_t begin = p->pos;

    /* At most one result and nothing else needs no type (spec 6.5.2). */
    if (wrt_text_group(p) != WRT_WORD_TYPE) {
        signature(p, WRT_PARAMS_PLAIN);
        if (p->nparams == 0 && p->nresults == 0) {
            wrt_buf_u8(out, BYTE_EMPTY);
            return;
        }
        if (p->nparams == 0 && p->nresults == 1) {
            wrt_buf_bytes(out, p->results.items, p->results.count);
            return;
        }
        p->pos = p->error ? p->end : begin;
    }
    wrt_buf_sleb(out, wrt_text_typeuse(p, WRT_PARAMS_PLAIN));
}

uint32_t wrt_text_param_count(const struct wrt_parser *p, uint32_t type_idx)
{
    return type_idx < p->types.count ? p->types.items[type_idx].nparams : 0;
}

/* -- Definitions ----------------------------------------------------------- */

static void storage_type(struct wrt_parser *p, struct wrt_buf *out)
{
    if (wrt_text_eat(p, WRT_WORD_I8))
        wrt_buf_u8(out, BYTE_I8);
    else if (wrt_text_eat(p, WRT_WORD_I16))
        wrt_buf_u8(out, BYTE_I16);
    else
        wrt_text_valtype(p, out);
}

static void field_type(struct wrt_parser *p, struct wrt_buf *out)
{
    bool is_mutable = wrt_text_open(p, WRT_WORD_MUT);

    storage_type(p, out);
    wrt_buf_u8(out, is_mutable);
    if (is_mutable)
        wrt_text_close(p);
}

/* Key of a field's name: names are local to their struct. */
static void define_field(struct wrt_parser *p, const struct wrt_token *id,
                         uint32_t type_idx, uint32_t field_idx)
{
    uint32_t *key = wrt_arena_array(&p->arena, 2, sizeof(*key));
    bool added;

    if (!key) {
        wrt_text_oom(p);
        return;
    }
    key[0] = type_idx;
    key[1] = id->link;
    if (!wrt_map_add(&p->fields, key, 2 * sizeof(*key), field_idx, &added))
        wrt_text_oom(p);
    else if (!added)
        wrt_text_fail(p, WASMRT_ERR_TEXT_DUPLICATE_FIELD, id, NULL);
}

uint32_t wrt_text_field(struct wrt_parser *p, uint32_t type_idx)
{
    const struct wrt_token *id = wrt_text_id(p);
    const uint32_t *found;
    uint32_t key[2];

    if (!id)
        return (uint32_t)wrt_text_nat(p, 32);
    key[0] = type_idx;
    key[1] = id->link;
    found = wrt_map_find(&p->fields, key, sizeof(key));
    if (!found) {
        wrt_text_fail(p, WASMRT_ERR_TEXT_UNKNOWN_FIELD, id, NULL);
        return 0;
    }
    return *found;
}

/* "(field ...)*", behind "struct". */
static void struct_fields(struct wrt_parser *p, struct wrt_buf *out)
{
    uint32_t type_idx = (uint32_t)p->types.count, count = 0;

    p->params.count = 0;
    while (wrt_text_open(p, WRT_WORD_FIELD)) {
        const struct wrt_token *id = wrt_text_id(p);
        bool is_named = wrt_text_bind_name(p, WRT_NAMES_FIELD, count, id);

        if (id)
            define_field(p, id, type_idx, count);
        if (is_named) {
            field_type(p, &p->params);
            count++;
        }
        while (!is_named && !p->error && wrt_text_kind(p) != WRT_TOKEN_RPAR) {
            field_type(p, &p->params);
            count++;
        }
        wrt_text_close(p);
    }
    wrt_text_end_names(p, WRT_NAMES_FIELD, type_idx);
    wrt_buf_u8(out, BYTE_STRUCT);
    wrt_buf_uleb(out, count);
    wrt_buf_bytes(out, p->params.items, p->params.count);
}

/* "(func ...)", "(struct ...)" or "(array ...)"; registers the type. */
static void composite_type(struct wrt_parser *p, struct wrt_buf *out,
                           bool is_plain)
{
    struct wrt_text_type type = {0};

    if (wrt_text_open(p, WRT_WORD_FUNC)) {
        signature(p, WRT_PARAMS_IGNORED);
        type = encode_signature(p);
        if (!p->sigs.failed)
            wrt_buf_bytes(out, p->sigs.items + type.sig, type.sig_len);
        if (is_plain)
            intern_signature(p, &type, (uint32_t)p->types.count);
    } else if (wrt_text_open(p, WRT_WORD_STRUCT)) {
        struct_fields(p, out);
    } else if (wrt_text_open(p, WRT_WORD_ARRAY)) {
        wrt_buf_u8(out, BYTE_ARRAY);
        field_type(p, out);
    } else {
        wrt_text_unexpected(p, "a type definition");
        return;
    }
    wrt_text_close(p);
    push_type(p, type);
}

/* One "(type id? ...)".  is_alone: not in a "rec" of several. */
static void type_definition(struct wrt_parser *p, struct wrt_buf *out,
                            bool is_alone)
{
    const struct wrt_token *id;

    if (!wrt_text_open(p, WRT_WORD_TYPE)) {
        wrt_text_unexpected(p, "(type");
        return;
    }
    id = wrt_text_id(p);
    wrt_text_bind_name(p, WRT_NAMES_TYPE, (uint32_t)p->types.count, id);
    if (wrt_text_open(p, WRT_WORD_SUB)) {
        bool is_final = wrt_text_eat(p, WRT_WORD_FINAL);
        uint32_t count = 0;

        p->scratch.count = 0;
        for (; wrt_text_at_index(p); count++)
            wrt_buf_uleb(&p->scratch, wrt_text_index(p, WRT_SPACE_TYPE));
        if (!is_final || count > 0) {
            wrt_buf_u8(out, is_final ? BYTE_SUB_FINAL : BYTE_SUB);
            wrt_buf_uleb(out, count);
            wrt_buf_bytes(out, p->scratch.items, p->scratch.count);
        }
        composite_type(p, out, is_alone && is_final && count == 0);
        wrt_text_close(p);
    } else {
        composite_type(p, out, is_alone);
    }
    wrt_text_close(p);
}

/* Gives the name of a "(type id? ...)" its index. */
static void bind_type(struct wrt_parser *p)
{
    uint32_t close = wrt_text_ahead(p, 0)->link;

    if (!wrt_text_open(p, WRT_WORD_TYPE))
        wrt_text_unexpected(p, "(type");
    wrt_text_define(p, WRT_SPACE_TYPE, wrt_text_id(p),
                    p->counts[WRT_SPACE_TYPE]++);
    if (!p->error)
        p->pos = WRT_MIN(close + 1, p->end);
}

void wrt_text_bind_types(struct wrt_parser *p)
{
    if (!wrt_text_open(p, WRT_WORD_REC)) {
        bind_type(p);
        return;
    }
    while (wrt_text_kind(p) == WRT_TOKEN_LPAR)
        bind_type(p);
    wrt_text_close(p);
}

void wrt_text_define_types(struct wrt_parser *p)
{
    struct wrt_buf *out = wrt_text_section(p, WRT_SECTION_TYPE);
    uint32_t count = 0, i;

    if (!wrt_text_open(p, WRT_WORD_REC)) {
        type_definition(p, out, true);
        return;
    }
    for (i = p->pos; i < p->end && p->tokens[i].kind == WRT_TOKEN_LPAR; count++)
        i = WRT_MIN(p->tokens[i].link, p->end - 1) + 1;
    /* A group of one is the type itself (spec 5.3.8). */
    if (count != 1) {
        wrt_buf_u8(out, BYTE_REC);
        wrt_buf_uleb(out, count);
    }
    while (wrt_text_kind(p) == WRT_TOKEN_LPAR)
        type_definition(p, out, count == 1);
    wrt_text_close(p);
}
