/*
 * From a configuration to threads that serve, and back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "serve/server.h"

#include "serve/os.h"
#include "serve/pool.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *serve_missing(void)
{
    return NULL;
}

int serve_inherited(void)
{
    return os_inherited_listener();
}

/* Keeps what is wrong, for whoever asked. */
static bool refuse(struct server *server, const char *about, const char *why)
{
    snprintf(server->why, sizeof(server->why), "%s: %s", about, why);
    return false;
}

/* -- Routes ---------------------------------------------------------------- */

static bool counts_fuel(const struct serve_config *config)
{
    for (size_t i = 0; i < config->nroutes; i++) {
        if (config->routes[i].limits.fuel != UINT64_MAX)
            return true;
    }
    return false;
}

static bool complain(struct server *server, const char *about,
                     wasmrt_error *error)
{
    if (!error)
        return true;
    refuse(server, about, wasmrt_error_message(error));
    wasmrt_error_delete(error);
    return false;
}

static bool load_route(struct server *server, struct route *route,
                       const struct serve_route *config)
{
    route->config = config;
    route->dir = -1;
    if (config->module)
        return complain(server, config->module,
                        app_init(&route->app, server->engine, config,
                                 counts_fuel(server->config)));
    route->dir = os_open_dir(config->files);
    return route->dir >= 0 ||
           refuse(server, config->files, "no directory that can be read");
}

static bool load_routes(struct server *server)
{
    const struct serve_config *config = server->config;

    server->routes = calloc(config->nroutes, sizeof(server->routes[0]));
    if (!server->routes)
        return refuse(server, "routes", "no memory");
    for (size_t i = 0; i < config->nroutes; i++) {
        server->nroutes++; /* a part of it is to be released as well */
        if (!load_route(server, &server->routes[i], &config->routes[i]))
            return false;
    }
    return true;
}

static void unload_routes(struct server *server)
{
    for (size_t i = 0; i < server->nroutes; i++) {
        app_fini(&server->routes[i].app);
        if (server->routes[i].dir >= 0)
            os_close(server->routes[i].dir);
    }
    free(server->routes);
}

/* -- Sockets --------------------------------------------------------------- */

static bool listen_at(struct server *server, const char *address, int *fd_out)
{
    const char *why = address ? os_listen(address, fd_out) : NULL;

    return !why || refuse(server, address, why);
}

static bool open_sockets(struct server *server)
{
    const struct serve_config *config = server->config;

    server->listen_fd = config->inherited_fd;
    return listen_at(server, config->admin_address, &server->admin_fd) &&
           (config->inherited_fd >= 0 ||
            listen_at(server, config->address, &server->listen_fd));
}

static void close_sockets(struct server *server)
{
    const struct serve_config *config = server->config;

    if (server->listen_fd >= 0)
        os_close(server->listen_fd);
    if (server->listen_fd >= 0 && config->inherited_fd < 0)
        os_remove_socket(config->address);
    if (server->admin_fd >= 0) {
        os_close(server->admin_fd);
        os_remove_socket(config->admin_address);
    }
    server->listen_fd = server->admin_fd = -1;
}

/* -- Signals --------------------------------------------------------------- */

static void on_signal(uv_signal_t *handle, int number)
{
    struct server *server = handle->data;

    (void)number;
    if (atomic_exchange(&server->is_draining, true)) {
        atomic_store(&server->is_hurried, true);
    } else {
        log_say("no more connections are taken; what runs may end");
        /* The last descriptor of the socket: now clients are refused. */
        os_close(server->listen_fd);
        if (server->config->inherited_fd < 0)
            os_remove_socket(server->config->address);
        server->listen_fd = -1;
    }
    for (unsigned i = 0; i < server->nworkers; i++)
        worker_wake(&server->workers[i]);
}

static bool watch_signals(struct server *server)
{
    static const int numbers[] = {SIGTERM, SIGINT};

    if (uv_loop_init(&server->loop) != 0)
        return refuse(server, "a loop", "it cannot be made");
    for (int i = 0; i < 2; i++) {
        uv_signal_init(&server->loop, &server->signals[i]);
        server->signals[i].data = server;
        uv_signal_start(&server->signals[i], on_signal, numbers[i]);
    }
    return true;
}

/* The last worker has ended. */
static void on_ended(uv_async_t *async)
{
    struct server *server = async->data;

    for (int i = 0; i < 2; i++)
        uv_close((uv_handle_t *)&server->signals[i], NULL);
    uv_close((uv_handle_t *)async, NULL);
}

