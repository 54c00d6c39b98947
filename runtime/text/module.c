/*
 * The parser of modules: fields, index spaces, and the binary module.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/text/parser.h"

#include <stdarg.h>
#include <stdio.h>

/* -- Errors and cursor ----------------------------------------------------- */

void wrt_text_fail(struct wrt_parser *p, wasmrt_code code,
                   const struct wrt_token *at, const char *fmt, ...)
{
    char detail[160] = "";
    uint32_t offset = p->lexed->len;
    va_list args;

    if (p->error)
        return;
    if (at && at->kind != WRT_TOKEN_END)
        offset = at->pos;
    else if (p->end < p->lexed->tokens.count)
        offset = p->tokens[p->end].pos;
    if (fmt) {
        va_start(args, fmt);
        vsnprintf(detail, sizeof(detail), fmt, args);
        va_end(args);
    }
    p->error = *detail ? wrt_error_new(code, offset, "%s", detail)
                       : wrt_error_new(code, offset, NULL);
    p->pos = p->end;
}

void wrt_text_oom(struct wrt_parser *p)
{
    wrt_text_fail(p, WASMRT_ERR_OUT_OF_MEMORY, NULL, NULL);
}

void wrt_text_unexpected(struct wrt_parser *p, const char *expected)
{
    const struct wrt_token *at = wrt_text_ahead(p, 0);
    const char *text = wrt_token_text(p, at);
    int len = (int)WRT_MIN(at->len, 40u);

    if (at->kind == WRT_TOKEN_RESERVED)
        wrt_text_fail(p, WASMRT_ERR_TEXT_UNKNOWN_OPERATOR, at, "%.*s", len,
                      text);
    else if (at->kind == WRT_TOKEN_END)
        wrt_text_fail(p, WASMRT_ERR_TEXT_SYNTAX, at, "end, expected %s",
                      expected);
    else
        wrt_text_fail(p, WASMRT_ERR_TEXT_SYNTAX, at, "%.*s, expected %s", len,
                      text, expected);
}

bool wrt_text_eat(struct wrt_parser *p, enum wrt_word word)
{
    if (wrt_text_word(p) != (unsigned)word)
        return false;
    wrt_text_advance(p, 1);
    return true;
}

bool wrt_text_open(struct wrt_parser *p, enum wrt_word word)
{
    if (wrt_text_group(p) != (unsigned)word)
        return false;
    wrt_text_advance(p, 2);
    return true;
}

void wrt_text_close(struct wrt_parser *p)
{
    if (wrt_text_kind(p) == WRT_TOKEN_RPAR)
        wrt_text_advance(p, 1);
    else
        wrt_text_unexpected(p, ")");
}

/* -- First pass: names ----------------------------------------------------- */

/* Kinds of objects that are imported and exported, with their numbers in the
 * binary format. */
static const struct {
    uint16_t word;
    uint8_t space;
    uint8_t names; /* enum wrt_names_kind */
    wasmrt_code import_after;
} object_kinds[] = {
    {WRT_WORD_FUNC, WRT_SPACE_FUNC, WRT_NAMES_FUNC,
     WASMRT_ERR_TEXT_IMPORT_AFTER_FUNC},
    {WRT_WORD_TABLE, WRT_SPACE_TABLE, WRT_NAMES_TABLE,
     WASMRT_ERR_TEXT_IMPORT_AFTER_TABLE},
    {WRT_WORD_MEMORY, WRT_SPACE_MEMORY, WRT_NAMES_MEMORY,
     WASMRT_ERR_TEXT_IMPORT_AFTER_MEMORY},
    {WRT_WORD_GLOBAL, WRT_SPACE_GLOBAL, WRT_NAMES_GLOBAL,
     WASMRT_ERR_TEXT_IMPORT_AFTER_GLOBAL},
    {WRT_WORD_TAG, WRT_SPACE_TAG, WRT_NAMES_TAG,
     WASMRT_ERR_TEXT_IMPORT_AFTER_TAG},
};

enum { OBJECT_KINDS = WRT_COUNTOF(object_kinds) };

/* The kind of object that a keyword names, or OBJECT_KINDS. */
static unsigned object_kind(unsigned word)
{
    unsigned kind = 0;

    while (kind < OBJECT_KINDS && object_kinds[kind].word != word)
        kind++;
    return kind;
}

