/*
 * A CGI program with a behaviour for each path, good and bad.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char block[64 * 1024], buffer[64 * 1024];

/* Of this instance: a second request that sees anything but 1 has found what
 * the first left behind. */
static int times;

static void begin(void)
{
    printf("Content-Type: text/plain\n\n");
}

static int hello(void)
{
    begin();
    printf("hello %d\n", ++times);
    return 0;
}

static int env(int argc, char **argv)
{
    extern char **environ;

    begin();
    for (char **var = environ; *var; var++)
        puts(*var);
    for (int i = 0; i < argc; i++)
        printf("arg %s\n", argv[i]);
    return 0;
}

static int echo(void)
{
    size_t len;

    printf("Content-Type: application/octet-stream\n\n");
    while ((len = fread(block, 1, sizeof(block), stdin)) > 0)
        fwrite(block, 1, len, stdout);
    return 0;
}

/* As many bytes as the query says. */
static int big(void)
{
    long left = atol(getenv("QUERY_STRING"));

    memset(block, 'x', sizeof(block));
    begin();
    while (left > 0) {
        size_t len = left < (long)sizeof(block) ? (size_t)left : sizeof(block);

        if (fwrite(block, 1, len, stdout) < len)
            return 1;
        left -= (long)len;
    }
    return 0;
}

static int count(void)
{
    size_t len, total = 0;

    while ((len = fread(block, 1, sizeof(block), stdin)) > 0)
        total += len;
    begin();
    printf("%zu\n", total);
    return 0;
}

static int spin(void)
{
    for (volatile int i = 0;; i++)
        ;
}

static int begin_and_trap(void)
{
    begin();
    printf("half\n");
    fflush(stdout);
    __builtin_trap();
}

static int grow(void)
{
    size_t pages = 0;

    while (pages < 100000 && __builtin_wasm_memory_grow(0, 1) != (size_t)-1)
        pages++;
    begin();
    printf("%zu pages\n", pages);
    return 0;
}

static int slowly(void)
{
    begin();
    printf("begin\n");
    fflush(stdout);
    usleep(400 * 1000);
    printf("end\n");
    return 0;
}

static long number(void)
{
    return atol(getenv("QUERY_STRING"));
}

/* For so many milliseconds. */
static int sleep_long(void)
{
    usleep((useconds_t)(number() * 1000));
    return hello();
}

/* Waits for input and for as many milliseconds as the query says, and reads
 * what there is. */
static int poll_input(void)
{
    struct pollfd fds[2] = {{.fd = 0, .events = POLLIN}, {.fd = 0}};
    int count = poll(fds, 1, (int)number());
    long len = count > 0 ? (long)read(0, block, sizeof(block)) : -1;

    begin();
    printf("%d ready, %ld bytes\n", count, len);
    return 0;
}

/* Writes as much as the query says, whenever there is room. */
static int poll_output(void)
{
    struct pollfd out = {.fd = 1, .events = POLLOUT};
    long left = number();

    begin();
    fflush(stdout);
    memset(block, 'y', sizeof(block));
    while (left > 0 && poll(&out, 1, -1) == 1) {
        size_t len = left < (long)sizeof(block) ? (size_t)left : sizeof(block);
        long done = (long)write(1, block, len);

        if (done <= 0)
            return 1;
        left -= done;
    }
    return 0;
}

static int complain(void)
{
    fprintf(stderr, "first line\nsecond \033[31m");
    return hello();
}

static int trap(void)
{
    __builtin_trap();
}

static int say_nothing(void)
{
    return 0;
}

static int leave(void)
{
    exit(7);
}

static const struct {
    const char *path;
    int (*act)(void);
} acts[] = {
    {"/echo", echo},
    {"/big", big},
    {"/count", count},
    {"/trap", trap},
    {"/half", begin_and_trap},
    {"/spin", spin},
    {"/grow", grow},
    {"/slowly", slowly},
    {"/sleep", sleep_long},
    {"/poll", poll_input},
    {"/poll-output", poll_output},
    {"/nothing", say_nothing},
    {"/exit", leave},
    {"/complain", complain},
};

/* Answers that are always the same, most of them bad. */
static const struct {
    const char *path, *text;
} texts[] = {
    {"/garbage", "what is this\n\nbody"},
    {"/cut", "Content-Type: text/plain\n"},
    {"/short", "Content-Type: text/plain\nContent-Length: 10\n\nshort"},
    {"/sized", "Content-Type: text/plain\nContent-Length: 6\n\nsized\n"},
    {"/long", "Content-Type: text/plain\nContent-Length: 4\n\nlong and longer"},
    {"/status", "Status: 404 Gone Fishing\r\nContent-Type: text/plain\r\n\r\n"
                "no\n"},
    {"/smuggle", "Content-Type: text/plain\nContent-Length: 5\n"
                 "Transfer-Encoding: chunked\n"
                 "Connection: keep-alive\nX-Own: kept\n\nbody\n"},
    {"/away", "Location: http://example.com/there\n\n"},
    {"/local", "Location: /env?came=along\n\n"},
    {"/circle", "Location: /circle\n\n"},
};

int main(int argc, char **argv)
{
    const char *path = getenv("PATH_INFO");

    path = path ? path : "";
    /* In one piece, which no border of chunks can cut. */
    setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
    /* Whatever it is, after all of the body has come. */
    if (strncmp(path, "/then", 5) == 0) {
        while (fread(block, 1, sizeof(block), stdin) > 0)
            ;
        path += 5;
    }
    for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
        if (strcmp(path, acts[i].path) == 0)
            return acts[i].act();
    }
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (strcmp(path, texts[i].path) == 0)
            return fputs(texts[i].text, stdout) < 0;
    }
    return strcmp(path, "/env") == 0 ? env(argc, argv) : hello();
}
