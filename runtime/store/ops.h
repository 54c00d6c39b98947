/*
 * Instructions that are too large for an engine's fast path, shared by the
 * engines so that they agree to the last bit.
 *
 * Each returns WASMRT_ERR_NONE or the code of a trap, having changed nothing
 * that the specification would not have changed.  Indices are the module's and
 * trusted; operands are the guest's and checked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_OPS_H
#define WRT_STORE_OPS_H

#include "runtime/store/vmctx.h"

/* Grows a memory: the old size in pages, or -1.  delta in pages. */
int64_t wrt_memory_grow(struct wrt_memory_inst *memory, uint64_t delta);

/* Grows a table: the old size, or -1. */
int64_t wrt_table_grow(struct wrt_table_inst *table, uint64_t delta,
                       void *init);

/* What memory.atomic.wait32 (size 4) and wait64 (8) wait for.  ptr is the
 * address in the memory, in bounds and aligned. */
struct wrt_wait {
    const void *ptr;
    uint64_t addr;
    uint32_t size;
    uint64_t expected;
    int64_t timeout_ns; /* negative: none */
};

/* The instruction's result, or the code of a trap, or of an interrupt. */
struct wrt_wait_result {
    uint32_t value;
    wasmrt_code code;
};

struct wrt_wait_result wrt_op_wait(struct wrt_ctx *ctx,
                                   struct wrt_memory_inst *memory,
                                   const struct wrt_wait *wait);

/* memory.atomic.notify: how many threads that wait at addr were woken.
 * Thread-safe. */
uint32_t wrt_notify(struct wrt_memory_inst *memory, uint64_t addr,
                    uint32_t count);

/* In the instructions below, addresses in a memory or table and counts are
 * taken as they are in slots: where they have 32 bits, the others are ignored.
 */

/* memory.grow: the result. */
uint64_t wrt_op_memory_grow(struct wrt_instance *inst, uint32_t memory_idx,
                            uint64_t delta);

/* table.grow: the result, and the code of a trap when that was not paid for. */
wasmrt_code wrt_op_table_grow(struct wrt_instance *inst, uint32_t table_idx,
                              void *init, uint64_t delta, uint64_t *out);

wasmrt_code wrt_op_memory_init(struct wrt_instance *inst, uint32_t memory_idx,
                               uint32_t data_idx, uint64_t dst, uint32_t src,
                               uint32_t n);
wasmrt_code wrt_op_memory_copy(struct wrt_instance *inst, uint32_t dst_idx,
                               uint32_t src_idx, uint64_t dst, uint64_t src,
                               uint64_t n);
wasmrt_code wrt_op_memory_fill(struct wrt_instance *inst, uint32_t memory_idx,
                               uint64_t dst, uint8_t value, uint64_t n);
wasmrt_code wrt_op_table_init(struct wrt_instance *inst, uint32_t table_idx,
                              uint32_t elem_idx, uint64_t dst, uint32_t src,
                              uint32_t n);
wasmrt_code wrt_op_table_copy(struct wrt_instance *inst, uint32_t dst_idx,
                              uint32_t src_idx, uint64_t dst, uint64_t src,
                              uint64_t n);
wasmrt_code wrt_op_table_fill(struct wrt_instance *inst, uint32_t table_idx,
                              uint64_t dst, void *value, uint64_t n);

/* Parts of such instructions.  Pays for one that is about to move so much. */
wasmrt_code wrt_op_pay(const struct wrt_instance *inst, uint64_t bytes);

/* memmove of n units of `unit` bytes, paid for, in slices of `slice` units, in
 * the order that overlap demands. */
wasmrt_code wrt_op_move(const struct wrt_instance *inst, uint8_t *dst,
                        const uint8_t *src, uint64_t n, size_t unit,
                        uint64_t slice);

/* Item i of a segment that has not been dropped, as a reference. */
wasmrt_code wrt_op_elem_item(struct wrt_instance *inst, uint32_t elem_idx,
                             uint32_t i, void **out);

void wrt_op_elem_drop(struct wrt_instance *inst, uint32_t elem_idx);
void wrt_op_data_drop(struct wrt_instance *inst, uint32_t data_idx);

#endif
