/*
 * The server from outside: requests good and bad, guests good and bad.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/lib/test.h"
#include "tests/serve/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define GET(path) "GET " path " HTTP/1.1\r\nHost: t\r\n\r\n"

/* -- Requests -------------------------------------------------------------- */

TEST(serve_each_request_has_its_own_instance)
{
    int pid = SERVE(serve_program()), fd = client_open("http");
    struct answer answer;

    for (int i = 0; i < 20; i++) {
        client_send(fd, GET("/"));
        CHECK_EQ(client_read(fd, true, &answer), 200);
        CHECK_STR_EQ(answer.body, "hello 1\n");
        CHECK_STR_HAS(answer.head, "Content-Type: text/plain\r\n");
        CHECK_STR_HAS(answer.head, "X-Request-Id: ");
    }
    close(fd);
    CHECK(metrics_have("wasmrt_guests_total{end=\"returned\"} 20\n"));
    CHECK_EQ(serve_stop(pid), 0);
}

TEST(serve_answers_a_pipeline_in_order)
{
    int pid = SERVE(serve_program()), fd = client_open("http");
    struct answer answer;

    client_send(fd, GET("/slowly") GET("/trap") "\r\n" GET("/status") GET("/"));
    CHECK_EQ(client_read(fd, true, &answer), 200);
    CHECK_STR_EQ(answer.body, "begin\nend\n");
    CHECK_EQ(client_read(fd, true, &answer), 500);
    CHECK_EQ(client_read(fd, true, &answer), 404);
    CHECK_STR_HAS(answer.head, "HTTP/1.1 404 Gone Fishing\r\n");
    CHECK_EQ(client_read(fd, true, &answer), 200);
    CHECK_STR_EQ(answer.body, "hello 1\n");
    CHECK_EQ(serve_stop(pid), 0);
}

