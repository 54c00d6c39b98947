/*
 * Values with their kind and as slots.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/value.h"

#include "runtime/store/func.h"
#include "runtime/store/gc.h"
#include "runtime/store/store.h"

static wasmrt_kind heap_kind(uint32_t heap)
{
    switch (heap) {
    case WRT_HEAP_FUNC:
    case WRT_HEAP_NOFUNC: return WASMRT_FUNCREF;
    case WRT_HEAP_EXTERN:
    case WRT_HEAP_NOEXTERN: return WASMRT_EXTERNREF;
    case WRT_HEAP_EXN:
    case WRT_HEAP_NOEXN: return WASMRT_EXNREF;
    default: return WASMRT_ANYREF;
    }
}

wasmrt_kind wrt_value_ref_kind(const struct wrt_types *types, wrt_valtype type)
{
    uint32_t heap = wrt_valtype_heap(type);

    if (!wrt_valtype_has_type_id(type))
        return heap_kind(heap);
    return wrt_types_get(types, heap)->form == WRT_FORM_FUNC ? WASMRT_FUNCREF
                                                             : WASMRT_ANYREF;
}

wrt_valtype wrt_value_type(wasmrt_kind kind)
{
    switch (kind) {
    case WASMRT_I32: return WRT_KIND_I32;
    case WASMRT_I64: return WRT_KIND_I64;
    case WASMRT_F32: return WRT_KIND_F32;
    case WASMRT_F64: return WRT_KIND_F64;
    case WASMRT_V128: return WRT_KIND_V128;
    case WASMRT_FUNCREF: return WRT_FUNCREF;
    case WASMRT_EXTERNREF: return WRT_EXTERNREF;
    case WASMRT_ANYREF: return WRT_REF(WRT_HEAP_ANY, true);
    case WASMRT_EXNREF: return WRT_REF(WRT_HEAP_EXN, true);
    }
    return WRT_KIND_BOT;
}

bool wrt_value_fits(const struct wrt_types *types, const wasmrt_val *value,
                    wrt_valtype type)
{
    if (value->kind != wrt_value_kind(types, type))
        return false;
    return !wrt_valtype_is_ref(type) ||
           wrt_ref_matches(types, (uintptr_t)value->of.ref, type);
}

bool wrt_value_is_of_store(const wasmrt_val *value,
                           const struct wrt_store *store)
{
    switch (value->kind) {
    case WASMRT_FUNCREF:
        return !value->of.func || wrt_func_store(value->of.func) == store;
    case WASMRT_EXTERNREF:
    case WASMRT_ANYREF:
    case WASMRT_EXNREF:
        return wrt_gc_owns(&store->ctx, (uintptr_t)value->of.ref);
    default: return true;
    }
}
