/*
 * 128-bit SIMD kernel: f32x4 blur + i8x16/i16x8/i32x4 mixes.  Built with
 * -msimd128 for wasm. GCC/clang vector extensions, so the same source is the
 * native reference.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench.h"
typedef float f4 __attribute__((vector_size(16)));
typedef int32_t i4 __attribute__((vector_size(16)));
typedef uint8_t b16 __attribute__((vector_size(16)));
typedef int16_t s8 __attribute__((vector_size(16)));
#define N 4096
static f4 x[N], y[N];
static b16 p[N];
static s8 q[N];
NOINLINE static f4 blur(void)
{
    f4 acc = {0, 0, 0, 0}, k = {0.25f, 0.25f, 0.25f, 0.25f};
    for (int i = 1; i < N - 1; i++) {
        y[i] = (x[i - 1] + x[i] + x[i] + x[i + 1]) * k;
        acc += y[i] * x[i];
    }
    return acc;
}
NOINLINE static b16 bytes(b16 a)
{
    for (int i = 0; i < N; i++) {
        b16 m = (b16)(p[i] > a);
        a = (p[i] & m) | (a & ~m);
        p[i] = (p[i] ^ a) +
               (b16){1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    }
    return a;
}
NOINLINE static s8 halves(s8 a)
{
    for (int i = 0; i < N; i++) {
        a = a * 3 + q[i];
        q[i] = (q[i] << 1) ^ (a >> 3);
    }
    return a;
}
int main(void)
{
    uint32_t s = 2;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < 4; j++) {
            x[i][j] = (float)(bench_rng(&s) % 16);
            p[i] = (b16)(i4){(int32_t)bench_rng(&s), (int32_t)bench_rng(&s),
                             (int32_t)bench_rng(&s), (int32_t)s};
            q[i] = (s8)p[i];
        }
    uint64_t h = BENCH_FNV0;
    b16 a = {0};
    s8 b = {0};
    for (int r = 0; r < 3000 * BENCH_SCALE; r++) {
        f4 f = blur();
        a = bytes(a);
        b = halves(b);
        h = bench_fnv(h, &f, 16);
        h = bench_fnv(h, &a, 16);
        h = bench_fnv(h, &b, 16);
    }
    return BENCH_DONE("simd_dot", h);
}
