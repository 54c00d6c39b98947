/*
 * Waiting for descriptors on Linux.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "runtime/base/os.h"

#include "wasmrt/func.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/* One array serves both sides of the call. */
_Static_assert(sizeof(wasmrt_waitfd) == sizeof(struct pollfd) &&
                   offsetof(wasmrt_waitfd, events) ==
                       offsetof(struct pollfd, events) &&
                   offsetof(wasmrt_waitfd, ready) ==
                       offsetof(struct pollfd, revents),
               "wasmrt_waitfd is translated in place");

int wrt_os_event_new(void)
{
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

void wrt_os_event_signal(int event)
{
    const uint64_t one = 1;
    int saved = errno;
    ssize_t n = write(event, &one, sizeof(one));

    /* It can only fail by being signalled more often than it can count. */
    (void)n;
    errno = saved;
}

void wrt_os_event_clear(int event)
{
    uint64_t count;
    ssize_t n = read(event, &count, sizeof(count));

    (void)n;
}

void wrt_os_event_close(int event)
{
    close(event);
}

static uint16_t to_poll(uint16_t events)
{
    return (uint16_t)((events & WASMRT_WAIT_READ ? POLLIN : 0) |
                      (events & WASMRT_WAIT_WRITE ? POLLOUT : 0));
}

static uint16_t from_poll(uint16_t events)
{
    return (uint16_t)((events & POLLIN ? WASMRT_WAIT_READ : 0) |
                      (events & POLLOUT ? WASMRT_WAIT_WRITE : 0) |
                      (events & POLLHUP ? WASMRT_WAIT_HANGUP : 0) |
                      (events & (POLLERR | POLLNVAL) ? WASMRT_WAIT_ERROR : 0));
}

int wrt_os_poll(struct wasmrt_waitfd *fds, size_t n, uint64_t until_ns)
{
    uint64_t now = until_ns == UINT64_MAX ? 0 : wrt_os_monotonic_ns();
    uint64_t left = until_ns > now ? until_ns - now : 0;
    struct timespec timeout = {.tv_sec = (time_t)(left / 1000000000u),
                               .tv_nsec = (long)(left % 1000000000u)};
    int ready;

    for (size_t i = 0; i < n; i++)
        fds[i].events = to_poll(fds[i].events);
    ready = ppoll((struct pollfd *)(void *)fds, n,
                  until_ns == UINT64_MAX ? NULL : &timeout, NULL);
    if (ready < 0)
        return errno == EINTR ? 0 : -1;
    for (size_t i = 0; i < n; i++)
        fds[i].ready = from_poll(fds[i].ready);
    return ready > 0;
}
