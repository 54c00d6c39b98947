/*
 * wasmrt/gc.h - references to collected objects
 *
 * A store collects the structs, arrays, exceptions and host references that
 * nobody refers to any more. The host need not care while it uses references
 * where it was given them: an argument, or anything else that it is given in a
 * host function, lives until that function returns; what it is given outside of
 * host functions lives as long as the store. Scopes end that earlier, roots
 * later.
 *
 * A reference in a wasmrt_val or a slot is opaque: of.ref is the same for the
 * same object, whatever its kind (externref and anyref convert into each other
 * by changing the kind), NULL for null, and odd for an i31.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WASMRT_GC_H
#define WASMRT_GC_H

#include "wasmrt/store.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a reference refers to. */
typedef enum wasmrt_ref_kind {
    WASMRT_REF_NULL = 0,
    WASMRT_REF_I31,
    WASMRT_REF_STRUCT,
    WASMRT_REF_ARRAY,
    WASMRT_REF_HOST, /**< Made by wasmrt_extern_new(). */
    WASMRT_REF_EXN,
    WASMRT_REF_FUNC
} wasmrt_ref_kind;

/**
 * Looks at a reference.
 *
 * @param value    Borrowed; of a reference kind.
 * @return         What it refers to; NULL for a number.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API wasmrt_ref_kind wasmrt_val_ref_kind(const wasmrt_val *value);

/**
 * Makes an anyref of a number, without an object.
 *
 * @param v        The lower 31 bits count.
 * @return         A value of kind ANYREF.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API wasmrt_val wasmrt_i31(int32_t v);

/**
 * The number in an i31.
 *
 * @param value    Borrowed; its kind of reference is WASMRT_REF_I31.
 * @return         The number, sign-extended.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API int32_t wasmrt_val_i31(const wasmrt_val *value);

/**
 * Makes a reference of the host like wasmrt_extern_new(), and tells when nobody
 * refers to it any more.
 *
 * @param store    Borrowed.
 * @param data_taken Takes ownership, also on failure.
 * @param data_delete Called once with data_taken: during a collection, or when
 *                 the store is deleted. It must not use the store.
 * @param out      Receives the reference.
 * @return         As wasmrt_extern_new().
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_extern_new_owned(wasmrt_store *store, void *data_taken,
                        void (*data_delete)(void *data), wasmrt_extern **out);

/* -- Lifetime of references ------------------------------------------------ */

/** A reference that the host keeps.  Owned by whoever made it, at most as long
 * as its store. */
typedef struct wasmrt_root wasmrt_root;

/**
 * Lets a reference go. NULL is allowed. Not after the store has been deleted,
 * which releases its roots.
 *
 * @param root     Ownership is taken.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API void wasmrt_root_delete(wasmrt_root *root);

/**
 * Keeps the object of a reference alive.
 *
 * @param store    Borrowed; the object's store.
 * @param value    Borrowed; a reference of any kind.
 * @param out      Receives a root that the caller owns.
 * @return         NULL, or an owned error of kind OOM or MISUSE.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_root_new(wasmrt_store *store, const wasmrt_val *value,
                wasmrt_root **out);

/**
 * The reference that is kept.
 *
 * @param root     Borrowed.
 * @return         The value given when it was made; good as long as the root.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API wasmrt_val wasmrt_root_get(const wasmrt_root *root);

/** Where a scope began; see wasmrt_scope_open(). */
typedef struct wasmrt_scope {
    size_t outer, start; /**< Not for you. */
} wasmrt_scope;

/**
 * Begins a scope: references that the host is given from here on are good until
 * its end. Scopes nest, and end before the host function in which they began.
 * For hosts that call many times outside of host functions, or loop in one.
 *
 * @param store    Borrowed.
 * @return         For wasmrt_scope_close().
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API wasmrt_scope wasmrt_scope_open(wasmrt_store *store);

/**
 * Ends a scope.
 *
 * @param store    Borrowed.
 * @param scope    The innermost one that is open.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API void wasmrt_scope_close(wasmrt_store *store, wasmrt_scope scope);

/* -- The heap -------------------------------------------------------------- */

/**
 * Limits the memory of all objects of a store. An allocation that does not fit
 * after a collection is a trap GC_HEAP_EXHAUSTED. Memory is reserved at the
 * first allocation, as much as the limit says by then; raising it later has no
 * effect.
 *
 * @param store    Borrowed.
 * @param bytes    Counted in blocks of 32 KiB. UINT64_MAX for the most that is
 *                 possible, 4 GiB (the default).
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API void wasmrt_store_set_gc_limit(wasmrt_store *store, uint64_t bytes);

/**
 * Collects now. Allocations collect by themselves; this is for hosts that know
 * a good moment.
 *
 * @param store    Borrowed.
 * @return         NULL, or an owned error INTERRUPTED or DEADLINE; then nothing
 *                 was freed.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *wasmrt_store_gc(wasmrt_store *store);

/** Numbers about a store's objects. */
typedef struct wasmrt_gc_stats {
    uint64_t heap_bytes;      /**< In blocks that hold objects. */
    uint64_t allocated_bytes; /**< Handed out since the store was made. */
    uint64_t live_objects;    /**< After the last collection. */
    uint64_t live_bytes;      /**< The same. */
    uint64_t collections;     /**< That were completed. */
    uint64_t interrupted;     /**< That an interrupt or deadline ended. */
    uint64_t pause_ns;        /**< Time in completed collections. */
    uint64_t max_pause_ns;    /**< The longest one. */
} wasmrt_gc_stats;

/**
 * Counts what a store has allocated and collected.
 *
 * @param store    Borrowed.
 * @param out      Filled in.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API void wasmrt_store_get_gc_stats(const wasmrt_store *store,
                                          wasmrt_gc_stats *out);

#ifdef __cplusplus
}
#endif

#endif
