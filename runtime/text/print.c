/*
 * The printer: the sections of a module, in their order, as fields.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/text/bytes.h"
#include "runtime/text/parser.h"
#include "runtime/text/printer.h"

#include "runtime/module/type_read.h"
#include "wasmrt/text.h"

/* -- Lines ----------------------------------------------------------------- */

void wrt_print_newline(struct wrt_printer *p)
{
    static const char blanks[2 * WRT_PRINT_MAX_INDENT + 1] =
        "                                        ";
    unsigned indent = WRT_MIN(p->indent, (unsigned)WRT_PRINT_MAX_INDENT);

    wrt_buf_u8(&p->out, '\n');
    p->line = p->out.count;
    wrt_buf_bytes(&p->out, blanks, 2 * (size_t)indent);
}

void wrt_print_gap(struct wrt_printer *p)
{
    if (wrt_print_column(p) > WRT_PRINT_COLUMNS - 8) {
        p->indent += 2;
        wrt_print_newline(p);
        p->indent -= 2;
    } else if (p->out.count > 0 && p->out.items[p->out.count - 1] != ' ') {
        wrt_buf_u8(&p->out, ' ');
    }
}

wasmrt_error *wrt_print_check(const struct wrt_printer *p)
{
    if (p->out.failed || p->text.failed)
        return wrt_error_oom();
    /* The parser takes no more. */
    if (p->out.count > WRT_LIMIT_MODULE_BYTES ||
        p->text.count > WRT_LIMIT_MODULE_BYTES)
        return wrt_error_new(WASMRT_ERR_LIMIT, WRT_NO_OFFSET,
                             "a text of more than %u bytes",
                             (unsigned)WRT_LIMIT_MODULE_BYTES);
    return NULL;
}

/* -- Imports and exports --------------------------------------------------- */

/* By enum wrt_extern_kind: the keyword, and the space of its indices. */
static const struct {
    const char *keyword;
    enum wrt_names_kind names;
} kinds[] = {
    [WRT_EXTERN_FUNC] = {"func", WRT_NAMES_FUNC},
    [WRT_EXTERN_TABLE] = {"table", WRT_NAMES_TABLE},
    [WRT_EXTERN_MEMORY] = {"memory", WRT_NAMES_MEMORY},
    [WRT_EXTERN_GLOBAL] = {"global", WRT_NAMES_GLOBAL},
    [WRT_EXTERN_TAG] = {"tag", WRT_NAMES_TAG},
};

/* "(func $f (;3;)" for the next one of its kind; returns its index. */
static uint32_t open_object(struct wrt_printer *p, enum wrt_extern_kind kind)
{
    uint32_t idx = p->counts[kind]++;

    wrt_buf_u8(&p->out, '(');
    wrt_put_text(&p->out, kinds[kind].keyword);
    wrt_print_bind(p, &p->ids[kinds[kind].names], idx, true);
    return idx;
}

/* The identifiers of a function's parameters and locals. */
static wasmrt_error *begin_func(struct wrt_printer *p, uint32_t func_idx,
                                uint32_t nlocals)
{
    wrt_arena_reset(&p->func_arena);
    p->func_idx = func_idx;
    return wrt_print_make_locals(p, nlocals) ? NULL : wrt_error_oom();
}

static void print_func_type(struct wrt_printer *p, uint32_t type_idx)
{
    wrt_put_type_use(p, &p->out, type_idx);
    wrt_put_signature(p, &p->out, type_idx, &p->locals);
}

static wasmrt_error *print_import(struct wrt_printer *p, struct wrt_reader *r)
{
    enum wrt_extern_kind kind;
    uint32_t idx;

    wrt_print_newline(p);
    wrt_put_text(&p->out, "(import");
    for (int i = 0; i < 2; i++) {
        uint32_t len = wrt_read_u32(r);

        wrt_buf_u8(&p->out, ' ');
        wrt_put_name(&p->out, (const char *)wrt_read_bytes(r, len), len);
    }
    kind = (enum wrt_extern_kind)wrt_read_u8(r);
    wrt_buf_u8(&p->out, ' ');
    idx = open_object(p, kind);
    switch (kind) {
    case WRT_EXTERN_FUNC:
        WRT_TRY(begin_func(p, idx, wrt_module_func_type(p->m, idx)->nparams));
        print_func_type(p, wrt_read_u32(r));
        break;
    case WRT_EXTERN_TABLE: wrt_print_table_type(p, r); break;
    case WRT_EXTERN_MEMORY: wrt_print_memory_type(p, r); break;
    case WRT_EXTERN_GLOBAL: wrt_print_global_type(p, r); break;
    default: wrt_print_tag_type(p, r);
    }
    wrt_put_text(&p->out, "))");
    return wrt_print_check(p);
}

