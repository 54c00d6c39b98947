/*
 * The listing: sections, segments, custom sections, and the way out.
 *
 * dump_externs.c has types, imports and exports, dump_insn.c the disassembly.
 * The module has been validated, so its bytes are read without checks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/dump.h"

#include "runtime/base/reader.h"
#include "runtime/base/sort.h"
#include "runtime/module/dump_out.h"

#include <stdarg.h>
#include <stdio.h>

enum { BYTES_PER_LINE = 16, CUSTOM_BYTES = 256 };

/* -- Writing --------------------------------------------------------------- */

static void put(wrt_write_fn *write, void *user, const char *fmt, va_list args)
    __attribute__((format(printf, 3, 0)));

static void put(wrt_write_fn *write, void *user, const char *fmt, va_list args)
{
    char text[512];
    int len = vsnprintf(text, sizeof(text), fmt, args);

    if (len > 0)
        write(user, text, WRT_MIN((size_t)len, sizeof(text) - 1));
}

void wrt_out_put(const struct wrt_out *out, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    put(out->write, out->user, fmt, args);
    va_end(args);
}

void wrt_dump_text(struct wrt_dump *d, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    put(d->options->write, d->options->user, fmt, args);
    va_end(args);
}

/* Writes text with \xx for control characters, quotes and backslashes. */
static void dump_escaped(struct wrt_dump *d, const char *text, size_t len)
{
    size_t start = 0;

    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c >= 0x20 && c != 0x7f && c != '"' && c != '\\')
            continue;
        d->options->write(d->options->user, text + start, i - start);
        wrt_dump_text(d, "\\%02x", c);
        start = i + 1;
    }
    d->options->write(d->options->user, text + start, len - start);
}

void wrt_dump_quoted(struct wrt_dump *d, const char *text, size_t len)
{
    wrt_dump_text(d, "\"");
    dump_escaped(d, text, len);
    wrt_dump_text(d, "\"");
}

void wrt_dump_name(struct wrt_dump *d, enum wrt_names_kind kind, uint32_t outer,
                   uint32_t idx)
{
    const char *name = wrt_names_find(d->m, kind, outer, idx);

    if (!name)
        return;
    wrt_dump_text(d, " <");
    dump_escaped(d, name, strlen(name));
    wrt_dump_text(d, ">");
}

void wrt_dump_bytes(struct wrt_dump *d, const uint8_t *bytes, size_t len,
                    uint64_t offset)
{
    for (size_t i = 0; i < len; i += BYTES_PER_LINE) {
        size_t n = WRT_MIN(len - i, (size_t)BYTES_PER_LINE);
        char hex[BYTES_PER_LINE * 3 + 1], text[BYTES_PER_LINE + 1];

        for (size_t k = 0; k < n; k++) {
            uint8_t byte = bytes[i + k];

            snprintf(hex + 3 * k, 4, "%02x ", byte);
            text[k] = byte >= 0x20 && byte < 0x7f ? (char)byte : '.';
        }
        text[n] = '\0';
        wrt_dump_text(d, "    0x%06llx  %-48s %s\n",
                      (unsigned long long)offset + i, hex, text);
    }
}

/* -- Sections -------------------------------------------------------------- */

static void dump_section(struct wrt_dump *d, uint8_t id, struct wrt_reader r)
{
    uint32_t count;

    wrt_dump_text(d, "  %-10s at 0x%06llx, %zu bytes", wrt_section_name(id),
                  (unsigned long long)wrt_reader_offset(&r),
                  wrt_reader_left(&r));
    count = wrt_read_u32(&r);
    if (id == WRT_SECTION_CUSTOM) {
        wrt_dump_text(d, ", ");
        wrt_dump_quoted(d, (const char *)r.pos, count);
    } else if (id == WRT_SECTION_START) {
        wrt_dump_text(d, ", function %u", (unsigned)count);
        wrt_dump_name(d, WRT_NAMES_FUNC, 0, count);
    } else {
        wrt_dump_text(d, ", %u item%s", (unsigned)count, count == 1 ? "" : "s");
    }
    wrt_dump_text(d, "\n");
}

