/*
 * What a guest writes in front of its answer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "serve/cgi.h"

#include <string.h>

size_t cgi_find_end(const char *bytes, size_t len)
{
    size_t at = 0;

    while (at < len) {
        const char *feed = memchr(bytes + at, '\n', len - at);
        size_t line;

        if (!feed)
            return 0;
        line = (size_t)(feed - bytes) - at;
        if (line == 0 || (line == 1 && bytes[at] == '\r'))
            return at + line + 1;
        at += line + 1;
    }
    return 0;
}

static struct span next_line(struct span *rest)
{
    const char *end = memchr(rest->at, '\n', rest->len);
    struct span line = {rest->at, end ? (size_t)(end - rest->at) : rest->len};

    rest->at += line.len + (end ? 1 : 0);
    rest->len -= line.len + (end ? 1 : 0);
    if (line.len > 0 && line.at[line.len - 1] == '\r')
        line.len--;
    return line;
}

/* Fields that are between us and the client, or that we write ourselves. */
static bool is_ours(struct span name)
{
    static const char *const names[] = {
        "Connection", "Keep-Alive",        "Proxy-Connection", "TE",
        "Trailer",    "Transfer-Encoding", "Upgrade",          "Date",
        "Server",     "X-Request-Id",
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (span_is(name, names[i]))
            return true;
    }
    return false;
}

/* "404 Not Found"; no status that announces another answer. */
static const char *read_status(struct span value, struct cgi_head *out)
{
    uint64_t number;

    if (out->status)
        return "two Status fields";
    if (value.len < 3 || !http_number((struct span){value.at, 3}, &number) ||
        number < 200 || number > 599 || (value.len > 3 && value.at[3] != ' '))
        return "Status is none of 200 to 599";
    out->status = (int)number;
    out->reason = http_trim((struct span){value.at + 3, value.len - 3});
    return NULL;
}

static const char *read_length(struct span value, struct cgi_head *out)
{
    if (out->has_length || !http_number(value, &out->length))
        return "Content-Length is no single number";
    out->has_length = true;
    return NULL;
}

static const char *read_location(struct span value, struct cgi_head *out)
{
    if (out->location.len > 0 || value.len == 0)
        return "Location is empty or there twice";
    out->location = value;
    return NULL;
}

static const char *read_field(struct http_field field, struct cgi_head *out)
{
    if (span_is(field.name, "Status"))
        return read_status(field.value, out);
    if (span_is(field.name, "Content-Length"))
        return read_length(field.value, out);
    if (span_is(field.name, "Location")) {
        const char *why = read_location(field.value, out);

        if (why)
            return why;
    }
    if (is_ours(field.name))
        return NULL;
    if (out->nfields == CGI_FIELDS_MAX)
        return "too many fields";
    out->fields[out->nfields++] = field;
    return NULL;
}

static const char *read_line(struct span line, struct cgi_head *out)
{
    const char *colon = memchr(line.at, ':', line.len);
    struct http_field field;

    if (!colon)
        return "a line without a colon";
    field.name = (struct span){line.at, (size_t)(colon - line.at)};
    field.value =
        http_trim((struct span){colon + 1, line.len - field.name.len - 1});
    if (!http_is_token(field.name))
        return "the name of a field is no token";
    if (!http_is_value(field.value))
        return "a field has characters it may not have";
    return read_field(field, out);
}

/* A path alone is answered from here; with a status it is the client's. */
static void finish(struct cgi_head *out, bool has_type)
{
    out->is_local = out->location.len > 0 && out->location.at[0] == '/' &&
                    (out->location.len < 2 || out->location.at[1] != '/') &&
                    !out->status && !has_type;
    if (!out->status)
        out->status = out->location.len > 0 ? 302 : 200;
}

/* RFC 3875, 6.2: one of three fields makes an answer. */
const char *cgi_parse(const char *head, size_t len, struct cgi_head *out)
{
    struct span rest = {head, len};
    bool has_type = false;

    memset(out, 0, offsetof(struct cgi_head, fields));
    while (rest.len > 0) {
        struct span line = next_line(&rest);
        const char *why;

        if (line.len == 0)
            break;
        why = read_line(line, out);
        if (why)
            return why;
    }
    for (size_t i = 0; i < out->nfields; i++)
        has_type |= span_is(out->fields[i].name, "Content-Type");
    if (!has_type && !out->status && out->location.len == 0)
        return "neither Content-Type nor Status nor Location";
    finish(out, has_type);
    return NULL;
}
