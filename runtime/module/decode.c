/*
 * The binary decoder: header, order of sections, custom sections.
 *
 * Bytes in, struct wrt_module out.  Sections are decoded in one pass over the
 * bytes and validated as they are read, function bodies included; nothing is
 * allocated before the bytes that ask for it have been counted.
 *
 * Sections: decode_types.c, decode_externs.c (imports, definitions, exports),
 * decode_segments.c (elements, data) and, for code, the end of this file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/decode.h"

#include "runtime/base/utf8.h"
#include "runtime/module/const_expr.h"
#include "runtime/module/names.h"
#include "runtime/module/type_read.h"
#include "runtime/module/validate.h"

#include <stdio.h>

static const uint8_t magic[4] = {0x00, 'a', 's', 'm'};
static const uint8_t version[4] = {1, 0, 0, 0};
static const uint8_t component[4] = {0x0d, 0, 1, 0};

/* Sections by id; rank is their order in a module (spec 5.5.2). */
static const struct {
    uint8_t rank;
    wrt_section_fn *decode;
} sections[] = {
    [WRT_SECTION_CUSTOM] = {0, NULL},
    [WRT_SECTION_TYPE] = {1, wrt_decode_types},
    [WRT_SECTION_IMPORT] = {2, wrt_decode_imports},
    [WRT_SECTION_FUNC] = {3, wrt_decode_funcs},
    [WRT_SECTION_TABLE] = {4, wrt_decode_tables},
    [WRT_SECTION_MEMORY] = {5, wrt_decode_memories},
    [WRT_SECTION_TAG] = {6, wrt_decode_tags},
    [WRT_SECTION_GLOBAL] = {7, wrt_decode_globals},
    [WRT_SECTION_EXPORT] = {8, wrt_decode_exports},
    [WRT_SECTION_START] = {9, wrt_decode_start},
    [WRT_SECTION_ELEM] = {10, wrt_decode_elems},
    [WRT_SECTION_DATA_COUNT] = {11, wrt_decode_data_count},
    [WRT_SECTION_CODE] = {12, wrt_decode_code},
    [WRT_SECTION_DATA] = {13, wrt_decode_datas},
};

/* -- Helpers --------------------------------------------------------------- */

static const struct {
    uint32_t value;
    const char *text;
} limits[] = {
#define LIMIT(name, value, text) {value, text},
#include "runtime/module/limits.def"
#undef LIMIT
};

wasmrt_error *wrt_limit_error(enum wrt_limit_idx idx, uint64_t asked,
                              uint64_t offset)
{
    return wrt_error_new(WASMRT_ERR_LIMIT, offset, "%s is %llu (limit %u)",
                         limits[idx].text, (unsigned long long)asked,
                         (unsigned)limits[idx].value);
}

wasmrt_error *wrt_decode_need(const struct wrt_decoder *d,
                              enum wrt_feature_idx feature, uint64_t offset)
{
    if (d->m->features >> feature & 1)
        return NULL;
    return wrt_feature_error(feature, offset);
}

wasmrt_error *wrt_decode_unknown(wasmrt_code code, uint32_t idx,
                                 uint64_t offset)
{
    return wrt_error_new(code, offset, " %u", (unsigned)idx);
}

wasmrt_error *wrt_decode_count(struct wrt_decoder *d, enum wrt_limit_idx limit,
                               uint32_t before, uint32_t *out)
{
    uint64_t at = wrt_decoder_offset(d);
    uint32_t count = wrt_read_u32(&d->r);

    *out = 0;
    if (d->r.failed)
        return NULL;
    if ((uint64_t)before + count > limits[limit].value)
        return wrt_limit_error(limit, (uint64_t)before + count, at);
    if (count > wrt_reader_left(&d->r)) {
        wrt_reader_fail(&d->r, WASMRT_ERR_UNEXPECTED_END);
        return NULL;
    }
    *out = count;
    return NULL;
}

