/*
 * Traps of wasm.h are errors with a handle.
 *
 * A trap that a host function returns goes through the guest inside an error
 * that holds it, so that it comes out of the call as the same trap.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_API_C_TRAP_H
#define WRT_API_C_TRAP_H

#include "runtime/api/c_ref.h"

/* A trap of an error, which it takes also on failure; or NULL. */
struct wasm_ref_t *wrt_c_trap_new(struct wasm_store_t *store,
                                  wasmrt_error *error_taken);

/* The trap that a call ends with: the one that the error holds, or a new one;
 * NULL for no error.  When there is no memory, the one that says so. */
wasm_trap_t *wrt_c_trap_of(struct wasm_store_t *store,
                           wasmrt_error *error_taken);

/* The error by which a host function's trap goes into the guest. */
wasmrt_error *wrt_c_trap_error(wasm_trap_t *trap_taken);

/* Releases what a trap consists of. */
void wrt_c_trap_fini(struct wrt_c_trap *trap);

#endif
