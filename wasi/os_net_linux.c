/*
 * WASI's sockets on Linux.  Every call returns at once; waiting happens in the
 * wait function.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "wasi/os.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static enum p1_errno result_of(int result)
{
    return result < 0 ? p1_errno_from_host(errno) : P1_SUCCESS;
}

/* Splits "ADDR:PORT" at its last colon, without the brackets of an IPv6
 * address.  False when it is not of that form. */
static bool split_address(const char *address, char *host, size_t size,
                          const char **port)
{
    const char *colon = strrchr(address, ':');
    size_t len;

    if (!colon || colon[1] == '\0')
        return false;
    len = (size_t)(colon - address);
    if (len >= 2 && address[0] == '[' && address[len - 1] == ']') {
        address++;
        len -= 2;
    } else if (memchr(address, ':', len)) {
        return false; /* an IPv6 address needs its brackets */
    }
    if (len == 0 || len >= size)
        return false;
    memcpy(host, address, len);
    host[len] = '\0';
    *port = colon + 1;
    return true;
}

/* An address of either family. */
union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* Names are not looked up: a grant says exactly where it listens.  Returns the
 * length of the address, or 0 when it is not one. */
static socklen_t parse_address(const char *text, union address *out)
{
    char host[INET6_ADDRSTRLEN];
    const char *port_text;
    char *end;
    long port;

    memset(out, 0, sizeof(*out));
    if (!split_address(text, host, sizeof(host), &port_text))
        return 0;
    port = strtol(port_text, &end, 10);
    if (*port_text < '0' || *port_text > '9' || *end || port > UINT16_MAX)
        return 0;
    if (inet_pton(AF_INET, host, &out->v4.sin_addr) == 1) {
        out->v4.sin_family = AF_INET;
        out->v4.sin_port = htons((uint16_t)port);
        return sizeof(out->v4);
    }
    if (inet_pton(AF_INET6, host, &out->v6.sin6_addr) == 1) {
        out->v6.sin6_family = AF_INET6;
        out->v6.sin6_port = htons((uint16_t)port);
        return sizeof(out->v6);
    }
    return 0;
}

enum p1_errno p1_os_listen(const char *address, int *out)
{
    const int on = 1;
    union address addr;
    enum p1_errno err;
    socklen_t len = parse_address(address, &addr);
    int fd;

    if (len == 0)
        return P1_INVAL;
    fd = socket(addr.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
                0);
    if (fd < 0)
        return result_of(fd);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, &addr.any, len) < 0 || listen(fd, SOMAXCONN) < 0) {
        err = result_of(-1);
        close(fd);
        return err;
    }
    *out = fd;
    return P1_SUCCESS;
}

enum p1_errno p1_os_accept(int fd, int *out)
{
    do {
        *out = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    } while (*out < 0 && errno == EINTR);
    return result_of(*out);
}

bool p1_os_is_listening(int fd)
{
    int listening = 0;
    socklen_t len = sizeof(listening);

    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) == 0 &&
           listening;
}

static struct msghdr message(const struct p1_buf *bufs, int count)
{
    struct msghdr msg = {0};

    /* Sending does not write to the vectors, whatever the type says. */
    msg.msg_iov = (struct iovec *)(uintptr_t)bufs;
    msg.msg_iovlen = (size_t)count;
    return msg;
}

enum p1_errno p1_os_recv(int fd, const struct p1_buf *bufs, int count,
                         unsigned riflags, size_t *out, uint16_t *roflags_out)
{
    struct msghdr msg = message(bufs, count);
    ssize_t n;

    do {
        n = recvmsg(fd, &msg,
                    MSG_DONTWAIT | (riflags & P1_RI_PEEK ? MSG_PEEK : 0));
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        return result_of(-1);
    *out = (size_t)n;
    *roflags_out = msg.msg_flags & MSG_TRUNC ? P1_RO_TRUNCATED : 0;
    return P1_SUCCESS;
}

enum p1_errno p1_os_send(int fd, const struct p1_buf *bufs, int count,
                         size_t *out)
{
    struct msghdr msg = message(bufs, count);
    ssize_t n;

    do {
        n = sendmsg(fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        return result_of(-1);
    *out = (size_t)n;
    return P1_SUCCESS;
}

enum p1_errno p1_os_shutdown(int fd, unsigned sdflags)
{
    static const int map[] = {SHUT_RD, SHUT_RD, SHUT_WR, SHUT_RDWR};

    return result_of(shutdown(fd, map[sdflags & P1_SD_ALL]));
}
