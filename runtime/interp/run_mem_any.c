/*
 * The interpreter's accesses to memories of every kind, as functions of the
 * tail build.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/handlers.h"

#if WRT_INTERP_TAIL
#include "runtime/interp/mem_any.inc"
#endif
