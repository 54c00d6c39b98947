/*
 * wasmrt/native.h: C functions as imports.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/api/ffi.h"
#include "runtime/api/misuse.h"
#include "runtime/store/func.h"
#include "runtime/store/linker.h"
#include "runtime/store/memory.h"

#include "wasmrt/native.h"

#include <inttypes.h>

bool wasmrt_native_available(void)
{
    return wrt_ffi_available;
}

/* -- C functions that guests call ------------------------------------------ */

/* One definition of a linker, in its arena. */
struct native_func {
    void *function;
    struct wrt_ffi *ffi;
    struct wrt_native_signature signature;
};

/* The arguments of a call, as C has them. */
struct translation {
    struct wrt_memory_inst *memory; /* the caller's, or NULL */
    struct wrt_arena strings;
    union {
        const void *ptr;
        size_t len;
    } words[WRT_FFI_ARGS];
    void *args[WRT_FFI_ARGS];
    uint32_t nargs;
};

static wasmrt_error *bad_pointer(uint64_t addr, const char *why)
{
    return wrt_error_new(WASMRT_ERR_BAD_GUEST_POINTER, WRT_NO_OFFSET,
                         "address 0x%" PRIx64 " %s", addr, why);
}

/* What a C type of that size may need. */
static uint32_t alignment_of(uint32_t nbytes)
{
    return WRT_MIN(nbytes & (~nbytes + 1), 16u);
}

static wasmrt_error *find_bytes(const struct translation *t, uint32_t addr,
                                uint32_t len, const uint8_t **out)
{
    uint64_t size = t->memory ? wrt_memory_len(t->memory) : 0;

    if (len > size || addr > size - len)
        return bad_pointer(addr, "is not in the memory with all its bytes");
    *out = t->memory ? t->memory->base + addr : NULL;
    return NULL;
}

/* A copy: nobody takes the NUL away while the function runs. */
static wasmrt_error *copy_string(struct translation *t, uint32_t addr,
                                 const void **out)
{
    uint64_t size = t->memory ? wrt_memory_len(t->memory) : 0;
    const uint8_t *text, *end = NULL;

    if (addr < size) {
        text = t->memory->base + addr;
        end = memchr(text, 0, (size_t)(size - addr));
    }
    if (!end)
        return bad_pointer(addr, "has no string that ends in the memory");
    *out =
        wrt_arena_string(&t->strings, (const char *)text, (size_t)(end - text));
    return *out ? NULL : wrt_error_oom();
}

/* One parameter from the slots, which moves on. */
static wasmrt_error *translate(struct translation *t,
                               const struct wrt_native_type *param,
                               wrt_slot **slots)
{
    wrt_slot *slot = (*slots)++;
    uint32_t addr = slot->u32, n = t->nargs++;
    const uint8_t *bytes = NULL;

    t->args[n] = &t->words[n];
    switch (param->kind) {
    case WRT_NATIVE_VALUE: t->args[n] = slot; return NULL;
    case WRT_NATIVE_STR: return copy_string(t, addr, &t->words[n].ptr);
    case WRT_NATIVE_PTR:
        if (addr % alignment_of(param->nbytes))
            return bad_pointer(addr, "is not aligned");
        WRT_TRY(find_bytes(t, addr, param->nbytes, &bytes));
        break;
    case WRT_NATIVE_BUF:
        WRT_TRY(find_bytes(t, addr, (*slots)->u32, &bytes));
        t->nargs++;
        t->words[n + 1].len = (*slots)++->u32;
        t->args[n + 1] = &t->words[n + 1];
        break;
    }
    t->words[n].ptr = bytes;
    return NULL;
}

/* Calls with the memory pinned; then an error that a closure has left is that
 * of this call.  One that was there before waits for whoever it belongs to. */
static wasmrt_error *call_function(const struct native_func *native,
                                   struct wrt_store *store,
                                   struct translation *t, wrt_slot *slots)
{
    wasmrt_error *outer = store->closure_error, *error;
    uint64_t result;

    store->closure_error = NULL;
    wrt_memory_pin(t->memory);
    result = wrt_ffi_call(native->ffi, native->function, t->args);
    wrt_memory_unpin(t->memory);
    error = store->closure_error;
    store->closure_error = outer;
    if (!error && native->signature.nresults)
        slots[0].u64 = result;
    return error;
}

static wasmrt_error *call_native(void *env, wasmrt_caller *caller,
                                 wasmrt_slot *slots)
{
    const struct native_func *native = env;
    struct wrt_store *store = caller->ctx->store;
    struct translation t;
    wrt_slot *next = slots;
    wasmrt_error *error = NULL;

    t.memory = wasmrt_caller_memory(caller);
    t.nargs = 0;
    wrt_arena_init(&t.strings, &store->engine->alloc);
    for (uint32_t i = 0; i < native->signature.nparams && !error; i++)
        error = translate(&t, &native->signature.params[i], &next);
    if (!error)
        error = call_function(native, store, &t, slots);
    wrt_arena_fini(&t.strings);
    return error;
}

/* Makes the definition in the linker's arena. */
static wasmrt_error *make_native(wasmrt_linker *linker, void *function,
                                 const char *signature,
                                 struct native_func **out)
{
    struct native_func *native =
        wrt_arena_array(&linker->arena, 1, sizeof(*native));

    if (!native)
        return wrt_error_oom();
    native->function = function;
    WRT_TRY(wrt_signature_parse_native(signature, &native->signature));
    WRT_TRY(wrt_ffi_prepare(&linker->arena, &native->signature, &native->ffi));
    *out = native;
    return NULL;
}

wasmrt_error *wasmrt_linker_define_native_n(wasmrt_linker *linker,
                                            const char *module,
                                            size_t module_len, const char *name,
                                            size_t name_len, void *function,
                                            const char *signature)
{
    struct wrt_host_spec spec = {.raw = call_native};
    struct wrt_name module_name, field_name;
    struct native_func *native = NULL;
    wasmrt_error *error;

    WRT_REQUIRE(linker && function && signature,
                "linker_define_native: an argument is NULL");
    WRT_REQUIRE(wrt_make_name(module, module_len, &module_name) &&
                    wrt_make_name(name, name_len, &field_name),
                "linker_define_native: a name is NULL or too long");
    error = make_native(linker, function, signature, &native);
    linker->arena.failed = false;
    if (error)
        return error;
    spec.env = native;
    WRT_TRY(wrt_signature_native_type(linker->engine->types, &native->signature,
                                      &spec.type));
    return wrt_linker_define_func(linker, module_name, field_name, spec);
}

wasmrt_error *wasmrt_linker_define_native(wasmrt_linker *linker,
                                          const char *module, const char *name,
                                          void *function, const char *signature)
{
    return wasmrt_linker_define_native_n(linker, module, wrt_name_len(module),
                                         name, wrt_name_len(name), function,
                                         signature);
}
