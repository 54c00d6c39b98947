/*
 * poll_oneoff: clocks, files, pipes and sockets.
 *
 * Subscriptions are copied once.  What can be answered at once (an error, a
 * file that never waits, a time that has passed) makes the poll look at the
 * rest without waiting.  Times are all turned into times of the host's
 * monotonic clock at the start; a replaced clock says how long to wait, the
 * host's clock measures it.  A stream of the embedder's is asked whether it is
 * ready, and again whenever the task that the guest is goes on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "wasi/call.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Bounds the host's memory; the system's poll has a similar limit. */
enum { MAX_SUBSCRIPTIONS = 1 << 16 };

enum {
    NO_FD = INT_MIN,
    STREAM_FD = -1 /* a stream of the embedder, who knows when it is ready */
};

struct watch {
    struct p1_subscription sub;
    struct p1_file *file; /* of a descriptor that is asked about; owned */
    uint64_t deadline_ns; /* of a clock */
    enum p1_errno error;  /* found before waiting */
    bool is_ready;        /* without waiting */
};

struct poll {
    struct watch *watches;
    wasmrt_waitfd *fds; /* parallel to watches; NO_FD where there is none */
    uint32_t count;
    uint64_t deadline_ns;
    struct p1_event *events;
    uint32_t event_count;
};

/* -- Setting up ------------------------------------------------------------ */

/* Copies subscription n in the layout of the dialect. */
static bool get_subscription(struct p1_call *c, uint32_t n,
                             struct p1_subscription *out)
{
    uint32_t addr = p1_u32(c, 0);
    struct p1_subscription_unstable old;

    if (c->dialect != P1_UNSTABLE)
        return p1_get(c, addr + n * (uint32_t)sizeof(*out), out, sizeof(*out));
    if (!p1_get(c, addr + n * (uint32_t)sizeof(old), &old, sizeof(old)))
        return false;
    *out = (struct p1_subscription){.userdata = old.userdata, .tag = old.tag};
    if (old.tag == P1_EVENT_CLOCK)
        out->of.clock = old.of.timer.clock;
    else
        out->of.fd = old.of.fd;
    return true;
}

/* Turns a subscription's time into one of the host's monotonic clock. */
static enum p1_errno watch_clock(const struct p1_call *c, struct watch *w)
{
    const struct p1_subscription_clock *clock = &w->sub.of.clock;
    uint64_t delta = clock->timeout_ns, now;
    enum p1_errno err;

    if (clock->flags & ~P1_SUBCLOCK_ABSTIME)
        return P1_INVAL;
    if (clock->id > P1_CLOCK_MONOTONIC)
        return clock->id < P1_CLOCK_COUNT ? P1_NOTSUP : P1_INVAL;
    if (clock->flags & P1_SUBCLOCK_ABSTIME) {
        err = p1_clock_now(c, clock->id, &now);
        if (err)
            return err;
        delta = delta > now ? delta - now : 0;
    }
    err = p1_os_clock_now(P1_CLOCK_MONOTONIC, &now);
    /* The last moment of the clock is the same as never. */
    w->deadline_ns = delta > P1_NEVER - now ? P1_NEVER : now + delta;
    w->is_ready = delta == 0;
    return err;
}

static void ask_stream(const struct p1_call *c, struct watch *w,
                       wasmrt_waitfd *fd)
{
    int64_t ready = p1_stream_ready(c, w->file->stream);

    w->is_ready = ready != 0;
    fd->ready = ready < 0 ? WASMRT_WAIT_HANGUP : 0;
}

/* An error is the answer to this subscription alone. */
static enum p1_errno watch_file(struct p1_call *c, struct watch *w,
                                wasmrt_waitfd *fd)
{
    struct p1_file *file = p1_fdtable_get(&c->wasi->fds, w->sub.of.fd);
    bool is_write = w->sub.tag == P1_EVENT_FD_WRITE;
    uint64_t rights = P1_RIGHT_POLL_FD_READWRITE;
    enum p1_errno err;

    if (!file)
        return P1_BADF;
    w->file = file;
    if (!file->is_listener)
        rights |= is_write ? P1_RIGHT_FD_WRITE : P1_RIGHT_FD_READ;
    err = p1_file_check(file, rights);
    if (err)
        return err;
    if (file->source == P1_SOURCE_STREAM)
        ask_stream(c, w, fd);
    else
        w->is_ready = file->filetype == P1_FILETYPE_REGULAR_FILE;
    if (!w->is_ready) {
        fd->fd = file->source == P1_SOURCE_STREAM ? STREAM_FD : file->host;
        fd->events = is_write ? WASMRT_WAIT_WRITE : WASMRT_WAIT_READ;
    }
    return P1_SUCCESS;
}

/* False for a wrong pointer.  A deadline of 0 makes the poll look without
 * waiting. */
