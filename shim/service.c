/*
 * Each handler answers its call, now or by handing it to a task.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/service.h"

#include "shim/log.h"
#include "shim/memory.h"
#include "shim/message.h"
#include "shim/proto/task.pb-c.h"
#include "shim/rootmount.h"
#include "shim/runtime_options.h"
#include "shim/task.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum needs { NOTHING, TASK };

/* find_task() reads any of them as the first. */
_Static_assert(offsetof(Pb__KillRequest, exec_id) ==
                       offsetof(Pb__ProcessRequest, exec_id) &&
                   offsetof(Pb__CloseIORequest, exec_id) ==
                       offsetof(Pb__ProcessRequest, exec_id),
               "requests about a task begin alike");

/* What a handler works on. */
struct request {
    struct shim *shim;
    struct call *call;
    struct task *task; /* not NULL where the table says TASK */
    const void *message;
};

static void reply_empty(struct call *call)
{
    Pb__Empty reply = PB__EMPTY__INIT;

    call_reply(call, &reply);
}

static void refuse(struct call *call, enum fault_code code, const char *text)
{
    struct fault fault;

    fault_set(&fault, code, "%s", text);
    call_fail(call, &fault);
}

/* -- Create ---------------------------------------------------------------- */

/* What was expected, and has not failed. */
static bool can_take_over(const struct task *task,
                          const Pb__CreateRequest *create)
{
    return task->is_expected && task->failure.code == 0 && !task->has_exited &&
           strcmp(task->bundle, create->bundle) == 0;
}

/* Names end up in paths. */
static bool check_create(const struct request *request,
                         const Pb__CreateRequest *create, struct fault *fault)
{
    const struct task *task = task_find(request->shim, create->id);
    const char *id = create->id;

    if (!*id || strlen(id) >= ZYGOTE_ID_BYTES || strchr(id, '/') ||
        id[0] == '.')
        return fault_set(fault, FAULT_INVALID, "bad container id");
    if (create->bundle[0] != '/' || strlen(create->bundle) > PATH_MAX / 2)
        return fault_set(fault, FAULT_INVALID, "bad bundle");
    if (!request->shim->socket_path)
        return fault_set(fault, FAULT_UNAVAILABLE, "the shim is ending");
    if (task && !can_take_over(task, create))
        return fault_set(fault, FAULT_EXISTS, "container %s exists", id);
    if (create->terminal)
        return fault_set(fault, FAULT_UNIMPLEMENTED,
                         "terminals are not supported");
    if (*create->checkpoint)
        return fault_set(fault, FAULT_UNIMPLEMENTED,
                         "checkpoints are not supported");
    return true;
}

static bool create_task(struct task *task, const Pb__CreateRequest *create,
                        struct fault *fault)
{
    if (!task_prepare(task, fault))
        return false;
    task->is_mounted = rootmount_do(task->spec, task->bundle, create->rootfs,
                                    create->n_rootfs, fault);
    return task->is_mounted && task_create(task, fault);
}

static void call_Create(struct request *request)
{
    const Pb__CreateRequest *create = request->message;
    const char *const paths[3] = {create->stdin, create->stdout,
                                  create->stderr};
    struct runtime_options options;
    struct fault fault;
    struct task *task;

    if (!check_create(request, create, &fault) ||
        !runtime_options_read(&options, create->options, &fault)) {
        call_fail(request->call, &fault);
        return;
    }
    request->shim->is_unwanted = false;
    task = task_find(request->shim, create->id);
    if (!task)
        task = task_new(request->shim, create->id, create->bundle);
    task_is_created_by(task, request->call);
    task->oci_runtime = options.linux_runtime;
    task->oci_systemd = options.systemd_cgroup;
    for (int i = 0; i < 3; i++)
        task->stream_paths[i] = mem_string(paths[i]);
    if (!create_task(task, create, &fault))
        task_create_failed(task, &fault);
    mem_trim(); /* it took much, and the container is not ready yet */
}

static void call_Expect(struct request *request)
{
    const Pb__CreateRequest *create = request->message;
    struct fault fault;

    if (check_create(request, create, &fault) &&
        !task_find(request->shim, create->id))
        task_expect(request->shim, create->id, create->bundle);
    reply_empty(request->call);
}

/* -- Start, Kill, Delete --------------------------------------------------- */

