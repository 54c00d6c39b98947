/*
 * wasm.h: values.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/api/c_val.h"

#include "runtime/api/c_type.h"
#include "runtime/store/engine.h"
#include "runtime/store/func.h"
#include "runtime/store/trap.h"
#include "runtime/store/value.h"

#include "wasmrt/gc.h"

void wasm_val_delete(wasm_val_t *v)
{
    if (!wasm_valkind_is_ref(v->kind))
        return;
    wrt_c_ref_drop(v->of.ref);
    v->of.ref = NULL;
}

void wasm_val_copy(wasm_val_t *out, const wasm_val_t *v)
{
    *out = *v;
    if (wasm_valkind_is_ref(v->kind))
        wrt_c_ref_copy(out->of.ref);
}

/* -- From the guest -------------------------------------------------------- */

/* The box of a handle, if that is what the object is. */
static struct wasm_ref_t *boxed_ref(uint64_t ref)
{
    const struct wrt_object *object = wrt_ref_object(ref);

    if (wrt_ref_is_i31(ref) || !(object->info & WRT_OBJECT_HANDLE))
        return NULL;
    return ((const struct wasmrt_extern *)(const void *)object)->data;
}

/* A handle that keeps an object of the guest's. */
static struct wasm_ref_t *object_ref(struct wasm_store_t *store, uint64_t ref)
{
    const wasmrt_val value = {.kind = WASMRT_ANYREF,
                              .of.ref = (void *)(uintptr_t)ref};
    bool is_new;
    struct wasm_ref_t *handle =
        wrt_c_ref_get(store, WRT_C_OBJECT, (void *)(uintptr_t)ref, &is_new);
    wasmrt_error *error;

    if (!handle || !is_new)
        return handle;
    error = wasmrt_root_new(store->store, &value, &handle->of.root);
    if (!error)
        return handle;
    wasmrt_error_delete(error);
    wrt_c_ref_drop(handle);
    return NULL;
}

static struct wasm_ref_t *load_ref(struct wasm_store_t *store, wasmrt_kind kind,
                                   const wrt_slot *slot)
{
    const wasmrt_extern_val func = {.kind = WASMRT_EXTERN_FUNC,
                                    .of.func = slot->ref};
    struct wasm_ref_t *boxed;

    if (kind == WASMRT_FUNCREF)
        return wrt_c_ref_extern(store, &func);
    boxed = boxed_ref(slot->u64);
    return boxed ? wrt_c_ref_copy(boxed) : object_ref(store, slot->u64);
}

bool wrt_c_val_load(struct wasm_store_t *store, wrt_valtype type,
                    const wrt_slot *slots, wasm_val_t *out)
{
    wasmrt_kind kind = wrt_value_kind(store->store->engine->types, type);

    memset(out, 0, sizeof(*out));
    out->kind = wrt_c_valkind(kind);
    switch (kind) {
    case WASMRT_V128: return true;
    case WASMRT_I32:
    case WASMRT_F32: out->of.i32 = slots->i32; return true;
    case WASMRT_I64:
    case WASMRT_F64: out->of.i64 = slots->i64; return true;
    default: break;
    }
    if (!slots->ref)
        return true;
    out->of.ref = load_ref(store, kind, slots);
    return out->of.ref != NULL;
}

/* -- To the guest ---------------------------------------------------------- */

static wasmrt_error *misfit(const char *what)
{
    return wrt_error_new(WASMRT_ERR_MISUSE, WRT_NO_OFFSET, "%s", what);
}

/* Puts a handle into an object that a guest can hold. */
static wasmrt_error *box_ref(struct wasm_store_t *store, struct wasm_ref_t *ref,
                             wrt_slot *slot)
{
    struct wrt_ctx *ctx = &store->store->ctx;
    wasmrt_extern *box;
    wasmrt_code code = wrt_extern_new(ctx, ref, wrt_c_ref_drop_data, &box);

    if (code == WASMRT_ERR_OUT_OF_MEMORY)
        return wrt_error_oom();
    if (code != WASMRT_ERR_NONE)
        return wrt_func_end_call(ctx, wrt_trap_error(ctx, code));
    wrt_c_ref_copy(ref);
    box->header.info |= WRT_OBJECT_HANDLE;
    slot->u64 = (uintptr_t)box;
    return NULL;
}

wasmrt_error *wrt_c_ref_store(struct wasm_store_t *store,
                              struct wasm_ref_t *ref, wrt_valtype type,
                              wrt_slot *slot)
{
    const struct wrt_types *types = store->store->engine->types;

    slot->u64 = 0;
    if (ref && ref->store != store)
        return misfit("a reference of another store");
    if (ref && wrt_value_kind(types, type) == WASMRT_FUNCREF) {
        if (ref->kind != WRT_C_FUNC)
            return misfit("a reference that is no function");
        slot->ref = ref->of.func;
    } else if (ref && ref->kind == WRT_C_OBJECT) {
        slot->ref = wasmrt_root_get(ref->of.root).of.ref;
    } else if (ref) {
        WRT_TRY(box_ref(store, ref, slot));
    }
    return wrt_ref_matches(types, slot->u64, type)
               ? NULL
               : misfit("a reference of another type");
}

wasmrt_error *wrt_c_val_store(struct wasm_store_t *store, const wasm_val_t *val,
                              wrt_valtype type, wrt_slot *slots)
{
    wasmrt_kind kind = wrt_value_kind(store->store->engine->types, type);

    if (wrt_valtype_is_ref(type))
        return wasm_valkind_is_ref(val->kind)
                   ? wrt_c_ref_store(store, val->of.ref, type, slots)
                   : misfit("a number for a reference");
    if (kind == WASMRT_V128)
        return misfit("a v128, which wasm.h has no values for");
    if (val->kind != wrt_c_valkind(kind))
        return misfit("a value of another type");
    if (kind == WASMRT_I32 || kind == WASMRT_F32)
        slots->u64 = (uint32_t)val->of.i32;
    else
        slots->i64 = val->of.i64;
    return NULL;
}
