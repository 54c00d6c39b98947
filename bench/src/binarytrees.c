/*
 * Allocate, walk and free binary trees: malloc/free, pointer chasing,
 * recursion.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench.h"
struct node {
    struct node *l, *r;
};
NOINLINE static struct node *make(int d)
{
    struct node *n = malloc(sizeof *n);
    if (!n)
        abort();
    n->l = d ? make(d - 1) : NULL;
    n->r = d ? make(d - 1) : NULL;
    return n;
}
NOINLINE static int count(const struct node *n)
{
    return n->l ? 1 + count(n->l) + count(n->r) : 1;
}
NOINLINE static void drop(struct node *n)
{
    if (n->l) {
        drop(n->l);
        drop(n->r);
    }
    free(n);
}
int main(void)
{
    const int maxd = 15;
    uint64_t h = BENCH_FNV0;
    struct node *keep = make(maxd);
    for (int s = 0; s < 12 * BENCH_SCALE; s++)
        for (int d = 4; d <= maxd; d += 4) {
            int iters = 1 << (maxd - d + 2), c = 0;
            for (int i = 0; i < iters; i++) {
                struct node *t = make(d);
                c += count(t);
                drop(t);
            }
            h = (h ^ (uint32_t)c) * 1099511628211ull;
        }
    h ^= (uint32_t)count(keep);
    drop(keep);
    return BENCH_DONE("binarytrees", h);
}
