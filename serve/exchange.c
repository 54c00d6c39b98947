/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "serve/exchange.h"

#include "serve/conn.h"
#include "serve/os.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- Life ------------------------------------------------------------------ */

static void link_in(struct exchange *exchange)
{
    struct worker *worker = exchange->worker;

    exchange->next = worker->exchanges;
    exchange->link = &worker->exchanges;
    if (exchange->next)
        exchange->next->link = &exchange->next;
    worker->exchanges = exchange;
}

static void link_out(struct exchange *exchange)
{
    *exchange->link = exchange->next;
    if (exchange->next)
        exchange->next->link = exchange->link;
}

struct exchange *exchange_new(struct conn *conn, const char *head, size_t len)
{
    struct worker *worker = conn->worker;
    struct exchange *exchange = malloc(sizeof(*exchange));
    char *copy = malloc(len + 1);

    if (!exchange || !copy) {
        free(exchange);
        free(copy);
        return NULL;
    }
    /* The fields of the request are many, and written before they are read. */
    memset(exchange, 0, offsetof(struct exchange, http.fields));
    memcpy(copy, head, len);
    exchange->head = copy;
    exchange->worker = worker;
    exchange->conn = conn;
    exchange->file = -1;
    exchange->begin_ns = uv_hrtime();
    exchange->begin_s = os_now_s();
    exchange->deadline_ns = UINT64_MAX;
    exchange->alarm_ns = UINT64_MAX;
    snprintf(exchange->id, sizeof(exchange->id), "%08lx%08lx",
             (unsigned long)(worker->id_base & 0xffffffff),
             (unsigned long)(++worker->id_count & 0xffffffff));
    snprintf(exchange->remote, sizeof(exchange->remote), "%s",
             conn->remote_addr);
    link_in(exchange);
    return exchange;
}

/* -- The list of those that are ready -------------------------------------- */

/* With the worker's lock. */
static void unlist(struct worker *worker, struct exchange **at)
{
    struct exchange *exchange = *at;

    *at = exchange->next_ready;
    if (!*at)
        worker->last_ready = at;
    exchange->is_ready = false;
}

void exchange_ready(struct exchange *exchange)
{
    struct worker *worker = exchange->worker;
    bool is_first = false;

    uv_mutex_lock(&worker->lock);
    if (!exchange->is_ready) {
        is_first = !worker->ready;
        exchange->is_ready = true;
        exchange->next_ready = NULL;
        *worker->last_ready = exchange;
        worker->last_ready = &exchange->next_ready;
    }
    uv_mutex_unlock(&worker->lock);
    if (is_first)
        uv_async_send(&worker->async);
}

struct exchange *exchange_next_ready(struct worker *worker)
{
    struct exchange *exchange;

    uv_mutex_lock(&worker->lock);
    exchange = worker->ready;
    if (exchange)
        unlist(worker, &worker->ready);
    uv_mutex_unlock(&worker->lock);
    return exchange;
}

/* Its guest has ended, so nobody puts it there again. */
static void leave_ready_list(struct exchange *exchange)
{
    struct worker *worker = exchange->worker;
    struct exchange **at = &worker->ready;

    uv_mutex_lock(&worker->lock);
    while (*at && *at != exchange)
        at = &(*at)->next_ready;
    if (*at)
        unlist(worker, at);
    uv_mutex_unlock(&worker->lock);
}

/* -- Guests that wait for a time ------------------------------------------- */

static void on_alarm(uv_timer_t *timer);

/* Rounded up; the loop's clock may be behind, so it may ring too early. */
static void start_alarm(struct exchange *exchange)
{
    uint64_t now_ns = uv_hrtime();
    uint64_t left_ns =
        exchange->alarm_ns > now_ns ? exchange->alarm_ns - now_ns : 0;

    uv_timer_start(&exchange->alarm, on_alarm, left_ns / 1000000 + 1, 0);
}

static void on_alarm(uv_timer_t *timer)
{
    struct exchange *exchange = timer->data;

    if (uv_hrtime() < exchange->alarm_ns) {
        start_alarm(exchange);
        return;
    }
    exchange->alarm_ns = UINT64_MAX;
    if (exchange->guest)
        guest_wake(exchange->guest);
}

