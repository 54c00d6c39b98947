/*
 * Instructions that machine code leaves to C: operands in slots, the result in
 * the first of them; indices are the module's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/enter.h"

#include "runtime/store/memory.h"
#include "runtime/store/ops.h"

#define OP(name)                                                               \
    uint64_t jit_##name(struct wrt_instance *inst, uintptr_t index,            \
                        wrt_slot *slots, uintptr_t index2)

static uint64_t memory_mask(const struct wrt_instance *inst, uintptr_t index)
{
    return inst->memories[index]->index_mask;
}

static uint64_t table_mask(const struct wrt_instance *inst, uintptr_t index)
{
    return inst->tables[index]->index_mask;
}

/* -- Memories -------------------------------------------------------------- */

OP(memory_grow)
{
    uint64_t mask = memory_mask(inst, index);

    (void)index2;
    slots[0].u64 =
        (uint64_t)wrt_memory_grow(inst->memories[index], slots[0].u64 & mask) &
        mask;
    return 0;
}

OP(memory_init)
{
    return wrt_op_memory_init(inst, (uint32_t)index2, (uint32_t)index,
                              slots[0].u64 & memory_mask(inst, index2),
                              slots[1].u32, slots[2].u32);
}

OP(memory_copy)
{
    uint64_t to = memory_mask(inst, index), from = memory_mask(inst, index2);

    return wrt_op_memory_copy(inst, (uint32_t)index, (uint32_t)index2,
                              slots[0].u64 & to, slots[1].u64 & from,
                              slots[2].u64 & to & from);
}

OP(memory_fill)
{
    uint64_t mask = memory_mask(inst, index);

    (void)index2;
    return wrt_op_memory_fill(inst, (uint32_t)index, slots[0].u64 & mask,
                              (uint8_t)slots[1].u32, slots[2].u64 & mask);
}

OP(data_drop)
{
    (void)slots;
    (void)index2;
    wrt_op_data_drop(inst, (uint32_t)index);
    return 0;
}

/* -- Tables ---------------------------------------------------------------- */

OP(elem_drop)
{
    (void)slots;
    (void)index2;
    wrt_op_elem_drop(inst, (uint32_t)index);
    return 0;
}

OP(table_grow)
{
    uint64_t mask = table_mask(inst, index), delta = slots[1].u64 & mask;
    int64_t old = wrt_table_grow(inst->tables[index], delta, slots[0].ref);

    (void)index2;
    slots[0].u64 = (uint64_t)old & mask;
    return old < 0 ? WASMRT_ERR_NONE : wrt_op_pay(inst, delta * sizeof(void *));
}

OP(table_init)
{
    return wrt_op_table_init(inst, (uint32_t)index2, (uint32_t)index,
                             slots[0].u64 & table_mask(inst, index2),
                             slots[1].u32, slots[2].u32);
}

OP(table_copy)
{
    uint64_t to = table_mask(inst, index), from = table_mask(inst, index2);

    return wrt_op_table_copy(inst, (uint32_t)index, (uint32_t)index2,
                             slots[0].u64 & to, slots[1].u64 & from,
                             slots[2].u64 & to & from);
}

OP(table_fill)
{
    uint64_t mask = table_mask(inst, index);

    (void)index2;
    return wrt_op_table_fill(inst, (uint32_t)index, slots[0].u64 & mask,
                             slots[1].ref, slots[2].u64 & mask);
}

OP(type_matches)
{
    const struct wrt_funcref *ref = slots[0].ref;

    (void)index2;
    return wrt_types_is_subtype(inst->module->types, ref->type_id,
                                inst->module->type_ids[index]);
}
