/*
 * Handlers of bulk memory and table instructions: operands in consecutive
 * slots from a, result in their place, module indices in the next cell.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/handlers.h"
#include "runtime/store/memory.h"
#include "runtime/store/ops.h"

#define ARG(n)       (fp[pc->a + (n)])
#define RESULT(bits) (acc = (bits), (void)(fp[pc->a].u64 = acc))

#define BULK(call)                                                             \
    do {                                                                       \
        wasmrt_code code = (call);                                             \
        if (WRT_UNLIKELY(code != WASMRT_ERR_NONE))                             \
            TRAP(code == WASMRT_ERR_INTERRUPTED                                \
                     ? wrt_interp_interrupt(inst->ctx)                         \
                     : code);                                                  \
        NEXT(2);                                                               \
    } while (0)

HANDLER(MEMORY_SIZE, 0, 0)
{
    RESULT(wrt_memory_pages(inst->memories[pc[1].index]));
    NEXT(2);
}

HANDLER(MEMORY_GROW, 0, 0)
{
    struct wrt_memory_inst *memory = inst->memories[pc[1].index];
    uint64_t mask = memory->index_mask;

    RESULT((uint64_t)wrt_memory_grow(memory, ARG(0).u64 & mask) & mask);
    mem = inst->mem0->base;
    NEXT(2);
}

HANDLER(MEMORY_INIT, 0, 0)
{
    uint64_t mask = inst->memories[pc[1].index2]->index_mask;

    BULK(wrt_op_memory_init(inst, pc[1].index2, pc[1].index, ARG(0).u64 & mask,
                            ARG(1).u32, ARG(2).u32));
}

/* The count has 64 bits when both indices have. */
HANDLER(MEMORY_COPY, 0, 0)
{
    uint64_t to = inst->memories[pc[1].index]->index_mask;
    uint64_t from = inst->memories[pc[1].index2]->index_mask;

    BULK(wrt_op_memory_copy(inst, pc[1].index, pc[1].index2, ARG(0).u64 & to,
                            ARG(1).u64 & from, ARG(2).u64 & to & from));
}

HANDLER(MEMORY_FILL, 0, 0)
{
    uint64_t mask = inst->memories[pc[1].index]->index_mask;

    BULK(wrt_op_memory_fill(inst, pc[1].index, ARG(0).u64 & mask,
                            (uint8_t)ARG(1).u32, ARG(2).u64 & mask));
}

HANDLER(DATA_DROP, 0, 0)
{
    wrt_op_data_drop(inst, pc[1].index);
    NEXT(2);
}

HANDLER(ELEM_DROP, 0, 0)
{
    wrt_op_elem_drop(inst, pc[1].index);
    NEXT(2);
}

HANDLER(TABLE_GET, 0, 0)
{
    struct wrt_table_inst *table = inst->tables[pc[1].index];
    uint64_t chosen = ARG(0).u64 & table->index_mask;

    if (WRT_UNLIKELY(chosen >= table->size))
        TRAP(WASMRT_ERR_TABLE_OOB);
    RESULT((uintptr_t)table->elems[wrt_mask_index(chosen, table->size)]);
    NEXT(2);
}

HANDLER(TABLE_SET, 0, 0)
{
    struct wrt_table_inst *table = inst->tables[pc[1].index];
    uint64_t chosen = ARG(0).u64 & table->index_mask;

    if (WRT_UNLIKELY(chosen >= table->size))
        TRAP(WASMRT_ERR_TABLE_OOB);
    table->elems[wrt_mask_index(chosen, table->size)] = ARG(1).ref;
    NEXT(2);
}

HANDLER(TABLE_SIZE, 0, 0)
{
    RESULT(inst->tables[pc[1].index]->size);
    NEXT(2);
}

HANDLER(TABLE_GROW, 0, 0)
{
    struct wrt_table_inst *table = inst->tables[pc[1].index];
    uint64_t delta = ARG(1).u64 & table->index_mask;
    int64_t old = wrt_table_grow(table, delta, ARG(0).ref);

    if (old >= 0 &&
        !wrt_fuel_take(inst->ctx, delta * sizeof(void *) / WRT_FUEL_BYTES))
        TRAP(WASMRT_ERR_FUEL_EXHAUSTED);
    RESULT((uint64_t)old & table->index_mask);
    NEXT(2);
}

HANDLER(TABLE_FILL, 0, 0)
{
    uint64_t mask = inst->tables[pc[1].index]->index_mask;

    BULK(wrt_op_table_fill(inst, pc[1].index, ARG(0).u64 & mask, ARG(1).ref,
                           ARG(2).u64 & mask));
}

HANDLER(TABLE_INIT, 0, 0)
{
    uint64_t mask = inst->tables[pc[1].index2]->index_mask;

    BULK(wrt_op_table_init(inst, pc[1].index2, pc[1].index, ARG(0).u64 & mask,
                           ARG(1).u32, ARG(2).u32));
}

HANDLER(TABLE_COPY, 0, 0)
{
    uint64_t to = inst->tables[pc[1].index]->index_mask;
    uint64_t from = inst->tables[pc[1].index2]->index_mask;

    BULK(wrt_op_table_copy(inst, pc[1].index, pc[1].index2, ARG(0).u64 & to,
                           ARG(1).u64 & from, ARG(2).u64 & to & from));
}
