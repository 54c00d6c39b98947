/*
 * Modules taken through the text format.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_SPECTEST_ROUNDTRIP_H
#define WRT_SPECTEST_ROUNDTRIP_H

#include "wasmrt.h"

/*
 * Makes a module of what printing and reading the given one gives.  Fails as
 * wasmrt_module_new() does for modules that are not valid; and with an error of
 * kind TEXT or MISUSE when the way through the text has changed anything.
 */
wasmrt_error *spectest_roundtrip(wasmrt_engine *engine, const uint8_t *bytes,
                                 size_t len, wasmrt_module **out);

#endif
