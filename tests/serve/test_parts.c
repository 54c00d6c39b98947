/*
 * The parts of the server that only compute.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "serve/cgi.h"
#include "serve/chunked.h"
#include "serve/date.h"
#include "serve/file.h"
#include "serve/http.h"
#include "serve/log.h"
#include "serve/ring.h"
#include "serve/route.h"
#include "serve/stats.h"
#include "tests/lib/test.h"

#include <stdio.h>
#include <string.h>

static struct span span_of(const char *text)
{
    return (struct span){text, strlen(text)};
}

static const char *text_of(struct span span)
{
    static char text[4][256];
    static int n;
    char *to = text[n++ % 4];

    snprintf(to, 256, "%.*s", (int)span.len, span.len ? span.at : "");
    return to;
}

/* -- Heads of requests ----------------------------------------------------- */

/* The status with which a head is refused; 0: it is not. */
static int parse(const char *text, struct http_request *out)
{
    struct http_fault fault;
    size_t seen = 0, len = http_find_end(text, strlen(text), &seen, &fault);

    if (fault.status)
        return fault.status;
    if (len == 0)
        return -1;
    return http_parse(text, len, out, &fault) ? 0 : fault.status;
}

TEST(http_reads_a_head)
{
    struct http_request r;

    CHECK_EQ(parse("POST /a/b?c=d?e HTTP/1.1\r\nHost: x:80\r\n"
                   "Content-Length: 12\r\nEmpty:\r\nX-A:  b c \t\r\n\r\n",
                   &r),
             0);
    CHECK_STR_EQ(text_of(r.method), "POST");
    CHECK_STR_EQ(text_of(r.path), "/a/b");
    CHECK_STR_EQ(text_of(r.query), "c=d?e");
    CHECK_STR_EQ(text_of(r.host), "x:80");
    CHECK_STR_EQ(text_of(http_field(&r, "x-a")), "b c");
    CHECK_STR_EQ(text_of(http_field(&r, "empty")), "");
    CHECK(http_field(&r, "none").at == NULL);
    CHECK(r.keeps_alive && r.has_length && r.length == 12 && r.minor == 1);

    CHECK_EQ(parse("GET http://h?q HTTP/1.0\r\n\r\n", &r), 0);
    CHECK_STR_EQ(text_of(r.host), "h");
    CHECK_STR_EQ(text_of(r.path), "/");
    CHECK_STR_EQ(text_of(r.query), "q");
    CHECK(!r.keeps_alive);
    CHECK_EQ(
        parse("OPTIONS * HTTP/1.1\r\nHost:\r\nConnection: a, close\r\n\r\n",
              &r),
        0);
    CHECK(!r.keeps_alive);
    CHECK_EQ(parse("PUT / HTTP/1.1\r\nHost: x\r\ntransfer-encoding: Chunked\r\n"
                   "Expect: 100-continue\r\n\r\n",
                   &r),
             0);
    CHECK(r.is_chunked && r.expects_continue);
    CHECK_EQ(parse("GET / HTTP/1.1\r\nHost: x\r\n", &r), -1);
}

