/*
 * The engines of a build with native code.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/enter.h"

extern const struct wrt_backend wrt_interp_backend;

const struct wrt_backend *const wrt_backends[] = {&wrt_jit_backend,
                                                  &wrt_interp_backend, NULL};

const struct wrt_backend *const jit_threaded_backend = &wrt_interp_backend;
