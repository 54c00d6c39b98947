/*
 * Messages with descriptors, over a socket that keeps messages whole.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_PARCEL_H
#define SHIM_PARCEL_H

#include <stdbool.h>
#include <stddef.h>

enum { PARCEL_MOST_FDS = 4 };

/* Sends len bytes and count descriptors, up to PARCEL_MOST_FDS, which stay the
 * caller's.  False with errno set. */
bool parcel_send(int fd, const void *bytes, size_t len, const int *fds,
                 int count);

/* Waits for a message of len bytes and up to `most` descriptors, which are the
 * caller's then; -1 stands for those that did not come.  How many came, or -1
 * when the other end is gone or sends something else. */
int parcel_receive(int fd, void *bytes, size_t len, int *fds, int most);

#endif
