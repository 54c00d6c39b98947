/*
 * wasmrt/exception.h - exceptions of the guest, thrown and caught by the host
 *
 * An exception that nobody catches ends a call with an error of kind EXCEPTION.
 * The host catches it by deleting the error, looks into it first if it likes,
 * and throws it on by returning it from a host function. A new one is made the
 * same way: a host function returns what wasmrt_exception_new() gives.
 *
 * Such an error belongs to the store of the exception; when the store has been
 * deleted there is nothing left in it but its message and its frames.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WASMRT_EXCEPTION_H
#define WASMRT_EXCEPTION_H

#include "wasmrt/func.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Makes a tag: what exceptions are told apart by. Define it in a linker, so
 * that guests can import it.
 *
 * @param store    Borrowed.
 * @param signature The payload's types as parameters, no results: "(i32) ->
 * ()"; types as for wasmrt_func_new().
 * @param out      Receives the tag.
 * @return         NULL, or an owned error of kind MISUSE (signature) or OOM.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_tag_new(wasmrt_store *store, const char *signature, wasmrt_tag **out);

/**
 * Number of values that exceptions of a tag carry.
 *
 * @param tag      Borrowed.
 * @return         The count.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API size_t wasmrt_tag_param_count(const wasmrt_tag *tag);

/**
 * Kind of a value that exceptions of a tag carry.
 *
 * @param tag      Borrowed.
 * @param n        Less than the count.
 * @return         The kind.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API wasmrt_kind wasmrt_tag_param_kind(const wasmrt_tag *tag, size_t n);

/**
 * Makes an exception, to be returned by a host function.
 *
 * @param store    Borrowed.
 * @param tag      Borrowed; of the same store.
 * @param args     nargs values whose kinds fit the tag.
 * @param nargs    Number of values; must be the tag's.
 * @return         An owned error, never NULL: of kind EXCEPTION; or MISUSE,
 * TRAP (the heap of objects is exhausted) or OOM when there is none.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_OWN(wasmrt_error_delete) wasmrt_error *wasmrt_exception_new(
    wasmrt_store *store, wasmrt_tag *tag, const wasmrt_val *args, size_t nargs);

/**
 * The same from a reference that the guest has handed out: throws it again.
 *
 * @param store    Borrowed.
 * @param ref      Borrowed; of kind EXNREF, of this store, not null.
 * @return         An owned error, never NULL: of kind EXCEPTION; or MISUSE or
 *                 OOM.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_OWN(wasmrt_error_delete)
    wasmrt_error *wasmrt_exception_from_ref(wasmrt_store *store,
                                            const wasmrt_val *ref);

/**
 * The tag of an exception.
 *
 * @param error    Borrowed.
 * @return         Borrowed from the store; NULL when the error is of another
 *                 kind, or its store is gone.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API wasmrt_tag *wasmrt_exception_tag(const wasmrt_error *error);

/**
 * A value that an exception carries. References are valid as long as results of
 * a call are.
 *
 * @param error    Borrowed.
 * @param n        Which, from 0.
 * @param out      Receives the value.
 * @return         False when there is none.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API bool wasmrt_exception_value(const wasmrt_error *error, size_t n,
                                       wasmrt_val *out);

/**
 * An exception as a reference that can be handed to the guest. It is valid as
 * long as results of a call are, also without the error.
 *
 * @param error    Borrowed.
 * @param out      Receives a value of kind EXNREF.
 * @return         False when the error is of another kind, or its store is
 * gone.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API bool wasmrt_exception_ref(const wasmrt_error *error,
                                     wasmrt_val *out);

#ifdef __cplusplus
}
#endif

#endif
