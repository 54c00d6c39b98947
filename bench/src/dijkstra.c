/*
 * Shortest paths in a random graph, with a binary heap.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench.h"
enum { NODES = 20000, DEGREE = 6, HEAP = NODES * DEGREE };
struct edge {
    uint32_t to, cost;
};
struct item {
    uint32_t cost, node;
};
static struct edge edges[NODES][DEGREE];
static uint32_t dist[NODES];
static struct item heap[HEAP + 1];
static uint32_t count;

static void push(uint32_t cost, uint32_t node)
{
    uint32_t i = count++;

    for (; i > 0 && heap[(i - 1) / 2].cost > cost; i = (i - 1) / 2)
        heap[i] = heap[(i - 1) / 2];
    heap[i] = (struct item){cost, node};
}
static struct item pop(void)
{
    struct item top = heap[0], last = heap[--count];
    uint32_t i = 0, child;

    while ((child = 2 * i + 1) < count) {
        child += child + 1 < count && heap[child + 1].cost < heap[child].cost;
        if (heap[child].cost >= last.cost)
            break;
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = last;
    return top;
}
NOINLINE static void paths(uint32_t from)
{
    memset(dist, 0xff, sizeof dist);
    dist[from] = 0;
    push(0, from);
    while (count > 0) {
        struct item item = pop();

        if (item.cost != dist[item.node])
            continue;
        for (int i = 0; i < DEGREE; i++) {
            struct edge e = edges[item.node][i];

            if (item.cost + e.cost < dist[e.to]) {
                dist[e.to] = item.cost + e.cost;
                push(dist[e.to], e.to);
            }
        }
    }
}
int main(void)
{
    uint64_t h = BENCH_FNV0;
    uint32_t seed = 23;

    for (int i = 0; i < NODES; i++) {
        for (int k = 0; k < DEGREE; k++)
            edges[i][k] = (struct edge){bench_rng(&seed) % NODES,
                                        1 + bench_rng(&seed) % 1000};
    }
    for (int k = 0; k < 60 * BENCH_SCALE; k++) {
        paths(bench_rng(&seed) % NODES);
        h = bench_fnv(h, dist, sizeof dist);
    }
    return BENCH_DONE("dijkstra", h);
}
