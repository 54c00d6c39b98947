/*
 * Clients of all kinds at once, good, slow, gone and malicious, in several
 * processes. In the end every request must be accounted for, nothing may run,
 * and the server may hold no more descriptors and not much more memory than
 * after the first part. SERVE_STRESS=N makes it N requests; see `make
 * serve-stress`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/base/base.h"
#include "tests/lib/test.h"
#include "tests/serve/client.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* The address sanitizer keeps what is freed, and remembers who did it; it finds
 * what is lost when the server ends. */
enum { CLIENTS = 8, KINDS = 16, SLACK_BYTES = (WRT_HAS_ASAN ? 256 : 16) << 20 };

/* What all clients together have done. */
struct tally {
    atomic_ulong asked;  /* requests whose head was sent as a whole */
    atomic_ulong done;   /* of these, answers that came as they should */
    atomic_ulong left;   /* of these, those not waited for */
    atomic_ulong wrong;  /* and those that were not what they should be */
    atomic_ulong halves; /* heads that were not sent as a whole */
};

static struct tally *tally;
static unsigned long long seed;

static unsigned random_below(unsigned n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % n;
}

/* Counts an answer; a wrong one is shown. */
static void expect(int got, int wanted, const struct answer *answer,
                   const char *body)
{
    bool is_right = got == wanted &&
                    (!body || (answer->body && !strcmp(answer->body, body)));

    atomic_fetch_add(is_right ? &tally->done : &tally->wrong, 1);
    if (!is_right)
        printf("got %d and not %d: %s%s\n", got, wanted, answer->head,
               answer->body ? answer->body : "");
    free(answer->body);
}

static int ask_for(const char *text)
{
    int fd = client_open("http");

    atomic_fetch_add(&tally->asked, 1);
    client_send(fd, text);
    return fd;
}

static void get(const char *text, int status, const char *body)
{
    int fd = ask_for(text);
    struct answer answer;

    expect(client_read_raw(fd, true, &answer), status, &answer, body);
    close(fd);
}

/* A body of any length, in one of the two ways; it must come back. */
static void echo(bool is_chunked)
{
    static char body[200001], text[200512];
    size_t len = random_below(2) ? random_below(200000) : random_below(50);
    struct answer answer;
    int fd, head;

    for (size_t i = 0; i < len; i++)
        body[i] = (char)('a' + random_below(26));
    body[len] = '\0';
    head = snprintf(text, sizeof(text),
                    is_chunked ? "POST /echo HTTP/1.1\r\nHost: t\r\n"
                                 "Transfer-Encoding: chunked\r\n\r\n%zx\r\n"
                               : "POST /echo HTTP/1.1\r\nHost: t\r\n"
                                 "Content-Length: %zu\r\n\r\n",
                    len);
    fd = client_open("http");
    atomic_fetch_add(&tally->asked, 1);
    client_send_bytes(fd, text, (size_t)head);
    client_send_bytes(fd, body, len);
    if (is_chunked && len > 0)
        client_send(fd, "\r\n0\r\n");
    if (is_chunked)
        client_send(fd, "\r\n");
    expect(client_read_raw(fd, true, &answer), 200, &answer, body);
    close(fd);
}

/* All of a long answer, by a client that lets it wait: the guest has ended
 * before its last bytes are taken. */
static void download(void)
{
    unsigned len = 100000 + random_below(900000);
    struct answer answer;
    char text[100];
    int fd, got;

    snprintf(text, sizeof(text), "GET /big?%u HTTP/1.1\r\nHost: t\r\n\r\n",
             len);
    fd = ask_for(text);
    usleep(random_below(20000));
    got = client_read_raw(fd, true, &answer);
    expect(got == 200 && answer.len != len ? -1 : got, 200, &answer, NULL);
    close(fd);
}

static void pipeline(void)
{
    struct answer answer;
    int fd = ask_for("GET / HTTP/1.1\r\nHost: t\r\n\r\n"
                     "GET /trap HTTP/1.1\r\nHost: t\r\n\r\n"
                     "GET / HTTP/1.1\r\nHost: t\r\n\r\n");

    atomic_fetch_add(&tally->asked, 2);
    expect(client_read_raw(fd, true, &answer), 200, &answer, "hello 1\n");
    expect(client_read_raw(fd, true, &answer), 500, &answer, NULL);
    expect(client_read_raw(fd, true, &answer), 200, &answer, "hello 1\n");
    close(fd);
}

/* Sends a request and does not wait for all of the answer, or for any. */
static void leave(const char *text, bool answers)
{
    char some[4096];
    int fd = ask_for(text);

    if (random_below(2))
        usleep(random_below(3000));
    if (answers && random_below(2) && recv_some(fd, some, sizeof(some)) < 0)
        printf("nothing came\n");
    atomic_fetch_add(&tally->left, 1);
    close(fd);
}

