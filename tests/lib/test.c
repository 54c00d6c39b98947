/*
 * The runner of test.h: one forked child per test, several at a time.
 *
 * usage: SUITE.bin [-l] [-s] [-v] [-j JOBS] [-r TIMES] [-t SECONDS] [SUBSTRING]
 *   -l list the tests   -s run in this process (for gdb)   -v show all output
 *
 * A child gets its own process group, which is killed when the test ends, and
 * starts in an empty directory that is removed afterwards.  Children leave
 * through exit(), so that leak checkers and coverage counters do their work.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/lib/test.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_SKIPPED = 77, MAX_JOBS = 64, PATH_BYTES = 512 };

static const double SLOW_SECONDS = 2.0;

/* One running child.  pid is 0 in a free place. */
struct job {
    pid_t pid;
    bool timed_out;
    const struct test_case *test;
    double start;
    char dir[PATH_BYTES]; /* the log is beside it, with ".log" appended */
};

static struct {
    const char *filter;
    bool list, in_process, verbose;
    int jobs, repeat;
    double timeout;
} options;

static struct {
    int passed, failed, skipped;
} counts;

static struct test_case *first_test;
static struct test_case **last_link = &first_test;
static struct job jobs[MAX_JOBS];
static char root_dir[PATH_BYTES / 2];
static const char *program;

void test_register(struct test_case *test)
{
    *last_link = test;
    last_link = &test->next;
}

static double now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "test harness: %s: %s\n", what, strerror(errno));
    exit(2);
}

/* -- Files ---------------------------------------------------------------- */

static int remove_entry(const char *path, const struct stat *st, int type,
                        struct FTW *walk)
{
    (void)st;
    (void)type;
    (void)walk;
    return remove(path);
}

static void remove_tree(const char *path)
{
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void log_path(const struct job *job, char *buf, size_t size)
{
    snprintf(buf, size, "%s.log", job->dir);
}

/* Copies the log of a test to our output, indented. */
static void show_log(const struct job *job)
{
    char path[PATH_BYTES + 8], line[1024];
    FILE *log;

    log_path(job, path, sizeof(path));
    log = fopen(path, "r");
    if (!log)
        return;
    while (fgets(line, sizeof(line), log))
        printf("    %s%s", line, strchr(line, '\n') ? "" : "\n");
    fclose(log);
}

/* -- Children ------------------------------------------------------------- */

static void enter_child(const struct job *job)
{
    char path[PATH_BYTES + 8];
    sigset_t none;
    int fd;

    setpgid(0, 0);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    log_path(job, path, sizeof(path));
    fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0 || chdir(job->dir) != 0)
        _exit(2);
    close(fd);
    fd = open("/dev/null", O_RDONLY);
    if (fd > 0) {
        dup2(fd, 0);
        close(fd);
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    setenv("TMPDIR", job->dir, 1);
}

static void start_job(struct job *job, const struct test_case *test)
{
    static int serial;

    *job = (struct job){.test = test, .start = now()};
    snprintf(job->dir, sizeof(job->dir), "%s/%d", root_dir, serial++);
    if (mkdir(job->dir, 0700) != 0)
        die(job->dir);
    fflush(NULL);
    job->pid = fork();
    if (job->pid < 0)
        die("fork");
    if (job->pid == 0) {
        enter_child(job);
        test->run();
        exit(0);
    }
    setpgid(job->pid, job->pid); /* both sides do it, whichever is first */
}

/* Says how a failed child ended, in words. */
static void describe_end(const struct job *job, int status, char *buf,
                         size_t size)
{
    if (job->timed_out)
        snprintf(buf, size, "no end after %g s", options.timeout);
    else if (WIFSIGNALED(status))
        snprintf(buf, size, "killed by signal %d, %s", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(buf, size, "exit status %d", WEXITSTATUS(status));
}

static void report_failure(const struct job *job, int status)
{
    const char *rerun = getenv("RERUN");
    char end[128];

    describe_end(job, status, end, sizeof(end));
    printf("FAIL %s (%s, %s)\n", job->test->name, job->test->file, end);
    show_log(job);
    if (rerun)
        printf("    rerun: %s T=%s\n", rerun, job->test->name);
    else
        printf("    rerun: %s %s\n", program, job->test->name);
}

static void finish_job(struct job *job, int status)
{
    double seconds = now() - job->start;
    char path[PATH_BYTES + 8];

    kill(-job->pid, SIGKILL); /* whatever the test left running */
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        counts.passed++;
        if (options.verbose || seconds > SLOW_SECONDS)
            printf("ok   %s (%.1f s)\n", job->test->name, seconds);
        if (options.verbose)
            show_log(job);
    } else if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIPPED) {
        counts.skipped++;
        printf("skipped: %s\n", job->test->name);
        show_log(job);
    } else {
        counts.failed++;
        report_failure(job, status);
    }
    fflush(stdout);
    log_path(job, path, sizeof(path));
    unlink(path);
    remove_tree(job->dir);
    job->pid = 0;
}

