/*
 * Heads of requests and bodies in chunks: arbitrary bytes, in pieces that the
 * first byte chooses.  What is accepted must hold together: every span lies in
 * the head, and the framing is told in one way only.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "serve/chunked.h"
#include "serve/http.h"
#include "tests/fuzz/reach.h"

#include <stdlib.h>
#include <string.h>

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_within(struct span span, const char *head, size_t len)
{
    check(span.len == 0 ||
          (span.at >= head && span.at + span.len <= head + len) ||
          span_is(span, "/"));
}

/* A second reader of framing, which knows nothing of the first: looks for the
 * two names at the begin of a line. */
static size_t count_lines(const char *head, size_t len, const char *name)
{
    size_t count = 0, name_len = strlen(name);

    for (size_t i = 0; i + name_len < len; i++) {
        if (i >= 2 && head[i - 1] == '\n' &&
            span_is((struct span){head + i, name_len}, name))
            count++;
    }
    return count;
}

static void check_request(const struct http_request *r, const char *head,
                          size_t len)
{
    size_t lengths = count_lines(head, len, "content-length:");
    size_t codings = count_lines(head, len, "transfer-encoding:");

    check(lengths + codings <= 1);
    check(r->has_length == (lengths == 1) && r->is_chunked == (codings == 1));
    check(count_lines(head, len, "host:") == 1 || r->minor == 0);
    check_within(r->method, head, len);
    check_within(r->target, head, len);
    check_within(r->path, head, len);
    check_within(r->query, head, len);
    check_within(r->host, head, len);
    check(r->nfields <= HTTP_FIELDS_MAX);
    for (size_t i = 0; i < r->nfields; i++) {
        check_within(r->fields[i].name, head, len);
        check_within(r->fields[i].value, head, len);
        check(http_is_token(r->fields[i].name));
        /* A blank before the colon would hide the field from others. */
        check(r->fields[i].name.at[r->fields[i].name.len] == ':');
    }
}

/* What comes out has no dots that lead anywhere, and begins with a slash. */
static void check_path(const struct http_request *r)
{
    char *path = malloc(r->path.len + 1);

    if (http_decode_path(r->path, path)) {
        size_t len = strlen(path);

        reach("path");
        check(path[0] == '/' && len <= r->path.len && !strstr(path, "/../") &&
              !strstr(path, "/./"));
        check(len < 3 || strcmp(path + len - 3, "/..") != 0);
    } else {
        reach("path that is refused");
    }
    free(path);
}

static void read_chunks(const char *bytes, size_t len, size_t step)
{
    struct chunked chunked = {0};
    size_t at = 0, got = 0;

    while (at < len) {
        struct span in = {bytes + at, len - at < step ? len - at : step}, piece;
        enum chunked_event event = chunked_read(&chunked, &in, &piece);

        check(in.at >= bytes + at && in.at <= bytes + len);
        at = (size_t)(in.at - bytes);
        if (event == CHUNKED_BYTES) {
            check(piece.len > 0 && piece.at >= bytes);
            got += piece.len;
        }
        if (event == CHUNKED_END || event == CHUNKED_BAD) {
            reach(event == CHUNKED_END ? got ? "chunks" : "no chunk"
                                       : "chunks that are refused");
            return;
        }
    }
    reach("chunks without an end");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data + 1;
    struct http_request *request;
    struct http_fault fault = {0};
    size_t step, seen = 0, end = 0, len;

    if (size < 2)
        return 0;
    step = (size_t)data[0] + 1;
    size--;
    for (len = step < size ? step : size; !end && !fault.status;
         len = len + step < size ? len + step : size) {
        end = http_find_end(bytes, len, &seen, &fault);
        if (len == size)
            break;
    }
    if (!end) {
        reach(fault.status ? "head that cannot be" : "head without an end");
        return 0;
    }
    request = malloc(sizeof(*request));
    if (http_parse(bytes, end, request, &fault)) {
        reach(request->is_chunked ? "request with chunks" : "request");
        check_request(request, bytes, end);
        check_path(request);
        if (request->is_chunked)
            read_chunks(bytes + end, size - end, step);
    } else {
        check(fault.status >= 400 && fault.why);
        reach("request that is refused");
    }
    free(request);
    return 0;
}
