/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "serve/conn.h"

#include "array/grow.h"
#include "serve/exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    IN_FIRST_BYTES = 8 * 1024,
    IN_BODY_BYTES = 64 * 1024,
    IN_AHEAD_BYTES = 16 * 1024,   /* of requests that come too early */
    MAX_DRAIN_BYTES = 256 * 1024, /* of a body that nobody wants */
    ROUNDS = 8                    /* before others have their turn */
};

static const uint64_t linger_ns = 2000000000;

/* -- Life ------------------------------------------------------------------ */

static void on_closed(uv_handle_t *handle)
{
    struct conn *conn = handle->data;
    struct stats *stats = &conn->worker->server->stats;

    *conn->link = conn->next;
    if (conn->next)
        conn->next->link = conn->link;
    if (!conn->is_admin)
        atomic_fetch_sub(&stats->open_connections, 1);
    free(conn->in);
    free(conn->out);
    free(conn->pending);
    free(conn);
}

void conn_close(struct conn *conn)
{
    if (conn->state == CONN_CLOSED)
        return;
    conn->state = CONN_CLOSED;
    if (conn->exchange)
        exchange_release(conn->exchange);
    conn->exchange = NULL;
    uv_close(&conn->of.handle, on_closed);
}

static void name_address(const struct sockaddr_storage *from, char *addr,
                         size_t addr_size, char *port, size_t port_size)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)from;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)from;
    const uint8_t *number = (const uint8_t *)&v4->sin_port;

    if (from->ss_family == AF_INET6) {
        number = (const uint8_t *)&v6->sin6_port;
        uv_ip6_name(v6, addr, addr_size);
    } else {
        uv_ip4_name(v4, addr, addr_size);
    }
    snprintf(port, port_size, "%d", number[0] * 256 + number[1]);
}

static void name_ends(struct conn *conn, bool is_unix)
{
    struct sockaddr_storage from = {0};
    int len = sizeof(from);

    snprintf(conn->remote_addr, sizeof(conn->remote_addr), "unix");
    snprintf(conn->local_addr, sizeof(conn->local_addr), "localhost");
    snprintf(conn->local_port, sizeof(conn->local_port), "0");
    snprintf(conn->remote_port, sizeof(conn->remote_port), "0");
    if (is_unix)
        return;
    if (uv_tcp_getpeername(&conn->of.tcp, (struct sockaddr *)&from, &len) == 0)
        name_address(&from, conn->remote_addr, sizeof(conn->remote_addr),
                     conn->remote_port, sizeof(conn->remote_port));
    len = sizeof(from);
    if (uv_tcp_getsockname(&conn->of.tcp, (struct sockaddr *)&from, &len) == 0)
        name_address(&from, conn->local_addr, sizeof(conn->local_addr),
                     conn->local_port, sizeof(conn->local_port));
}

static void link_in(struct conn *conn)
{
    struct worker *worker = conn->worker;

    conn->next = worker->conns;
    conn->link = &worker->conns;
    if (conn->next)
        conn->next->link = &conn->next;
    worker->conns = conn;
}

static uint64_t later(uint64_t ns)
{
    uint64_t now = uv_hrtime();

    return ns < UINT64_MAX - now ? now + ns : UINT64_MAX;
}

void conn_accept(struct listener *listener)
{
    struct worker *worker = listener->worker;
    struct server *server = worker->server;
    struct conn *conn = calloc(1, sizeof(*conn));

    if (!conn)
        return; /* tried again when the next one comes */
    conn->worker = worker;
    conn->is_admin = listener->is_admin;
    if (listener->is_unix)
        uv_pipe_init(&worker->loop, &conn->of.pipe, 0);
    else
        uv_tcp_init(&worker->loop, &conn->of.tcp);
    conn->of.handle.data = conn;
    link_in(conn);
    if (!conn->is_admin)
        atomic_fetch_add(&server->stats.open_connections, 1);
    if (uv_accept(&listener->of.stream, &conn->of.stream) != 0) {
        conn_close(conn);
        return;
    }
    atomic_fetch_add(&server->stats.connections, 1);
    if (!conn->is_admin &&
        server->stats.open_connections > server->config->connections) {
        atomic_fetch_add(&server->stats.refused_connections, 1);
        conn_close(conn);
        return;
    }
    if (!listener->is_unix)
        uv_tcp_nodelay(&conn->of.tcp, 1);
    name_ends(conn, listener->is_unix);
    conn->deadline_ns = later(server->config->idle_timeout_ns);
    conn_go_on(conn);
}