static int running_jobs(void)
{
    int n = 0;

    for (int i = 0; i < options.jobs; i++)
        n += jobs[i].pid != 0;
    return n;
}

static void stop_late_jobs(void)
{
    for (int i = 0; i < options.jobs; i++) {
        struct job *job = &jobs[i];

        if (job->pid && !job->timed_out &&
            now() - job->start > options.timeout) {
            job->timed_out = true;
            kill(-job->pid, SIGKILL);
        }
    }
}

/* Collects every child that has ended; waits until fewer than `limit` run. */
static void reap(int limit)
{
    const struct timespec tick = {.tv_nsec = 100 * 1000 * 1000};
    sigset_t chld;

    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG);

        for (int i = 0; i < options.jobs && pid > 0; i++) {
            if (jobs[i].pid == pid)
                finish_job(&jobs[i], status);
        }
        if (pid > 0)
            continue;
        if (running_jobs() < limit)
            return;
        sigtimedwait(&chld, NULL, &tick);
        stop_late_jobs();
    }
}

static struct job *free_job(void)
{
    reap(options.jobs);
    for (int i = 0; i < options.jobs; i++) {
        if (jobs[i].pid == 0)
            return &jobs[i];
    }
    die("no free job");
}

/* -- Command line --------------------------------------------------------- */

static int parse_options(int argc, char **argv)
{
    const char *timeout = getenv("TEST_TIMEOUT");
    int c;

    options.repeat = 1;
    options.jobs = (int)sysconf(_SC_NPROCESSORS_ONLN);
    options.timeout = timeout ? atof(timeout) : 30;
    while ((c = getopt(argc, argv, "lsvj:r:t:")) != -1) {
        switch (c) {
        case 'l': options.list = true; break;
        case 's': options.in_process = true; break;
        case 'v': options.verbose = true; break;
        case 'j': options.jobs = atoi(optarg); break;
        case 'r': options.repeat = atoi(optarg); break;
        case 't': options.timeout = atof(optarg); break;
        default: return -1;
        }
    }
    options.filter = optind < argc ? argv[optind] : "";
    if (options.jobs < 1)
        options.jobs = 1;
    if (options.jobs > MAX_JOBS)
        options.jobs = MAX_JOBS;
    return 0;
}

static void prepare(void)
{
    const char *tmp = getenv("TMPDIR");
    sigset_t chld;

    snprintf(root_dir, sizeof(root_dir), "%s/wasmrt-test-XXXXXX",
             tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(root_dir))
        die(root_dir);
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &chld, NULL);
}

static void run_one(const struct test_case *test)
{
    if (options.list) {
        printf("%s\n", test->name);
    } else if (options.in_process) {
        test->run();
        counts.passed++;
    } else {
        start_job(free_job(), test);
    }
}

/* The suite is named by its file: build/.../unit.bin is "unit". */
static void print_counts(void)
{
    const char *base = strrchr(program, '/');
    const char *name = base ? base + 1 : program;

    printf("%.*s: %d passed, %d failed", (int)strcspn(name, "."), name,
           counts.passed, counts.failed);
    if (counts.skipped)
        printf(", %d skipped", counts.skipped);
    putchar('\n');
}

int main(int argc, char **argv)
{
    program = argv[0];
    if (parse_options(argc, argv) != 0) {
        fprintf(stderr,
                "usage: %s [-lsv] [-j JOBS] [-r TIMES] [-t SECONDS] "
                "[SUBSTRING]\n",
                program);
        return 2;
    }
    prepare();
    for (int i = 0; i < options.repeat; i++) {
        for (struct test_case *t = first_test; t; t = t->next) {
            if (strstr(t->name, options.filter))
                run_one(t);
        }
    }
    reap(1);
    remove_tree(root_dir);
    if (!options.list)
        print_counts();
    return counts.failed != 0;
}
