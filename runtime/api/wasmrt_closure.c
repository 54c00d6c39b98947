/*
 * wasmrt/native.h: functions of guests as C functions.
 *
 * Pointers into the guest's memory become addresses.  What is elsewhere,
 * strings and buffers, is copied to where an allocator of the guest makes room,
 * for as long as the call takes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/api/ffi.h"
#include "runtime/api/misuse.h"
#include "runtime/store/func.h"
#include "runtime/store/memory.h"
#include "runtime/store/store.h"

#include "wasmrt/native.h"

#include <inttypes.h>

/* Owner: the store, in a list. */
struct wasmrt_closure {
    struct wrt_store *store;
    struct wasmrt_closure *next, *prev;
    struct wrt_funcref *func;
    struct wrt_memory_inst *memory; /* of the function's instance, or NULL */
    struct wrt_native_signature signature;
    struct wrt_arena arena;
    struct wrt_ffi *ffi;
    void *made, *function;
    uint32_t nactive;  /* calls in progress */
    bool has_pointers; /* into the memory, which must not move during calls */
    struct wrt_funcref *take_room, *give_room; /* for copies; or NULL */
};

/* What a call has copied: bytes of the host, and where they are in the guest.
 */
struct copy {
    void *bytes;
    size_t len;
    uint32_t addr;
    bool comes_back; /* the guest may have written to it */
};

struct copies {
    struct copy items[WRT_NATIVE_PARAMS];
    uint32_t count;
};

/* The address in the guest's memory of a pointer of the host. */
static wasmrt_error *find_address(const struct wrt_memory_inst *memory,
                                  uintptr_t ptr, uint32_t nbytes, wrt_slot *out)
{
    uint64_t size = wrt_memory_len(memory);
    uint64_t addr = ptr - (uintptr_t)memory->base;

    if (addr > size || nbytes > size - addr || addr > UINT32_MAX)
        return wrt_error_new(WASMRT_ERR_BAD_GUEST_POINTER, WRT_NO_OFFSET,
                             "a pointer that is not into the memory was given "
                             "to a closure");
    out->u64 = addr;
    return NULL;
}

/* -- Copies ---------------------------------------------------------------- */

static wasmrt_error *bad_copy(const char *why)
{
    return wrt_error_new(WASMRT_ERR_BAD_GUEST_POINTER, WRT_NO_OFFSET,
                         "a closure's %s", why);
}

/* Room in the guest's memory, which may have moved afterwards. */
static wasmrt_error *take_room(struct wasmrt_closure *closure, size_t len,
                               uint32_t *addr)
{
    wrt_slot slot = {.u64 = len};
    uint64_t size;

    if (len > UINT32_MAX)
        return bad_copy("argument has more bytes than an i32 can count");
    WRT_TRY(wrt_func_call(&closure->store->ctx, closure->take_room, &slot));
    *addr = slot.u32;
    size = wrt_memory_len(closure->memory);
    if (*addr == 0)
        return bad_copy("guest has no room for an argument");
    return len > size || *addr > size - len
               ? bad_copy("allocator gave room that is not in the memory")
               : NULL;
}

/* Copies an argument, whose address is the slot's then; nothing is at 0. */
static wasmrt_error *copy_in(struct wasmrt_closure *closure, const void *bytes,
                             size_t len, bool comes_back, struct copies *copies,
                             wrt_slot *slot)
{
    struct copy *copy = &copies->items[copies->count];

    slot->u64 = 0;
    if (!bytes && len)
        return bad_copy("argument is NULL with a length");
    if (!len)
        return NULL;
    WRT_TRY(take_room(closure, len, &copy->addr));
    copy->bytes = (void *)(uintptr_t)bytes;
    copy->len = len;
    copy->comes_back = comes_back;
    copies->count++;
    memcpy(closure->memory->base + copy->addr, bytes, len);
    slot->u64 = copy->addr;
    return NULL;
}

/* After the guest has returned: what it wrote, and the room, go back. */
static wasmrt_error *end_copies(struct wasmrt_closure *closure,
                                const struct copies *copies)
{
    for (uint32_t i = copies->count; i-- > 0;) {
        const struct copy *copy = &copies->items[i];
        wrt_slot slot = {.u64 = copy->addr};

        if (copy->comes_back)
            memcpy(copy->bytes, closure->memory->base + copy->addr, copy->len);
        if (closure->give_room)
            WRT_TRY(
                wrt_func_call(&closure->store->ctx, closure->give_room, &slot));
    }
    return NULL;
}

