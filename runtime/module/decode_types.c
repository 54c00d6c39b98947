/*
 * The type section: recursion groups, subtypes, function, struct and array
 * types (spec 5.3, 5.5.4).
 *
 * A group is read into scratch memory with relative references to its own
 * members, handed to the engine's table, and checked against its supertypes
 * afterwards, when every id in it is known.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/decode.h"
#include "runtime/module/type_read.h"

enum {
    FORM_REC = 0x4e,
    FORM_SUB_FINAL = 0x4f,
    FORM_SUB = 0x50,
    FORM_ARRAY = 0x5e,
    FORM_STRUCT = 0x5f,
    FORM_FUNC = 0x60,
    PACKED_I16 = 0x77,
    PACKED_I8 = 0x78,
};

_Static_assert(WRT_LIMIT_RECGROUP_TYPES <= 1000000,
               "types.c keeps as many ids free for relative references");

/* -- Composite types ------------------------------------------------------- */

static wasmrt_error *bad_byte(struct wrt_decoder *d, wasmrt_code code,
                              uint8_t byte)
{
    return wrt_error_new(code, wrt_decoder_offset(d) - 1, "0x%02x", byte);
}

/* Reads `count` value types to out. */
static wasmrt_error *read_types(struct wrt_decoder *d, uint32_t npending,
                                wrt_valtype *out, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        WRT_TRY(wrt_decode_valtype(d, npending, &out[i]));
    return NULL;
}

/* Parameters are read before it is known how many results go behind them in the
 * same array. */
static wasmrt_error *read_func(struct wrt_decoder *d, uint32_t npending,
                               struct wrt_type *type)
{
    wrt_valtype *values, *all;
    uint64_t at;

    type->form = WRT_FORM_FUNC;
    WRT_TRY(wrt_decode_count(d, WRT_LIMIT_IDX_FUNC_PARAMS, 0, &type->nparams));
    values = wrt_arena_array(&d->scratch, type->nparams, sizeof(*values));
    if (!values)
        return wrt_error_oom();
    WRT_TRY(read_types(d, npending, values, type->nparams));
    at = wrt_decoder_offset(d);
    WRT_TRY(
        wrt_decode_count(d, WRT_LIMIT_IDX_FUNC_RESULTS, 0, &type->nresults));
    if (type->nresults > 1)
        WRT_TRY(wrt_decode_need(d, WRT_FEATURE_IDX_MULTI_VALUE, at));
    all = wrt_arena_array(&d->scratch, (size_t)type->nparams + type->nresults,
                          sizeof(*all));
    if (!all)
        return wrt_error_oom();
    memcpy(all, values, type->nparams * sizeof(*all));
    WRT_TRY(read_types(d, npending, all + type->nparams, type->nresults));
    type->values = all;
    return wrt_reader_error(&d->r);
}

static wasmrt_error *read_field(struct wrt_decoder *d, uint32_t npending,
                                struct wrt_field *field)
{
    uint8_t byte = d->r.pos == d->r.end ? 0 : *d->r.pos;

    if (byte == PACKED_I8 || byte == PACKED_I16) {
        field->type = byte == PACKED_I8 ? WRT_KIND_I8 : WRT_KIND_I16;
        wrt_read_u8(&d->r);
    } else {
        WRT_TRY(wrt_decode_valtype(d, npending, &field->type));
    }
    byte = wrt_read_u8(&d->r);
    if (byte > 1)
        return bad_byte(d, WASMRT_ERR_BAD_MUTABILITY, byte);
    field->is_mutable = byte == 1;
    return wrt_reader_error(&d->r);
}

/* A struct's fields, or an array's one. */
static wasmrt_error *read_fields(struct wrt_decoder *d, uint32_t npending,
                                 struct wrt_type *type)
{
    struct wrt_field *fields =
        wrt_arena_array(&d->scratch, type->nfields, sizeof(*fields));

    if (!fields)
        return wrt_error_oom();
    type->fields = fields;
    for (uint32_t i = 0; i < type->nfields; i++)
        WRT_TRY(read_field(d, npending, &fields[i]));
    return wrt_reader_error(&d->r);
}

