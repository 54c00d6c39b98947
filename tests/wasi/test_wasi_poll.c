/*
 * Waiting: polls, blocking reads, sockets; and what ends them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/lib/test.h"
#include "tests/wasi/guest.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ALL P1_RIGHTS_ALL
#define MS  1000000ull

static uint64_t now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void put_clock(struct guest *g, int n, uint32_t id, uint64_t timeout,
                      uint16_t flags)
{
    struct p1_subscription sub = {.userdata = (uint64_t)n,
                                  .tag = P1_EVENT_CLOCK};

    sub.of.clock.id = id;
    sub.of.clock.timeout_ns = timeout;
    sub.of.clock.flags = flags;
    guest_put(g, 4096 + (uint32_t)n * (uint32_t)sizeof(sub), &sub, sizeof(sub));
}

static void put_fd(struct guest *g, int n, uint8_t tag, uint32_t fd)
{
    struct p1_subscription sub = {.userdata = (uint64_t)n, .tag = tag};

    sub.of.fd = fd;
    guest_put(g, 4096 + (uint32_t)n * (uint32_t)sizeof(sub), &sub, sizeof(sub));
}

/* Polls for n subscriptions; the number of events, or minus the error. */
static int poll_n(struct guest *g, int n, struct p1_event *events)
{
    int err = CALL(g, "poll_oneoff", 4096, 8192, n, 600);

    if (err)
        return -err;
    guest_get(g, 8192, events, guest_u32(g, 600) * sizeof(*events));
    return (int)guest_u32(g, 600);
}

static wasmrt_wasi_config *pipe_config(int in[2], int out[2])
{
    wasmrt_wasi_config *config = guest_config();

    CHECK(pipe(in) == 0 && pipe(out) == 0);
    wasmrt_wasi_config_stream_fd(config, WASMRT_WASI_STDIN, in[0]);
    wasmrt_wasi_config_stream_fd(config, WASMRT_WASI_STDOUT, out[1]);
    return config;
}

/* -- poll_oneoff ----------------------------------------------------------- */

TEST(wasi_poll_clocks)
{
    struct p1_event events[4];
    struct guest g;
    struct timespec ts;
    uint64_t start, real;

    guest_open(&g, guest_config());
    start = now_ns();
    put_clock(&g, 0, P1_CLOCK_MONOTONIC, 20 * MS, 0);
    put_clock(&g, 1, P1_CLOCK_REALTIME, 10000 * MS, 0);
    CHECK_EQ(poll_n(&g, 2, events), 1);
    CHECK(now_ns() - start >= 20 * MS);
    CHECK_EQ(events[0].userdata, 0);
    CHECK_EQ(events[0].type, P1_EVENT_CLOCK);
    CHECK_EQ(events[0].error, P1_SUCCESS);

    start = now_ns();
    put_clock(&g, 0, P1_CLOCK_MONOTONIC, start + 20 * MS, P1_SUBCLOCK_ABSTIME);
    CHECK_EQ(poll_n(&g, 1, events), 1);
    CHECK(now_ns() - start >= 20 * MS);

    clock_gettime(CLOCK_REALTIME, &ts);
    real = (uint64_t)ts.tv_sec * 1000 * MS + (uint64_t)ts.tv_nsec;
    start = now_ns();
    put_clock(&g, 0, P1_CLOCK_REALTIME, real + 20 * MS, P1_SUBCLOCK_ABSTIME);
    CHECK_EQ(poll_n(&g, 1, events), 1);
    CHECK(now_ns() - start >= 18 * MS);

    /* The past, a wrong clock, a wrong flag: all at once. */
    put_clock(&g, 0, P1_CLOCK_MONOTONIC, 1, P1_SUBCLOCK_ABSTIME);
    put_clock(&g, 1, 9, 1, 0);
    put_clock(&g, 2, P1_CLOCK_REALTIME, 1, 2);
    put_clock(&g, 3, P1_CLOCK_REALTIME, UINT64_MAX, 0); /* never */
    CHECK_EQ(poll_n(&g, 4, events), 3);
    CHECK_EQ(events[0].error, P1_SUCCESS);
    CHECK_EQ(events[1].error, P1_INVAL);
    CHECK_EQ(events[2].error, P1_INVAL);
    guest_close(&g);
}

/* What ends the wait for a pipe. */
static void write_when_idle(void *user)
{
    CHECK_EQ(write(*(const int *)user, "x", 1), 1);
}

