/*
 * What an embedder grants, as it was said; state.c makes it real.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WASI_CONFIG_H
#define WASI_CONFIG_H

#include "wasi/call.h"

enum p1_stdio_kind {
    P1_STDIO_NONE, /* empty input, output thrown away */
    P1_STDIO_INHERIT,
    P1_STDIO_FD,
    P1_STDIO_BYTES,
    P1_STDIO_CAPTURE,
    P1_STDIO_WRITER,
    P1_STDIO_CALL
};

struct p1_stdio {
    enum p1_stdio_kind kind;
    int fd;
    uint8_t *bytes; /* owned */
    size_t len;     /* of bytes; of a capture the limit */
    void (*write)(void *user, const void *bytes, size_t len);
    wasmrt_wasi_source_fn source; /* for CALL, one of the two */
    wasmrt_wasi_sink_fn sink;
    void *user;
    wasmrt_wasi_ready_fn ready; /* of CALL; or NULL */
    void *ready_user;
};

/* A preopen.  Owner: the configuration. */
struct p1_grant {
    struct p1_grant *next; /* in the order of the grants */
    char *host;            /* path or address; NULL: listen_fd */
    char *guest;           /* NULL for a listener */
    int listen_fd;
    wasmrt_wasi_access access;
};

struct wasmrt_wasi_config {
    bool out_of_memory; /* sticky; the setters have no results */
    struct p1_strings args;
    struct p1_strings env;
    uint64_t env_names; /* bits of the names in env: see config.c */
    struct p1_stdio stdio[3];
    struct p1_grant *grants;
    uint32_t max_fds;
    uint32_t max_threads; /* besides the first one */
    bool raises_sigpipe;
    uint64_t (*now_ns)(void *user, uint32_t clock_id);
    void *now_user;
    void (*fill_random)(void *user, void *buf, size_t len);
    void *random_user;
    void (*trace)(void *user, const char *line);
    void *trace_user;
    void (*idle)(void *user);
    void *idle_user;
};

/* Copies a list of strings; false when memory is exhausted. */
bool p1_strings_copy(struct p1_strings *to, const struct p1_strings *from);

#endif
