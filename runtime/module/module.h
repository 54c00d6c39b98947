/*
 * The decoded, validated module: immutable, reference counted, shared between
 * threads and stores.
 *
 * Every array lives in the module's arena; every index in it has been checked.
 * After validation nobody checks again: the interpreter, the JIT and the store
 * trust this structure.  Index spaces hold imports first, then definitions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_MODULE_MODULE_H
#define WRT_MODULE_MODULE_H

#include "runtime/base/arena.h"
#include "runtime/base/error.h"
#include "runtime/module/features.h"
#include "runtime/module/types.h"

#define WRT_PAGE_BYTES 65536u

enum {
#define LIMIT(name, value, text) WRT_LIMIT_##name = (value),
#include "runtime/module/limits.def"
#undef LIMIT
};

enum wrt_limit_idx {
#define LIMIT(name, value, text) WRT_LIMIT_IDX_##name,
#include "runtime/module/limits.def"
#undef LIMIT
};

/* The error for a module that asks for more than a limit permits. */
WRT_MUST_USE WRT_NONNULL_RESULT wasmrt_error *
wrt_limit_error(enum wrt_limit_idx idx, uint64_t asked, uint64_t offset);

/* Section ids of the binary format (spec 5.5.2). */
enum wrt_section_id {
    WRT_SECTION_CUSTOM,
    WRT_SECTION_TYPE,
    WRT_SECTION_IMPORT,
    WRT_SECTION_FUNC,
    WRT_SECTION_TABLE,
    WRT_SECTION_MEMORY,
    WRT_SECTION_GLOBAL,
    WRT_SECTION_EXPORT,
    WRT_SECTION_START,
    WRT_SECTION_ELEM,
    WRT_SECTION_CODE,
    WRT_SECTION_DATA,
    WRT_SECTION_DATA_COUNT,
    WRT_SECTION_TAG,
    WRT_SECTION_COUNT
};

/* "type", "code" ... */
const char *wrt_section_name(uint8_t id);

/* The kinds of things that are imported and exported (spec 2.5.10), with the
 * binary format's numbers. */
enum wrt_extern_kind {
    WRT_EXTERN_FUNC,
    WRT_EXTERN_TABLE,
    WRT_EXTERN_MEMORY,
    WRT_EXTERN_GLOBAL,
    WRT_EXTERN_TAG,
};

/* A name: UTF-8, may hold NUL bytes; also NUL-terminated after len. */
struct wrt_name {
    const char *text;
    uint32_t len;
};

/* Orders names by their bytes, shorter ones first. */
int wrt_name_compare(const struct wrt_name *a, const struct wrt_name *b);

struct wrt_limits {
    uint64_t min;
    uint64_t max; /* UINT64_MAX when absent */
    bool has_max;
    bool is_64; /* indices are i64 */
    bool is_shared;
    uint8_t page_log2; /* memories: 16, or 0 with custom page sizes */
};

struct wrt_table_type {
    struct wrt_limits limits;
    wrt_valtype elem;
};

struct wrt_global_type {
    wrt_valtype type;
    bool is_mutable;
};

/*
 * A constant expression.  The common forms are decoded to a value; anything
 * longer stays code that const_expr.c evaluates on a small stack.
 */
struct wrt_const_expr {
    enum {
        WRT_CONST_VALUE,  /* value: numeric bits, or a null reference */
        WRT_CONST_GLOBAL, /* index: global.get */
        WRT_CONST_FUNC,   /* index: ref.func */
        WRT_CONST_CODE,   /* code, code_len: evaluate */
    } form;
    uint32_t index;
    union {
        uint64_t bits;
        uint8_t v128[16];
    } value;
    const uint8_t *code; /* in the module's bytes; without the final end */
    uint32_t code_len;
    bool allocates; /* CODE: each evaluation makes an object */
};

struct wrt_table {
    struct wrt_table_type type;
    bool has_init;
    struct wrt_const_expr init;
};

struct wrt_global {
    struct wrt_global_type type;
    struct wrt_const_expr init; /* definitions only */
};

struct wrt_tag {
    uint32_t type_id;
};

struct wrt_import {
    struct wrt_name module, field;
    enum wrt_extern_kind kind;
    uint32_t index; /* in the index space of its kind */
    uint64_t offset;
};

struct wrt_export {
    struct wrt_name name;
    enum wrt_extern_kind kind;
    uint32_t index;
};

/* 32 bytes; one per function, imports included. */
struct wrt_func {
    uint32_t type_id;
    uint32_t type_idx;
    const uint8_t *body; /* locals and code; NULL for imports */
    uint32_t body_len;
    bool is_declared;    /* may be named by ref.func (spec 3.4.1, C.refs) */
    bool is_escaping;    /* exported, in an element segment, or declared: others
                            may get hold of it */
    uint32_t escape_idx; /* its number among the escaping ones that are defined
                            here; set at the end of decode */
};

enum wrt_segment_mode {
    WRT_SEGMENT_PASSIVE,
    WRT_SEGMENT_ACTIVE,
    WRT_SEGMENT_DECLARED,
};