/* The sections as they are in the file, custom ones among them. */
static void dump_headers(struct wrt_dump *d)
{
    const char *name = wrt_module_name(d->m);
    struct wrt_reader r;

    wrt_dump_text(d, "module");
    if (name) {
        wrt_dump_text(d, " ");
        wrt_dump_quoted(d, name, strlen(name));
    }
    wrt_dump_text(d, ", %zu bytes\n\nsections:\n", d->m->len);
    wrt_reader_init(&r, d->m->bytes, d->m->len);
    wrt_read_bytes(&r, 8);
    while (r.pos != r.end) {
        uint8_t id = wrt_read_u8(&r);
        uint32_t size = wrt_read_u32(&r);
        struct wrt_reader content = r;

        wrt_read_bytes(&r, size);
        content.end = r.pos;
        dump_section(d, id, content);
    }
    wrt_dump_text(d, "\n");
}

/* -- Segments -------------------------------------------------------------- */

static void dump_elem(struct wrt_dump *d, uint32_t idx)
{
    const struct wrt_elem_segment *elem = &d->m->elems[idx];

    wrt_dump_text(d, "  elem %u", (unsigned)idx);
    wrt_dump_name(d, WRT_NAMES_ELEM, 0, idx);
    if (elem->mode == WRT_SEGMENT_ACTIVE) {
        wrt_dump_text(d, ": table %u at ", (unsigned)elem->table_idx);
        wrt_dump_expr(d, &elem->offset);
    } else {
        wrt_dump_text(d, ": %s",
                      elem->mode == WRT_SEGMENT_PASSIVE ? "passive"
                                                        : "declared");
    }
    wrt_dump_text(d, ", %u of ", (unsigned)elem->count);
    wrt_dump_valtype(d, elem->type);
    wrt_dump_text(d, "\n");
    for (uint32_t i = 0; i < elem->count; i++) {
        wrt_dump_text(d, "    [%u] ", (unsigned)i);
        if (elem->funcs) {
            wrt_dump_text(d, "func %u", (unsigned)elem->funcs[i]);
            wrt_dump_name(d, WRT_NAMES_FUNC, 0, elem->funcs[i]);
        } else {
            wrt_dump_expr(d, &elem->exprs[i]);
        }
        wrt_dump_text(d, "\n");
    }
}

static void dump_data(struct wrt_dump *d, uint32_t idx)
{
    const struct wrt_data_segment *data = &d->m->datas[idx];
    uint64_t start = wrt_module_offset(d->m, data->bytes);

    wrt_dump_text(d, "  data %u", (unsigned)idx);
    wrt_dump_name(d, WRT_NAMES_DATA, 0, idx);
    if (data->mode == WRT_SEGMENT_ACTIVE) {
        wrt_dump_text(d, ": memory %u at ", (unsigned)data->memory_idx);
        wrt_dump_expr(d, &data->offset);
        /* Then guest addresses help more than offsets in the module. */
        if (data->offset.form == WRT_CONST_VALUE)
            start = data->offset.value.bits;
    } else {
        wrt_dump_text(d, ": passive");
    }
    wrt_dump_text(d, ", %u bytes\n", (unsigned)data->len);
    wrt_dump_bytes(d, data->bytes, data->len, start);
}

static void dump_segments(struct wrt_dump *d)
{
    if (d->m->nelems)
        wrt_dump_text(d, "elements:\n");
    for (uint32_t i = 0; i < d->m->nelems; i++)
        dump_elem(d, i);
    if (d->m->ndatas)
        wrt_dump_text(d, "data:\n");
    for (uint32_t i = 0; i < d->m->ndatas; i++)
        dump_data(d, i);
}

static void dump_customs(struct wrt_dump *d)
{
    if (d->m->ncustoms)
        wrt_dump_text(d, "custom sections:\n");
    for (uint32_t i = 0; i < d->m->ncustoms; i++) {
        const struct wrt_custom_section *section = &d->m->customs[i];

        wrt_dump_text(d, "  ");
        wrt_dump_quoted(d, section->name.text, section->name.len);
        wrt_dump_text(d, " after %s, %u bytes\n",
                      section->after ? wrt_section_name(section->after)
                                     : "the start",
                      (unsigned)section->len);
        wrt_dump_bytes(d, section->bytes,
                       WRT_MIN(section->len, (uint32_t)CUSTOM_BYTES),
                       section->offset);
        if (section->len > CUSTOM_BYTES)
            wrt_dump_text(d, "    ...\n");
    }
}