wasmrt_error *wrt_decode_name(struct wrt_decoder *d, struct wrt_name *out)
{
    uint64_t at = wrt_decoder_offset(d);
    const uint8_t *bytes;
    uint32_t len;

    len = wrt_read_u32(&d->r);
    if (d->r.failed)
        return wrt_reader_error(&d->r);
    if (len > wrt_reader_left(&d->r))
        return wrt_error_new(WASMRT_ERR_LENGTH_OOB, at, "name of %u bytes",
                             (unsigned)len);
    if (len > WRT_LIMIT_NAME_BYTES)
        return wrt_limit_error(WRT_LIMIT_IDX_NAME_BYTES, len, at);
    bytes = wrt_read_bytes(&d->r, len);
    if (!wrt_utf8_check(bytes, len))
        return wrt_error_new(WASMRT_ERR_BAD_UTF8, at, NULL);
    out->len = len;
    out->text = wrt_arena_string(&d->m->arena, (const char *)bytes, len);
    return out->text ? NULL : wrt_error_oom();
}

wasmrt_error *wrt_decode_valtype(struct wrt_decoder *d, uint32_t npending,
                                 wrt_valtype *out)
{
    uint64_t at = wrt_decoder_offset(d);
    int missing;

    *out = wrt_read_valtype(d->m, npending, &d->r);
    if (d->r.failed)
        return wrt_reader_error(&d->r);
    missing = wrt_valtype_missing_feature(d->m->features, *out);
    return missing < 0 ? NULL
                       : wrt_feature_error((enum wrt_feature_idx)missing, at);
}

wasmrt_error *wrt_decode_func_type(struct wrt_decoder *d, uint32_t *type_idx)
{
    uint64_t at = wrt_decoder_offset(d);

    *type_idx = wrt_read_u32(&d->r);
    if (d->r.failed)
        return wrt_reader_error(&d->r);
    if (*type_idx >= d->m->ntypes)
        return wrt_decode_unknown(WASMRT_ERR_UNKNOWN_TYPE, *type_idx, at);
    if (wrt_module_type(d->m, *type_idx)->form != WRT_FORM_FUNC)
        return wrt_error_new(WASMRT_ERR_TYPE_MISMATCH, at,
                             "type %u is not a function type",
                             (unsigned)*type_idx);
    return NULL;
}

wasmrt_error *wrt_decode_expr(struct wrt_decoder *d, wrt_valtype type,
                              struct wrt_const_expr *out)
{
    const uint8_t *end = d->r.end;

    if (d->r.pos > d->section_end)
        return wrt_error_new(WASMRT_ERR_SECTION_SIZE, wrt_decoder_offset(d),
                             NULL);
    d->r.end = d->section_end;
    WRT_TRY(wrt_const_expr_read(d->m, &d->r, type, &d->scratch, out));
    d->r.end = end;
    return NULL;
}

void *wrt_decode_extend(struct wrt_decoder *d, const void *items, size_t count,
                        size_t extra, size_t elem)
{
    void *grown = wrt_arena_array(&d->m->arena, count + extra, elem);

    if (grown && count)
        memcpy(grown, items, count * elem);
    return grown;
}

void *wrt_decode_append(struct wrt_decoder *d, void *items, size_t count,
                        size_t elem)
{
    enum { FIRST = 8 };

    /* The capacity follows from the count: FIRST, then powers of two. */
    if (count != 0 && (count < FIRST || (count & (count - 1)) != 0))
        return items;
    return wrt_decode_extend(d, items, count, count ? count : FIRST, elem);
}

/* -- Code ------------------------------------------------------------------ */

