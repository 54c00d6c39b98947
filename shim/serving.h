/*
 * A container whose module answers HTTP: the server of serve/ runs in the
 * container's process, on the pod's network, and makes an instance for each
 * request.  The annotation wasmrt.serve asks for it.
 *
 * In three parts, because each needs fewer privileges than the one before, as
 * in wasm.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_SERVING_H
#define SHIM_SERVING_H

#include "serve/serve.h"
#include "shim/spec.h"

/* Lives until the process ends, with all that it points to. */
struct serving {
    struct serve_config config;
    struct serve_route route;
    uint64_t cgroup_limit; /* of memory; 0: none */
};

bool serving_is_wanted(const struct spec *spec);

/* Reads annotations, environment and preopens; nothing is opened yet. */
bool serving_read(struct serving *serving, const struct spec *spec,
                  struct fault *fault);

/* The same, and opens the sockets. */
bool serving_grant(struct serving *serving, const struct spec *spec,
                   struct fault *fault);

/* Reads and checks the module.  The spec is not needed any more. */
bool serving_load(struct serving *serving, const char *path,
                  struct fault *fault);

/* Serves until SIGTERM; returns the exit status. */
int serving_run(void);

#endif
