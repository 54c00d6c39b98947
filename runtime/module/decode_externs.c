/*
 * Imports, exports and the definitions they share types with: functions,
 * tables, memories, globals, tags, and the start function.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/base/sort.h"
#include "runtime/module/decode.h"
#include "runtime/module/type_read.h"

enum {
    LIMITS_MAX = 1,
    LIMITS_SHARED = 2,
    LIMITS_64 = 4,
    LIMITS_PAGE_SIZE = 8,
    TABLE_WITH_INIT = 0x40,
    MAX_PAGES_32 = 65536,
};

#define MAX_PAGES_64 ((uint64_t)1 << 48)

/* -- Limits ---------------------------------------------------------------- */

/* Reads flags, minimum, maximum; `known` are the flags that are well-formed
 * here.  Ranges are the caller's. */
/* A number of pages or elements: of 64 bits since there are 64-bit indices,
 * also where they are not used. */
static uint64_t read_limit(struct wrt_decoder *d)
{
    return d->m->features & WRT_FEATURE_MEMORY64 ? wrt_read_u64(&d->r)
                                                 : wrt_read_u32(&d->r);
}

static wasmrt_error *read_page_size(struct wrt_decoder *d, uint8_t *log2)
{
    uint64_t at = wrt_decoder_offset(d);
    uint32_t value = wrt_read_u32(&d->r);

    if (d->r.failed)
        return wrt_reader_error(&d->r);
    /* No page is larger than what a 64-bit index can name. */
    if (value >= 64)
        return wrt_error_new(WASMRT_ERR_BAD_PAGE_SIZE, at, "2^%u",
                             (unsigned)value);
    if (value != 0 && value != 16)
        return wrt_error_new(WASMRT_ERR_PAGE_SIZE, at, "2^%u", (unsigned)value);
    *log2 = (uint8_t)value;
    return NULL;
}

/* known: the flags that limits of this kind may have. */
static wasmrt_error *read_limits(struct wrt_decoder *d, uint8_t known,
                                 struct wrt_limits *out)
{
    uint64_t at = wrt_decoder_offset(d);
    uint8_t flags = wrt_read_u8(&d->r);

    if (d->r.failed)
        return wrt_reader_error(&d->r);
    /* The standard calls the flag malformed; the proposal that gives it a
     * meaning needs more bytes. */
    if (flags & ~known || (flags & LIMITS_PAGE_SIZE && !wrt_reader_left(&d->r)))
        return wrt_error_new(WASMRT_ERR_BAD_LIMITS_FLAGS, at, "0x%02x", flags);
    if (flags & LIMITS_64)
        WRT_TRY(wrt_decode_need(d, WRT_FEATURE_IDX_MEMORY64, at));
    if (flags & LIMITS_SHARED)
        WRT_TRY(wrt_decode_need(d, WRT_FEATURE_IDX_THREADS, at));
    *out = (struct wrt_limits){
        .has_max = flags & LIMITS_MAX,
        .is_64 = flags & LIMITS_64,
        .is_shared = flags & LIMITS_SHARED,
        .page_log2 = 16,
    };
    out->min = read_limit(d);
    out->max = out->has_max ? read_limit(d) : UINT64_MAX;
    if (flags & LIMITS_PAGE_SIZE)
        return read_page_size(d, &out->page_log2);
    return wrt_reader_error(&d->r);
}

/* Whether the limits are below `most` and in order. */
static wasmrt_error *check_limits(const struct wrt_limits *limits,
                                  uint64_t most, wasmrt_code code,
                                  const char *text, uint64_t at)
{
    if (limits->min > most || (limits->has_max && limits->max > most))
        return wrt_error_new(code, at, " must be at most %s", text);
    if (limits->has_max && limits->min > limits->max)
        return wrt_error_new(WASMRT_ERR_LIMITS_ORDER, at, "%llu, %llu",
                             (unsigned long long)limits->min,
                             (unsigned long long)limits->max);
    return NULL;
}

