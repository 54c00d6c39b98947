/*
 * Ctrl-C in the command line tool: from the signal to the end of the process.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/lib/test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MS 1000000u

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Runs the guest with a pipe as standard input that stays empty; `started` gets
 * a byte when it runs. */
static pid_t start(const char *wasmrt, int stdin_fd, int started)
{
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    dup2(stdin_fd, 0);
    dup2(started, 1);
    dup2(open("/dev/null", O_WRONLY), 2);
    signal(SIGINT, SIG_DFL);
    execl(wasmrt, wasmrt, "run",
          test_delays_signals() ? "--engine=interp" : "--engine=auto",
          "guest.wat", (char *)NULL);
    _exit(127);
}

static uint64_t interrupt_once(const char *wasmrt)
{
    int input[2], started[2], status;
    const struct timespec delay = {.tv_nsec = 5 * (long)MS};
    uint64_t at, late;
    char byte;
    pid_t pid;

    CHECK_EQ(pipe(input), 0);
    CHECK_EQ(pipe(started), 0);
    pid = start(wasmrt, input[0], started[1]);
    CHECK(pid > 0);
    CHECK_EQ(read(started[0], &byte, 1), 1);
    nanosleep(&delay, NULL);
    at = now_ns();
    CHECK_EQ(kill(pid, SIGINT), 0);
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    late = now_ns() - at;
    CHECK(WIFEXITED(status));
    CHECK_EQ(WEXITSTATUS(status), 130);
    for (int i = 0; i < 2; i++) {
        close(input[i]);
        close(started[i]);
    }
    return late;
}

static int ascending(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

    return left < right ? -1 : left > right;
}

/* A guest that writes a byte, then does something for ever. */
static void latency_of_ctrl_c(const char *body)
{
    const char *wasmrt = getenv("WASMRT"), *wanted = getenv("LATENCY_ROUNDS");
    const char *runner = getenv("RUNNER");
    int rounds = wanted ? atoi(wanted) : 3;
    uint64_t *late = calloc((size_t)rounds, sizeof(*late));
    FILE *f = fopen("guest.wat", "w");

    if (!wasmrt || (runner && *runner))
        SKIP("no command line tool of this machine");
    CHECK(late != NULL && f != NULL);
    fprintf(
        f,
        "(module (import \"wasi_snapshot_preview1\" \"fd_write\" (func $write"
        " (param i32 i32 i32 i32) (result i32)))"
        " (import \"wasi_snapshot_preview1\" \"fd_read\" (func $read"
        " (param i32 i32 i32 i32) (result i32)))"
        " (memory (export \"memory\") 1)"
        " (data (i32.const 16) \"\\10\\00\\00\\00\\01\\00\\00\\00\")"
        " (func (export \"_start\") (drop (call $write (i32.const 1)"
        " (i32.const 16) (i32.const 1) (i32.const 8))) %s))",
        body);
    fclose(f);
    for (int i = 0; i < rounds; i++)
        late[i] = interrupt_once(wasmrt);
    qsort(late, (size_t)rounds, sizeof(*late), ascending);
    printf("latency: %-8s median %8.3f ms, worst %8.3f ms, of CPU %8.3f ms, in "
           "%d\n",
           "ctrl-c", (double)late[rounds / 2] / MS,
           (double)late[rounds - 1] / MS, 0.0, rounds);
    free(late);
}

TEST(latency_of_a_command_that_computes)
{
    latency_of_ctrl_c("(loop br 0)");
}

TEST(latency_of_a_command_that_waits)
{
    latency_of_ctrl_c("(loop (drop (call $read (i32.const 0) (i32.const 16)"
                      " (i32.const 1) (i32.const 8))) br 0)");
}
