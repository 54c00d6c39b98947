/*
 * Lowering, second pass: who catches what, as the table of the code.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/link_state.h"

/* Items between two looks at whether to stop. */
enum { SLICE = 4096 };

/* From the next cell on another try is the innermost one. */
void wrt_link_region(struct linker *k, uint32_t try_idx)
{
    const uint32_t cell = (uint32_t)k->count;

    if (k->nregions && k->regions[k->nregions - 1].cell == cell)
        k->nregions--;
    k->regions[k->nregions++] = (struct wrt_catch_region){cell, try_idx};
}

/* Links the clauses of each try with those of the tries around it, which come
 * before it. */
static wasmrt_error *chain_clauses(struct linker *k)
{
    struct wrt_ir_list *list = k->list;

    for (size_t i = 0; i < list->ntries; i++) {
        const struct wrt_ir_try *try = &list->tries[i];
        uint32_t outside = try->parent == WRT_NO_TRY
                               ? WRT_NO_CLAUSE
                               : k->first_clauses[try->parent];

        if (i % SLICE == 0)
            WRT_TRY(wrt_error_if_stopped(k->stop));
        if (try->last != WRT_NO_CLAUSE)
            list->clauses[try->last].next = outside;
        k->first_clauses[i] =
            try->first == WRT_NO_CLAUSE ? outside : try->first;
    }
    return NULL;
}

static wasmrt_error *fill_clauses(const struct linker *k,
                                  struct wrt_catch_clause *out)
{
    for (size_t i = 0; i < k->list->nclauses; i++) {
        const struct wrt_ir_clause *clause = &k->list->clauses[i];

        if (i % SLICE == 0)
            WRT_TRY(wrt_error_if_stopped(k->stop));
        WRT_ASSERT(k->labels[clause->label] != UNPLACED, "lowering placed it");
        out[i] = (struct wrt_catch_clause){
            .tag = clause->tag,
            .target = k->labels[clause->label],
            .next = clause->next,
            .payload = (uint16_t)clause->payload,
            .exn = (uint16_t)clause->exn,
        };
    }
    return NULL;
}

wasmrt_error *wrt_link_catches(struct linker *k, struct wrt_catches *out)
{
    WRT_TRY(chain_clauses(k));
    for (size_t i = 0; i < k->nregions; i++) {
        uint32_t try_idx = k->regions[i].clause;

        if (i % SLICE == 0)
            WRT_TRY(wrt_error_if_stopped(k->stop));
        out->regions[i] = (struct wrt_catch_region){
            .cell = k->regions[i].cell,
            .clause = try_idx == WRT_NO_TRY ? WRT_NO_CLAUSE
                                            : k->first_clauses[try_idx],
        };
    }
    return fill_clauses(k, wrt_catches_clauses(out));
}
