/*
 * An HTTP server whose answers are made by WASI programs, a fresh instance for
 * each request.
 *
 * Worker threads have a loop each and serve connections (conn.c).  A request
 * finds its route (route.c); what makes the answer is a guest (guest.h), a file
 * (file.c) or a text of our own.
 *
 * This header is all that the command line and the shim know of it.  A build
 * without libuv has absent.c in place of everything else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SERVE_SERVE_H
#define SERVE_SERVE_H

#include "wasmrt/config.h"

struct serve_limits {
    uint64_t timeout_ns;   /* from the request's head to the guest's end */
    uint64_t memory_bytes; /* of all linear memories; UINT64_MAX: no limit */
    uint64_t output_bytes; /* what it may write; likewise */
    uint64_t body_bytes;   /* what a client may send; likewise */
    uint64_t fuel;         /* UINT64_MAX: not counted */
};

struct serve_dir {
    const char *host;
    const char *guest;
    bool is_read_only;
};

struct serve_var {
    const char *name;
    const char *value;
};

/* Answers requests for a path and for what is below it. */
struct serve_route {
    const char *path;   /* begins with '/' */
    const char *module; /* a file; or NULL: */
    const char *files;  /* a directory whose files are sent */
    struct serve_var *vars;
    size_t nvars;
    struct serve_dir *dirs;
    size_t ndirs;
    const char **args; /* behind the program's name */
    size_t nargs;
    bool has_query_args; /* the pieces of the query are arguments too */
    struct serve_limits limits;
};

/* Borrowed by serve_run() until it returns. */
struct serve_config {
    const wasmrt_config *engine; /* see serve_set_stack() */
    const char *address;         /* "IP:PORT", "[IP6]:PORT", "unix:PATH" */
    const char *admin_address;   /* NULL: none */
    int inherited_fd;            /* listens already; -1: use address */
    unsigned workers;            /* threads with a loop; 0: one per core */
    unsigned guests;             /* guests that run at once, waiting or not */
    unsigned threads;            /* for those of them that do not wait */
    unsigned queue;              /* requests that wait for a guest to end */
    unsigned connections;        /* at once */
    size_t head_bytes;           /* of a request */
    uint64_t head_timeout_ns;    /* for a whole head */
    uint64_t body_timeout_ns;    /* without a byte of a body or of an answer */
    uint64_t idle_timeout_ns;    /* between requests */
    uint64_t drain_timeout_ns;   /* for what runs when the server is to end */
    const char *log_path;        /* NULL: standard output; "none" */
    bool has_json_log;
    const struct serve_route *routes;
    size_t nroutes;
};

/* What holds where nothing else is said, as fields of an initializer.  How long
 * a drain may take depends on who ends the server. */
#define SERVE_SECOND_NS UINT64_C(1000000000)
#define SERVE_DEFAULT_LIMITS                                                   \
    .timeout_ns = 30 * SERVE_SECOND_NS, .memory_bytes = 256u << 20,            \
    .output_bytes = UINT64_MAX, .body_bytes = 1u << 30, .fuel = UINT64_MAX
#define SERVE_DEFAULT_CONFIG                                                   \
    .guests = 1000, .threads = 64, .queue = 4096, .connections = 10000,        \
    .head_bytes = 32 * 1024, .head_timeout_ns = 10 * SERVE_SECOND_NS,          \
    .body_timeout_ns = 30 * SERVE_SECOND_NS,                                   \
    .idle_timeout_ns = 60 * SERVE_SECOND_NS

/* Limits the stack of guests, which are tasks; the default is 1 MiB.  What
 * calls outside of tasks have by themselves is hardly used. */
static inline void serve_set_stack(wasmrt_config *engine, size_t bytes)
{
    wasmrt_config_set_task_stack(engine, bytes ? bytes : 1 << 20, 0);
    wasmrt_config_set_max_stack(engine, 64 * 1024);
}

/*
 * Serves until SIGTERM or SIGINT.  Complains on standard error.  Returns false
 * when it could not begin.
 */
bool serve_run(const struct serve_config *config);

/*
 * The steps of it, for who gives up rights between them: sockets that listen,
 * and the log; the modules; serving.  Each returns NULL, or what is wrong,
 * until the next call.  Behind all, and behind a failure: serve_close().
 */
const char *serve_open(const struct serve_config *config);
const char *serve_load(void);
const char *serve_loop(void);
void serve_close(void);

/* The descriptor of a socket that whoever started us has made and that listens
 * already (LISTEN_FDS), or -1. */
int serve_inherited(void);

/* NULL, or why this build cannot serve. */
const char *serve_missing(void);

#endif
