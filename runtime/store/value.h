/*
 * Values with their kind (the public wasmrt_val) and as slots.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_VALUE_H
#define WRT_STORE_VALUE_H

#include "runtime/module/types.h"

#include "wasmrt/value.h"

/* What the API calls a value type. */
wasmrt_kind wrt_value_kind(const struct wrt_types *types, wrt_valtype type);

/* The nullable, most general type of a kind; WRT_KIND_BOT for no kind. */
wrt_valtype wrt_value_type(wasmrt_kind kind);

/* Reads a value of that kind from its slots, or writes it.  The number of slots
 * that it takes. */
uint32_t wrt_value_load(wasmrt_kind kind, const wasmrt_slot *slots,
                        wasmrt_val *out);
uint32_t wrt_value_store(const wasmrt_val *value, wasmrt_slot *slots);

/* Whether a value may be stored where the type is expected: its kind, and its
 * own type if it is a reference.  Of the store, see below. */
bool wrt_value_fits(const struct wrt_types *types, const wasmrt_val *value,
                    wrt_valtype type);

/* Whether a value may be used in a store: a reference must be of it. */
struct wrt_store;
bool wrt_value_is_of_store(const wasmrt_val *value,
                           const struct wrt_store *store);

#endif