/* Validates it at once, unless that is part of compiling. */
static wasmrt_error *decode_body(struct wrt_decoder *d, uint32_t func_idx)
{
    struct wrt_func *func = &d->m->funcs[func_idx];
    uint64_t at = wrt_decoder_offset(d);
    uint32_t len = wrt_read_u32(&d->r);
    const uint8_t *body;
    wasmrt_error *error;

    if (d->r.failed)
        return wrt_reader_error(&d->r);
    if (len > WRT_LIMIT_FUNC_BODY_BYTES)
        return wrt_limit_error(WRT_LIMIT_IDX_FUNC_BODY_BYTES, len, at);
    body = wrt_read_bytes(&d->r, len);
    if (!body)
        return NULL; /* the caller names the failure */
    func->body = body;
    func->body_len = len;
    wrt_arena_reset(&d->scratch);
    if (d->defers_bodies)
        return NULL;
    error = wrt_validate_func(d->m, func_idx, &d->scratch, NULL, NULL);
    if (!error)
        return NULL;
    wrt_error_set_func(error, func_idx, wrt_module_func_name(d->m, func_idx));
    return error;
}

wasmrt_error *wrt_decode_code(struct wrt_decoder *d)
{
    struct wrt_module *m = d->m;
    uint32_t count = wrt_read_u32(&d->r);

    if (d->r.failed)
        return NULL;
    d->ncodes = count;
    if (count != m->nfuncs - m->nimported_funcs) {
        /* check_complete() refuses this; sections out of order come first. */
        d->r.pos = d->section_end;
        return NULL;
    }
    for (uint32_t i = 0; i < count && !d->r.failed; i++)
        WRT_TRY(decode_body(d, m->nimported_funcs + i));
    return NULL;
}

/* -- Sections -------------------------------------------------------------- */

static wasmrt_error *decode_custom(struct wrt_decoder *d)
{
    struct wrt_module *m = d->m;
    struct wrt_custom_section *customs, *section;

    customs =
        wrt_decode_append(d, m->customs, m->ncustoms, sizeof(*m->customs));
    if (!customs)
        return wrt_error_oom();
    m->customs = customs;
    section = &customs[m->ncustoms];
    WRT_TRY(wrt_decode_name(d, &section->name));
    section->offset = wrt_decoder_offset(d);
    section->len = (uint32_t)wrt_reader_left(&d->r);
    section->bytes = wrt_read_bytes(&d->r, section->len);
    section->after = d->last_id;
    m->ncustoms++;
    return NULL;
}

/*
 * A section is read without regard to its size, which is compared afterwards:
 * so an item that is cut off by the size is reported as what it is.  Custom
 * sections and constant expressions do stop at the end of their section.
 */
static wasmrt_error *decode_section(struct wrt_decoder *d, uint8_t id)
{
    if (id == WRT_SECTION_CUSTOM) {
        d->r.end = d->section_end;
        return decode_custom(d);
    }
    WRT_TRY(sections[id].decode(d));
    if (d->r.failed)
        return wrt_reader_error(&d->r);
    if (d->r.pos == d->section_end)
        return NULL;
    return wrt_error_new(
        WASMRT_ERR_SECTION_SIZE, wrt_decoder_offset(d),
        "section %u ends at 0x%llx", id,
        (unsigned long long)wrt_module_offset(d->m, d->section_end));
}

/* Notes a section and checks its place. */
static wasmrt_error *check_order(struct wrt_decoder *d, uint8_t id, uint64_t at)
{
    if (id >= WRT_COUNTOF(sections))
        return wrt_error_new(WASMRT_ERR_BAD_SECTION_ID, at, "%u", id);
    if (id == WRT_SECTION_CUSTOM)
        return NULL;
    if (sections[id].rank <= d->last_rank)
        return wrt_error_new(WASMRT_ERR_SECTION_ORDER, at,
                             "section %u after section %u", id, d->last_id);
    d->last_rank = sections[id].rank;
    d->last_id = id;
    return NULL;
}

static wasmrt_error *decode_sections(struct wrt_decoder *d)
{
    struct wrt_reader r = d->r;

    while (r.pos != r.end) {
        uint64_t at = wrt_reader_offset(&r);
        uint8_t id = wrt_read_u8(&r);
        uint32_t size;

        WRT_TRY(check_order(d, id, at));
        size = wrt_read_u32(&r);
        if (r.failed)
            return wrt_reader_error(&r);
        if (size > wrt_reader_left(&r))
            return wrt_error_new(WASMRT_ERR_LENGTH_OOB, at,
                                 "section %u has %u bytes", id, (unsigned)size);
        d->r = r;
        r.pos += size;
        d->section_end = r.pos;
        WRT_TRY(decode_section(d, id));
    }
    return NULL;
}

