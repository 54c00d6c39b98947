/*
 * Open-addressing hash table, 64-bit keys: insert, look up, delete; i64 mul,
 * random memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench.h"
#define CAP (1u << 18)
static uint64_t key[CAP];
static uint32_t val[CAP];
static inline uint32_t slot(uint64_t k)
{
    return (uint32_t)(k * 0x9E3779B97F4A7C15ull >> 46);
}
NOINLINE static void put(uint64_t k, uint32_t v)
{
    uint32_t i = slot(k);
    while (key[i] && key[i] != k)
        i = (i + 1) & (CAP - 1);
    key[i] = k;
    val[i] += v;
}
NOINLINE static uint32_t get(uint64_t k)
{
    uint32_t i = slot(k);
    while (key[i]) {
        if (key[i] == k)
            return val[i];
        i = (i + 1) & (CAP - 1);
    }
    return 0;
}
int main(void)
{
    uint64_t h = 0;
    for (int r = 0; r < 60 * BENCH_SCALE; r++) {
        memset(key, 0, sizeof key);
        memset(val, 0, sizeof val);
        uint32_t s = 1 + (uint32_t)r;
        for (int i = 0; i < 150000; i++)
            put((uint64_t)bench_rng(&s) << 7 | 1, (uint32_t)i);
        s = 1 + (uint32_t)r;
        for (int i = 0; i < 300000; i++)
            h = h * 31 + get((uint64_t)bench_rng(&s) << 7 | 1);
    }
    return BENCH_DONE("hashtable", h);
}
