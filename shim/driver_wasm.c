/*
 * Containers that the shim runs itself: requests to the zygote, and the line to
 * each container's process.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/driver_wasm.h"

#include "shim/line.h"
#include "shim/log.h"
#include "shim/memory.h"
#include "shim/task.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static void free_handle(uv_handle_t *handle)
{
    free(handle);
}

/* -- The line to a container's process ------------------------------------- */

static void close_sync(struct task *task)
{
    if (task->sync_poll)
        uv_close((uv_handle_t *)task->sync_poll, free_handle);
    task->sync_poll = NULL;
    if (task->sync_fd >= 0)
        close(task->sync_fd);
    task->sync_fd = -1;
}

static void obey(struct task *task, const struct line_message *message)
{
    if (message->word == LINE_WARNING)
        log_warn("%s: %s", task->id, message->fault.text);
    else if (message->word == LINE_FAILED && task->failure.code == 0)
        task->failure = message->fault;
    else if (message->word == LINE_READY && task->state == TASK_CREATING &&
             task->pid)
        task_created(task);
}

/* Takes what has come; a failure is kept until the process has ended. */
static void take_messages(struct task *task)
{
    struct line_message message;

    while (task->sync_fd >= 0) {
        enum line_heard heard = line_hear(task->sync_fd, &message);

        if (heard == LINE_END && task->sync_poll)
            uv_poll_stop(task->sync_poll);
        if (heard != LINE_MESSAGE)
            return;
        obey(task, &message);
    }
}

static void on_message(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    take_messages(poll->data);
}

static void watch_sync(struct task *task)
{
    task->sync_poll = mem_alloc(sizeof(*task->sync_poll));
    uv_poll_init(&task->shim->loop, task->sync_poll, task->sync_fd);
    task->sync_poll->data = task;
    uv_poll_start(task->sync_poll, UV_READABLE, on_message);
}

/* -- The zygote ------------------------------------------------------------ */

/* The pid of the request that was sent first. */
static void on_zygote(uv_poll_t *poll, int status, int events)
{
    struct shim *shim = poll->data;
    struct task *task = shim->forking;
    struct zygote_answer answer;
    struct fault fault;

    (void)status;
    (void)events;
    if (!task || !zygote_receive(shim->zygote_fd, &answer)) {
        uv_poll_stop(poll); /* its end is reported by the reaper */
        return;
    }
    shim->forking = task->next_forking;
    if (!shim->forking)
        shim->last_forking = &shim->forking;
    if (answer.pid > 0) {
        watch_sync(task);
        task_has_pid(task, answer.pid);
        if (task->failure.code != 0)
            kill(task->pid, SIGKILL);
    } else {
        task->is_forking = false;
        errno = -answer.pid;
        fault_errno(&fault, "fork the container's process");
        task_create_failed(task, &fault);
    }
    reaper_expect_no_more(&shim->reaper);
}

static void watch_zygote(struct shim *shim)
{
    shim->last_forking = &shim->forking;
    shim->zygote_poll = mem_alloc(sizeof(*shim->zygote_poll));
    uv_poll_init(&shim->loop, shim->zygote_poll, shim->zygote_fd);
    shim->zygote_poll->data = shim;
    uv_poll_start(shim->zygote_poll, UV_READABLE, on_zygote);
}

static void on_zygote_end(void *user, int status)
{
    struct shim *shim = user;
    struct fault fault;

    log_warn("the zygote ended (status %u); a new one takes over",
             reaper_exit_status(status));
    uv_close((uv_handle_t *)shim->zygote_poll, free_handle);
    close(shim->zygote_fd);
    while (shim->forking) {
        struct task *task = shim->forking;

        shim->forking = task->next_forking;
        task->is_forking = false;
        fault_set(&fault, FAULT_UNAVAILABLE, "the zygote ended");
        task_create_failed(task, &fault);
        reaper_expect_no_more(&shim->reaper);
    }
    shim->zygote_fd = -1;
    if (zygote_restart(&shim->zygote_pid, &shim->zygote_fd,
                       shim->socket_path ? shim->socket_path : "")) {
        watch_zygote(shim);
        reaper_add(&shim->reaper, shim->zygote_pid, on_zygote_end, shim);
    }
}

void driver_wasm_init(struct shim *shim)
{
    watch_zygote(shim);
    reaper_add(&shim->reaper, shim->zygote_pid, on_zygote_end, shim);
}

/* -- The driver ------------------------------------------------------------ */