static bool set_up(struct p1_call *c, struct poll *p)
{
    for (uint32_t i = 0; i < p->count; i++) {
        struct watch *w = &p->watches[i];

        p->fds[i].fd = NO_FD;
        w->deadline_ns = P1_NEVER;
        if (!get_subscription(c, i, &w->sub))
            return false;
        if (w->sub.tag == P1_EVENT_CLOCK)
            w->error = watch_clock(c, w);
        else if (w->sub.tag <= P1_EVENT_FD_WRITE)
            w->error = watch_file(c, w, &p->fds[i]);
        else
            w->error = P1_INVAL;
        if (w->error || w->is_ready)
            p->deadline_ns = 0;
        if (w->deadline_ns < p->deadline_ns)
            p->deadline_ns = w->deadline_ns;
    }
    return true;
}

/* -- Waiting and reporting ------------------------------------------------- */

/* Waits for the descriptors that there are; their places get `ready`. */
static bool wait_for(struct p1_call *c, struct poll *p)
{
    wasmrt_waitfd *fds = p->fds + p->count; /* second half: no gaps */
    size_t n = 0;

    for (uint32_t i = 0; i < p->count; i++) {
        if (p->fds[i].fd != NO_FD)
            fds[n++] = p->fds[i];
    }
    if (!p1_wait(c, fds, n, p->deadline_ns))
        return false;
    for (uint32_t i = p->count; i-- > 0;) {
        if (p->fds[i].fd != NO_FD)
            p->fds[i].ready = fds[--n].ready;
    }
    return true;
}

static void report(struct poll *p, const struct watch *w,
                   const wasmrt_waitfd *fd)
{
    struct p1_event *event = &p->events[p->event_count++];

    *event = (struct p1_event){.userdata = w->sub.userdata,
                               .error = (uint16_t)w->error,
                               .type = w->sub.tag};
    if (w->error || w->sub.tag == P1_EVENT_CLOCK)
        return;
    if (w->sub.tag == P1_EVENT_FD_READ)
        event->nbytes = w->is_ready ? p1_file_left(w->file)
                                    : p1_os_available(w->file->host);
    if (fd->ready & WASMRT_WAIT_HANGUP)
        event->flags = P1_EVENT_HANGUP;
}

/* Makes events of what is ready now; none when the guest was woken for
 * nothing. */
static enum p1_errno collect(const struct p1_call *c, struct poll *p)
{
    uint64_t now;
    enum p1_errno err = p1_os_clock_now(P1_CLOCK_MONOTONIC, &now);

    for (uint32_t i = 0; i < p->count && !err; i++) {
        struct watch *w = &p->watches[i];

        if (p->fds[i].fd == STREAM_FD)
            ask_stream(c, w, &p->fds[i]);
        if (w->error || w->is_ready || p->fds[i].ready ||
            (w->deadline_ns != P1_NEVER && w->deadline_ns <= now))
            report(p, w, &p->fds[i]);
    }
    return err;
}

static enum p1_errno run(struct p1_call *c, struct poll *p)
{
    enum p1_errno err = P1_SUCCESS;

    if (!set_up(c, p))
        return P1_FAULT;
    while (!err && p->event_count == 0) {
        if (!wait_for(c, p))
            return P1_INTR;
        err = collect(c, p);
    }
    if (!err && p1_put(c, p1_u32(c, 1), p->events,
                       p->event_count * sizeof(p->events[0])))
        p1_put_u32(c, p1_u32(c, 3), p->event_count);
    return err;
}

enum p1_errno p1_poll_oneoff(struct p1_call *c)
{
    uint32_t count = p1_u32(c, 2);
    struct poll p = {.count = count, .deadline_ns = P1_NEVER};
    uint64_t size = c->dialect == P1_UNSTABLE
                        ? sizeof(struct p1_subscription_unstable)
                        : sizeof(struct p1_subscription);
    enum p1_errno err = P1_NOMEM;

    if (count == 0 || count > MAX_SUBSCRIPTIONS)
        return P1_INVAL;
    /* Wrong pointers end the guest now and not after hours of waiting. */
    if (!p1_span(c, p1_u32(c, 0), count * size) ||
        !p1_span(c, p1_u32(c, 1), (uint64_t)count * sizeof(p.events[0])) ||
        !p1_span(c, p1_u32(c, 3), sizeof(uint32_t)))
        return P1_FAULT;
    p.watches = calloc(count, sizeof(p.watches[0]));
    p.fds = calloc((size_t)count * 2, sizeof(p.fds[0]));
    p.events = calloc(count, sizeof(p.events[0]));
    if (p.watches && p.fds && p.events)
        err = run(c, &p);
    for (uint32_t i = 0; p.watches && i < count; i++) {
        if (p.watches[i].file)
            p1_file_unref(p.watches[i].file);
    }
    free(p.watches);
    free(p.fds);
    free(p.events);
    return err;
}
