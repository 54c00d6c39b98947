/*
 * 64-bit multiply/rotate hashing (an xxhash-like mix) over a 1 MiB buffer: i64
 * mul, rotl, i64 loads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench.h"
#define P1 0x9E3779B185EBCA87ull
#define P2 0xC2B2AE3D27D4EB4Full
#define P3 0x165667B19E3779F9ull
static inline uint64_t rotl(uint64_t x, int r)
{
    return x << r | x >> (64 - r);
}
NOINLINE static uint64_t hash(const unsigned char *p, size_t n, uint64_t seed)
{
    uint64_t a = seed + P1 + P2, b = seed + P2, c = seed, d = seed - P1;
    for (size_t i = 0; i + 32 <= n; i += 32) {
        uint64_t k[4];
        memcpy(k, p + i, 32);
        a = rotl(a + k[0] * P2, 31) * P1;
        b = rotl(b + k[1] * P2, 31) * P1;
        c = rotl(c + k[2] * P2, 31) * P1;
        d = rotl(d + k[3] * P2, 31) * P1;
    }
    uint64_t h = rotl(a, 1) + rotl(b, 7) + rotl(c, 12) + rotl(d, 18) + n;
    h ^= h >> 33;
    h *= P2;
    h ^= h >> 29;
    h *= P3;
    return h ^ h >> 32;
}
int main(void)
{
    size_t n = 1 << 20;
    unsigned char *b = malloc(n);
    if (!b)
        return 1;
    uint32_t s = 7;
    for (size_t i = 0; i < n; i++)
        b[i] = (unsigned char)bench_rng(&s);
    uint64_t h = 0;
    for (int i = 0; i < 2000 * BENCH_SCALE; i++)
        h = hash(b, n, h);
    return BENCH_DONE("hash64", h);
}
