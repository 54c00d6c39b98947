/*
 * 64-bit integer arithmetic: Miller-Rabin style mulmod, division,
 * popcount/clz/ctz, shifts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench.h"
NOINLINE static uint64_t mulmod(uint64_t a, uint64_t b, uint64_t m)
{
    uint64_t r = 0;
    while (b) {
        if (b & 1)
            r = r + a >= m ? r + a - m : r + a;
        a = a + a >= m ? a + a - m : a + a;
        b >>= 1;
    }
    return r;
}
static uint64_t powmod(uint64_t a, uint64_t e, uint64_t m)
{
    uint64_t r = 1;
    for (; e; e >>= 1) {
        if (e & 1)
            r = mulmod(r, a, m);
        a = mulmod(a, a, m);
    }
    return r;
}
int main(void)
{
    uint64_t h = 0, x = 88172645463325252ull;
    for (int i = 0; i < 2600 * BENCH_SCALE; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        uint64_t m = (x >> 2) | 1;
        h ^= powmod(x % m, m - 1, m);
    }
    for (int i = 0; i < 50000000 * BENCH_SCALE; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        h += x / ((x & 0xffffff) | 1) +
             (uint64_t)((int64_t)x % (int64_t)((x >> 40) | 1));
        h ^= (uint64_t)(__builtin_popcountll(x) + __builtin_clzll(x | 1) * 64 +
                        __builtin_ctzll(x | 1ull << 63) * 4096);
        h = h << 5 | h >> 59;
    }
    return BENCH_DONE("i64math", h);
}
