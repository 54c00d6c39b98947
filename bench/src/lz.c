/*
 * A small LZ77 compressor and decompressor (hash chains): byte loads/stores,
 * unpredictable branches.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench.h"
#define N (512 * 1024)
static unsigned char src[N], dst[N * 2], back[N];
static int32_t head[1 << 14];
static inline uint32_t rd32(const unsigned char *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
    return v;
}
NOINLINE static size_t pack(void)
{
    size_t o = 0, i = 0, lit = 0;
    memset(head, 0xff, sizeof head);
    while (i + 8 < N) {
        uint32_t hh = rd32(src + i) * 2654435761u >> 18;
        int32_t c = head[hh];
        head[hh] = (int32_t)i;
        size_t len = 0;
        if (c >= 0 && i - (size_t)c < 65535 && rd32(src + c) == rd32(src + i))
            for (len = 4; i + len < N && len < 255 &&
                          src[(size_t)c + len] == src[i + len];)
                len++;
        if (len) {
            size_t nl = i - lit;
            while (nl > 0) {
                size_t k = nl > 127 ? 127 : nl;
                dst[o++] = (unsigned char)k;
                for (size_t j = 0; j < k; j++)
                    dst[o++] = src[lit++];
                nl -= k;
            }
            size_t d = i - (size_t)c;
            dst[o++] = 128;
            dst[o++] = (unsigned char)len;
            dst[o++] = (unsigned char)d;
            dst[o++] = (unsigned char)(d >> 8);
            i += len;
            lit = i;
        } else
            i++;
    }
    while (lit < N) {
        size_t k = N - lit > 127 ? 127 : N - lit;
        dst[o++] = (unsigned char)k;
        for (size_t j = 0; j < k; j++)
            dst[o++] = src[lit++];
    }
    return o;
}
NOINLINE static size_t unpack(size_t n)
{
    size_t o = 0;
    for (size_t i = 0; i < n;) {
        unsigned k = dst[i++];
        if (k < 128)
            while (k--)
                back[o++] = dst[i++];
        else {
            unsigned len = dst[i], d = dst[i + 1] | dst[i + 2] << 8;
            i += 3;
            for (; len--; o++)
                back[o] = back[o - d];
        }
    }
    return o;
}
int main(void)
{
    uint64_t h = BENCH_FNV0;
    uint32_t s = 17;
    static unsigned char words[256][8];
    for (int i = 0; i < 256; i++)
        for (int j = 0; j < 8; j++)
            words[i][j] = (unsigned char)('a' + bench_rng(&s) % 26);
    for (int i = 0; i < N; i += 8)
        memcpy(src + i, words[bench_rng(&s) % 256 & bench_rng(&s)], 8);
    for (int r = 0; r < 120 * BENCH_SCALE; r++) {
        src[bench_rng(&s) % N] ^= 1;
        size_t n = pack(), m = unpack(n);
        if (m != N || memcmp(src, back, N))
            return 1;
        h = (h ^ n) * 1099511628211ull;
    }
    return BENCH_DONE("lz", h);
}
