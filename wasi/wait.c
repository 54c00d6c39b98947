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

bool p1_wait(struct p1_call *c, wasmrt_waitfd *fds, size_t count,
             uint64_t deadline_ns)
{
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
