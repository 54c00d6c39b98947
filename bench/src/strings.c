/*
 * String work: libc memcpy/memchr/strlen/strcmp/snprintf over many small and
 * some large blocks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench.h"
static char text[1 << 16];
static char *line[4096];
static char out[1 << 18];
int main(void)
{
    uint64_t h = BENCH_FNV0;
    uint32_t s = 5;
    for (int r = 0; r < 150 * BENCH_SCALE; r++) {
        size_t n = 0;
        while (n + 40 < sizeof text) {
            int len = 4 + (int)(bench_rng(&s) % 28);
            for (int i = 0; i < len; i++)
                text[n++] = (char)('a' + (bench_rng(&s) >> 8) % 26);
            text[n++] = '\n';
        }
        text[n] = 0;
        int nl = 0;
        for (char *p = text, *e;
             nl < 4096 && (e = memchr(p, '\n', (size_t)(text + n - p)));
             p = e + 1) {
            *e = 0;
            line[nl++] = p;
        }
        int best = 0;
        for (int i = 0; i < nl; i++)
            if (strcmp(line[i], line[best]) < 0)
                best = i;
        size_t o = 0;
        for (int i = 0; i < nl; i++) {
            size_t l = strlen(line[i]);
            memcpy(out + o, line[i], l);
            o += l;
            o += (size_t)snprintf(out + o, 16, ":%d,%x;", i, (unsigned)l);
        }
        for (int i = 0; i < 8; i++)
            memmove(out + 13, out, o);
        h = bench_fnv(h, line[best], strlen(line[best]));
        h = bench_fnv(h, out, o);
    }
    return BENCH_DONE("strings", h);
}
