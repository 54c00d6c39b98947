/*
 * Linux containers of a pod, handed over to runc or crun.
 *
 * The other runtime keeps its state in the bundle, so it goes when the bundle
 * goes.  It daemonizes the container's process, which becomes our child because
 * the shim is a subreaper.  It ends with the shim: what it made until then is
 * removed by `delete`, after which nobody may make more.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/oci.h"
#include "shim/task.h"

#include "shim/log.h"
#include "shim/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the child; a failure goes to its parent. */
static _Noreturn void execute(const char *const *argv, const int fds[3],
                              pid_t shim, int line)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC), error;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != shim || null < 0)
        _exit(1);
    for (int i = 0; i < 3; i++)
        dup2(fds && fds[i] >= 0 ? fds[i] : null, i);
    execvp(argv[0], (char *const *)argv);
    error = errno;
    if (write(line, &error, sizeof(error)) < 0)
        _exit(1);
    _exit(1);
}

/* The pid, or a negative error number. */
static pid_t spawn(const char *const *argv, const int fds[3])
{
    pid_t shim = getpid(), pid;
    int line[2], error;

    if (pipe2(line, O_CLOEXEC) != 0)
        return -errno;
    pid = fork();
    if (pid == 0)
        execute(argv, fds, shim, line[1]);
    if (pid < 0)
        pid = -errno;
    close(line[1]);
    if (pid > 0 && read(line[0], &error, sizeof(error)) == sizeof(error)) {
        waitpid(pid, NULL, 0);
        pid = -error;
    }
    close(line[0]);
    return pid;
}

/* Runs the runtime with a verb; `done` is called when it has ended. */
static bool run(struct task *task, const char *verb, const char *const *rest,
                const int fds[3], reaper_fn *done, struct fault *fault)
{
    const char *argv[OCI_MAX_ARGS];
    struct oci oci = {task->oci_runtime, task->bundle, task->id,
                      task->oci_systemd};
    char *text = oci_arguments(&oci, verb, rest, argv);
    pid_t pid = spawn(argv, fds);

    free(text);
    if (pid < 0) {
        errno = -pid;
        return fault_errno(fault,
                           "Linux containers are run by runc or crun: start %s",
                           argv[0]);
    }
    reaper_add(&task->shim->reaper, pid, done, task);
    return true;
}

static pid_t read_pid(const struct task *task)
{
    char *path = mem_format("%s/" OCI_PID_FILE, task->bundle);
    FILE *file = fopen(path, "re");
    long pid = 0;

    if (file && fscanf(file, "%ld", &pid) != 1)
        pid = 0;
    if (file)
        fclose(file);
    free(path);
    return (pid_t)pid;
}

static void on_created(void *user, int status)
{
    struct task *task = user;
    struct reaper *reaper = &task->shim->reaper;
    pid_t pid = status == 0 ? read_pid(task) : 0;
    struct fault fault;

    if (pid > 0) {
        task_has_pid(task, pid);
        task_created(task);
    } else {
        oci_read_error(task->bundle, "create", &fault);
        task_create_failed(task, &fault);
    }
    reaper_expect_no_more(reaper);
}

static bool create(struct task *task, const struct spec *spec,
                   const struct entry *entry, struct fault *fault)
{
    static const char *const rest[] = {"--bundle", "", "--pid-file", "", NULL};

    (void)spec;
    (void)entry;
    if (!task->oci_runtime)
        task->oci_runtime = oci_find_runtime();
    if (!run(task, "create", rest, task->io.child, on_created, fault))
        return false;
    reaper_expect(&task->shim->reaper);
    return true;
}

static void on_started(void *user, int status)
{
    struct task *task = user;
    struct fault fault;

    if (status == 0) {
        task_started(task);
    } else {
        oci_read_error(task->bundle, "start", &fault);
        task_start_failed(task, &fault);
    }
}

static void start(struct task *task)
{
    struct fault fault;

    if (!run(task, "start", NULL, NULL, on_started, &fault))
        task_start_failed(task, &fault);
}

static void on_cleaned(void *user, int status)
{
    struct task *task = user;

    if (status != 0)
        log_debug("%s: %s delete: status %u", task->id, task->oci_runtime,
                  reaper_exit_status(status));
    task_cleaned(task);
}

static void clean(struct task *task)
{
    static const char *const rest[] = {"--force", NULL};
    struct fault fault;

    if (!task->oci_runtime ||
        !run(task, "delete", rest, NULL, on_cleaned, &fault))
        task_cleaned(task);
}

const struct driver driver_linux = {
    .create = create, .start = start, .clean = clean};