static void call_Start(struct request *request)
{
    struct task *task = request->task;

    if (task->state != TASK_CREATED) {
        refuse(request->call, FAULT_UNKNOWN,
               task->state == TASK_STOPPED ? "cannot start a stopped process"
                                           : "already started");
        return;
    }
    task->starting = request->call;
    task->state = TASK_STARTING;
    task->driver->start(task);
}

static void call_Kill(struct request *request)
{
    const Pb__KillRequest *wish = request->message;
    struct task *task = request->task;
    struct fault fault;

    if (wish->signal > 64) {
        refuse(request->call, FAULT_INVALID, "no such signal");
        return;
    }
    if (!task->pid) {
        refuse(request->call, FAULT_NOT_FOUND, "process already finished");
        return;
    }
    if (wish->all)
        cgroup_signal(&task->cgroup, (int)wish->signal);
    if (kill(task->pid, (int)wish->signal) != 0 && errno != ESRCH) {
        fault_errno(&fault, "kill");
        call_fail(request->call, &fault);
        return;
    }
    /* What is frozen must thaw to die. */
    if (wish->signal == SIGKILL &&
        (task->state == TASK_PAUSED || task->state == TASK_PAUSING))
        cgroup_freeze(&task->cgroup, false);
    reply_empty(request->call);
}

static void call_Delete(struct request *request)
{
    struct task *task = request->task;

    if (task->deleting) {
        refuse(request->call, FAULT_PRECONDITION, "is being deleted");
    } else if (task->state == TASK_STOPPED || task->state == TASK_CREATED) {
        task_delete(task, request->call);
    } else {
        refuse(request->call, FAULT_PRECONDITION,
               "cannot delete a running process");
    }
}

/* -- Asking ---------------------------------------------------------------- */

static Pb__TaskStatus status_of(enum task_state state)
{
    switch (state) {
    case TASK_CREATING: return PB__TASK_STATUS__UNKNOWN;
    case TASK_CREATED:
    case TASK_STARTING: return PB__TASK_STATUS__CREATED;
    case TASK_RUNNING: return PB__TASK_STATUS__RUNNING;
    case TASK_PAUSING: return PB__TASK_STATUS__PAUSING;
    case TASK_PAUSED: return PB__TASK_STATUS__PAUSED;
    case TASK_STOPPED: break;
    }
    return PB__TASK_STATUS__STOPPED;
}

static void call_State(struct request *request)
{
    Pb__StateReply reply = PB__STATE_REPLY__INIT;
    struct task *task = request->task;

    reply.id = task->id;
    reply.bundle = task->bundle;
    reply.pid = (uint32_t)task->told_pid;
    reply.status = status_of(task->state);
    reply.stdin = task->stream_paths[0];
    reply.stdout = task->stream_paths[1];
    reply.stderr = task->stream_paths[2];
    if (task->state == TASK_STOPPED) {
        reply.exit_status = task->exit_status;
        reply.exited_at = &task->exited_at;
    }
    call_reply(request->call, &reply);
}

static void call_Wait(struct request *request)
{
    task_wait(request->task, request->call);
}

static void call_Connect(struct request *request)
{
    Pb__ConnectReply reply = PB__CONNECT_REPLY__INIT;

    reply.shim_pid = (uint32_t)getpid();
    reply.task_pid = (uint32_t)request->task->told_pid;
    reply.version = (char *)"1";
    call_reply(request->call, &reply);
}

/* A task that has ended names the process that it had: a containerd that was
 * restarted takes a shim without processes for one that never ran anything, and
 * would drop it with its exit status. */
static void call_Pids(struct request *request)
{
    Pb__PidsReply reply = PB__PIDS_REPLY__INIT;
    Pb__ProcessInfo *infos, **list;
    size_t count;
    pid_t *pids = cgroup_pids(&request->task->cgroup, &count);

    infos = mem_alloc((count + 1) * sizeof(*infos));
    list = mem_alloc((count + 1) * sizeof(*list));
    for (size_t i = 0; i <= count; i++) {
        infos[i] = (Pb__ProcessInfo)PB__PROCESS_INFO__INIT;
        infos[i].pid =
            (uint32_t)(i < count ? pids[i] : request->task->told_pid);
        list[i] = &infos[i];
    }
    reply.n_processes = count ? count : 1;
    reply.processes = list;
    call_reply(request->call, &reply);
    free(list);
    free(infos);
    free(pids);
}

