/*
 * Quick calls of the host into machine code.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef JIT_DOOR_H
#define JIT_DOOR_H

#include "runtime/store/vmctx.h"

/* A door to a function that has machine code, or NULL. */
struct wrt_door *jit_open(const struct wrt_funcref *func);

#endif
