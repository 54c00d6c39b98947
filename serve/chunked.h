/*
 * A body in chunks (RFC 9112, 7.1), read strictly as it comes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SERVE_CHUNKED_H
#define SERVE_CHUNKED_H

#include "serve/http.h"

enum chunked_state {
    CHUNKED_SIZE, /* digits */
    CHUNKED_EXT,  /* an extension, to be ignored */
    CHUNKED_SIZE_FEED,
    CHUNKED_DATA,
    CHUNKED_DATA_CR,
    CHUNKED_DATA_FEED,
    CHUNKED_TRAILER_BEGIN,
    CHUNKED_TRAILER,
    CHUNKED_TRAILER_FEED,
    CHUNKED_LAST_FEED,
    CHUNKED_ENDED
};

/* Zeroed to begin with. */
struct chunked {
    enum chunked_state state;
    uint64_t left;   /* of the chunk */
    unsigned digits; /* of its size */
    size_t extra;    /* bytes of extensions and trailers so far */
};

enum chunked_event {
    CHUNKED_MORE,  /* everything was used up */
    CHUNKED_BYTES, /* *out is the next piece of the body */
    CHUNKED_END,   /* the body is complete; *in begins behind it */
    CHUNKED_BAD
};

/* Uses up bytes of *in until something is to be told. */
enum chunked_event chunked_read(struct chunked *chunked, struct span *in,
                                struct span *out);

/* Gives the end of the piece read last back: *in begins with it again. */
void chunked_give_back(struct chunked *chunked, struct span *in, size_t len);

#endif
