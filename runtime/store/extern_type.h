/*
 * Types of imports, exports and live objects: reading, matching, writing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_EXTERN_TYPE_H
#define WRT_STORE_EXTERN_TYPE_H

#include "runtime/store/store.h"

struct wrt_extern_type {
    wasmrt_extern_kind kind;
    union {
        const struct wrt_type *func; /* also of a tag */
        struct wrt_table_type table;
        struct wrt_limits memory;
        struct wrt_global_type global;
    } of;
};

/* The type of something that a module declares. */
struct wrt_extern_type wrt_extern_type_declared(const struct wrt_module *module,
                                                enum wrt_extern_kind kind,
                                                uint32_t index);

/* The type of a live object; memories and tables have their size of now. */
struct wrt_extern_type wrt_extern_type_of(const struct wrt_types *types,
                                          const wasmrt_extern_val *value);

/* Whether an object of the actual type may be imported as expected (spec 3.4,
 * import matching). */
bool wrt_extern_type_matches(const struct wrt_types *types,
                             const struct wrt_extern_type *actual,
                             const struct wrt_extern_type *expected);

/*
 * Writes a type for humans: "(i32 i32) -> i32", "memory 1..2", "table 1
 * funcref", "global mut i64".  Cut to size and NUL-terminated when size is not
 * 0; the length of the whole text.
 */
size_t wrt_extern_type_text(const struct wrt_extern_type *type, char *buf,
                            size_t size);

#endif
