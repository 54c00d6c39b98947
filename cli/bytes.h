/*
 * Reading bytes of sections that nobody has checked: the first read beyond the
 * end fails, and all that follow give zeros.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_CLI_BYTES_H
#define WRT_CLI_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Borrows the bytes. */
struct cli_bytes {
    const uint8_t *pos, *end;
    bool failed;
};

/* The bytes may be absent: NULL and 0. */
static inline struct cli_bytes cli_bytes_of(const uint8_t *bytes, size_t len)
{
    return (struct cli_bytes){bytes, bytes ? bytes + len : NULL, false};
}

static inline size_t cli_bytes_left(const struct cli_bytes *b)
{
    return (size_t)(b->end - b->pos);
}

static inline void cli_bytes_fail(struct cli_bytes *b)
{
    b->failed = true;
    b->end = b->pos;
}

/* The next len bytes, or NULL. */
static inline const uint8_t *cli_bytes_take(struct cli_bytes *b, uint64_t len)
{
    const uint8_t *p = b->pos;

    if (len > cli_bytes_left(b)) {
        cli_bytes_fail(b);
        return NULL;
    }
    b->pos += len;
    return p;
}

/* A little-endian number of 1 to 8 bytes. */
static inline uint64_t cli_bytes_fixed(struct cli_bytes *b, unsigned len)
{
    const uint8_t *p = cli_bytes_take(b, len);
    uint64_t n = 0;

    for (unsigned i = 0; p && i < len; i++)
        n |= (uint64_t)p[i] << (8 * i);
    return n;
}

/* LEB128; bits beyond the 64th are dropped. */
static inline uint64_t cli_bytes_uleb(struct cli_bytes *b)
{
    uint64_t n = 0;
    uint8_t byte = 0x80;

    for (unsigned shift = 0; byte & 0x80; shift += 7) {
        byte = (uint8_t)cli_bytes_fixed(b, 1);
        if (shift < 64)
            n |= (uint64_t)(byte & 0x7f) << shift;
    }
    return n;
}

static inline int64_t cli_bytes_sleb(struct cli_bytes *b)
{
    uint64_t n = 0;
    uint8_t byte = 0x80;
    unsigned shift = 0;

    for (; byte & 0x80; shift += 7) {
        byte = (uint8_t)cli_bytes_fixed(b, 1);
        if (shift < 64)
            n |= (uint64_t)(byte & 0x7f) << shift;
    }
    if (shift < 64 && byte & 0x40)
        n |= UINT64_MAX << shift;
    return (int64_t)n;
}

/* Text with a NUL behind it, which is not counted; or NULL. */
static inline const char *cli_bytes_text(struct cli_bytes *b)
{
    const uint8_t *start = b->pos;

    while (cli_bytes_fixed(b, 1) != 0 && !b->failed) {
    }
    return b->failed ? NULL : (const char *)start;
}

#endif
