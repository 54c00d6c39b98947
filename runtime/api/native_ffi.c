/*
 * Native calls by libffi.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/api/ffi.h"

#include <ffi.h>

const bool wrt_ffi_available = true;

struct wrt_ffi {
    ffi_cif cif;
    ffi_type *args[WRT_FFI_ARGS];
    /* Of the function that this is for, if it was made: */
    wrt_ffi_fn *fn;
    void *user;
};

_Static_assert(sizeof(ffi_arg) == sizeof(uint64_t), "results are slots");
_Static_assert(sizeof(size_t) == sizeof(uint64_t), "lengths are size_t");

static ffi_type *value_type(wrt_valtype type)
{
    switch (type) {
    case WRT_KIND_I64: return &ffi_type_sint64;
    case WRT_KIND_F32: return &ffi_type_float;
    case WRT_KIND_F64: return &ffi_type_double;
    default: return &ffi_type_sint32;
    }
}

wasmrt_error *wrt_ffi_prepare(struct wrt_arena *arena,
                              const struct wrt_native_signature *signature,
                              struct wrt_ffi **out)
{
    struct wrt_ffi *ffi = wrt_arena_array(arena, 1, sizeof(*ffi));
    ffi_type *result = &ffi_type_void;
    uint32_t n = 0;

    if (!ffi)
        return wrt_error_oom();
    for (uint32_t i = 0; i < signature->nparams; i++) {
        const struct wrt_native_type *param = &signature->params[i];

        ffi->args[n++] = param->kind == WRT_NATIVE_VALUE
                             ? value_type(param->type)
                             : &ffi_type_pointer;
        if (param->kind == WRT_NATIVE_BUF)
            ffi->args[n++] = &ffi_type_uint64;
    }
    if (signature->nresults)
        result = value_type(signature->result.type);
    if (ffi_prep_cif(&ffi->cif, FFI_DEFAULT_ABI, n, result, ffi->args) !=
        FFI_OK)
        return wrt_error_new(WASMRT_ERR_MISUSE, WRT_NO_OFFSET,
                             "libffi cannot call such functions");
    *out = ffi;
    return NULL;
}

uint64_t wrt_ffi_call(const struct wrt_ffi *ffi, void *function, void **args)
{
    uint64_t result = 0;
    void (*fn)(void);

    memcpy(&fn, &function, sizeof(fn));
    /* libffi takes what it does not change by a plain pointer. */
    ffi_call((ffi_cif *)(uintptr_t)&ffi->cif, fn, &result, args);
    return result;
}

static void on_call(ffi_cif *cif, void *result, void **args, void *user)
{
    struct wrt_ffi *ffi = user;
    uint64_t value = ffi->fn(ffi->user, args);

    /* Small integers fill a word, whose upper half the caller may not care
     * about. */
    if (cif->rtype == &ffi_type_sint32)
        value = (uint64_t)(int64_t)(int32_t)value;
    if (cif->rtype == &ffi_type_float)
        memcpy(result, &value, sizeof(float));
    else if (cif->rtype != &ffi_type_void)
        memcpy(result, &value, sizeof(value));
}

void *wrt_ffi_function_new(struct wrt_ffi *ffi, wrt_ffi_fn *fn, void *user,
                           void **function)
{
    ffi_closure *closure = ffi_closure_alloc(sizeof(*closure), function);

    if (!closure)
        return NULL;
    ffi->fn = fn;
    ffi->user = user;
    if (ffi_prep_closure_loc(closure, &ffi->cif, on_call, ffi, *function) ==
        FFI_OK)
        return closure;
    ffi_closure_free(closure);
    return NULL;
}

void wrt_ffi_function_delete(void *made)
{
    ffi_closure_free(made);
}