/* -- Types of externs ------------------------------------------------------ */

wasmrt_error *wrt_decode_table_type(struct wrt_decoder *d,
                                    struct wrt_table_type *out)
{
    uint64_t at = wrt_decoder_offset(d);
    int missing;

    out->elem = wrt_read_reftype(d->m, 0, &d->r);
    if (d->r.failed)
        return wrt_reader_error(&d->r);
    missing = wrt_valtype_missing_feature(d->m->features, out->elem);
    if (out->elem != WRT_FUNCREF && missing >= 0)
        return wrt_feature_error((enum wrt_feature_idx)missing, at);
    at = wrt_decoder_offset(d);
    WRT_TRY(read_limits(d, LIMITS_MAX | LIMITS_64, &out->limits));
    if (out->limits.is_64)
        return check_limits(&out->limits, UINT64_MAX, WASMRT_ERR_TABLE_SIZE,
                            "2^64-1", at);
    return check_limits(&out->limits, UINT32_MAX, WASMRT_ERR_TABLE_SIZE,
                        "2^32-1", at);
}

wasmrt_error *wrt_decode_memory_type(struct wrt_decoder *d,
                                     struct wrt_limits *out)
{
    uint64_t at = wrt_decoder_offset(d);
    uint8_t known = LIMITS_MAX | LIMITS_SHARED | LIMITS_64;

    /* Not yet part of the standard: the bit is malformed without the feature.
     */
    if (d->m->features & WRT_FEATURE_CUSTOM_PAGE_SIZES)
        known |= LIMITS_PAGE_SIZE;
    WRT_TRY(read_limits(d, known, out));
    if (out->is_shared && !out->has_max)
        return wrt_error_new(WASMRT_ERR_SHARED_NEEDS_MAX, at, NULL);
    if (out->page_log2 == 0)
        return check_limits(out, out->is_64 ? UINT64_MAX : UINT32_MAX,
                            WASMRT_ERR_MEMORY_SIZE, "4294967295 pages", at);
    if (out->is_64)
        return check_limits(out, MAX_PAGES_64, WASMRT_ERR_MEMORY_SIZE,
                            "2^48 pages", at);
    return check_limits(out, MAX_PAGES_32, WASMRT_ERR_MEMORY_SIZE,
                        "65536 pages (4GiB)", at);
}

wasmrt_error *wrt_decode_global_type(struct wrt_decoder *d,
                                     struct wrt_global_type *out)
{
    uint8_t byte;

    WRT_TRY(wrt_decode_valtype(d, 0, &out->type));
    byte = wrt_read_u8(&d->r);
    if (byte > 1)
        return wrt_error_new(WASMRT_ERR_BAD_MUTABILITY,
                             wrt_decoder_offset(d) - 1, "0x%02x", byte);
    out->is_mutable = byte == 1;
    return wrt_reader_error(&d->r);
}

wasmrt_error *wrt_decode_tag_type(struct wrt_decoder *d, struct wrt_tag *out)
{
    uint64_t at = wrt_decoder_offset(d);
    uint8_t attribute = wrt_read_u8(&d->r);
    uint32_t type_idx;

    if (!(d->m->features & WRT_FEATURE_LEGACY_EXCEPTIONS))
        WRT_TRY(wrt_decode_need(d, WRT_FEATURE_IDX_EXCEPTIONS, at));
    if (attribute != 0)
        return wrt_error_new(WASMRT_ERR_BAD_TAG_ATTRIBUTE, at, "0x%02x",
                             attribute);
    WRT_TRY(wrt_decode_func_type(d, &type_idx));
    if (wrt_module_type(d->m, type_idx)->nresults != 0)
        return wrt_error_new(WASMRT_ERR_TAG_RESULT, at, NULL);
    out->type_id = d->m->type_ids[type_idx];
    return NULL;
}

/* -- Imports --------------------------------------------------------------- */

