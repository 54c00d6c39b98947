/*
 * The Task service: arbitrary requests, and arbitrary things that happen to
 * containers meanwhile, in any order.  Service and tasks are the real ones; the
 * kernel, other processes and containerd are played here.
 *
 * Required is: each call is answered exactly once, events come in their order,
 * and at the end, when all has been deleted, nothing is left.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/service.h"

#include "shim/driver_wasm.h"
#include "shim/memory.h"
#include "shim/message.h"
#include "shim/proto/task.pb-c.h"
#include "shim/rootmount.h"
#include "shim/task.h"
#include "tests/fuzz/reach.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MAX_CHILDREN = 64,
    MAX_STAGES = 64,
    MAX_STEPS = 400,
    FINISH_ROUNDS = 64
};

static struct shim played;
static struct server_request plain;

/* -- The input ------------------------------------------------------------- */

static const uint8_t *input;
static size_t input_left;

static uint8_t next_byte(void)
{
    if (input_left == 0)
        return 0;
    input_left--;
    return *input++;
}

/* Whether something that can fail does. */
static bool goes_well(void)
{
    return next_byte() % 4 != 3;
}

static bool may_fail(struct fault *fault)
{
    return goes_well() || fault_set(fault, FAULT_UNKNOWN, "played");
}

static void require(bool condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "shim_service: %s\n", what);
    abort();
}

/* -- containerd ------------------------------------------------------------ */

struct call {
    const char *method;
    bool is_answered;
};

static unsigned unanswered;

static void answer(struct call *call)
{
    require(!call->is_answered, "a call is answered twice");
    unanswered--;
    free(call);
}

void call_reply(struct call *call, const void *message)
{
    size_t len;

    free(message_pack(message, 0, &len));
    reach(call->method);
    answer(call);
}

void call_fail(struct call *call, const struct fault *fault)
{
    require(fault->code != 0 && fault->text[0], "a fault says nothing");
    reach("refused");
    answer(call);
}

/* How far each container is: 1 created, 2 started, 3 ended. */
static struct {
    char id[8];
    int stage;
} stages[MAX_STAGES];

static int *stage_of(const char *id)
{
    int place = 0;

    for (int n = 0; n < MAX_STAGES; n++) {
        if (stages[n].stage == 0)
            place = n;
        else if (strcmp(stages[n].id, id) == 0)
            return &stages[n].stage;
    }
    snprintf(stages[place].id, sizeof(stages[place].id), "%s", id);
    return &stages[place].stage;
}

void events_send(struct events *events, const char *topic, const char *type,
                 const void *message)
{
    const Pb__ProcessRequest *common = message; /* the first field is the id */
    int *stage = stage_of(common->id);

    (void)events;
    (void)type;
    reach(topic);
    if (strcmp(topic, "/tasks/create") == 0) {
        require(*stage == 0, "created twice");
        *stage = 1;
    } else if (strcmp(topic, "/tasks/start") == 0) {
        require(*stage == 1, "started before created, or after the end");
        *stage = 2;
    } else if (strcmp(topic, "/tasks/exit") == 0) {
        require(*stage == 1 || *stage == 2, "ended twice, or before created");
        *stage = 3;
    } else if (strcmp(topic, "/tasks/delete") == 0) {
        require(*stage == 3, "deleted before the end");
        *stage = 0;
    } else {
        require(*stage > 0, "an event of nobody");
    }
}

void shim_stop(struct shim *shim)
{
    (void)shim;
    reach("stopped");
}

void shim_is_idle(struct shim *shim)
{
    (void)shim;
}

/* -- Processes ------------------------------------------------------------- */

static struct child {
    pid_t pid; /* 0: a free place */
    reaper_fn *done;
    void *user;
    bool is_dying;
} children[MAX_CHILDREN];

static pid_t last_pid;

void reaper_add(struct reaper *reaper, pid_t pid, reaper_fn *done, void *user)
{
    (void)reaper;
    for (int n = 0; n < MAX_CHILDREN; n++) {
        if (children[n].pid == 0) {
            children[n] = (struct child){pid, done, user, false};
            return;
        }
    }
    require(false, "too many processes");
}

void reaper_expect(struct reaper *reaper)
{
    reaper->expected++;
}

void reaper_expect_no_more(struct reaper *reaper)
{
    require(reaper->expected > 0, "a child too many");
    reaper->expected--;
}

unsigned reaper_exit_status(int status)
{
    return (unsigned)status & 0xff;
}

