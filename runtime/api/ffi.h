/*
 * What native calls need of libffi.  native_ffi.c asks it, native_none.c stands
 * in its place in builds without: the Makefile chooses.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_API_FFI_H
#define WRT_API_FFI_H

#include "runtime/base/arena.h"
#include "runtime/store/signature.h"

/* How functions of a signature are called. */
struct wrt_ffi;

/* The arguments of one call on the C side: two for a buf. */
enum { WRT_FFI_ARGS = 2 * WRT_NATIVE_PARAMS };

extern const bool wrt_ffi_available;

/* Prepares calls; all that it needs is in the arena. */
WRT_MUST_USE wasmrt_error *
wrt_ffi_prepare(struct wrt_arena *arena,
                const struct wrt_native_signature *signature,
                struct wrt_ffi **out);

/* args has the address of each argument.  Gives the result as a slot has it. */
uint64_t wrt_ffi_call(const struct wrt_ffi *ffi, void *function, void **args);

/* What a C function that was made calls: args has the address of each
 * argument; gives the result as a slot has it. */
typedef uint64_t wrt_ffi_fn(void *user, void **args);

/* A C function; NULL when memory is exhausted.  ffi and user must outlive it.
 * *function is what is to be called. */
void *wrt_ffi_function_new(struct wrt_ffi *ffi, wrt_ffi_fn *fn, void *user,
                           void **function);
void wrt_ffi_function_delete(void *made);

#endif