static wasmrt_error *import_func(struct wrt_decoder *d)
{
    struct wrt_module *m = d->m;
    struct wrt_func *funcs =
        wrt_decode_append(d, m->funcs, m->nfuncs, sizeof(*funcs));
    uint32_t type_idx;

    if (!funcs)
        return wrt_error_oom();
    m->funcs = funcs;
    WRT_TRY(wrt_decode_func_type(d, &type_idx));
    funcs[m->nfuncs].type_idx = type_idx;
    funcs[m->nfuncs].type_id = m->type_ids[type_idx];
    m->nimported_funcs = ++m->nfuncs;
    return NULL;
}

static wasmrt_error *check_limit(const struct wrt_decoder *d,
                                 enum wrt_limit_idx idx, uint32_t most,
                                 uint32_t count)
{
    if (count < most)
        return NULL;
    return wrt_limit_error(idx, count + 1u, wrt_decoder_offset(d));
}

static wasmrt_error *import_table(struct wrt_decoder *d)
{
    struct wrt_module *m = d->m;
    struct wrt_table *tables =
        wrt_decode_append(d, m->tables, m->ntables, sizeof(*tables));

    if (!tables)
        return wrt_error_oom();
    m->tables = tables;
    WRT_TRY(check_limit(d, WRT_LIMIT_IDX_TABLES, WRT_LIMIT_TABLES, m->ntables));
    if (m->ntables > 0)
        WRT_TRY(wrt_decode_need(d, WRT_FEATURE_IDX_REFERENCE_TYPES,
                                wrt_decoder_offset(d)));
    WRT_TRY(wrt_decode_table_type(d, &tables[m->ntables].type));
    m->nimported_tables = ++m->ntables;
    return NULL;
}

static wasmrt_error *import_memory(struct wrt_decoder *d)
{
    struct wrt_module *m = d->m;
    struct wrt_limits *memories =
        wrt_decode_append(d, m->memories, m->nmemories, sizeof(*memories));

    if (!memories)
        return wrt_error_oom();
    m->memories = memories;
    WRT_TRY(check_limit(d, WRT_LIMIT_IDX_MEMORIES, WRT_LIMIT_MEMORIES,
                        m->nmemories));
    if (m->nmemories > 0)
        WRT_TRY(wrt_decode_need(d, WRT_FEATURE_IDX_MULTI_MEMORY,
                                wrt_decoder_offset(d)));
    WRT_TRY(wrt_decode_memory_type(d, &memories[m->nmemories]));
    m->nimported_memories = ++m->nmemories;
    return NULL;
}

static wasmrt_error *import_global(struct wrt_decoder *d)
{
    struct wrt_module *m = d->m;
    struct wrt_global *globals =
        wrt_decode_append(d, m->globals, m->nglobals, sizeof(*globals));
    uint64_t at = wrt_decoder_offset(d);

    if (!globals)
        return wrt_error_oom();
    m->globals = globals;
    WRT_TRY(wrt_decode_global_type(d, &globals[m->nglobals].type));
    if (globals[m->nglobals].type.is_mutable)
        WRT_TRY(wrt_decode_need(d, WRT_FEATURE_IDX_MUTABLE_GLOBALS, at));
    m->nimported_globals = ++m->nglobals;
    return NULL;
}

static wasmrt_error *import_tag(struct wrt_decoder *d)
{
    struct wrt_module *m = d->m;
    struct wrt_tag *tags =
        wrt_decode_append(d, m->tags, m->ntags, sizeof(*tags));

    if (!tags)
        return wrt_error_oom();
    m->tags = tags;
    WRT_TRY(wrt_decode_tag_type(d, &tags[m->ntags]));
    m->nimported_tags = ++m->ntags;
    return NULL;
}

/* An import is the next object of its kind. */
static wasmrt_error *decode_import(struct wrt_decoder *d,
                                   struct wrt_import *import)
{
    struct wrt_module *m = d->m;
    uint8_t kind;