TEST(wasi_tells_when_a_guest_is_idle)
{
    int in[2], out[2];
    wasmrt_wasi_config *config = pipe_config(in, out);
    struct p1_event events[4];
    struct guest g;
    char byte;

    wasmrt_wasi_config_idle(config, write_when_idle, &in[1]);
    guest_open(&g, config);
    put_clock(&g, 0, P1_CLOCK_MONOTONIC, 0, 0); /* no wait, no call */
    CHECK_EQ(poll_n(&g, 1, events), 1);
    put_fd(&g, 0, P1_EVENT_FD_READ, 0);
    for (int n = 0; n < 2; n++) {
        CHECK_EQ(poll_n(&g, 1, events), 1);
        CHECK_EQ(events[0].nbytes, 1); /* one call for each wait */
        CHECK_EQ(read(in[0], &byte, 1), 1);
    }
    guest_close(&g);
}

TEST(wasi_poll_files_and_pipes)
{
    struct p1_event events[8];
    int in[2], out[2];
    struct guest g;

    guest_open(&g, pipe_config(in, out));
    CHECK_EQ(guest_open_path(&g, 3, "f", P1_O_CREAT, ALL, 0), 4);
    put_fd(&g, 0, P1_EVENT_FD_READ, 0);
    put_clock(&g, 1, P1_CLOCK_MONOTONIC, 5 * MS, 0);
    CHECK_EQ(poll_n(&g, 2, events), 1); /* nothing to read: the clock */
    CHECK_EQ(events[0].userdata, 1);

    CHECK_EQ(write(in[1], "hello", 5), 5);
    put_clock(&g, 1, P1_CLOCK_MONOTONIC, 10000 * MS, 0);
    CHECK_EQ(poll_n(&g, 2, events), 1);
    CHECK_EQ(events[0].userdata, 0);
    CHECK_EQ(events[0].type, P1_EVENT_FD_READ);
    CHECK_EQ(events[0].nbytes, 5);
    CHECK_EQ(events[0].flags, 0);

    close(in[1]);
    put_fd(&g, 1, P1_EVENT_FD_WRITE, 1);
    put_fd(&g, 2, P1_EVENT_FD_READ, 4);
    put_fd(&g, 3, P1_EVENT_FD_READ, 77);
    put_fd(&g, 4, P1_EVENT_FD_READ, 1);
    put_fd(&g, 5, P1_EVENT_FD_READ, 3);
    put_fd(&g, 6, 9, 0);
    CHECK_EQ(poll_n(&g, 7, events), 7);
    CHECK_EQ(events[0].flags, P1_EVENT_HANGUP);
    CHECK_EQ(events[1].error, P1_SUCCESS);
    CHECK_EQ(events[2].error, P1_SUCCESS);
    CHECK_EQ(events[3].error, P1_BADF);
    CHECK_EQ(events[4].error, P1_BADF);
    CHECK_EQ(events[5].error, P1_ISDIR);
    CHECK_EQ(events[6].error, P1_INVAL);
    guest_close(&g);
}

/* More descriptors than a wait has room for without an allocation. */
TEST(wasi_poll_many)
{
    static struct p1_event events[40];
    int in[2], out[2];
    struct guest g;

    guest_open(&g, pipe_config(in, out));
    for (int i = 0; i < 40; i++)
        put_fd(&g, i, P1_EVENT_FD_READ, 0);
    CHECK_EQ(write(in[1], "x", 1), 1);
    CHECK_EQ(poll_n(&g, 40, events), 40);
    CHECK_EQ(events[39].userdata, 39);
    guest_close(&g);
}

/* -- Interruption ---------------------------------------------------------- */

static struct {
    wasmrt_store *store;
    uint64_t at_ns; /* when the interrupt was raised */
} stopper;

static void *stop_later(void *arg)
{
    const struct timespec delay = {.tv_nsec = 30 * 1000000};

    (void)arg;
    nanosleep(&delay, NULL);
    stopper.at_ns = now_ns();
    wasmrt_store_interrupt(stopper.store);
    return NULL;
}

/* The delay between an interrupt and the end of a call.  A slow machine is
 * slow, so tests ask for a multiple of what is promised. */
static void check_interrupted(struct guest *g, const char *name,
                              const int64_t *args)
{
    pthread_t thread;
    uint64_t late;

    stopper.store = g->store;
    CHECK_EQ(pthread_create(&thread, NULL, stop_later, NULL), 0);
    CHECK_EQ(guest_call(g, name, args), GUEST_TRAP);
    late = now_ns() - stopper.at_ns;
    pthread_join(thread, NULL);
    CHECK_EQ(guest_trap_code(g), WASMRT_ERR_INTERRUPTED);
    printf("%s ended after %.3f ms\n", name, (double)late / 1e6);
    CHECK(late < 200 * MS);
    /* The host and the store are as good as before. */
    CHECK_EQ(CALL0(g, "sched_yield"), P1_SUCCESS);
}

