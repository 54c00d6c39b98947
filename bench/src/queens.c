/*
 * All placements of 4 to 13 queens: recursion and bit operations.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench.h"
NOINLINE static uint32_t place(uint32_t all, uint32_t columns, uint32_t left,
                               uint32_t right)
{
    uint32_t count = 0;

    if (columns == all)
        return 1;
    for (uint32_t free = all & ~(columns | left | right); free;
         free &= free - 1) {
        uint32_t bit = free & (0u - free);

        count +=
            place(all, columns | bit, (left | bit) << 1, (right | bit) >> 1);
    }
    return count;
}
int main(void)
{
    uint64_t h = BENCH_FNV0;

    for (int k = 4; k < 13 + BENCH_SCALE; k++) {
        uint32_t count = place((1u << k) - 1, 0, 0, 0);

        h = bench_fnv(h, &count, sizeof count);
    }
    return BENCH_DONE("queens", h);
}