static wasmrt_error *decode_header(struct wrt_decoder *d)
{
    const uint8_t *bytes = d->r.pos;
    size_t len = wrt_reader_left(&d->r);

    if (len < sizeof(magic))
        return wrt_error_new(WASMRT_ERR_UNEXPECTED_END, len, NULL);
    if (memcmp(bytes, magic, sizeof(magic)) != 0)
        return wrt_error_new(WASMRT_ERR_NOT_WASM, 0, NULL);
    if (len < sizeof(magic) + sizeof(version))
        return wrt_error_new(WASMRT_ERR_UNEXPECTED_END, len, NULL);
    if (memcmp(bytes + 4, component, sizeof(component)) == 0)
        return wrt_error_new(WASMRT_ERR_IS_COMPONENT, 4, NULL);
    if (memcmp(bytes + 4, version, sizeof(version)) != 0)
        return wrt_error_new(WASMRT_ERR_BAD_VERSION, 4, NULL);
    d->r.pos += sizeof(magic) + sizeof(version);
    return NULL;
}

/* What only the end of the module can tell. */
static wasmrt_error *check_complete(const struct wrt_decoder *d)
{
    const struct wrt_module *m = d->m;

    if (m->nfuncs - m->nimported_funcs != d->ncodes)
        return wrt_error_new(
            WASMRT_ERR_FUNC_CODE_COUNT, m->len, "%u functions, %u bodies",
            (unsigned)(m->nfuncs - m->nimported_funcs), (unsigned)d->ncodes);
    if (m->has_data_count && m->data_count != m->ndatas)
        return wrt_error_new(WASMRT_ERR_DATA_COUNT, m->len, NULL);
    return NULL;
}

/* Numbers the functions that others may get hold of, now that all exports,
 * segments and bodies have been seen: each instance has a row for each. */
static wasmrt_error *number_escaping(struct wrt_module *m)
{
    uint32_t *escaping, count = 0;

    for (uint32_t i = m->nimported_funcs; i < m->nfuncs; i++)
        count += m->funcs[i].is_escaping;
    escaping = wrt_arena_array(&m->arena, count, sizeof(*escaping));
    if (!escaping)
        return wrt_error_oom();
    for (uint32_t i = m->nimported_funcs; i < m->nfuncs; i++) {
        if (!m->funcs[i].is_escaping)
            continue;
        m->funcs[i].escape_idx = m->nescaping;
        escaping[m->nescaping++] = i;
    }
    m->escaping = escaping;
    return NULL;
}

static wasmrt_error *decode_module(struct wrt_decoder *d)
{
    WRT_TRY(decode_header(d));
    WRT_TRY(decode_sections(d));
    WRT_TRY(check_complete(d));
    return number_escaping(d->m);
}

wasmrt_error *wrt_module_decode(const struct wrt_alloc *alloc,
                                struct wrt_types *types, wrt_features features,
                                const uint8_t *bytes, size_t len, unsigned how,
                                struct wrt_module **out)
{
    struct wrt_decoder d = {.defers_bodies = how & WRT_DECODE_NO_BODIES};
    wasmrt_error *error;

    if (len > WRT_LIMIT_MODULE_BYTES)
        return wrt_limit_error(WRT_LIMIT_IDX_MODULE_BYTES, len, 0);
    WRT_TRY(wrt_module_new(alloc, types, features, bytes, len,
                           how & WRT_DECODE_COPY, &d.m));
    wrt_arena_init(&d.scratch, alloc);
    wrt_reader_init(&d.r, d.m->bytes, len);
    error = decode_module(&d);
    wrt_arena_fini(&d.scratch);
    if (error)
        wrt_module_unref(d.m);
    else
        *out = d.m;
    return error;
}