TEST(wasi_interrupts_end_waiting)
{
    static const int64_t read_args[] = {0, 2048, 1, 600};
    static const int64_t write_args[] = {1, 2048, 1, 600};
    static const int64_t poll_args[] = {4096, 8192, 1, 600};
    static const int64_t accept_args[] = {4, 0, 600};
    int in[2], out[2];
    char fill[4096] = "";
    struct guest g;
    wasmrt_wasi_config *config = pipe_config(in, out);

    wasmrt_wasi_config_listen(config, "127.0.0.1:0");
    guest_open(&g, config);
    guest_put(&g, 2048, &(struct p1_iovec){9000, 8}, 8);
    check_interrupted(&g, "fd_read", read_args);
    put_clock(&g, 0, P1_CLOCK_MONOTONIC, 60000 * MS, 0);
    check_interrupted(&g, "poll_oneoff", poll_args);
    put_fd(&g, 0, P1_EVENT_FD_READ, 0);
    check_interrupted(&g, "poll_oneoff", poll_args);
    check_interrupted(&g, "sock_accept", accept_args);
    fcntl(out[1], F_SETFL, O_NONBLOCK);
    while (write(out[1], fill, sizeof(fill)) > 0)
        ;
    fcntl(out[1], F_SETFL, 0);
    check_interrupted(&g, "fd_write", write_args);
    guest_close(&g);
}

TEST(wasi_deadlines_end_waiting)
{
    int in[2], out[2];
    struct guest g;
    uint64_t start;

    guest_open(&g, pipe_config(in, out));
    guest_put(&g, 2048, &(struct p1_iovec){9000, 8}, 8);
    start = now_ns();
    wasmrt_store_set_deadline(g.store, start + 30 * MS);
    CHECK_EQ(CALL(&g, "fd_read", 0, 2048, 1, 600), GUEST_TRAP);
    CHECK_EQ(guest_trap_code(&g), WASMRT_ERR_DEADLINE);
    CHECK(now_ns() - start >= 30 * MS);
    wasmrt_store_set_deadline(g.store, 0);

    /* Raised before: the next call does not begin. */
    wasmrt_store_interrupt(g.store);
    CHECK_EQ(CALL(&g, "fd_read", 0, 2048, 1, 600), GUEST_TRAP);
    CHECK_EQ(guest_trap_code(&g), WASMRT_ERR_INTERRUPTED);
    CHECK_EQ(CALL0(&g, "sched_yield"), P1_SUCCESS);
    guest_close(&g);
}

static void on_alarm(int signal)
{
    (void)signal;
    stopper.at_ns = now_ns();
    wasmrt_store_interrupt(stopper.store);
}

TEST(wasi_signal_handlers_may_interrupt)
{
    int in[2], out[2];
    struct guest g;
    timer_t timer;
    struct itimerspec spec = {.it_value.tv_nsec = 20 * 1000000};

    guest_open(&g, pipe_config(in, out));
    guest_put(&g, 2048, &(struct p1_iovec){9000, 8}, 8);
    stopper.store = g.store;
    signal(SIGALRM, on_alarm);
    CHECK_EQ(timer_create(CLOCK_MONOTONIC, NULL, &timer), 0);
    CHECK_EQ(timer_settime(timer, 0, &spec, NULL), 0);
    CHECK_EQ(CALL(&g, "fd_read", 0, 2048, 1, 600), GUEST_TRAP);
    CHECK_EQ(guest_trap_code(&g), WASMRT_ERR_INTERRUPTED);
    CHECK(now_ns() - stopper.at_ns < 200 * MS);
    guest_close(&g);
}

/* -- Sockets --------------------------------------------------------------- */