static void send_half(void)
{
    static const char text[] = "GET / HTTP/1.1\r\nHost: t\r\n\r";
    int fd = client_open("http");

    atomic_fetch_add(&tally->halves, 1);
    client_send_bytes(fd, text, 1 + random_below(sizeof(text) - 2));
    close(fd);
}

static void act(unsigned kind)
{
#define GET(path) "GET " path " HTTP/1.1\r\nHost: t\r\n\r\n"
    switch (kind) {
    case 0: get(GET("/trap"), 500, NULL); break;
    case 1: get(GET("/nothing"), 502, NULL); break;
    case 2: get("GET / HTTP/1.1\r\n\r\n", 400, NULL); break;
    case 3: echo(false); break;
    case 4: echo(true); break;
    case 5: pipeline(); break;
    case 6: leave(GET("/big?3000000"), true); break;
    case 7: leave(GET("/spin"), false); break;
    case 8:
        leave("POST /count HTTP/1.1\r\nHost: t\r\n"
              "Content-Length: 9\r\n\r\nabc",
              false);
        break;
    case 9: send_half(); break;
    case 10:
        /* Slow clients take their time, so they are few. */
        if (random_below(50) == 0)
            get("POST /count HTTP/1.1\r\nHost: t\r\nContent-Length: 9\r\n\r\na",
                408, NULL);
        break;
    case 11: download(); break;
    case 12: get(GET("/sleep?2"), 200, "hello 1\n"); break;
    case 13: leave(GET("/sleep?1000000"), false); break;
    case 14: get(GET("/poll?3"), 200, "1 ready, 0 bytes\n"); break;
    default: get(GET("/"), 200, "hello 1\n"); break;
    }
}

static void run_clients(unsigned long requests, unsigned long long first_seed)
{
    int pids[CLIENTS], status;

    for (int i = 0; i < CLIENTS; i++) {
        pids[i] = fork();
        if (pids[i] != 0)
            continue;
        seed = first_seed + (unsigned)i;
        for (unsigned long n = 0; n < requests / CLIENTS; n++)
            act(random_below(KINDS));
        fflush(stdout);
        _exit(0);
    }
    for (int i = 0; i < CLIENTS; i++) {
        waitpid(pids[i], &status, 0);
        CHECK_EQ(status, 0);
    }
}

/* The value of a line of the metrics; the sum of those with labels. */
static unsigned long long metric(const char *page, const char *name)
{
    unsigned long long sum = 0;
    const char *at = page;

    while ((at = strstr(at, name))) {
        const char *value = strchr(at, ' ');

        if (at > page && at[-1] == '\n' && value)
            sum += strtoull(value, NULL, 10);
        at++;
    }
    return sum;
}

struct state {
    unsigned long long fds, bytes, answers;
};

static struct state read_state(void)
{
    const char *page = ask_admin("/metrics");

    return (struct state){metric(page, "process_open_fds "),
                          metric(page, "process_resident_memory_bytes "),
                          metric(page, "wasmrt_http_requests_total{") -
                              (admin_asks() - 1)};
}

/* When nobody asks for anything any more.  A guest that a client has left ends
 * in its own time, and a moment later its request is accounted for. */
static struct state settle(void)
{
    struct state state;

    CHECK(metrics_have("wasmrt_http_connections 0\n"));
    CHECK(metrics_have("wasmrt_guests_running 0\n"));
    state = read_state();
    for (int i = 0; i < 500 && state.answers < tally->asked; i++) {
        usleep(10000);
        state = read_state();
    }
    return state;
}

TEST(hammer_serve_accounts_for_everything)
{
    const char *wanted = getenv("SERVE_STRESS");
    unsigned long requests = wanted ? strtoul(wanted, NULL, 10) : 800;
    struct state first, last;
    int pid = SERVE(serve_program(), "--max-guests=16", "--timeout=20s",
                    "--body-timeout=3s", "--access-log=none");

    tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    run_clients(requests / 2, 1);
    first = settle();
    run_clients(requests / 2, 1000);
    last = settle();
    printf("reached: %lu requests, %lu answers, %lu not waited for, %lu halves "
           "of heads\n",
           tally->asked, tally->done, tally->left, tally->halves);
    printf("descriptors: %llu, then %llu; memory: %llu KiB, then %llu KiB\n",
           first.fds, last.fds, first.bytes >> 10, last.bytes >> 10);
    CHECK_EQ(tally->wrong, 0);
    CHECK(tally->done > 0 && tally->left > 0 && tally->halves > 0);
    CHECK_EQ(tally->done + tally->left, tally->asked);
    CHECK_EQ(last.answers, tally->asked);
    CHECK(last.fds <= first.fds);
    CHECK(last.bytes < first.bytes + SLACK_BYTES);
    CHECK_EQ(serve_stop(pid), 0);
}
