/*
 * Instances: from a module and resolved imports to something that runs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_INSTANCE_H
#define WRT_STORE_INSTANCE_H

#include "runtime/store/store.h"

/*
 * Instantiates a module (spec 4.7.3): imports[i] satisfies import i; it is of
 * this store, and its type is checked here.  Then segments are applied and the
 * start function runs.  When one of these traps, the instance stays in the
 * store, because tables that it shares may hold its functions; *out is then
 * untouched as for any failure.
 */
WRT_MUST_USE wasmrt_error *wrt_instance_new(struct wrt_store *store,
                                            struct wrt_module *module,
                                            const wasmrt_extern_val *imports,
                                            struct wrt_instance **out);

/* Frees the block; its memories and tables have been finished. */
void wrt_instance_delete(struct wrt_instance *inst);

/* The object behind an export.  False when memory is exhausted. */
bool wrt_instance_export(struct wrt_instance *inst,
                         const struct wrt_export *export,
                         wasmrt_extern_val *out);

#endif
