/*
 * SHA-256 over 3 passes of 12 MiB: i32 rotate/xor/add, byte loads, small
 * tables.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench.h"
#define ROUNDS (3 * BENCH_SCALE)
static uint32_t K[64];
static uint32_t root_frac(int p, int cube)
{
    /* first 32 bits of the fractional part of sqrt(p) or cbrt(p), by bisection
     */
    uint64_t lo = 0, hi = 1ull << 37;
    while (lo + 1 < hi) {
        uint64_t m = (lo + hi) / 2;
        unsigned __int128 x = (unsigned __int128)m * m,
                          lim = (unsigned __int128)p << 64;
        int over;
        if (cube) {
            /* m^3 > p * 2^96 : compare with m*m/2^64-ish precision kept in two
             * words */
            unsigned __int128 h = (x >> 64) * m,
                              l = (unsigned __int128)(uint64_t)x * m;
            h += l >> 64;
            over = h > ((unsigned __int128)p << 32) ||
                   (h == ((unsigned __int128)p << 32) && (uint64_t)l != 0);
        } else
            over = x > lim;
        if (over)
            hi = m;
        else
            lo = m;
    }
    return (uint32_t)lo;
}
static inline uint32_t ror(uint32_t x, int n)
{
    return x >> n | x << (32 - n);
}
NOINLINE static void block(uint32_t *s, const unsigned char *p)
{
    uint32_t w[64], v[8];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)p[4 * i] << 24 | p[4 * i + 1] << 16 |
               p[4 * i + 2] << 8 | p[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        uint32_t a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (ror(a, 7) ^ ror(a, 18) ^ a >> 3) + w[i - 7] +
               (ror(b, 17) ^ ror(b, 19) ^ b >> 10);
    }
    memcpy(v, s, 32);
    for (int i = 0; i < 64; i++) {
        uint32_t t1 = v[7] + (ror(v[4], 6) ^ ror(v[4], 11) ^ ror(v[4], 25)) +
                      ((v[4] & v[5]) ^ (~v[4] & v[6])) + K[i] + w[i];
        uint32_t t2 = (ror(v[0], 2) ^ ror(v[0], 13) ^ ror(v[0], 22)) +
                      ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        v[7] = v[6];
        v[6] = v[5];
        v[5] = v[4];
        v[4] = v[3] + t1;
        v[3] = v[2];
        v[2] = v[1];
        v[1] = v[0];
        v[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++)
        s[i] += v[i];
}
int main(void)
{
    uint32_t s[8];
    int n = 0;
    for (int p = 2; n < 64; p++) {
        int prime = 1;
        for (int d = 2; d * d <= p; d++)
            prime &= p % d != 0;
        if (!prime)
            continue;
        K[n] = root_frac(p, 1);
        if (n < 8)
            s[n] = root_frac(p, 0);
        n++;
    }
    size_t len = 12u << 20;
    unsigned char *buf = malloc(len);
    if (!buf)
        return 1;
    uint32_t seed = 12345;
    for (size_t i = 0; i < len; i += 4) {
        uint32_t r = bench_rng(&seed);
        memcpy(buf + i, &r, 4);
    }
    for (int k = 0; k < ROUNDS; k++)
        for (size_t i = 0; i < len; i += 64)
            block(s, buf + i);
    unsigned char pad[64] = {0x80};
    uint64_t bits = (uint64_t)len * 8 * ROUNDS;
    for (int i = 0; i < 8; i++)
        pad[63 - i] = (unsigned char)(bits >> (8 * i));
    block(s, pad);
    for (int i = 0; i < 8; i++)
        printf("%08x", s[i]);
    puts("");
    return BENCH_DONE("sha256", (uint64_t)s[0] << 32 | s[7]);
}
