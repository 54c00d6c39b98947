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

/* -- Memories -------------------------------------------------------------- */

OP(memory_grow)
{
    (void)index2;
    slots[0].u64 = wrt_op_memory_grow(inst, (uint32_t)index, slots[0].u64);
    return 0;
}

OP(memory_init)
{
    return wrt_op_memory_init(inst, (uint32_t)index2, (uint32_t)index,
                              slots[0].u64, slots[1].u32, slots[2].u32);
}

OP(memory_copy)
{
    return wrt_op_memory_copy(inst, (uint32_t)index, (uint32_t)index2,
                              slots[0].u64, slots[1].u64, slots[2].u64);
}

OP(memory_fill)
{
    (void)index2;
    return wrt_op_memory_fill(inst, (uint32_t)index, slots[0].u64,
                              (uint8_t)slots[1].u32, slots[2].u64);
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
    (void)index2;
    return wrt_op_table_grow(inst, (uint32_t)index, slots[0].ref, slots[1].u64,
                             &slots[0].u64);
}

OP(table_init)
{
    return wrt_op_table_init(inst, (uint32_t)index2, (uint32_t)index,
                             slots[0].u64, slots[1].u32, slots[2].u32);
}

OP(table_copy)
{
    return wrt_op_table_copy(inst, (uint32_t)index, (uint32_t)index2,
                             slots[0].u64, slots[1].u64, slots[2].u64);
}

OP(table_fill)
{
    (void)index2;
    return wrt_op_table_fill(inst, (uint32_t)index, slots[0].u64, slots[1].ref,
                             slots[2].u64);
}

OP(type_matches)
{
    const struct wrt_funcref *ref = slots[0].ref;

    (void)index2;
    return wrt_types_is_subtype(inst->module->types, ref->type_id,
                                inst->module->type_ids[index]);
}
