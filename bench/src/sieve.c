/*
 * Byte sieve of Eratosthenes plus a bitset life step: i32.store8, shifts,
 * masks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench.h"
#define N 3000000
static unsigned char comp[N + 1];
static uint64_t g[2][512][8];
int main(void)
{
    uint64_t h = 0;
    for (int r = 0; r < 16 * BENCH_SCALE; r++) {
        memset(comp, 0, sizeof comp);
        uint32_t c = 0;
        for (uint32_t i = 2; i <= N; i++)
            if (!comp[i]) {
                c++;
                for (uint64_t j = (uint64_t)i * i; j <= N; j += i)
                    comp[j] = 1;
            }
        h = h * 31 + c;
    }
    uint32_t s = 8;
    for (int i = 0; i < 512; i++)
        for (int j = 0; j < 8; j++)
            g[0][i][j] = (uint64_t)bench_rng(&s) << 32 | bench_rng(&s);
    for (int t = 0; t < 1300 * BENCH_SCALE; t++) {
        uint64_t(*a)[8] = g[t & 1], (*b)[8] = g[~t & 1];
        for (int i = 0; i < 512; i++)
            for (int j = 0; j < 8; j++) {
                uint64_t s0 = 0, s1 = 0, s2 = 0;
                for (int d = -1; d <= 1; d++) {
                    const uint64_t *w = a[(i + d) & 511];
                    uint64_t m = w[j], l = m << 1 | w[(j - 1) & 7] >> 63,
                             rr = m >> 1 | w[(j + 1) & 7] << 63;
                    uint64_t in[3] = {l, rr, d ? m : 0};
                    for (int k = 0; k < 3; k++) {
                        uint64_t c = s0 & in[k];
                        s0 ^= in[k];
                        uint64_t c2 = s1 & c;
                        s1 ^= c;
                        s2 |= c2;
                    }
                }
                b[i][j] = ~s2 & s1 & (s0 | a[i][j]);
            }
    }
    h = bench_fnv(h, g[0], sizeof g[0]);
    return BENCH_DONE("sieve", h);
}
