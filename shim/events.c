/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/events.h"

#include "shim/log.h"
#include "shim/memory.h"
#include "shim/message.h"
#include "shim/proto/events.pb-c.h"
#include "shim/timestamp.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_RETRY_MS = 20, LAST_RETRY_MS = 2000, ANSWER_MS = 10000 };

struct event {
    struct event *next;
    bool is_exit;
    size_t len;
    uint8_t frame[]; /* its head's stream number is filled in when it is sent */
};

static void send_first(struct events *events);

/* -- The connection -------------------------------------------------------- */

static void free_pipe(uv_handle_t *handle)
{
    free(handle);
}

static void on_retry(uv_timer_t *timer)
{
    send_first(timer->data);
}

/* Gives the connection up and tries again later, with the same event. */
static void disconnect(struct events *events)
{
    unsigned shift = events->failures < 7 ? events->failures : 7;
    unsigned delay_ms = (unsigned)FIRST_RETRY_MS << shift;

    if (events->pipe)
        uv_close((uv_handle_t *)events->pipe, free_pipe);
    events->pipe = NULL;
    events->stream = 0;
    events->failures++;
    frame_reader_fini(&events->reader);
    if (events->first)
        uv_timer_start(&events->retry, on_retry,
                       delay_ms < LAST_RETRY_MS ? delay_ms : LAST_RETRY_MS, 0);
}

static void on_connected(uv_connect_t *connect, int status)
{
    struct events *events = connect->data;
    bool is_current = (uv_stream_t *)events->pipe == connect->handle;

    free(connect);
    if (status == UV_ECANCELED || !is_current)
        return;
    if (status < 0)
        disconnect(events);
    else
        send_first(events);
}

static void connect_pipe(struct events *events)
{
    uv_connect_t *connect = mem_alloc(sizeof(*connect));

    events->pipe = mem_alloc(sizeof(*events->pipe));
    uv_pipe_init(events->loop, events->pipe, 0);
    events->pipe->data = events;
    events->next_stream = 1;
    connect->data = events;
    uv_pipe_connect(connect, events->pipe, events->address, on_connected);
}

/* -- Answers --------------------------------------------------------------- */

/* The event at the head has arrived, or was refused: containerd knows best. */
static void take_answer(struct events *events)
{
    struct event *event = events->first;
    Pb__Response *response;

    if (events->stream == 0 || events->reader.head.stream != events->stream)
        return;
    response = message_unpack(&pb__response__descriptor, events->reader.body,
                              events->reader.head.len);
    if (response && response->status && response->status->code)
        log_warn("an event was refused: %s", response->status->message);
    message_free(response);
    events->first = event->next;
    if (!events->first)
        events->last = &events->first;
    events->count--;
    events->stream = 0;
    events->failures = 0;
    free(event);
    uv_timer_stop(&events->retry);
    send_first(events);
}

static void give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    (void)handle;
    (void)suggested;
    *buf = uv_buf_init(mem_scratch, sizeof(mem_scratch));
}

static void on_bytes(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf)
{
    struct events *events = stream->data;
    const uint8_t *at = (const uint8_t *)buf->base;
    size_t left = count > 0 ? (size_t)count : 0;

    if (count < 0)
        disconnect(events);
    while (left > 0 && events->pipe) {
        switch (frame_read(&events->reader, &at, &left)) {
        case FRAME_MORE: break;
        case FRAME_READY: take_answer(events); break;
        case FRAME_TOO_LONG:
        case FRAME_OOM: disconnect(events); break;
        }
    }
}

/* -- Sending --------------------------------------------------------------- */

static void on_written(uv_write_t *write, int status)
{
    struct events *events = write->data;
    bool is_current = (uv_stream_t *)events->pipe == write->handle;

    free(write);
    if (status < 0 && status != UV_ECANCELED && is_current)
        disconnect(events);
}

static void on_no_answer(uv_timer_t *timer)
{
    disconnect(timer->data);
}