static wasmrt_error *read_composite(struct wrt_decoder *d, uint32_t npending,
                                    struct wrt_type *type)
{
    uint64_t at = wrt_decoder_offset(d);
    uint8_t form = wrt_read_u8(&d->r);

    if (d->r.failed)
        return wrt_reader_error(&d->r);
    if (form == FORM_FUNC)
        return read_func(d, npending, type);
    if (form & 0x80) /* forms are signed LEB128 numbers of one byte */
        return wrt_error_new(WASMRT_ERR_LEB_TOO_LONG, at, NULL);
    if (form != FORM_STRUCT && form != FORM_ARRAY)
        return bad_byte(d, WASMRT_ERR_BAD_TYPE_FORM, form);
    WRT_TRY(wrt_decode_need(d, WRT_FEATURE_IDX_GC, at));
    type->form = form == FORM_STRUCT ? WRT_FORM_STRUCT : WRT_FORM_ARRAY;
    type->nfields = 1;
    if (form == FORM_STRUCT)
        WRT_TRY(wrt_decode_count(d, WRT_LIMIT_IDX_STRUCT_FIELDS, 0,
                                 &type->nfields));
    return read_fields(d, npending, type);
}

/* The supertype of member `self` of its group: declared before it. */
static wasmrt_error *read_super(struct wrt_decoder *d, uint32_t self,
                                struct wrt_type *type)
{
    uint64_t at = wrt_decoder_offset(d);
    uint32_t count = wrt_read_u32(&d->r);

    if (count > 1)
        return wrt_error_new(WASMRT_ERR_SUB_TYPE, at,
                             "%u supertypes, where one is possible",
                             (unsigned)count);
    if (count == 1)
        type->supertype = wrt_read_type_id(d->m, self, &d->r);
    return wrt_reader_error(&d->r);
}

/* Reads member `self` of a group of npending. */
static wasmrt_error *read_sub(struct wrt_decoder *d, uint32_t self,
                              uint32_t npending, struct wrt_type *type)
{
    uint8_t form = d->r.pos == d->r.end ? 0 : *d->r.pos;

    *type = (struct wrt_type){.is_final = true, .supertype = WRT_NO_TYPE};
    if (form == FORM_SUB || form == FORM_SUB_FINAL) {
        WRT_TRY(wrt_decode_need(d, WRT_FEATURE_IDX_GC, wrt_decoder_offset(d)));
        wrt_read_u8(&d->r);
        type->is_final = form == FORM_SUB_FINAL;
        WRT_TRY(read_super(d, self, type));
    }
    return read_composite(d, npending, type);
}

/* -- Supertypes ------------------------------------------------------------ */

static bool field_matches(const struct wrt_types *types,
                          const struct wrt_field *sub,
                          const struct wrt_field *super)
{
    if (sub->is_mutable != super->is_mutable)
        return false;
    return sub->is_mutable ? sub->type == super->type
                           : wrt_valtype_matches(types, sub->type, super->type);
}

/* Whether the structure of sub fits that of super (spec 3.3.8). */
static bool structure_matches(const struct wrt_types *types,
                              const struct wrt_type *sub,
                              const struct wrt_type *super)
{
    if (sub->form != super->form || sub->nparams != super->nparams ||
        sub->nresults != super->nresults || sub->nfields < super->nfields)
        return false;
    for (uint32_t i = 0; i < sub->nparams; i++) {
        if (!wrt_valtype_matches(types, wrt_type_params(super)[i],
                                 wrt_type_params(sub)[i]))
            return false;
    }
    for (uint32_t i = 0; i < sub->nresults; i++) {
        if (!wrt_valtype_matches(types, wrt_type_results(sub)[i],
                                 wrt_type_results(super)[i]))
            return false;
    }
    for (uint32_t i = 0; i < super->nfields; i++) {
        if (!field_matches(types, &sub->fields[i], &super->fields[i]))
            return false;
    }
    return true;
}

