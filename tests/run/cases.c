/*
 * Runs data tests: every *.t file of a folder is one case, run in an empty
 * directory, several at a time.  docs/TESTING.md shows the format:
 *
 *     # comment             copy: a file from the folder of the case
 *     file: NAME + body     program: NAME of tests/programs, as NAME.wasm
 *     hex: NAME + body      needs: a tool on PATH, or "native"
 *     cmd: a shell line     (each cmd starts a step; the four below belong to
 *     stdin: body            it; absent means empty output and exit 0)
 *     stdout: body          stderr: body      must be equal
 *     stdout~: body         stderr~: body     lines that occur, in this order
 *     exit: NUMBER
 *     expect: TEXT          short for: `wasmrt validate` of the last file says
 *                           TEXT and exits 1, or accepts it if TEXT is "valid"
 *
 * A body is the rest of the line, or the lines up to the next key without
 * trailing empty ones; a leading backslash protects a line.  In a command,
 * `wasmrt` is the binary under test, with its engine and its emulator.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/run/parse.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_JOBS = 64, EXIT_SKIPPED = 77 };

/* What one command must do.  NULL text: must be empty. */
struct step {
    const char *cmd, *input, *out, *err, *out_has, *err_has;
    int exit_status;
};

/* One running case.  pid is 0 in a free place. */
struct job {
    pid_t pid;
    const char *name;
    FILE *log;
    char dir[32];
};

static struct job jobs[MAX_JOBS];
static int job_count;
static char case_dir[PATH_MAX];
static double step_timeout = 60;
static struct {
    int passed, failed, skipped;
} counts;

static _Noreturn void skip(const char *what, const char *name)
{
    printf("%s %s\n", what, name);
    exit(EXIT_SKIPPED);
}

static void write_whole(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    if (!f || fputs(text, f) < 0 || fclose(f) != 0)
        die(path);
}

/* -- Preparing the directory ---------------------------------------------- */

static int hex_digit(int c)
{
    return isdigit(c) ? c - '0' : tolower(c) - 'a' + 10;
}

/* Digits in any grouping; `;` starts a comment that ends with the line. */
static void write_hex(const struct test_file *t, const struct section *s)
{
    FILE *f = fopen(s->arg, "w");

    if (!f)
        die(s->arg);
    for (const char *p = s->body ? s->body : ""; *p;) {
        if (isspace((unsigned char)*p)) {
            p++;
        } else if (*p == ';') {
            p += strcspn(p, "\n");
        } else if (isxdigit((unsigned char)p[0]) &&
                   isxdigit((unsigned char)p[1])) {
            fputc(hex_digit(p[0]) * 16 + hex_digit(p[1]), f);
            p += 2;
        } else {
            bad_case(t, "not a hex byte: %.8s", p);
        }
    }
    fclose(f);
}

static void copy_file(const char *from, const char *to)
{
    char buf[65536];
    ssize_t n;
    int in = open(from, O_RDONLY);
    int out = open(to, O_CREAT | O_WRONLY | O_TRUNC, 0644);

    if (in < 0 || out < 0)
        die(from);
    while ((n = read(in, buf, sizeof(buf))) > 0) {
        if (write(out, buf, (size_t)n) != n)
            die(to);
    }
    close(in);
    close(out);
}

static void copy_program(const char *name)
{
    char from[PATH_MAX], to[NAME_MAX];

    snprintf(from, sizeof(from), "%s/%s.wasm", getenv("PROGRAMS"), name);
    snprintf(to, sizeof(to), "%s.wasm", name);
    if (access(from, R_OK) != 0)
        skip("no compiler for wasm32-wasi built", name);
    copy_file(from, to);
}