/* -- Output ---------------------------------------------------------------- */

void conn_put(struct conn *conn, const void *bytes, size_t len)
{
    if (conn->is_out_of_memory || len == 0)
        return;
    if (len > SIZE_MAX - conn->out_len ||
        !array_reserve(&conn->out, &conn->out_cap, conn->out_len + len, 1)) {
        conn->is_out_of_memory = true;
        return;
    }
    memcpy(conn->out + conn->out_len, bytes, len);
    conn->out_len += len;
}

size_t conn_unsent(const struct conn *conn)
{
    return conn->out_len - conn->out_at + conn->pending_len;
}

static void on_written(uv_write_t *write, int status)
{
    struct conn *conn = write->data;

    free(conn->pending);
    conn->pending = NULL;
    conn->pending_len = 0;
    conn->progress_ns = uv_hrtime();
    if (status < 0)
        conn_close(conn);
    else
        conn_go_on(conn);
}

/* What the system does not take at once waits in a buffer of its own. */
static void write_later(struct conn *conn)
{
    uv_buf_t buf = uv_buf_init(conn->out + conn->out_at,
                               (unsigned)(conn->out_len - conn->out_at));

    conn->pending = conn->out;
    conn->pending_len = buf.len;
    conn->out = NULL;
    conn->out_cap = conn->out_at = conn->out_len = 0;
    conn->progress_ns = uv_hrtime();
    conn->write.data = conn;
    if (uv_write(&conn->write, &conn->of.stream, &buf, 1, on_written) != 0) {
        free(conn->pending);
        conn->pending = NULL;
        conn->pending_len = 0;
        conn_close(conn);
    }
}

static void flush(struct conn *conn)
{
    if (conn->is_out_of_memory)
        conn_close(conn);
    while (conn->state != CONN_CLOSED && !conn->pending &&
           conn->out_at < conn->out_len) {
        uv_buf_t buf = uv_buf_init(conn->out + conn->out_at,
                                   (unsigned)(conn->out_len - conn->out_at));
        int count = uv_try_write(&conn->of.stream, &buf, 1);

        if (count > 0)
            conn->out_at += (size_t)count;
        else if (count == UV_EAGAIN || count == 0)
            write_later(conn);
        else
            conn_close(conn);
    }
    if (conn->out_at == conn->out_len)
        conn->out_at = conn->out_len = 0;
}

/* -- Input ----------------------------------------------------------------- */

static size_t in_max(const struct conn *conn)
{
    size_t head = conn->worker->server->config->head_bytes;

    return head > IN_BODY_BYTES ? head : IN_BODY_BYTES;
}

/* Moves what there is to the front, and makes the buffer larger if it must. */
static void give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct conn *conn = handle->data;
    size_t cap = conn->in_cap ? conn->in_cap : IN_FIRST_BYTES;

    (void)suggested;
    if (conn->in_at > 0 && conn->in_len > conn->in_at)
        memmove(conn->in, conn->in + conn->in_at, conn->in_len - conn->in_at);
    conn->in_len -= conn->in_at;
    conn->in_at = 0;
    if (conn->in_len == cap)
        cap = cap * 2 < in_max(conn) ? cap * 2 : in_max(conn);
    if (!array_reserve(&conn->in, &conn->in_cap, cap, 1)) {
        *buf = uv_buf_init(NULL, 0);
        return;
    }
    *buf = uv_buf_init(conn->in + conn->in_len,
                       (unsigned)(conn->in_cap - conn->in_len));
}

static void on_bytes(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf)
{
    struct conn *conn = stream->data;

    (void)buf;
    if (count < 0) {
        conn_close(conn);
        return;
    }
    if (count == 0)
        return;
    if (conn->state == CONN_HEAD && conn->in_len == conn->in_at)
        conn->deadline_ns =
            later(conn->worker->server->config->head_timeout_ns);
    conn->progress_ns = uv_hrtime();
    conn->in_len += (size_t)count;
    conn_go_on(conn);
}

