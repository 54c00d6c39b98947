/*
 * Values with their kind (the public wasmrt_val) and as slots.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_VALUE_H
#define WRT_STORE_VALUE_H

#include "runtime/module/types.h"

#include "wasmrt/value.h"

/* Numbers and vectors have the same number here and there. */
_Static_assert((int)WRT_KIND_I32 == WASMRT_I32 &&
                   (int)WRT_KIND_I64 == WASMRT_I64 &&
                   (int)WRT_KIND_F32 == WASMRT_F32 &&
                   (int)WRT_KIND_F64 == WASMRT_F64 &&
                   (int)WRT_KIND_V128 == WASMRT_V128,
               "kinds are converted by a cast");

/* What the API calls a type of references. */
wasmrt_kind wrt_value_ref_kind(const struct wrt_types *types, wrt_valtype type);

/* What the API calls a value type. */
WRT_INLINE wasmrt_kind wrt_value_kind(const struct wrt_types *types,
                                      wrt_valtype type)
{
    return WRT_UNLIKELY(wrt_valtype_is_ref(type))
               ? wrt_value_ref_kind(types, type)
               : (wasmrt_kind)wrt_valtype_kind(type);
}

/* The nullable, most general type of a kind; WRT_KIND_BOT for no kind. */
wrt_valtype wrt_value_type(wasmrt_kind kind);

/* Reads a value of that kind from its slots, or writes it.  The number of slots
 * that it takes. */
WRT_INLINE uint32_t wrt_value_load(wasmrt_kind kind, const wasmrt_slot *slots,
                                   wasmrt_val *out)
{
    out->kind = kind;
    switch (kind) {
    case WASMRT_I32:
    case WASMRT_F32: out->of.i32 = slots->i32; return 1;
    case WASMRT_V128: memcpy(&out->of.v128, slots, 16); return 2;
    default: out->of.i64 = slots->i64; return 1;
    }
}

WRT_INLINE uint32_t wrt_value_store(const wasmrt_val *value, wasmrt_slot *slots)
{
    switch (value->kind) {
    case WASMRT_I32:
    case WASMRT_F32: slots->u64 = (uint32_t)value->of.i32; return 1;
    case WASMRT_V128: memcpy(slots, &value->of.v128, 16); return 2;
    default: slots->i64 = value->of.i64; return 1;
    }
}

/* Whether a value may be stored where the type is expected: its kind, and its
 * own type if it is a reference.  Of the store, see below. */
bool wrt_value_fits(const struct wrt_types *types, const wasmrt_val *value,
                    wrt_valtype type);

/* Whether a value may be used in a store: a reference must be of it. */
struct wrt_store;
bool wrt_value_is_of_store(const wasmrt_val *value,
                           const struct wrt_store *store);

#endif
