/*
 * What containerd is told unasked: that a task was created, started, ended.
 *
 * One queue per shim, one event on its way at a time, the next one after the
 * answer: so they arrive in order.  While containerd is away they wait.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_EVENTS_H
#define SHIM_EVENTS_H

#include "shim/frame.h"

#include <stdbool.h>
#include <uv.h>

/* More than that are lost, oldest first, exits last. */
enum { EVENTS_MAX_QUEUED = 4096 };

struct events {
    uv_loop_t *loop;
    uv_timer_t retry;
    uv_pipe_t *pipe; /* NULL without a connection */
    char *address, *namespace_name;
    struct event *first, **last;
    unsigned count;
    unsigned failures; /* in a row */
    uint32_t stream;   /* of the request on its way; 0: none */
    uint32_t next_stream;
    struct frame_reader reader;
};

/* address: of containerd's ttrpc socket; "" sends nothing. */
void events_init(struct events *events, uv_loop_t *loop, const char *address,
                 const char *namespace_name);

/* Queues an event.  `type` is the last part of containerd.events.TYPE. */
void events_send(struct events *events, const char *topic, const char *type,
                 const void *message);

/* Whether everything has been delivered. */
bool events_done(const struct events *events);

#endif
