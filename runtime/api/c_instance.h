/*
 * Instances as handles.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_API_C_INSTANCE_H
#define WRT_API_C_INSTANCE_H

#include "runtime/api/c_ref.h"

/* The handle of an instance of the store; NULL when memory is exhausted. */
wasm_instance_t *wrt_c_instance_get(struct wasm_store_t *store,
                                    struct wrt_instance *instance);

#endif