/* The frame stays in the queue, so it can be written from there. */
static void write_first(struct events *events)
{
    uv_write_t *write = mem_alloc(sizeof(*write));
    struct event *event = events->first;
    struct frame_head head = {.len = (uint32_t)(event->len - FRAME_HEAD_BYTES),
                              .stream = events->next_stream,
                              .type = FRAME_REQUEST};
    uv_buf_t buf = uv_buf_init((char *)event->frame, (unsigned)event->len);

    events->stream = events->next_stream;
    events->next_stream += 2;
    frame_write_head(event->frame, &head);
    write->data = events;
    uv_timer_start(&events->retry, on_no_answer, ANSWER_MS, 0);
    uv_read_start((uv_stream_t *)events->pipe, give_buffer, on_bytes);
    if (uv_write(write, (uv_stream_t *)events->pipe, &buf, 1, on_written)) {
        free(write);
        disconnect(events);
    }
}

static void send_first(struct events *events)
{
    if (!events->first || events->stream)
        return;
    if (!events->pipe)
        connect_pipe(events);
    else if (uv_is_writable((uv_stream_t *)events->pipe))
        write_first(events);
}

/* Makes room in a full queue; the event on its way stays. */
static void drop_oldest(struct events *events)
{
    struct event **at = &events->first->next;

    while (*at && (*at)->is_exit && (*at)->next)
        at = &(*at)->next;
    if (*at) {
        struct event *event = *at;

        *at = event->next;
        if (!event->next)
            events->last = at;
        events->count--;
        free(event);
        log_warn("an event was dropped: containerd is away");
    }
}

/* The whole request, with room for the frame's head in front. */
static struct event *make_event(const struct events *events, const char *topic,
                                const char *type, const void *message)
{
    Pb__Any any = PB__ANY__INIT;
    Pb__Timestamp stamp = timestamp_now();
    Pb__Envelope envelope = PB__ENVELOPE__INIT;
    Pb__ForwardRequest forward = PB__FORWARD_REQUEST__INIT;
    Pb__KeyValue value = PB__KEY_VALUE__INIT, *values[] = {&value};
    Pb__Request request = PB__REQUEST__INIT;
    struct event *event;
    size_t len;

    any.type_url = (char *)type;
    any.value = message_pack_bytes(message);
    envelope.timestamp = &stamp;
    envelope.namespace_ = events->namespace_name;
    envelope.topic = (char *)topic;
    envelope.event = &any;
    forward.envelope = &envelope;
    value.key = (char *)"containerd-namespace-ttrpc";
    value.value = events->namespace_name;
    request.service = (char *)"containerd.services.events.ttrpc.v1.Events";
    request.method = (char *)"Forward";
    request.payload = message_pack_bytes(&forward);
    request.timeout_nano = (int64_t)5 * 1000 * 1000 * 1000;
    request.n_metadata = 1;
    request.metadata = values;
    len = protobuf_c_message_get_packed_size(&request.base);
    event = mem_alloc(sizeof(*event) + FRAME_HEAD_BYTES + len);
    event->len = FRAME_HEAD_BYTES + len;
    protobuf_c_message_pack(&request.base, event->frame + FRAME_HEAD_BYTES);
    free(any.value.data);
    free(request.payload.data);
    return event;
}

void events_send(struct events *events, const char *topic, const char *type,
                 const void *message)
{
    char *full_type;
    struct event *event;

    if (!*events->address)
        return;
    full_type = mem_format("containerd.events.%s", type);
    event = make_event(events, topic, full_type, message);
    event->is_exit = strcmp(type, "TaskExit") == 0;
    free(full_type);
    if (events->count >= EVENTS_MAX_QUEUED)
        drop_oldest(events);
    *events->last = event;
    events->last = &event->next;
    events->count++;
    if (!uv_is_active((uv_handle_t *)&events->retry))
        send_first(events);
}

bool events_done(const struct events *events)
{
    return events->first == NULL;
}

void events_init(struct events *events, uv_loop_t *loop, const char *address,
                 const char *namespace_name)
{
    *events = (struct events){.loop = loop, .next_stream = 1};
    events->last = &events->first;
    if (strncmp(address, "unix://", 7) == 0)
        address += 7;
    events->address = mem_string(address);
    events->namespace_name = mem_string(namespace_name);
    uv_timer_init(loop, &events->retry);
    events->retry.data = events;
}
