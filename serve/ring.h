/*
 * A bounded queue of bytes.  It has memory for what was in it at once: most are
 * for short answers.  Whoever uses it locks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SERVE_RING_H
#define SERVE_RING_H

#include <stdbool.h>
#include <stddef.h>

struct ring {
    char *bytes; /* owned; NULL until the first put */
    size_t size; /* of that */
    size_t cap;  /* what it may become */
    size_t at, len;
};

/* Appends what fits of bytes[0..len) and returns how much; less, or 0, also
 * when memory is short. */
size_t ring_put(struct ring *ring, const void *bytes, size_t len);

/* Takes up to len bytes out. */
size_t ring_get(struct ring *ring, void *bytes, size_t len);

size_t ring_room(const struct ring *ring);
void ring_fini(struct ring *ring);

#endif