TEST(serve_keeps_connections_as_http_1_0_asks)
{
    int pid = SERVE(serve_program()), fd;
    struct answer answer;
    char *all = ask("GET / HTTP/1.0\r\n\r\n");

    CHECK_STR_HAS(all, "\r\nConnection: close\r\n");
    CHECK_STR_HAS(all, "hello 1\n");
    /* Where the length is not known in time, the end of the connection is the
     * answer's. */
    fd = client_open("http");
    for (int i = 0; i < 2; i++) {
        client_send(fd,
                    "GET /sized HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        CHECK_EQ(client_read(fd, true, &answer), 200);
        CHECK_STR_HAS(answer.head, "\r\nConnection: keep-alive\r\n");
    }
    CHECK_EQ(serve_stop(pid), 0);
}

TEST(serve_takes_bodies_of_both_kinds)
{
    int pid = SERVE(serve_program()), fd = client_open("http");
    struct answer answer;

    client_send(
        fd, "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\n"
            "hello"
            "POST /echo HTTP/1.1\r\nHost: t\r\n"
            "Transfer-Encoding: chunked\r\n\r\n"
            "3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nTrailer: x\r\n\r\n" GET("/"));
    CHECK_EQ(client_read(fd, true, &answer), 200);
    CHECK_STR_EQ(answer.body, "hello");
    CHECK_EQ(client_read(fd, true, &answer), 200);
    CHECK_STR_EQ(answer.body, "abcdefg");
    CHECK_EQ(client_read(fd, true, &answer), 200);
    CHECK_EQ(serve_stop(pid), 0);
}

TEST(serve_answers_head_without_a_body)
{
    int pid = SERVE(serve_program()), fd = client_open("http");
    struct answer answer;

    client_send(fd, "HEAD /big?1000 HTTP/1.1\r\nHost: t\r\n\r\n" GET("/"));
    CHECK_EQ(client_read(fd, false, &answer), 200);
    CHECK_EQ(client_read(fd, true, &answer), 200);
    CHECK_STR_EQ(answer.body, "hello 1\n");
    CHECK_EQ(serve_stop(pid), 0);
}

TEST(serve_says_continue_when_the_guest_reads)
{
    int pid = SERVE(serve_program()), fd = client_open("http");
    struct answer answer;

    client_send(fd, "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n"
                    "Expect: 100-continue\r\n\r\n");
    CHECK_EQ(client_read(fd, false, &answer), 100);
    client_send(fd, "ok");
    CHECK_EQ(client_read(fd, true, &answer), 200);
    CHECK_STR_EQ(answer.body, "ok");
    /* One that does not read answers at once, and the connection ends. */
    client_send(fd, "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n"
                    "Expect: 100-continue\r\n\r\n");
    CHECK_EQ(client_read(fd, true, &answer), 200);
    CHECK_STR_HAS(answer.head, "\r\nConnection: close\r\n");
    close(fd);
    CHECK_EQ(serve_stop(pid), 0);
}

/* More than the server holds waits for a guest that never reads it. */
TEST(serve_goes_on_behind_a_body_that_nobody_reads)
{
    enum { BODY = 200000 };
    static const char body[BODY];
    int pid = SERVE(serve_program()), fd = client_open("http");
    struct answer answer;

    client_send(fd, "POST /slowly HTTP/1.1\r\nHost: t\r\n"
                    "Content-Length: 200000\r\n\r\n");
    CHECK(client_send_bytes(fd, body, BODY));
    client_send(fd, GET("/"));
    CHECK_EQ(client_read(fd, true, &answer), 200);
    CHECK_STR_EQ(answer.body, "begin\nend\n");
    CHECK_EQ(client_read(fd, true, &answer), 200);
    CHECK_STR_EQ(answer.body, "hello 1\n");
    close(fd);
    CHECK_EQ(serve_stop(pid), 0);
}

TEST(serve_streams_more_than_it_can_hold)
{
    enum { PIECE = 1 << 16, PIECES = 160 };
    int pid = SERVE(serve_program()), fd = client_open("http");
    static char piece[PIECE];
    struct answer answer;
    char line[64];

    snprintf(line, sizeof(line), "%d\n", PIECE * PIECES);
    client_send(fd, "POST /count HTTP/1.1\r\nHost: t\r\n"
                    "Content-Length: 10485760\r\n\r\n");
    for (int i = 0; i < PIECES; i++)
        CHECK(client_send_bytes(fd, piece, PIECE));
    CHECK_EQ(client_read(fd, true, &answer), 200);
    CHECK_STR_EQ(answer.body, line);
    client_send(fd, GET("/big?10485760"));
    CHECK_EQ(client_read(fd, true, &answer), 200);
    CHECK_EQ(answer.len, PIECE * PIECES);
    CHECK_EQ(serve_stop(pid), 0);
}

/* The guest waits for a client that does not read, and is not in the way of
 * others. */
TEST(serve_holds_back_a_guest_whose_client_does_not_read)
{
    int pid = SERVE(serve_program(), "--body-timeout=500ms");
    int fd = client_open("http");

    client_send(fd, GET("/big?100000000"));
    CHECK_STR_HAS(ask_path("/"), "hello 1");
    CHECK(metrics_have("wasmrt_guests_total{end=\"left\"} 1\n"));
    CHECK(metrics_have("wasmrt_guests_running 0\n"));
    close(fd);
    CHECK_EQ(serve_stop(pid), 0);
}

/* -- What is refused ------------------------------------------------------- */

TEST(serve_refuses_what_could_be_smuggled)
{
    static const char *const requests[] = {
        "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\n"
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" GET("/"),
        "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\n"
        "Content-Length: 4\r\n\r\nabcd" GET("/"),
        "GET / HTTP/1.1\nHost: t\n\n" GET("/"),
        "GET / HTTP/1.1\r\nHost: t\r\nX: y\r\n z\r\n\r\n" GET("/"),
        "GET / HTTP/1.1\r\nHost : t\r\n\r\n" GET("/"),
        "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
        "0x4\r\nabcd\r\n0\r\n\r\n" GET("/"),
    };
    int pid = SERVE(serve_program());

    for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
        char *all = ask(requests[i]);

        CHECK_STR_HAS(all, "HTTP/1.1 400 Bad Request\r\n");
        CHECK_STR_HAS(all, "\r\nConnection: close\r\n");
        CHECK(!strstr(all, "hello"));
    }
    CHECK_EQ(serve_stop(pid), 0);
}