/* Nobody but the played processes is signalled here. */
int kill(pid_t pid, int number)
{
    for (int n = 0; n < MAX_CHILDREN; n++) {
        if (children[n].pid == pid && pid > 0)
            children[n].is_dying |= number == SIGKILL;
    }
    return 0;
}

static void end_child(struct child *child, int status)
{
    reaper_fn *done = child->done;
    void *user = child->user;

    child->pid = 0;
    done(user, status);
}

/* -- The kernel ------------------------------------------------------------ */

bool rootmount_do(const struct spec *spec, const char *bundle,
                  Pb__MountPoint **mounts, size_t count, struct fault *fault)
{
    (void)spec;
    (void)bundle;
    for (size_t i = 0; i < count; i++)
        reach(*mounts[i]->type ? "mount" : "mount without a type");
    return may_fail(fault);
}

bool rootmount_undo(const char *bundle, struct fault *fault)
{
    (void)bundle;
    return may_fail(fault);
}

bool io_open(struct io *io, const char *const paths[3], struct fault *fault)
{
    (void)paths;
    *io = IO_NONE;
    return may_fail(fault);
}

void io_close_child(struct io *io)
{
    (void)io;
}

void io_close_stdin(struct io *io)
{
    (void)io;
}

void io_fini(struct io *io)
{
    (void)io;
}

bool cgroup_init(struct cgroup *cgroup, const struct spec *spec, const char *id,
                 struct fault *fault)
{
    (void)spec;
    *cgroup = (struct cgroup){.path = mem_string(id)};
    return may_fail(fault);
}

void cgroup_fini(struct cgroup *cgroup)
{
    free(cgroup->path);
    *cgroup = (struct cgroup){0};
}

pid_t *cgroup_pids(const struct cgroup *cgroup, size_t *count_out)
{
    (void)cgroup;
    *count_out = next_byte() % 3;
    return mem_alloc((*count_out + 1) * sizeof(pid_t));
}

void cgroup_signal(const struct cgroup *cgroup, int signal)
{
    (void)cgroup;
    (void)signal;
}

bool cgroup_remove(const struct cgroup *cgroup)
{
    (void)cgroup;
    return goes_well();
}

bool cgroup_freeze(const struct cgroup *cgroup, bool on)
{
    (void)cgroup;
    return !on || goes_well();
}

bool cgroup_is_frozen(const struct cgroup *cgroup)
{
    (void)cgroup;
    return goes_well();
}

void cgroup_oom_open(const struct cgroup *cgroup, struct cgroup_oom *oom)
{
    (void)cgroup;
    *oom = (struct cgroup_oom){.event_fd = -1, .watch_fd = -1};
}

bool cgroup_oom_happened(const struct cgroup *cgroup, struct cgroup_oom *oom)
{
    (void)cgroup;
    (void)oom;
    return !goes_well();
}

void cgroup_oom_close(struct cgroup_oom *oom)
{
    (void)oom;
}

bool cgroup_stats(const struct cgroup *cgroup, Pb__Any *out)
{
    (void)cgroup;
    out->value.len = 1;
    out->value.data = mem_alloc(1);
    return goes_well() || (free(out->value.data), false);
}

/* -- Drivers --------------------------------------------------------------- */

/* sync_fd, which is theirs, says how far one is. */
enum { IS_PLACED = 1, IS_STARTING = 2, IS_CLEANING = 4 };

static bool fake_prepare(struct task *task, const struct spec *spec,
                         struct fault *fault)
{
    (void)spec;
    task->sync_fd = 0;
    if (!may_fail(fault))
        return false;
    task->is_forking = true;
    reaper_expect(&played.reaper);
    return true;
}

static bool fake_create(struct task *task, const struct spec *spec,
                        const struct entry *entry, struct fault *fault)
{
    (void)spec;
    (void)entry;
    if (!may_fail(fault))
        return false;
    if (task->driver == &driver_linux) {
        task->sync_fd = 0;
        task->is_forking = true;
        reaper_expect(&played.reaper);
    }
    task->sync_fd |= IS_PLACED;
    return true;
}

static void fake_start(struct task *task)
{
    task->sync_fd |= IS_STARTING;
}

static void fake_clean(struct task *task)
{
    task->sync_fd = IS_CLEANING;
}

const struct driver driver_wasm = {.prepare = fake_prepare,
                                   .create = fake_create,
                                   .start = fake_start,
                                   .clean = fake_clean};
const struct driver driver_linux = {
    .create = fake_create, .start = fake_start, .clean = fake_clean};