static bool wants_input(const struct conn *conn)
{
    size_t len = conn->in_len - conn->in_at;

    switch (conn->state) {
    case CONN_HEAD: return len < in_max(conn);
    case CONN_ACTIVE:
        return len < (conn->exchange->has_body ? IN_AHEAD_BYTES : in_max(conn));
    case CONN_LINGER: return true;
    case CONN_CLOSED: break;
    }
    return false;
}

static void update_reading(struct conn *conn)
{
    bool wants = wants_input(conn);

    if (wants == conn->is_reading)
        return;
    conn->is_reading = wants;
    if (!wants)
        uv_read_stop(&conn->of.stream);
    else if (uv_read_start(&conn->of.stream, give_buffer, on_bytes) != 0)
        conn_close(conn);
}

/* -- One request after the other ------------------------------------------- */

/* A request that is refused before it is one. */
static bool refuse(struct conn *conn, int status, const char *why)
{
    struct exchange *exchange = exchange_new(conn, "", 0);

    conn->keeps_alive = false;
    conn->in_at = conn->in_len;
    if (!exchange) {
        conn_close(conn);
        return false;
    }
    conn->exchange = exchange;
    conn->state = CONN_ACTIVE;
    exchange_fail(exchange, status, why);
    return true;
}

/* The exchange copies the head, so that its place in the input is free
 * again. */
static bool begin(struct conn *conn, size_t head_len)
{
    const char *head = conn->in + conn->in_at;
    struct exchange *exchange = exchange_new(conn, head, head_len);
    struct http_fault fault;

    conn->in_at += head_len;
    conn->seen = 0;
    if (!exchange) {
        conn_close(conn);
        return false;
    }
    conn->exchange = exchange;
    conn->state = CONN_ACTIVE;
    conn->keeps_alive = false;
    if (head_len > conn->worker->server->config->head_bytes)
        exchange_fail(exchange, 431, "the head is too long");
    else if (http_parse(exchange->head, head_len, &exchange->http, &fault))
        exchange_begin(exchange);
    else
        exchange_fail(exchange, fault.status, fault.why);
    return true;
}

/* An empty line in front of a request is what some clients send behind a
 * body. */
static void skip_empty_line(struct conn *conn)
{
    if (conn->seen == 0 && conn->in_len - conn->in_at >= 2 &&
        memcmp(conn->in + conn->in_at, "\r\n", 2) == 0)
        conn->in_at += 2;
}

/* Whether there was a whole head, or something to refuse. */
static bool step_head(struct conn *conn)
{
    struct http_fault fault;
    size_t end;

    skip_empty_line(conn);
    if (conn->in_at == conn->in_len)
        return false;
    end = http_find_end(conn->in + conn->in_at, conn->in_len - conn->in_at,
                        &conn->seen, &fault);
    if (fault.status)
        return refuse(conn, fault.status, fault.why);
    if (end > 0)
        return begin(conn, end);
    if (conn->in_len - conn->in_at >= conn->worker->server->config->head_bytes)
        return refuse(conn, 431, "the head is too long");
    return false;
}

static void on_shut(uv_shutdown_t *shutdown, int status)
{
    (void)shutdown;
    (void)status;
}

static void linger(struct conn *conn)
{
    conn->state = CONN_LINGER;
    conn->deadline_ns = later(linger_ns);
    if (uv_shutdown(&conn->shutdown, &conn->of.stream, on_shut) != 0)
        conn_close(conn);
}

/* Whether what is left of a body is worth reading to keep the connection. */
static bool can_drain(const struct exchange *exchange)
{
    return !exchange->http.is_chunked && exchange->has_continue &&
           exchange->body_left <= MAX_DRAIN_BYTES;
}

static void feed(struct conn *conn)
{
    struct span in = {conn->in + conn->in_at, conn->in_len - conn->in_at};

    exchange_feed(conn->exchange, &in);
    conn->in_at = conn->in_len - in.len;
}