/* Why a process that no longer listens has ended is heard from itself. */
static bool is_process_gone(void)
{
    return errno == EPIPE || errno == ECONNRESET;
}

static bool fill_request(struct zygote_request *request,
                         const struct task *task, const struct spec *spec,
                         int *pid_ns_out, struct fault *fault)
{
    const char *pid_ns = spec->namespace_path[SPEC_NS_PID];

    memset(request, 0, sizeof(*request));
    request->kind = task->is_sandbox ? ZYGOTE_PAUSE : ZYGOTE_WASM;
    request->new_pid_ns = spec->has_namespace[SPEC_NS_PID] && !pid_ns;
    request->joins_pid_ns = pid_ns != NULL;
    snprintf(request->id, sizeof(request->id), "%s", task->id);
    snprintf(request->bundle, sizeof(request->bundle), "%s", task->bundle);
    *pid_ns_out = pid_ns ? open(pid_ns, O_RDONLY | O_CLOEXEC) : -1;
    return !pid_ns || *pid_ns_out >= 0 ||
           fault_errno(fault, "join namespace %s", pid_ns);
}

/* While the process is forked and reads what it needs. */
static bool make_group(struct task *task, const struct spec *spec,
                       struct fault *fault)
{
    task->cgroup.is_idle = task->is_sandbox;
    return cgroup_make(&task->cgroup, &spec->resources, fault) &&
           (line_send_step(task->sync_fd, LINE_GROUPED) || is_process_gone() ||
            fault_errno(fault, "hand over the control group"));
}

static bool prepare(struct task *task, const struct spec *spec,
                    struct fault *fault)
{
    struct zygote_request request;
    struct shim *shim = task->shim;
    int fds[ZYGOTE_FD_COUNT], pair[2];
    bool ok;

    if (!fill_request(&request, task, spec, &fds[ZYGOTE_FD_PID_NS], fault))
        return false;
    if (!line_open(pair)) {
        if (fds[ZYGOTE_FD_PID_NS] >= 0)
            close(fds[ZYGOTE_FD_PID_NS]);
        return fault_errno(fault, "socketpair");
    }
    task->sync_fd = pair[0];
    fds[ZYGOTE_FD_SYNC] = pair[1];
    ok = zygote_send(shim->zygote_fd, &request, fds);
    if (!ok)
        fault_errno(fault, "ask the zygote");
    close(pair[1]);
    if (fds[ZYGOTE_FD_PID_NS] >= 0)
        close(fds[ZYGOTE_FD_PID_NS]);
    if (!ok)
        return false;
    task->next_forking = NULL;
    *shim->last_forking = task;
    shim->last_forking = &task->next_forking;
    task->is_forking = true;
    reaper_expect(&shim->reaper);
    return make_group(task, spec, fault);
}

/* The process is in a mount namespace of its own already, where the mounts that
 * Create made do not appear. */
static int copy_root(const struct task *task, const struct spec *spec,
                     struct fault *fault)
{
    char *path = spec_root_dir(spec, task->bundle);
    int fd = open_tree(AT_FDCWD, path,
                       OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

    if (fd < 0)
        fault_errno(fault, "root file system %s", path);
    free(path);
    return fd;
}

static bool create(struct task *task, const struct spec *spec,
                   const struct entry *entry, struct fault *fault)
{
    struct line_place place;
    int fds[LINE_FD_COUNT], error;
    bool ok;

    memcpy(fds, task->io.child, sizeof(task->io.child));
    fds[LINE_FD_ROOT] = copy_root(task, spec, fault);
    if (fds[LINE_FD_ROOT] < 0)
        return false;
    memcpy(place.entry, entry->path, sizeof(place.entry));
    ok = line_send_place(task->sync_fd, &place, fds);
    error = errno;
    close(fds[LINE_FD_ROOT]);
    errno = error;
    return ok || is_process_gone() ||
           fault_errno(fault, "hand over the root file system");
}

static void start(struct task *task)
{
    struct fault fault;

    if (line_send_step(task->sync_fd, LINE_GO)) {
        close_sync(task);
        task_started(task);
    } else {
        fault_errno(&fault, "the container's process is gone");
        task_start_failed(task, &fault);
    }
}

static void clean(struct task *task)
{
    take_messages(task); /* the reason may still be in there */
    close_sync(task);
    task_cleaned(task);
}

const struct driver driver_wasm = {
    .prepare = prepare, .create = create, .start = start, .clean = clean};
