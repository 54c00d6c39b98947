/*
 * Types of wasm.h: copies that belong to no engine.
 *
 * Types of functions, globals, tables, memories and tags are one struct, so
 * that each is an extern type as it is. Value types are constants.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_API_C_TYPE_H
#define WRT_API_C_TYPE_H

#include "runtime/store/extern_type.h"

#include "wasm.h"

struct wasm_externtype_t {
    wasm_externkind_t kind;
    /* FUNC; of a tag, what it carries */
    wasm_valtype_vec_t params, results;
    /* GLOBAL: its value; TABLE: its elements */
    wasm_valtype_t *content;
    wasm_mutability_t mutability;
    /* TABLE, MEMORY: what the standard can say, and what there is to say. */
    wasm_limits_t limits;
    struct wrt_limits exact;
};

/* Function types and the others are all a struct wasm_externtype_t. */
#define WRT_C_TYPE(type) ((struct wasm_externtype_t *)(uintptr_t)(type))

/* A type of the engine as one of ours; NULL when memory is exhausted. */
wasm_externtype_t *wrt_c_type_new(const struct wrt_types *types,
                                  const struct wrt_extern_type *type);

/* Kinds of values, in both directions; 0 for what wasm.h has no kind for. */
wasm_valkind_t wrt_c_valkind(wasmrt_kind kind);
wasmrt_kind wrt_c_kind_of(wasm_valkind_t kind);

#endif