TEST(serve_has_limits)
{
    static char large[4096];
    int pid = SERVE(serve_program(), "--max-head=2K", "--max-body=10",
                    "--max-output=100", "--max-memory=1M");

    memset(large, 'a', sizeof(large) - 1);
    memcpy(large, "GET /", 5);
    CHECK_STR_HAS(ask(large), "HTTP/1.1 431 ");
    CHECK_STR_HAS(ask("POST /echo HTTP/1.1\r\nHost: t\r\n"
                      "Content-Length: 11\r\n\r\n"),
                  "HTTP/1.1 413 ");
    CHECK_STR_HAS(ask("POST /count HTTP/1.1\r\nHost: t\r\n"
                      "Transfer-Encoding: chunked\r\n\r\n"
                      "b\r\nabcdefghijk\r\n"),
                  "HTTP/1.1 413 ");
    CHECK_STR_HAS(ask_path("/grow"), " pages\n");
    CHECK(atoi(strstr(ask_path("/grow"), "\r\n\r\n") + 4) < 16);
    /* The head is out before the limit is met, so all that can be done is not
     * to end the answer. */
    CHECK(!strstr(ask_path("/big?101"), "\r\n0\r\n\r\n"));
    CHECK(metrics_have("wasmrt_guests_total{end=\"too-long\"} 1\n"));
    CHECK_EQ(serve_stop(pid), 0);
}

TEST(serve_does_not_wait_for_slow_clients)
{
    int pid = SERVE(serve_program(), "--head-timeout=200ms",
                    "--body-timeout=200ms", "--idle-timeout=200ms");
    int idle = client_open("http");

    CHECK_STR_HAS(ask("GET / HTT"), "HTTP/1.1 408 ");
    CHECK_STR_HAS(ask("POST /count HTTP/1.1\r\nHost: t\r\n"
                      "Content-Length: 5\r\n\r\nab"),
                  "HTTP/1.1 408 ");
    CHECK_STR_EQ(client_read_all(idle, NULL), "");
    CHECK(metrics_have("wasmrt_guests_running 0\n"));
    CHECK_EQ(serve_stop(pid), 0);
}

TEST(serve_ends_the_guest_of_a_client_that_left)
{
    int pid = SERVE(serve_program());
    int spins = client_open("http"), reads = client_open("http");

    client_send(spins, GET("/spin"));
    client_send(reads, "POST /count HTTP/1.1\r\nHost: t\r\n"
                       "Content-Length: 5\r\n\r\nab");
    CHECK(metrics_have("wasmrt_guests_running 2\n"));
    close(spins);
    close(reads);
    CHECK(metrics_have("wasmrt_guests_total{end=\"left\"} 2\n"));
    CHECK(metrics_have("wasmrt_http_requests_total{code=\"499\"} 2\n"));
    CHECK(metrics_have("wasmrt_guests_running 0\n"));
    CHECK_EQ(serve_stop(pid), 0);
}

/* -- Guests ---------------------------------------------------------------- */

TEST(serve_reports_guests_that_fail)
{
    static const struct {
        const char *path, *answer, *log;
    } cases[] = {
        {"/trap", "HTTP/1.1 500 ", "unreachable"},
        {"/spin", "HTTP/1.1 504 ", "the guest took too long"},
        {"/nothing", "HTTP/1.1 502 ", "the guest wrote nothing"},
        {"/exit", "HTTP/1.1 502 ", "the guest wrote nothing"},
        {"/garbage", "HTTP/1.1 502 ", "a line without a colon"},
        {"/cut", "HTTP/1.1 502 ", "within the head"},
        {"/circle", "HTTP/1.1 502 ", "too many redirects"},
    };
    int pid = SERVE(serve_program(), "--timeout=3s");

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char *all = ask_path(cases[i].path), *id = strstr(all, "\nrequest ");
        char line[64];

        CHECK_STR_HAS(all, cases[i].answer);
        CHECK(id != NULL);
        snprintf(line, sizeof(line), "[%.16s] ", id + 9);
        CHECK_STR_HAS(read_file("err"), line);
        CHECK_STR_HAS(read_file("err"), cases[i].log);
        CHECK_STR_HAS(ask_path("/"), "hello 1\n");
    }
    CHECK_EQ(serve_stop(pid), 0);
}

TEST(serve_does_not_complete_an_answer_that_fails)
{
    int pid = SERVE(serve_program());
    struct answer answer;
    int fd = client_open("http");

    client_send(fd, GET("/half"));
    CHECK_EQ(client_read(fd, true, &answer), -1);
    CHECK_STR_EQ(answer.body, "half\n");
    fd = client_open("http");
    client_send(fd, GET("/short"));
    CHECK_EQ(client_read(fd, true, &answer), -1);
    fd = client_open("http");
    client_send(fd, GET("/long") GET("/"));
    CHECK_EQ(client_read(fd, true, &answer), 200);
    CHECK_STR_EQ(answer.body, "long");
    CHECK_EQ(client_read(fd, true, &answer), 200);
    CHECK_STR_EQ(answer.body, "hello 1\n");
    CHECK_EQ(serve_stop(pid), 0);
}

