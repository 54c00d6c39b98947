/*
 * The one place where a call of a guest blocks.
 *
 * Everything that may take time ends here and from here in
 * wasmrt_caller_wait(), which an interrupt or the deadline of the store ends,
 * and which can suspend the guest instead of the thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "wasi/call.h"

/* After so long a guest is idle. */
enum { SHORT_NS = 20 * 1000 * 1000 };

static bool is_any_ready(const wasmrt_waitfd *fds, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (fds[i].ready)
            return true;
    }
    return false;
}

/* Waits a little.  Whether that was all: something came, or an end. */
static bool wait_shortly(struct p1_call *c, wasmrt_waitfd *fds, size_t count,
                         uint64_t deadline_ns)
{
    uint64_t start_ns, now_ns;

    if (p1_os_clock_now(P1_CLOCK_MONOTONIC, &start_ns) ||
        deadline_ns <= start_ns + SHORT_NS)
        return false;
    c->end = wasmrt_caller_wait(c->caller, fds, count, start_ns + SHORT_NS);
    return c->end || is_any_ready(fds, count) ||
           p1_os_clock_now(P1_CLOCK_MONOTONIC, &now_ns) ||
           now_ns < start_ns + SHORT_NS;
}

bool p1_wait(struct p1_call *c, wasmrt_waitfd *fds, size_t count,
             uint64_t deadline_ns)
{
    if (c->wasi->idle && deadline_ns != 0) {
        if (wait_shortly(c, fds, count, deadline_ns))
            return !c->end;
        c->wasi->idle(c->wasi->idle_user);
    }
    c->end = wasmrt_caller_wait(c->caller, fds, count, deadline_ns);
    return !c->end;
}

static bool call_goes_on(void *user)
{
    return p1_wait(user, NULL, 0, 0);
}

struct p1_slices p1_slices_of(struct p1_call *c)
{
    return (struct p1_slices){call_goes_on, c};
}

bool p1_wait_file(struct p1_call *c, const struct p1_file *file, int what)
{
    wasmrt_waitfd fd = {
        file->host, what == P1_WAIT_READ ? WASMRT_WAIT_READ : WASMRT_WAIT_WRITE,
        0};

    return p1_wait(c, &fd, 1, P1_NEVER);
}
