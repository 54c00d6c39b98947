/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/server.h"

#include "shim/frame.h"
#include "shim/log.h"
#include "shim/memory.h"
#include "shim/message.h"
#include "shim/proto/ttrpc.pb-c.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    MAX_CONNECTIONS = 256,
    MAX_CALLS = 4096,          /* unanswered, of all connections */
    MAX_UNSENT_BYTES = 1 << 24 /* of one connection whose peer does not read */
};

/* Freed when it is closed and its last call is answered. */
struct connection {
    uv_pipe_t pipe;
    struct server *server;
    struct frame_reader reader;
    unsigned calls;
    bool is_closed;
};

struct call {
    struct connection *connection;
    uint32_t stream;
};

/* A frame on its way out. */
struct answer {
    uv_write_t write;
    struct connection *connection;
    uint8_t *bytes;
};

/* -- Connections ----------------------------------------------------------- */

static void release_connection(struct connection *connection)
{
    if (!connection->is_closed || connection->calls > 0)
        return;
    frame_reader_fini(&connection->reader);
    free(connection);
}

static void on_closed(uv_handle_t *handle)
{
    struct connection *connection = handle->data;

    connection->is_closed = true;
    connection->server->connections--;
    release_connection(connection);
}

static void close_connection(struct connection *connection)
{
    uv_handle_t *handle = (uv_handle_t *)&connection->pipe;

    if (!uv_is_closing(handle))
        uv_close(handle, on_closed);
}

/* -- Answers --------------------------------------------------------------- */

static void on_written(uv_write_t *write, int status)
{
    struct answer *answer = (struct answer *)write;

    answer->connection->server->unsent--;
    if (status < 0 && status != UV_ECANCELED)
        close_connection(answer->connection);
    free(answer->bytes);
    free(answer);
}

static void send_response(struct connection *connection, uint32_t stream,
                          const Pb__Response *response)
{
    struct answer *answer = mem_alloc(sizeof(*answer));
    struct frame_head head = {.stream = stream, .type = FRAME_RESPONSE};
    size_t len;
    uv_buf_t buf;

    answer->connection = connection;
    answer->bytes = message_pack(response, FRAME_HEAD_BYTES, &len);
    head.len = (uint32_t)len;
    frame_write_head(answer->bytes, &head);
    buf =
        uv_buf_init((char *)answer->bytes, (unsigned)(FRAME_HEAD_BYTES + len));
    connection->server->unsent++;
    if (uv_write(&answer->write, (uv_stream_t *)&connection->pipe, &buf, 1,
                 on_written) != 0) {
        connection->server->unsent--;
        free(answer->bytes);
        free(answer);
        close_connection(connection);
    } else if (uv_stream_get_write_queue_size(
                   (uv_stream_t *)&connection->pipe) > MAX_UNSENT_BYTES) {
        close_connection(connection);
    }
}

static void send_fault(struct connection *connection, uint32_t stream,
                       const struct fault *fault)
{
    Pb__Status status = PB__STATUS__INIT;
    Pb__Response response = PB__RESPONSE__INIT;

    status.code = fault->code;
    status.message = (char *)fault->text;
    response.status = &status;
    send_response(connection, stream, &response);
}

static void end_call(struct call *call)
{
    struct connection *connection = call->connection;

    connection->calls--;
    connection->server->unanswered--;
    free(call);
    release_connection(connection);
}

void call_reply(struct call *call, const void *message)
{
    Pb__Response response = PB__RESPONSE__INIT;

    if (!uv_is_closing((uv_handle_t *)&call->connection->pipe)) {
        response.payload = message_pack_bytes(message);
        send_response(call->connection, call->stream, &response);
        free(response.payload.data);
    }
    end_call(call);
}

void call_fail(struct call *call, const struct fault *fault)
{
    if (!uv_is_closing((uv_handle_t *)&call->connection->pipe))
        send_fault(call->connection, call->stream, fault);
    end_call(call);
}

/* -- Requests -------------------------------------------------------------- */

