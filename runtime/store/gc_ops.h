/*
 * Instructions on structs and arrays that are too large for an engine's fast
 * path, shared by the engines and by constant expressions.
 *
 * Each takes its operands from consecutive slots (v128: two) and leaves its
 * result in the first of them.  Whatever allocates may collect, so these slots
 * must be roots.  The result is WASMRT_ERR_NONE or the code of a trap.  Indices
 * are the module's and trusted; operands are the guest's and checked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_GC_OPS_H
#define WRT_STORE_GC_OPS_H

#include "runtime/store/gc.h"

/* Reads a field or element, extending a packed one; v128 gives two slots. */
void wrt_field_load(const struct wrt_ctx *ctx, wrt_valtype type,
                    const uint8_t *at, bool is_signed, wrt_slot *out);

/* Writes one.  Fails only when a function cannot be given a number. */
WRT_MUST_USE wasmrt_code wrt_field_store(struct wrt_ctx *ctx, wrt_valtype type,
                                         uint8_t *at, const wrt_slot *value);

/* The fields -> the struct. */
wasmrt_code wrt_op_struct_new(struct wrt_instance *inst, uint32_t type_idx,
                              wrt_slot *args);
/* -> a struct of zeroes. */
wasmrt_code wrt_op_struct_new_default(struct wrt_instance *inst,
                                      uint32_t type_idx, wrt_slot *args);
/* A struct -> a field, of any type and at any offset. */
wasmrt_code wrt_op_struct_get(struct wrt_instance *inst, uint32_t type_idx,
                              uint32_t field_idx, bool is_signed,
                              wrt_slot *args);
/* A struct, a value -> */
wasmrt_code wrt_op_struct_set(struct wrt_instance *inst, uint32_t type_idx,
                              uint32_t field_idx, const wrt_slot *args);

/* A value, a length -> the array. */
wasmrt_code wrt_op_array_new(struct wrt_instance *inst, uint32_t type_idx,
                             wrt_slot *args);
/* A length -> an array of zeroes. */
wasmrt_code wrt_op_array_new_default(struct wrt_instance *inst,
                                     uint32_t type_idx, wrt_slot *args);
/* `count` values -> the array. */
wasmrt_code wrt_op_array_new_fixed(struct wrt_instance *inst, uint32_t type_idx,
                                   uint32_t count, wrt_slot *args);
/* The start in the segment, a length -> the array. */
wasmrt_code wrt_op_array_new_data(struct wrt_instance *inst, uint32_t type_idx,
                                  uint32_t data_idx, wrt_slot *args);
wasmrt_code wrt_op_array_new_elem(struct wrt_instance *inst, uint32_t type_idx,
                                  uint32_t elem_idx, wrt_slot *args);
/* An array, an index -> an element, of any type. */
wasmrt_code wrt_op_array_get(struct wrt_instance *inst, uint32_t type_idx,
                             bool is_signed, wrt_slot *args);
/* An array, an index, a value -> */
wasmrt_code wrt_op_array_set(struct wrt_instance *inst, uint32_t type_idx,
                             const wrt_slot *args);
/* An array, an index, a value, a count -> */
wasmrt_code wrt_op_array_fill(struct wrt_instance *inst, uint32_t type_idx,
                              const wrt_slot *args);
/* An array, an index, a source, its index, a count -> */
wasmrt_code wrt_op_array_copy(struct wrt_instance *inst, const wrt_slot *args);
/* An array, an index, the start in the segment, a count -> */
wasmrt_code wrt_op_array_init_data(struct wrt_instance *inst, uint32_t data_idx,
                                   const wrt_slot *args);
wasmrt_code wrt_op_array_init_elem(struct wrt_instance *inst, uint32_t type_idx,
                                   uint32_t elem_idx, const wrt_slot *args);

#endif
