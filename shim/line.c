/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/line.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

enum { GO = 'g' };

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

/* Room for the streams and the root. */
union control {
    struct cmsghdr head;
    char bytes[CMSG_SPACE(LINE_FD_COUNT * sizeof(int))];
};

bool line_receive_place(int fd, struct line_place *place,
                        int fds[LINE_FD_COUNT])
{
    const size_t bytes = LINE_FD_COUNT * sizeof(int);
    union control control = {0};
    struct iovec iov = {place, sizeof(*place)};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control.bytes,
                         .msg_controllen = sizeof(control.bytes)};
    ssize_t n;

    do
        n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n != sizeof(*place) || !CMSG_FIRSTHDR(&msg) ||
        CMSG_FIRSTHDR(&msg)->cmsg_len != CMSG_LEN(bytes))
        return false;
    memcpy(fds, CMSG_DATA(CMSG_FIRSTHDR(&msg)), bytes);
    return true;
}

bool line_wait_for_go(int fd)
{
    char word;
    ssize_t n;

    do
        n = recv(fd, &word, 1, 0);
    while (n < 0 && errno == EINTR);
    return n == 1 && word == GO;
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
    const size_t bytes = LINE_FD_COUNT * sizeof(int);
    union control control = {0};
    struct iovec iov = {(void *)place, sizeof(*place)};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control.bytes,
                         .msg_controllen = sizeof(control.bytes)};

    control.head.cmsg_level = SOL_SOCKET;
    control.head.cmsg_type = SCM_RIGHTS;
    control.head.cmsg_len = CMSG_LEN(bytes);
    memcpy(CMSG_DATA(&control.head), fds, bytes);
    return sendmsg(fd, &msg, MSG_NOSIGNAL) == sizeof(*place);
}

bool line_send_go(int fd)
{
    const char word = GO;

    return send(fd, &word, 1, MSG_NOSIGNAL) == 1;
}
