/*
 * Native calls in a build without libffi: refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/api/ffi.h"

const bool wrt_ffi_available = false;

wasmrt_error *wrt_ffi_prepare(struct wrt_arena *arena,
                              const struct wrt_native_signature *signature,
                              struct wrt_ffi **out)
{
    (void)arena;
    (void)signature;
    *out = NULL;
    return wrt_error_new(WASMRT_ERR_MISUSE, WRT_NO_OFFSET,
                         "this build has no native calls: it was made without "
                         "libffi");
}

uint64_t wrt_ffi_call(const struct wrt_ffi *ffi, void *function, void **args)
{
    (void)ffi;
    (void)function;
    (void)args;
    return 0;
}

void *wrt_ffi_function_new(struct wrt_ffi *ffi, wrt_ffi_fn *fn, void *user,
                           void **function)
{
    (void)ffi;
    (void)fn;
    (void)user;
    *function = NULL;
    return NULL;
}

void wrt_ffi_function_delete(void *made)
{
    (void)made;
}
