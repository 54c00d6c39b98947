/*
 * A bounded queue of bytes.  Whoever uses it locks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SERVE_RING_H
#define SERVE_RING_H

#include <stdbool.h>
#include <stddef.h>

struct ring {
    char *bytes; /* owned; NULL until the first put */
    size_t cap, at, len;
};

/* Appends what fits of bytes[0..len) and returns how much; 0 also when memory
 * is short. */
size_t ring_put(struct ring *ring, const void *bytes, size_t len);

/* Takes up to len bytes out. */
size_t ring_get(struct ring *ring, void *bytes, size_t len);

size_t ring_room(const struct ring *ring);
void ring_fini(struct ring *ring);

#endif
