/*
 * Signatures of functions as text: "(i32 i64) -> f64".
 *
 *     signature = params "->" results
 *     params    = "(" type* ")"
 *     results   = "(" type* ")" | type
 *     type      = i32 i64 f32 f64 v128 funcref externref
 *
 * Spaces are free around every token and needed between two types.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_SIGNATURE_H
#define WRT_STORE_SIGNATURE_H

#include "runtime/module/module.h"

/* Parsed value types: parameters, then results. */
struct wrt_signature {
    wrt_valtype values[WRT_LIMIT_FUNC_PARAMS + WRT_LIMIT_FUNC_RESULTS];
    uint32_t nparams, nresults;
};

/* The error, of kind MISUSE, says what is wrong and where. */
WRT_MUST_USE wasmrt_error *wrt_signature_parse(const char *text,
                                               struct wrt_signature *out);

/* Adds the type of a signature to the engine's; the caller gets a reference,
 * to be released with wrt_types_release_group(types, (*out)->id). */
WRT_MUST_USE wasmrt_error *wrt_signature_type(struct wrt_types *types,
                                              const char *text,
                                              const struct wrt_type **out);

/* Whether a function type is the one that the signature says. */
bool wrt_signature_matches(const struct wrt_signature *signature,
                           const struct wrt_type *type);

#endif
