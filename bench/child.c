/*
 * A child is started with posix_spawn, which does not copy page tables, and
 * waited for with wait4: its rusage covers every thread and every grandchild
 * it waited for.  CPU time is the number to compare on a busy machine; wall
 * time is what a user of an idle one sees.
 *
 * The peak resident set is the kernel's: it starts at the size of the process
 * that called exec, so nothing smaller than this program can be told apart.
 * That is why bench/run links it statically.
 *
 * Output goes to two unlinked files instead of pipes, so that neither side
 * ever waits for the other.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "bench/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/* The running child, for the alarm handler; 0 when there is none. */
static volatile sig_atomic_t running;
static volatile sig_atomic_t timed_out;

static int out_fd = -1;
static int err_fd = -1;

static void on_alarm(int sig)
{
    (void)sig;
    timed_out = 1;
    if (running)
        kill((pid_t)running, SIGKILL);
}

/* Opens the capture files and installs the alarm, once per process. */
static void init_once(void)
{
    struct sigaction act = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
    FILE *out;
    FILE *err;

    if (out_fd >= 0)
        return;
    out = tmpfile();
    err = tmpfile();
    if (!out || !err) {
        perror("bench: temporary file");
        exit(1);
    }
    out_fd = fcntl(fileno(out), F_DUPFD_CLOEXEC, 3);
    err_fd = fcntl(fileno(err), F_DUPFD_CLOEXEC, 3);
    fclose(out);
    fclose(err);
    sigaction(SIGALRM, &act, NULL);
}

static void empty_file(int fd)
{
    if (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0) {
        perror("bench: temporary file");
        exit(1);
    }
}

static double seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double seconds_of(struct timeval tv)
{
    return (double)tv.tv_sec + (double)tv.tv_usec * 1e-6;
}

/* Returns an errno value; 0 when *pid runs. */
static int spawn(char *const argv[], pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    int err = posix_spawn_file_actions_init(&actions);

    if (err)
        return err;
    err =
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (!err)
        err = posix_spawn_file_actions_adddup2(&actions, out_fd, 1);
    if (!err)
        err = posix_spawn_file_actions_adddup2(&actions, err_fd, 2);
    if (!err)
        err = posix_spawnp(pid, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return err;
}

/* Whether the whole captured output equals the file. */
static bool output_matches(const char *path)
{
    char want[4096];
    char got[sizeof(want)];
    FILE *file = fopen(path, "rb");
    off_t at = 0;
    bool same = file != NULL;

    while (same) {
        size_t n = fread(want, 1, sizeof(want), file);
        ssize_t m = pread(out_fd, got, sizeof(got), at);

        same = m >= 0 && (size_t)m == n && memcmp(want, got, n) == 0;
        at += (off_t)n;
        if (n == 0)
            break;
    }
    if (file)
        fclose(file);
    return same;
}

/* Reads the first line of a capture file; "" when it is empty. */
static void first_line(int fd, char text[NOTE_BYTES])
{
    ssize_t n = pread(fd, text, NOTE_BYTES - 1, 0);

    text[n > 0 ? n : 0] = '\0';
    text[strcspn(text, "\r\n")] = '\0';
}

/* Puts what the child said about it behind why. */
static void explain(char note[NOTE_BYTES], const char *why)
{
    char text[NOTE_BYTES];

    first_line(err_fd, text);
    if (!*text)
        first_line(out_fd, text);
    snprintf(note, NOTE_BYTES, "%s%s%.80s", why, *text ? ": " : "", text);
}

/* Turns a wait status into an outcome and, when it is not RAN, a note. */
static enum outcome judge(int status, const char *expected_path,
                          char note[NOTE_BYTES])
{
    char why[40];

    if (WIFSIGNALED(status)) {
        snprintf(why, sizeof(why), "%s %d",
                 timed_out ? "time limit, signal" : "signal", WTERMSIG(status));
        explain(note, why);
        return KILLED;
    }
    if (WEXITSTATUS(status) != 0) {
        snprintf(why, sizeof(why), "exit code %d", WEXITSTATUS(status));
        explain(note, why);
        return REFUSED;
    }
    if (expected_path && !output_matches(expected_path)) {
        explain(note, "unexpected output");
        return WRONG;
    }
    return RAN;
}

enum outcome child_run(char *const argv[], const char *expected_path,
                       unsigned limit_s, struct sample *out,
                       char note[NOTE_BYTES])
{
    struct rusage use;
    double start;
    pid_t pid;
    int status;
    int err;

    init_once();
    empty_file(out_fd);
    empty_file(err_fd);
    timed_out = 0;
    start = seconds_now();
    err = spawn(argv, &pid);
    if (err) {
        snprintf(note, NOTE_BYTES, "cannot start: %s", strerror(err));
        return REFUSED;
    }
    running = (sig_atomic_t)pid;
    alarm(limit_s);
    while (wait4(pid, &status, 0, &use) < 0 && errno == EINTR)
        continue;
    running = 0;
    out->wall_s = seconds_now() - start;
    alarm(0);
    out->cpu_s = seconds_of(use.ru_utime) + seconds_of(use.ru_stime);
    out->rss_kb = use.ru_maxrss;
    return judge(status, expected_path, note);
}
