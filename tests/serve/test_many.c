/*
 * Guests that wait: hundreds at once on few threads, and what ends them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/base/base.h"
#include "tests/lib/test.h"
#include "tests/serve/client.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define GET(path) "GET " path " HTTP/1.1\r\nHost: t\r\n\r\n"

/* A guest takes some address space, of which sanitizers leave little. */
enum {
    MANY = WRT_HAS_ASAN || WRT_HAS_TSAN ? 90 : 1000,
    THREADS = 4,
    BIG = 700000,
    /* Besides those for guests: the first one, one loop, and those of libuv and
     * of sanitizers. */
    OTHERS = 8
};

/* What a third of the clients each does. */
enum kind { UPLOAD, DOWNLOAD, SLEEP, KINDS };

static void allow_descriptors(unsigned long count)
{
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < count)
        SKIP("too few descriptors are allowed");
    limit.rlim_cur = limit.rlim_max < 2 * count ? limit.rlim_max : 2 * count;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static int threads_of(int pid)
{
    char path[64];
    const char *at;

    snprintf(path, sizeof(path), "/proc/%d/status", pid);
    at = strstr(read_file(path), "Threads:");
    CHECK(at != NULL);
    return at ? atoi(at + strlen("Threads:")) : 0;
}

static bool many_are_suspended(int count)
{
    char line[64];

    snprintf(line, sizeof(line), "wasmrt_guests_suspended %d\n", count);
    return metrics_have(line);
}

static void begin(int fd, enum kind kind)
{
    switch (kind) {
    case UPLOAD:
        client_send(fd, "POST /count HTTP/1.1\r\nHost: t\r\n"
                        "Content-Length: 8\r\n\r\nabc");
        break;
    case DOWNLOAD: client_send(fd, GET("/big?700000")); break;
    default: client_send(fd, GET("/sleep?1000000")); break;
    }
}

/* Lets the guest go on, to its end. */
static void end(int fd, enum kind kind)
{
    static struct answer answer;

    if (kind == UPLOAD) {
        client_send(fd, "defgh");
        CHECK_EQ(client_read_raw(fd, true, &answer), 200);
        CHECK_STR_EQ(answer.body, "8\n");
        free(answer.body);
    } else if (kind == DOWNLOAD) {
        CHECK_EQ(client_read_raw(fd, true, &answer), 200);
        CHECK_EQ(answer.len, BIG);
        free(answer.body);
    }
    close(fd);
}

TEST(serve_suspends_hundreds_of_guests_on_few_threads)
{
    static int fds[MANY];
    int pid, spins;
    char left[64];

    allow_descriptors(MANY + 100);
    pid = SERVE(serve_program(), "--workers=1", "--guest-threads=4",
                "--max-guests=1010", "--timeout=1h", "--body-timeout=1h",
                "--access-log=none");
    for (int i = 0; i < MANY; i++) {
        fds[i] = client_open("http");
        begin(fds[i], (enum kind)(i % KINDS));
    }
    CHECK(many_are_suspended(MANY));
    printf("reached: %d guests suspended, %d threads\n", MANY, threads_of(pid));
    CHECK(threads_of(pid) <= THREADS + OTHERS);
    /* They are in nobody's way, nor are some that compute. */
    spins = client_open("http");
    client_send(spins, GET("/spin"));
    for (int i = 0; i < 5; i++)
        CHECK_STR_HAS(ask_path("/"), "hello 1");
    for (int i = MANY - 1; i >= 0; i--)
        end(fds[i], (enum kind)(i % KINDS));
    close(spins);
    CHECK(metrics_have("wasmrt_guests_running 0\n"));
    snprintf(left, sizeof(left), "wasmrt_guests_total{end=\"left\"} %d\n",
             MANY / KINDS + 1);
    CHECK(metrics_have(left));
    CHECK(threads_of(pid) <= THREADS + OTHERS);
    CHECK_EQ(serve_stop(pid), 0);
}

/* As many guests as threads compute for ever; then nobody can begin, but who
 * waits still ends when its client leaves, as soon as one thread is free. */
TEST(serve_ends_suspended_guests_beside_busy_ones)
{
    int pid = SERVE(serve_program(), "--workers=1", "--guest-threads=2");
    int spins[2], waits = client_open("http");

    client_send(waits, GET("/sleep?1000000"));
    CHECK(many_are_suspended(1));
    for (int i = 0; i < 2; i++) {
        spins[i] = client_open("http");
        client_send(spins[i], GET("/spin"));
    }
    CHECK(metrics_have("wasmrt_guests_running 3\n"));
    close(waits);
    CHECK(many_are_suspended(0));
    close(spins[0]);
    CHECK(metrics_have("wasmrt_guests_total{end=\"left\"} 2\n"));
    close(spins[1]);
    CHECK(metrics_have("wasmrt_guests_running 0\n"));
    CHECK_EQ(serve_stop(pid), 0);
}

