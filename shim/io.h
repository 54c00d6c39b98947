/*
 * The standard streams of a container.
 *
 * containerd names FIFOs and sits at their other ends.  The container's process
 * gets its ends directly, so that nothing is copied and nothing is lost when a
 * process ends.  The shim keeps an end of each as well, until the task is
 * deleted:
 *
 *   stdin   a writing end, so that the guest does not see the end of its input
 *           between two writers; CloseIO gives it up
 *   stdout  a reading end, so that a guest can write while containerd is away,
 *   stderr  and so that what it wrote is there when containerd comes back
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_IO_H
#define SHIM_IO_H

#include "shim/fault.h"

struct io {
    int child[3];
    int kept[3];
};

/* What an empty struct io looks like. */
#define IO_NONE ((struct io){.child = {-1, -1, -1}, .kept = {-1, -1, -1}})

/* Opens them; "" is nothing: empty input, output thrown away.  Never waits.  On
 * failure nothing stays open. */
bool io_open(struct io *io, const char *const paths[3], struct fault *fault);

/* Once the container's process has its own. */
void io_close_child(struct io *io);

void io_close_stdin(struct io *io);
void io_fini(struct io *io);

#endif
