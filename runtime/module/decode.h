/*
 * State of decoding one module, shared by the files that decode sections.
 *
 * Private to runtime/module/decode*.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_MODULE_DECODE_H
#define WRT_MODULE_DECODE_H

#include "runtime/base/reader.h"
#include "runtime/module/module.h"

struct wrt_decoder {
    bool defers_bodies; /* somebody else will validate them */
    struct wrt_module *m;
    struct wrt_reader r; /* in the current section; see decode.c */
    const uint8_t *section_end;
    struct wrt_arena scratch;   /* reset freely */
    uint8_t last_id, last_rank; /* of the sections so far, customs aside */
    uint32_t *type_ids;         /* m->type_ids, writable */
    uint32_t ntype_slots;       /* its capacity */
    uint32_t ncodes;            /* bodies in the code section */
};

/* One function per section; d->r holds its content.  On success the content
 * has been read, or d->r has failed; wrt_module_decode() looks at both. */
typedef wasmrt_error *wrt_section_fn(struct wrt_decoder *d);

wrt_section_fn wrt_decode_types, wrt_decode_imports, wrt_decode_funcs,
    wrt_decode_tables, wrt_decode_memories, wrt_decode_tags, wrt_decode_globals,
    wrt_decode_exports, wrt_decode_start, wrt_decode_elems,
    wrt_decode_data_count, wrt_decode_code, wrt_decode_datas;

/* -- Helpers --------------------------------------------------------------- */

WRT_INLINE uint64_t wrt_decoder_offset(const struct wrt_decoder *d)
{
    return wrt_reader_offset(&d->r);
}

/* Reads a count of items, which take a byte each at least.  `before` are there
 * already and count for the limit. */
WRT_MUST_USE wasmrt_error *wrt_decode_count(struct wrt_decoder *d,
                                            enum wrt_limit_idx limit,
                                            uint32_t before, uint32_t *out);

/* Reads a name and copies it to the module's arena. */
WRT_MUST_USE wasmrt_error *wrt_decode_name(struct wrt_decoder *d,
                                           struct wrt_name *out);

/* Reads a value or reference type with its feature gate.  Members of the group
 * that is being decoded: see wrt_read_valtype(). */
WRT_MUST_USE wasmrt_error *
wrt_decode_valtype(struct wrt_decoder *d, uint32_t npending, wrt_valtype *out);

/* Reads the index of a function type. */
WRT_MUST_USE wasmrt_error *wrt_decode_func_type(struct wrt_decoder *d,
                                                uint32_t *type_idx);

WRT_MUST_USE wasmrt_error *wrt_decode_expr(struct wrt_decoder *d,
                                           wrt_valtype type,
                                           struct wrt_const_expr *out);

WRT_MUST_USE wasmrt_error *wrt_decode_table_type(struct wrt_decoder *d,
                                                 struct wrt_table_type *out);
WRT_MUST_USE wasmrt_error *wrt_decode_memory_type(struct wrt_decoder *d,
                                                  struct wrt_limits *out);
WRT_MUST_USE wasmrt_error *wrt_decode_global_type(struct wrt_decoder *d,
                                                  struct wrt_global_type *out);
WRT_MUST_USE wasmrt_error *wrt_decode_tag_type(struct wrt_decoder *d,
                                               struct wrt_tag *out);

/* An error where a feature is off. */
WRT_MUST_USE wasmrt_error *wrt_decode_need(const struct wrt_decoder *d,
                                           enum wrt_feature_idx feature,
                                           uint64_t offset);

/* An index that is out of range. */
WRT_MUST_USE wasmrt_error *wrt_decode_unknown(wasmrt_code code, uint32_t idx,
                                              uint64_t offset);

/* A zeroed array of count + extra items that begins with a copy of the first
 * count; NULL when memory is exhausted. */
void *wrt_decode_extend(struct wrt_decoder *d, const void *items, size_t count,
                        size_t extra, size_t elem);

/* Room for one more item, growing by doubling; NULL when memory is exhausted.
 * The array has come from here or is empty. */
void *wrt_decode_append(struct wrt_decoder *d, void *items, size_t count,
                        size_t elem);

#endif
