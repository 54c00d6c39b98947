/*
 * Modules as handles.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_API_C_MODULE_H
#define WRT_API_C_MODULE_H

#include "runtime/api/c_ref.h"

/* The handle of a module in a store; the reference to it is taken also on
 * failure, which gives NULL. */
wasm_module_t *wrt_c_module_take(struct wasm_store_t *store,
                                 struct wrt_module *module_taken);

#endif
