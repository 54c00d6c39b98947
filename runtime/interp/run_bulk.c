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
    RESULT(wrt_op_memory_grow(inst, pc[1].index, ARG(0).u64));
    mem = inst->mem0->base;
    NEXT(2);
}

HANDLER(MEMORY_INIT, 0, 0)
{
    BULK(wrt_op_memory_init(inst, pc[1].index2, pc[1].index, ARG(0).u64,
                            ARG(1).u32, ARG(2).u32));
}

HANDLER(MEMORY_COPY, 0, 0)
{
    BULK(wrt_op_memory_copy(inst, pc[1].index, pc[1].index2, ARG(0).u64,
                            ARG(1).u64, ARG(2).u64));
}

HANDLER(MEMORY_FILL, 0, 0)
{
    BULK(wrt_op_memory_fill(inst, pc[1].index, ARG(0).u64, (uint8_t)ARG(1).u32,
                            ARG(2).u64));
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

/* The accumulator is the result, too. */
HANDLER(TABLE_GROW, 0, 0)
{
    wasmrt_code grown = wrt_op_table_grow(inst, pc[1].index, ARG(0).ref,
                                          ARG(1).u64, &ARG(0).u64);

    acc = ARG(0).u64;
    BULK(grown);
}

HANDLER(TABLE_FILL, 0, 0)
{
    BULK(wrt_op_table_fill(inst, pc[1].index, ARG(0).u64, ARG(1).ref,
                           ARG(2).u64));
}

HANDLER(TABLE_INIT, 0, 0)
{
    BULK(wrt_op_table_init(inst, pc[1].index2, pc[1].index, ARG(0).u64,
                           ARG(1).u32, ARG(2).u32));
}

HANDLER(TABLE_COPY, 0, 0)
{
    BULK(wrt_op_table_copy(inst, pc[1].index, pc[1].index2, ARG(0).u64,
                           ARG(1).u64, ARG(2).u64));
}
