/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "serve/conn.h"
#include "serve/exchange.h"
#include "serve/os.h"
#include "serve/server.h"

enum {
    TICK_MS = 50,
    TICKS_PER_SECOND = 1000 / TICK_MS,
    READY_MAX = 256, /* looked at before connections have their turn */
    BACKLOG = 1024
};

/* -- Listening ------------------------------------------------------------- */

static void on_connection(uv_stream_t *stream, int status)
{
    struct listener *listener = stream->data;

    if (status == 0)
        conn_accept(listener);
}

/* Each worker has a descriptor of its own for the same socket. */
static bool listen_on(struct worker *worker, struct listener *listener, int fd)
{
    int own = os_dup(fd), error;

    listener->worker = worker;
    listener->is_unix = os_is_unix(fd);
    if (own < 0)
        return false;
    if (listener->is_unix) {
        uv_pipe_init(&worker->loop, &listener->of.pipe, 0);
        error = uv_pipe_open(&listener->of.pipe, own);
    } else {
        uv_tcp_init(&worker->loop, &listener->of.tcp);
        error = uv_tcp_open(&listener->of.tcp, own);
    }
    listener->is_open = true;
    listener->of.handle.data = listener;
    if (error)
        os_close(own);
    return !error &&
           uv_listen(&listener->of.stream, BACKLOG, on_connection) == 0;
}

static void close_listener(struct listener *listener)
{
    if (listener->is_open)
        uv_close(&listener->of.handle, NULL);
    listener->is_open = false;
}

/* -- Ending ---------------------------------------------------------------- */

static bool has_work(const struct worker *worker)
{
    for (const struct conn *conn = worker->conns; conn; conn = conn->next) {
        if (!conn->is_admin)
            return true;
    }
    for (const struct exchange *e = worker->exchanges; e; e = e->next) {
        if (!e->conn || !e->conn->is_admin)
            return true;
    }
    return false;
}

static void begin_drain(struct worker *worker)
{
    uint64_t timeout = worker->server->config->drain_timeout_ns;

    worker->is_draining = true;
    worker->drain_deadline_ns = uv_hrtime() + timeout;
    close_listener(&worker->listener);
    for (struct conn *conn = worker->conns; conn; conn = conn->next) {
        if (!conn->is_admin)
            conn_drain(conn);
    }
}

static void close_all_conns(struct worker *worker)
{
    /* Closing takes effect, and so changes the list, in the loop. */
    for (struct conn *conn = worker->conns; conn; conn = conn->next)
        conn_close(conn);
}

/* The loop ends when nothing is open in it any more. */
static void end(struct worker *worker)
{
    if (worker->is_ending)
        return;
    worker->is_ending = true;
    close_listener(&worker->admin);
    close_all_conns(worker);
    uv_close((uv_handle_t *)&worker->tick, NULL);
    uv_close((uv_handle_t *)&worker->async, NULL);
}

static void drain(struct worker *worker, uint64_t now_ns)
{
    if (atomic_load(&worker->server->is_hurried) ||
        now_ns >= worker->drain_deadline_ns)
        close_all_conns(worker);
    /* The first one has the pages that tell how the others are. */
    if (!has_work(worker) && (worker != worker->server->workers ||
                              atomic_load(&worker->server->nrunning) == 1))
        end(worker);
}

/* -- The loop -------------------------------------------------------------- */

static void on_wake(uv_async_t *async)
{
    struct worker *worker = async->data;
    struct exchange *exchange;
    int count = 0;

    while (count++ < READY_MAX && (exchange = exchange_next_ready(worker)))
        exchange_wake(exchange);
    if (count > READY_MAX)
        uv_async_send(async);
    if (atomic_load(&worker->server->is_draining) && !worker->is_draining)
        begin_drain(worker);
    if (worker->is_draining)
        drain(worker, uv_hrtime());
}

/* Where the memory is not known, the most so far has to do. */
static void each_second(struct worker *worker)
{
    uint64_t memory_bytes = os_memory_bytes();

    log_flush();
    history_add(&worker->history, &worker->server->stats,
                memory_bytes ? memory_bytes : os_peak_memory_bytes());
}

static void on_tick(uv_timer_t *timer)
{
    struct worker *worker = timer->data;
    uint64_t now_ns = uv_hrtime();

    for (struct conn *conn = worker->conns, *next; conn; conn = next) {
        next = conn->next;
        conn_tick(conn, now_ns);
    }
    for (struct exchange *e = worker->exchanges; e; e = e->next)
        exchange_tick(e, now_ns);
    if (worker->ticks++ % TICKS_PER_SECOND == 0 &&
        worker == worker->server->workers)
        each_second(worker);
    if (worker->is_draining)
        drain(worker, now_ns);
}

void worker_wake(struct worker *worker)
{
    uv_async_send(&worker->async);
}

bool worker_init(struct worker *worker, struct server *server, bool is_first)
{
    worker->server = server;
    worker->id_base = os_random();
    worker->last_ready = &worker->ready;
    if (uv_mutex_init(&worker->lock) != 0 || uv_loop_init(&worker->loop) != 0)
        return false;
    uv_async_init(&worker->loop, &worker->async, on_wake);
    worker->async.data = worker;
    uv_timer_init(&worker->loop, &worker->tick);
    worker->tick.data = worker;
    uv_timer_start(&worker->tick, on_tick, TICK_MS, TICK_MS);
    if (!listen_on(worker, &worker->listener, server->listen_fd))
        return false;
    worker->admin.is_admin = true;
    return !is_first || server->admin_fd < 0 ||
           listen_on(worker, &worker->admin, server->admin_fd);
}

void worker_main(void *arg)
{
    struct worker *worker = arg;

    uv_run(&worker->loop, UV_RUN_DEFAULT);
}

void worker_fini(struct worker *worker)
{
    uv_loop_close(&worker->loop);
    uv_mutex_destroy(&worker->lock);
}
