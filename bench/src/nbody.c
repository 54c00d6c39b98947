/*
 * Planetary n-body, double precision: f64 loads, mul/add, sqrt, div.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench.h"
#include <math.h>
#define N 5
struct body {
    double p[3], v[3], m;
};
static struct body b[N];
static void setup(void)
{
    static const double masses[N] = {
        39.47841760435743, 0.03769367487038949, 0.011286326131968767,
        0.0017237240570597112, 0.0020336868699246304};
    static const double dist[N] = {0, 5.2, 9.6, 19.2, 30.1};
    for (int i = 0; i < N; i++) {
        double a = 0.7 * i, r = dist[i];
        double v = r > 0 ? sqrt(masses[0] / r) : 0;
        b[i].p[0] = r * (1 - a * a / 8);
        b[i].p[1] = r * a / 4;
        b[i].p[2] = r * 0.01 * i;
        b[i].v[0] = -v * a / 4;
        b[i].v[1] = v * (1 - a * a / 8);
        b[i].v[2] = v * 0.002 * i;
        b[i].m = masses[i];
    }
}
NOINLINE static void step(double dt)
{
    for (int i = 0; i < N; i++)
        for (int j = i + 1; j < N; j++) {
            double d[3], r2 = 0;
            for (int k = 0; k < 3; k++) {
                d[k] = b[i].p[k] - b[j].p[k];
                r2 += d[k] * d[k];
            }
            double mag = dt / (r2 * sqrt(r2));
            for (int k = 0; k < 3; k++) {
                b[i].v[k] -= d[k] * b[j].m * mag;
                b[j].v[k] += d[k] * b[i].m * mag;
            }
        }
    for (int i = 0; i < N; i++)
        for (int k = 0; k < 3; k++)
            b[i].p[k] += dt * b[i].v[k];
}
static double energy(void)
{
    double e = 0;
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < 3; k++)
            e += 0.5 * b[i].m * b[i].v[k] * b[i].v[k];
        for (int j = i + 1; j < N; j++) {
            double r2 = 0;
            for (int k = 0; k < 3; k++)
                r2 += (b[i].p[k] - b[j].p[k]) * (b[i].p[k] - b[j].p[k]);
            e -= b[i].m * b[j].m / sqrt(r2);
        }
    }
    return e;
}
int main(void)
{
    setup();
    for (int i = 0; i < 2500000 * BENCH_SCALE; i++)
        step(0.001);
    double e = energy();
    printf("energy %.9f\n", e);
    return BENCH_DONE("nbody", bench_bits(e));
}
