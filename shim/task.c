/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/task.h"

#include "shim/annotation.h"
#include "shim/log.h"
#include "shim/memory.h"
#include "shim/proto/events.pb-c.h"
#include "shim/rootmount.h"
#include "shim/timestamp.h"

#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    EXPECT_MS = 5000,
    CLEAN_TICK_MS = 2,
    CLEAN_TICKS = 1000,
    PAUSE_TICK_MS = 2,
    PAUSE_TICKS = 1000
};

/* -- Loop handles ---------------------------------------------------------- */

static void free_handle(uv_handle_t *handle)
{
    free(handle);
}

static void stop_timer(struct task *task)
{
    if (task->timer)
        uv_close((uv_handle_t *)task->timer, free_handle);
    task->timer = NULL;
}

static void start_timer(struct task *task, uv_timer_cb on_tick,
                        unsigned tick_ms)
{
    stop_timer(task);
    task->timer = mem_alloc(sizeof(*task->timer));
    task->timer_ticks = 0;
    uv_timer_init(&task->shim->loop, task->timer);
    task->timer->data = task;
    uv_timer_start(task->timer, on_tick, tick_ms, tick_ms);
}

/* -- Events ---------------------------------------------------------------- */

static void send_notice(struct task *task, const char *topic, const char *type)
{
    Pb__TaskNotice event = PB__TASK_NOTICE__INIT;

    event.container_id = task->id;
    events_send(&task->shim->events, topic, type, &event);
}

static void send_create(struct task *task)
{
    Pb__TaskCreate event = PB__TASK_CREATE__INIT;
    Pb__TaskIO io = PB__TASK_IO__INIT;

    io.stdin = task->stream_paths[0];
    io.stdout = task->stream_paths[1];
    io.stderr = task->stream_paths[2];
    event.container_id = task->id;
    event.bundle = task->bundle;
    event.io = &io;
    event.pid = (uint32_t)task->told_pid;
    events_send(&task->shim->events, "/tasks/create", "TaskCreate", &event);
}

static void send_start(struct task *task)
{
    Pb__TaskStart event = PB__TASK_START__INIT;

    event.container_id = task->id;
    event.pid = (uint32_t)task->told_pid;
    events_send(&task->shim->events, "/tasks/start", "TaskStart", &event);
}

static void send_exit(struct task *task)
{
    Pb__TaskExit event = PB__TASK_EXIT__INIT;

    event.container_id = task->id;
    event.id = task->id;
    event.pid = (uint32_t)task->told_pid;
    event.exit_status = task->exit_status;
    event.exited_at = &task->exited_at;
    events_send(&task->shim->events, "/tasks/exit", "TaskExit", &event);
}

static void send_delete(struct task *task)
{
    Pb__TaskDelete event = PB__TASK_DELETE__INIT;

    event.container_id = task->id;
    event.pid = (uint32_t)task->told_pid;
    event.exit_status = task->exit_status;
    event.exited_at = &task->exited_at;
    events_send(&task->shim->events, "/tasks/delete", "TaskDelete", &event);
}

/* -- Lack of memory -------------------------------------------------------- */

static void look_for_oom(struct task *task)
{
    if (cgroup_oom_happened(&task->cgroup, &task->oom))
        send_notice(task, "/tasks/oom", "TaskOOM");
}

static void stop_oom_watch(struct task *task)
{
    if (task->oom_poll)
        uv_close((uv_handle_t *)task->oom_poll, free_handle);
    task->oom_poll = NULL;
    cgroup_oom_close(&task->oom);
}

static void on_oom_event(uv_poll_t *poll, int status, int events)
{
    struct task *task = poll->data;
    char bytes[4096];

    (void)events;
    if (status < 0 || read(task->oom.event_fd, bytes, sizeof(bytes)) <= 0)
        stop_oom_watch(task);
    else
        look_for_oom(task);
}