    import->offset = wrt_decoder_offset(d);
    WRT_TRY(wrt_decode_name(d, &import->module));
    WRT_TRY(wrt_decode_name(d, &import->field));
    kind = wrt_read_u8(&d->r);
    if (d->r.failed)
        return wrt_reader_error(&d->r);
    import->kind = (enum wrt_extern_kind)kind;
    switch (kind) {
    case WRT_EXTERN_FUNC: import->index = m->nfuncs; return import_func(d);
    case WRT_EXTERN_TABLE: import->index = m->ntables; return import_table(d);
    case WRT_EXTERN_MEMORY:
        import->index = m->nmemories;
        return import_memory(d);
    case WRT_EXTERN_GLOBAL:
        import->index = m->nglobals;
        return import_global(d);
    case WRT_EXTERN_TAG: import->index = m->ntags; return import_tag(d);
    default:
        return wrt_error_new(WASMRT_ERR_BAD_IMPORT_KIND,
                             wrt_decoder_offset(d) - 1, "0x%02x", kind);
    }
}

wasmrt_error *wrt_decode_imports(struct wrt_decoder *d)
{
    struct wrt_module *m = d->m;
    uint32_t count;

    WRT_TRY(wrt_decode_count(d, WRT_LIMIT_IDX_IMPORTS, 0, &count));
    m->imports = wrt_arena_array(&m->arena, count, sizeof(*m->imports));
    if (!m->imports)
        return wrt_error_oom();
    for (uint32_t i = 0; i < count; i++) {
        WRT_TRY(decode_import(d, &m->imports[i]));
        m->nimports++;
    }
    return NULL;
}

/* -- Definitions ----------------------------------------------------------- */

wasmrt_error *wrt_decode_funcs(struct wrt_decoder *d)
{
    struct wrt_module *m = d->m;
    uint32_t count;

    WRT_TRY(wrt_decode_count(d, WRT_LIMIT_IDX_FUNCS, m->nfuncs, &count));
    m->funcs =
        wrt_decode_extend(d, m->funcs, m->nfuncs, count, sizeof(*m->funcs));
    if (!m->funcs)
        return wrt_error_oom();
    for (uint32_t i = 0; i < count; i++) {
        struct wrt_func *func = &m->funcs[m->nfuncs];

        WRT_TRY(wrt_decode_func_type(d, &func->type_idx));
        func->type_id = m->type_ids[func->type_idx];
        m->nfuncs++;
    }
    return NULL;
}

static wasmrt_error *decode_table(struct wrt_decoder *d, struct wrt_table *out)
{
    uint64_t at = wrt_decoder_offset(d);

    if (d->r.pos != d->r.end && *d->r.pos == TABLE_WITH_INIT) {
        WRT_TRY(wrt_decode_need(d, WRT_FEATURE_IDX_FUNCTION_REFERENCES, at));
        wrt_read_u8(&d->r);
        if (wrt_read_u8(&d->r) != 0)
            return wrt_error_new(WASMRT_ERR_ZERO_BYTE, at + 1, NULL);
        out->has_init = true;
    }
    WRT_TRY(wrt_decode_table_type(d, &out->type));
    if (out->has_init)
        return wrt_decode_expr(d, out->type.elem, &out->init);
    if (!wrt_valtype_is_nullable(out->type.elem))
        return wrt_error_new(WASMRT_ERR_TYPE_MISMATCH, at,
                             "a table without initial value needs a nullable "
                             "element type");
    return NULL;
}

wasmrt_error *wrt_decode_tables(struct wrt_decoder *d)
{
    struct wrt_module *m = d->m;
    uint32_t count;

    WRT_TRY(wrt_decode_count(d, WRT_LIMIT_IDX_TABLES, m->ntables, &count));
    if (m->ntables + count > 1)
        WRT_TRY(wrt_decode_need(d, WRT_FEATURE_IDX_REFERENCE_TYPES,
                                wrt_decoder_offset(d)));
    m->tables =
        wrt_decode_extend(d, m->tables, m->ntables, count, sizeof(*m->tables));
    if (!m->tables)
        return wrt_error_oom();
    for (uint32_t i = 0; i < count; i++) {
        WRT_TRY(decode_table(d, &m->tables[m->ntables]));
        m->ntables++;
    }
    return NULL;
}