static wasmrt_error *print_export(struct wrt_printer *p, struct wrt_reader *r)
{
    uint32_t len = wrt_read_u32(r);
    unsigned kind;

    wrt_print_newline(p);
    wrt_put_text(&p->out, "(export ");
    wrt_put_name(&p->out, (const char *)wrt_read_bytes(r, len), len);
    kind = wrt_read_u8(r);
    wrt_put_text(&p->out, " (");
    wrt_put_text(&p->out, kinds[kind].keyword);
    wrt_buf_u8(&p->out, ' ');
    wrt_put_ref(&p->out, &p->ids[kinds[kind].names], wrt_read_u32(r));
    wrt_put_text(&p->out, "))");
    return wrt_print_check(p);
}

/* -- Definitions ----------------------------------------------------------- */

static wasmrt_error *print_table(struct wrt_printer *p, struct wrt_reader *r)
{
    bool has_init = *r->pos == TABLE_WITH_INIT;

    if (has_init)
        wrt_read_bytes(r, 2);
    wrt_print_newline(p);
    open_object(p, WRT_EXTERN_TABLE);
    wrt_print_table_type(p, r);
    if (has_init)
        WRT_TRY(wrt_print_expr(p, r, NULL));
    wrt_buf_u8(&p->out, ')');
    return wrt_print_check(p);
}

static wasmrt_error *print_memory(struct wrt_printer *p, struct wrt_reader *r)
{
    wrt_print_newline(p);
    open_object(p, WRT_EXTERN_MEMORY);
    wrt_print_memory_type(p, r);
    wrt_buf_u8(&p->out, ')');
    return wrt_print_check(p);
}

static wasmrt_error *print_tag(struct wrt_printer *p, struct wrt_reader *r)
{
    wrt_print_newline(p);
    open_object(p, WRT_EXTERN_TAG);
    wrt_print_tag_type(p, r);
    wrt_buf_u8(&p->out, ')');
    return wrt_print_check(p);
}

static wasmrt_error *print_global(struct wrt_printer *p, struct wrt_reader *r)
{
    wrt_print_newline(p);
    open_object(p, WRT_EXTERN_GLOBAL);
    wrt_print_global_type(p, r);
    WRT_TRY(wrt_print_expr(p, r, NULL));
    wrt_buf_u8(&p->out, ')');
    return wrt_print_check(p);
}

static wasmrt_error *print_func(struct wrt_printer *p, struct wrt_reader *r)
{
    struct wrt_reader again;
    uint32_t func_idx;
    size_t head;
    wasmrt_error *error;

    wrt_read_u32(r); /* size */
    wrt_print_newline(p);
    func_idx = open_object(p, WRT_EXTERN_FUNC);
    again = *r;
    WRT_TRY(begin_func(p, func_idx,
                       wrt_module_func_type(p->m, func_idx)->nparams +
                           wrt_locals_skip(p->m, &again)));
    p->body = r->pos;
    print_func_type(p, p->m->funcs[func_idx].type_idx);
    head = p->out.count;
    p->indent++;
    wrt_map_init(&p->label_ids, p->alloc);
    error = wrt_print_body(p, r);
    wrt_map_fini(&p->label_ids);
    p->body = NULL;
    p->indent--;
    if (error)
        return error;
    if (p->out.count > head)
        wrt_print_newline(p);
    wrt_buf_u8(&p->out, ')');
    return wrt_print_check(p);
}

/* -- Segments -------------------------------------------------------------- */

static uint32_t open_segment(struct wrt_printer *p, const char *keyword,
                             enum wrt_names_kind names, uint32_t idx)
{
    wrt_print_newline(p);
    wrt_buf_u8(&p->out, '(');
    wrt_put_text(&p->out, keyword);
    wrt_print_bind(p, &p->ids[names], idx, true);
    return idx;
}

