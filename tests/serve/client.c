/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/serve/client.h"

#include "tests/lib/test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_WORDS = 32, WAIT_MS = 20000, TICK_MS = 10 };

static void pause_ms(long ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};

    nanosleep(&time, NULL);
}

/* Strings that tests look at live until the test ends. */
static char *keep(char *string)
{
    static char **kept;
    static size_t count;

    kept = realloc(kept, (count + 1) * sizeof(kept[0]));
    kept[count++] = string;
    return string;
}

/* -- The server ------------------------------------------------------------ */

const char *serve_program(void)
{
    static char path[512];
    const char *programs = getenv("PROGRAMS");

    snprintf(path, sizeof(path), "%s/cgi.wasm", programs ? programs : ".");
    if (access(path, R_OK) != 0)
        SKIP("no cgi.wasm: no compiler for wasm32-wasi");
    return path;
}

static void redirect(const char *path, int to)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);

    dup2(fd, to);
    close(fd);
}

/* The thread sanitizer follows descriptors, but not those that openat2 makes,
 * for which there is no function that it could watch: it takes their closing
 * for a race with whoever had the number before. */
static void suppress_false_reports(void)
{
    FILE *file = fopen("suppressions", "w");

    fputs("race:p1_os_can_open_beneath\nrace:p1_os_close\nrace:os_close\n",
          file);
    fclose(file);
    setenv("TSAN_OPTIONS", "suppressions=suppressions", 1);
}

static _Noreturn void run_server(const char *const *words)
{
    const char *argv[MAX_WORDS + 8] = {getenv("WASMRT"), "serve",
                                       "--addr=unix:http",
                                       "--admin-addr=unix:admin"};
    static char engine[32], bounds[32];
    int n = 4;

    snprintf(engine, sizeof(engine), "--engine=%s", test_engine());
    snprintf(bounds, sizeof(bounds), "--bounds=%s", test_bounds());
    argv[n++] = engine;
    argv[n++] = bounds;
    for (int i = 0; words[i] && i < MAX_WORDS; i++)
        argv[n++] = words[i];
    suppress_false_reports();
    redirect("log", 1);
    redirect("err", 2);
    execv(argv[0], (char **)argv);
    _exit(127);
}

int serve_start(const char *const *words)
{
    int pid, fd, status;

    if (!getenv("WASMRT"))
        SKIP("WASMRT names no binary");
    pid = fork();
    if (pid == 0)
        run_server(words);
    for (int ms = 0; ms < WAIT_MS; ms += TICK_MS) {
        fd = client_try("http");
        if (fd >= 0) {
            close(fd);
            return pid;
        }
        if (waitpid(pid, &status, WNOHANG) == pid)
            FAIL("the server ended: %s", read_file("err"));
        pause_ms(TICK_MS);
    }
    FAIL("the server does not listen");
}

int serve_wait(int pid)
{
    int status = -1;

    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int serve_stop(int pid)
{
    kill(pid, SIGTERM);
    return serve_wait(pid);
}

/* -- The client ------------------------------------------------------------ */

int client_try(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", name);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    close(fd);
    return -1;
}

int client_open(const char *name)
{
    int fd = client_try(name);

    if (fd < 0)
        FAIL("nobody listens on %s; the server said: %s%s", name,
             read_file("err"), read_file("log"));
    return fd;
}

bool client_send_bytes(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;

    while (len > 0) {
        ssize_t count = send(fd, at, len, MSG_NOSIGNAL);

        if (count <= 0)
            return false;
        at += count;
        len -= (size_t)count;
    }
    return true;
}

void client_send(int fd, const char *text)
{
    client_send_bytes(fd, text, strlen(text));
}

/* Waits for bytes; 0 at the end. */
static size_t receive(int fd, char *to, size_t len)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    ssize_t count;

    if (poll(&wait, 1, WAIT_MS) <= 0)
        FAIL("no answer came");
    count = recv(fd, to, len, 0);
    return count > 0 ? (size_t)count : 0;
}

