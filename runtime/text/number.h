/*
 * Numbers of the text format: shapes, integers, floats (spec 6.3.2).
 *
 * Floats are converted exactly, with one rounding to nearest, ties to even, for
 * decimal and hexadecimal forms of any length.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TEXT_NUMBER_H
#define WRT_TEXT_NUMBER_H

#include "runtime/text/lex.h"

/* NAT, INT or FLOAT when the text has the shape of a number, else RESERVED. */
enum wrt_token_kind wrt_number_shape(const char *text, size_t len);

/*
 * The value of a NAT or INT as an integer of `bits` (8..64), in two's
 * complement and sign-extended when negative.  False when out of range: below
 * -2^(bits-1), or above 2^bits-1.
 */
bool wrt_number_int(const char *text, size_t len, unsigned bits, uint64_t *out);

/*
 * The bits of a float of `bits` 32 or 64 from a text of any numeric shape.
 * False when out of range: it rounds to infinity, or a NaN payload does not
 * fit.
 */
bool wrt_number_float(const char *text, size_t len, unsigned bits,
                      uint64_t *out);

#endif
