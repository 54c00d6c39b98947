/*
 * The head of a request: its line and header fields (RFC 9112), read strictly.
 *
 * A head is parsed when all of it is there, in one pass, and what comes out
 * points into it.  Whatever two programs could read differently is refused
 * instead of being interpreted: it is how requests are smuggled past proxies.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SERVE_HTTP_H
#define SERVE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A piece of somebody's bytes; at may be NULL when len is 0. */
struct span {
    const char *at;
    size_t len;
};

/* Whether it is this text, letters of either case. */
bool span_is(struct span span, const char *text);
bool span_equal(struct span a, struct span b);

/* Cuts the next of a list with commas off *list, without the blanks around;
 * false at the end. */
bool span_next(struct span *list, struct span *out);

struct http_field {
    struct span name, value;
};

enum { HTTP_FIELDS_MAX = 128, HTTP_TARGET_MAX = 8192 };

struct http_request {
    struct span method;
    struct span target; /* as sent */
    struct span path;   /* begins with '/', or is "*"; still encoded */
    struct span query;  /* behind '?' */
    struct span host;   /* of the target or the field Host; may be empty */
    unsigned minor;     /* of the version: 0 or 1 */
    bool keeps_alive;
    bool expects_continue;
    bool is_chunked;
    bool has_length;
    uint64_t length; /* of the body; 0 when there is none or it is chunked */
    size_t nfields;
    struct http_field fields[HTTP_FIELDS_MAX]; /* last: see http_parse() */
};

/* Why a head is refused. */
struct http_fault {
    int status; /* 0: it is not */
    const char *why;
};

/*
 * Looks for the end of a head in bytes[0..len).  *seen says how much of it an
 * earlier call looked at, 0 at first.  Returns the length of the head with its
 * empty line, or 0 when more is needed or `fault` was set.
 */
size_t http_find_end(const char *bytes, size_t len, size_t *seen,
                     struct http_fault *fault);

/* Parses a whole head; false: `fault` says why not. */
bool http_parse(const char *head, size_t len, struct http_request *out,
                struct http_fault *fault);

/* The value of a field, or a span of NULL. */
struct span http_field(const struct http_request *request, const char *name);

/* A token of RFC 9110, 5.6.2, and what may stand in a field's value. */
bool http_is_token(struct span span);
bool http_is_value(struct span span);

/* The value without the blanks around it. */
struct span http_trim(struct span span);

/* Digits only; false for anything else, and beyond 2^63. */
bool http_number(struct span span, uint64_t *out);

/*
 * Decodes the %XX of a path and removes its dot segments (RFC 3986, 5.2.4).
 * `out` has room for path.len + 1 bytes.  False for what is no path, for a NUL
 * and for dots that lead above the root.
 */
bool http_decode_path(struct span path, char *out);

/* The usual words for a status. */
const char *http_reason(int status);

#endif
