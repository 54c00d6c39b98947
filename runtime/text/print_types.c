/*
 * The printer: types, signatures, limits.
 *
 * Types are printed from their bytes, because in the decoded module equal types
 * have become one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/text/bytes.h"
#include "runtime/text/parser.h"
#include "runtime/text/printer.h"

/* -- Value types ----------------------------------------------------------- */

void wrt_put_heaptype(const struct wrt_printer *p, struct wrt_buf *out,
                      struct wrt_reader *r)
{
    int64_t code = wrt_read_s33(r);

    if (code >= 0)
        wrt_put_ref(out, &p->ids[WRT_NAMES_TYPE], (uint32_t)code);
    else
        wrt_put_text(out, wrt_text_heap_name((unsigned)(code + 0x80)));
}

void wrt_put_valtype(const struct wrt_printer *p, struct wrt_buf *out,
                     struct wrt_reader *r)
{
    unsigned byte = wrt_read_u8(r);

    if (byte != BYTE_REF && byte != BYTE_REF_NULL) {
        wrt_put_text(out, wrt_text_type_name(byte));
        return;
    }
    wrt_put_text(out, byte == BYTE_REF ? "(ref " : "(ref null ");
    wrt_put_heaptype(p, out, r);
    wrt_buf_u8(out, ')');
}

static void skip_valtype(struct wrt_reader *r)
{
    unsigned byte = wrt_read_u8(r);

    if (byte == BYTE_REF || byte == BYTE_REF_NULL)
        wrt_read_s33(r);
}

/* -- Function types -------------------------------------------------------- */

/* A blank; in the lines of the text a new line where one is due. */
static void put_gap(struct wrt_printer *p, struct wrt_buf *out)
{
    if (out == &p->out)
        wrt_print_gap(p);
    else
        wrt_buf_u8(out, ' ');
}

/* A vector of types as groups of one keyword.  What is bound to a name has a
 * group of its own. */
static void put_group(struct wrt_printer *p, struct wrt_buf *out,
                      struct wrt_reader *r, const char *keyword,
                      const struct wrt_print_ids *names)
{
    uint32_t count = wrt_read_u32(r);
    bool is_open = false;

    for (uint32_t i = 0; i < count; i++) {
        const struct wrt_print_id *id =
            names ? wrt_print_find_id(names, i) : NULL;
        bool is_alone = id && (id->id.len || id->is_other);

        if (is_open && is_alone)
            wrt_buf_u8(out, ')');
        put_gap(p, out);
        if (!is_open || is_alone) {
            wrt_buf_u8(out, '(');
            wrt_put_text(out, keyword);
            if (is_alone)
                wrt_print_binding(p, id);
            wrt_buf_u8(out, ' ');
        }
        wrt_put_valtype(p, out, r);
        is_open = !is_alone;
        if (is_alone)
            wrt_buf_u8(out, ')');
    }
    if (is_open)
        wrt_buf_u8(out, ')');
}

/* The two vectors of a function type behind its form. */
static void put_functype(struct wrt_printer *p, struct wrt_buf *out,
                         struct wrt_reader *r,
                         const struct wrt_print_ids *names)
{
    put_group(p, out, r, "param", names);
    put_group(p, out, r, "result", NULL);
}

void wrt_put_type_use(const struct wrt_printer *p, struct wrt_buf *out,
                      uint32_t type_idx)
{
    wrt_put_text(out, " (type ");
    wrt_put_ref(out, &p->ids[WRT_NAMES_TYPE], type_idx);
    wrt_buf_u8(out, ')');
}

void wrt_put_signature(struct wrt_printer *p, struct wrt_buf *out,
                       uint32_t type_idx, const struct wrt_print_ids *names)
{
    struct wrt_reader r;

    wrt_reader_init(&r, p->m->bytes, p->m->len);
    r.pos = p->types[type_idx] + 1; /* behind the form */
    put_functype(p, out, &r, names);
}

/* -- Type definitions ------------------------------------------------------ */

static void print_field_type(struct wrt_printer *p, struct wrt_reader *r)
{
    struct wrt_reader start = *r;
    bool is_packed = *r->pos == BYTE_I8 || *r->pos == BYTE_I16, is_mutable;

    if (is_packed)
        wrt_read_u8(r);
    else
        skip_valtype(r);
    is_mutable = wrt_read_u8(r) != 0;
    if (is_mutable)
        wrt_put_text(&p->out, "(mut ");
    if (is_packed)
        wrt_put_text(&p->out, *start.pos == BYTE_I8 ? "i8" : "i16");
    else
        wrt_put_valtype(p, &p->out, &start);
    if (is_mutable)
        wrt_buf_u8(&p->out, ')');
}

