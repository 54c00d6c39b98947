/*
 * Listing of a module for humans: sections, types, imports and exports,
 * disassembly, segments, custom sections.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_MODULE_DUMP_H
#define WRT_MODULE_DUMP_H

#include "runtime/module/module.h"

/* What to write; the values of wasmrt_dump_parts. */
enum wrt_dump_parts {
    WRT_DUMP_HEADERS = 1,
    WRT_DUMP_EXTERNS = 2,
    WRT_DUMP_CODE = 4,
    WRT_DUMP_DATA = 8,
    WRT_DUMP_CUSTOM = 16,
};

typedef void wrt_write_fn(void *user, const char *text, size_t len);

/* Where a listing goes. */
struct wrt_out {
    wrt_write_fn *write;
    void *user;
};

/* Writes formatted text, of which 511 bytes at most. */
void wrt_out_put(const struct wrt_out *out, const char *fmt, ...)
    WRT_PRINTF(2, 3);

struct wrt_dump_options {
    unsigned parts;
    const char *func; /* code of one function, by name or index; or NULL */
    wrt_write_fn *write;
    void *user;

    /* Called after each function's code, where not NULL: for what an engine
     * made of it.  They write to the same place. */
    wasmrt_error *(*after_func[2])(struct wrt_module *module, uint32_t func_idx,
                                   wrt_write_fn *write, void *user);
};

/* Fails with MISUSE when there is no such function. */
WRT_MUST_USE wasmrt_error *
wrt_module_dump(struct wrt_module *module,
                const struct wrt_dump_options *options);

#endif