static void call_Stats(struct request *request)
{
    Pb__StatsReply reply = PB__STATS_REPLY__INIT;
    Pb__Any any = PB__ANY__INIT;

    if (request->task->state == TASK_STOPPED ||
        !cgroup_stats(&request->task->cgroup, &any)) {
        refuse(request->call, FAULT_NOT_FOUND, "the container has ended");
        return;
    }
    reply.stats = &any;
    call_reply(request->call, &reply);
    free(any.value.data);
}

/* -- The rest -------------------------------------------------------------- */

static void call_CloseIO(struct request *request)
{
    const Pb__CloseIORequest *wish = request->message;

    if (wish->stdin)
        io_close_stdin(&request->task->io);
    reply_empty(request->call);
}

static void call_Pause(struct request *request)
{
    if (request->task->state == TASK_RUNNING)
        task_pause(request->task, request->call);
    else
        refuse(request->call, FAULT_PRECONDITION,
               "the container is not running");
}

static void call_Resume(struct request *request)
{
    if (request->task->state != TASK_PAUSED) {
        refuse(request->call, FAULT_PRECONDITION,
               "the container is not paused");
        return;
    }
    task_resume(request->task);
    reply_empty(request->call);
}

static bool is_creating(const struct shim *shim)
{
    const struct task *task = shim->tasks;

    while (task && task->state != TASK_CREATING)
        task = task->next;
    return task != NULL;
}

/* Sent after every Delete; the others of the pod go on.  It is not sent again
 * for a container whose creation containerd has given up. */
static void call_Shutdown(struct request *request)
{
    struct shim *shim = request->shim;

    reply_empty(request->call);
    if (!shim->tasks)
        shim_stop(shim);
    else
        shim->is_unwanted = is_creating(shim);
}

/* -- Finding the handler --------------------------------------------------- */

static const struct method {
    const char *name;
    const ProtobufCMessageDescriptor *type;
    enum needs needs;
    void (*handle)(struct request *request);
} methods[] = {
#define METHOD(name, type, needs)                                              \
    {#name, &pb__##type##__descriptor, needs, call_##name},
#include "shim/methods.def"
#undef METHOD
};

static const struct method *find_method(const char *name)
{
    for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
        if (strcmp(methods[i].name, name) == 0)
            return &methods[i];
    }
    return NULL;
}

const ProtobufCMessageDescriptor *service_request(const char *name)
{
    const struct method *method = find_method(name);

    return method ? method->type : NULL;
}

/* All messages about a task begin with the same two fields. */
static bool find_task(struct request *request, struct fault *fault)
{
    const Pb__ProcessRequest *common = request->message;
    struct task *task = task_find(request->shim, common->id);

    if (!task || task->state == TASK_CREATING)
        return fault_set(fault, FAULT_NOT_FOUND, "container not created");
    if (*common->exec_id)
        return fault_set(fault, FAULT_NOT_FOUND, "process %s not found",
                         common->exec_id);
    request->task = task;
    return true;
}

static bool is_our_service(const char *name)
{
    return strcmp(name, "containerd.task.v2.Task") == 0 ||
           strcmp(name, "containerd.task.v3.Task") == 0;
}

static const struct method *find_of_service(const struct server_request *plain)
{
    static const struct method expect = {
        SERVICE_EXPECT, &pb__create_request__descriptor, NOTHING, call_Expect};

    if (is_our_service(plain->service))
        return find_method(plain->method);
    return strcmp(plain->service, SERVICE_OWN) == 0 &&
                   strcmp(plain->method, SERVICE_EXPECT) == 0
               ? &expect
               : NULL;
}

void service_handle(void *user, struct call *call,
                    const struct server_request *plain)
{
    const struct method *method = find_of_service(plain);
    struct request request = {.shim = user, .call = call};
    struct fault fault;
    void *message;

    log_debug("%s/%s", plain->service, plain->method);
    if (!method) {
        fault_set(&fault, FAULT_UNIMPLEMENTED, "%s/%s is not implemented",
                  plain->service, plain->method);
        call_fail(call, &fault);
        return;
    }
    message = message_unpack(method->type, plain->payload, plain->payload_len);
    request.message = message;
    if (!message)
        refuse(call, FAULT_INVALID, "malformed request");
    else if (method->needs == TASK && !find_task(&request, &fault))
        call_fail(call, &fault);
    else
        method->handle(&request);
    message_free(message);
}