TEST(http_refuses_what_is_not_strict)
{
#define H(fields) "GET / HTTP/1.1\r\nHost: x\r\n" fields "\r\n"
    static const struct {
        int status;
        const char *head;
    } cases[] = {
        {400, "GET / HTTP/1.1\nHost: x\n\n"},
        {400, "GET / HTTP/1.1\r\nHost: x\n\r\n"},
        {400, "GET  / HTTP/1.1\r\nHost: x\r\n\r\n"},
        {400, "GET / HTTP/1.1 \r\nHost: x\r\n\r\n"},
        {400, " GET / HTTP/1.1\r\nHost: x\r\n\r\n"},
        {400, "GET\t/ HTTP/1.1\r\nHost: x\r\n\r\n"},
        {400, "GET /\r\n\r\n"},
        {400, "G(T / HTTP/1.1\r\nHost: x\r\n\r\n"},
        {400, "GET a HTTP/1.1\r\nHost: x\r\n\r\n"},
        {400, "GET /#a HTTP/1.1\r\nHost: x\r\n\r\n"},
        {400, "GET /\x80 HTTP/1.1\r\nHost: x\r\n\r\n"},
        {400, "GET * HTTP/1.1\r\nHost: x\r\n\r\n"},
        {400, "GET http:/// HTTP/1.1\r\nHost: x\r\n\r\n"},
        {400, "GET / http/1.1\r\nHost: x\r\n\r\n"},
        {400, "GET / HTTP/1.10\r\nHost: x\r\n\r\n"},
        {505, "GET / HTTP/2.0\r\nHost: x\r\n\r\n"},
        {505, "GET / HTTP/1.2\r\nHost: x\r\n\r\n"},
        {501, "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\n\r\n"},
        {400, H("Host: y\r\n")},
        {400, "GET / HTTP/1.1\r\nHost: x/y\r\n\r\n"},
        {400, H("A\r\n")},
        {400, H("A : b\r\n")},
        {400, H(" A: b\r\n")},
        {400, H("A: b\r\n\tc\r\n")},
        {400, H(": b\r\n")},
        {400, H("A: b\1c\r\n")},
        {400, H("A: b\rc\r\n")},
        {400, H("Content-Length: 1\r\nContent-Length: 1\r\n")},
        {400, H("Content-Length: 1, 1\r\n")},
        {400, H("Content-Length: +1\r\n")},
        {400, H("Content-Length: 0x1\r\n")},
        {400, H("Content-Length:\r\n")},
        {400, H("Content-Length: 99999999999999999999\r\n")},
        {400, H("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n")},
        {400,
         H("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
        {501, H("Transfer-Encoding: gzip, chunked\r\n")},
        {501, H("Transfer-Encoding: xchunked\r\n")},
        {400, "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
        {417, H("Expect: miracles\r\n")},
    };
    struct http_request r;

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        int status = parse(cases[i].head, &r);

        if (status != cases[i].status)
            FAIL("%d and not %d for %s", status, cases[i].status,
                 cases[i].head);
    }
}

TEST(http_has_limits)
{
    static char text[32 * 1024];
    struct http_request r;
    size_t at;

    at = (size_t)sprintf(text, "GET /%09000d HTTP/1.1\r\nHost: x\r\n\r\n", 0);
    CHECK(at > HTTP_TARGET_MAX);
    CHECK_EQ(parse(text, &r), 414);
    at = (size_t)sprintf(text, "GET / HTTP/1.1\r\nHost: x\r\n");
    for (int i = 0; i < HTTP_FIELDS_MAX - 1; i++)
        at += (size_t)sprintf(text + at, "A: b\r\n");
    sprintf(text + at, "\r\n");
    CHECK_EQ(parse(text, &r), 0);
    sprintf(text + at, "A: b\r\n\r\n");
    CHECK_EQ(parse(text, &r), 431);
}

static const char *decoded(const char *path)
{
    static char out[256];

    return http_decode_path(span_of(path), out) ? out : NULL;
}

TEST(http_decodes_paths)
{
    CHECK_STR_EQ(decoded("/"), "/");
    CHECK_STR_EQ(decoded("/a/../b"), "/b");
    CHECK_STR_EQ(decoded("/a/./b/."), "/a/b/");
    CHECK_STR_EQ(decoded("/a/b/.."), "/a/");
    CHECK_STR_EQ(decoded("/a/%2e%2E/b%20c"), "/b c");
    CHECK_STR_EQ(decoded("/..."), "/...");
    CHECK_STR_EQ(decoded("//a"), "//a");
    CHECK(decoded("/..") == NULL);
    CHECK(decoded("/a/../../b") == NULL);
    CHECK(decoded("/%") == NULL);
    CHECK(decoded("/%4") == NULL);
    CHECK(decoded("/%4g") == NULL);
    CHECK(decoded("/%00") == NULL);
    CHECK_STR_EQ(decoded("/%41"), "/A");
}

/* -- Chunks ---------------------------------------------------------------- */

/* Decodes a text in pieces of `step` bytes; NULL when it is malformed or not
 * complete.  *rest is what is behind it. */
static const char *dechunk(const char *text, size_t step, size_t *rest)
{
    static char out[256];
    struct chunked chunked = {0};
    size_t at = 0, len = 0, end = strlen(text);

    for (;;) {
        struct span in = {text + at, end - at < step ? end - at : step}, piece;
        enum chunked_event event = chunked_read(&chunked, &in, &piece);

        at = (size_t)(in.at - text);
        if (event == CHUNKED_BYTES) {
            memcpy(out + len, piece.at, piece.len);
            len += piece.len;
        } else if (event == CHUNKED_END) {
            out[len] = '\0';
            *rest = end - at;
            return out;
        } else if (event == CHUNKED_BAD || at == end) {
            return NULL;
        }
    }
}

TEST(chunked_bodies_come_in_any_pieces)
{
    static const char text[] = "3\r\nabc\r\n0A;n=\"v\"\r\n0123456789\r\n"
                               "000\r\nTrailer: x\r\nOther: y\r\n\r\nGET";
    size_t rest;

    for (size_t step = 1; step < sizeof(text); step++) {
        CHECK_STR_EQ(dechunk(text, step, &rest), "abc0123456789");
        CHECK_EQ(rest, 3);
    }
    CHECK_STR_EQ(dechunk("0\r\n\r\n", 9, &rest), "");
}

TEST(chunked_refuses_what_is_not_strict)
{
    static const char *const cases[] = {
        "\r\n",        "x\r\n",           "0x1\r\na\r\n0\r\n\r\n",
        "1 \r\na\r\n", "1\na\r\n",        "1\r\nab\r\n",
        "1\r\na\n",    "1\r\na\r\n\r\n",  "-1\r\n",
        "+1\r\n",      " 1\r\n",          "1;\n",
        "0\r\n\n",     "0\r\n a\r\n\r\n", "1000000000000000\r\n",
        "1\r\r\na",    "0\r\nA: b\n\r\n", "1;\1\r\na\r\n0\r\n\r\n",
    };
    size_t rest;

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        if (dechunk(cases[i], 64, &rest))
            FAIL("accepted: %s", cases[i]);
    }
}

TEST(chunked_gives_back_what_does_not_fit)
{
    struct chunked chunked = {0};
    struct span in = span_of("5\r\nhello\r\n0\r\n\r\n"), piece;

    CHECK_EQ(chunked_read(&chunked, &in, &piece), CHUNKED_BYTES);
    chunked_give_back(&chunked, &in, 3);
    CHECK_EQ(chunked_read(&chunked, &in, &piece), CHUNKED_BYTES);
    CHECK_STR_EQ(text_of(piece), "llo");
    CHECK_EQ(chunked_read(&chunked, &in, &piece), CHUNKED_END);
}

/* -- CGI ------------------------------------------------------------------- */

static const char *cgi(const char *text, struct cgi_head *out)
{
    size_t len = cgi_find_end(text, strlen(text));

    return len ? cgi_parse(text, len, out) : "no end";
}

TEST(cgi_reads_a_head)
{
    struct cgi_head head;

    CHECK(cgi("Content-Type: a/b\nX:y\r\n\nrest", &head) == NULL);
    CHECK_EQ(head.status, 200);
    CHECK_EQ(head.nfields, 2);
    CHECK(cgi("Status: 404\n\n", &head) == NULL);
    CHECK_EQ(head.status, 404);
    CHECK(cgi("Location: /a\n\n", &head) == NULL);
    CHECK(head.is_local);
    CHECK(cgi("Location: //evil/a\n\n", &head) == NULL);
    CHECK(!head.is_local && head.status == 302);
    CHECK(cgi("Status: 303 See\nLocation: /a\n\n", &head) == NULL);
    CHECK(!head.is_local && head.status == 303);
    CHECK_STR_EQ(text_of(head.reason), "See");
    CHECK(cgi("Content-Type: a\nContent-Length: 5\n\n", &head) == NULL);
    CHECK(head.has_length && head.length == 5);
    CHECK(cgi("Content-Type: a\nConnection: x\nTransfer-Encoding: y\n\n",
              &head) == NULL);
    CHECK_EQ(head.nfields, 2 - 1);
}

TEST(cgi_refuses_garbage)
{
    static const char *const cases[] = {
        "\n",
        "HTTP/1.1 200 OK\nContent-Type: a\n\n",
        "no colon\n\n",
        "A b: c\n\n",
        "X: y\n\n",
        "Status: 99\n\n",
        "Status: 101 x\n\n",
        "Status: 600\n\n",
        "Status: 2000\n\n",
        "Status: 200\nStatus: 200\n\n",
        "Status:\n\n",
        "Content-Type: a\001b\n\n",
        "Content-Type: a\rb\n\n",
        "Content-Type: a\nContent-Length: x\n\n",
        "Content-Type: a\nContent-Length: 1\nContent-Length: 1\n\n",
        "Location:\n\n",
        "Location: a\nLocation: b\n\n",
        "Content-Type: a\n b\n\n",
    };
    struct cgi_head head;

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        if (!cgi(cases[i], &head))
            FAIL("accepted: %s", cases[i]);
    }
}