/* -- Calls ----------------------------------------------------------------- */

/* One argument to its slots; both move on. */
static wasmrt_error *translate(struct wasmrt_closure *closure,
                               const struct wrt_native_type *param,
                               void ***args, wrt_slot **slots,
                               struct copies *copies)
{
    const void *arg = *(*args)++;
    wrt_slot *slot = (*slots)++;
    const char *ptr;
    size_t len;

    if (param->kind == WRT_NATIVE_VALUE) {
        bool is_32 = param->type == WRT_KIND_I32 || param->type == WRT_KIND_F32;

        memcpy(slot, arg, is_32 ? sizeof(uint32_t) : sizeof(uint64_t));
        return NULL;
    }
    memcpy(&ptr, arg, sizeof(ptr));
    if (param->kind == WRT_NATIVE_PTR)
        return find_address(closure->memory, (uintptr_t)ptr, param->nbytes,
                            slot);
    if (param->kind == WRT_NATIVE_STR)
        return copy_in(closure, ptr, ptr ? strlen(ptr) + 1 : 0, false, copies,
                       slot);
    memcpy(&len, *(*args)++, sizeof(len));
    (*slots)++->u64 = len;
    return copy_in(closure, ptr, len, param->is_mut, copies, slot);
}

static wasmrt_error *call_guest(struct wasmrt_closure *closure, void **args,
                                wrt_slot *slots)
{
    struct copies copies = {.count = 0};
    wrt_slot *next = slots;

    for (uint32_t i = 0; i < closure->signature.nparams; i++)
        WRT_TRY(translate(closure, &closure->signature.params[i], &args, &next,
                          &copies));
    WRT_TRY(wrt_func_call(&closure->store->ctx, closure->func, slots));
    return end_copies(closure, &copies);
}

static uint64_t on_closure(void *user, void **args)
{
    struct wasmrt_closure *closure = user;
    struct wrt_memory_inst *pinned =
        closure->has_pointers ? closure->memory : NULL;
    struct wrt_store *store = closure->store;
    wrt_slot slots[WRT_FFI_ARGS] = {{0}};
    wasmrt_error *error;

    if (store->closure_error)
        return 0;
    closure->nactive++;
    wrt_memory_pin(pinned);
    error = call_guest(closure, args, slots);
    wrt_memory_unpin(pinned);
    closure->nactive--;
    /* A native call inside has put back what was there: nothing. */
    store->closure_error = error;
    return error ? 0 : slots[0].u64;
}

/* -- Lifetime -------------------------------------------------------------- */

static void delete_closure(struct wasmrt_closure *closure)
{
    struct wrt_store *store = closure->store;

    if (closure->next)
        closure->next->prev = closure->prev;
    if (closure->prev)
        closure->prev->next = closure->next;
    else
        store->closures = closure->next;
    if (closure->made)
        wrt_ffi_function_delete(closure->made);
    wrt_arena_fini(&closure->arena);
    wrt_free(&store->engine->alloc, closure, sizeof(*closure));
}

static void delete_closures(struct wrt_store *store)
{
    while (store->closures)
        delete_closure(store->closures);
}

void wasmrt_closure_delete(wasmrt_closure *closure)
{
    /* While one is being called, a leak is the lesser evil. */
    if (closure && !closure->nactive)
        delete_closure(closure);
}

static bool has_kind(const struct wrt_native_signature *native,
                     enum wrt_native_kind kind)
{
    for (uint32_t i = 0; i < native->nparams; i++) {
        if (native->params[i].kind == kind)
            return true;
    }
    return false;
}

static bool has_type(const struct wrt_funcref *func, const char *text)
{
    struct wrt_signature signature;
    wasmrt_error *error = wrt_signature_parse(text, &signature);
    bool ok = !error && wrt_signature_matches(&signature, wrt_func_type(func));

    wasmrt_error_delete(error);
    return ok;
}