static void check_needs(const char *tool)
{
    char *path = strdup(getenv("PATH") ? getenv("PATH") : ""), *rest = path;
    char file[PATH_MAX];
    const char *dir;

    if (strncmp(tool, "examples/", 9) == 0) {
        snprintf(file, sizeof(file), "%s%s", getenv("EXAMPLES"), tool + 8);
        if (access(file, X_OK) != 0)
            skip("its libraries are missing:", tool);
        free(path);
        return;
    }
    if (strcmp(tool, "native") == 0) {
        if (*getenv("RUNNER"))
            skip("needs to run without", getenv("RUNNER"));
        return;
    }
    while ((dir = strsep(&rest, ":")) != NULL) {
        snprintf(file, sizeof(file), "%s/%s", dir, tool);
        if (access(file, X_OK) == 0)
            return;
    }
    skip("no", tool);
}

/* Acts on the sections that are not part of a step. */
static void prepare_section(const struct test_file *t, const struct section *s)
{
    char from[PATH_MAX * 2];

    if (is_section(s, "file")) {
        write_whole(s->arg, s->body ? s->body : "");
    } else if (is_section(s, "hex")) {
        write_hex(t, s);
    } else if (is_section(s, "copy")) {
        snprintf(from, sizeof(from), "%s/%s", case_dir, s->arg);
        copy_file(from, s->arg);
    } else if (is_section(s, "program")) {
        copy_program(s->arg);
    } else if (is_section(s, "needs")) {
        check_needs(s->arg);
    }
}

/* -- Running one command -------------------------------------------------- */

static const char prelude[] =
    "wasmrt() {\n"
    "  case ${1-} in run) shift; set -- run $RUNFLAGS \"$@\" ;; esac\n"
    "  $RUNNER \"$WASMRT\" \"$@\"\n"
    "}\n";

/* Blocked here, so that sigtimedwait sees it; not so in the commands. */
static void mask_sigchld(int how)
{
    sigset_t chld;

    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(how, &chld, NULL);
}

static void exec_shell(const char *cmd)
{
    static const char *const names[] = {".stdin", ".stdout", ".stderr"};
    char *script;

    setpgid(0, 0);
    mask_sigchld(SIG_UNBLOCK);
    for (int fd = 0; fd < 3; fd++) {
        int file =
            open(names[fd], fd ? O_CREAT | O_WRONLY | O_TRUNC : O_RDONLY, 0600);

        if (file < 0 || dup2(file, fd) < 0)
            _exit(126);
        close(file);
    }
    if (asprintf(&script, "%s%s", prelude, cmd) < 0)
        _exit(126);
    execl("/bin/sh", "sh", "-c", script, (char *)NULL);
    _exit(126);
}

