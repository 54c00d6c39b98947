/*
 * Common helpers for the wasmrt bench programs. Every program runs without
 * arguments, does a fixed amount of work and prints one or two lines ending in
 * a checksum.  The output must be the same on every runtime and on the native
 * build.  BENCH_SCALE multiplies the work.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BENCH_H
#define BENCH_H
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef BENCH_SCALE
#define BENCH_SCALE 1
#endif

#define NOINLINE __attribute__((noinline))

static inline uint32_t bench_rng(uint32_t *s)
{
    uint32_t x = *s;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return *s = x;
}

static inline uint64_t bench_fnv(uint64_t h, const void *p, size_t n)
{
    const unsigned char *c = p;
    for (size_t i = 0; i < n; i++)
        h = (h ^ c[i]) * 1099511628211ull;
    return h;
}

static inline uint64_t bench_bits(double d)
{
    uint64_t u;
    memcpy(&u, &d, 8);
    return u;
}
#define BENCH_FNV0 14695981039346656037ull
#define BENCH_DONE(name, h)                                                    \
    (printf("%s checksum %016llx\n", name, (unsigned long long)(h)), 0)
#endif