TEST(serve_limits_the_time_of_suspended_guests)
{
    int pid = SERVE(serve_program(), "--timeout=300ms");
    int sleeps = client_open("http"), reads = client_open("http");
    int writes = client_open("http"), polls = client_open("http");

    client_send(sleeps, GET("/sleep?1000000"));
    client_send(reads, "POST /count HTTP/1.1\r\nHost: t\r\n"
                       "Content-Length: 5\r\n\r\nab");
    client_send(writes, GET("/big?100000000"));
    client_send(polls, "POST /poll?-1 HTTP/1.1\r\nHost: t\r\n"
                       "Content-Length: 5\r\n\r\n");
    CHECK_STR_HAS(ask_path("/"), "hello 1");
    CHECK(metrics_have("wasmrt_guests_running 0\n"));
    CHECK_STR_HAS(client_read_all(reads, NULL), "HTTP/1.1 504 ");
    CHECK_STR_HAS(client_read_all(polls, NULL), "HTTP/1.1 504 ");
    CHECK(metrics_have("wasmrt_http_requests_total{code=\"504\"} 3\n"));
    /* This one's answer has begun, and is cut off. */
    close(writes);
    CHECK(metrics_have("wasmrt_guests_total{end=\"timed-out\"} 4\n"));
    close(sleeps);
    CHECK_EQ(serve_stop(pid), 0);
}

/* What was set before a guest was suspended holds behind it. */
TEST(serve_limits_guests_that_were_suspended)
{
    int pid = SERVE(serve_program(), "--fuel=3000000", "--max-memory=1M",
                    "--max-output=100");
#define THEN(what)                                                             \
    "POST /then" what " HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\n\r\n"
    static const char *const requests[] = {THEN("/spin"), THEN("/grow"),
                                           THEN("/big?101"), THEN("/trap"),
                                           THEN("/")};
    int fds[5];
    char *all;

    for (int i = 0; i < 5; i++) {
        fds[i] = client_open("http");
        client_send(fds[i], requests[i]);
    }
    CHECK(many_are_suspended(5));
    for (int i = 0; i < 5; i++)
        client_send(fds[i], "body");
    CHECK(metrics_have("wasmrt_guests_total{end=\"no-fuel\"} 1\n"));
    CHECK(metrics_have("wasmrt_guests_total{end=\"too-long\"} 1\n"));
    CHECK(metrics_have("wasmrt_guests_total{end=\"trapped\"} 1\n"));
    CHECK(metrics_have("wasmrt_guests_total{end=\"returned\"} 2\n"));
    kill(pid, SIGTERM);
    all = client_read_all(fds[1], NULL);
    CHECK_STR_HAS(all, " pages\n");
    CHECK(atoi(strstr(all, "\r\n\r\n") + 4) < 16);
    CHECK_STR_HAS(client_read_all(fds[0], NULL), "HTTP/1.1 500 ");
    CHECK_STR_HAS(client_read_all(fds[3], NULL), "HTTP/1.1 500 ");
    CHECK_STR_HAS(client_read_all(fds[4], NULL), "hello 1\n");
    CHECK_EQ(serve_wait(pid), 0);
}

TEST(serve_polls_for_guests)
{
    int pid = SERVE(serve_program()), fd = client_open("http");
    struct answer answer;

    /* The time comes first, the input, and the end of the input. */
    CHECK_STR_HAS(ask("POST /poll?20 HTTP/1.1\r\nHost: t\r\n"
                      "Connection: close\r\nContent-Length: 0\r\n\r\n"),
                  "1 ready, 0 bytes\n");
    client_send(fd, "POST /poll?20 HTTP/1.1\r\nHost: t\r\n"
                    "Content-Length: 3\r\n\r\n");
    CHECK_EQ(client_read(fd, true, &answer), 200);
    CHECK_STR_EQ(answer.body, "0 ready, -1 bytes\n");
    client_send(fd, "abcPOST /poll?-1 HTTP/1.1\r\nHost: t\r\n"
                    "Content-Length: 3\r\n\r\n");
    CHECK(many_are_suspended(1));
    client_send(fd, "abc");
    CHECK_EQ(client_read(fd, true, &answer), 200);
    CHECK_STR_EQ(answer.body, "1 ready, 3 bytes\n");
    client_send(fd, GET("/poll-output?700000"));
    CHECK(many_are_suspended(1));
    CHECK_EQ(client_read(fd, true, &answer), 200);
    CHECK_EQ(answer.len, BIG);
    close(fd);
    CHECK_EQ(serve_stop(pid), 0);
}

TEST(serve_ends_suspended_guests_when_it_must)
{
    int pid = SERVE(serve_program(), "--drain-timeout=200ms");
    int fd = client_open("http");

    client_send(fd, GET("/sleep?1000000"));
    CHECK(many_are_suspended(1));
    CHECK_EQ(serve_stop(pid), 0);
    close(fd);
}
