/*
 * Iterative radix-2 complex FFT, forward and back, f64 plus libm sin/cos for
 * the twiddles.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench.h"
#include <math.h>
#define LG 15
#define N  (1 << LG)
static double re[N], im[N], cw[N / 2], sw[N / 2];
NOINLINE static void fft(int inv)
{
    for (uint32_t i = 1, j = 0; i < N; i++) {
        uint32_t bit = N >> 1;
        for (; j & bit; bit >>= 1)
            j ^= bit;
        j ^= bit;
        if (i < j) {
            double t = re[i];
            re[i] = re[j];
            re[j] = t;
            t = im[i];
            im[i] = im[j];
            im[j] = t;
        }
    }
    for (int len = 2; len <= N; len <<= 1)
        for (int i = 0; i < N; i += len)
            for (int k = 0; k < len / 2; k++) {
                double c = cw[k * (N / len)],
                       s = inv ? -sw[k * (N / len)] : sw[k * (N / len)];
                int p = i + k, q = p + len / 2;
                double xr = re[q] * c - im[q] * s, xi = re[q] * s + im[q] * c;
                re[q] = re[p] - xr;
                im[q] = im[p] - xi;
                re[p] += xr;
                im[p] += xi;
            }
}
int main(void)
{
    uint32_t s = 11;
    for (int i = 0; i < N / 2; i++) {
        cw[i] = cos(6.283185307179586 * i / N);
        sw[i] = sin(6.283185307179586 * i / N);
    }
    for (int i = 0; i < N; i++)
        re[i] = (double)(bench_rng(&s) % 2001) - 1000;
    for (int k = 0; k < 80 * BENCH_SCALE; k++) {
        fft(0);
        fft(1);
        for (int i = 0; i < N; i++) {
            re[i] /= N;
            im[i] /= N;
        }
    }
    uint64_t h = BENCH_FNV0;
    for (int i = 0; i < N; i++) {
        int32_t v = (int32_t)floor(re[i] * 16 + 0.5);
        h = bench_fnv(h, &v, 4);
    }
    return BENCH_DONE("fft", h);
}
