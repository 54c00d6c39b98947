/*
 * Naive i-k-j double matrix multiply.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench.h"
#define N 300
static double a[N][N], b[N][N], c[N][N];
NOINLINE static void mul(void)
{
    for (int i = 0; i < N; i++)
        for (int k = 0; k < N; k++) {
            double x = a[i][k];
            for (int j = 0; j < N; j++)
                c[i][j] += x * b[k][j];
        }
}
int main(void)
{
    uint32_t s = 99;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            a[i][j] = bench_rng(&s) % 1000 / 8.0;
            b[i][j] = bench_rng(&s) % 1000 / 16.0;
        }
    for (int k = 0; k < 10 * BENCH_SCALE; k++)
        mul();
    return BENCH_DONE("matmul_f64", bench_fnv(BENCH_FNV0, c, sizeof c));
}
