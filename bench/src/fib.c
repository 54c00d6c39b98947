/*
 * Doubly recursive Fibonacci: direct calls and nothing else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench.h"
NOINLINE static uint32_t fib(uint32_t n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}
int main(void)
{
    volatile uint32_t n = 39;
    uint64_t h = 0;
    for (int i = 0; i < BENCH_SCALE; i++)
        h += fib(n);
    return BENCH_DONE("fib", h);
}
