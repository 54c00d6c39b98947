/*
 * The handler of each operation.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/handlers.h"

#define ENTRY(name, variant, number)                                           \
    WRT_HIDDEN wrt_handler wrt_h_##name##_##variant;
#include "runtime/interp/entries.inc"
#undef ENTRY

#define ENTRY(name, variant, number)                                           \
    [WRT_IOP_##name + (number)] = wrt_h_##name##_##variant,
wrt_handler *const wrt_handlers[WRT_IOP_COUNT] = {
#include "runtime/interp/entries.inc"
};