/* -- Running --------------------------------------------------------------- */

struct worker_start {
    struct worker *worker;
    uv_async_t *ended;
};

static void run_worker(void *arg)
{
    struct worker_start *start = arg;

    worker_main(start->worker);
    if (atomic_fetch_sub(&start->worker->server->nrunning, 1) == 1)
        uv_async_send(start->ended);
}

/* Runs until the loops of all workers have ended; with fewer of them when
 * threads are short. */
static void run_workers(struct server *server)
{
    struct worker_start *starts = calloc(server->nworkers, sizeof(starts[0]));
    uv_async_t ended;
    unsigned i;

    if (!starts) {
        log_say("no memory for the workers' threads");
        return;
    }
    atomic_store(&server->nrunning, server->nworkers);
    uv_async_init(&server->loop, &ended, on_ended);
    ended.data = server;
    for (i = 0; i < server->nworkers; i++) {
        starts[i] = (struct worker_start){&server->workers[i], &ended};
        if (uv_thread_create(&server->workers[i].thread, run_worker,
                             &starts[i]) != 0)
            break;
    }
    if (i < server->nworkers) {
        log_say("only %u workers could be started", i);
        atomic_fetch_sub(&server->nrunning, server->nworkers - i);
        server->nworkers = i;
    }
    if (i > 0)
        uv_run(&server->loop, UV_RUN_DEFAULT);
    for (i = 0; i < server->nworkers; i++)
        uv_thread_join(&server->workers[i].thread);
    free(starts);
}

static bool make_workers(struct server *server)
{
    unsigned count = server->config->workers;

    count = count > 0 ? count : os_cores();
    server->workers = calloc(count, sizeof(server->workers[0]));
    if (!server->workers)
        return refuse(server, "workers", "no memory");
    for (; server->nworkers < count; server->nworkers++) {
        if (!worker_init(&server->workers[server->nworkers], server,
                         server->nworkers == 0))
            return refuse(server, "a worker", "it cannot be made");
    }
    return true;
}

static bool open_log(struct server *server)
{
    const struct serve_config *config = server->config;

    return log_open_access(config->log_path, config->has_json_log) ||
           refuse(server, config->log_path, "cannot be written");
}

static bool make_pool(struct server *server)
{
    server->pool = pool_new(server->config->threads, server->config->guests,
                            server->config->queue);
    return server->pool || refuse(server, "guests", "no memory");
}

static void say_ready(const struct server *server)
{
    const struct serve_config *config = server->config;

    log_say("serving on %s, %u workers, up to %u guests at once",
            config->inherited_fd >= 0 ? "an inherited socket" : config->address,
            server->nworkers, config->guests);
}

/* -- The steps ------------------------------------------------------------- */

/* Alive until the process ends: handles of loops that could not be closed point
 * into it.  Large, so it is not there in processes that do not serve. */
static struct server *the_server;

const char *serve_open(const struct serve_config *config)
{
    struct server *server = the_server ? the_server : malloc(sizeof(*server));

    if (!server)
        return "no memory";
    the_server = server;
    memset(server, 0, sizeof(*server));
    server->config = config;
    server->listen_fd = server->admin_fd = -1;
    server->begin_ns = uv_hrtime();
    os_ignore_sigpipe();
    os_raise_fd_limit();
    return open_log(server) && open_sockets(server) ? NULL : server->why;
}

const char *serve_load(void)
{
    struct server *server = the_server;

    return complain(
               server, "the engine",
               wasmrt_engine_new(server->config->engine, &server->engine)) &&
                   load_routes(server)
               ? NULL
               : server->why;
}

const char *serve_loop(void)
{
    struct server *server = the_server;

    if (!make_pool(server) || !watch_signals(server) || !make_workers(server))
        return server->why;
    say_ready(server);
    run_workers(server);
    return NULL;
}

void serve_close(void)
{
    struct server *server = the_server;

    if (!server)
        return;
    pool_delete(server->pool);
    for (unsigned i = 0; i < server->nworkers; i++)
        worker_fini(&server->workers[i]);
    free(server->workers);
    close_sockets(server);
    unload_routes(server);
    log_close();
    wasmrt_engine_delete(server->engine);
}

bool serve_run(const struct serve_config *config)
{
    const char *why = serve_open(config);

    if (!why)
        why = serve_load();
    if (!why)
        why = serve_loop();
    if (why)
        log_say("%s", why);
    serve_close();
    return !why;
}
