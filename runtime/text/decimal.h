/*
 * Decimal to binary, exactly.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TEXT_DECIMAL_H
#define WRT_TEXT_DECIMAL_H

#include "runtime/base/base.h"

/* significand * 2^exponent, plus something below the last bit when sticky.
 * The top bit of the significand is set unless the value is zero. */
struct wrt_binary {
    uint64_t significand;
    int64_t exponent;
    bool sticky;
};

/*
 * Two doubles that are neighbours, and the point half way between them, differ
 * within 767 significant digits.  So that many digits are kept; one more that
 * stands for all others decides the rounding as they would.
 */
enum { WRT_DECIMAL_DIGITS = 768 };

/* digits * 10^exponent.  Zero-initialise, then add digits from the left. */
struct wrt_decimal {
    uint8_t digits[WRT_DECIMAL_DIGITS + 1];
    uint32_t count;
    int64_t exponent;
    bool sticky; /* nonzero digits were dropped */
};

/* Adds the next digit; is_fraction: it stands behind the point. */
void wrt_decimal_digit(struct wrt_decimal *d, unsigned digit, bool is_fraction);

void wrt_decimal_to_binary(struct wrt_decimal *d, struct wrt_binary *out);

#endif