/* Moves behind the group at the cursor. */
static void skip_group(struct wrt_parser *p)
{
    uint32_t close = p->tokens[p->pos].link;

    p->pos = close >= p->end ? p->end : close + 1;
}

/* Imports come before all definitions (spec 6.6.14). */
static void note_import(struct wrt_parser *p, const struct wrt_token *at)
{
    if (p->has_definition)
        wrt_text_fail(p, object_kinds[p->last_defined].import_after, at, NULL);
}

/* Whether a table or memory is filled in place; the cursor is behind its name
 * and exports. */
static bool has_inline_segment(const struct wrt_parser *p, unsigned kind)
{
    struct wrt_parser look = *p;

    if (wrt_text_word(&look) == WRT_WORD_I32 ||
        wrt_text_word(&look) == WRT_WORD_I64)
        wrt_text_advance(&look, 1);
    if (object_kinds[kind].space == WRT_SPACE_MEMORY) {
        if (wrt_text_group(&look) == WRT_WORD_PAGESIZE)
            skip_group(&look);
        return wrt_text_group(&look) == WRT_WORD_DATA;
    }
    if (wrt_text_group(&look) == WRT_WORD_REF)
        skip_group(&look);
    else
        wrt_text_advance(&look, 1);
    return look.pos < look.end && wrt_text_group(&look) == WRT_WORD_ELEM;
}

/* "(func $x ...)" and its like: the name, and whether it is an import.  A
 * table or memory filled in place takes a segment index, too. */
static void bind_object(struct wrt_parser *p, unsigned kind)
{
    const struct wrt_token *at = wrt_text_ahead(p, 0);
    enum wrt_space space = (enum wrt_space)object_kinds[kind].space;

    wrt_text_advance(p, 2);
    wrt_text_define(p, space, wrt_text_id(p), p->counts[space]++);
    while (wrt_text_group(p) == WRT_WORD_EXPORT)
        skip_group(p);
    if (wrt_text_group(p) == WRT_WORD_IMPORT) {
        note_import(p, at);
        return;
    }
    p->has_definition = true;
    p->last_defined = kind;
    if (space == WRT_SPACE_TABLE && has_inline_segment(p, kind))
        p->counts[WRT_SPACE_ELEM]++;
    if (space == WRT_SPACE_MEMORY && has_inline_segment(p, kind))
        p->counts[WRT_SPACE_DATA]++;
}

/* "(import "m" "n" (func $x ...))" */
static void bind_import(struct wrt_parser *p)
{
    const struct wrt_token *at = wrt_text_ahead(p, 0);
    unsigned kind;

    note_import(p, at);
    wrt_text_advance(p, 2);
    for (int i = 0; i < 2; i++) {
        if (wrt_text_kind(p) != WRT_TOKEN_STRING)
            wrt_text_unexpected(p, "a name");
        wrt_text_advance(p, 1);
    }
    kind = object_kind(wrt_text_group(p));
    if (kind == OBJECT_KINDS) {
        wrt_text_advance(p, 1);
        wrt_text_unexpected(p, "func, table, memory, global or tag");
        return;
    }
    wrt_text_advance(p, 2);
    wrt_text_define(p, (enum wrt_space)object_kinds[kind].space, wrt_text_id(p),
                    p->counts[object_kinds[kind].space]++);
}

/* "(elem $x ...)" and "(data $x ...)" */
static void bind_segment(struct wrt_parser *p, enum wrt_space space)
{
    wrt_text_advance(p, 2);
    wrt_text_define(p, space, wrt_text_id(p), p->counts[space]++);
}

/* Numbers and names what a field defines, so that any other may refer to it. */
static void bind_field(struct wrt_parser *p, unsigned word)
{
    unsigned kind = object_kind(word);

    if (kind < OBJECT_KINDS) {
        bind_object(p, kind);
        return;
    }
    switch (word) {
    case WRT_WORD_TYPE:
    case WRT_WORD_REC: wrt_text_bind_types(p); break;
    case WRT_WORD_IMPORT: bind_import(p); break;
    case WRT_WORD_ELEM: bind_segment(p, WRT_SPACE_ELEM); break;
    case WRT_WORD_DATA: bind_segment(p, WRT_SPACE_DATA); break;
    case WRT_WORD_EXPORT:
    case WRT_WORD_START: break;
    default:
        wrt_text_advance(p, 1);
        wrt_text_unexpected(p, "a field of a module");
    }
}

