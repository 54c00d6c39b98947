/*
 * Functions of the host whose type is known.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_API_HOST_FUNC_H
#define WRT_API_HOST_FUNC_H

#include "runtime/store/func.h"

/* Makes a function of the store by spec; the reference to its type is taken
 * also on failure, when env is untouched. */
WRT_MUST_USE wasmrt_error *wrt_host_func_new(struct wrt_store *store,
                                             const struct wrt_host_spec *spec,
                                             struct wrt_funcref **out);

#endif
