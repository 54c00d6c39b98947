/*
 * Conway's game of life on a torus of bytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench.h"
enum { SIDE = 256 };
static uint8_t cells[2][SIDE][SIDE];
NOINLINE static void step(const uint8_t from[SIDE][SIDE],
                          uint8_t to[SIDE][SIDE])
{
    for (uint32_t y = 0; y < SIDE; y++) {
        const uint8_t *above = from[(y + SIDE - 1) % SIDE];
        const uint8_t *here = from[y], *below = from[(y + 1) % SIDE];

        for (uint32_t x = 0; x < SIDE; x++) {
            uint32_t l = (x + SIDE - 1) % SIDE, r = (x + 1) % SIDE;
            uint32_t n = above[l] + above[x] + above[r] + here[l] + here[r] +
                         below[l] + below[x] + below[r];

            to[y][x] = n == 3 || (n == 2 && here[x]);
        }
    }
}
int main(void)
{
    uint32_t seed = 17;

    for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++)
            cells[0][y][x] = bench_rng(&seed) % 3 == 0;
    }
    for (int k = 0; k < 500 * BENCH_SCALE; k++) {
        step(cells[0], cells[1]);
        step(cells[1], cells[0]);
    }
    return BENCH_DONE("life", bench_fnv(BENCH_FNV0, cells[0], sizeof cells[0]));
}
