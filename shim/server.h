/*
 * The ttrpc server: connections, requests and their answers.
 *
 * A request becomes a `struct call`, which somebody answers exactly once, now
 * or weeks later; answers leave in any order.  Reading never waits for an
 * answer.  A connection that closes takes nothing with it: its calls are still
 * answered, into the void.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_SERVER_H
#define SHIM_SERVER_H

#include "shim/fault.h"

#include <stddef.h>
#include <stdint.h>
#include <uv.h>

/* One request.  Owner: whoever has it to answer. */
struct call;

struct server_request {
    const char *service, *method;
    const uint8_t *payload; /* borrowed for the handler's call */
    size_t payload_len;
};

typedef void server_handler(void *user, struct call *call,
                            const struct server_request *request);

struct server {
    uv_pipe_t listener;
    server_handler *handle;
    void *user;
    unsigned connections;
    unsigned unanswered; /* calls */
    size_t unsent;       /* answers that are being written */
};

/* Serves a listening socket, whose ownership is taken.  Only processes of this
 * process' user get in. */
bool server_init(struct server *server, uv_loop_t *loop, int listen_fd,
                 server_handler *handle, void *user);

/* Answers with a protobuf message. */
void call_reply(struct call *call, const void *message);

/* Answers with a status. */
void call_fail(struct call *call, const struct fault *fault);

#endif
