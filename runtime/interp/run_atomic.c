/*
 * The interpreter's atomic instructions, as functions of the tail build.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/handlers.h"
#include "runtime/store/ops.h"

#if WRT_INTERP_TAIL
#include "runtime/interp/atomic.inc"
#endif
