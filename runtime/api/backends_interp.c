/*
 * The engines of a build without native code.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/backend.h"

extern const struct wrt_backend wrt_interp_backend;

const struct wrt_backend *const wrt_backends[] = {&wrt_interp_backend, NULL};
