/*
 * Values of wasm.h and slots.
 *
 * A handle becomes the function that it stands for where a funcref is expected;
 * elsewhere the guest gets an externref whose box holds the handle. Objects of
 * the guest's own come out as handles of kind OBJECT.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_API_C_VAL_H
#define WRT_API_C_VAL_H

#include "runtime/api/c_ref.h"
#include "runtime/store/gc.h"

/* Reads a value of a type from its slots; the caller owns it. False when memory
 * is exhausted. A v128 is left out. */
bool wrt_c_val_load(struct wasm_store_t *store, wrt_valtype type,
                    const wrt_slot *slots, wasm_val_t *out);

/* Writes a value where a type is expected, or an error of kind MISUSE that says
 * why it does not fit. Any reference kind stands for any other: the reference
 * itself is checked. May collect, so slots that have been written before must
 * be in a struct wrt_gc_frame. */
WRT_MUST_USE wasmrt_error *wrt_c_val_store(struct wasm_store_t *store,
                                           const wasm_val_t *val,
                                           wrt_valtype type, wrt_slot *slots);

/* The same for a reference; NULL is null. */
WRT_MUST_USE wasmrt_error *wrt_c_ref_store(struct wasm_store_t *store,
                                           struct wasm_ref_t *ref,
                                           wrt_valtype type, wrt_slot *slot);

#endif
