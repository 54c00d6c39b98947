/*
 * Pancake flipping over all permutations: small-array i32 loads/stores,
 * branches.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench.h"
#define MAXN 12
static int run(int n, int *sum)
{
    int perm[MAXN], p1[MAXN], cnt[MAXN], maxf = 0, nperm = 0, r = n, chk = 0;
    for (int i = 0; i < n; i++)
        p1[i] = i;
    for (;;) {
        for (; r != 1; r--)
            cnt[r - 1] = r;
        for (int i = 0; i < n; i++)
            perm[i] = p1[i];
        int flips = 0, k;
        while ((k = perm[0]) != 0) {
            for (int i = 0, j = k; i < j; i++, j--) {
                int t = perm[i];
                perm[i] = perm[j];
                perm[j] = t;
            }
            flips++;
        }
        if (flips > maxf)
            maxf = flips;
        chk += nperm & 1 ? -flips : flips;
        for (;; r++) {
            if (r == n) {
                *sum = chk;
                return maxf;
            }
            int first = p1[0];
            for (int i = 0; i < r; i++)
                p1[i] = p1[i + 1];
            p1[r] = first;
            if (--cnt[r] > 0)
                break;
        }
        nperm++;
    }
}
int main(void)
{
    volatile int n = 10;
    int s = 0, m = 0;
    for (int i = 0; i < BENCH_SCALE; i++)
        m = run(n, &s);
    printf("max flips %d\n", m);
    return BENCH_DONE("fannkuch", (uint32_t)s);
}
