/*
 * The server, its workers and their connections.
 *
 * A worker is a thread with a loop.  Everything of a connection happens on it;
 * only guests run elsewhere, and tell the worker when there is something to do
 * (worker_wake()).
 *
 *     connection (conn.c)    bytes in, bytes out, one request after the other
 *       exchange (exchange.c)  a request and its answer
 *         guest (guest.c), file (file.c), or a text
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SERVE_SERVER_H
#define SERVE_SERVER_H

#include "serve/route.h"
#include "serve/stats.h"

#include <uv.h>

struct conn;
struct exchange;
struct worker;

/* Owner: whoever calls serve_open(); there is one. */
struct server {
    const struct serve_config *config;
    char why[1024]; /* it cannot serve; "" while nothing is wrong */
    wasmrt_engine *engine;
    struct route *routes;
    size_t nroutes;
    struct pool *pool;
    struct stats stats;
    struct worker *workers;
    unsigned nworkers;
    atomic_uint nrunning;    /* workers whose loops run */
    int listen_fd, admin_fd; /* -1: none */
    uv_loop_t loop;          /* of the signals */
    uv_signal_t signals[2];
    atomic_bool is_draining;
    atomic_bool is_hurried; /* a second signal: what runs is ended */
    uint64_t begin_ns;
};

/* A socket of either kind. */
union socket_handle {
    uv_handle_t handle;
    uv_stream_t stream;
    uv_tcp_t tcp;
    uv_pipe_t pipe;
};

struct listener {
    union socket_handle of;
    struct worker *worker;
    bool is_unix, is_admin, is_open;
};

struct worker {
    struct server *server;
    uv_thread_t thread;
    uv_loop_t loop;
    uv_async_t async;
    uv_timer_t tick;
    struct listener listener, admin;
    struct conn *conns;         /* a list */
    struct exchange *exchanges; /* a list; also those without a connection */
    uint64_t id_base, id_count; /* of requests */
    bool is_draining, is_ending;
    uint64_t drain_deadline_ns;
    struct history history; /* of the first worker */
    unsigned ticks;

    uv_mutex_t lock; /* of what follows */
    struct exchange *ready, **last_ready;
};

/* Runs the loop of a worker until it is to end. */
void worker_main(void *arg);
bool worker_init(struct worker *worker, struct server *server, bool is_first);
void worker_fini(struct worker *worker);
/* Looks at what has changed in the server; from any thread. */
void worker_wake(struct worker *worker);

#endif
