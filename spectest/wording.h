/*
 * Which texts of the suite an error satisfies.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_SPECTEST_WORDING_H
#define WRT_SPECTEST_WORDING_H

#include "wasmrt/error.h"

/* Whether the code is what an assertion with this text expects. */
bool spectest_wording_fits(wasmrt_code code, const char *expected);

#endif
