/*
 * Bulk memory: memcpy/memset/memmove of 64 B to 256 KiB (memory.copy /
 * memory.fill where enabled).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench.h"
#define N (1u << 20)
int main(void)
{
    unsigned char *a = malloc(N), *b = malloc(N);
    if (!a || !b)
        return 1;
    for (uint32_t i = 0; i < N; i++)
        a[i] = (unsigned char)(i * 7);
    memset(b, 0, N);
    uint64_t h = BENCH_FNV0;
    uint32_t s = 3;
    for (int r = 0; r < 60000 * BENCH_SCALE; r++) {
        uint32_t len = 64u << (bench_rng(&s) % 13);
        uint32_t so = bench_rng(&s) % (N - len), dk = bench_rng(&s) % (N - len);
        memcpy(b + dk, a + so, len);
        memset(a + dk, (int)(r & 255), len / 2);
        memmove(b + so, b + so / 2, len);
        h = (h ^ b[dk] ^ ((uint64_t)a[so] << 8)) * 1099511628211ull;
        for (int k = 0; k < 40; k++) {
            uint32_t o = bench_rng(&s) % (N - 512), l = bench_rng(&s) % 200;
            memcpy(a + o, b + (o ^ 256), l);
        }
    }
    h = bench_fnv(h, b, N);
    return BENCH_DONE("memops", h);
}
