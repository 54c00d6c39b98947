/*
 * The interpreter's control flow, calls and bulk operations, as functions of
 * the tail build.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/handlers.h"
#include "runtime/store/memory.h"
#include "runtime/store/ops.h"

#if WRT_INTERP_TAIL
#include "runtime/interp/bulk.inc"
#include "runtime/interp/ctrl.inc"
#endif
