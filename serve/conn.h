/*
 * A connection: bytes in, bytes out, one request after the other.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SERVE_CONN_H
#define SERVE_CONN_H

#include "serve/server.h"

/* Output that waits to be written is about that much at most. */
enum { CONN_OUT_BYTES = 64 * 1024 };

enum conn_state {
    CONN_HEAD,   /* waits for a head, or for the rest of one */
    CONN_ACTIVE, /* has an exchange */
    CONN_LINGER, /* the last answer is out; what still comes is thrown away, so
                    that the system does not take the answer back */
    CONN_CLOSED
};

struct conn {
    union socket_handle of;
    struct conn *next, **link; /* of the worker's list */
    struct worker *worker;
    enum conn_state state;
    bool is_admin;
    bool is_reading;
    bool is_busy;     /* conn_go_on() is at work */
    bool keeps_alive; /* after the exchange */
    bool is_out_of_memory;
    uint64_t deadline_ns; /* UINT64_MAX: none */
    uint64_t progress_ns; /* when bytes came or went last */
    struct exchange *exchange;

    char *in; /* owned; NULL while there is nothing */
    size_t in_cap, in_at, in_len;
    size_t seen; /* of the head, by http_find_end() */

    char *out; /* owned; bytes before out_at are written */
    size_t out_cap, out_at, out_len;
    char *pending; /* owned; what is being written; or NULL */
    size_t pending_len;
    uv_write_t write;
    uv_shutdown_t shutdown;

    char remote_addr[64], remote_port[8];
    char local_addr[64], local_port[8];
};

/* Accepts a connection. */
void conn_accept(struct listener *listener);

/* Appends to the output.  Nothing is written before conn_go_on(). */
void conn_put(struct conn *conn, const void *bytes, size_t len);

/* Bytes of output that are not written yet. */
size_t conn_unsent(const struct conn *conn);

/* Does whatever can be done now. */
void conn_go_on(struct conn *conn);

void conn_close(struct conn *conn);

/* Time has passed. */
void conn_tick(struct conn *conn, uint64_t now_ns);

/* The server is to end: closes the connection if it does nothing, else after
 * the answer. */
void conn_drain(struct conn *conn);

#endif
