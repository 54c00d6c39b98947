/*
 * The engine: what modules and stores share.
 *
 * Everything in it is decided when it is made and constant afterwards, except
 * the table of types and the watch over deadlines, which lock.  Modules, stores
 * and linkers each hold a reference.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_ENGINE_H
#define WRT_STORE_ENGINE_H

#include "runtime/base/alloc.h"
#include "runtime/module/features.h"
#include "runtime/module/types.h"
#include "runtime/store/backend.h"
#include "runtime/store/interrupt.h"
#include "runtime/store/pool.h"
#include "runtime/store/quota.h"
#include "runtime/store/sample.h"
#include "runtime/store/stack.h"

#include "wasmrt/config.h"

enum {
    WRT_DEFAULT_STACK_BYTES = 1 << 20,
    WRT_DEFAULT_TABLE_ELEMS = 10000000, /* of a store */
};

/* The public wasmrt_config. */
struct wasmrt_config {
    wasmrt_strategy strategy;
    wasmrt_bounds bounds;
    bool has_signals;
    bool is_eager;
    unsigned nthreads; /* 0: not set */
    wrt_features features;
    size_t max_stack_bytes;
    size_t task_guest_bytes, task_host_bytes; /* 0: the default */
    uint64_t module_bytes, code_bytes;        /* of a module, at most */
    struct wrt_store_limits store_limits;
    bool has_fuel;
    struct wrt_code_debug debug;
    struct wrt_sample_options sampling;
    bool has_masks;
    bool has_code_check;
    struct wrt_alloc alloc;
    const struct wrt_backend *const *backends; /* tests name their own */
};

/* The public wasmrt_engine. */
struct wasmrt_engine {
    uint32_t refcount;      /* atomic */
    struct wrt_alloc alloc; /* everything points here */
    struct wrt_types *types;
    wrt_features features;
    const struct wrt_backend *backend;
    enum wrt_memory_mode memory_mode;
    bool is_eager;          /* compiles function bodies with the module */
    unsigned nthreads;      /* that do so, at most */
    bool must_be_native;    /* machine code was asked for by name */
    size_t max_stack_bytes; /* whole pages */
    uint64_t module_bytes, code_bytes; /* of a module, at most */
    struct wrt_store_limits store_limits;
    bool has_fuel; /* code counts what it executes */
    struct wrt_code_debug debug;
    bool has_code_check, has_masks;
    struct wasmrt_code_checks code_checks; /* atomic */
    struct wrt_watch watch;
    /* Of each task, in whole pages: the guest's stack, and the C stack. */
    size_t task_guest_bytes, task_native_bytes;
    /* Guarded memories and guest stacks of stores, and stacks of tasks. */
    struct wrt_pool memory_pool, stack_pool, task_pool;
    struct wrt_sampler sampler;
};

void wrt_config_init(struct wasmrt_config *config);

WRT_MUST_USE wasmrt_error *wrt_engine_new(const struct wasmrt_config *config,
                                          struct wasmrt_engine **out);
struct wasmrt_engine *wrt_engine_ref(struct wasmrt_engine *engine);
void wrt_engine_unref(struct wasmrt_engine *engine);

/* Decodes, validates and prepares a module; it holds a reference to the
 * engine, see wrt_engine_module_unref(). */
WRT_MUST_USE wasmrt_error *wrt_engine_compile(struct wasmrt_engine *engine,
                                              const uint8_t *bytes, size_t len,
                                              bool copy,
                                              struct wrt_module **out);

/*
 * Whether the engine's backend can run the module: running a feature that it
 * does not know could leave the sandbox.  An error names the feature.
 */
WRT_MUST_USE wasmrt_error *
wrt_engine_check_runnable(const struct wrt_module *module);

/* References to a module that may outlive every store: each counts for the
 * engine as well, whose allocator the module needs to the end. */
struct wrt_module *wrt_engine_module_ref(struct wrt_module *module);
void wrt_engine_module_unref(struct wrt_module *module);

#endif
