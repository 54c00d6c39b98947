/*
 * Hand-written quicksort then heapsort over 1 M i32: compares, swaps, data-
 * dependent branches.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench.h"
#define N 1000000
static int32_t a[N];
static void qs(int32_t *v, int lo, int hi)
{
    while (hi - lo > 12) {
        int32_t x = v[lo], y = v[(lo + hi) / 2], z = v[hi];
        int32_t p = x < y ? (y < z ? y : (x < z ? z : x))
                          : (x < z ? x : (y < z ? z : y));
        int i = lo, j = hi;
        while (i <= j) {
            while (v[i] < p)
                i++;
            while (v[j] > p)
                j--;
            if (i <= j) {
                int32_t t = v[i];
                v[i++] = v[j];
                v[j--] = t;
            }
        }
        if (j - lo < hi - i) {
            qs(v, lo, j);
            lo = i;
        } else {
            qs(v, i, hi);
            hi = j;
        }
    }
    for (int i = lo + 1; i <= hi; i++) {
        int32_t t = v[i];
        int j = i - 1;
        for (; j >= lo && v[j] > t; j--)
            v[j + 1] = v[j];
        v[j + 1] = t;
    }
}
static void sift(int32_t *v, int i, int n)
{
    int32_t x = v[i];
    for (int c; (c = 2 * i + 1) < n; i = c) {
        if (c + 1 < n && v[c + 1] > v[c])
            c++;
        if (v[c] <= x)
            break;
        v[i] = v[c];
    }
    v[i] = x;
}
static void fill(uint32_t s)
{
    for (int i = 0; i < N; i++)
        a[i] = (int32_t)bench_rng(&s);
}
int main(void)
{
    uint64_t h = BENCH_FNV0;
    for (int k = 0; k < 2 * BENCH_SCALE; k++) {
        fill(31 + (uint32_t)k);
        qs(a, 0, N - 1);
        h = bench_fnv(h, a, 4096);
        fill(77 + (uint32_t)k);
        for (int i = N / 2; i-- > 0;)
            sift(a, i, N);
        for (int n = N - 1; n > 0; n--) {
            int32_t t = a[0];
            a[0] = a[n];
            a[n] = t;
            sift(a, 0, n);
        }
        for (int i = 1; i < N; i++)
            if (a[i - 1] > a[i])
                return 1;
        h = bench_fnv(h, a, 4096);
    }
    return BENCH_DONE("quicksort", h);
}
