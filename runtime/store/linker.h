/*
 * Linkers: names for imports.
 *
 * A linker's host functions belong to no store; each store that imports one
 * makes its own function object, once, and holds a reference to the linker from
 * then on.  Not locked: it is filled first and may then be used by any number
 * of threads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_LINKER_H
#define WRT_STORE_LINKER_H

#include "runtime/base/map.h"
#include "runtime/store/func.h"
#include "runtime/store/store.h"

/* One definition: a host function, or an object of the linker's store. */
struct wrt_definition {
    bool is_host;
    struct wrt_host_spec host;
    wasmrt_extern_val value;
    struct wrt_memory_inst *shared; /* the value, when it is a shared memory: a
                                       reference; else NULL */
};

/* The public wasmrt_linker. */
struct wasmrt_linker {
    uint32_t refcount;            /* atomic: the embedder's and one per store */
    struct wasmrt_engine *engine; /* a reference */
    struct wrt_store *store; /* whose objects are defined, or NULL; borrowed */
    struct wrt_arena arena;  /* names, and what native calls need */
    struct wrt_map modules;  /* name -> index of fields */
    WRT_VEC(struct wrt_map) fields; /* name -> index of definitions */
    WRT_VEC(struct wrt_definition) definitions;
};

WRT_MUST_USE wasmrt_error *wrt_linker_new(struct wasmrt_engine *engine,
                                          struct wasmrt_linker **out);
struct wasmrt_linker *wrt_linker_ref(struct wasmrt_linker *linker);
void wrt_linker_unref(struct wasmrt_linker *linker);

/* Defines a host function by its signature; host->type is set here. */
WRT_MUST_USE wasmrt_error *wrt_linker_define_host(struct wasmrt_linker *linker,
                                                  struct wrt_name module,
                                                  struct wrt_name name,
                                                  const char *signature,
                                                  struct wrt_host_spec host);

/* The same by its type, of which it takes the caller's reference, also on
 * failure. */
WRT_MUST_USE wasmrt_error *wrt_linker_define_func(struct wasmrt_linker *linker,
                                                  struct wrt_name module,
                                                  struct wrt_name name,
                                                  struct wrt_host_spec host);

/* Defines an object of linker->store.  Otherwise replacing, a name that is
 * taken is an error. */
WRT_MUST_USE wasmrt_error *
wrt_linker_define_value(struct wasmrt_linker *linker, struct wrt_name module,
                        struct wrt_name name, const wasmrt_extern_val *value,
                        bool may_replace);

/* The definition of a name, or NULL.  *has_module: any has that module name. */
const uint32_t *wrt_linker_find(const struct wasmrt_linker *linker,
                                struct wrt_name module, struct wrt_name name,
                                bool *has_module);

/* Resolves a module's imports and instantiates it in a store. */
WRT_MUST_USE wasmrt_error *wrt_linker_instantiate(struct wasmrt_linker *linker,
                                                  struct wrt_store *store,
                                                  struct wrt_module *module,
                                                  struct wrt_instance **out);

#endif
