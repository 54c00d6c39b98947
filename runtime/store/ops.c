/*
 * Bulk operations on memories and tables.
 *
 * Bounds are checked for the whole range before anything is written (bulk
 * memory semantics).  Then the work goes in slices, small enough for one to
 * stay below a millisecond also when every page is touched for the first time,
 * and an interrupt is honoured between slices: it leaves a prefix (or, copying
 * backwards, a suffix) done and ends the guest.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/ops.h"

#include "runtime/store/const_eval.h"
#include "runtime/store/interrupt.h"
#include "runtime/store/memory.h"
#include "runtime/store/table.h"

enum {
    SLICE_BYTES = 1 << 20,
    SLICE_ELEMS = 1 << 14,
};

/* The interrupt that ends an operation with work left, or NONE. */
static wasmrt_code poll(const struct wrt_instance *inst, uint64_t left)
{
    return left ? wrt_interrupt_pending(inst->ctx) : WASMRT_ERR_NONE;
}

wasmrt_code wrt_op_pay(const struct wrt_instance *inst, uint64_t bytes)
{
    return wrt_fuel_take(inst->ctx, bytes / WRT_FUEL_BYTES)
               ? WASMRT_ERR_NONE
               : WASMRT_ERR_FUEL_EXHAUSTED;
}

/* -- Moving ranges --------------------------------------------------------- */

/* memmove in slices of `slice` bytes, in the order that overlap demands.
 * is_racy: other threads may be at the same bytes. */
static wasmrt_code move_sliced(const struct wrt_instance *inst, uint8_t *dst,
                               const uint8_t *src, uint64_t n, uint64_t slice,
                               bool is_racy)
{
    bool is_backward = (uintptr_t)dst > (uintptr_t)src;
    wasmrt_code code = wrt_op_pay(inst, n);
    uint64_t done = 0;

    while (done < n && code == WASMRT_ERR_NONE) {
        uint64_t count = WRT_MIN(n - done, slice);
        size_t at = (size_t)(is_backward ? n - done - count : done);

        if (is_racy)
            wrt_racy_move(dst + at, src + at, (size_t)count);
        else
            memmove(dst + at, src + at, (size_t)count);
        done += count;
        code = poll(inst, n - done);
    }
    return code;
}

wasmrt_code wrt_op_move(const struct wrt_instance *inst, uint8_t *dst,
                        const uint8_t *src, uint64_t n, size_t unit,
                        uint64_t slice)
{
    return move_sliced(inst, dst, src, n * unit, slice * unit, false);
}

/* -- Memories -------------------------------------------------------------- */

uint64_t wrt_op_memory_grow(struct wrt_instance *inst, uint32_t memory_idx,
                            uint64_t delta)
{
    struct wrt_memory_inst *memory = inst->memories[memory_idx];

    return (uint64_t)wrt_memory_grow(memory, delta & memory->index_mask) &
           memory->index_mask;
}

wasmrt_code wrt_op_memory_init(struct wrt_instance *inst, uint32_t memory_idx,
                               uint32_t data_idx, uint64_t dst, uint32_t src,
                               uint32_t n)
{
    struct wrt_memory_inst *memory = inst->memories[memory_idx];
    const struct wrt_data_segment *data = &inst->module->datas[data_idx];
    uint32_t len = inst->dropped_datas[data_idx] ? 0 : data->len;

    dst &= memory->index_mask;
    if (src > len || n > len - src || !wrt_memory_has(memory, dst, n))
        return WASMRT_ERR_MEMORY_OOB;
    if (n == 0)
        return WASMRT_ERR_NONE;
    return move_sliced(inst, memory->base + dst, data->bytes + src, n,
                       SLICE_BYTES, memory->shared);
}

wasmrt_code wrt_op_memory_copy(struct wrt_instance *inst, uint32_t dst_idx,
                               uint32_t src_idx, uint64_t dst, uint64_t src,
                               uint64_t n)
{
    struct wrt_memory_inst *to = inst->memories[dst_idx];
    const struct wrt_memory_inst *from = inst->memories[src_idx];

    dst &= to->index_mask;
    src &= from->index_mask;
    n &= to->index_mask & from->index_mask; /* 64 bits when both have */
    if (!wrt_memory_has(to, dst, n) || !wrt_memory_has(from, src, n))
        return WASMRT_ERR_MEMORY_OOB;
    if (n == 0)
        return WASMRT_ERR_NONE;
    return move_sliced(inst, to->base + dst, from->base + src, n, SLICE_BYTES,
                       to->shared || from->shared);
}

wasmrt_code wrt_op_memory_fill(struct wrt_instance *inst, uint32_t memory_idx,
                               uint64_t dst, uint8_t value, uint64_t n)
{
    struct wrt_memory_inst *memory = inst->memories[memory_idx];
    wasmrt_code code;

    dst &= memory->index_mask;
    n &= memory->index_mask;
    if (!wrt_memory_has(memory, dst, n))
        return WASMRT_ERR_MEMORY_OOB;
    code = wrt_op_pay(inst, n);
    while (n && code == WASMRT_ERR_NONE) {
        uint64_t count = WRT_MIN(n, (uint64_t)SLICE_BYTES);

        if (memory->shared)
            wrt_racy_fill(memory->base + dst, value, (size_t)count);
        else
            memset(memory->base + dst, value, (size_t)count);
        dst += count;
        n -= count;
        code = poll(inst, n);
    }
    return code;
}

