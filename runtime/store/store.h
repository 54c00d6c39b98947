/*
 * The store: owner of everything that is alive.
 *
 * Nothing is removed one by one: instances, memories, tables, globals and host
 * functions live until the store is deleted.  Small objects are in its arena,
 * instances are blocks of their own.  What the guest allocates, and references
 * of the host, are in a heap of their own (gc.h) and go when nothing refers to
 * them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_STORE_H
#define WRT_STORE_STORE_H

#include "runtime/base/vec.h"
#include "runtime/store/engine.h"
#include "runtime/store/quota.h"

#include "wasmrt/linker.h"
#include "wasmrt/task.h"

/* Data of the embedder, found by a key. */
struct wrt_attachment {
    const void *key;
    void *data;
    void (*data_delete)(void *data); /* or NULL */
};

/* A linker whose host functions this store uses: its functions here, by the
 * number of their definition, made when first imported. */
struct wrt_linked {
    struct wasmrt_linker *linker; /* a reference */
    struct wrt_funcref **funcs;
    size_t count;
};

struct wrt_store {
    struct wrt_ctx ctx;
    struct wasmrt_engine *engine; /* a reference */
    struct wrt_arena arena;

    struct wrt_instance *instances, *last_instance; /* in order of creation */
    struct wrt_memory_inst *memories; /* of instances and of the host */
    WRT_VEC(struct wrt_memory_inst *)
    shared; /* memories in use here; references */
    struct wrt_table_inst *tables;
    struct wrt_host_func *hosts;
    struct wasmrt_task *tasks;
    wasmrt_waiter_fn waiter; /* or NULL */
    void *waiter_user;
    struct wasmrt_closure *closures; /* of runtime/api */
    void (*closures_delete)(struct wrt_store *store);
    wasmrt_error *closure_error;    /* owned; see wasmrt/native.h */
    struct wrt_exn_root *exn_roots; /* exceptions that errors hold */
    struct wasmrt_global **globals; /* a hash table, see global.c */
    size_t globals_capacity, nglobals;

    struct wrt_quota *quota; /* a reference */
    uint64_t gc_limit;       /* bytes of objects */
    bool gc_stress;          /* collect at every allocation */

    struct wrt_deadline deadline;
    WRT_VEC(struct wrt_attachment) attachments;
    WRT_VEC(struct wrt_linked) linked;
    WRT_VEC(uint32_t) type_ids; /* references, for functions of the host */
};

WRT_MUST_USE wasmrt_error *wrt_store_new(struct wasmrt_engine *engine,
                                         struct wrt_store **out);

/*
 * Deletes the store and everything in it, in this order: the deadline; tasks,
 * which are cancelled; attached data, newest first, while all else is still
 * there; the environments of host functions; the heap of objects; instances
 * with their modules; memories and tables; the guest's stack; linkers; the
 * engine.
 */
void wrt_store_delete(struct wrt_store *store);

/* Makes a store for another thread of a guest: it shares the quota and has the
 * deadline, a pending interrupt and the limits of the store. */
WRT_MUST_USE wasmrt_error *wrt_store_new_sibling(struct wrt_store *store,
                                                 struct wrt_store **out);

/* size_bytes of zeroed memory for the life of the store, or NULL; a failure
 * leaves the store usable. */
void *wrt_store_alloc(struct wrt_store *store, size_t size_bytes);

#endif
