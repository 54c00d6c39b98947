/*
 * UTF-8 validation, as names in a module need it (spec 5.2.4).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_BASE_UTF8_H
#define WRT_BASE_UTF8_H

#include "runtime/base/base.h"

/* Whether the bytes are well-formed UTF-8: no overlong forms, no surrogates,
 * nothing above U+10FFFF. */
bool wrt_utf8_check(const uint8_t *bytes, size_t len);

#endif
