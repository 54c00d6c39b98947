/*
 * Spectral norm of an infinite matrix: f64 divide and i32->f64 conversion.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench.h"
#include <math.h>
#define N 700
static double u[N], v[N], t[N];
static inline double a(int i, int j)
{
    return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1);
}
NOINLINE static void mul(const double *x, double *y, int tr)
{
    for (int i = 0; i < N; i++) {
        double s = 0;
        if (tr)
            for (int j = 0; j < N; j++)
                s += a(j, i) * x[j];
        else
            for (int j = 0; j < N; j++)
                s += a(i, j) * x[j];
        y[i] = s;
    }
}
int main(void)
{
    double n1 = 0, n2 = 0;
    for (int i = 0; i < N; i++)
        u[i] = 1;
    for (int k = 0; k < 70 * BENCH_SCALE; k++) {
        mul(u, t, 0);
        mul(t, v, 1);
        mul(v, t, 0);
        mul(t, u, 1);
    }
    for (int i = 0; i < N; i++) {
        n1 += u[i] * v[i];
        n2 += v[i] * v[i];
    }
    printf("norm %.9f\n", sqrt(n1 / n2));
    return BENCH_DONE("spectralnorm", bench_bits(sqrt(n1 / n2)));
}
