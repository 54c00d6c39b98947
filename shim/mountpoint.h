/*
 * Places for mounts that an image lacks, such as /dev and /etc/hosts.
 *
 * The container's process makes what is missing, inside.  In an overlay that
 * takes several times as long as in the directory where its changes go, so
 * before that is mounted, what the image has nothing like is made there.  The
 * container sees no difference.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_MOUNTPOINT_H
#define SHIM_MOUNTPOINT_H

#include "shim/proto/task.pb-c.h"
#include "shim/spec.h"

#include <stddef.h>

/* Whether a container gets nothing for a mount of config.json. */
bool mountpoint_is_left_out(const struct spec_mount *mount);

/* `mounts` are those of the root file system, not done yet.  Whatever this does
 * not understand, and whatever fails, is left to the container's process. */
void mountpoint_make(const struct spec *spec, Pb__MountPoint **mounts,
                     size_t count);

#endif
