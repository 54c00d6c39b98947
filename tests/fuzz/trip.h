/*
 * Modules taken through the text format and back; see trip.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TESTS_FUZZ_TRIP_H
#define WRT_TESTS_FUZZ_TRIP_H

#include <stddef.h>
#include <stdint.h>

/* How the encoder wrote a module. */
enum trip_origin {
    TRIP_ANY,    /* somebody else's: the first way back may normalise it */
    TRIP_ENCODED /* by this library: the bytes must come back */
};

/*
 * Prints a module, reads it back, and stops the fuzzer unless every way gives
 * the same module and the same text.  Returns 0 when the module is not valid,
 * which is no finding.
 */
int trip(const uint8_t *bytes, size_t len, enum trip_origin origin);

#endif
