/*
 * An answer that a guest makes: CGI in, HTTP out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "array/grow.h"
#include "serve/conn.h"
#include "serve/exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_REDIRECTS = 10, PIECE_BYTES = 16 * 1024, CGI_FIRST_BYTES = 4096 };

/* -- Starting -------------------------------------------------------------- */

/* From the guest's thread, with its lock. */
static void on_tell(struct guest *guest, void *user)
{
    (void)guest;
    exchange_ready(user);
}

void program_begin(struct exchange *exchange)
{
    struct conn *conn = exchange->conn;
    const struct serve_limits *limits = &exchange->route->config->limits;
    struct cgi_request request = {.http = &exchange->http,
                                  .route = exchange->route->config,
                                  .path = exchange->path,
                                  .server_addr = conn->local_addr,
                                  .server_port = conn->local_port,
                                  .remote_addr = conn->remote_addr,
                                  .remote_port = conn->remote_port,
                                  .id = exchange->id};
    wasmrt_wasi_config *wasi = cgi_configure(&request);

    if (wasi)
        exchange->guest = guest_start(
            exchange->worker->server->pool, &exchange->route->app, wasi,
            exchange->id, (struct guest_listener){on_tell, exchange});
    if (!exchange->guest) {
        exchange_fail(exchange, 503, "too many requests wait, or no memory");
        return;
    }
    exchange->source = SOURCE_GUEST;
    if (limits->timeout_ns < UINT64_MAX - exchange->begin_ns)
        exchange->deadline_ns = exchange->begin_ns + limits->timeout_ns;
    if (exchange->has_body || exchange->drops_body)
        guest_give_end(exchange->guest);
}

/* -- Failing --------------------------------------------------------------- */

/* What a client is told about a guest that ended before it had answered. */
static void fail_by_end(struct exchange *exchange, enum guest_end end)
{
    const char *text = guest_report(exchange->guest)->text;

    switch (end) {
    case GUEST_TIMED_OUT:
        exchange_fail(exchange, 504, "the guest took too long");
        break;
    case GUEST_TOO_LONG:
        exchange_fail(exchange, 502, "the guest wrote more than it may");
        break;
    case GUEST_RETURNED:
        exchange_fail(exchange, 502,
                      exchange->status ? "the guest's answer is incomplete"
                      : exchange->cgi_len
                          ? "the guest ended within the head of its answer"
                          : "the guest wrote nothing");
        break;
    default: exchange_fail(exchange, 500, text); break;
    }
}

static void fail_by_head(struct exchange *exchange, const char *why)
{
    char text[160];

    snprintf(text, sizeof(text), "the guest's head is malformed: %s", why);
    exchange_fail(exchange, 502, text);
}

/* -- Local redirects ------------------------------------------------------- */

/* The fields that are about the body, which the new request has not. */
static bool is_about_body(struct span name)
{
    return span_is(name, "Content-Length") || span_is(name, "Content-Type") ||
           span_is(name, "Transfer-Encoding") || span_is(name, "Expect");
}

static size_t append(char *to, size_t at, struct span text)
{
    if (text.len > 0)
        memcpy(to + at, text.at, text.len);
    return at + text.len;
}

static struct span span_of(const char *text)
{
    return (struct span){text, strlen(text)};
}