wasmrt_error *wrt_decode_memories(struct wrt_decoder *d)
{
    struct wrt_module *m = d->m;
    uint32_t count;

    WRT_TRY(wrt_decode_count(d, WRT_LIMIT_IDX_MEMORIES, m->nmemories, &count));
    if (m->nmemories + count > 1)
        WRT_TRY(wrt_decode_need(d, WRT_FEATURE_IDX_MULTI_MEMORY,
                                wrt_decoder_offset(d)));
    m->memories = wrt_decode_extend(d, m->memories, m->nmemories, count,
                                    sizeof(*m->memories));
    if (!m->memories)
        return wrt_error_oom();
    for (uint32_t i = 0; i < count; i++) {
        WRT_TRY(wrt_decode_memory_type(d, &m->memories[m->nmemories]));
        m->nmemories++;
    }
    return NULL;
}

wasmrt_error *wrt_decode_tags(struct wrt_decoder *d)
{
    struct wrt_module *m = d->m;
    uint32_t count;

    WRT_TRY(wrt_decode_count(d, WRT_LIMIT_IDX_TAGS, m->ntags, &count));
    m->tags = wrt_decode_extend(d, m->tags, m->ntags, count, sizeof(*m->tags));
    if (!m->tags)
        return wrt_error_oom();
    for (uint32_t i = 0; i < count; i++) {
        WRT_TRY(wrt_decode_tag_type(d, &m->tags[m->ntags]));
        m->ntags++;
    }
    return NULL;
}

wasmrt_error *wrt_decode_globals(struct wrt_decoder *d)
{
    struct wrt_module *m = d->m;
    uint32_t count;

    WRT_TRY(wrt_decode_count(d, WRT_LIMIT_IDX_GLOBALS, m->nglobals, &count));
    m->globals = wrt_decode_extend(d, m->globals, m->nglobals, count,
                                   sizeof(*m->globals));
    if (!m->globals)
        return wrt_error_oom();
    for (uint32_t i = 0; i < count; i++) {
        struct wrt_global *global = &m->globals[m->nglobals];

        WRT_TRY(wrt_decode_global_type(d, &global->type));
        WRT_TRY(wrt_decode_expr(d, global->type.type, &global->init));
        m->nglobals++; /* only now: an initialiser cannot read itself */
    }
    return NULL;
}

/* -- Exports and start ----------------------------------------------------- */

static int compare_exports(const void *user, uint32_t a, uint32_t b)
{
    const struct wrt_module *m = user;

    return wrt_name_compare(&m->exports[a].name, &m->exports[b].name);
}

/* Where an export is that has been read; r is at the first one. */
static uint64_t find_export(struct wrt_reader r, uint32_t n)
{
    for (; n > 0; n--) {
        wrt_read_bytes(&r, wrt_read_u32(&r));
        wrt_read_u8(&r);
        wrt_read_u32(&r);
    }
    return wrt_reader_offset(&r);
}

/* Sorts the exports by name, which puts duplicates side by side. */
static wasmrt_error *sort_exports(struct wrt_decoder *d,
                                  const struct wrt_reader *first)
{
    struct wrt_module *m = d->m;
    uint32_t *order = wrt_arena_array(&m->arena, m->nexports, sizeof(*order));

    if (!order)
        return wrt_error_oom();
    for (uint32_t i = 0; i < m->nexports; i++)
        order[i] = i;
    wrt_sort_u32(order, m->nexports, compare_exports, m);
    m->exports_by_name = order;
    for (uint32_t i = 1; i < m->nexports; i++) {
        uint32_t later = WRT_MAX(order[i - 1], order[i]);

        if (compare_exports(m, order[i - 1], order[i]) == 0)
            return wrt_error_new(WASMRT_ERR_DUPLICATE_EXPORT,
                                 find_export(*first, later), "\"%.100s\"",
                                 m->exports[later].name.text);
    }
    return NULL;
}

