/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "serve/ring.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_BYTES = 2048 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t ring_room(const struct ring *ring)
{
    return ring->cap - ring->len;
}

/* Makes it large enough for so many bytes, which is no more than the cap. */
static bool grow(struct ring *ring, size_t need)
{
    size_t size = ring->size ? ring->size : FIRST_BYTES;
    char *bytes;

    while (size < need)
        size *= 2;
    size = least(size, ring->cap);
    bytes = malloc(size);
    if (!bytes)
        return false;
    need = ring->size > 0 ? ring_get(ring, bytes, ring->len) : 0;
    free(ring->bytes);
    *ring = (struct ring){
        .bytes = bytes, .size = size, .cap = ring->cap, .len = need};
    return true;
}

size_t ring_put(struct ring *ring, const void *bytes, size_t len)
{
    size_t end, first;

    len = least(len, ring_room(ring));
    if (ring->len + len > ring->size && !grow(ring, ring->len + len))
        len = ring->size - ring->len;
    if (len == 0)
        return 0;
    end = (ring->at + ring->len) % ring->size;
    first = least(len, ring->size - end);
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
    first = least(len, ring->size - ring->at);
    memcpy(bytes, ring->bytes + ring->at, first);
    memcpy((char *)bytes + first, ring->bytes, len - first);
    ring->at = (ring->at + len) % ring->size;
    ring->len -= len;
    return len;
}

void ring_fini(struct ring *ring)
{
    free(ring->bytes);
    *ring = (struct ring){.cap = ring->cap};
}