/* -- Second pass: objects -------------------------------------------------- */

static void global_type(struct wrt_parser *p, struct wrt_buf *out)
{
    bool is_mutable = wrt_text_open(p, WRT_WORD_MUT);

    wrt_text_valtype(p, out);
    wrt_buf_u8(out, is_mutable);
    if (is_mutable)
        wrt_text_close(p);
}

static void tag_type(struct wrt_parser *p, struct wrt_buf *out)
{
    wrt_buf_u8(out, 0); /* attribute: exception */
    wrt_buf_uleb(out, wrt_text_typeuse(p, WRT_PARAMS_IGNORED));
}

/* The type of an imported object, with its kind before it. */
static void import_type(struct wrt_parser *p, unsigned kind,
                        struct wrt_buf *out)
{
    wrt_buf_u8(out, kind);
    switch (object_kinds[kind].space) {
    case WRT_SPACE_FUNC:
        wrt_buf_uleb(out, wrt_text_typeuse(p, WRT_PARAMS_NAMED));
        break;
    case WRT_SPACE_TABLE: wrt_text_tabletype(p, out); break;
    case WRT_SPACE_MEMORY: wrt_text_memtype(p, out); break;
    case WRT_SPACE_GLOBAL: global_type(p, out); break;
    default: tag_type(p, out);
    }
}

/* "(export "name")*" inside the definition of an object. */
static void inline_exports(struct wrt_parser *p, unsigned kind, uint32_t index)
{
    while (wrt_text_open(p, WRT_WORD_EXPORT)) {
        struct wrt_buf *out = wrt_text_section(p, WRT_SECTION_EXPORT);

        wrt_text_name(p, out);
        wrt_buf_u8(out, kind);
        wrt_buf_uleb(out, index);
        wrt_text_close(p);
    }
}

/* "(import "m" "n")" inside a definition, and then the type. */
static bool inline_import(struct wrt_parser *p, unsigned kind)
{
    struct wrt_buf *out;

    if (!wrt_text_open(p, WRT_WORD_IMPORT))
        return false;
    out = wrt_text_section(p, WRT_SECTION_IMPORT);
    wrt_text_name(p, out);
    wrt_text_name(p, out);
    wrt_text_close(p);
    import_type(p, kind, out);
    return true;
}

/* Run lengths of equal local types (spec 5.5.13), in p->locals. */
struct local_runs {
    uint32_t count, repeat;
    size_t last; /* where the last run's type begins in p->items */
};

static void end_run(struct wrt_parser *p, struct local_runs *runs)
{
    if (runs->repeat == 0)
        return;
    runs->count++;
    wrt_buf_uleb(&p->locals, runs->repeat);
    /* Nothing is there after an error. */
    if (p->items.count > runs->last)
        wrt_buf_bytes(&p->locals, p->items.items + runs->last,
                      p->items.count - runs->last);
    runs->repeat = 0;
}

static void add_local(struct wrt_parser *p, struct local_runs *runs)
{
    size_t begin = p->items.count, len;

    wrt_text_valtype(p, &p->items);
    len = p->items.count - begin;
    if (p->error || p->items.failed)
        return;
    if (runs->repeat > 0 && begin - runs->last == len &&
        memcmp(p->items.items + runs->last, p->items.items + begin, len) == 0) {
        p->items.count = begin;
    } else {
        p->items.count = begin;
        end_run(p, runs);
        p->items.count = begin + len;
        runs->last = begin;
    }
    runs->repeat++;
}

/* "(local ...)*" into p->body as a vector of runs; first is the index of the
 * first local that is no parameter. */
static void locals(struct wrt_parser *p, uint32_t first)
{
    struct local_runs runs = {0};

    p->locals.count = p->items.count = 0;
    while (wrt_text_open(p, WRT_WORD_LOCAL)) {
        const struct wrt_token *id = wrt_text_id(p);
        bool is_named = wrt_text_bind_name(p, WRT_NAMES_LOCAL, first, id);

        if (is_named) {
            wrt_text_define(p, WRT_SPACE_LOCAL, id, first++);
            add_local(p, &runs);
        }
        for (; !is_named && wrt_text_at_valtype(p); first++)
            add_local(p, &runs);
        wrt_text_close(p);
    }
    end_run(p, &runs);
    wrt_buf_uleb(&p->body, runs.count);
    wrt_buf_bytes(&p->body, p->locals.items, p->locals.count);
}

