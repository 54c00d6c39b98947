/*
 * Element and data segments (spec 5.5.12 to 5.5.16).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/decode.h"
#include "runtime/module/type_read.h"

/* Bits of an element segment's flags. */
enum {
    ELEM_NOT_ACTIVE = 1,
    ELEM_EXPLICIT = 2, /* active: a table index; else: declared */
    ELEM_EXPRS = 4,
    ELEM_FLAGS = 7,
    ELEM_KIND_FUNC = 0,
};

/* Flags of a data segment. */
enum { DATA_ACTIVE, DATA_PASSIVE, DATA_ACTIVE_EXPLICIT };

static wrt_valtype address_type(const struct wrt_limits *limits)
{
    return limits->is_64 ? WRT_KIND_I64 : WRT_KIND_I32;
}

/* -- Elements -------------------------------------------------------------- */

/* The element type: the default, a kind byte, or a reference type. */
static wasmrt_error *read_elem_type(struct wrt_decoder *d, uint32_t flags,
                                    struct wrt_elem_segment *elem)
{
    uint64_t at = wrt_decoder_offset(d);
    int missing;
    uint8_t kind;

    /* Function indices cannot be null.  Which type that gives matters only for
     * tables that exclude null. */
    elem->type =
        flags & ELEM_EXPRS ? WRT_FUNCREF : WRT_REF(WRT_HEAP_FUNC, false);
    if (!(flags & (ELEM_NOT_ACTIVE | ELEM_EXPLICIT)))
        return NULL;
    if (flags & ELEM_EXPRS) {
        elem->type = wrt_read_reftype(d->m, 0, &d->r);
        missing = wrt_valtype_missing_feature(d->m->features, elem->type);
        if (!d->r.failed && missing >= 0)
            return wrt_feature_error((enum wrt_feature_idx)missing, at);
        return wrt_reader_error(&d->r);
    }
    kind = wrt_read_u8(&d->r);
    if (kind != ELEM_KIND_FUNC)
        return wrt_error_new(WASMRT_ERR_BAD_ELEM_KIND, at, "0x%02x", kind);
    return wrt_reader_error(&d->r);
}

static wasmrt_error *read_elem_target(struct wrt_decoder *d, uint32_t flags,
                                      struct wrt_elem_segment *elem)
{
    uint64_t at = wrt_decoder_offset(d);
    struct wrt_module *m = d->m;

    if (flags & ELEM_EXPLICIT)
        elem->table_idx = wrt_read_u32(&d->r);
    if (d->r.failed)
        return wrt_reader_error(&d->r);
    if (elem->table_idx >= m->ntables)
        return wrt_decode_unknown(WASMRT_ERR_UNKNOWN_TABLE, elem->table_idx,
                                  at);
    return wrt_decode_expr(
        d, address_type(&m->tables[elem->table_idx].type.limits),
        &elem->offset);
}

static wasmrt_error *read_elem_funcs(struct wrt_decoder *d,
                                     struct wrt_elem_segment *elem)
{
    struct wrt_module *m = d->m;
    uint32_t *funcs = wrt_arena_array(&m->arena, elem->count, sizeof(*funcs));

    if (!funcs)
        return wrt_error_oom();
    elem->funcs = funcs;
    for (uint32_t i = 0; i < elem->count; i++) {
        uint64_t at = wrt_decoder_offset(d);

        funcs[i] = wrt_read_u32(&d->r);
        if (d->r.failed)
            return wrt_reader_error(&d->r);
        if (funcs[i] >= m->nfuncs)
            return wrt_decode_unknown(WASMRT_ERR_UNKNOWN_FUNC, funcs[i], at);
        m->funcs[funcs[i]].is_declared = true;
        m->funcs[funcs[i]].is_escaping = true;
    }
    return NULL;
}

static wasmrt_error *read_elem_exprs(struct wrt_decoder *d,
                                     struct wrt_elem_segment *elem)
{
    struct wrt_const_expr *exprs =
        wrt_arena_array(&d->m->arena, elem->count, sizeof(*exprs));

    if (!exprs)
        return wrt_error_oom();
    elem->exprs = exprs;
    for (uint32_t i = 0; i < elem->count; i++) {
        WRT_TRY(wrt_decode_expr(d, elem->type, &exprs[i]));
        elem->allocates |= exprs[i].allocates;
    }
    return NULL;
}

/* Whether the items fit the table of an active segment. */
static wasmrt_error *check_elem_type(const struct wrt_decoder *d,
                                     const struct wrt_elem_segment *elem,
                                     uint64_t at)
{
    const struct wrt_module *m = d->m;
    char want[64], have[64];
    wrt_valtype type;

    if (elem->mode != WRT_SEGMENT_ACTIVE)
        return NULL;
    type = m->tables[elem->table_idx].type.elem;
    if (wrt_valtype_matches(m->types, elem->type, type))
        return NULL;
    return wrt_error_new(
        WASMRT_ERR_TYPE_MISMATCH, at, "a table of %s cannot hold items of %s",
        wrt_module_valtype_text(m, type, want, sizeof(want)),
        wrt_module_valtype_text(m, elem->type, have, sizeof(have)));
}

static wasmrt_error *decode_elem(struct wrt_decoder *d,
                                 struct wrt_elem_segment *elem)
{
    uint64_t at = wrt_decoder_offset(d);
    uint32_t flags = wrt_read_u32(&d->r);

