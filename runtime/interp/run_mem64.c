/*
 * The interpreter's loads and stores with 64-bit indices, as functions of the
 * tail build.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/handlers.h"

#if WRT_INTERP_TAIL
#include "runtime/interp/mem64.inc"
#endif
