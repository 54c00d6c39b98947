/*
 * The socket of a group's shim: its place, and who may listen there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_SOCKET_H
#define SHIM_SOCKET_H

#include "shim/fault.h"

#include <stdbool.h>

/* The path of a group's socket; fresh memory. */
char *socket_path(const char *containerd, const char *namespace_name,
                  const char *group);

/* Makes the folder of sockets and locks it: whoever looks at a socket in order
 * to make or remove it holds the lock.  Closing the descriptor unlocks; -1 on
 * failure. */
int socket_lock(struct fault *fault);

/* Whether somebody listens. */
bool socket_is_served(const char *path);

/* A connection to it, or -1. */
int socket_connect(const char *path);

/* Replaces what is at the path.  A listening descriptor, or -1. */
int socket_listen(const char *path, struct fault *fault);

#endif