/* The pid of a process comes, or the news that there is none. */
static void end_fork(struct task *task, bool ok)
{
    struct fault fault;

    if (!task->is_forking)
        return;
    reaper_expect_no_more(&played.reaper);
    if (ok) {
        task_has_pid(task, ++last_pid);
        if (task->failure.code != 0)
            kill(task->pid, SIGKILL);
        return;
    }
    task->is_forking = false;
    fault_set(&fault, FAULT_UNKNOWN, "no fork");
    task_create_failed(task, &fault);
}

static void end_create(struct task *task)
{
    if (task->state == TASK_CREATING && task->pid &&
        task->sync_fd == IS_PLACED && task->failure.code == 0)
        task_created(task);
}

static void end_start(struct task *task, bool ok)
{
    struct fault fault;

    if (task->sync_fd < 0 || !(task->sync_fd & IS_STARTING) ||
        task->state != TASK_STARTING)
        return;
    task->sync_fd &= ~IS_STARTING;
    if (ok) {
        task_started(task);
        return;
    }
    fault_set(&fault, FAULT_UNKNOWN, "no start");
    task_start_failed(task, &fault);
}

/* -- What happens ---------------------------------------------------------- */

static char bundles[4][64];
static const char *const ids[] = {"a", "b", "c", ""};

static struct task *pick_task(void)
{
    struct task *task = played.tasks;

    for (int n = next_byte() % 4; n > 0 && task; n--)
        task = task->next;
    return task;
}

static void send_bytes(const char *service, const char *method,
                       const void *bytes, size_t len)
{
    struct call *call = mem_alloc(sizeof(*call));

    call->method = method;
    unanswered++;
    plain = (struct server_request){service, method, bytes, len};
    service_handle(&played, call, &plain);
}

static const char *const methods[] = {
#define METHOD(name, type, needs) #name,
#include "shim/methods.def"
#undef METHOD
    "Exec"};

static void send_message(const char *service, const char *method,
                         const void *message)
{
    size_t len;
    uint8_t *bytes = message_pack(message, 0, &len);

    send_bytes(service, method, bytes, len);
    free(bytes);
}

static const char *pick_service(void)
{
    return goes_well() ? "containerd.task.v2.Task" : "containerd.task.v3.Task";
}

/* With fields that mean something. */
static void send_create(bool is_announced)
{
    Pb__CreateRequest create = PB__CREATE_REQUEST__INIT;
    Pb__MountPoint mount = PB__MOUNT_POINT__INIT, *mounts[] = {&mount};

    create.id = (char *)ids[next_byte() % 4];
    create.bundle = bundles[next_byte() % 4];
    create.terminal = !goes_well();
    create.rootfs = mounts;
    create.n_rootfs = next_byte() % 2;
    if (is_announced)
        send_message(SERVICE_OWN, SERVICE_EXPECT, &create);
    else
        send_message(pick_service(), "Create", &create);
}

static void send_about_task(void)
{
    Pb__ProcessRequest request = PB__PROCESS_REQUEST__INIT;

    request.id = (char *)ids[next_byte() % 4];
    request.exec_id = (char *)(goes_well() ? "" : "e");
    send_message(pick_service(),
                 methods[next_byte() % (sizeof(methods) / sizeof(*methods))],
                 &request);
}

static void send_kill(void)
{
    Pb__KillRequest request = PB__KILL_REQUEST__INIT;

    request.id = (char *)ids[next_byte() % 4];
    request.signal = next_byte() % 70;
    request.all = next_byte() % 2;
    send_message(pick_service(), "Kill", &request);
}

/* Bytes of the input as they are. */
static void send_raw(void)
{
    const char *method =
        methods[next_byte() % (sizeof(methods) / sizeof(*methods))];
    size_t len = next_byte();
    const uint8_t *bytes = input;

    len = len < input_left ? len : input_left;
    input += len;
    input_left -= len;
    send_bytes(pick_service(), method, bytes, len);
}

static void tick(struct task *task)
{
    if (task->timer)
        task->timer->timer_cb(task->timer);
}

static void end_one(struct child *child)
{
    if (child->pid)
        end_child(child, child->is_dying ? 137 : next_byte());
}

static void happen(uint8_t what)
{
    struct task *task = pick_task();

    if (what == 0)
        end_one(&children[next_byte() % MAX_CHILDREN]);
    if (!task)
        return;
    switch (what) {
    case 1: end_fork(task, goes_well()); break;
    case 2: end_create(task); break;
    case 3: end_start(task, goes_well()); break;
    case 4: tick(task); break;
    case 5:
        if (task->sync_fd == IS_CLEANING) {
            task->sync_fd = -1;
            task_cleaned(task);
        }
        break;
    default: break;
    }
}