/* " (table $t)" unless it is the first, and the offset. */
static wasmrt_error *print_place(struct wrt_printer *p, struct wrt_reader *r,
                                 enum wrt_extern_kind kind, bool is_explicit)
{
    uint32_t idx = is_explicit ? wrt_read_u32(r) : 0;

    if (idx != 0) {
        wrt_put_text(&p->out, " (");
        wrt_put_text(&p->out, kinds[kind].keyword);
        wrt_buf_u8(&p->out, ' ');
        wrt_put_ref(&p->out, &p->ids[kinds[kind].names], idx);
        wrt_buf_u8(&p->out, ')');
    }
    return wrt_print_expr(p, r, "offset");
}

static void print_elem_type(struct wrt_printer *p, struct wrt_reader *r,
                            unsigned flags)
{
    bool has_type = flags & (ELEM_NOT_ACTIVE | ELEM_EXPLICIT);

    wrt_buf_u8(&p->out, ' ');
    if (has_type && flags & ELEM_EXPRS) {
        wrt_put_valtype(p, &p->out, r);
        return;
    }
    if (has_type)
        wrt_read_u8(r); /* kind: functions */
    wrt_put_text(&p->out, flags & ELEM_EXPRS ? "funcref" : "func");
}

static wasmrt_error *print_elem(struct wrt_printer *p, struct wrt_reader *r,
                                uint32_t idx)
{
    unsigned flags = wrt_read_u32(r);

    open_segment(p, "elem", WRT_NAMES_ELEM, idx);
    if (!(flags & ELEM_NOT_ACTIVE))
        WRT_TRY(print_place(p, r, WRT_EXTERN_TABLE, flags & ELEM_EXPLICIT));
    else if (flags & ELEM_EXPLICIT)
        wrt_put_text(&p->out, " declare");
    print_elem_type(p, r, flags);
    for (uint32_t n = wrt_read_u32(r); n > 0; n--) {
        if (flags & ELEM_EXPRS) {
            WRT_TRY(wrt_print_expr(p, r, "item"));
            continue;
        }
        wrt_print_gap(p);
        wrt_put_ref(&p->out, &p->ids[WRT_NAMES_FUNC], wrt_read_u32(r));
    }
    wrt_buf_u8(&p->out, ')');
    return wrt_print_check(p);
}

void wrt_print_strings(struct wrt_printer *p, const uint8_t *bytes, size_t len)
{
    enum { ONE_LINE = 40, PER_LINE = 32 };

    if (len <= ONE_LINE) {
        wrt_buf_u8(&p->out, ' ');
        wrt_put_data(&p->out, bytes, len);
        return;
    }
    p->indent++;
    while (len > 0) {
        size_t n = WRT_MIN(len, (size_t)PER_LINE);

        wrt_print_newline(p);
        wrt_put_data(&p->out, bytes, n);
        bytes += n;
        len -= n;
    }
    p->indent--;
}

static wasmrt_error *print_data(struct wrt_printer *p, struct wrt_reader *r,
                                uint32_t idx)
{
    unsigned flags = wrt_read_u32(r);
    uint32_t len;

    open_segment(p, "data", WRT_NAMES_DATA, idx);
    if (flags != DATA_PASSIVE)
        WRT_TRY(print_place(p, r, WRT_EXTERN_MEMORY,
                            flags == DATA_ACTIVE_EXPLICIT));
    len = wrt_read_u32(r);
    wrt_print_strings(p, wrt_read_bytes(r, len), len);
    wrt_buf_u8(&p->out, ')');
    return wrt_print_check(p);
}

/* -- Sections -------------------------------------------------------------- */

typedef wasmrt_error *item_fn(struct wrt_printer *p, struct wrt_reader *r);

/* Sections that are a vector of items. */
static item_fn *const item_printers[WRT_SECTION_COUNT] = {
    [WRT_SECTION_IMPORT] = print_import, [WRT_SECTION_TABLE] = print_table,
    [WRT_SECTION_MEMORY] = print_memory, [WRT_SECTION_TAG] = print_tag,
    [WRT_SECTION_GLOBAL] = print_global, [WRT_SECTION_EXPORT] = print_export,
    [WRT_SECTION_CODE] = print_func,
};

static void print_start(struct wrt_printer *p)
{
    wrt_print_newline(p);
    wrt_put_text(&p->out, "(start ");
    wrt_put_ref(&p->out, &p->ids[WRT_NAMES_FUNC], p->m->start_func);
    wrt_buf_u8(&p->out, ')');
}

