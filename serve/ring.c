/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "serve/ring.h"

#include <stdlib.h>
#include <string.h>

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t ring_room(const struct ring *ring)
{
    return ring->cap - ring->len;
}

size_t ring_put(struct ring *ring, const void *bytes, size_t len)
{
    size_t end, first;

    if (!ring->bytes)
        ring->bytes = malloc(ring->cap);
    if (!ring->bytes)
        return 0;
    len = least(len, ring_room(ring));
    end = (ring->at + ring->len) % ring->cap;
    first = least(len, ring->cap - end);
    memcpy(ring->bytes + end, bytes, first);
    memcpy(ring->bytes, (const char *)bytes + first, len - first);
    ring->len += len;
    return len;
}

size_t ring_get(struct ring *ring, void *bytes, size_t len)
{
    size_t first;

    len = least(len, ring->len);
    if (len == 0)
        return 0;
    first = least(len, ring->cap - ring->at);
    memcpy(bytes, ring->bytes + ring->at, first);
    memcpy((char *)bytes + first, ring->bytes, len - first);
    ring->at = (ring->at + len) % ring->cap;
    ring->len -= len;
    return len;
}

void ring_fini(struct ring *ring)
{
    free(ring->bytes);
    ring->bytes = NULL;
}