/* Its type goes to one section, locals and body to another. */
static void function(struct wrt_parser *p, uint32_t func_idx)
{
    uint32_t type_idx;

    p->func_no++;
    p->nlabels = 0;
    p->body.count = 0;
    type_idx = wrt_text_typeuse(p, WRT_PARAMS_LOCALS);
    wrt_buf_uleb(wrt_text_section(p, WRT_SECTION_FUNC), type_idx);
    locals(p, p->nparams);
    /* The body is a block whose label has no name. */
    wrt_text_push_label(p, WRT_NO_INDEX);
    p->in_func = true;
    wrt_text_expr(p, &p->body, false);
    p->in_func = false;
    wrt_text_pop_label(p);
    wrt_text_end_names(p, WRT_NAMES_LABEL, func_idx);
    wrt_text_end_hints(p, func_idx);
    wrt_buf_sized(wrt_text_section(p, WRT_SECTION_CODE), p->body.items,
                  p->body.count);
}

static void global(struct wrt_parser *p)
{
    struct wrt_buf *out = wrt_text_section(p, WRT_SECTION_GLOBAL);

    global_type(p, out);
    wrt_text_expr(p, out, false);
}

/* "(func $x ...)" and its like; the cursor is behind the keyword. */
static void object(struct wrt_parser *p, unsigned kind)
{
    enum wrt_space space = (enum wrt_space)object_kinds[kind].space;
    uint32_t index = p->counts[space]++;
    const struct wrt_token *id = wrt_text_id(p);

    wrt_text_bind_name(p, (enum wrt_names_kind)object_kinds[kind].names, index,
                       id);
    inline_exports(p, kind, index);
    if (inline_import(p, kind)) {
        wrt_text_end_names(p, WRT_NAMES_LOCAL, index);
        return;
    }
    switch (space) {
    case WRT_SPACE_FUNC: function(p, index); break;
    case WRT_SPACE_TABLE: wrt_text_table(p, index); break;
    case WRT_SPACE_MEMORY: wrt_text_memory(p, index); break;
    case WRT_SPACE_GLOBAL: global(p); break;
    default: tag_type(p, wrt_text_section(p, WRT_SECTION_TAG));
    }
    wrt_text_end_names(p, WRT_NAMES_LOCAL, index);
}

/* -- Second pass: other fields --------------------------------------------- */

static void import(struct wrt_parser *p)
{
    struct wrt_buf *out = wrt_text_section(p, WRT_SECTION_IMPORT);
    const struct wrt_token *id;
    uint32_t index;
    unsigned kind;

    wrt_text_name(p, out);
    wrt_text_name(p, out);
    kind = object_kind(wrt_text_group(p));
    if (p->error)
        return;
    /* The first pass has seen that it is one of them. */
    wrt_text_advance(p, 2);
    index = p->counts[object_kinds[kind].space]++;
    id = wrt_text_id(p);
    wrt_text_bind_name(p, (enum wrt_names_kind)object_kinds[kind].names, index,
                       id);
    import_type(p, kind, out);
    wrt_text_end_names(p, WRT_NAMES_LOCAL, index);
    wrt_text_close(p);
}

static void export(struct wrt_parser *p)
{
    struct wrt_buf *out = wrt_text_section(p, WRT_SECTION_EXPORT);
    unsigned kind;

    wrt_text_name(p, out);
    kind = object_kind(wrt_text_group(p));
    if (kind == OBJECT_KINDS) {
        wrt_text_unexpected(p, "(func, (table, (memory, (global or (tag");
        return;
    }
    wrt_text_advance(p, 2);
    wrt_buf_u8(out, kind);
    wrt_buf_uleb(out,
                 wrt_text_index(p, (enum wrt_space)object_kinds[kind].space));
    wrt_text_close(p);
}

static void start(struct wrt_parser *p)
{
    if (p->has_start)
        wrt_text_fail(p, WASMRT_ERR_TEXT_MULTIPLE_STARTS, wrt_text_ahead(p, 0),
                      NULL);
    p->has_start = true;
    if (p->sought)
        wrt_text_pass_item(p, WRT_SECTION_START);
    wrt_buf_uleb(&p->sections[WRT_SECTION_START].bytes,
                 wrt_text_index(p, WRT_SPACE_FUNC));
}