/* Whether the next request may begin. */
static bool end_exchange(struct conn *conn)
{
    struct exchange *exchange = conn->exchange;

    if (!exchange->has_body && conn->keeps_alive) {
        if (can_drain(exchange))
            feed(conn); /* what the guest has not taken may fill the buffer */
        else
            conn->keeps_alive = false;
        if (!exchange->has_body && conn->keeps_alive)
            return false;
    }
    conn->exchange = NULL;
    exchange_release(exchange);
    if (!conn->keeps_alive) {
        linger(conn);
        return false;
    }
    conn->state = CONN_HEAD;
    conn->seen = 0;
    conn->deadline_ns =
        later(conn->in_at < conn->in_len
                  ? conn->worker->server->config->head_timeout_ns
                  : conn->worker->server->config->idle_timeout_ns);
    return true;
}

/* Whether the next request may begin. */
static bool step_exchange(struct conn *conn)
{
    struct exchange *exchange = conn->exchange;

    if (conn->in_at < conn->in_len)
        feed(conn);
    for (int i = 0; !conn->pending && conn->state == CONN_ACTIVE; i++) {
        if (i == ROUNDS) {
            exchange_ready(exchange);
            return false;
        }
        exchange_pump(exchange);
        if (conn_unsent(conn) == 0)
            break;
        flush(conn);
    }
    if (conn->state != CONN_ACTIVE)
        return false;
    if (exchange->is_broken) {
        conn_close(conn);
        return false;
    }
    return exchange->is_done && conn_unsent(conn) == 0 && end_exchange(conn);
}

static bool step(struct conn *conn)
{
    switch (conn->state) {
    case CONN_HEAD: return step_head(conn);
    case CONN_ACTIVE: return step_exchange(conn);
    case CONN_LINGER: conn->in_at = conn->in_len; break;
    case CONN_CLOSED: break;
    }
    return false;
}

static void update_deadline(struct conn *conn)
{
    uint64_t timeout = conn->worker->server->config->body_timeout_ns;
    bool waits;

    if (conn->state != CONN_ACTIVE)
        return;
    waits = conn->pending || (!conn->exchange->has_body && conn->is_reading &&
                              conn->exchange->has_continue);
    conn->deadline_ns = waits && timeout < UINT64_MAX - conn->progress_ns
                            ? conn->progress_ns + timeout
                            : UINT64_MAX;
}

/* An idle connection holds no buffers. */
static void release_buffers(struct conn *conn)
{
    if (conn->state != CONN_HEAD || conn->in_at < conn->in_len)
        return;
    free(conn->in);
    conn->in = NULL;
    conn->in_cap = conn->in_at = conn->in_len = 0;
}

void conn_go_on(struct conn *conn)
{
    if (conn->is_busy)
        return;
    conn->is_busy = true;
    while (step(conn))
        ;
    if (conn->state != CONN_CLOSED)
        update_reading(conn);
    if (conn->state != CONN_CLOSED)
        update_deadline(conn);
    release_buffers(conn);
    conn->is_busy = false;
}

/* -- Time ------------------------------------------------------------------ */

static void time_out(struct conn *conn)
{
    switch (conn->state) {
    case CONN_HEAD:
        if (conn->in_at == conn->in_len ||
            !refuse(conn, 408, "the head did not come in time"))
            conn_close(conn);
        break;
    case CONN_ACTIVE:
        if (conn->pending || conn->exchange->status) {
            conn_close(conn);
            break;
        }
        conn->keeps_alive = false;
        exchange_fail(conn->exchange, 408, "the body did not come in time");
        break;
    case CONN_LINGER: conn_close(conn); break;
    case CONN_CLOSED: break;
    }
}

void conn_tick(struct conn *conn, uint64_t now_ns)
{
    if (conn->state == CONN_CLOSED || now_ns < conn->deadline_ns)
        return;
    time_out(conn);
    if (conn->state != CONN_CLOSED)
        conn_go_on(conn);
}

void conn_drain(struct conn *conn)
{
    if (conn->state == CONN_HEAD && conn->in_at == conn->in_len)
        conn_close(conn);
    else
        conn->keeps_alive = false;
}
