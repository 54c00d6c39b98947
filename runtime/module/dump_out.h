/*
 * What the files of the listing share: the way out, and the text of types.
 *
 * Private to runtime/module/dump*.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_MODULE_DUMP_OUT_H
#define WRT_MODULE_DUMP_OUT_H

#include "runtime/module/dump.h"
#include "runtime/module/names.h"

struct wrt_dump {
    struct wrt_module *m;
    const struct wrt_dump_options *options;
    uint32_t *types_by_id; /* type indices sorted by type id */
};

/* Formatted text of less than 512 bytes. */
void wrt_dump_text(struct wrt_dump *d, const char *fmt, ...) WRT_PRINTF(2, 3);

/* A quoted name with escapes for what is not printable. */
void wrt_dump_quoted(struct wrt_dump *d, const char *text, size_t len);

/* " <name>" from the name section; nothing when there is none. */
void wrt_dump_name(struct wrt_dump *d, enum wrt_names_kind kind, uint32_t outer,
                   uint32_t idx);

/* A value type with the module's type indices. */
void wrt_dump_valtype(struct wrt_dump *d, wrt_valtype t);

/* A heap type, for ref.null and casts. */
void wrt_dump_heap_type(struct wrt_dump *d, wrt_valtype t);

/* " (param ...) (result ...)" */
void wrt_dump_func_type(struct wrt_dump *d, const struct wrt_type *type);

/* 16 bytes a line, each with `offset` counting up. */
void wrt_dump_bytes(struct wrt_dump *d, const uint8_t *bytes, size_t len,
                    uint64_t offset);

/* The expression in text format; dump_insn.c. */
void wrt_dump_expr(struct wrt_dump *d, const struct wrt_const_expr *expr);

/* A function with its code; dump_insn.c. */
void wrt_dump_func(struct wrt_dump *d, uint32_t func_idx);

/* Types, imports, definitions, exports; dump_externs.c. */
void wrt_dump_externs(struct wrt_dump *d);

#endif