TEST(serve_counts_fuel)
{
    int pid = SERVE(serve_program(), "--fuel=1000000");

    CHECK_STR_HAS(ask_path("/"), "hello 1\n");
    CHECK_STR_HAS(ask_path("/spin"), "HTTP/1.1 500 ");
    CHECK_STR_HAS(read_file("err"), "out of fuel");
    CHECK(metrics_have("wasmrt_guests_total{end=\"no-fuel\"} 1\n"));
    CHECK_EQ(serve_stop(pid), 0);
    CHECK_STR_HAS(read_file("log"), " fuel=");
}

TEST(serve_passes_fields_on_and_keeps_its_own)
{
    int pid = SERVE(serve_program());
    char *all = ask_path("/smuggle");

    CHECK_STR_HAS(all, "\r\nX-Own: kept\r\n");
    CHECK(!strstr(all, "keep-alive"));
    CHECK_STR_HAS(all, "\r\nContent-Length: 5\r\n");
    CHECK(!strstr(all, "chunked"));
    CHECK_STR_HAS(ask_path("/away"), "HTTP/1.1 302 Found\r\n");
    CHECK_STR_HAS(ask_path("/away"), "\r\nLocation: http://example.com/there");
    CHECK_EQ(serve_stop(pid), 0);
}

TEST(serve_logs_what_a_guest_says)
{
    int pid = SERVE(serve_program(), "--log-format=json");

    CHECK_STR_HAS(ask_path("/complain"), "hello 1\n");
    CHECK_EQ(serve_stop(pid), 0);
    CHECK_STR_HAS(read_file("err"), "] first line\n");
    CHECK_STR_HAS(read_file("err"), "] second \\x1b[31m\n");
    CHECK_STR_HAS(read_file("log"), "\"target\":\"/complain\"");
    CHECK_STR_HAS(read_file("log"), "\"status\":200");
    CHECK_STR_HAS(read_file("log"), "\"memory_bytes\":");
}

TEST(serve_tells_a_guest_about_its_request)
{
    int pid = SERVE(serve_program(), "--env=OWN=value", "--query-args", "one");
    char *all = ask("GET /env?a=1&b HTTP/1.1\r\nHost: example.com:81\r\n"
                    "Cookie: x=1\r\nCookie: y=2\r\nAccept: a\r\nAccept: b\r\n"
                    "Proxy: http://evil\r\nX_Real: fake\r\nX-Real: true\r\n"
                    "Content-Type: text/x\r\nConnection: close\r\n\r\n");

    static const char *const lines[] = {
        "\nGATEWAY_INTERFACE=CGI/1.1\n",
        "\nREQUEST_METHOD=GET\n",
        "\nPATH_INFO=/env\n",
        "\nQUERY_STRING=a=1&b\n",
        "\nSERVER_NAME=example.com\n",
        "\nSERVER_PROTOCOL=HTTP/1.1\n",
        "\nHTTP_COOKIE=x=1; y=2\n",
        "\nHTTP_ACCEPT=a, b\n",
        "\nHTTP_X_REAL=true\n",
        "\nCONTENT_TYPE=text/x\n",
        "\nOWN=value\n",
        "\nREMOTE_ADDR=unix\n",
        "\narg cgi.wasm\narg one\narg a=1\narg b\n",
    };

    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
        CHECK_STR_HAS(all, lines[i]);
    CHECK(!strstr(all, "HTTP_PROXY"));
    CHECK_STR_HAS(ask_path("/local"), "\nQUERY_STRING=came=along\n");
    CHECK_EQ(serve_stop(pid), 0);
}

/* -- Sockets --------------------------------------------------------------- */

/* A TCP socket that listens, as descriptor 3 of a server, and its port. */
static int inherit(int *port_out)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const char *program = serve_program();
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0), pid;
    char number[16];

    CHECK(bind(fd, (struct sockaddr *)&address, len) == 0);
    CHECK(listen(fd, 16) == 0);
    CHECK(getsockname(fd, (struct sockaddr *)&address, &len) == 0);
    *port_out = ntohs(address.sin_port);
    pid = fork();
    if (pid == 0) {
        dup2(fd, 3);
        snprintf(number, sizeof(number), "%d", (int)getpid());
        setenv("LISTEN_PID", number, 1);
        setenv("LISTEN_FDS", "1", 1);
        execl(getenv("WASMRT"), "wasmrt", "serve", program, "--access-log=none",
              NULL);
        _exit(127);
    }
    close(fd);
    return pid;
}

