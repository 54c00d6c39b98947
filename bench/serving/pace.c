/*
 * HTTP requests at a rate of their own, whatever the server does: an open loop.
 *
 * Request n is due at the beginning plus n / RATE.  A connection that is idle
 * takes it; when none is, it waits for one.  What is measured is the time from
 * when it was due to the end of its answer, so a server that stops for a while
 * does not hide that by being asked less.
 *
 * usage: pace PORT PATH RATE CONNECTIONS SECONDS
 * Prints: requests per second, ms at p50, p99, p99.9 and the most, and errors.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_CONNECTIONS = 1024, ANSWER_BYTES = 64 * 1024, SECOND = 1000000000 };

struct conn {
    bool is_busy;
    uint64_t due_ns; /* of the request that it is busy with */
    size_t len;
    char answer[ANSWER_BYTES];
};

static struct conn conns[MOST_CONNECTIONS];
static struct pollfd fds[MOST_CONNECTIONS];
static unsigned nconns, nidle;
static char request[1024];
static unsigned port;
static uint64_t *times_ns; /* of answers */
static size_t ntimes, nerrors;

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
}

static _Noreturn void give_up(const char *what)
{
    perror(what);
    exit(1);
}

static int open_socket(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
        give_up("pace: connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    return fd;
}

/* An answer that fails, or a connection that ends, is an error; the connection
 * is made anew. */
static void fail(unsigned i)
{
    nerrors++;
    close(fds[i].fd);
    fds[i].fd = open_socket();
    nidle += conns[i].is_busy;
    conns[i].is_busy = false;
    conns[i].len = 0;
}

static void ask(unsigned i, uint64_t due_ns)
{
    size_t len = strlen(request);

    conns[i].is_busy = true;
    conns[i].due_ns = due_ns;
    nidle--;
    if (send(fds[i].fd, request, len, MSG_NOSIGNAL) != (ssize_t)len)
        fail(i);
}

/* Whether the answer is whole. */
static bool is_whole(const struct conn *c)
{
    static const char end[] = "\r\n\r\n", last[] = "\r\n0\r\n\r\n";
    const char *body = memmem(c->answer, c->len, end, 4), *field;

    if (!body)
        return false;
    body += 4;
    field =
        memmem(c->answer, (size_t)(body - c->answer), "Content-Length: ", 16);
    if (field)
        return c->len >=
               (size_t)(body - c->answer) + strtoul(field + 16, NULL, 10);
    return memmem(body - 2, c->len - (size_t)(body - 2 - c->answer), last, 7);
}

static void hear(unsigned i)
{
    struct conn *c = &conns[i];
    ssize_t got = recv(fds[i].fd, c->answer + c->len, ANSWER_BYTES - 1 - c->len,
                       MSG_DONTWAIT);

    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0 || !c->is_busy) {
        fail(i);
        return;
    }
    c->len += (size_t)got;
    c->answer[c->len] = '\0';
    if (!is_whole(c))
        return;
    if (memcmp(c->answer, "HTTP/1.1 200 ", 13) != 0)
        nerrors++;
    times_ns[ntimes++] = now_ns() - c->due_ns;
    c->len = 0;
    c->is_busy = false;
    nidle++;
}

static void hear_all(uint64_t until_ns)
{
    uint64_t now = now_ns();
    uint64_t left = until_ns > now ? until_ns - now : 0;
    struct timespec wait = {(time_t)(left / SECOND), (long)(left % SECOND)};

    if (ppoll(fds, nconns, &wait, NULL) <= 0)
        return;
    for (unsigned i = 0; i < nconns; i++) {
        if (fds[i].revents)
            hear(i);
    }
}

static unsigned find_idle(void)
{
    static unsigned next;

    do
        next = (next + 1) % nconns;
    while (conns[next].is_busy);
    return next;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

static double quantile_ms(double share)
{
    size_t at = (size_t)(share * (double)ntimes);

    return ntimes ? (double)times_ns[at < ntimes ? at : ntimes - 1] / 1e6 : 0;
}

int main(int argc, char **argv)
{
    uint64_t begin, end, due;
    double rate;
    size_t count, asked = 0;

    if (argc != 6)
        return 2;
    port = (unsigned)atoi(argv[1]);
    rate = atof(argv[3]);
    nconns = (unsigned)atoi(argv[4]);
    count = (size_t)(rate * atof(argv[5]));
    if (nconns < 1 || nconns > MOST_CONNECTIONS || count < 1)
        return 2;
    snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: bench\r\n\r\n",
             argv[2]);
    times_ns = calloc(count, sizeof(times_ns[0]));
    if (!times_ns)
        return 1;
    for (unsigned i = 0; i < nconns; i++)
        fds[i] = (struct pollfd){.fd = open_socket(), .events = POLLIN};
    nidle = nconns;
    begin = now_ns();
    end = begin + (uint64_t)(atof(argv[5]) * SECOND) + 5ull * SECOND;
    while (ntimes + nerrors < count && now_ns() < end) {
        due = begin + (uint64_t)((double)asked * 1e9 / rate);
        if (asked < count && nidle > 0 && now_ns() >= due) {
            ask(find_idle(), due);
            asked++;
        } else {
            hear_all(asked < count && nidle > 0 ? due : end);
        }
    }
    end = now_ns();
    qsort(times_ns, ntimes, sizeof(times_ns[0]), compare);
    printf("%.0f %.3f %.3f %.3f %.3f %zu\n",
           (double)ntimes * 1e9 / (double)(end - begin), quantile_ms(0.5),
           quantile_ms(0.99), quantile_ms(0.999), quantile_ms(1),
           nerrors + count - ntimes);
    return 0;
}
