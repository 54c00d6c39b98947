/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/frame.h"

#include <stdlib.h>
#include <string.h>

static uint32_t load_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
           p[3];
}

static void store_be32(uint8_t *p, uint32_t x)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(x >> (24 - 8 * i));
}

static size_t take(const uint8_t **at, size_t *left, uint8_t *out, size_t want)
{
    size_t n = *left < want ? *left : want;

    if (out && n)
        memcpy(out, *at, n);
    *at += n;
    *left -= n;
    return n;
}

/* The header is complete: makes room for the body, unless it is too long. */
static enum frame_event begin_body(struct frame_reader *reader)
{
    reader->head = (struct frame_head){.len = load_be32(reader->raw),
                                       .stream = load_be32(reader->raw + 4),
                                       .type = reader->raw[8],
                                       .flags = reader->raw[9]};
    reader->body_len = 0;
    if (reader->head.len > FRAME_MAX_BYTES)
        return FRAME_TOO_LONG;
    reader->body = malloc(reader->head.len ? reader->head.len : 1);
    return reader->body ? FRAME_READY : FRAME_OOM;
}

enum frame_event frame_read(struct frame_reader *reader, const uint8_t **at,
                            size_t *left)
{
    if (reader->raw_len == FRAME_HEAD_BYTES &&
        reader->body_len == reader->head.len) {
        frame_reader_fini(reader); /* the frame before has been used */
    }
    if (reader->raw_len < FRAME_HEAD_BYTES) {
        enum frame_event event;

        reader->raw_len += take(at, left, reader->raw + reader->raw_len,
                                FRAME_HEAD_BYTES - reader->raw_len);
        if (reader->raw_len < FRAME_HEAD_BYTES)
            return FRAME_MORE;
        event = begin_body(reader);
        if (event != FRAME_READY)
            return event;
    }
    reader->body_len +=
        take(at, left, reader->body ? reader->body + reader->body_len : NULL,
             reader->head.len - reader->body_len);
    if (reader->body_len < reader->head.len)
        return FRAME_MORE;
    if (reader->body)
        return FRAME_READY;
    frame_reader_fini(reader); /* skipped to its end */
    return *left ? frame_read(reader, at, left) : FRAME_MORE;
}

void frame_reader_fini(struct frame_reader *reader)
{
    free(reader->body);
    memset(reader, 0, sizeof(*reader));
}

void frame_write_head(uint8_t out[FRAME_HEAD_BYTES],
                      const struct frame_head *head)
{
    store_be32(out, head->len);
    store_be32(out + 4, head->stream);
    out[8] = head->type;
    out[9] = head->flags;
}