TEST(serve_takes_a_socket_that_is_handed_over)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int port, fd = socket(AF_INET, SOCK_STREAM, 0), pid = inherit(&port);
    char line[64];
    struct answer answer;

    address.sin_port = htons((uint16_t)port);
    CHECK(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
    client_send(fd, "GET /env HTTP/1.1\r\nHost:\r\n\r\n");
    CHECK_EQ(client_read(fd, true, &answer), 200);
    CHECK_STR_HAS(answer.body, "\nREMOTE_ADDR=127.0.0.1\n");
    CHECK_STR_HAS(answer.body, "\nSERVER_NAME=127.0.0.1\n");
    snprintf(line, sizeof(line), "\nSERVER_PORT=%d\n", port);
    CHECK_STR_HAS(answer.body, line);
    close(fd);
    CHECK_EQ(serve_stop(pid), 0);
}

/* -- Routes and files ------------------------------------------------------ */

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

static void make_site(void)
{
    char text[2048];

    mkdir("www", 0700);
    mkdir("www/sub", 0700);
    write_text("www/a.txt", "0123456789");
    write_text("www/.secret", "no");
    write_text("www/sub/index.html", "<p>index");
    write_text("outside", "no");
    CHECK_EQ(symlink("../outside", "www/link"), 0);
    CHECK_EQ(symlink("a.txt", "www/inside"), 0);
    snprintf(text, sizeof(text),
             "[server]\nidle-timeout = \"5s\" # a comment\n"
             "[[route]]\npath = '/app'\nmodule = \"%s\"\nargs = [\"one\",\n"
             " \"two\"]\ntimeout = \"3s\"\n[route.env]\nNAME = \"site\"\n"
             "[[route]]\npath = \"/\"\nfiles = \"www\"\n",
             serve_program());
    write_text("site.toml", text);
}

TEST(serve_finds_the_route)
{
    int pid;
    char *all;

    make_site();
    pid = SERVE("--config=site.toml");
    all = ask_path("/app/env");
    CHECK_STR_HAS(all, "\nSCRIPT_NAME=/app\n");
    CHECK_STR_HAS(all, "\nPATH_INFO=/env\n");
    CHECK_STR_HAS(all, "\nNAME=site\n");
    CHECK_STR_HAS(all, "\narg one\narg two\n");
    CHECK_STR_HAS(ask_path("/app"), "hello 1\n");
    CHECK_STR_HAS(ask_path("/x/..%2fapp/spin"), "HTTP/1.1 504 ");
    CHECK_STR_HAS(ask_path("/apple"), "HTTP/1.1 404 ");
    CHECK_STR_HAS(ask_path("/../app"), "HTTP/1.1 400 ");
    CHECK_STR_HAS(ask_path("/a%00b"), "HTTP/1.1 400 ");
    CHECK_EQ(serve_stop(pid), 0);
}

TEST(serve_sends_files)
{
    int pid;
    char *all, *tag, request[512];

    make_site();
    pid = SERVE("--config=site.toml");
    all = ask_path("/a.txt");
    CHECK_STR_HAS(all, "\r\nContent-Type: text/plain; charset=utf-8\r\n");
    CHECK_STR_HAS(all, "\r\nContent-Length: 10\r\n");
    CHECK_STR_HAS(all, "\r\n\r\n0123456789");
    tag = strstr(all, "\r\nETag: ") + 8;
    snprintf(request, sizeof(request),
             "GET /a.txt HTTP/1.1\r\nHost: t\r\nConnection: close\r\n"
             "If-None-Match: %.*s\r\n\r\n",
             (int)strcspn(tag, "\r"), tag);
    CHECK_STR_HAS(ask(request), "HTTP/1.1 304 ");
    CHECK_STR_HAS(ask("GET /a.txt HTTP/1.1\r\nHost: t\r\nConnection: close\r\n"
                      "Range: bytes=2-4\r\n\r\n"),
                  "\r\nContent-Range: bytes 2-4/10\r\n");
    CHECK_STR_HAS(ask("GET /a.txt HTTP/1.1\r\nHost: t\r\nConnection: close\r\n"
                      "Range: bytes=-3\r\n\r\n"),
                  "\r\n\r\n789");
    CHECK_STR_HAS(ask("GET /a.txt HTTP/1.1\r\nHost: t\r\nConnection: close\r\n"
                      "Range: bytes=10-\r\n\r\n"),
                  "HTTP/1.1 416 ");
    CHECK_STR_HAS(ask("POST /a.txt HTTP/1.1\r\nHost: t\r\n"
                      "Connection: close\r\n\r\n"),
                  "\r\nAllow: GET, HEAD\r\n");
    CHECK_STR_HAS(ask_path("/sub"), "\r\nLocation: /sub/\r\n");
    CHECK_STR_HAS(ask_path("/sub/"), "<p>index");
    CHECK_STR_HAS(ask_path("/inside"), "0123456789");
    CHECK_EQ(serve_stop(pid), 0);
}

