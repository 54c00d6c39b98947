/*
 * ttrpc frames, whole, in pieces, and wrong.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/frame.h"

#include "tests/lib/test.h"

#include <stdlib.h>
#include <string.h>

static size_t put_frame(uint8_t *out, uint32_t stream, const char *body)
{
    struct frame_head head = {
        .len = (uint32_t)strlen(body), .stream = stream, .type = FRAME_REQUEST};

    frame_write_head(out, &head);
    memcpy(out + FRAME_HEAD_BYTES, body, head.len);
    return FRAME_HEAD_BYTES + head.len;
}

TEST(frame_head_is_big_endian)
{
    static const uint8_t wanted[] = {0, 1, 2, 3, 4, 5, 6, 7, 2, 9};
    struct frame_head head = {0x010203, 0x04050607, FRAME_RESPONSE, 9};
    uint8_t bytes[FRAME_HEAD_BYTES];

    frame_write_head(bytes, &head);
    CHECK_MEM_EQ(bytes, wanted, sizeof(wanted));
}

/* Two frames, one of them empty, cut at every pair of places. */
TEST(frames_survive_every_cut)
{
    uint8_t bytes[64];
    size_t len = put_frame(bytes, 1, "hello");

    len += put_frame(bytes + len, 3, "");
    for (size_t a = 0; a <= len; a++) {
        for (size_t b = a; b <= len; b++) {
            const size_t ends[] = {a, b, len};
            struct frame_reader reader = {0};
            size_t from = 0;
            int ready = 0;

            for (int i = 0; i < 3; i++) {
                const uint8_t *at = bytes + from;
                size_t left = ends[i] - from;

                while (left > 0) {
                    if (frame_read(&reader, &at, &left) != FRAME_READY)
                        continue;
                    CHECK_EQ(reader.head.stream, ready == 0 ? 1u : 3u);
                    CHECK_EQ(reader.head.len, ready == 0 ? 5u : 0u);
                    if (ready++ == 0)
                        CHECK_MEM_EQ(reader.body, "hello", 5);
                }
                from = ends[i];
            }
            CHECK_EQ(ready, 2);
            frame_reader_fini(&reader);
        }
    }
}

/* What is too long is refused by its stream and skipped; the next one counts.
 */
TEST(frame_too_long_is_skipped)
{
    struct frame_head head = {FRAME_MAX_BYTES + 5, 7, FRAME_REQUEST, 0};
    size_t total = FRAME_HEAD_BYTES + head.len + 64;
    uint8_t *bytes = calloc(1, total);
    struct frame_reader reader = {0};
    const uint8_t *at = bytes;
    size_t left;

    CHECK(bytes != NULL);
    frame_write_head(bytes, &head);
    left = FRAME_HEAD_BYTES + head.len;
    left += put_frame(bytes + left, 9, "next");
    CHECK_EQ(frame_read(&reader, &at, &left), FRAME_TOO_LONG);
    CHECK_EQ(reader.head.stream, 7u);
    CHECK(reader.body == NULL);
    CHECK_EQ(frame_read(&reader, &at, &left), FRAME_READY);
    CHECK_EQ(reader.head.stream, 9u);
    CHECK_MEM_EQ(reader.body, "next", 4);
    CHECK_EQ(left, 0u);
    frame_reader_fini(&reader);
    free(bytes);
}
