/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/line.h"

#include "shim/parcel.h"

#include <errno.h>
#include <sys/socket.h>

_Static_assert((int)LINE_FD_COUNT <= PARCEL_MOST_FDS, "one parcel");

bool line_open(int ends[2])
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0;
}

/* -- The process's end ----------------------------------------------------- */

bool line_say(int fd, enum line_word word, const struct fault *fault)
{
    struct line_message message = {.word = (char)word};

    if (fault)
        message.fault = *fault;
    return send(fd, &message, sizeof(message), MSG_NOSIGNAL) >= 0;
}

bool line_receive_place(int fd, struct line_place *place,
                        int fds[LINE_FD_COUNT])
{
    return parcel_receive(fd, place, sizeof(*place), fds, LINE_FD_COUNT) ==
           LINE_FD_COUNT;
}

bool line_wait_for(int fd, enum line_step step)
{
    char word;
    ssize_t n;

    do
        n = recv(fd, &word, 1, 0);
    while (n < 0 && errno == EINTR);
    return n == 1 && word == (char)step;
}

/* -- The shim's end -------------------------------------------------------- */

/* A process that ended without reading what we sent is reported once, by
 * ECONNRESET, before what it said. */
enum line_heard line_hear(int fd, struct line_message *message)
{
    ssize_t n;

    do
        n = recv(fd, message, sizeof(*message), MSG_DONTWAIT);
    while (n < 0 && (errno == EINTR || errno == ECONNRESET));
    if (n < 0 && errno == EAGAIN)
        return LINE_SILENCE;
    if (n != sizeof(*message))
        return LINE_END;
    message->fault.text[sizeof(message->fault.text) - 1] = '\0';
    return LINE_MESSAGE;
}

bool line_send_place(int fd, const struct line_place *place,
                     const int fds[LINE_FD_COUNT])
{
    return parcel_send(fd, place, sizeof(*place), fds, LINE_FD_COUNT);
}

bool line_send_step(int fd, enum line_step step)
{
    const char word = (char)step;

    return send(fd, &word, 1, MSG_NOSIGNAL) == 1;
}