/* -- The rest -------------------------------------------------------------- */

TEST(dates_go_both_ways)
{
    char text[DATE_BYTES];
    int64_t seconds;

    date_write(784111777, text);
    CHECK_STR_EQ(text, "Sun, 06 Nov 1994 08:49:37 GMT");
    date_write_iso(0, text);
    CHECK_STR_EQ(text, "1970-01-01T00:00:00Z");
    for (int64_t day = -1000; day < 50000; day++) {
        date_write(day * 86400 + 3661, text);
        CHECK(date_read(span_of(text), &seconds));
        CHECK_EQ(seconds, day * 86400 + 3661);
    }
    date_write(951782400, text);
    CHECK_STR_EQ(text, "Tue, 29 Feb 2000 00:00:00 GMT");
    CHECK(!date_read(span_of("Sunday, 06-Nov-94 08:49:37 GMT"), &seconds));
}

TEST(ranges_of_files)
{
    static const struct {
        const char *value;
        int kind;
        uint64_t at, len;
    } cases[] = {
        {"bytes=0-0", FILE_PART, 0, 1},    {"bytes=2-", FILE_PART, 2, 8},
        {"bytes=-3", FILE_PART, 7, 3},     {"bytes=-30", FILE_PART, 0, 10},
        {"bytes=5-99", FILE_PART, 5, 5},   {"bytes=9-9", FILE_PART, 9, 1},
        {"bytes=10-", FILE_OUTSIDE, 0, 0}, {"bytes=-0", FILE_OUTSIDE, 0, 0},
        {"bytes=3-2", FILE_WHOLE, 0, 0},   {"bytes=1-2,4-5", FILE_WHOLE, 0, 0},
        {"bytes=", FILE_WHOLE, 0, 0},      {"bytes=-", FILE_WHOLE, 0, 0},
        {"lines=1-2", FILE_WHOLE, 0, 0},   {"bytes=a-b", FILE_WHOLE, 0, 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        uint64_t at = 0, len = 0;
        int kind = (int)file_range(span_of(cases[i].value), 10, &at, &len);

        if (kind != cases[i].kind ||
            (kind == FILE_PART && (at != cases[i].at || len != cases[i].len)))
            FAIL("%s", cases[i].value);
    }
}

TEST(names_of_files)
{
    CHECK_STR_EQ(file_type("a/b.HTML"), "text/html; charset=utf-8");
    CHECK_STR_EQ(file_type("noend"), "application/octet-stream");
    CHECK(file_is_hidden("/.git/config") && file_is_hidden("/a/.b"));
    CHECK(!file_is_hidden("/a.b/c.") && !file_is_hidden("/.well-known/x"));
    CHECK(file_is_hidden("/.well-known/.x") && file_is_hidden("/.well-knownx"));
    CHECK(file_has_tag(span_of("\"a\", W/\"b\""), "\"b\""));
    CHECK(file_has_tag(span_of("*"), "\"b\""));
    CHECK(!file_has_tag(span_of("\"a\""), "\"b\""));
}

/* Also when it grows with its bytes on both sides of the end. */
TEST(ring_grows_with_what_is_in_it)
{
    enum { CAP = 50000 };
    static unsigned char in[CAP], out[CAP];
    struct ring ring = {.cap = CAP};
    size_t put = 0, got = 0;

    for (size_t i = 0; i < CAP; i++)
        in[i] = (unsigned char)(i * 7 + i / 256);
    CHECK_EQ(ring_put(&ring, in, 10), 10);
    CHECK(ring.size < CAP / 2);
    ring_fini(&ring);
    for (size_t step = 1; put < CAP; step += 13) {
        size_t len = step < CAP - put ? step : CAP - put;

        put += ring_put(&ring, in + put, len);
        got += ring_get(&ring, out + got, step / 3);
    }
    CHECK_EQ(ring_get(&ring, out + got, CAP), CAP - got);
    CHECK_EQ(memcmp(in, out, CAP), 0);
    CHECK_EQ(ring_put(&ring, in, CAP), CAP);
    CHECK_EQ(ring_put(&ring, in, 1), 0);
    ring_fini(&ring);
}

TEST(ring_keeps_order_around_its_end)
{
    struct ring ring = {.cap = 7};
    char out[8] = "", next = 0, expect = 0;

    for (int i = 0; i < 1000; i++) {
        char in[3] = {next, (char)(next + 1), (char)(next + 2)};
        size_t put = ring_put(&ring, in, 3), got;

        next = (char)(next + (int)put);
        got = ring_get(&ring, out, (size_t)(i % 4));
        for (size_t k = 0; k < got; k++)
            CHECK_EQ(out[k], expect++);
    }
    CHECK(ring.len <= 7 && ring_room(&ring) == 7 - ring.len);
    ring_fini(&ring);
}

TEST(routes_are_found_by_whole_segments)
{
    static const struct serve_route configs[] = {
        {.path = "/"}, {.path = "/a"}, {.path = "/a/b/"}};
    struct route routes[3];

    for (int i = 0; i < 3; i++)
        routes[i] = (struct route){.config = &configs[i]};
    CHECK(route_find(routes, 3, "/x") == &routes[0]);
    CHECK(route_find(routes, 3, "/a") == &routes[1]);
    CHECK(route_find(routes, 3, "/ab") == &routes[0]);
    CHECK(route_find(routes, 3, "/a/b") == &routes[2]);
    CHECK(route_find(routes, 3, "/a/b/c") == &routes[2]);
    CHECK(route_find(routes + 1, 2, "/x") == NULL);
    CHECK_STR_EQ(route_rest(&routes[2], "/a/b/c"), "/c");
    CHECK_STR_EQ(route_rest(&routes[0], "/x"), "/x");
}

TEST(log_lines_are_one_line)
{
    struct guest_report report = {.end = GUEST_TRAPPED, .text = "a \"b\"\n"};
    struct log_entry entry = {.id = "1",
                              .remote = "::1",
                              .method = span_of("GET"),
                              .target = span_of("/\"\r\n\x80"),
                              .minor = 1,
                              .route = "/",
                              .status = 500,
                              .guest = &report};
    char line[1024], small[40];

    CHECK_EQ(log_write_text(&entry, line, sizeof(line)), strlen(line));
    CHECK_STR_HAS(line, "\"GET /\\\"\\x0d\\x0a\\x80 HTTP/1.1\" 500 ");
    CHECK(strchr(line, '\n') == line + strlen(line) - 1);
    log_write_json(&entry, line, sizeof(line));
    CHECK_STR_HAS(line, "\"target\":\"/\\\"\\u000d\\u000a\\u0080\"");
    CHECK_STR_HAS(line, "\"error\":\"a \\\"b\\\"\\u000a\"}\n");
    CHECK(log_write_json(&entry, small, sizeof(small)) < sizeof(small));
    CHECK(log_write_text(&entry, small, sizeof(small)) < sizeof(small));
}

TEST(hist_finds_shares)
{
    static struct hist hist;
    uint64_t counts[HIST_CLASSES];

    for (int i = 1; i <= 1000; i++)
        hist_add(&hist, (uint64_t)i * 1000000);
    for (int i = 0; i < HIST_CLASSES; i++)
        counts[i] = hist.counts[i];
    CHECK(hist_quantile(counts, 0.5) >= 500000000);
    CHECK(hist_quantile(counts, 0.5) < 640000000);
    CHECK(hist_quantile(counts, 0.99) >= 990000000);
    hist_add(&hist, UINT64_MAX);
    CHECK_EQ(hist.counts[HIST_CLASSES - 1], 1);
    hist_add(&hist, 0);
    CHECK_EQ(hist.counts[0], 1);
}
