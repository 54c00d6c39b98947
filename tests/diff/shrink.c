/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/diff/shrink.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_TRIES = 4000 };

struct cut_list {
    uint64_t paths[MAX_NODES];
    size_t n;
};

static void insert(struct cut_list *list, uint64_t path)
{
    size_t at = list->n;

    while (at > 0 && list->paths[at - 1] > path) {
        list->paths[at] = list->paths[at - 1];
        at--;
    }
    list->paths[at] = path;
    list->n++;
}

static bool contains(const struct cut_list *list, uint64_t path)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->paths[i] == path)
            return true;
    return false;
}

static void delete(struct cut_list *list, uint64_t path)
{
    size_t at = 0;

    while (list->paths[at] != path)
        at++;
    memmove(&list->paths[at], &list->paths[at + 1],
            (list->n - at - 1) * sizeof(path));
    list->n--;
}

void shrink_generate(struct gen *g, const struct gen_cuts *cuts,
                     uint64_t *nodes)
{
    uint64_t seed = g->seed;
    wrt_features allowed = g->allowed;

    wrt_buf_fini(&g->module);
    *g = (struct gen){
        .seed = seed, .allowed = allowed, .cuts = cuts, .nodes = nodes};
    if (!gen_module(g))
        abort();
}

/* Whether it still differs, and not because it became invalid. */
static bool still_differs(struct gen *g, const struct cut_list *list,
                          uint64_t *nodes, struct difference *out)
{
    const struct gen_cuts cuts = {list->paths, list->n};

    shrink_generate(g, &cuts, nodes);
    return !compare(&(struct candidate){.seed = g->seed,
                                        .bytes = g->module.items,
                                        .len = g->module.count},
                    out);
}

size_t shrink(struct gen *g, struct difference *out)
{
    static uint64_t nodes[MAX_NODES], scratch[MAX_NODES];
    static struct cut_list list;
    struct difference now;
    size_t tries = 0, nnodes;

    list.n = 0;
    still_differs(g, &list, nodes, out);
    nnodes = g->nnodes;
    for (size_t at = 0; at < nnodes && tries < MAX_TRIES; at++) {
        if (contains(&list, nodes[at]) || list.n == MAX_NODES)
            continue;
        insert(&list, nodes[at]);
        tries++;
        if (still_differs(g, &list, scratch, &now)) {
            *out = now;
            memcpy(nodes, scratch, g->nnodes * sizeof(*nodes));
            nnodes = g->nnodes;
            at = (size_t)-1; /* what is left, from its beginning */
            continue;
        }
        delete (&list, nodes[at]);
    }
    still_differs(g, &list, scratch, out);
    g->cuts = NULL;
    return tries;
}