static void field(struct wrt_parser *p, unsigned word)
{
    unsigned kind = object_kind(word);

    wrt_text_advance(p, 2);
    if (kind < OBJECT_KINDS)
        object(p, kind);
    else if (word == WRT_WORD_IMPORT)
        import(p);
    else if (word == WRT_WORD_EXPORT)
        export(p);
    else if (word == WRT_WORD_START)
        start(p);
    else if (word == WRT_WORD_ELEM)
        wrt_text_elem(p);
    else
        wrt_text_data(p);
    wrt_text_close(p);
}

/* -- The module ------------------------------------------------------------ */

/* Names first, because a field may mention what comes later. */
static void bind_fields(struct wrt_parser *p)
{
    while (wrt_text_kind(p) == WRT_TOKEN_LPAR) {
        uint32_t begin = p->pos;

        wrt_text_customs(p);
        bind_field(p, wrt_text_group(p));
        if (!p->error) {
            p->pos = begin;
            skip_group(p);
        }
    }
    wrt_text_customs(p);
    if (wrt_text_kind(p) != WRT_TOKEN_END)
        wrt_text_unexpected(p, "a field of a module");
}

/* The type definitions, or everything else. */
static void encode_fields(struct wrt_parser *p, uint32_t begin, bool types)
{
    p->pos = p->error ? p->end : begin;
    while (wrt_text_kind(p) == WRT_TOKEN_LPAR) {
        unsigned word = wrt_text_group(p);
        bool is_type = word == WRT_WORD_TYPE || word == WRT_WORD_REC;

        p->field = p->pos;
        if (is_type != types)
            skip_group(p);
        else if (is_type)
            wrt_text_define_types(p);
        else
            field(p, word);
    }
}

/* Spec 5.5.16. */
static const uint8_t section_order[] = {
    WRT_SECTION_TYPE,   WRT_SECTION_IMPORT,     WRT_SECTION_FUNC,
    WRT_SECTION_TABLE,  WRT_SECTION_MEMORY,     WRT_SECTION_TAG,
    WRT_SECTION_GLOBAL, WRT_SECTION_EXPORT,     WRT_SECTION_START,
    WRT_SECTION_ELEM,   WRT_SECTION_DATA_COUNT, WRT_SECTION_CODE,
    WRT_SECTION_DATA,
};

/* Appends a section, unless it is empty. */
static void put_section(struct wrt_parser *p, enum wrt_section_id id,
                        struct wrt_buf *out)
{
    struct wrt_section_buf *section = &p->sections[id];

    p->scratch.count = 0;
    if (section->count > 0)
        wrt_buf_uleb(&p->scratch, section->count);
    if (section->count == 0 && section->bytes.count == 0)
        return;
    wrt_buf_u8(out, id);
    wrt_buf_uleb(out, p->scratch.count + section->bytes.count);
    wrt_buf_bytes(out, p->scratch.items, p->scratch.count);
    wrt_buf_bytes(out, section->bytes.items, section->bytes.count);
}

/* The parser's buffers, but for those of sections and names. */
static const size_t buffers[] = {
    offsetof(struct wrt_parser, sigs),
    offsetof(struct wrt_parser, params),
    offsetof(struct wrt_parser, results),
    offsetof(struct wrt_parser, body),
    offsetof(struct wrt_parser, locals),
    offsetof(struct wrt_parser, pending),
    offsetof(struct wrt_parser, scratch),
    offsetof(struct wrt_parser, offset),
    offsetof(struct wrt_parser, items),
    offsetof(struct wrt_parser, custom_bytes),
    offsetof(struct wrt_parser, hints.bytes),
    offsetof(struct wrt_parser, func_hints.bytes),
};

static struct wrt_buf *buffer(struct wrt_parser *p, size_t i)
{
    return (struct wrt_buf *)(void *)((uint8_t *)p + buffers[i]);
}

/* Whether memory was exhausted; buffers remember it, so it is asked once. */
static bool has_failed(struct wrt_parser *p)
{
    bool failed = false;

    for (size_t i = 0; i < WRT_SECTION_COUNT; i++)
        failed |= p->sections[i].bytes.failed;
    for (size_t i = 0; i < WRT_COUNTOF(buffers); i++)
        failed |= buffer(p, i)->failed;
    return failed;
}

static void put_module(struct wrt_parser *p, bool with_names,
                       struct wrt_buf *out)
{
    static const uint8_t header[] = {0, 'a', 's', 'm', 1, 0, 0, 0};