static double now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Returns the exit status, 128 + signal, or -1 when time ran out. */
static int run_shell(const char *cmd)
{
    const struct timespec tick = {.tv_nsec = 50 * 1000 * 1000};
    double end = now() + step_timeout;
    sigset_t chld;
    int status;
    pid_t pid;

    fflush(NULL);
    pid = fork();
    if (pid == 0)
        exec_shell(cmd);
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    while (waitpid(pid, &status, WNOHANG) == 0) {
        if (now() > end) {
            kill(-pid, SIGKILL);
            waitpid(pid, &status, 0);
            return -1;
        }
        sigtimedwait(&chld, NULL, &tick);
    }
    kill(-pid, SIGKILL); /* background processes of the command */
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static bool same_text(const char *what, const char *want, const char *file)
{
    char *got = read_whole(file);
    bool same = strcmp(want, got) == 0;

    if (!same) {
        char cmd[256];

        printf("%s differs:\n", what);
        fflush(stdout);
        write_whole(".expected", want);
        snprintf(cmd, sizeof(cmd),
                 "diff -u --label expected --label actual .expected %s", file);
        if (system(cmd) < 0)
            die("diff");
    }
    free(got);
    return same;
}

static bool has_lines(const char *what, const char *lines, const char *file)
{
    char *got = read_whole(file), *rest = strdup(lines), *from = rest, *line;
    const char *at = got;

    while (at && (line = strsep(&rest, "\n")) != NULL) {
        const char *hit = strstr(at, line);

        if (!hit)
            printf("%s lacks \"%s\"; it is:\n%s", what, line, got);
        at = hit ? hit + strlen(line) : NULL;
    }
    free(from);
    free(got);
    return at != NULL;
}

static bool check_output(const char *what, const char *want, const char *has,
                         const char *file)
{
    if (has)
        return has_lines(what, has, file);
    return same_text(what, want ? want : "", file);
}

static bool run_step(const struct step *step)
{
    bool ok;
    int status;

    write_whole(".stdin", step->input ? step->input : "");
    status = run_shell(step->cmd);
    ok = status == step->exit_status;
    if (status == -1)
        printf("no end after %g s\n", step_timeout);
    else if (!ok)
        printf("exit status %d, expected %d\n", status, step->exit_status);
    ok &= check_output("stdout", step->out, step->out_has, ".stdout");
    ok &= check_output("stderr", step->err, step->err_has, ".stderr");
    if (!ok)
        printf("command: %s", step->cmd);
    return ok;
}

/* -- Running one case ----------------------------------------------------- */

static struct step expect_step(const struct section *file,
                               const struct section *s)
{
    struct step step = {.out_has = "", .err_has = "", .exit_status = 0};
    char *cmd;

    if (asprintf(&cmd, "wasmrt validate %s\n", file ? file->arg : "") < 0)
        die("memory");
    step.cmd = cmd;
    if (strcmp(s->arg, "valid") != 0) {
        step.err_has = s->arg;
        step.exit_status = 1;
    }
    return step;
}

/* Adds a section to the step it belongs to. */
static void extend_step(const struct test_file *t, struct step *step,
                        const struct section *s)
{
    const char *text = section_text(s);

    if (!step->cmd)
        bad_case(t, "%s before the first cmd", s->key->name);
    if (is_section(s, "stdin"))
        step->input = text;
    else if (is_section(s, "stdout"))
        step->out = text;
    else if (is_section(s, "stdout~"))
        step->out_has = text;
    else if (is_section(s, "stderr"))
        step->err = text;
    else if (is_section(s, "stderr~"))
        step->err_has = text;
    else if (is_section(s, "exit"))
        step->exit_status = atoi(s->arg);
}

/* Runs the steps in order; stops at the first that fails. */
static bool run_sections(const struct test_file *t)
{
    const struct section *file = NULL;
    struct step step = {0};
    int steps = 0;

    for (int i = 0; i < t->count; i++) {
        const struct section *s = &t->sections[i];

        if (s->key->role == EXTEND) {
            extend_step(t, &step, s);
            continue;
        }
        if (step.cmd && !run_step(&step))
            return false;
        step.cmd = NULL;
        if (s->key->role == PREPARE) {
            prepare_section(t, s);
            file = is_section(s, "needs") ? file : s;
            continue;
        }
        steps++;
        if (is_section(s, "expect"))
            step = expect_step(file, s);
        else
            step = (struct step){.cmd = section_text(s)};
    }
    if (steps == 0)
        bad_case(t, "has no cmd and no expect");
    return !step.cmd || run_step(&step);
}

/* -- Running the cases ---------------------------------------------------- */

static int remove_entry(const char *path, const struct stat *st, int type,
                        struct FTW *walk)
{
    (void)st;
    (void)type;
    (void)walk;
    return remove(path);
}

static _Noreturn void run_case(const struct job *job)
{
    struct test_file t = {.path = job->name};
    char path[PATH_MAX * 2];

    dup2(fileno(job->log), 1);
    dup2(1, 2);
    snprintf(path, sizeof(path), "%s/%s", case_dir, job->name);
    parse_case(&t, read_whole(path));
    if (chdir(job->dir) != 0)
        die(job->dir);
    setenv("TMP", job->dir, 1);
    exit(!run_sections(&t));
}

static void start_job(struct job *job, const char *name)
{
    *job = (struct job){.name = name, .dir = "/tmp/wasmrt-case-XXXXXX"};
    job->log = tmpfile();
    if (!job->log || !mkdtemp(job->dir))
        die("temporary files");
    fflush(NULL);
    job->pid = fork();
    if (job->pid < 0)
        die("fork");
    if (job->pid == 0)
        run_case(job);
}

static void show_log(FILE *log)
{
    char line[2048];

    rewind(log);
    while (fgets(line, sizeof(line), log))
        printf("    %s%s", line, strchr(line, '\n') ? "" : "\n");
}

static void finish_job(struct job *job, int status)
{
    const char *rerun = getenv("RERUN");

    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        counts.passed++;
    } else if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIPPED) {
        counts.skipped++;
        printf("skipped: %s\n", job->name);
        show_log(job->log);
    } else {
        counts.failed++;
        printf("FAIL %s/%s\n", case_dir, job->name);
        show_log(job->log);
        if (rerun)
            printf("    rerun: %s T=%s\n", rerun, job->name);
    }
    fclose(job->log);
    nftw(job->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    job->pid = 0;
}

