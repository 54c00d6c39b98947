/*
 * SHA-256 (FIPS 180-4), for names that must not collide.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_SHA256_H
#define SHIM_SHA256_H

#include <stddef.h>

enum { SHA256_HEX_BYTES = 65 };

/* Writes the digest in lower-case hexadecimal digits, with a NUL. */
void sha256_hex(const void *bytes, size_t len, char out[SHA256_HEX_BYTES]);

#endif
