/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/parcel.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

/* Where the kernel takes and leaves descriptors. */
union control {
    struct cmsghdr head;
    char bytes[CMSG_SPACE(sizeof(int) * PARCEL_MOST_FDS)];
};

bool parcel_send(int fd, const void *bytes, size_t len, const int *fds,
                 int count)
{
    const size_t fd_bytes = sizeof(int) * (size_t)count;
    union control control = {.head = {.cmsg_level = SOL_SOCKET,
                                      .cmsg_type = SCM_RIGHTS,
                                      .cmsg_len = CMSG_LEN(fd_bytes)}};
    struct iovec iov = {(void *)bytes, len};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control.bytes,
                         .msg_controllen = CMSG_SPACE(fd_bytes)};

    memcpy(CMSG_DATA(&control.head), fds, fd_bytes);
    return sendmsg(fd, &msg, MSG_NOSIGNAL) == (ssize_t)len;
}

int parcel_receive(int fd, void *bytes, size_t len, int *fds, int most)
{
    union control control;
    struct iovec iov = {bytes, len};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control.bytes,
                         .msg_controllen =
                             CMSG_SPACE(sizeof(int) * (size_t)most)};
    const struct cmsghdr *head;
    size_t fd_bytes;
    ssize_t n;

    for (int i = 0; i < most; i++)
        fds[i] = -1;
    do
        n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n != (ssize_t)len)
        return -1;
    head = CMSG_FIRSTHDR(&msg);
    if (!head)
        return 0;
    fd_bytes = head->cmsg_len - CMSG_LEN(0);
    memcpy(fds, CMSG_DATA(head), fd_bytes);
    return (int)(fd_bytes / sizeof(int));
}