static void start_oom_watch(struct task *task)
{
    cgroup_oom_open(&task->cgroup, &task->oom);
    if (task->oom.event_fd < 0)
        return;
    task->oom_poll = mem_alloc(sizeof(*task->oom_poll));
    uv_poll_init(&task->shim->loop, task->oom_poll, task->oom.event_fd);
    task->oom_poll->data = task;
    uv_poll_start(task->oom_poll, UV_READABLE, on_oom_event);
}

/* -- Life ------------------------------------------------------------------ */

struct task *task_find(const struct shim *shim, const char *id)
{
    for (struct task *task = shim->tasks; task; task = task->next) {
        if (strcmp(task->id, id) == 0)
            return task;
    }
    return NULL;
}

struct task *task_new(struct shim *shim, const char *id, const char *bundle)
{
    struct task *task = mem_alloc(sizeof(*task));

    task->shim = shim;
    task->id = mem_string(id);
    task->bundle = mem_string(bundle);
    task->io = IO_NONE;
    task->sync_fd = -1;
    task->oom.event_fd = task->oom.watch_fd = -1;
    task->exited_at = (Pb__Timestamp)PB__TIMESTAMP__INIT;
    task->next = shim->tasks;
    shim->tasks = task;
    return task;
}

static void forget_spec(struct task *task)
{
    if (task->spec)
        spec_fini(task->spec);
    free(task->spec);
    task->spec = NULL;
}

static void release(struct task *task)
{
    struct shim *shim = task->shim;
    struct task **at = &shim->tasks;

    while (*at != task)
        at = &(*at)->next;
    *at = task->next;
    stop_timer(task);
    stop_oom_watch(task);
    io_fini(&task->io);
    cgroup_fini(&task->cgroup);
    forget_spec(task);
    for (int i = 0; i < 3; i++)
        free(task->stream_paths[i]);
    free(task->id);
    free(task->bundle);
    free(task);
    malloc_trim(0); /* what reading config.json took */
    if (!shim->tasks && shim->is_unwanted)
        shim_stop(shim);
    else if (!shim->tasks)
        shim_is_idle(shim);
}

/* -- Creating -------------------------------------------------------------- */

/* The process of what is surely a module builds its cage while its root file
 * system is mounted here. */
static bool begin(struct task *task, const struct spec *spec,
                  struct fault *fault)
{
    const char *pause = annotation_find(spec, "pause");
    bool uses_image = pause && strcmp(pause, "image") == 0;

    task->is_sandbox = spec_is_sandbox(spec) && !uses_image;
    if (!cgroup_init(&task->cgroup, spec, task->id, fault))
        return false;
    if (!task->is_sandbox && !entry_promises_module(spec->args.items[0]))
        return true;
    task->driver = &driver_wasm;
    return task->driver->prepare(task, spec, fault);
}

bool task_prepare(struct task *task, struct fault *fault)
{
    struct spec spec;

    if (task->spec) /* it was expected */
        return true;
    if (!spec_read(&spec, task->bundle, fault))
        return false;
    task->spec = mem_alloc(sizeof(spec));
    *task->spec = spec;
    return begin(task, task->spec, fault);
}

static bool hand_over(struct task *task, const struct spec *spec,
                      struct fault *fault)
{
    struct entry entry = {.kind = ENTRY_WASM};

    if ((!task->is_sandbox && !entry_find(spec, task->bundle, &entry, fault)) ||
        !io_open(&task->io, (const char *const *)task->stream_paths, fault))
        return false;
    if (!task->driver) {
        task->driver = entry.kind == ENTRY_LINUX ? &driver_linux : &driver_wasm;
        if (task->driver->prepare && !task->driver->prepare(task, spec, fault))
            return false;
    }
    return task->driver->create(task, spec, &entry, fault);
}

bool task_create(struct task *task, struct fault *fault)
{
    bool ok = hand_over(task, task->spec, fault);

    forget_spec(task);
    return ok;
}

/* -- Expecting ------------------------------------------------------------- */

static void on_expect_tick(uv_timer_t *timer)
{
    struct task *task = timer->data;
    struct fault fault;

    stop_timer(task);
    fault_set(&fault, FAULT_UNAVAILABLE, "it was expected, but never created");
    task_create_failed(task, &fault);
}

