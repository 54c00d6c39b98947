/*
 * Globals as objects.
 *
 * Running code sees a global as a cell of two slots.  The object with its type
 * is made only when somebody asks for it: at most one per cell, so that its
 * address is the global's identity.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_GLOBAL_H
#define WRT_STORE_GLOBAL_H

#include "runtime/store/store.h"

/* The public wasmrt_global. */
struct wasmrt_global {
    wrt_slot *cell;
    struct wrt_global_type type;
    struct wrt_store *store;
};

/* Makes a global with a cell of its own, zero. */
WRT_MUST_USE wasmrt_error *wrt_global_new(struct wrt_store *store,
                                          const struct wrt_global_type *type,
                                          struct wasmrt_global **out);

/* The object of an instance's global; NULL when memory is exhausted. */
struct wasmrt_global *wrt_global_of(struct wrt_instance *inst,
                                    uint32_t global_idx);

#endif
