/*
 * wasmrt/linker.h - names for imports, and instances
 *
 * Define what a module may import, then instantiate. A linker without store
 * objects serves any number of stores.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WASMRT_LINKER_H
#define WASMRT_LINKER_H

#include "wasmrt/memory.h"
#include "wasmrt/module.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Names for imports, filled once and used for many instances. */
typedef struct wasmrt_linker wasmrt_linker;

/** One live object, as instances export and linkers take it. */
typedef struct wasmrt_extern_val {
    wasmrt_extern_kind kind;
    union {
        wasmrt_func *func;
        wasmrt_table *table;
        wasmrt_memory *memory;
        wasmrt_global *global;
        wasmrt_tag *tag;
    } of;
} wasmrt_extern_val;

/**
 * Releases a linker. NULL is allowed.
 *
 * @param linker   Ownership is taken.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_linker_delete(wasmrt_linker *linker);

/**
 * Makes an empty linker.
 *
 * @param engine   Borrowed. Kept alive by the linker.
 * @param out      Receives a linker that the caller owns.
 * @return         NULL, or an owned error of kind OOM.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_linker_new(wasmrt_engine *engine, wasmrt_linker **out);

/**
 * Defines a host function for every store.
 *
 * @param linker   Borrowed.
 * @param module   First import name.
 * @param name     Second import name.
 * @param signature As for wasmrt_func_new().
 * @param fn       Called when the guest calls.
 * @param env      Passed to fn; must outlive every instance.
 * @return         NULL, or an owned error of kind MISUSE, LINK (defined
 *                 already) or OOM.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_linker_define(wasmrt_linker *linker, const char *module,
                     const char *name, const char *signature, wasmrt_host_fn fn,
                     void *env);

/**
 * The same with names that have a length: those of WebAssembly may contain NUL
 * bytes. So have all the functions that end in _n.
 *
 * @param linker   Borrowed.
 * @param module   First import name.
 * @param module_len Its length in bytes.
 * @param name     Second import name.
 * @param name_len Its length in bytes.
 * @param signature As for wasmrt_func_new().
 * @param fn       Called when the guest calls.
 * @param env      Passed to fn; must outlive every instance.
 * @return         As wasmrt_linker_define().
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_linker_define_n(wasmrt_linker *linker, const char *module,
                       size_t module_len, const char *name, size_t name_len,
                       const char *signature, wasmrt_host_fn fn, void *env);

/**
 * The same over raw slots.
 *
 * @param linker   Borrowed.
 * @param module   First import name.
 * @param name     Second import name.
 * @param signature As for wasmrt_func_new().
 * @param fn       Called when the guest calls.
 * @param env      Passed to fn; must outlive every instance.
 * @return         NULL, or an owned error of kind MISUSE, LINK or OOM.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_linker_define_raw(wasmrt_linker *linker, const char *module,
                         const char *name, const char *signature,
                         wasmrt_raw_fn fn, void *env);

/**
 * wasmrt_linker_define_raw() with names that have a length.
 *
 * @param linker   Borrowed.
 * @param module   First import name.
 * @param module_len Its length in bytes.
 * @param name     Second import name.
 * @param name_len Its length in bytes.
 * @param signature As for wasmrt_func_new().
 * @param fn       Called when the guest calls.
 * @param env      Passed to fn; must outlive every instance.
 * @return         As wasmrt_linker_define_raw().
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_linker_define_raw_n(wasmrt_linker *linker, const char *module,
                           size_t module_len, const char *name, size_t name_len,
                           const char *signature, wasmrt_raw_fn fn, void *env);

/**
 * Defines an object of a store; the linker then serves that store only.
 *
 * @param linker   Borrowed.
 * @param store    Borrowed.
 * @param module   First import name.
 * @param name     Second import name.
 * @param value    Borrowed.
 * @return         NULL, or an owned error of kind MISUSE, LINK or OOM.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_linker_define_extern(wasmrt_linker *linker, wasmrt_store *store,
                            const char *module, const char *name,
                            const wasmrt_extern_val *value);

/**
 * wasmrt_linker_define_extern() with names that have a length.
 *
 * @param linker   Borrowed.
 * @param store    Borrowed.
 * @param module   First import name.
 * @param module_len Its length in bytes.
 * @param name     Second import name.
 * @param name_len Its length in bytes.
 * @param value    Borrowed.
 * @return         As wasmrt_linker_define_extern().
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_linker_define_extern_n(wasmrt_linker *linker, wasmrt_store *store,
                              const char *module, size_t module_len,
                              const char *name, size_t name_len,
                              const wasmrt_extern_val *value);

/**
 * Defines a shared memory for every store.
 *
 * @param linker   Borrowed. Keeps the memory alive.
 * @param module   First import name.
 * @param name     Second import name.
 * @param memory   Borrowed.
 * @return         NULL, or an owned error of kind MISUSE (a memory that is not
 *                 shared), LINK or OOM.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_linker_define_shared(wasmrt_linker *linker, const char *module,
                            const char *name, wasmrt_memory *memory);

/**
 * wasmrt_linker_define_shared() with names that have a length.
 *
 * @param linker   Borrowed. Keeps the memory alive.
 * @param module   First import name.
 * @param module_len Its length in bytes.
 * @param name     Second import name.
 * @param name_len Its length in bytes.
 * @param memory   Borrowed.
 * @return         As wasmrt_linker_define_shared().
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_linker_define_shared_n(wasmrt_linker *linker, const char *module,
                              size_t module_len, const char *name,
                              size_t name_len, wasmrt_memory *memory);

/**
 * Defines every export of an instance under a module name. Replaces earlier
 * definitions of the same names.
 *
 * @param linker   Borrowed.
 * @param module   First import name.
 * @param instance Borrowed.
 * @return         NULL, or an owned error of kind MISUSE or OOM.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_linker_define_instance(wasmrt_linker *linker, const char *module,
                              wasmrt_instance *instance);

/**
 * wasmrt_linker_define_instance() with a name that has a length.
 *
 * @param linker   Borrowed.
 * @param module   First import name.
 * @param module_len Its length in bytes.
 * @param instance Borrowed.
 * @return         As wasmrt_linker_define_instance().
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_linker_define_instance_n(wasmrt_linker *linker, const char *module,
                                size_t module_len, wasmrt_instance *instance);

/**
 * Whether the linker defines a name, of whichever kind and type.
 *
 * @param linker   Borrowed.
 * @param import   Borrowed; an import as wasmrt_module_import() describes it.
 * @return         True when there is a definition.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API bool wasmrt_linker_has(const wasmrt_linker *linker,
                                  const wasmrt_extern_info *import);

/**
 * Links and instantiates a module, and runs its start function.
 *
 * @param linker   Borrowed.
 * @param store    Borrowed; will own the instance.
 * @param module   Borrowed. Kept alive by the instance.
 * @param out      Receives the instance, borrowed from the store.
 * @return         NULL, or an owned error: LINK (names the import and both
 *                 types), LIMIT, OOM, or a trap of an active segment or of the
 *                 start function.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_linker_instantiate(wasmrt_linker *linker, wasmrt_store *store,
                          wasmrt_module *module, wasmrt_instance **out);

/**
 * Finds an export.
 *
 * @param instance Borrowed.
 * @param name     NUL-terminated.
 * @param out      Receives the object.
 * @return         False when there is none of that name.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API bool wasmrt_instance_export(wasmrt_instance *instance,
                                       const char *name,
                                       wasmrt_extern_val *out);

/**
 * Finds an export by a name with a length.
 *
 * @param instance Borrowed.
 * @param name     May contain NUL bytes.
 * @param len      Length in bytes.
 * @param out      Receives the object.
 * @return         False when there is none of that name.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API bool wasmrt_instance_export_n(wasmrt_instance *instance,
                                         const char *name, size_t len,
                                         wasmrt_extern_val *out);

/**
 * Finds an exported function.
 *
 * @param instance Borrowed.
 * @param name     NUL-terminated.
 * @return         The function, or NULL.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API wasmrt_func *wasmrt_instance_func(wasmrt_instance *instance,
                                             const char *name);

/**
 * Finds an exported function by a name with a length.
 *
 * @param instance Borrowed.
 * @param name     May contain NUL bytes.
 * @param len      Length in bytes.
 * @return         The function, or NULL.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API wasmrt_func *wasmrt_instance_func_n(wasmrt_instance *instance,
                                               const char *name, size_t len);

/**
 * The module of an instance.
 *
 * @param instance Borrowed.
 * @return         Borrowed.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API wasmrt_module *wasmrt_instance_module(wasmrt_instance *instance);

#ifdef __cplusplus
}
#endif

#endif