/* A listener on some free port, and that port. */
static int listener(struct sockaddr_in *addr)
{
    socklen_t len = sizeof(*addr);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    *addr = (struct sockaddr_in){.sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    CHECK_EQ(bind(fd, (struct sockaddr *)addr, sizeof(*addr)), 0);
    CHECK_EQ(listen(fd, 5), 0);
    CHECK_EQ(getsockname(fd, (struct sockaddr *)addr, &len), 0);
    return fd;
}

static void *connect_and_talk(void *arg)
{
    const struct timespec delay = {.tv_nsec = 20 * 1000000};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char text[16] = "";

    nanosleep(&delay, NULL);
    CHECK_EQ(connect(fd, arg, sizeof(struct sockaddr_in)), 0);
    nanosleep(&delay, NULL);
    CHECK_EQ(write(fd, "abc", 3), 3);
    nanosleep(&delay, NULL);
    CHECK_EQ(write(fd, "defgh", 5), 5);
    CHECK_EQ(read(fd, text, 16), 3);
    CHECK_STR_EQ(text, "xyz");
    CHECK_EQ(read(fd, text, 16), 0); /* shut down by the guest */
    close(fd);
    return NULL;
}

TEST(wasi_sockets_accept_receive_send)
{
    wasmrt_wasi_config *config = guest_config();
    struct sockaddr_in addr;
    struct guest g;
    pthread_t thread;
    int fd = listener(&addr);
    char text[8];

    wasmrt_wasi_config_listen_fd(config, fd);
    guest_open(&g, config);
    CHECK_EQ(CALL(&g, "fd_prestat_get", 4, 100), P1_BADF);
    CHECK_EQ(CALL(&g, "fd_fdstat_set_flags", 4, P1_FD_NONBLOCK), P1_SUCCESS);
    CHECK_EQ(CALL(&g, "sock_accept", 4, 0, 600), P1_AGAIN);
    CHECK_EQ(CALL(&g, "fd_fdstat_set_flags", 4, 0), P1_SUCCESS);
    CHECK_EQ(CALL(&g, "sock_accept", 4, P1_FD_APPEND, 600), P1_INVAL);
    CHECK_EQ(CALL(&g, "sock_accept", 3, 0, 600), P1_NOTSOCK);

    CHECK_EQ(pthread_create(&thread, NULL, connect_and_talk, &addr), 0);
    CHECK_EQ(CALL(&g, "sock_accept", 4, 0, 600), P1_SUCCESS);
    CHECK_EQ(guest_u32(&g, 600), 5);
    guest_put(&g, 2048, &(struct p1_iovec){9000, 2}, 8);
    guest_put(&g, 2056, &(struct p1_iovec){9002, 4}, 8);
    CHECK_EQ(CALL(&g, "sock_recv", 5, 2048, 1, P1_RI_PEEK, 600, 604),
             P1_SUCCESS);
    CHECK_EQ(guest_u32(&g, 600), 2);
    /* Two pieces, filled by two messages. */
    CHECK_EQ(CALL(&g, "sock_recv", 5, 2048, 2, P1_RI_WAITALL, 600, 604),
             P1_SUCCESS);
    CHECK_EQ(guest_u32(&g, 600), 6);
    guest_get(&g, 9000, text, 6);
    CHECK_MEM_EQ(text, "abcdef", 6);
    CHECK_EQ(CALL(&g, "fd_read", 5, 2048, 1, 600), P1_SUCCESS);
    guest_get(&g, 9000, text, 2);
    CHECK_MEM_EQ(text, "gh", 2);
    CHECK_EQ(CALL(&g, "sock_recv", 5, 2048, 2, 4, 600, 604), P1_INVAL);
    CHECK_EQ(CALL(&g, "sock_send", 5, 2048, 1, 1, 600), P1_INVAL);
    guest_put(&g, 9000, "xyz", 3);
    guest_put(&g, 2048, &(struct p1_iovec){9000, 3}, 8);
    CHECK_EQ(CALL(&g, "sock_send", 5, 2048, 1, 0, 600), P1_SUCCESS);
    CHECK_EQ(guest_u32(&g, 600), 3);
    CHECK_EQ(CALL(&g, "sock_shutdown", 5, 0), P1_INVAL);
    CHECK_EQ(CALL(&g, "sock_shutdown", 5, P1_SD_WR), P1_SUCCESS);
    CHECK_EQ(CALL(&g, "sock_recv", 5, 2048, 1, 0, 600, 604), P1_SUCCESS);
    CHECK_EQ(guest_u32(&g, 600), 0);
    CHECK_EQ(pthread_join(thread, NULL), 0);
    CHECK_EQ(CALL(&g, "sock_recv", 4, 2048, 1, 0, 600, 604), P1_BADF);
    guest_close(&g);
    close(fd);
}

TEST(wasi_sockets_are_no_files_and_files_no_sockets)
{
    struct guest g;

    guest_open(&g, guest_config());
    CHECK_EQ(guest_open_path(&g, 3, "f", P1_O_CREAT, ALL, 0), 4);
    guest_put(&g, 2048, &(struct p1_iovec){9000, 2}, 8);
    CHECK_EQ(CALL(&g, "sock_recv", 4, 2048, 1, 0, 600, 604), P1_NOTSOCK);
    CHECK_EQ(CALL(&g, "sock_send", 4, 2048, 1, 0, 600), P1_NOTSOCK);
    CHECK_EQ(CALL(&g, "sock_shutdown", 4, 3), P1_NOTSOCK);
    CHECK_EQ(CALL(&g, "sock_accept", 4, 0, 600), P1_NOTSOCK);
    CHECK_EQ(CALL(&g, "sock_shutdown", 99, 3), P1_BADF);
    guest_close(&g);
}
