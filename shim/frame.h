/*
 * ttrpc's frames: ten bytes of header, then up to 4 MiB.
 *
 *     length u32 | stream u32 | type u8 | flags u8 | length bytes      big
 * endian
 *
 * Nothing here reads or writes a socket: bytes go in as they arrive, frames
 * come out.  A frame that is too long is skipped, with its stream known, so
 * that it can be refused and the connection goes on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_FRAME_H
#define SHIM_FRAME_H

#include <stddef.h>
#include <stdint.h>

enum { FRAME_HEAD_BYTES = 10, FRAME_MAX_BYTES = 4 << 20 };

enum frame_type { FRAME_REQUEST = 1, FRAME_RESPONSE = 2, FRAME_DATA = 3 };

struct frame_head {
    uint32_t len;
    uint32_t stream;
    uint8_t type; /* enum frame_type, or anything */
    uint8_t flags;
};

/* Starts as all zeroes. */
struct frame_reader {
    uint8_t raw[FRAME_HEAD_BYTES];
    size_t raw_len; /* of raw */
    struct frame_head head;
    uint8_t *body;   /* owned; head.len bytes, or NULL while skipping */
    size_t body_len; /* that have come */
};

enum frame_event {
    FRAME_MORE,     /* everything was consumed; the frame is not complete */
    FRAME_READY,    /* head and body are complete until the next call */
    FRAME_TOO_LONG, /* head is complete; its bytes will be skipped */
    FRAME_OOM
};

/* Consumes bytes up to the next event. */
enum frame_event frame_read(struct frame_reader *reader, const uint8_t **at,
                            size_t *left);

void frame_reader_fini(struct frame_reader *reader);

void frame_write_head(uint8_t out[FRAME_HEAD_BYTES],
                      const struct frame_head *head);

#endif
