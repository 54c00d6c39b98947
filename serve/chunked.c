/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "serve/chunked.h"

/* Digits of a size: no length that counts in 63 bits needs more.  Extensions
 * and trailers are thrown away, and so must be few. */
enum { MAX_DIGITS = 15, MAX_EXTRA = 16 * 1024 };

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool read_size(struct chunked *chunked, char c)
{
    int digit = hex(c);

    if (digit >= 0) {
        chunked->left = chunked->left * 16 + (uint64_t)digit;
        return ++chunked->digits <= MAX_DIGITS;
    }
    if (chunked->digits == 0)
        return false;
    chunked->state = c == ';' ? CHUNKED_EXT : CHUNKED_SIZE_FEED;
    return c == ';' || c == '\r';
}

/* A byte of what is thrown away; a CR ends it. */
static bool skip(struct chunked *chunked, char c, enum chunked_state at_end)
{
    if (c == '\r') {
        chunked->state = at_end;
        return true;
    }
    return http_is_value((struct span){&c, 1}) && ++chunked->extra <= MAX_EXTRA;
}

static bool begin_data(struct chunked *chunked, char c)
{
    chunked->state = chunked->left ? CHUNKED_DATA : CHUNKED_TRAILER_BEGIN;
    chunked->digits = 0;
    return c == '\n';
}

static bool expect(struct chunked *chunked, bool is_it, enum chunked_state then)
{
    chunked->state = then;
    return is_it;
}

static bool begin_trailer(struct chunked *chunked, char c)
{
    if (c == '\r')
        return expect(chunked, true, CHUNKED_LAST_FEED);
    chunked->state = CHUNKED_TRAILER;
    return c != ' ' && c != '\t' && skip(chunked, c, CHUNKED_TRAILER_FEED);
}

/* One byte of what surrounds the data. */
static bool step(struct chunked *chunked, char c)
{
    switch (chunked->state) {
    case CHUNKED_SIZE: return read_size(chunked, c);
    case CHUNKED_EXT: return skip(chunked, c, CHUNKED_SIZE_FEED);
    case CHUNKED_SIZE_FEED: return begin_data(chunked, c);
    case CHUNKED_DATA_CR: return expect(chunked, c == '\r', CHUNKED_DATA_FEED);
    case CHUNKED_DATA_FEED: return expect(chunked, c == '\n', CHUNKED_SIZE);
    case CHUNKED_TRAILER_BEGIN: return begin_trailer(chunked, c);
    case CHUNKED_TRAILER: return skip(chunked, c, CHUNKED_TRAILER_FEED);
    case CHUNKED_TRAILER_FEED:
        return expect(chunked, c == '\n', CHUNKED_TRAILER_BEGIN);
    case CHUNKED_LAST_FEED: return expect(chunked, c == '\n', CHUNKED_ENDED);
    case CHUNKED_DATA:
    case CHUNKED_ENDED: break;
    }
    return false;
}

static void take(struct span *from, size_t len)
{
    from->at += len;
    from->len -= len;
}

enum chunked_event chunked_read(struct chunked *chunked, struct span *in,
                                struct span *out)
{
    while (in->len > 0 || chunked->state == CHUNKED_ENDED) {
        char c;

        if (chunked->state == CHUNKED_ENDED)
            return CHUNKED_END;
        if (chunked->state == CHUNKED_DATA) {
            out->at = in->at;
            out->len =
                in->len < chunked->left ? in->len : (size_t)chunked->left;
            take(in, out->len);
            chunked->left -= out->len;
            if (chunked->left == 0)
                chunked->state = CHUNKED_DATA_CR;
            return CHUNKED_BYTES;
        }
        c = in->at[0];
        take(in, 1);
        if (!step(chunked, c))
            return CHUNKED_BAD;
    }
    return CHUNKED_MORE;
}

void chunked_give_back(struct chunked *chunked, struct span *in, size_t len)
{
    if (len == 0)
        return;
    in->at -= len;
    in->len += len;
    chunked->left += len;
    chunked->state = CHUNKED_DATA;
}
