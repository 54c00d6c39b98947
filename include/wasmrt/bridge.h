/*
 * wasmrt/bridge.h - between wasm.h and wasmrt.h
 *
 * A program may use both interfaces in one engine and one store: the standard
 * one for what it has, this library's for what the standard lacks (limits,
 * interruption, WASI, the linker, errors). These functions lead from one to the
 * other.
 *
 * What comes from wasm.h is seen here as the thing itself, which is its
 * store's; the handle stays the caller's. What goes to wasm.h is a handle that
 * the caller owns. A store is the same object on both sides, and deleted on one
 * of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WASMRT_BRIDGE_H
#define WASMRT_BRIDGE_H

#include "wasm.h"
#include "wasmrt/linker.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Kinds of values that wasm.h has no name for; wasm_valkind_t.  A wasm_val_t
 * holds references of these kinds, but no v128: functions that have one can be
 * looked at there, and called by wasmrt_func_call(). */
enum wasmrt_wasm_kind {
    WASMRT_WASM_V128 = 4,
    WASMRT_WASM_ANYREF = 130,
    WASMRT_WASM_EXNREF = 131
};

/** The kind of exception tags; wasm_externkind_t.  wasm.h has none, but they
 * have a place among imports and exports. */
enum wasmrt_wasm_externkind { WASMRT_WASM_EXTERN_TAG = 4 };

/* -- From wasm.h ----------------------------------------------------------- */

/**
 * A configuration of wasm.h, to be filled in.
 *
 * @param config   Borrowed.
 * @return         The same object, borrowed.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API wasmrt_config *wasmrt_config_from_wasm(wasm_config_t *config);

/**
 * An engine of wasm.h.
 *
 * @param engine   Borrowed.
 * @return         The same object, borrowed.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API wasmrt_engine *wasmrt_engine_from_wasm(wasm_engine_t *engine);

/**
 * A store of wasm.h.
 *
 * @param store    Borrowed.
 * @return         The same store, borrowed.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API wasmrt_store *wasmrt_store_from_wasm(wasm_store_t *store);

/**
 * A module of wasm.h.
 *
 * @param module   Borrowed.
 * @return         Borrowed, valid as long as the handle; wasmrt_module_ref()
 *                 keeps it longer.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API wasmrt_module *wasmrt_module_from_wasm(const wasm_module_t *module);

/**
 * An instance of wasm.h.
 *
 * @param instance Borrowed.
 * @return         The store's; NULL once the store is deleted.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API wasmrt_instance *
wasmrt_instance_from_wasm(const wasm_instance_t *instance);

/**
 * A function, global, table, memory or tag of wasm.h.
 *
 * @param ext      Borrowed.
 * @param out      Receives what it is; the store's.
 * @return         False once the store is deleted.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API bool wasmrt_extern_from_wasm(const wasm_extern_t *ext,
                                        wasmrt_extern_val *out);

/**
 * Why a call ended: what a trap of wasm.h stands for.
 *
 * @param trap     Borrowed.
 * @return         Borrowed, valid as long as the trap is not returned by a host
 *                 function; NULL for one that the host has made and that has
 *                 been in no guest.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API const wasmrt_error *wasmrt_trap_error(const wasm_trap_t *trap);

/* -- To wasm.h ------------------------------------------------------------- */

/**
 * An engine for wasm.h.
 *
 * @param engine   Borrowed.
 * @return         The same object, borrowed.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API wasm_engine_t *wasmrt_engine_as_wasm(wasmrt_engine *engine);

/**
 * A store for wasm.h.
 *
 * @param store    Borrowed.
 * @return         The same store, borrowed; NULL when memory is exhausted.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API wasm_store_t *wasmrt_store_as_wasm(wasmrt_store *store);

/**
 * A module for wasm.h.
 *
 * @param module   Borrowed; of the store's engine.
 * @param store    Borrowed; to whom the handle belongs.
 * @return         Owned, for wasm_module_delete(); NULL when memory is
 *                 exhausted or the engines differ.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API wasm_module_t *wasmrt_module_as_wasm(wasmrt_module *module,
                                                wasmrt_store *store);

/**
 * An instance for wasm.h.
 *
 * @param instance Borrowed.
 * @return         Owned, for wasm_instance_delete(); NULL when memory is
 *                 exhausted.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API wasm_instance_t *wasmrt_instance_as_wasm(wasmrt_instance *instance);

/**
 * A function, global, table, memory or tag for wasm.h.
 *
 * @param store    Borrowed; the object's.
 * @param value    Borrowed.
 * @return         Owned, for wasm_extern_delete(); NULL when memory is
 *                 exhausted.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API wasm_extern_t *wasmrt_extern_as_wasm(wasmrt_store *store,
                                                const wasmrt_extern_val *value);

/**
 * A trap for a host function of wasm.h to return: for an exit, say.
 *
 * @param store    Borrowed.
 * @param error_taken Takes ownership, also on failure.
 * @return         Owned, for wasm_trap_delete(); never NULL unless the store
 *                 is new to wasm.h and memory is exhausted.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API wasm_trap_t *wasmrt_error_as_wasm(wasmrt_store *store,
                                             wasmrt_error *error_taken);

#ifdef __cplusplus
}
#endif

#endif