/* Whoever allocates does so in the memory that is copied to. */
static bool is_allocator(const struct wasmrt_closure *closure,
                         const struct wrt_funcref *func, const char *type)
{
    return wrt_func_store(func) == closure->store && has_type(func, type) &&
           (!func->instance || func->instance->mem0 == closure->memory);
}

static WRT_NOINLINE wasmrt_error *
check_copies(const struct wasmrt_closure *closure)
{
    if (!has_kind(&closure->signature, WRT_NATIVE_STR) &&
        !has_kind(&closure->signature, WRT_NATIVE_BUF))
        return NULL;
    WRT_REQUIRE(closure->take_room,
                "closure_new: str and buf are copied into the guest's memory, "
                "which takes an allocator: see wasmrt_closure_new_copying()");
    WRT_REQUIRE(is_allocator(closure, closure->take_room, "(i32) -> i32"),
                "closure_new_copying: alloc is no function (i32) -> i32 of the "
                "store with the memory of the function");
    WRT_REQUIRE(!closure->give_room ||
                    is_allocator(closure, closure->give_room, "(i32) -> ()"),
                "closure_new_copying: release is no function (i32) -> () of "
                "the store with the memory of the function");
    return NULL;
}

/* What the guest sees of the parameters is the function's type. */
static WRT_NOINLINE wasmrt_error *
check_closure(const struct wasmrt_closure *closure)
{
    const struct wrt_native_signature *native = &closure->signature;
    struct wrt_signature seen;

    for (uint32_t i = 0; i < native->nparams; i++)
        WRT_REQUIRE(native->params[i].kind == WRT_NATIVE_VALUE ||
                        closure->memory,
                    "closure_new: the function's instance has no memory");
    WRT_TRY(check_copies(closure));
    wrt_signature_of_native(native, &seen);
    WRT_REQUIRE(wrt_signature_matches(&seen, wrt_func_type(closure->func)),
                "closure_new: the function is of another type");
    return NULL;
}

static wasmrt_error *make_closure(struct wasmrt_closure *closure,
                                  const char *signature)
{
    WRT_TRY(wrt_signature_parse_native(signature, &closure->signature));
    WRT_TRY(check_closure(closure));
    closure->has_pointers = has_kind(&closure->signature, WRT_NATIVE_PTR);
    WRT_TRY(
        wrt_ffi_prepare(&closure->arena, &closure->signature, &closure->ffi));
    closure->made = wrt_ffi_function_new(closure->ffi, on_closure, closure,
                                         &closure->function);
    return closure->made ? NULL : wrt_error_oom();
}

wasmrt_error *wasmrt_closure_new(wasmrt_store *store, wasmrt_func *func,
                                 const char *signature, wasmrt_closure **out)
{
    return wasmrt_closure_new_copying(store, func, signature, NULL, NULL, out);
}

wasmrt_error *wasmrt_closure_new_copying(wasmrt_store *store, wasmrt_func *func,
                                         const char *signature,
                                         wasmrt_func *alloc,
                                         wasmrt_func *release,
                                         wasmrt_closure **out)
{
    struct wasmrt_closure *closure;
    wasmrt_error *error;

    WRT_REQUIRE(store && func && signature && out,
                "closure_new: an argument is NULL");
    WRT_REQUIRE(wrt_func_store(func) == store,
                "closure_new: the function is of another store");
    closure = wrt_alloc_zero(&store->engine->alloc, sizeof(*closure));
    if (!closure)
        return wrt_error_oom();
    closure->store = store;
    closure->func = func;
    closure->take_room = alloc;
    closure->give_room = release;
    closure->memory = func->instance ? func->instance->mem0 : NULL;
    if (closure->memory == wrt_memory_none())
        closure->memory = NULL;
    wrt_arena_init(&closure->arena, &store->engine->alloc);
    closure->next = store->closures;
    if (closure->next)
        closure->next->prev = closure;
    store->closures = closure;
    store->closures_delete = delete_closures;
    error = make_closure(closure, signature);
    if (error)
        delete_closure(closure);
    else
        *out = closure;
    return error;
}

void *wasmrt_closure_function(const wasmrt_closure *closure)
{
    return closure->function;
}

wasmrt_error *wasmrt_store_take_closure_error(wasmrt_store *store)
{
    wasmrt_error *error = store->closure_error;

    store->closure_error = NULL;
    return error;
}
