/*
 * The generator: addresses, the size of memories, bulk operations.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/diff/gen.h"

/* -- Addresses ------------------------------------------------------------- */

static uint64_t memory_bytes(const struct gmemory *m)
{
    return m->is_bytes ? m->min : (uint64_t)m->min << 16;
}

static void address_const(struct gen *g, const struct gmemory *m,
                          uint64_t value)
{
    if (m->is_64)
        gen_i64(g, (int64_t)value);
    else
        gen_i32(g, (int32_t)value);
}

/* Whatever comes out of an expression, cut to a part of the memory. */
static void address_expr(struct gen *g, const struct gmemory *m, uint64_t mask,
                         int depth)
{
    gen_expr(g, m->is_64 ? G_I64 : G_I32, depth);
    if (mask == UINT64_MAX)
        return;
    address_const(g, m, mask);
    gen_op(g, m->is_64 ? WRT_OP_I64_AND : WRT_OP_I32_AND);
}

/* The largest 2^n - 1 at or below a value. */
static uint64_t mask_below(uint64_t value)
{
    uint64_t mask = 0;

    while ((mask << 1 | 1) <= value)
        mask = mask << 1 | 1;
    return mask;
}

struct gaddr gen_address(struct gen *g, unsigned bytes, bool aligned, int depth)
{
    struct gaddr addr = {.memory = gen_below(g, g->nmemories)};
    const struct gmemory *m = &g->memories[addr.memory];
    uint64_t size = memory_bytes(m);
    uint64_t last = size > bytes ? size - bytes : 0;
    uint64_t keep =
        aligned && gen_chance(g, 90) ? ~(uint64_t)(bytes - 1) : UINT64_MAX;

    if (gen_chance(g, 45))
        addr.offset = gen_below(g, gen_chance(g, 80) ? 40 : 1000) & keep;
    if (gen_chance(g, 1))
        addr.offset = gen_bits(g) >> (m->is_64 ? gen_below(g, 64) : 32);
    switch (gen_below(g, 30)) {
    case 0: address_expr(g, m, UINT64_MAX, depth); break;
    case 1:
    case 2: /* around the end, and mostly inside */
        address_const(g, m,
                      (last - addr.offset - gen_below(g, 9) + gen_below(g, 4)) &
                          keep);
        break;
    case 3:
    case 4:
    case 5: address_const(g, m, gen_below(g, 64) & keep); break;
    case 6: /* all of it */
        address_expr(g, m, mask_below(last) & keep, depth);
        break;
    default:
        address_expr(g, m, WRT_MIN(mask_below(last), (uint64_t)63) & keep,
                     depth);
        break;
    }
    return addr;
}

void gen_memarg(struct gen *g, const struct gaddr *addr, unsigned align_log2)
{
    wrt_buf_u8(g->code, align_log2 | (addr->memory ? 0x40u : 0));
    if (addr->memory)
        gen_u(g, addr->memory);
    gen_u(g, addr->offset);
}

/* -- Size and bulk operations ---------------------------------------------- */

static bool pick_memory(struct gen *g, struct gtype type, unsigned *out)
{
    unsigned start;

    if (!g->nmemories)
        return false;
    start = gen_below(g, g->nmemories);
    for (unsigned i = 0; i < g->nmemories; i++) {
        *out = (start + i) % g->nmemories;
        if (type.kind ==
            (g->memories[*out].is_64 ? WRT_KIND_I64 : WRT_KIND_I32))
            return true;
    }
    return false;
}

bool gen_expr_bulk(struct gen *g, struct gtype type, int depth)
{
    unsigned memory;

    if (!pick_memory(g, type, &memory))
        return false;
    if (gen_chance(g, 60)) {
        gen_op_u(g, WRT_OP_MEMORY_SIZE, memory);
        return true;
    }
    address_expr(g, &g->memories[memory], gen_chance(g, 80) ? 1 : UINT64_MAX,
                 depth - 1);
    gen_op_u(g, WRT_OP_MEMORY_GROW, memory);
    return true;
}

/* A length: small, so that things stay quick; seldom whatever comes. */
static void length(struct gen *g, bool is_64, int depth)
{
    static const struct gmemory narrow, wide = {.is_64 = true};

    address_expr(g, is_64 ? &wide : &narrow,
                 gen_chance(g, 3)    ? UINT64_MAX
                 : gen_chance(g, 90) ? 31
                                     : 4095,
                 depth - 1);
}

static void place(struct gen *g, unsigned memory, int depth)
{
    const struct gmemory *m = &g->memories[memory];
    uint64_t size = memory_bytes(m);

    if (gen_chance(g, 8))
        address_const(g, m, size - gen_below(g, 40));
    else
        address_expr(g, m, WRT_MIN(mask_below(size), (uint64_t)127), depth - 1);
}

static void copy(struct gen *g, int depth)
{
    unsigned to = gen_below(g, g->nmemories), from = gen_below(g, g->nmemories);

    place(g, to, depth);
    place(g, from, depth);
    length(g, g->memories[to].is_64 && g->memories[from].is_64, depth);
    gen_op_u(g, WRT_OP_MEMORY_COPY, to);
    gen_u(g, from);
}

static void init(struct gen *g, int depth)
{
    unsigned memory = gen_below(g, g->nmemories);

    place(g, memory, depth);
    length(g, false, depth);
    length(g, false, depth);
    /* The first one is active, and so dropped. */
    gen_op_u(g, WRT_OP_MEMORY_INIT,
             g->ndatas > 1 && gen_chance(g, 95)
                 ? 1 + gen_below(g, g->ndatas - 1)
                 : gen_below(g, g->ndatas));
    gen_u(g, memory);
}

bool gen_stmt_bulk(struct gen *g, int depth)
{
    unsigned memory;

    if (!g->nmemories)
        return false;
    switch (gen_below(g, 8)) {
    case 0:
        if (!g->ndatas || !gen_chance(g, 15))
            return false;
        gen_op_u(g, WRT_OP_DATA_DROP, gen_below(g, g->ndatas));
        return true;
    case 1:
    case 2:
        if (!g->ndatas)
            return false;
        init(g, depth);
        return true;
    case 3:
    case 4: copy(g, depth); return true;
    default:
        memory = gen_below(g, g->nmemories);
        place(g, memory, depth);
        gen_expr(g, G_I32, depth - 1);
        length(g, g->memories[memory].is_64, depth);
        gen_op_u(g, WRT_OP_MEMORY_FILL, memory);
        return true;
    }
}