struct wrt_elem_segment {
    enum wrt_segment_mode mode;
    uint32_t table_idx;
    struct wrt_const_expr offset;
    wrt_valtype type;
    uint32_t count;
    const uint32_t *funcs; /* count function indices, or NULL ... */
    const struct wrt_const_expr *exprs; /* ... and then count expressions */
    bool allocates; /* any of them does: they are evaluated only once */
};

struct wrt_data_segment {
    enum wrt_segment_mode mode;
    uint32_t memory_idx, len;
    const uint8_t *bytes; /* in the module's bytes */
    struct wrt_const_expr offset;
};

struct wrt_custom_section {
    struct wrt_name name;
    const uint8_t *bytes;
    uint32_t len;
    uint64_t offset;
    uint8_t after; /* id of the section that it follows; 0 at the start */
};

/* What a backend hangs on the module: lowered or compiled code. */
struct wrt_backend_code;

struct wrt_module {
    uint32_t refcount; /* atomic */
    const struct wrt_alloc *alloc;
    struct wrt_arena arena;
    struct wrt_types *types; /* borrowed from the engine */
    wrt_features features;   /* that were on when it was decoded */

    const uint8_t *bytes; /* owned copy of the whole module, or borrowed */
    size_t len;
    bool owns_bytes;

    uint32_t ntypes;
    const uint32_t *type_ids; /* module type index -> engine type id */
    uint32_t ngroups;
    const uint32_t *group_ids; /* first ids, to be released with the module */

    uint32_t nfuncs, nimported_funcs;
    uint32_t nescaping;
    const uint32_t *escaping; /* function indices, by escape_idx */
    struct wrt_func *funcs;
    uint32_t ntables, nimported_tables;
    struct wrt_table *tables;
    uint32_t nmemories, nimported_memories;
    struct wrt_limits *memories;
    uint32_t nglobals, nimported_globals;
    struct wrt_global *globals;
    uint32_t ntags, nimported_tags;
    struct wrt_tag *tags;

    uint32_t nimports;
    struct wrt_import *imports;
    uint32_t nexports;
    struct wrt_export *exports;
    const uint32_t *exports_by_name; /* nexports indices, sorted */
    bool has_start;
    uint32_t start_func;

    uint32_t nelems;
    struct wrt_elem_segment *elems;
    uint32_t ndatas;
    struct wrt_data_segment *datas;
    bool has_data_count;
    uint32_t data_count;

    uint32_t ncustoms;
    struct wrt_custom_section *customs;

    /* The engine that compiled it, for the layers above; never used here. */
    struct wasmrt_engine *engine;

    /* Set once by the backend right after decode; released by its hook. */
    struct wrt_backend_code *code;
    void (*code_free)(struct wrt_module *module);
    struct wrt_native *native; /* machine code beside it, or NULL */

    /* Lazily parsed name section; see names.h. */
    struct wrt_names *names; /* atomic */
};

/* How a module is decoded: a sum. */
enum {
    WRT_DECODE_BORROW = 0,         /* the bytes outlive the module */
    WRT_DECODE_COPY = 1 << 0,      /* the module has a copy of them */
    WRT_DECODE_NO_BODIES = 1 << 1, /* the caller calls wrt_validate_func() for
                                      every body before anything else */
};

/* Decodes and validates a module.  The error carries byte offset and
 * function. */
WRT_MUST_USE wasmrt_error *
wrt_module_decode(const struct wrt_alloc *alloc, struct wrt_types *types,
                  wrt_features features, const uint8_t *bytes, size_t len,
                  unsigned how, struct wrt_module **out);

/* An empty module that holds one reference; for the decoder. */
WRT_MUST_USE wasmrt_error *wrt_module_new(const struct wrt_alloc *alloc,
                                          struct wrt_types *types,
                                          wrt_features features,
                                          const uint8_t *bytes, size_t len,
                                          bool copy, struct wrt_module **out);

/* Thread-safe.  The last unref releases the module. */
struct wrt_module *wrt_module_ref(struct wrt_module *module);
void wrt_module_unref(struct wrt_module *module);

WRT_INLINE bool wrt_module_func_is_import(const struct wrt_module *module,
                                          uint32_t func_idx)
{
    return func_idx < module->nimported_funcs;
}

/* The canonical type of a function, and of a module's type index. */
const struct wrt_type *wrt_module_func_type(const struct wrt_module *module,
                                            uint32_t func_idx);
const struct wrt_type *wrt_module_type(const struct wrt_module *module,
                                       uint32_t type_idx);

/* As wrt_valtype_text(), with the module's own index of a type.  Takes time:
 * for error messages. */
const char *wrt_module_valtype_text(const struct wrt_module *module,
                                    wrt_valtype t, char *buf, size_t size);

/* The export with this name, or NULL. */
const struct wrt_export *wrt_module_find_export(const struct wrt_module *module,
                                                const char *name, size_t len);

/* Offset of a byte of the module, for errors and traces. */
WRT_INLINE uint64_t wrt_module_offset(const struct wrt_module *module,
                                      const uint8_t *pos)
{
    return (uint64_t)(pos - module->bytes);
}

/* A function's name from the name section, else from an export, else NULL.
 * NUL-terminated, lives as long as the module.  Thread-safe. */
const char *wrt_module_func_name(struct wrt_module *module, uint32_t func_idx);

/* The module's own name from the name section, or NULL. */
const char *wrt_module_name(struct wrt_module *module);

#endif
