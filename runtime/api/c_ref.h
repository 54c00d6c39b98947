/*
 * The handles of wasm.h: one counted struct behind all of its references.
 *
 * A store has at most one handle for each thing, found by the thing's address,
 * so handles of the same thing are the same pointer and share their host info.
 * Traps and foreign objects are nothing but their handle.
 *
 * A count of zero ends a handle, unless host info is attached to something that
 * lives as long as the store: then the handle waits in the table. Deleting the
 * store runs the finalizers that are due and cuts what is still counted loose;
 * such a handle can only be deleted.
 *
 * Handles are not allocated with the engine's allocator: they may outlive it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_API_C_REF_H
#define WRT_API_C_REF_H

#include "runtime/store/store.h"

#include "wasm.h"

/* ORDER: what can be exported comes first, with the numbers of
 * wasm_externkind_enum; then what else lives as long as the store. */
enum wrt_c_kind {
    WRT_C_FUNC = WASM_EXTERN_FUNC,
    WRT_C_GLOBAL = WASM_EXTERN_GLOBAL,
    WRT_C_TABLE = WASM_EXTERN_TABLE,
    WRT_C_MEMORY = WASM_EXTERN_MEMORY,
    WRT_C_TAG,
    WRT_C_INSTANCE,
    WRT_C_MODULE,  /* holds a reference to the module */
    WRT_C_TRAP,    /* see c_trap.h */
    WRT_C_FOREIGN, /* nothing but a handle */
    WRT_C_OBJECT,  /* a guest's own object, or an i31, as an externref */
};

/* What a trap consists of. */
struct wrt_c_trap {
    wasmrt_error *error;          /* owned; NULL before it is returned */
    wasm_byte_vec_t message;      /* of a trap of the host; NUL-terminated */
    struct wrt_error_cargo cargo; /* by which an error holds the trap */
};

struct wasm_ref_t {
    enum wrt_c_kind kind;
    size_t count;               /* of who holds the handle; guests' externrefs
                                   among them */
    struct wasm_store_t *store; /* NULL when that is gone */
    struct wasm_ref_t *next;    /* in the same bucket of the store's table */
    const void *key;            /* the address of the thing */
    void *info;
    void (*finalize)(void *info); /* or NULL */
    union {
        wasmrt_func *func;
        wasmrt_global *global;
        wasmrt_table *table;
        wasmrt_memory *memory;
        wasmrt_tag *tag;
        wasmrt_instance *instance;
        wasmrt_module *module;
        struct wrt_c_trap trap;
        struct wasmrt_root *root; /* OBJECT */
    } of;
};

/* A store's handles: a hash table with chains. */
struct wasm_store_t {
    wasmrt_store *store;
    struct wasm_ref_t **buckets;
    size_t nbuckets; /* a power of two, or 0 */
    size_t nrefs;
    struct wasm_ref_t *oom_trap; /* made beforehand */
};

/* The kinds are the structs' own matter: all of these are a struct wasm_ref_t.
 */
#define WRT_C_REF(handle) ((struct wasm_ref_t *)(uintptr_t)(handle))

/* Makes a handle that nothing else is to be found by; or NULL. */
struct wasm_ref_t *wrt_c_ref_new(struct wasm_store_t *store,
                                 enum wrt_c_kind kind);

/* The handle of a thing, counted once more; a new one has nothing but kind and
 * key, and *is_new is set (it may be NULL). NULL when memory is exhausted. */
struct wasm_ref_t *wrt_c_ref_get(struct wasm_store_t *store,
                                 enum wrt_c_kind kind, const void *key,
                                 bool *is_new);

/* The handle of something exported. */
struct wasm_ref_t *wrt_c_ref_extern(struct wasm_store_t *store,
                                    const wasmrt_extern_val *value);

/* The other way round. */
wasmrt_extern_val wrt_c_ref_extern_val(const struct wasm_ref_t *ref);

/* One more and one less; NULL is fine. */
struct wasm_ref_t *wrt_c_ref_copy(struct wasm_ref_t *ref);
void wrt_c_ref_drop(struct wasm_ref_t *ref);

/* The same as a deleter of data. */
void wrt_c_ref_drop_data(void *ref);

/* What wasm.h knows of a store, from then on; NULL when memory is exhausted.
 * Goes with the store. */
struct wasm_store_t *wrt_c_store_of(wasmrt_store *store);

#endif
