/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "serve/http.h"

#include <string.h>

/* -- Characters ------------------------------------------------------------ */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_token_char(char c)
{
    return is_letter(c) || is_digit(c) ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c));
}

/* Visible ASCII, and bytes beyond it. */
static bool is_field_char(char c)
{
    return (unsigned char)c > 0x20 && c != 0x7f;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* The value of a hexadecimal digit, or -1. */
static int hex(char c)
{
    if (is_digit(c))
        return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* -- Spans ----------------------------------------------------------------- */

bool span_is(struct span span, const char *text)
{
    for (size_t i = 0; i < span.len; i++) {
        if (text[i] == '\0' || lower(span.at[i]) != lower(text[i]))
            return false;
    }
    return text[span.len] == '\0';
}

bool span_equal(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool span_next(struct span *list, struct span *out)
{
    const char *comma;

    if (list->len == 0)
        return false;
    comma = memchr(list->at, ',', list->len);
    out->at = list->at;
    out->len = comma ? (size_t)(comma - list->at) : list->len;
    list->at += out->len + (comma ? 1 : 0);
    list->len -= out->len + (comma ? 1 : 0);
    *out = http_trim(*out);
    return true;
}

struct span http_trim(struct span span)
{
    while (span.len > 0 && is_blank(span.at[0])) {
        span.at++;
        span.len--;
    }
    while (span.len > 0 && is_blank(span.at[span.len - 1]))
        span.len--;
    return span;
}

bool http_is_token(struct span span)
{
    for (size_t i = 0; i < span.len; i++) {
        if (!is_token_char(span.at[i]))
            return false;
    }
    return span.len > 0;
}

bool http_is_value(struct span span)
{
    for (size_t i = 0; i < span.len; i++) {
        if (!is_field_char(span.at[i]) && !is_blank(span.at[i]))
            return false;
    }
    return true;
}

bool http_number(struct span span, uint64_t *out)
{
    *out = 0;
    if (span.len == 0 || span.len > 18)
        return false;
    for (size_t i = 0; i < span.len; i++) {
        if (!is_digit(span.at[i]))
            return false;
        *out = *out * 10 + (uint64_t)(span.at[i] - '0');
    }
    return true;
}

/* -- Lines ----------------------------------------------------------------- */

static bool refuse(struct http_fault *fault, int status, const char *why)
{
    *fault = (struct http_fault){status, why};
    return false;
}

/* A line ends with CR LF.  A line feed alone ends one for some programs and not
 * for others, so it is refused as soon as it is seen. */
size_t http_find_end(const char *bytes, size_t len, size_t *seen,
                     struct http_fault *fault)
{
    size_t at = *seen;

    *fault = (struct http_fault){0};
    while (at < len) {
        const char *feed = memchr(bytes + at, '\n', len - at);
        size_t next = feed ? (size_t)(feed - bytes) + 1 : len;

        if (memchr(bytes + at, '\0', next - at)) {
            refuse(fault, 400, "a NUL in the head");
            return 0;
        }
        if (!feed)
            break;
        if (next < 2 || bytes[next - 2] != '\r') {
            refuse(fault, 400, "a line feed without a carriage return");
            return 0;
        }
        at = next;
        if (next >= 4 && bytes[next - 4] == '\r' && bytes[next - 3] == '\n') {
            *seen = at;
            return next;
        }
    }
    *seen = at > len ? len : at;
    return 0;
}

/* Cuts a line off, without its end.  The head is known to have one. */
static struct span next_line(struct span *rest)
{
    const char *end = memchr(rest->at, '\n', rest->len);
    struct span line = {rest->at, (size_t)(end - rest->at) - 1};

    rest->len -= line.len + 2;
    rest->at += line.len + 2;
    return line;
}

/* -- The request line ------------------------------------------------------ */

static bool is_target(struct span target)
{
    for (size_t i = 0; i < target.len; i++) {
        unsigned char c = (unsigned char)target.at[i];

        if (c <= 0x20 || c >= 0x7f || strchr("#\"<>\\^`{|}", c))
            return false;
    }
    return target.len > 0;
}

static bool is_host(struct span host)
{
    for (size_t i = 0; i < host.len; i++) {
        char c = host.at[i];

        if (!is_letter(c) && !is_digit(c) && !strchr("-._~!$&'()*+,;=:[]%", c))
            return false;
    }
    return true;
}

/* "http://host/path": the form that is meant for proxies and must be taken. */
static bool cut_authority(struct http_request *out)
{
    static const char scheme[] = "http://";
    struct span rest = out->target;
    size_t len = 0;

    if (rest.len < sizeof(scheme) - 1 ||
        !span_is((struct span){rest.at, sizeof(scheme) - 1}, scheme))
        return false;
    rest.at += sizeof(scheme) - 1;
    rest.len -= sizeof(scheme) - 1;
    while (len < rest.len && rest.at[len] != '/' && rest.at[len] != '?')
        len++;
    out->host = (struct span){rest.at, len};
    out->path = (struct span){rest.at + len, rest.len - len};
    return len > 0 && is_host(out->host);
}

/* A path; an URI, of which the authority is cut off; or "*" with OPTIONS. */
static bool parse_target(struct http_request *out, struct http_fault *fault)
{
    const char *mark;

    if (out->target.len > HTTP_TARGET_MAX)
        return refuse(fault, 414, "the target is too long");
    if (!is_target(out->target))
        return refuse(fault, 400, "the target has characters it may not have");
    out->path = out->target;
    if (span_is(out->method, "CONNECT"))
        return refuse(fault, 501, "CONNECT is not for servers like this");
    if (out->target.at[0] != '/' && !cut_authority(out) &&
        !(span_is(out->target, "*") && span_is(out->method, "OPTIONS")))
        return refuse(fault, 400, "the target is neither a path nor an URI");
    mark = out->path.len ? memchr(out->path.at, '?', out->path.len) : NULL;
    if (mark) {
        size_t len = (size_t)(mark - out->path.at);

        out->query = (struct span){mark + 1, out->path.len - len - 1};
        out->path.len = len;
    }
    if (out->path.len == 0)
        out->path = (struct span){"/", 1};
    return true;
}

static bool parse_version(struct span version, struct http_request *out,
                          struct http_fault *fault)
{
    if (version.len != 8 || memcmp(version.at, "HTTP/", 5) != 0 ||
        !is_digit(version.at[5]) || version.at[6] != '.' ||
        !is_digit(version.at[7]))
        return refuse(fault, 400, "the request line names no version");
    if (version.at[5] != '1' || version.at[7] > '1')
        return refuse(fault, 505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
    out->minor = (unsigned)(version.at[7] - '0');
    return true;
}

/* Three words with one space between each. */
static bool parse_line(struct span line, struct http_request *out,
                       struct http_fault *fault)
{
    const char *first = memchr(line.at, ' ', line.len), *second;
    size_t left;

    if (!first)
        return refuse(fault, 400, "the request line is not three words");
    left = line.len - (size_t)(first + 1 - line.at);
    second = memchr(first + 1, ' ', left);
    if (!second)
        return refuse(fault, 400, "the request line is not three words");
    out->method = (struct span){line.at, (size_t)(first - line.at)};
    out->target = (struct span){first + 1, (size_t)(second - first) - 1};
    if (!http_is_token(out->method))
        return refuse(fault, 400, "the method is no token");
    return parse_version((struct span){second + 1, left - out->target.len - 1},
                         out, fault) &&
           parse_target(out, fault);
}

/* -- Fields ---------------------------------------------------------------- */

static bool parse_field(struct span line, struct http_field *out,
                        struct http_fault *fault)
{
    const char *colon = memchr(line.at, ':', line.len);

    if (is_blank(line.at[0]))
        return refuse(fault, 400, "a field goes on in the next line");
    if (!colon)
        return refuse(fault, 400, "a field has no colon");
    out->name = (struct span){line.at, (size_t)(colon - line.at)};
    out->value =
        http_trim((struct span){colon + 1, line.len - out->name.len - 1});
    if (!http_is_token(out->name))
        return refuse(fault, 400, "the name of a field is no token");
    if (!http_is_value(out->value))
        return refuse(fault, 400, "a field has characters it may not have");
    return true;
}

static bool parse_fields(struct span rest, struct http_request *out,
                         struct http_fault *fault)
{
    for (;;) {
        struct span line = next_line(&rest);

        if (line.len == 0)
            return true;
        if (out->nfields == HTTP_FIELDS_MAX)
            return refuse(fault, 431, "too many fields");
        if (!parse_field(line, &out->fields[out->nfields], fault))
            return false;
        out->nfields++;
    }
}

/* -- What the fields mean -------------------------------------------------- */

/* The only field of that name; *count says how many there are. */
static struct span only(const struct http_request *request, const char *name,
                        size_t *count)
{
    struct span value = {NULL, 0};

    *count = 0;
    for (size_t i = 0; i < request->nfields; i++) {
        if (!span_is(request->fields[i].name, name))
            continue;
        value = request->fields[i].value;
        ++*count;
    }
    return value;
}

struct span http_field(const struct http_request *request, const char *name)
{
    size_t count;

    return only(request, name, &count);
}

static bool find_host(struct http_request *out, struct http_fault *fault)
{
    size_t count;
    struct span host = only(out, "Host", &count);

    if (count > 1 || (count == 0 && out->minor == 1))
        return refuse(fault, 400, "exactly one Host is needed");
    if (!is_host(host))
        return refuse(fault, 400, "Host is no name of a host");
    if (out->host.len == 0)
        out->host = host;
    return true;
}

/* How long the body is (RFC 9112, 6).  Two answers are one too many. */
static bool find_framing(struct http_request *out, struct http_fault *fault)
{
    size_t lengths, codings;
    struct span length = only(out, "Content-Length", &lengths);
    struct span coding = only(out, "Transfer-Encoding", &codings);

    if (lengths + codings > 1)
        return refuse(fault, 400, "the length of the body is told twice");
    out->has_length = lengths > 0;
    if (lengths && !http_number(length, &out->length))
        return refuse(fault, 400, "Content-Length is no number");
    if (!codings)
        return true;
    if (out->minor == 0)
        return refuse(fault, 400, "HTTP/1.0 has no Transfer-Encoding");
    if (!span_is(coding, "chunked"))
        return refuse(fault, 501, "the only Transfer-Encoding is chunked");
    out->is_chunked = true;
    return true;
}

static void find_connection(struct http_request *out)
{
    out->keeps_alive = out->minor == 1;
    for (size_t i = 0; i < out->nfields; i++) {
        struct span list = out->fields[i].value, word;

        if (!span_is(out->fields[i].name, "Connection"))
            continue;
        while (span_next(&list, &word)) {
            if (span_is(word, "close")) {
                out->keeps_alive = false;
                return;
            }
            if (span_is(word, "keep-alive"))
                out->keeps_alive = true;
        }
    }
}

static bool find_expectation(struct http_request *out, struct http_fault *fault)
{
    size_t count;
    struct span value = only(out, "Expect", &count);

    if (count == 0 || out->minor == 0)
        return true;
    if (count > 1 || !span_is(value, "100-continue"))
        return refuse(fault, 417, "the only expectation is 100-continue");
    out->expects_continue = out->is_chunked || out->length > 0;
    return true;
}

bool http_parse(const char *head, size_t len, struct http_request *out,
                struct http_fault *fault)
{
    struct span rest = {head, len};

    *fault = (struct http_fault){0};
    /* All but the fields, which are many. */
    memset(out, 0, offsetof(struct http_request, fields));
    return parse_line(next_line(&rest), out, fault) &&
           parse_fields(rest, out, fault) && find_host(out, fault) &&
           find_framing(out, fault) &&
           (find_connection(out), find_expectation(out, fault));
}

/* -- Paths ----------------------------------------------------------------- */

/* Decodes %XX; returns the length, or SIZE_MAX. */
static size_t decode(struct span path, char *out)
{
    size_t len = 0;

    for (size_t i = 0; i < path.len; i++) {
        char c = path.at[i];

        if (c == '%') {
            bool is_whole = path.len - i > 2;
            int high = is_whole ? hex(path.at[i + 1]) : -1;
            int low = is_whole ? hex(path.at[i + 2]) : -1;

            if (high < 0 || low < 0)
                return SIZE_MAX;
            c = (char)(high * 16 + low);
            i += 2;
        }
        if (c == '\0')
            return SIZE_MAX;
        out[len++] = c;
    }
    return len;
}

/* Takes the last segment off, with the slash before it. */
static bool go_up(const char *out, size_t *len)
{
    if (*len == 0)
        return false;
    do
        --*len;
    while (out[*len] != '/');
    return true;
}

bool http_decode_path(struct span path, char *out)
{
    size_t total = decode(path, out), len = 0, at = 0;

    if (total == SIZE_MAX || total == 0 || out[0] != '/')
        return false;
    while (at < total) {
        size_t end = at + 1;
        bool is_last;

        while (end < total && out[end] != '/')
            end++;
        is_last = end == total;
        if (end - at == 2 && out[at + 1] == '.') {
            if (is_last)
                out[len++] = '/';
        } else if (end - at == 3 && out[at + 1] == '.' && out[at + 2] == '.') {
            if (!go_up(out, &len))
                return false;
            if (is_last)
                out[len++] = '/';
        } else {
            memmove(out + len, out + at, end - at);
            len += end - at;
        }
        at = end;
    }
    out[len] = '\0';
    return true;
}

const char *http_reason(int status)
{
    switch (status) {
#define STATUS(number, words)                                                  \
    case number: return words;
#include "serve/status.def"
#undef STATUS
    default: return "";
    }
}
