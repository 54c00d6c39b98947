/*
 * Exceptions outside of guest code: errors of kind EXCEPTION.
 *
 * In guest code an exception is an object of the heap (struct wrt_exn, gc.h).
 * What leaves guest code, and what a host function throws, is an error that
 * holds such an object.  The error may outlive the store and may be deleted on
 * any thread; the object is the store's.  Between them is a struct that both
 * refer to: the store sees to it that the object lives, until it finds that the
 * error is gone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_EXN_H
#define WRT_STORE_EXN_H

#include "runtime/store/gc.h"

/* An exception that an error holds, in the store's list. */
struct wrt_exn_root {
    struct wrt_error_cargo cargo;
    uint32_t nrefs;      /* atomic: the error, and the list of a store */
    struct wrt_ctx *ctx; /* of the store, until it is deleted */
    struct wrt_exn *exn;
    struct wrt_exn_root *next;
};

/* The error of an exception of ctx's store: it names the tag and the payload,
 * and has no frames yet.  Never NULL. */
WRT_MUST_USE WRT_NONNULL_RESULT wasmrt_error *
wrt_exn_error(struct wrt_ctx *ctx, struct wrt_exn *exn);

/* The exception of ctx's store that an error holds, or NULL. */
struct wrt_exn *wrt_exn_of_error(const struct wrt_ctx *ctx,
                                 const wasmrt_error *error);

/* The same, of whichever store: its context goes to *ctx_out. */
struct wrt_exn *wrt_exn_find(const wasmrt_error *error,
                             struct wrt_ctx **ctx_out);

/* The exceptions that errors hold: the first of them, linked by `next`.  Those
 * whose error is gone have left the list. */
const struct wrt_exn_root *wrt_exn_roots(struct wrt_ctx *ctx);

/* Takes the exceptions away from the errors that outlive the store. */
void wrt_exn_fini(struct wrt_ctx *ctx);

#endif
