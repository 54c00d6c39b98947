/*
 * The root file system of a bundle, mounted on the node at BUNDLE/rootfs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_ROOTMOUNT_H
#define SHIM_ROOTMOUNT_H

#include "shim/fault.h"
#include "shim/proto/task.pb-c.h"
#include "shim/spec.h"

#include <stddef.h>

/* Mounts what containerd lists, one over the other; on failure nothing. */
bool rootmount_do(const struct spec *spec, const char *bundle,
                  Pb__MountPoint **mounts, size_t count, struct fault *fault);

/* Takes off everything that is mounted there; none is fine. */
bool rootmount_undo(const char *bundle, struct fault *fault);

#endif