static void set_alarm(struct exchange *exchange, uint64_t when_ns)
{
    if (when_ns == exchange->alarm_ns)
        return;
    exchange->alarm_ns = when_ns;
    if (!exchange->has_alarm) {
        uv_timer_init(&exchange->worker->loop, &exchange->alarm);
        exchange->alarm.data = exchange;
        exchange->has_alarm = true;
    }
    if (when_ns == UINT64_MAX)
        uv_timer_stop(&exchange->alarm);
    else
        start_alarm(exchange);
}

/* -- The end --------------------------------------------------------------- */

void exchange_drop_guest(struct exchange *exchange)
{
    leave_ready_list(exchange);
    set_alarm(exchange, UINT64_MAX);
    guest_delete(exchange->guest);
    exchange->guest = NULL;
}

static void account(const struct exchange *exchange)
{
    struct log_entry entry = {
        .time_s = exchange->begin_s,
        .id = exchange->id,
        .remote = exchange->remote,
        .method = exchange->http.method,
        .target = exchange->http.target,
        .minor = exchange->http.minor,
        .route = exchange->route ? exchange->route->config->path : "",
        .status = exchange->status ? exchange->status : 499,
        .sent_bytes = exchange->sent_bytes,
        .received_bytes = exchange->received_bytes,
        .duration_ns = uv_hrtime() - exchange->begin_ns,
        .guest = exchange->guest ? guest_report(exchange->guest) : NULL,
    };

    log_request(&entry);
    stats_add(&exchange->worker->server->stats, &entry);
}

static void on_closed(uv_handle_t *alarm)
{
    free(alarm->data);
}

static void delete(struct exchange *exchange)
{
    account(exchange);
    leave_ready_list(exchange);
    if (exchange->guest)
        guest_delete(exchange->guest);
    if (exchange->file >= 0)
        os_close(exchange->file);
    link_out(exchange);
    free(exchange->head);
    free(exchange->path);
    free(exchange->cgi);
    if (exchange->has_alarm)
        uv_close((uv_handle_t *)&exchange->alarm, on_closed);
    else
        free(exchange);
}

static bool guest_runs(const struct exchange *exchange)
{
    size_t left;

    return exchange->guest && guest_state(exchange->guest, &left) == GUEST_RUNS;
}

void exchange_release(struct exchange *exchange)
{
    if (!guest_runs(exchange)) {
        delete (exchange);
        return;
    }
    exchange->conn = NULL;
    guest_stop(exchange->guest, GUEST_LEFT);
    /* It may have ended in between, and then nobody tells. */
    guest_heard(exchange->guest);
    if (!guest_runs(exchange))
        delete (exchange);
}

/* -- Beginning ------------------------------------------------------------- */

static bool is_too_long(const struct exchange *exchange)
{
    return exchange->route && exchange->received_bytes + exchange->body_left >
                                  exchange->route->config->limits.body_bytes;
}

void exchange_begin(struct exchange *exchange)
{
    struct http_request *http = &exchange->http;
    struct server *server = exchange->worker->server;

    exchange->body_left = http->length;
    exchange->has_body = !http->is_chunked && http->length == 0;
    exchange->has_continue = !http->expects_continue;
    exchange->conn->keeps_alive = http->keeps_alive;
    exchange->path = malloc(http->path.len + 1);
    if (!exchange->path) {
        exchange_fail(exchange, 503, "no memory");
        return;
    }
    if (span_is(http->path, "*"))
        strcpy(exchange->path, "/");
    else if (!http_decode_path(http->path, exchange->path)) {
        exchange_fail(exchange, 400, "the path is malformed");
        return;
    }
    if (exchange->conn->is_admin) {
        admin_begin(exchange);
        return;
    }
    exchange->route =
        route_find(server->routes, server->nroutes, exchange->path);
    if (!exchange->route)
        exchange_fail(exchange, 404, "nobody answers for this path");
    else if (is_too_long(exchange))
        exchange_fail(exchange, 413, "the body is too long");
    else if (exchange->route->config->module)
        program_begin(exchange);
    else
        file_begin(exchange);
}

/* -- Answers of our own ---------------------------------------------------- */

void exchange_text(struct exchange *exchange, int status, const char *type,
                   const char *text, size_t len)
{
    struct http_field fields[] = {
        {{"Content-Type", 12}, {type, strlen(type)}},
        {{"Cache-Control", 13}, {"no-store", 8}},
    };

    exchange->source = SOURCE_TEXT;
    answer_frame(exchange, status, true, len);
    answer_head(exchange, status, (struct span){NULL, 0}, fields, 2);
    answer_body(exchange, text, len);
    answer_end(exchange);
}

