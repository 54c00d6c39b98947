/*
 * Signatures of functions as text: "(i32 i64) -> f64".
 *
 *     signature = params "->" results
 *     params    = "(" type* ")"
 *     results   = "(" type* ")" | type
 *     type      = i32 i64 f32 f64 v128 funcref externref exnref anyref
 *
 * Native calls (wasmrt/native.h) have one result at most, and as parameters
 *
 *     type      = i32 i64 f32 f64 | [const | mut] ptr "[" size "]"
 *               | [const | mut] buf | [const] str
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

/* -- Native calls ---------------------------------------------------------- */

enum wrt_native_kind {
    WRT_NATIVE_VALUE,
    WRT_NATIVE_PTR,
    WRT_NATIVE_BUF,
    WRT_NATIVE_STR
};

struct wrt_native_type {
    enum wrt_native_kind kind;
    wrt_valtype type; /* of a value */
    uint32_t nbytes;  /* that a ptr points to */
    bool is_mut;      /* said to be written to */
};

enum { WRT_NATIVE_PARAMS = 32 };

struct wrt_native_signature {
    struct wrt_native_type params[WRT_NATIVE_PARAMS];
    struct wrt_native_type result; /* a value */
    uint32_t nparams, nresults;
};

WRT_MUST_USE wasmrt_error *
wrt_signature_parse_native(const char *text, struct wrt_native_signature *out);

/* The types that a guest sees: addresses and lengths are i32. */
void wrt_signature_of_native(const struct wrt_native_signature *native,
                             struct wrt_signature *out);

/* Adds the type that a guest sees, as wrt_signature_type() does. */
WRT_MUST_USE wasmrt_error *
wrt_signature_native_type(struct wrt_types *types,
                          const struct wrt_native_signature *native,
                          const struct wrt_type **out);

/* -- Comparing ------------------------------------------------------------- */

/* Whether a function type is the one that the signature says. */
bool wrt_signature_matches(const struct wrt_signature *signature,
                           const struct wrt_type *type);

#endif