static wasmrt_error *print_section(struct wrt_printer *p, unsigned id,
                                   struct wrt_reader r)
{
    uint32_t count;

    switch (id) {
    case WRT_SECTION_TYPE: wrt_print_types(p, &r); break;
    case WRT_SECTION_START: print_start(p); break;
    case WRT_SECTION_ELEM:
        count = wrt_read_u32(&r);
        for (uint32_t i = 0; i < count; i++)
            WRT_TRY(print_elem(p, &r, i));
        break;
    case WRT_SECTION_DATA:
        count = wrt_read_u32(&r);
        for (uint32_t i = 0; i < count; i++)
            WRT_TRY(print_data(p, &r, i));
        break;
    default:
        /* The text has no place for the other sections, nor need of one. */
        if (!item_printers[id])
            break;
        for (count = wrt_read_u32(&r); count > 0; count--)
            WRT_TRY(item_printers[id](p, &r));
    }
    return wrt_print_check(p);
}

static wasmrt_error *print_sections(struct wrt_printer *p)
{
    struct wrt_reader r;
    uint32_t ncustoms = 0;

    wrt_reader_init(&r, p->m->bytes, p->m->len);
    wrt_read_bytes(&r, 8);
    while (r.pos != r.end) {
        unsigned id = wrt_read_u8(&r);
        uint32_t size = wrt_read_u32(&r);
        struct wrt_reader content = r;

        wrt_read_bytes(&r, size);
        if (id == WRT_SECTION_CUSTOM)
            wrt_print_custom(p, ncustoms++);
        else
            WRT_TRY(print_section(p, id, content));
        if (id != WRT_SECTION_CUSTOM && wrt_print_is_kept(p, id, content))
            p->after = id;
    }
    return wrt_print_check(p);
}

/* -- The module ------------------------------------------------------------ */

static wasmrt_error *print_module(struct wrt_printer *p)
{
    struct wrt_print_id id = {.name = NULL};
    const struct wrt_name *name = NULL;

    WRT_TRY(wrt_names_load(p->m));
    p->types = wrt_arena_array(&p->arena, p->m->ntypes, sizeof(*p->types));
    if (!p->types || !wrt_print_make_ids(p))
        return wrt_error_oom();
    if (!(p->flags & WASMRT_PRINT_NO_NAMES))
        name = wrt_names_own(p->m, WRT_NAMES_MODULE, 0, 0);
    if (name)
        id = (struct wrt_print_id){*name, name, name->len == 0};
    WRT_TRY(wrt_print_begin_customs(p));
    wrt_put_text(&p->out, "(module");
    wrt_print_binding(p, &id);
    p->indent = 1;
    WRT_TRY(print_sections(p));
    p->indent = 0;
    if (p->line > 0)
        wrt_print_newline(p);
    wrt_put_text(&p->out, ")\n");
    wrt_buf_u8(&p->out, '\0');
    return wrt_print_check(p);
}

static void init(struct wrt_printer *p)
{
    wrt_buf_init(&p->out, p->alloc);
    wrt_buf_init(&p->text, p->alloc);
    wrt_arena_init(&p->arena, p->alloc);
    wrt_arena_init(&p->func_arena, p->alloc);
}

/* All but the text itself. */
static void fini(struct wrt_printer *p)
{
    wrt_buf_fini(&p->text);
    wrt_arena_fini(&p->arena);
    wrt_arena_fini(&p->func_arena);
    wrt_vec_fini(p->alloc, &p->nodes);
    wrt_vec_fini(p->alloc, &p->pending);
    wrt_vec_fini(p->alloc, &p->frames);
    wrt_vec_fini(p->alloc, &p->blocks);
    wrt_vec_fini(p->alloc, &p->tasks);
}

wasmrt_error *wrt_text_print(const struct wrt_alloc *alloc,
                             struct wrt_module *module, unsigned flags,
                             char **out, size_t *out_len)
{
    struct wrt_printer p = {.m = module, .alloc = alloc, .flags = flags};
    wasmrt_error *error;

    init(&p);
    error = print_module(&p);
    fini(&p);
    if (error) {
        wrt_buf_fini(&p.out);
        return error;
    }
    WRT_TRY(wrt_buf_take(&p.out, (uint8_t **)out, out_len));
    *out_len -= 1;
    return NULL;
}