/* Notes, too, what it means for a function: it counts as declared for ref.func,
 * and anybody may call it. */
static wasmrt_error *check_export(struct wrt_decoder *d,
                                  const struct wrt_export *export, uint64_t at)
{
    struct wrt_module *m = d->m;
    static const wasmrt_code codes[] = {
        [WRT_EXTERN_FUNC] = WASMRT_ERR_UNKNOWN_FUNC,
        [WRT_EXTERN_TABLE] = WASMRT_ERR_UNKNOWN_TABLE,
        [WRT_EXTERN_MEMORY] = WASMRT_ERR_UNKNOWN_MEMORY,
        [WRT_EXTERN_GLOBAL] = WASMRT_ERR_UNKNOWN_GLOBAL,
        [WRT_EXTERN_TAG] = WASMRT_ERR_UNKNOWN_TAG,
    };
    const uint32_t counts[] = {
        [WRT_EXTERN_FUNC] = m->nfuncs,      [WRT_EXTERN_TABLE] = m->ntables,
        [WRT_EXTERN_MEMORY] = m->nmemories, [WRT_EXTERN_GLOBAL] = m->nglobals,
        [WRT_EXTERN_TAG] = m->ntags,
    };

    if (export->index >= counts[export->kind])
        return wrt_decode_unknown(codes[export->kind], export->index, at);
    if (export->kind == WRT_EXTERN_FUNC) {
        m->funcs[export->index].is_declared = true;
        m->funcs[export->index].is_escaping = true;
    }
    if (export->kind == WRT_EXTERN_GLOBAL &&
        m->globals[export->index].type.is_mutable)
        return wrt_decode_need(d, WRT_FEATURE_IDX_MUTABLE_GLOBALS, at);
    return NULL;
}

wasmrt_error *wrt_decode_exports(struct wrt_decoder *d)
{
    struct wrt_module *m = d->m;
    struct wrt_reader first;
    uint32_t count;

    WRT_TRY(wrt_decode_count(d, WRT_LIMIT_IDX_EXPORTS, 0, &count));
    first = d->r;
    m->exports = wrt_arena_array(&m->arena, count, sizeof(*m->exports));
    if (!m->exports)
        return wrt_error_oom();
    for (uint32_t i = 0; i < count; i++) {
        struct wrt_export *export = &m->exports[i];
        uint64_t at;
        uint8_t kind;

        WRT_TRY(wrt_decode_name(d, &export->name));
        at = wrt_decoder_offset(d);
        kind = wrt_read_u8(&d->r);
        if (kind > WRT_EXTERN_TAG)
            return wrt_error_new(WASMRT_ERR_BAD_EXPORT_KIND, at, "0x%02x",
                                 kind);
        export->kind = (enum wrt_extern_kind)kind;
        export->index = wrt_read_u32(&d->r);
        if (d->r.failed)
            return NULL;
        WRT_TRY(check_export(d, export, at));
        m->nexports++;
    }
    return sort_exports(d, &first);
}

wasmrt_error *wrt_decode_start(struct wrt_decoder *d)
{
    uint64_t at = wrt_decoder_offset(d);
    uint32_t idx = wrt_read_u32(&d->r);
    const struct wrt_type *type;

    if (d->r.failed)
        return NULL;
    if (idx >= d->m->nfuncs)
        return wrt_decode_unknown(WASMRT_ERR_UNKNOWN_FUNC, idx, at);
    type = wrt_module_func_type(d->m, idx);
    if (type->nparams != 0 || type->nresults != 0)
        return wrt_error_new(WASMRT_ERR_START_FUNCTION, at,
                             "function %u has parameters or results",
                             (unsigned)idx);
    d->m->has_start = true;
    d->m->start_func = idx;
    return NULL;
}