/* What arbitrary steps seldom come to: a container that is there, or runs. */
static void make_container(void)
{
    Pb__CreateRequest create = PB__CREATE_REQUEST__INIT;
    Pb__ProcessRequest request = PB__PROCESS_REQUEST__INIT;
    uint8_t how = next_byte();
    struct task *task;

    create.id = request.id = (char *)ids[how % 3];
    create.bundle = bundles[how / 4 % 3];
    send_message(pick_service(), "Create", &create);
    task = task_find(&played, create.id);
    if (task)
        end_fork(task, true);
    if (task)
        end_create(task);
    if (!task || task->state != TASK_CREATED || how % 2 == 0)
        return;
    send_message(pick_service(), "Start", &request);
    end_start(task, true);
}

static void step(void)
{
    uint8_t what = next_byte();

    switch (what % 13) {
    case 12: make_container(); break;
    case 0: send_create(false); break;
    case 1: send_create(true); break;
    case 2: send_kill(); break;
    case 3: send_raw(); break;
    case 4:
    case 5: send_about_task(); break;
    default: happen(what % 13 - 6); break;
    }
    uv_run(&played.loop, UV_RUN_NOWAIT); /* handles that were closed */
}

/* -- The end --------------------------------------------------------------- */

static void finish_task(struct task *task)
{
    Pb__ProcessRequest request = PB__PROCESS_REQUEST__INIT;
    char *id = mem_string(task->id);

    request.id = id;
    if (task->is_forking)
        end_fork(task, false);
    else if (task->sync_fd == IS_CLEANING)
        happen(5); /* pick_task() finds the first one, which this is */
    else if (task->state == TASK_STARTING)
        end_start(task, true);
    else if (task->timer)
        tick(task);
    else if (!task->deleting && !task->pid && task->state == TASK_STOPPED)
        send_message("containerd.task.v2.Task", "Delete", &request);
    free(id);
}

static void finish(void)
{
    input_left = 0; /* all goes well from here */
    for (int i = 0; i < FINISH_ROUNDS && played.tasks; i++) {
        for (int n = 0; n < MAX_CHILDREN; n++)
            end_one(&children[n]);
        if (played.tasks)
            finish_task(played.tasks);
        uv_run(&played.loop, UV_RUN_NOWAIT);
    }
    require(!played.tasks, "a task is left");
    require(unanswered == 0, "a call is never answered");
    require(played.reaper.expected == 0, "a child is expected for ever");
}

static void make_bundle(const char *top, int n, const char *args,
                        const char *file, const char *head)
{
    char path[128];
    FILE *out;

    snprintf(bundles[n], sizeof(bundles[n]), "%s/%d", top, n);
    mkdir(bundles[n], 0755);
    snprintf(path, sizeof(path), "%s/rootfs", bundles[n]);
    mkdir(path, 0755);
    snprintf(path, sizeof(path), "%s/rootfs/%s", bundles[n], file);
    out = fopen(path, "w");
    fputs(head, out);
    fclose(out);
    snprintf(path, sizeof(path), "%s/config.json", bundles[n]);
    out = fopen(path, "w");
    fprintf(out,
            "{\"root\":{\"path\":\"rootfs\"},\"process\":{\"args\":[\"%s\"],"
            "\"cwd\":\"/\"},\"annotations\":{"
            "\"io.kubernetes.cri.container-type\":\"%s\"}}",
            args, n == 2 ? "sandbox" : "container");
    fclose(out);
}

/* A module, a Linux program, what keeps a pod, and nothing. */
static void make_bundles(void)
{
    static char top[] = "/tmp/wasmrt-fuzz-XXXXXX";

    require(mkdtemp(top) != NULL, "no directory");
    make_bundle(top, 0, "/a.wasm", "a.wasm", "(module)");
    make_bundle(top, 1, "/sh", "sh", "#!/bin/sh\n");
    make_bundle(top, 2, "/pause", "pause", "-");
    snprintf(bundles[3], sizeof(bundles[3]), "%s/3", top);
    uv_loop_init(&played.loop);
    played.socket_path = mem_string("socket");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!played.socket_path)
        make_bundles();
    input = data;
    input_left = size;
    memset(stages, 0, sizeof(stages));
    last_pid = 1000;
    played.is_unwanted = false;
    for (int i = 0; i < MAX_STEPS && input_left > 0; i++)
        step();
    finish();
    return 0;
}