/* The request as the client would have sent it for the new target. */
static char *new_head(const struct http_request *http, struct span target,
                      size_t *len_out)
{
    size_t size = target.len + 64, at = 0;
    char *head;

    for (size_t i = 0; i < http->nfields; i++)
        size += http->fields[i].name.len + http->fields[i].value.len + 4;
    head = malloc(size);
    if (!head)
        return NULL;
    at = append(head, at,
                span_of(span_is(http->method, "HEAD") ? "HEAD " : "GET "));
    at = append(head, at, target);
    at = append(head, at,
                span_of(http->minor ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n"));
    for (size_t i = 0; i < http->nfields; i++) {
        if (is_about_body(http->fields[i].name))
            continue;
        at = append(head, at, http->fields[i].name);
        at = append(head, at, span_of(": "));
        at = append(head, at, http->fields[i].value);
        at = append(head, at, span_of("\r\n"));
    }
    *len_out = append(head, at, span_of("\r\n"));
    return head;
}

/* The guest has ended; begins again with what it asked for. */
static void redirect(struct exchange *exchange, struct span target)
{
    struct http_fault fault;
    size_t len;
    char *head = new_head(&exchange->http, target, &len);
    bool keeps_alive = exchange->conn->keeps_alive;
    bool has_body = exchange->has_body;
    bool is_chunked = exchange->http.is_chunked;
    uint64_t left = exchange->body_left;

    if (!head || ++exchange->redirects > MAX_REDIRECTS) {
        free(head);
        fail_by_head(exchange, "too many redirects");
        return;
    }
    exchange_drop_guest(exchange);
    free(exchange->head);
    free(exchange->path);
    free(exchange->cgi);
    exchange->head = head;
    exchange->path = exchange->cgi = NULL;
    exchange->cgi_len = 0;
    exchange->source = SOURCE_NONE;
    exchange->route = NULL;
    exchange->drops_body = true;
    if (!http_parse(head, len, &exchange->http, &fault)) {
        fail_by_head(exchange, fault.why);
        return;
    }
    exchange_begin(exchange);
    /* What belongs to the connection is still that of the first request. */
    exchange->conn->keeps_alive = keeps_alive && exchange->conn->keeps_alive;
    exchange->has_body = has_body;
    exchange->http.is_chunked = is_chunked;
    exchange->body_left = left;
}

/* -- The head of the answer ------------------------------------------------ */

/* Collects output until there is a whole head.  Returns its length, or 0. */
static size_t collect_head(struct exchange *exchange)
{
    size_t end = 0, got;

    do {
        size_t cap = exchange->cgi_len + CGI_FIRST_BYTES;

        cap = cap < CGI_HEAD_MAX ? cap : CGI_HEAD_MAX;
        if (!array_resize(&exchange->cgi, cap, 1))
            return 0;
        got = guest_take(exchange->guest, exchange->cgi + exchange->cgi_len,
                         cap - exchange->cgi_len);
        exchange->cgi_len += got;
        end = cgi_find_end(exchange->cgi, exchange->cgi_len);
    } while (got > 0 && end == 0 && exchange->cgi_len < CGI_HEAD_MAX);
    return end;
}

/* A local redirect waits for the guest's end; what else it writes is lost. */
static void follow(struct exchange *exchange, struct span target,
                   enum guest_end end)
{
    char rest[1024];

    while (guest_take(exchange->guest, rest, sizeof(rest)) > 0)
        ;
    if (end == GUEST_RETURNED)
        redirect(exchange, target);
    else if (end != GUEST_RUNS)
        fail_by_end(exchange, end);
}

static void begin_answer(struct exchange *exchange, const struct cgi_head *head,
                         size_t head_len, enum guest_end end)
{
    size_t left = 0, rest = exchange->cgi_len - head_len;
    bool is_whole = end == GUEST_RETURNED;
    uint64_t length = head->length;

    guest_state(exchange->guest, &left);
    if (!head->has_length)
        length = rest + left;
    answer_frame(exchange, head->status, head->has_length || is_whole, length);
    answer_head(exchange, head->status, head->reason, head->fields,
                head->nfields);
    answer_body(exchange, exchange->cgi + head_len, rest);
    free(exchange->cgi);
    exchange->cgi = NULL;
}

/* Whether the answer has begun. */
static bool pump_head(struct exchange *exchange, enum guest_end end)
{
    struct cgi_head head;
    size_t len = collect_head(exchange), left;
    const char *why;

    if (len == 0) {
        guest_state(exchange->guest, &left);
        if (exchange->cgi_len == CGI_HEAD_MAX)
            fail_by_head(exchange, "too long");
        else if (end != GUEST_RUNS && left == 0)
            fail_by_end(exchange, end);
        return false;
    }
    why = cgi_parse(exchange->cgi, len, &head);
    if (why)
        fail_by_head(exchange, why);
    else if (head.is_local)
        follow(exchange, head.location, end);
    else
        begin_answer(exchange, &head, len, end);
    return exchange->status && exchange->source == SOURCE_GUEST;
}

/* -- The body -------------------------------------------------------------- */

static void finish(struct exchange *exchange, enum guest_end end)
{
    if (end != GUEST_RETURNED) {
        fail_by_end(exchange, end);
        return;
    }
    answer_end(exchange);
    if (exchange->is_broken)
        fail_by_end(exchange, end);
}

void program_pump(struct exchange *exchange)
{
    char piece[PIECE_BYTES];
    size_t left, got;
    /* Asked first: what is taken afterwards is then all there is. */
    enum guest_end end = guest_state(exchange->guest, &left);

    if (exchange->is_done)
        return;
    if (!exchange->status && !pump_head(exchange, end))
        return;
    do {
        got = guest_take(exchange->guest, piece, sizeof(piece));
        answer_body(exchange, piece, got);
    } while (got > 0 && conn_unsent(exchange->conn) < CONN_OUT_BYTES);
    if (got == 0 && end != GUEST_RUNS)
        finish(exchange, end);
}
