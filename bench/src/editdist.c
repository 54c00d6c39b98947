/*
 * Edit distance of two strings: a row of minima.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench.h"
enum { LEN = 2000 };
static char one[LEN], other[LEN];
static uint16_t row[LEN + 1];
NOINLINE static uint32_t distance(uint32_t n, uint32_t m)
{
    for (uint32_t k = 0; k <= m; k++)
        row[k] = (uint16_t)k;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t diagonal = row[0];

        row[0] = (uint16_t)(i + 1);
        for (uint32_t k = 0; k < m; k++) {
            uint32_t best = diagonal + (one[i] != other[k]);

            diagonal = row[k + 1];
            if (diagonal + 1 < best)
                best = diagonal + 1;
            if (row[k] + 1u < best)
                best = row[k] + 1u;
            row[k + 1] = (uint16_t)best;
        }
    }
    return row[m];
}
int main(void)
{
    uint64_t h = BENCH_FNV0;
    uint32_t seed = 5;

    for (int k = 0; k < 30 * BENCH_SCALE; k++) {
        uint32_t d;

        for (int i = 0; i < LEN; i++) {
            one[i] = (char)('a' + bench_rng(&seed) % 4);
            other[i] = (char)('a' + bench_rng(&seed) % 4);
        }
        d = distance(LEN - (uint32_t)k, LEN);
        h = bench_fnv(h, &d, sizeof d);
    }
    return BENCH_DONE("editdist", h);
}
