/*
 * A host for the tests of wasm.h: an engine and a store of it, modules from
 * text, and calls with few words.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TESTS_API_C_HOST_H
#define WRT_TESTS_API_C_HOST_H

#include "tests/lib/test.h"

#include "wasm.h"

/* The objects of this test: each test is a process of its own. */
extern wasm_engine_t *c_engine;
extern wasm_store_t *c_store;

void c_open(void);
void c_close(void);

/* The binary of a module; and the module of c_store, which must compile. */
wasm_byte_vec_t c_binary(const char *text);
wasm_module_t *c_module(const char *text);

/* An instance of c_store with up to two imports, NULL for none; and the trap
 * when there cannot be one. */
wasm_instance_t *c_instance(const char *text, wasm_extern_t *first,
                            wasm_extern_t *second);
wasm_trap_t *c_instance_trap(const char *text, wasm_extern_t *first);

/* Export n, for wasm_extern_delete(). */
wasm_extern_t *c_export(const wasm_instance_t *instance, size_t n);

/* Calls export n, a function, with the values; the trap, if any.  results may
 * be NULL. */
wasm_trap_t *c_call(const wasm_instance_t *instance, size_t n,
                    const wasm_val_t *args, size_t nargs, wasm_val_t *results,
                    size_t nresults);

/* The same for i32 without a trap. */
int32_t c_call_i32(const wasm_instance_t *instance, size_t n, int32_t arg);

/* A trap must have this message; it is deleted. */
void c_check_trap(wasm_trap_t *trap, const char *message);

wasm_val_t c_i32(int32_t v);
wasm_val_t c_ref(wasm_ref_t *ref);

#endif