void exchange_fail(struct exchange *exchange, int status, const char *why)
{
    char text[512];
    int len;

    if (exchange->guest)
        guest_stop(exchange->guest, GUEST_LEFT);
    if (status >= 500)
        log_guest(exchange->id, why, strlen(why));
    if (exchange->status) {
        exchange->is_broken = true;
        exchange->is_done = true;
        return;
    }
    if (!exchange->has_body)
        exchange->conn->keeps_alive = false;
    len = snprintf(text, sizeof(text), "%d %s: %s\nrequest %s\n", status,
                   http_reason(status), status >= 500 ? "see the log" : why,
                   exchange->id);
    exchange_text(exchange, status, "text/plain; charset=utf-8", text,
                  len < (int)sizeof(text) ? (size_t)len : sizeof(text) - 1);
}

/* -- The body of the request ----------------------------------------------- */

static void end_body(struct exchange *exchange)
{
    exchange->has_body = true;
    if (exchange->guest && !exchange->drops_body)
        guest_give_end(exchange->guest);
}

/* How much of the body would be taken; what nobody reads is thrown away. */
static size_t give(struct exchange *exchange, const char *bytes, size_t len)
{
    bool is_wanted =
        exchange->guest && !exchange->is_done && !exchange->drops_body;
    size_t taken = is_wanted ? guest_give(exchange->guest, bytes, len) : len;

    exchange->received_bytes += taken;
    return taken;
}

static bool feed_length(struct exchange *exchange, struct span *in)
{
    size_t len =
        in->len < exchange->body_left ? in->len : (size_t)exchange->body_left;
    size_t taken = len > 0 ? give(exchange, in->at, len) : 0;

    in->at += taken;
    in->len -= taken;
    exchange->body_left -= taken;
    if (exchange->body_left == 0)
        end_body(exchange);
    return taken == len;
}

/* A chunk that does not fit as a whole is read again from where it was cut. */
static bool feed_chunks(struct exchange *exchange, struct span *in)
{
    for (;;) {
        struct span piece;
        size_t taken;

        switch (chunked_read(&exchange->chunked, in, &piece)) {
        case CHUNKED_MORE: return true;
        case CHUNKED_END: end_body(exchange); return true;
        case CHUNKED_BAD:
            exchange->conn->keeps_alive = false;
            exchange_fail(exchange, 400, "the chunks are malformed");
            return false;
        case CHUNKED_BYTES: break;
        }
        taken = give(exchange, piece.at, piece.len);
        if (is_too_long(exchange)) {
            exchange_fail(exchange, 413, "the body is too long");
            return false;
        }
        if (taken < piece.len) {
            chunked_give_back(&exchange->chunked, in, piece.len - taken);
            return false;
        }
    }
}

bool exchange_feed(struct exchange *exchange, struct span *in)
{
    if (exchange->has_body || in->len == 0)
        return !exchange->has_body;
    exchange->has_continue = true;
    return exchange->http.is_chunked ? feed_chunks(exchange, in)
                                     : feed_length(exchange, in);
}

/* The client waits until somebody wants its body. */
static void tell_to_continue(struct exchange *exchange)
{
    static const char line[] = "HTTP/1.1 100 Continue\r\n\r\n";

    if (exchange->has_continue || exchange->status || !exchange->guest ||
        !guest_wants_input(exchange->guest))
        return;
    exchange->has_continue = true;
    conn_put(exchange->conn, line, sizeof(line) - 1);
}

/* -- Going on -------------------------------------------------------------- */

void exchange_pump(struct exchange *exchange)
{
    tell_to_continue(exchange);
    switch (exchange->source) {
    case SOURCE_GUEST: program_pump(exchange); break;
    case SOURCE_FILE: file_pump(exchange); break;
    case SOURCE_NONE:
    case SOURCE_TEXT: break;
    }
}

void exchange_wake(struct exchange *exchange)
{
    if (exchange->guest)
        set_alarm(exchange, guest_heard(exchange->guest));
    if (exchange->conn)
        conn_go_on(exchange->conn);
    else if (!guest_runs(exchange))
        delete (exchange);
}

void exchange_tick(struct exchange *exchange, uint64_t now_ns)
{
    if (now_ns >= exchange->deadline_ns && exchange->guest)
        guest_stop(exchange->guest, GUEST_TIMED_OUT);
}