/* What is wrong with it is found again, and told, when it is created. */
void task_expect(struct shim *shim, const char *id, const char *bundle)
{
    struct task *task = task_new(shim, id, bundle);
    struct fault fault;

    task->is_expected = true;
    start_timer(task, on_expect_tick, EXPECT_MS);
    if (!task_prepare(task, &fault))
        task_create_failed(task, &fault);
    else if (!task->driver)
        release(task); /* it is no module, or may be none */
}

void task_is_created_by(struct task *task, struct call *call)
{
    if (task->is_expected)
        stop_timer(task);
    task->is_expected = false;
    task->creating = call;
}

static void on_exit_of_task(void *user, int status);

void task_has_pid(struct task *task, pid_t pid)
{
    task->is_forking = false;
    task->pid = task->told_pid = pid;
    reaper_add(&task->shim->reaper, pid, on_exit_of_task, task);
}

void task_created(struct task *task)
{
    Pb__PidReply reply = PB__PID_REPLY__INIT;

    task->state = TASK_CREATED;
    reply.pid = (uint32_t)task->told_pid;
    call_reply(task->creating, &reply);
    task->creating = NULL;
    send_create(task);
    io_close_child(&task->io);
    start_oom_watch(task);
}

/* Everything that was made is undone before containerd hears of it.  A process
 * whose pid is on its way is killed when that has come. */
void task_create_failed(struct task *task, const struct fault *fault)
{
    if (task->failure.code == 0)
        task->failure = *fault;
    io_close_child(&task->io);
    if (task->pid)
        kill(task->pid, SIGKILL);
    else if (task->is_forking)
        return;
    else if (task->driver)
        task->driver->clean(task);
    else
        task_cleaned(task);
}

/* -- Starting -------------------------------------------------------------- */

static void end(struct task *task);

void task_started(struct task *task)
{
    Pb__PidReply reply = PB__PID_REPLY__INIT;

    task->state = TASK_RUNNING;
    reply.pid = (uint32_t)task->told_pid;
    call_reply(task->starting, &reply);
    task->starting = NULL;
    send_start(task);
    if (task->exit_is_held)
        end(task);
    mem_trim(); /* it will be quiet now, perhaps for long */
}

void task_start_failed(struct task *task, const struct fault *fault)
{
    task->state = TASK_CREATED;
    call_fail(task->starting, fault);
    task->starting = NULL;
    if (task->exit_is_held)
        end(task);
}

/* -- Ending ---------------------------------------------------------------- */

void task_reply_end(const struct task *task, struct call *call)
{
    Pb__WaitReply reply = PB__WAIT_REPLY__INIT;

    reply.exit_status = task->exit_status;
    reply.exited_at = (Pb__Timestamp *)&task->exited_at;
    call_reply(call, &reply);
}

void task_wait(struct task *task, struct call *call)
{
    struct waiter *waiter;

    if (task->state == TASK_STOPPED) {
        task_reply_end(task, call);
        return;
    }
    waiter = mem_alloc(sizeof(*waiter));
    *waiter = (struct waiter){task->waiters, call};
    task->waiters = waiter;
}

/* The end becomes known. */
static void end(struct task *task)
{
    struct waiter *waiter = task->waiters;
    struct fault fault;

    task->state = TASK_STOPPED;
    look_for_oom(task);
    stop_oom_watch(task);
    stop_timer(task);
    if (task->pausing) {
        fault_set(&fault, FAULT_NOT_FOUND, "process already finished");
        call_fail(task->pausing, &fault);
        task->pausing = NULL;
    }
    send_exit(task);
    task->waiters = NULL;
    while (waiter) {
        struct waiter *next = waiter->next;

        task_reply_end(task, waiter->call);
        free(waiter);
        waiter = next;
    }
    if (task->deleting)
        task->driver->clean(task);
}