/* -- Functions ------------------------------------------------------------- */

/* Reads a decimal index; false when text is none. */
static bool parse_index(const char *text, uint32_t *out)
{
    uint64_t value = 0;

    if (!*text)
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return false;
        value = value * 10 + (uint64_t)(*text - '0');
        if (value > UINT32_MAX)
            return false;
    }
    *out = (uint32_t)value;
    return true;
}

/* A function by name, export name or index. */
static wasmrt_error *find_func(const struct wrt_dump *d, const char *text,
                               uint32_t *out)
{
    const struct wrt_export *export =
        wrt_module_find_export(d->m, text, strlen(text));

    for (*out = 0; *out < d->m->nfuncs; ++*out) {
        const char *name = wrt_module_func_name(d->m, *out);

        if (name && strcmp(name, text) == 0)
            return NULL;
    }
    if (export && export->kind == WRT_EXTERN_FUNC)
        *out = export->index;
    else if (!parse_index(text, out) || *out >= d->m->nfuncs)
        return wrt_error_new(WASMRT_ERR_MISUSE, WRT_NO_OFFSET,
                             "the module has no function %.100s", text);
    return NULL;
}

static wasmrt_error *dump_func(struct wrt_dump *d, uint32_t func_idx)
{
    const struct wrt_dump_options *options = d->options;

    wrt_dump_func(d, func_idx);
    for (size_t i = 0; i < WRT_COUNTOF(options->after_func); i++) {
        if (options->after_func[i] &&
            !wrt_module_func_is_import(d->m, func_idx))
            WRT_TRY(options->after_func[i](d->m, func_idx, options->write,
                                           options->user));
    }
    return NULL;
}

static wasmrt_error *dump_code(struct wrt_dump *d)
{
    uint32_t idx;

    if (d->options->func) {
        WRT_TRY(find_func(d, d->options->func, &idx));
        return dump_func(d, idx);
    }
    for (idx = d->m->nimported_funcs; idx < d->m->nfuncs; idx++)
        WRT_TRY(dump_func(d, idx));
    return NULL;
}

static wasmrt_error *dump_parts(struct wrt_dump *d)
{
    unsigned parts = d->options->parts;

    if (parts & WRT_DUMP_HEADERS)
        dump_headers(d);
    if (parts & WRT_DUMP_EXTERNS)
        wrt_dump_externs(d);
    if (parts & WRT_DUMP_CODE)
        WRT_TRY(dump_code(d));
    if (parts & WRT_DUMP_DATA)
        dump_segments(d);
    if (parts & WRT_DUMP_CUSTOM)
        dump_customs(d);
    return NULL;
}

static int compare_type_ids(const void *user, uint32_t a, uint32_t b)
{
    const uint32_t *ids = user;

    if (ids[a] == ids[b])
        return (a > b) - (a < b);
    return ids[a] < ids[b] ? -1 : 1;
}

wasmrt_error *wrt_module_dump(struct wrt_module *module,
                              const struct wrt_dump_options *options)
{
    struct wrt_dump d = {.m = module, .options = options};
    wasmrt_error *error;

    d.types_by_id = wrt_alloc_array(module->alloc, module->ntypes + 1u,
                                    sizeof(*d.types_by_id));
    if (!d.types_by_id)
        return wrt_error_oom();
    for (uint32_t i = 0; i < module->ntypes; i++)
        d.types_by_id[i] = i;
    wrt_sort_u32(d.types_by_id, module->ntypes, compare_type_ids,
                 module->type_ids);
    error = dump_parts(&d);
    wrt_free_array(module->alloc, d.types_by_id, module->ntypes + 1u,
                   sizeof(*d.types_by_id));
    return error;
}
