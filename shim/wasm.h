/*
 * A Wasm guest in a container's process, on the public API of the runtime.
 *
 * In four parts: what needs nothing; then, because each needs fewer privileges
 * than the one before, what is granted (directories, sockets), the module, the
 * run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_WASM_H
#define SHIM_WASM_H

#include "shim/spec.h"
#include "wasmrt.h"

struct wasm {
    wasmrt_engine *engine;
    wasmrt_store *store;
    wasmrt_linker *linker;
    wasmrt_module *module;
    const char *path;                  /* of the module; borrowed */
    const char *func;                  /* export to call; NULL: _start */
    uint64_t timeout_ns, memory_limit; /* 0: none */
    uint64_t cgroup_limit;             /* of memory; 0: none */
};

/* Engine, store, and what modules may import. */
bool wasm_prepare(struct wasm *wasm, const struct spec *spec,
                  struct fault *fault);

/* What the guest is granted: arguments, environment, streams, preopens,
 * listening sockets. */
bool wasm_grant(struct wasm *wasm, const struct spec *spec,
                struct fault *fault);

/* Reads and checks the module; nothing of the guest runs yet.  The spec is not
 * needed any more. */
bool wasm_load(struct wasm *wasm, const char *path, struct fault *fault);

/* Runs the guest, reports its trap on standard error, and returns the exit
 * status. */
int wasm_run(struct wasm *wasm);

/* How engines are made here, with the settings of annotations; NULL after a
 * fault.  The caller deletes it. */
wasmrt_config *wasm_configure(const struct spec *spec, struct fault *fault);

/* The linear memory that fits below the limit of a control group; not 0. */
uint64_t wasm_memory_room(uint64_t cgroup_limit);

#endif
