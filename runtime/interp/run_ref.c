/*
 * The interpreter's structs, arrays and casts, as functions of the tail build.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/handlers.h"
#include "runtime/store/gc_ops.h"

#if WRT_INTERP_TAIL
#include "runtime/interp/ref.inc"
#endif
