/*
 * The options of the runtime handler in containerd's configuration.
 *
 *     [...runtimes.wasmrt.options]
 *       linux_runtime = "crun"      # runs the Linux containers of a pod
 *       SystemdCgroup = true        # their control groups, through systemd
 *
 * containerd hands them over as lines of `key = value`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_RUNTIME_OPTIONS_H
#define SHIM_RUNTIME_OPTIONS_H

#include "shim/fault.h"
#include "shim/proto/ttrpc.pb-c.h"

#include <stddef.h>

struct runtime_options {
    const char *linux_runtime; /* "runc", "crun", or NULL: what there is */
    bool systemd_cgroup;
};

/* any: of Create, or NULL.  Types other than our own are ignored: clients send
 * options of runc to every runtime. */
bool runtime_options_read(struct runtime_options *options, const Pb__Any *any,
                          struct fault *fault);

/* The lines alone. */
bool runtime_options_parse(struct runtime_options *options, const char *text,
                           size_t len, struct fault *fault);

#endif
