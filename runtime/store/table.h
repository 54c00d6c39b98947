/*
 * Tables of references.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_TABLE_H
#define WRT_STORE_TABLE_H

#include "runtime/store/vmctx.h"

/* Makes a table of its minimal size, full of null, and adds it to the store. */
WRT_MUST_USE wasmrt_error *wrt_table_init(struct wrt_table_inst *table,
                                          struct wrt_store *store,
                                          const struct wrt_table_type *type);

/* Releases the elements.  The caller takes the table out of the store. */
void wrt_table_fini(struct wrt_table_inst *table);

/* Whether all of [at, at + n) is inside. */
WRT_INLINE bool wrt_table_has(const struct wrt_table_inst *table, uint64_t at,
                              uint64_t n)
{
    return at <= table->size && n <= table->size - at;
}

#endif
