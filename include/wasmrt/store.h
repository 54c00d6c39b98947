/*
 * wasmrt/store.h - stores, limits and interruption
 *
 * A store owns what is alive. Deleting it releases everything at once; handles
 * of its objects are borrowed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WASMRT_STORE_H
#define WASMRT_STORE_H

#include "wasmrt/config.h"
#include "wasmrt/value.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A world of live objects: instances, memories, and the guest's stack.  Used
 * by one thread at a time. */
typedef struct wrt_store wasmrt_store;

/** A live module. Owned by its store. */
typedef struct wrt_instance wasmrt_instance;

/**
 * Releases a store and everything in it; suspended tasks are cancelled before
 * anything else goes. NULL is allowed. Not while guest code runs in it, and not
 * on another thread than that of its suspended tasks: then nothing is released.
 *
 * @param store    Ownership is taken.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API void wasmrt_store_delete(wasmrt_store *store);

/**
 * Makes an empty store.
 *
 * @param engine   Borrowed. Kept alive by the store.
 * @param out      Receives a store that the caller owns.
 * @return         NULL, or an owned error of kind OOM or LIMIT.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *wasmrt_store_new(wasmrt_engine *engine,
                                                          wasmrt_store **out);

/**
 * Makes an empty store for another thread of the same guest.
 *
 * Both share their limits on memories, tables, instances and fuel, and what
 * these have counted: a limit that is set for one holds for all of them
 * together. The new store begins with the deadline and a pending interrupt of
 * the other; from then on each is interrupted by itself. Nothing else is
 * shared: memories that both use are shared memories.
 *
 * @param store    Borrowed. Need not outlive the new store.
 * @param out      Receives a store that the caller owns.
 * @return         NULL, or an owned error of kind OOM or LIMIT.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_store_new_sibling(wasmrt_store *store, wasmrt_store **out);

/**
 * Stops guest code that runs in the store, or an instantiation, within
 * milliseconds, with a trap INTERRUPTED. When there is none, the next one is
 * stopped. The store stays usable.
 *
 * @param store    Borrowed.
 * @threadsafe     Signal.
 * @since          0.1
 */
WASMRT_API void wasmrt_store_interrupt(wasmrt_store *store);

/**
 * Takes an interrupt back that has not stopped anything yet.
 *
 * @param store    Borrowed.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API void wasmrt_store_clear_interrupt(wasmrt_store *store);

/**
 * Ends guest code with a trap DEADLINE when the monotonic clock reaches a time.
 * A deadline stops one call, the next one when it comes while none runs.
 *
 * The first deadline starts a thread that belongs to the engine; where none can
 * be started the deadline counts as reached. After fork(), a child must not use
 * an engine that ever had a deadline.
 *
 * @param store    Borrowed.
 * @param deadline_ns CLOCK_MONOTONIC time in nanoseconds; 0 for none.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API void wasmrt_store_set_deadline(wasmrt_store *store,
                                          uint64_t deadline_ns);

/**
 * Limits the sum of all linear memories. Growth beyond fails (-1 in the guest);
 * a memory that begins beyond fails to instantiate.
 *
 * @param store    Borrowed.
 * @param bytes    UINT64_MAX for no limit (the default).
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API void wasmrt_store_set_memory_limit(wasmrt_store *store,
                                              uint64_t bytes);

/**
 * Limits the sum of all table sizes.
 *
 * @param store    Borrowed.
 * @param elements Default 10,000,000.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API void wasmrt_store_set_table_limit(wasmrt_store *store,
                                             uint64_t elements);

/**
 * Limits how many objects the store may hold. One more fails to instantiate or
 * to be made by the host, with an error COUNT_LIMIT.
 *
 * @param store    Borrowed.
 * @param instances UINT64_MAX for no limit (the default of all three).
 * @param memories Those of instances and those that the host made.
 * @param tables   Likewise.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API void wasmrt_store_set_count_limits(wasmrt_store *store,
                                              uint64_t instances,
                                              uint64_t memories,
                                              uint64_t tables);

/**
 * How often a memory or table could not grow because of the limits of the
 * store. The guest is told by -1 and may fail much later, in its own words:
 * this tells why.
 *
 * @param store    Borrowed.
 * @return         The number.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API uint64_t wasmrt_store_refused_growth(const wasmrt_store *store);

/**
 * Sets what guest code of the store may execute from now on. When it costs
 * more, it ends with a trap FUEL_EXHAUSTED, before what it cannot pay for; the
 * store stays usable. A store begins with none.
 *
 * @param store    Borrowed.
 * @param units    See wasmrt_config_set_fuel().
 * @return         NULL, or an owned error of kind MISUSE when the engine does
 *                 not count fuel.
 * @threadsafe     Store. Also from a host function that the guest calls.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_store_set_fuel(wasmrt_store *store, uint64_t units);

/**
 * Adds to what guest code of the store may execute; the sum is UINT64_MAX at
 * most.
 *
 * @param store    Borrowed.
 * @param units    See wasmrt_config_set_fuel().
 * @return         As wasmrt_store_set_fuel().
 * @threadsafe     Store. Also from a host function that the guest calls.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_store_add_fuel(wasmrt_store *store, uint64_t units);

/**
 * The fuel that is left.
 *
 * @param store    Borrowed.
 * @return         Units; UINT64_MAX when the engine does not count fuel.
 * @threadsafe     Store. Also from a host function that the guest calls.
 * @since          0.1
 */
WASMRT_API uint64_t wasmrt_store_fuel(const wasmrt_store *store);

/**
 * Bytes that all linear memories of the store span now.
 *
 * @param store    Borrowed.
 * @return         The sum.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API uint64_t wasmrt_store_memory_bytes(const wasmrt_store *store);

/**
 * Attaches data to a store under a key, so that host functions find what
 * belongs to their store. Replaces what was there.
 *
 * @param store    Borrowed.
 * @param key      Any address that is unique to the caller.
 * @param data_taken Takes ownership, also on failure.
 * @param data_delete Called when replaced or when the store is deleted; may be
 *                 NULL.
 * @return         NULL, or an owned error of kind OOM.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_store_attach(wasmrt_store *store, const void *key, void *data_taken,
                    void (*data_delete)(void *data));

/**
 * Finds attached data.
 *
 * @param store    Borrowed.
 * @param key      As for wasmrt_store_attach().
 * @return         The data, or NULL.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API void *wasmrt_store_attached(const wasmrt_store *store,
                                       const void *key);

/**
 * Makes a reference of the host that guests can hold as externref. It lives
 * while a guest holds it, and for the host as all references do (gc.h): made in
 * a host function, until that returns; else as long as the store.
 *
 * @param store    Borrowed.
 * @param data     What wasmrt_extern_data() will give.
 * @param out      Receives the reference.
 * @return         NULL, or an owned error: GC_HEAP_EXHAUSTED, or INTERRUPTED
 *                 and DEADLINE when making room was stopped.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_extern_new(wasmrt_store *store, void *data, wasmrt_extern **out);

/**
 * What a host reference stands for.
 *
 * @param ref      Borrowed; not NULL.
 * @return         The data given when it was made; NULL for an object that a
 *                 guest has made an externref.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API void *wasmrt_extern_data(const wasmrt_extern *ref);

#ifdef __cplusplus
}
#endif

#endif