    if (p->needs_data_count)
        wrt_buf_uleb(&p->sections[WRT_SECTION_DATA_COUNT].bytes,
                     p->sections[WRT_SECTION_DATA].count);
    wrt_buf_bytes(out, header, sizeof(header));
    wrt_text_put_customs(p, WRT_PLACE_FIRST, out);
    for (size_t i = 0; i < WRT_COUNTOF(section_order); i++) {
        enum wrt_section_id id = (enum wrt_section_id)section_order[i];

        wrt_text_put_customs(p, WRT_PLACE(id, false), out);
        if (id == WRT_SECTION_CODE)
            wrt_text_put_hints(p, out);
        put_section(p, id, out);
        wrt_text_put_customs(p, WRT_PLACE(id, true), out);
    }
    if (with_names)
        wrt_text_put_names(p, out);
    wrt_text_put_customs(p, WRT_PLACE_LAST, out);
    out->failed |= has_failed(p);
    if (out->failed)
        wrt_text_oom(p);
}

static void init(struct wrt_parser *p, const struct wrt_alloc *alloc)
{
    p->alloc = alloc;
    wrt_arena_init(&p->arena, alloc);
    wrt_map_init(&p->sig_indices, alloc);
    wrt_map_init(&p->fields, alloc);
    for (size_t i = 0; i < WRT_SECTION_COUNT; i++)
        wrt_buf_init(&p->sections[i].bytes, alloc);
    for (size_t i = 0; i < WRT_NAMES_COUNT; i++) {
        wrt_buf_init(&p->names[i].bytes, alloc);
        wrt_buf_init(&p->inner_names[i].bytes, alloc);
    }
    for (size_t i = 0; i < WRT_COUNTOF(buffers); i++)
        wrt_buf_init(buffer(p, i), alloc);
}

static void fini(struct wrt_parser *p)
{
    wrt_arena_fini(&p->arena);
    wrt_map_fini(&p->sig_indices);
    wrt_map_fini(&p->fields);
    for (size_t i = 0; i < WRT_SECTION_COUNT; i++)
        wrt_buf_fini(&p->sections[i].bytes);
    for (size_t i = 0; i < WRT_NAMES_COUNT; i++) {
        wrt_buf_fini(&p->names[i].bytes);
        wrt_buf_fini(&p->inner_names[i].bytes);
    }
    for (size_t i = 0; i < WRT_COUNTOF(buffers); i++)
        wrt_buf_fini(buffer(p, i));
    wrt_vec_fini(p->alloc, &p->customs);
    wrt_vec_fini(p->alloc, &p->types);
    wrt_vec_fini(p->alloc, &p->labels);
    wrt_vec_fini(p->alloc, &p->frames);
}

/* The identifier of the module whose fields begin at a token, or NULL. */
static const struct wrt_token *module_id(const struct wrt_lexed *lexed,
                                         uint32_t begin)
{
    const struct wrt_token *id = lexed->tokens.items + begin - 1;

    return begin > 0 && id->kind == WRT_TOKEN_ID ? id : NULL;
}

wasmrt_error *wrt_text_encode(const struct wrt_alloc *alloc,
                              struct wrt_lexed *lexed, uint32_t begin,
                              uint32_t end, uint32_t module_no, bool with_names,
                              struct wrt_text_sought *sought, uint8_t **out,
                              size_t *out_len)
{
    struct wrt_parser p = {.lexed = lexed,
                           .tokens = lexed->tokens.items,
                           .pos = begin,
                           .end = end,
                           .module_no = module_no,
                           .sought = sought};
    struct wrt_buf bytes;

    wrt_buf_init(&bytes, alloc);
    init(&p, alloc);
    bind_fields(&p);
    memset(p.counts, 0, sizeof(p.counts));
    if (!p.error) {
        p.pos = begin;
        wrt_text_bind_module(&p, module_id(lexed, begin));
    }
    encode_fields(&p, begin, true);
    encode_fields(&p, begin, false);
    if (!p.error)
        wrt_text_check_notes(&p, begin);
    if (!p.error)
        put_module(&p, with_names, &bytes);
    fini(&p);
    if (p.error) {
        wrt_buf_fini(&bytes);
        return p.error;
    }
    return wrt_buf_take(&bytes, out, out_len);
}
