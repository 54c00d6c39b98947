/*
 * Mandelbrot escape counts, f64: tight register-only float loop.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench.h"
#define W 960
#define H 720
int main(void)
{
    uint64_t h = BENCH_FNV0;
    for (int s = 0; s < BENCH_SCALE; s++)
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++) {
                double cr = 3.0 * x / W - 2.2, ci = 2.4 * y / H - 1.2, zr = 0,
                       zi = 0;
                int n = 0;
                while (n < 1000 && zr * zr + zi * zi < 4) {
                    double t = zr * zr - zi * zi + cr;
                    zi = 2 * zr * zi + ci;
                    zr = t;
                    n++;
                }
                h = (h ^ (uint32_t)n) * 1099511628211ull;
            }
    return BENCH_DONE("mandelbrot", h);
}