    if (flags > ELEM_FLAGS)
        return wrt_error_new(WASMRT_ERR_BAD_SEGMENT_FLAGS, at, "%u",
                             (unsigned)flags);
    if (flags != 0)
        WRT_TRY(wrt_decode_need(d, WRT_FEATURE_IDX_BULK_MEMORY, at));
    if (!(flags & ELEM_NOT_ACTIVE)) {
        elem->mode = WRT_SEGMENT_ACTIVE;
        WRT_TRY(read_elem_target(d, flags, elem));
    } else {
        elem->mode =
            flags & ELEM_EXPLICIT ? WRT_SEGMENT_DECLARED : WRT_SEGMENT_PASSIVE;
    }
    WRT_TRY(read_elem_type(d, flags, elem));
    WRT_TRY(check_elem_type(d, elem, at));
    WRT_TRY(
        wrt_decode_count(d, WRT_LIMIT_IDX_ELEM_SEGMENT_ITEMS, 0, &elem->count));
    return flags & ELEM_EXPRS ? read_elem_exprs(d, elem)
                              : read_elem_funcs(d, elem);
}

wasmrt_error *wrt_decode_elems(struct wrt_decoder *d)
{
    struct wrt_module *m = d->m;
    uint32_t count;

    WRT_TRY(wrt_decode_count(d, WRT_LIMIT_IDX_ELEM_SEGMENTS, 0, &count));
    m->elems = wrt_arena_array(&m->arena, count, sizeof(*m->elems));
    if (!m->elems)
        return wrt_error_oom();
    for (uint32_t i = 0; i < count; i++) {
        WRT_TRY(decode_elem(d, &m->elems[i]));
        if (d->r.failed)
            return NULL;
        m->nelems++;
    }
    return NULL;
}

/* -- Data ------------------------------------------------------------------ */

wasmrt_error *wrt_decode_data_count(struct wrt_decoder *d)
{
    uint64_t at = wrt_decoder_offset(d);

    WRT_TRY(wrt_decode_need(d, WRT_FEATURE_IDX_BULK_MEMORY, at));
    d->m->data_count = wrt_read_u32(&d->r);
    d->m->has_data_count = true;
    if (d->m->data_count > WRT_LIMIT_DATA_SEGMENTS)
        return wrt_limit_error(WRT_LIMIT_IDX_DATA_SEGMENTS, d->m->data_count,
                               at);
    return NULL;
}

static wasmrt_error *read_data_target(struct wrt_decoder *d, uint32_t flags,
                                      struct wrt_data_segment *data)
{
    uint64_t at = wrt_decoder_offset(d);
    struct wrt_module *m = d->m;

    data->memory_idx = flags == DATA_ACTIVE_EXPLICIT ? wrt_read_u32(&d->r) : 0;
    if (d->r.failed)
        return wrt_reader_error(&d->r);
    if (data->memory_idx >= m->nmemories)
        return wrt_decode_unknown(WASMRT_ERR_UNKNOWN_MEMORY, data->memory_idx,
                                  at);
    return wrt_decode_expr(d, address_type(&m->memories[data->memory_idx]),
                           &data->offset);
}

static wasmrt_error *decode_data(struct wrt_decoder *d,
                                 struct wrt_data_segment *data)
{
    uint64_t at = wrt_decoder_offset(d);
    uint32_t flags = wrt_read_u32(&d->r);

    if (flags > DATA_ACTIVE_EXPLICIT)
        return wrt_error_new(WASMRT_ERR_BAD_SEGMENT_FLAGS, at, "%u",
                             (unsigned)flags);
    if (flags != DATA_ACTIVE)
        WRT_TRY(wrt_decode_need(d, WRT_FEATURE_IDX_BULK_MEMORY, at));
    data->mode =
        flags == DATA_PASSIVE ? WRT_SEGMENT_PASSIVE : WRT_SEGMENT_ACTIVE;
    if (WRT_UNLIKELY(flags == DATA_PASSIVE)) {
        data->memory_idx = 0;
        data->offset = (struct wrt_const_expr){0};
    } else {
        WRT_TRY(read_data_target(d, flags, data));
    }
    data->len = wrt_read_u32(&d->r);
    data->bytes = wrt_read_bytes(&d->r, data->len);
    return wrt_reader_error(&d->r);
}

wasmrt_error *wrt_decode_datas(struct wrt_decoder *d)
{
    struct wrt_module *m = d->m;
    uint32_t count;

    WRT_TRY(wrt_decode_count(d, WRT_LIMIT_IDX_DATA_SEGMENTS, 0, &count));
    if (m->has_data_count && !d->r.failed && count != m->data_count)
        return wrt_error_new(WASMRT_ERR_DATA_COUNT, wrt_decoder_offset(d),
                             "%u announced, %u given", (unsigned)m->data_count,
                             (unsigned)count);
    /* There may be a hundred thousand, each written once. */
    m->datas = wrt_arena_raw(&m->arena, count, sizeof(*m->datas));
    if (!m->datas)
        return wrt_error_oom();
    for (uint32_t i = 0; i < count; i++) {
        WRT_TRY(decode_data(d, &m->datas[i]));
        m->ndatas++;
    }
    return NULL;
}