static void refuse(struct connection *connection, enum fault_code code,
                   const char *text)
{
    struct fault fault;

    fault_set(&fault, code, "%s", text);
    send_fault(connection, connection->reader.head.stream, &fault);
}

static void begin_call(struct connection *connection,
                       const Pb__Request *request)
{
    struct server *server = connection->server;
    struct call *call = mem_alloc(sizeof(*call));
    struct server_request plain = {request->service, request->method,
                                   request->payload.data, request->payload.len};

    call->connection = connection;
    call->stream = connection->reader.head.stream;
    connection->calls++;
    server->unanswered++;
    server->handle(server->user, call, &plain);
}

/* Streams are the client's when odd.  A flag on a request asks for streaming,
 * which no method of ours does. */
static void take_frame(struct connection *connection)
{
    const struct frame_head *head = &connection->reader.head;
    Pb__Request *request;

    if (head->type != FRAME_REQUEST || head->flags != 0 ||
        head->stream % 2 == 0) {
        refuse(connection, FAULT_UNIMPLEMENTED,
               "only unary requests are served");
        return;
    }
    if (connection->server->unanswered >= MAX_CALLS) {
        refuse(connection, FAULT_EXHAUSTED, "too many requests at once");
        return;
    }
    request = message_unpack(&pb__request__descriptor, connection->reader.body,
                             head->len);
    if (!request) {
        refuse(connection, FAULT_INVALID, "malformed request");
        return;
    }
    begin_call(connection, request);
    message_free(request);
}

static void take_bytes(struct connection *connection, const uint8_t *at,
                       size_t left)
{
    while (left > 0) {
        switch (frame_read(&connection->reader, &at, &left)) {
        case FRAME_MORE: break;
        case FRAME_READY: take_frame(connection); break;
        case FRAME_TOO_LONG:
            refuse(connection, FAULT_EXHAUSTED, "message is larger than 4 MiB");
            break;
        case FRAME_OOM: close_connection(connection); return;
        }
        if (uv_is_closing((uv_handle_t *)&connection->pipe))
            return;
    }
}

/* What is read is used at once, so one buffer serves all connections. */
static void give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    (void)handle;
    (void)suggested;
    *buf = uv_buf_init(mem_scratch, sizeof(mem_scratch));
}

static void on_bytes(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf)
{
    struct connection *connection = stream->data;

    if (count < 0)
        close_connection(connection);
    else
        take_bytes(connection, (const uint8_t *)buf->base, (size_t)count);
}

/* -- Listening ------------------------------------------------------------- */

static bool is_our_user(uv_pipe_t *pipe)
{
    struct ucred peer;
    socklen_t len = sizeof(peer);
    uv_os_fd_t fd;

    return uv_fileno((uv_handle_t *)pipe, &fd) == 0 &&
           getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
           peer.uid == geteuid();
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct server *server = listener->data;
    struct connection *connection;

    if (status < 0)
        return;
    connection = mem_alloc(sizeof(*connection));
    connection->server = server;
    uv_pipe_init(listener->loop, &connection->pipe, 0);
    connection->pipe.data = connection;
    server->connections++;
    if (uv_accept(listener, (uv_stream_t *)&connection->pipe) != 0 ||
        server->connections > MAX_CONNECTIONS ||
        !is_our_user(&connection->pipe) ||
        uv_read_start((uv_stream_t *)&connection->pipe, give_buffer,
                      on_bytes) != 0) {
        log_warn("a connection was refused");
        close_connection(connection);
    }
}

bool server_init(struct server *server, uv_loop_t *loop, int listen_fd,
                 server_handler *handle, void *user)
{
    memset(server, 0, sizeof(*server));
    server->handle = handle;
    server->user = user;
    uv_pipe_init(loop, &server->listener, 0);
    server->listener.data = server;
    return uv_pipe_open(&server->listener, listen_fd) == 0 &&
           uv_listen((uv_stream_t *)&server->listener, 64, on_connection) == 0;
}