TEST(serve_sends_no_file_from_elsewhere)
{
    int pid;

    make_site();
    pid = SERVE("--config=site.toml");
    CHECK_STR_HAS(ask_path("/link"), "HTTP/1.1 403 ");
    CHECK_STR_HAS(ask_path("/.secret"), "HTTP/1.1 404 ");
    CHECK_STR_HAS(ask_path("/sub/..%2f..%2foutside"), "HTTP/1.1 400 ");
    CHECK_STR_HAS(ask_path("/sub/../../outside"), "HTTP/1.1 400 ");
    CHECK_STR_HAS(ask_path("//outside"), "HTTP/1.1 40");
    CHECK_STR_HAS(ask_path("/"), "HTTP/1.1 403 ");
    CHECK_EQ(serve_stop(pid), 0);
}

/* -- The server itself ----------------------------------------------------- */

TEST(serve_lets_requests_end_when_it_ends)
{
    int pid = SERVE(serve_program()), fd = client_open("http");
    int idle = client_open("http");
    struct answer answer;

    client_send(fd, GET("/slowly"));
    CHECK(metrics_have("wasmrt_guests_running 1\n"));
    kill(pid, SIGTERM);
    CHECK_STR_EQ(client_read_all(idle, NULL), "");
    CHECK(admin_says("/readyz", "HTTP/1.1 503 "));
    CHECK_EQ(client_read(fd, true, &answer), 200);
    CHECK_STR_EQ(answer.body, "begin\nend\n");
    CHECK(client_try("http") < 0);
    CHECK_EQ(serve_wait(pid), 0);
}

TEST(serve_ends_at_once_when_told_twice)
{
    int pid = SERVE(serve_program()), fd = client_open("http");

    client_send(fd, GET("/spin"));
    CHECK(metrics_have("wasmrt_guests_running 1\n"));
    kill(pid, SIGTERM);
    CHECK(admin_says("/readyz", "HTTP/1.1 503 "));
    CHECK_EQ(serve_stop(pid), 0);
}

TEST(serve_has_pages_for_those_who_run_it)
{
    int pid = SERVE(serve_program());

    CHECK_STR_HAS(ask_path("/"), "hello 1\n");
    CHECK_STR_HAS(ask_admin("/healthz"), "\r\n\r\nok\n");
    CHECK_STR_HAS(ask_admin("/readyz"), "\r\n\r\nready\n");
    CHECK_STR_HAS(ask_admin("/none"), "HTTP/1.1 404 ");
    CHECK(metrics_have("wasmrt_http_requests_total{code=\"200\"} "));
    CHECK(metrics_have("process_open_fds "));
    CHECK(metrics_have("process_resident_memory_peak_bytes "));
    CHECK(metrics_have("process_cpu_seconds_total "));
    CHECK(admin_says("/", "<svg "));
    CHECK(admin_says("/", "Requests per second"));
    CHECK_EQ(serve_stop(pid), 0);
}

TEST(serve_refuses_more_than_it_can_do)
{
    int pid = SERVE(serve_program(), "--workers=1", "--max-guests=1",
                    "--max-waiting=1", "--max-connections=3");
    int one, two, three, four;

    CHECK(metrics_have("wasmrt_http_connections 0\n"));
    one = client_open("http");
    two = client_open("http");
    three = client_open("http");
    client_send(one, GET("/spin"));
    CHECK(metrics_have("wasmrt_guests_running 1\n"));
    client_send(two, GET("/spin"));
    CHECK(metrics_have("wasmrt_guests_waiting 1\n"));
    client_send(three,
                "GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
    CHECK_STR_HAS(client_read_all(three, NULL), "HTTP/1.1 503 ");
    close(three);
    CHECK(metrics_have("wasmrt_http_connections 2\n"));
    three = client_open("http");
    four = client_open("http");
    CHECK_STR_EQ(client_read_all(four, NULL), "");
    close(one);
    close(two);
    CHECK(metrics_have("wasmrt_guests_running 0\n"));
    CHECK_EQ(serve_stop(pid), 0);
}