/* Other processes of the container end with its first one. */
static void on_exit_of_task(void *user, int status)
{
    struct task *task = user;

    task->pid = 0;
    task->has_exited = true;
    task->exit_status = reaper_exit_status(status);
    task->exited_at = timestamp_now();
    cgroup_signal(&task->cgroup, SIGKILL);
    log_debug("%s ended with %u", task->id, task->exit_status);
    if (task->state == TASK_CREATING)
        task->driver->clean(task);
    else if (task->state == TASK_STARTING)
        task->exit_is_held = true;
    else
        end(task);
}

/* -- Deleting -------------------------------------------------------------- */

static void answer_delete(struct task *task)
{
    Pb__DeleteReply reply = PB__DELETE_REPLY__INIT;

    reply.pid = (uint32_t)task->told_pid;
    reply.exit_status = task->exit_status;
    reply.exited_at = &task->exited_at;
    send_delete(task);
    call_reply(task->deleting, &reply);
    task->deleting = NULL;
}

/* The last step: mounts, then the answer. */
static void finish(struct task *task)
{
    struct fault fault;

    if (task->is_mounted && !rootmount_undo(task->bundle, &fault))
        log_warn("%s: %s", task->id, fault.text);
    if (task->state == TASK_CREATING && !task->creating) {
        log_debug("%s: %s", task->id, task->failure.text);
    } else if (task->creating) {
        if (task->failure.code == 0)
            fault_set(&task->failure, FAULT_UNKNOWN,
                      "the container's process ended while it was created "
                      "(status %u)",
                      task->exit_status);
        log_warn("%s: %s", task->id, task->failure.text);
        call_fail(task->creating, &task->failure);
    } else {
        answer_delete(task);
    }
    release(task);
}

static void on_clean_tick(uv_timer_t *timer)
{
    struct task *task = timer->data;

    cgroup_signal(&task->cgroup, SIGKILL);
    if (!cgroup_remove(&task->cgroup) && ++task->timer_ticks < CLEAN_TICKS)
        return;
    if (task->timer_ticks == CLEAN_TICKS)
        log_warn("%s: its control group could not be removed", task->id);
    finish(task);
}

void task_cleaned(struct task *task)
{
    if (!task->cgroup.path || cgroup_remove(&task->cgroup))
        finish(task);
    else
        start_timer(task, on_clean_tick, CLEAN_TICK_MS);
}

void task_delete(struct task *task, struct call *call)
{
    task->deleting = call;
    if (task->state == TASK_STOPPED)
        task->driver->clean(task);
    else
        kill(task->pid, SIGKILL); /* it was never started */
}

/* -- Pausing --------------------------------------------------------------- */

static void finish_pause(struct task *task)
{
    Pb__Empty reply = PB__EMPTY__INIT;

    stop_timer(task);
    task->state = TASK_PAUSED;
    send_notice(task, "/tasks/paused", "TaskPaused");
    call_reply(task->pausing, &reply);
    task->pausing = NULL;
}

static void fail_pause(struct task *task)
{
    struct fault fault;

    stop_timer(task);
    cgroup_freeze(&task->cgroup, false);
    task->state = TASK_RUNNING;
    fault_set(&fault, FAULT_UNKNOWN, "the container's processes do not freeze");
    call_fail(task->pausing, &fault);
    task->pausing = NULL;
}

static void on_pause_tick(uv_timer_t *timer)
{
    struct task *task = timer->data;

    if (cgroup_is_frozen(&task->cgroup))
        finish_pause(task);
    else if (++task->timer_ticks == PAUSE_TICKS)
        fail_pause(task);
}

void task_pause(struct task *task, struct call *call)
{
    task->pausing = call;
    task->state = TASK_PAUSING;
    if (!cgroup_freeze(&task->cgroup, true))
        fail_pause(task);
    else if (cgroup_is_frozen(&task->cgroup))
        finish_pause(task);
    else
        start_timer(task, on_pause_tick, PAUSE_TICK_MS);
}

void task_resume(struct task *task)
{
    cgroup_freeze(&task->cgroup, false);
    task->state = TASK_RUNNING;
    send_notice(task, "/tasks/resumed", "TaskResumed");
}
