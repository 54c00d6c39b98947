/*
 * What a module says, apart from how its bytes say it; see listing.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TESTS_FUZZ_LISTING_H
#define WRT_TESTS_FUZZ_LISTING_H

#include <stddef.h>
#include <stdint.h>

/* The listing of a valid module without offsets and sizes, NUL-terminated;
 * release with free().  NULL when the module is refused. */
char *listing(const uint8_t *bytes, size_t len);

#endif