char *client_read_all(int fd, size_t *len_out)
{
    size_t cap = 1 << 16, len = 0, got;
    char *bytes = malloc(cap);

    while ((got = receive(fd, bytes + len, cap - len - 1)) > 0) {
        len += got;
        if (cap - len < 1 << 15)
            bytes = realloc(bytes, cap *= 2);
    }
    bytes[len] = '\0';
    if (len_out)
        *len_out = len;
    return keep(bytes);
}

/* Byte by byte, so that nothing of the next answer is taken. */
static bool read_until(int fd, const char *end, char *to, size_t size)
{
    size_t len = 0, end_len = strlen(end);

    while (len + 1 < size && receive(fd, to + len, 1) == 1) {
        to[++len] = '\0';
        if (len >= end_len && strcmp(to + len - end_len, end) == 0)
            return true;
    }
    return false;
}

static bool read_exactly(int fd, struct answer *out, size_t len)
{
    out->body = realloc(out->body, out->len + len + 1);
    while (len > 0) {
        size_t got = receive(fd, out->body + out->len, len);

        if (got == 0)
            return false;
        out->len += got;
        len -= got;
    }
    out->body[out->len] = '\0';
    return true;
}

static bool read_chunks(int fd, struct answer *out)
{
    char line[64];

    for (;;) {
        size_t len;

        if (!read_until(fd, "\r\n", line, sizeof(line)))
            return false;
        len = strtoul(line, NULL, 16);
        if (!read_exactly(fd, out, len) ||
            !read_until(fd, "\r\n", line, sizeof(line)))
            return false;
        if (len == 0)
            return true;
    }
}

static bool read_body(int fd, struct answer *out)
{
    const char *length = strstr(out->head, "\r\nContent-Length: ");
    bool is_whole = length
                        ? read_exactly(fd, out, strtoul(length + 18, NULL, 10))
                        : read_chunks(fd, out);

    return is_whole;
}

int client_read(int fd, bool has_body, struct answer *out)
{
    int status = client_read_raw(fd, has_body, out);

    keep(out->body);
    return status;
}

long recv_some(int fd, char *to, size_t len)
{
    return (long)receive(fd, to, len);
}

int client_read_raw(int fd, bool has_body, struct answer *out)
{
    memset(out, 0, sizeof(*out));
    if (!read_until(fd, "\r\n\r\n", out->head, sizeof(out->head)) ||
        sscanf(out->head, "HTTP/1.1 %d ", &out->status) != 1)
        return -1;
    return !has_body || read_body(fd, out) ? out->status : -1;
}

static char *ask_socket(const char *name, const char *text)
{
    int fd = client_open(name);
    char *answer;

    client_send(fd, text);
    answer = client_read_all(fd, NULL);
    close(fd);
    return answer;
}

char *ask(const char *text)
{
    return ask_socket("http", text);
}

static void write_get(char *to, size_t size, const char *path)
{
    snprintf(to, size,
             "GET %s HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n",
             path);
}

char *ask_path(const char *path)
{
    char text[4096];

    write_get(text, sizeof(text), path);
    return ask(text);
}

static unsigned long asks;

unsigned long admin_asks(void)
{
    return asks;
}

char *ask_admin(const char *path)
{
    char text[4096];

    asks++;

    write_get(text, sizeof(text), path);
    return ask_socket("admin", text);
}

char *read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    char *bytes = calloc(1, 1 << 20);

    if (file) {
        size_t len = fread(bytes, 1, (1 << 20) - 1, file);

        bytes[len] = '\0';
        fclose(file);
    }
    return keep(bytes);
}

bool metrics_have(const char *line)
{
    return admin_says("/metrics", line);
}

bool admin_says(const char *path, const char *text)
{
    for (int ms = 0; ms < WAIT_MS; ms += TICK_MS) {
        char *page = ask_admin(path);

        if (strstr(page, text))
            return true;
        pause_ms(TICK_MS);
    }
    return false;
}
