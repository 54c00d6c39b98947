/*
 * Factorials in base 10^9: 64-bit products, divisions by a constant.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench.h"
enum { DIGITS = 1200, BASE = 1000000000 };
static uint32_t number[DIGITS], square[2 * DIGITS];
NOINLINE static uint32_t multiply(uint32_t len, uint32_t by)
{
    uint64_t carry = 0;

    for (uint32_t i = 0; i < len; i++) {
        carry += (uint64_t)number[i] * by;
        number[i] = (uint32_t)(carry % BASE);
        carry /= BASE;
    }
    if (carry)
        number[len++] = (uint32_t)carry;
    return len;
}
NOINLINE static void square_it(uint32_t len)
{
    memset(square, 0, sizeof square);
    for (uint32_t i = 0; i < len; i++) {
        uint64_t carry = 0;

        for (uint32_t k = 0; k < len; k++) {
            carry += square[i + k] + (uint64_t)number[i] * number[k];
            square[i + k] = (uint32_t)(carry % BASE);
            carry /= BASE;
        }
        square[i + len] = (uint32_t)carry;
    }
}
int main(void)
{
    uint64_t h = BENCH_FNV0;

    for (int k = 0; k < 40 * BENCH_SCALE; k++) {
        uint32_t len = 1;

        number[0] = 1;
        for (uint32_t n = 2; n < 3000; n++)
            len = multiply(len, n + (uint32_t)k);
        square_it(len);
        h = bench_fnv(h, square, sizeof square);
    }
    return BENCH_DONE("bigint", h);
}