static void print_fields(struct wrt_printer *p, struct wrt_reader *r,
                         uint32_t type_idx)
{
    uint32_t count = wrt_read_u32(r);

    for (uint32_t i = 0; i < count; i++) {
        wrt_print_gap(p);
        wrt_put_text(&p->out, "(field");
        if (p->fields)
            wrt_print_bind(p, &p->fields[type_idx], i, false);
        wrt_buf_u8(&p->out, ' ');
        print_field_type(p, r);
        wrt_buf_u8(&p->out, ')');
    }
}

static void print_composite(struct wrt_printer *p, struct wrt_reader *r,
                            uint32_t type_idx)
{
    p->types[type_idx] = r->pos;
    switch (wrt_read_u8(r)) {
    case BYTE_FUNC:
        wrt_put_text(&p->out, "(func");
        put_functype(p, &p->out, r, NULL);
        break;
    case BYTE_STRUCT:
        wrt_put_text(&p->out, "(struct");
        print_fields(p, r, type_idx);
        break;
    default: wrt_put_text(&p->out, "(array "); print_field_type(p, r);
    }
    wrt_buf_u8(&p->out, ')');
}

static void print_type(struct wrt_printer *p, struct wrt_reader *r,
                       uint32_t type_idx)
{
    unsigned form = *r->pos;
    bool is_sub = form == BYTE_SUB || form == BYTE_SUB_FINAL;

    wrt_print_newline(p);
    wrt_put_text(&p->out, "(type");
    wrt_print_bind(p, &p->ids[WRT_NAMES_TYPE], type_idx, true);
    wrt_buf_u8(&p->out, ' ');
    if (is_sub) {
        wrt_read_u8(r);
        wrt_put_text(&p->out, form == BYTE_SUB ? "(sub " : "(sub final ");
        for (uint32_t n = wrt_read_u32(r); n > 0; n--) {
            wrt_put_ref(&p->out, &p->ids[WRT_NAMES_TYPE], wrt_read_u32(r));
            wrt_buf_u8(&p->out, ' ');
        }
    }
    print_composite(p, r, type_idx);
    wrt_put_text(&p->out, is_sub ? "))" : ")");
}

void wrt_print_types(struct wrt_printer *p, struct wrt_reader *r)
{
    uint32_t idx = 0;

    for (uint32_t n = wrt_read_u32(r); n > 0; n--) {
        uint32_t count;

        if (*r->pos != BYTE_REC) {
            print_type(p, r, idx++);
            continue;
        }
        wrt_read_u8(r);
        wrt_print_newline(p);
        wrt_put_text(&p->out, "(rec");
        p->indent++;
        for (count = wrt_read_u32(r); count > 0; count--)
            print_type(p, r, idx++);
        p->indent--;
        wrt_print_newline(p);
        wrt_buf_u8(&p->out, ')');
    }
}

/* -- Types of other things ------------------------------------------------- */

/* " i64? min max? shared?", and the page size, which stands behind all else. */
static void print_limits(struct wrt_printer *p, struct wrt_reader *r)
{
    unsigned flags = wrt_read_u8(r);

    if (flags & LIMITS_64)
        wrt_put_text(&p->out, " i64");
    wrt_buf_u8(&p->out, ' ');
    wrt_put_uint(&p->out, wrt_read_u64(r));
    if (flags & LIMITS_HAS_MAX) {
        wrt_buf_u8(&p->out, ' ');
        wrt_put_uint(&p->out, wrt_read_u64(r));
    }
    if (flags & LIMITS_SHARED)
        wrt_put_text(&p->out, " shared");
    if (flags & LIMITS_PAGE_SIZE) {
        wrt_put_text(&p->out, " (pagesize ");
        wrt_put_uint(&p->out, (uint64_t)1 << wrt_read_u32(r));
        wrt_buf_u8(&p->out, ')');
    }
}

void wrt_print_memory_type(struct wrt_printer *p, struct wrt_reader *r)
{
    print_limits(p, r);
}

void wrt_print_table_type(struct wrt_printer *p, struct wrt_reader *r)
{
    struct wrt_reader elem = *r;

    /* In the text the element type comes last. */
    skip_valtype(r);
    print_limits(p, r);
    wrt_buf_u8(&p->out, ' ');
    wrt_put_valtype(p, &p->out, &elem);
}

void wrt_print_global_type(struct wrt_printer *p, struct wrt_reader *r)
{
    wrt_buf_u8(&p->out, ' ');
    print_field_type(p, r);
}

void wrt_print_tag_type(struct wrt_printer *p, struct wrt_reader *r)
{
    uint32_t type_idx;

    wrt_read_u8(r); /* attribute: exception */
    type_idx = wrt_read_u32(r);
    wrt_put_type_use(p, &p->out, type_idx);
    wrt_put_signature(p, &p->out, type_idx, NULL);
}