void wrt_op_data_drop(struct wrt_instance *inst, uint32_t data_idx)
{
    inst->dropped_datas[data_idx] = 1;
}

/* -- Tables ---------------------------------------------------------------- */

wasmrt_code wrt_op_elem_item(struct wrt_instance *inst, uint32_t elem_idx,
                             uint32_t i, void **out)
{
    const struct wrt_elem_segment *elem = &inst->module->elems[elem_idx];
    wrt_slot value[2];
    wasmrt_error *error;
    wasmrt_code code;

    if (inst->elem_objects && inst->elem_objects[elem_idx]) {
        *out = inst->elem_objects[elem_idx][i];
        return WASMRT_ERR_NONE;
    }
    if (elem->funcs) {
        *out = wrt_instance_funcref(inst, elem->funcs[i]);
        return WASMRT_ERR_NONE;
    }
    error = wrt_const_eval(inst, &elem->exprs[i], value);
    if (!error) {
        *out = value[0].ref;
        return WASMRT_ERR_NONE;
    }
    code = wasmrt_error_code(error);
    wasmrt_error_delete(error);
    return code;
}

wasmrt_code wrt_op_table_grow(struct wrt_instance *inst, uint32_t table_idx,
                              void *init, uint64_t delta, uint64_t *out)
{
    struct wrt_table_inst *table = inst->tables[table_idx];
    int64_t old;

    delta &= table->index_mask;
    old = wrt_table_grow(table, delta, init);
    *out = (uint64_t)old & table->index_mask;
    return old < 0 ? WASMRT_ERR_NONE : wrt_op_pay(inst, delta * sizeof(void *));
}

wasmrt_code wrt_op_table_init(struct wrt_instance *inst, uint32_t table_idx,
                              uint32_t elem_idx, uint64_t dst, uint32_t src,
                              uint32_t n)
{
    struct wrt_table_inst *table = inst->tables[table_idx];
    const struct wrt_elem_segment *elem = &inst->module->elems[elem_idx];
    uint32_t count = inst->dropped_elems[elem_idx] ? 0 : elem->count;
    wasmrt_code code;

    dst &= table->index_mask;
    if (src > count || n > count - src || !wrt_table_has(table, dst, n))
        return WASMRT_ERR_TABLE_OOB;
    code = wrt_op_pay(inst, (uint64_t)n * sizeof(void *));
    for (uint32_t i = 0; i < n && code == WASMRT_ERR_NONE; i++) {
        code =
            wrt_op_elem_item(inst, elem_idx, src + i, &table->elems[dst + i]);
        if (code == WASMRT_ERR_NONE && (i + 1) % SLICE_ELEMS == 0)
            code = poll(inst, n - i - 1);
    }
    return code;
}

wasmrt_code wrt_op_table_copy(struct wrt_instance *inst, uint32_t dst_idx,
                              uint32_t src_idx, uint64_t dst, uint64_t src,
                              uint64_t n)
{
    struct wrt_table_inst *to = inst->tables[dst_idx];
    const struct wrt_table_inst *from = inst->tables[src_idx];

    dst &= to->index_mask;
    src &= from->index_mask;
    n &= to->index_mask & from->index_mask;
    if (!wrt_table_has(to, dst, n) || !wrt_table_has(from, src, n))
        return WASMRT_ERR_TABLE_OOB;
    if (n == 0)
        return WASMRT_ERR_NONE;
    return move_sliced(inst, (uint8_t *)(to->elems + dst),
                       (const uint8_t *)(from->elems + src), n * sizeof(void *),
                       SLICE_ELEMS * sizeof(void *), false);
}

wasmrt_code wrt_op_table_fill(struct wrt_instance *inst, uint32_t table_idx,
                              uint64_t dst, void *value, uint64_t n)
{
    struct wrt_table_inst *table = inst->tables[table_idx];
    wasmrt_code code;

    dst &= table->index_mask;
    n &= table->index_mask;
    if (!wrt_table_has(table, dst, n))
        return WASMRT_ERR_TABLE_OOB;
    code = wrt_op_pay(inst, n * sizeof(void *));
    for (uint64_t i = 0; i < n && code == WASMRT_ERR_NONE; i++) {
        table->elems[dst + i] = value;
        if ((i + 1) % SLICE_ELEMS == 0)
            code = poll(inst, n - i - 1);
    }
    return code;
}

void wrt_op_elem_drop(struct wrt_instance *inst, uint32_t elem_idx)
{
    inst->dropped_elems[elem_idx] = 1;
    if (inst->elem_objects)
        inst->elem_objects[elem_idx] = NULL;
}
