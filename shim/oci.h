/*
 * Command lines of runc and crun, which take the same.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_OCI_H
#define SHIM_OCI_H

#include "shim/fault.h"

enum { OCI_MAX_ARGS = 24 };

/* Files of ours in the bundle. */
#define OCI_STATE_DIR "oci-state"
#define OCI_LOG_FILE  "oci.log"
#define OCI_PID_FILE  "init.pid"

struct oci {
    const char *runtime, *bundle, *id;
    bool systemd_cgroup;
};

/* Fills argv for a verb and what stands between it and the id; "" in `rest`
 * stands for the path that the word before asks for.  Returns memory that argv
 * points into. */
char *oci_arguments(const struct oci *oci, const char *verb,
                    const char *const *rest, const char *argv[OCI_MAX_ARGS]);

/* The first that is on PATH; "runc" when none is. */
const char *oci_find_runtime(void);

/* Why a verb failed, as the runtime wrote it to its log. */
void oci_read_error(const char *bundle, const char *verb, struct fault *fault);

#endif
