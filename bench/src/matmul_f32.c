/*
 * i-j-k single precision matrix multiply on a transposed operand (dot
 * products).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench.h"
#define N 300
static float a[N][N], bt[N][N], c[N][N];
NOINLINE static void mul(void)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            float s = c[i][j];
            for (int k = 0; k < N; k++)
                s += a[i][k] * bt[j][k];
            c[i][j] = s;
        }
}
int main(void)
{
    uint32_t s = 4242;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            a[i][j] = (float)(bench_rng(&s) % 64) / 8;
            bt[i][j] = (float)(bench_rng(&s) % 64) / 8;
        }
    for (int k = 0; k < 10 * BENCH_SCALE; k++)
        mul();
    return BENCH_DONE("matmul_f32", bench_fnv(BENCH_FNV0, c, sizeof c));
}
