/*
 * The interpreter's vector arithmetic, as functions of the tail build.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/handlers.h"

#if WRT_INTERP_TAIL
#include "runtime/interp/simd.inc"
#endif
