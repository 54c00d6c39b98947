/*
 * State of linking one function, shared by link.c (the whole, and most shapes),
 * link_mem.c (loads and stores), link_vec.c (vectors), link_ref.c (objects) and
 * link_try.c (who catches what).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_INTERP_LINK_STATE_H
#define WRT_INTERP_LINK_STATE_H

#include "runtime/interp/lower.h"
#include "runtime/interp/places.h"

struct linker {
    const struct wrt_code_options *options;
    struct wrt_ir_list *list;
    uint32_t l0;     /* slot of the pinned local, or WRT_NO_L0 */
    wrt_cell *cells; /* being filled, in scratch */
    size_t count, capacity;
    uint32_t *labels; /* per label: cell, or UNPLACED */
    uint32_t guarded; /* memory 0 has guard pages */
    struct fixup {
        uint32_t cell;   /* holds the target */
        uint32_t origin; /* which it is relative to */
        uint32_t label;
        bool high; /* in the upper half of the cell: br_table */
    } *fixups;
    size_t nfixups;
    struct wrt_catch_region *regions; /* clause: the try, until the end */
    size_t nregions;
    uint32_t *first_clauses; /* per try: whom to ask first */
    struct wrt_places places;
    const uint32_t *stop; /* see wrt_error_if_stopped() */
};

#define UNPLACED UINT32_MAX

_Static_assert(WRT_CLASS_S == 0, "or pinned() must subtract it");

/* The class of an integer operand, once l0 is known: L for S where the slot is
 * pinned.  Without a branch, which nobody could guess. */
WRT_INLINE uint32_t pinned(const struct linker *k, uint32_t class,
                           uint32_t slot)
{
    uint32_t is_l0 = (class == WRT_CLASS_S) & (slot == k->l0);

    return class + is_l0 * (uint32_t)WRT_CLASS_L;
}

/* -- Cells ----------------------------------------------------------------- */

WRT_INLINE wrt_cell *put(struct linker *k, wrt_cell cell)
{
    WRT_ASSERT(k->count < k->capacity, "room was made for the longest form");
    k->cells[k->count] = cell;
    return &k->cells[k->count++];
}

WRT_INLINE wrt_cell *put_op(struct linker *k, uint32_t op, uint32_t a,
                            uint32_t b, uint32_t d)
{
    return put(k, (wrt_cell){.op = (uint16_t)op,
                             .a = (uint16_t)a,
                             .b = (uint16_t)b,
                             .d = (uint16_t)d});
}

WRT_INLINE void put_imm(struct linker *k, uint64_t imm)
{
    put(k, (wrt_cell){.u64 = imm});
}

/* After an instruction without an L destination that wrote the local. */
WRT_INLINE void reload_l0(struct linker *k, uint32_t d)
{
    if (d == k->l0)
        put_op(k, WRT_IOP_RELOAD_L, 0, 0, d);
}

/* A branch target, relative to the cell origin. */
WRT_INLINE void put_target(struct linker *k, uint32_t origin, uint32_t label)
{
    k->fixups[k->nfixups++] = (struct fixup){
        .cell = (uint32_t)k->count, .origin = origin, .label = label};
    put_imm(k, 0);
}

/* Whether a branch goes back: loops' labels are placed before their bodies. */
WRT_INLINE uint32_t is_back(const struct linker *k, uint32_t label)
{
    return k->labels[label] != UNPLACED;
}

/* Field values: a constant class has its low 16 bits there. */
WRT_INLINE uint32_t field(uint32_t class, uint32_t slot, uint64_t imm)
{
    return class == WRT_CLASS_K ? (uint32_t)imm & 0xffff : slot;
}

/* -- Shapes of the other files --------------------------------------------- */

/* ILOAD and ISTORE. */
void wrt_link_iload(struct linker *k, const struct wrt_ir *ir);
void wrt_link_istore(struct linker *k, const struct wrt_ir *ir);
/* Each links an instruction of one of its shapes, or returns false. */
bool wrt_link_mem(struct linker *k, const struct wrt_ir *ir);
bool wrt_link_vec(struct linker *k, const struct wrt_ir *ir);
bool wrt_link_ref(struct linker *k, const struct wrt_ir *ir);

/* -- link_try.c: exceptions ------------------------------------------------ */

void wrt_link_region(struct linker *k, uint32_t try_idx);
/* Fills the table of the code, when all labels have their places. */
WRT_MUST_USE wasmrt_error *wrt_link_catches(struct linker *k,
                                            struct wrt_catches *out);

#endif