/* Returns a free place, after the end of a running case if need be. */
static struct job *free_job(void)
{
    int status;
    pid_t pid;

    for (int i = 0; i < job_count; i++) {
        if (!jobs[i].pid)
            return &jobs[i];
    }
    pid = wait(&status);
    for (int i = 0; i < job_count; i++) {
        if (jobs[i].pid == pid)
            finish_job(&jobs[i], status);
    }
    return free_job();
}

static void wait_for_all(void)
{
    int status;
    pid_t pid;

    while ((pid = wait(&status)) > 0) {
        for (int i = 0; i < job_count; i++) {
            if (jobs[i].pid == pid)
                finish_job(&jobs[i], status);
        }
    }
}

static int is_case(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');

    return dot && strcmp(dot, ".t") == 0;
}

/* Adds "--NAME=value" to RUNFLAGS unless the variable says "auto". */
static void add_run_flag(const char *variable, const char *name)
{
    const char *value = getenv(variable), *flags = getenv("RUNFLAGS");
    char *all;

    if (!value || !*value || strcmp(value, "auto") == 0)
        return;
    if (asprintf(&all, "%s --%s=%s", flags ? flags : "", name, value) < 0)
        die("memory");
    setenv("RUNFLAGS", all, 1);
    free(all);
}

/* Every child sees the same surroundings, whoever runs the tests. */
static void set_environment(void)
{
    const char *timeout = getenv("TEST_TIMEOUT");

    add_run_flag("ENGINE", "engine");
    add_run_flag("BOUNDS", "bounds");
    setenv("RUNNER", "", 0);
    setenv("PROGRAMS", "", 0);
    setenv("LC_ALL", "C", 1);
    setenv("TZ", "UTC", 1);
    setenv("CASES", case_dir, 1);
    if (timeout)
        step_timeout = atof(timeout);
}

int main(int argc, char **argv)
{
    struct dirent **entries;
    const char *filter = argc > 2 ? argv[2] : "", *base;
    int n;

    if (argc < 2 || !getenv("WASMRT") || !realpath(argv[1], case_dir)) {
        fprintf(stderr, "usage: WASMRT=binary %s FOLDER [SUBSTRING]\n",
                argv[0]);
        return 2;
    }
    set_environment();
    mask_sigchld(SIG_BLOCK);
    job_count = (int)sysconf(_SC_NPROCESSORS_ONLN);
    if (job_count > MAX_JOBS)
        job_count = MAX_JOBS;
    n = scandir(case_dir, &entries, is_case, alphasort);
    for (int i = 0; i < n; i++) {
        if (strstr(entries[i]->d_name, filter))
            start_job(free_job(), entries[i]->d_name);
    }
    wait_for_all();
    base = strrchr(case_dir, '/') + 1;
    printf("cases/%s: %d passed, %d failed", base, counts.passed,
           counts.failed);
    if (counts.skipped)
        printf(", %d skipped", counts.skipped);
    putchar('\n');
    return counts.failed != 0;
}