static wasmrt_error *check_supertypes(const struct wrt_decoder *d,
                                      uint32_t first_id, uint32_t count,
                                      uint64_t at)
{
    const struct wrt_types *types = d->m->types;

    for (uint32_t i = 0; i < count; i++) {
        const struct wrt_type *sub = wrt_types_get(types, first_id + i);
        const struct wrt_type *super;

        if (sub->supertype == WRT_NO_TYPE)
            continue;
        super = wrt_types_get(types, sub->supertype);
        if (super->is_final || !structure_matches(types, sub, super))
            return wrt_error_new(WASMRT_ERR_SUB_TYPE, at,
                                 "type %u does not match its supertype",
                                 (unsigned)(d->m->ntypes + i));
    }
    return NULL;
}

/* -- Groups ---------------------------------------------------------------- */

/* Room in m->type_ids for `count` more. */
static wasmrt_error *reserve_ids(struct wrt_decoder *d, uint32_t count)
{
    struct wrt_module *m = d->m;
    uint32_t want = m->ntypes + count;

    if (want <= d->ntype_slots)
        return NULL;
    want = WRT_MAX(want, d->ntype_slots * 2);
    d->type_ids = wrt_decode_extend(d, m->type_ids, m->ntypes, want - m->ntypes,
                                    sizeof(*d->type_ids));
    if (!d->type_ids)
        return wrt_error_oom();
    m->type_ids = d->type_ids;
    d->ntype_slots = want;
    return NULL;
}

static wasmrt_error *add_group(struct wrt_decoder *d, uint32_t *group_ids,
                               const struct wrt_type *members, uint32_t count,
                               uint64_t at)
{
    struct wrt_module *m = d->m;
    uint32_t first_id;
    wasmrt_error *error;

    WRT_TRY(reserve_ids(d, count));
    error = wrt_types_add_group(m->types, members, count, &first_id);
    if (error) {
        wrt_error_set_offset(error, at);
        return error;
    }
    /* From here on the module releases the group, whatever happens. */
    group_ids[m->ngroups++] = first_id;
    WRT_TRY(check_supertypes(d, first_id, count, at));
    for (uint32_t i = 0; i < count; i++)
        d->type_ids[m->ntypes++] = first_id + i;
    return NULL;
}

/* A type on its own is a group of one. */
static wasmrt_error *decode_group(struct wrt_decoder *d, uint32_t *group_ids)
{
    uint64_t at = wrt_decoder_offset(d);
    struct wrt_type *members;
    uint32_t count = 1;

    wrt_arena_reset(&d->scratch);
    if (d->r.pos != d->r.end && *d->r.pos == FORM_REC) {
        WRT_TRY(wrt_decode_need(d, WRT_FEATURE_IDX_GC, at));
        wrt_read_u8(&d->r);
        WRT_TRY(wrt_decode_count(d, WRT_LIMIT_IDX_RECGROUP_TYPES, 0, &count));
        if (d->r.failed)
            return NULL;
        if (d->m->ntypes + count > WRT_LIMIT_TYPES)
            return wrt_limit_error(WRT_LIMIT_IDX_TYPES, d->m->ntypes + count,
                                   at);
    }
    members = wrt_arena_array(&d->scratch, count, sizeof(*members));
    if (!members)
        return wrt_error_oom();
    for (uint32_t i = 0; i < count; i++)
        WRT_TRY(read_sub(d, i, count, &members[i]));
    return count ? add_group(d, group_ids, members, count, at) : NULL;
}

wasmrt_error *wrt_decode_types(struct wrt_decoder *d)
{
    uint32_t *group_ids, count;

    WRT_TRY(wrt_decode_count(d, WRT_LIMIT_IDX_TYPES, 0, &count));
    WRT_TRY(reserve_ids(d, count));
    group_ids = wrt_arena_array(&d->m->arena, count, sizeof(*group_ids));
    if (!group_ids)
        return wrt_error_oom();
    d->m->group_ids = group_ids;
    for (uint32_t i = 0; i < count && !d->r.failed; i++)
        WRT_TRY(decode_group(d, group_ids));
    return NULL;
}
