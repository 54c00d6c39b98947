/*
 * The Task service over a real socket, with containers that only seem to run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/service.h"

#include "shim/frame.h"
#include "shim/message.h"
#include "shim/proto/events.pb-c.h"
#include "shim/proto/task.pb-c.h"
#include "shim/task.h"
#include "tests/lib/test.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MAX_EVENTS = 16 };

static struct shim shim;
static int client = -1;
static uint32_t next_stream = 1;

/* -- containerd's side ----------------------------------------------------- */

static int listen_on(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

    strcpy(address.sun_path, path);
    CHECK_EQ(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    CHECK_EQ(listen(fd, 8), 0);
    return fd;
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    strcpy(address.sun_path, path);
    CHECK_EQ(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static void send_frame(struct frame_head head, const void *body)
{
    uint8_t raw[FRAME_HEAD_BYTES];

    frame_write_head(raw, &head);
    CHECK_EQ(send(client, raw, sizeof(raw), 0), (ssize_t)sizeof(raw));
    CHECK_EQ(send(client, body, head.len, 0), (ssize_t)head.len);
}

static uint32_t send_request(const char *service, const char *method,
                             const void *message)
{
    Pb__Request request = PB__REQUEST__INIT;
    struct frame_head head = {.stream = next_stream, .type = FRAME_REQUEST};
    uint8_t *bytes;
    size_t len;

    request.service = (char *)service;
    request.method = (char *)method;
    request.payload = message_pack_bytes(message);
    bytes = message_pack(&request, 0, &len);
    head.len = (uint32_t)len;
    send_frame(head, bytes);
    free(bytes);
    free(request.payload.data);
    next_stream += 2;
    return head.stream;
}

/* Lets the shim work until a frame is there. */
static Pb__Response *receive(uint32_t *stream_out)
{
    static struct frame_reader reader;
    static uint8_t bytes[65536];
    static const uint8_t *at;
    static size_t left;

    for (int i = 0; i < 2000; i++) {
        ssize_t n;

        while (left > 0) {
            if (frame_read(&reader, &at, &left) == FRAME_READY) {
                *stream_out = reader.head.stream;
                return message_unpack(&pb__response__descriptor, reader.body,
                                      reader.head.len);
            }
        }
        uv_run(&shim.loop, UV_RUN_NOWAIT);
        n = recv(client, bytes, sizeof(bytes), MSG_DONTWAIT);
        at = bytes;
        left = n > 0 ? (size_t)n : 0;
        if (n < 0)
            usleep(500);
    }
    FAIL("no answer");
}

/* The status of a call; its reply, if wanted, is the caller's. */
static int call(const char *method, const void *message,
                const ProtobufCMessageDescriptor *type, void **reply_out)
{
    uint32_t stream = send_request("containerd.task.v2.Task", method, message);
    uint32_t got;
    Pb__Response *response = receive(&got);
    int code = 0;

    CHECK(response != NULL);
    CHECK_EQ(got, stream);
    if (response->status)
        code = response->status->code;
    if (reply_out)
        *reply_out =
            message_unpack(type, response->payload.data, response->payload.len);
    message_free(response);
    return code;
}

/* What the verb `start` says to the shim of a group. */
static int expect(const Pb__CreateRequest *create)
{
    uint32_t stream = send_request(SERVICE_OWN, SERVICE_EXPECT, create), got;
    Pb__Response *response = receive(&got);
    int code;

    CHECK(response != NULL);
    CHECK_EQ(got, stream);
    code = response->status ? response->status->code : 0;
    message_free(response);
    return code;
}

static int call_id(const char *method, const char *id)
{
    Pb__ProcessRequest request = PB__PROCESS_REQUEST__INIT;

    request.id = (char *)id;
    return call(method, &request, NULL, NULL);
}

static Pb__TaskStatus state_of(const char *id)
{
    Pb__ProcessRequest request = PB__PROCESS_REQUEST__INIT;
    Pb__StateReply *reply = NULL;
    Pb__TaskStatus status;

    request.id = (char *)id;
    CHECK_EQ(
        call("State", &request, &pb__state_reply__descriptor, (void **)&reply),
        0);
    CHECK(reply != NULL);
    status = reply->status;
    message_free(reply);
    return status;
}

/* -- A driver whose container is a child that sleeps ----------------------- */

static bool start_fails, clean_is_called;

static void fake_start(struct task *task)
{
    struct fault fault;

    if (start_fails) {
        fault_set(&fault, FAULT_UNKNOWN, "no");
        task_start_failed(task, &fault);
    } else {
        task_started(task);
    }
}

static void fake_clean(struct task *task)
{
    clean_is_called = true;
    task_cleaned(task);
}

static const struct driver fake = {.start = fake_start, .clean = fake_clean};

static struct task *make_task(const char *id)
{
    struct task *task = task_new(&shim, id, "/no/bundle");
    pid_t pid = fork();

    if (pid == 0) {
        pause();
        _exit(0);
    }
    for (int i = 0; i < 3; i++)
        task->stream_paths[i] = strdup("");
    task->driver = &fake;
    task->cgroup.path = NULL;
    task_has_pid(task, pid);
    task->state = TASK_CREATED;
    return task;
}

static void set_up(void)
{
    uv_loop_init(&shim.loop);
    reaper_init(&shim.reaper, &shim.loop);
    events_init(&shim.events, &shim.loop, "unix://events", "ns");
    uv_timer_init(&shim.loop, &shim.stopping);
    uv_timer_init(&shim.loop, &shim.idle);
    shim.stopping.data = shim.idle.data = &shim;
    shim.socket_path = strdup("socket");
    CHECK(server_init(&shim.server, &shim.loop, listen_on("socket"),
                      service_handle, &shim));
    client = connect_to("socket");
}

/* -- Tests ----------------------------------------------------------------- */

TEST(service_answers_wrong_requests)
{
    Pb__Empty empty = PB__EMPTY__INIT;
    Pb__ProcessRequest exec = PB__PROCESS_REQUEST__INIT;
    Pb__Response *response;
    uint32_t stream;

    set_up();
    CHECK_EQ(call_id("State", "nobody"), FAULT_NOT_FOUND);
    CHECK_EQ(call_id("Exec", "nobody"), FAULT_UNIMPLEMENTED);
    send_request("containerd.task.v9.Task", "State", &empty);
    response = receive(&stream);
    CHECK_EQ(response->status->code, FAULT_UNIMPLEMENTED);
    message_free(response);
    send_frame((struct frame_head){3, 99, FRAME_REQUEST, 0}, "\xff\xff\xff");
    response = receive(&stream);
    CHECK_EQ(stream, 99u);
    CHECK_EQ(response->status->code, FAULT_INVALID);
    message_free(response);
    send_frame((struct frame_head){0, 101, FRAME_REQUEST, 2}, ""); /* streams */
    response = receive(&stream);
    CHECK_EQ(response->status->code, FAULT_UNIMPLEMENTED);
    message_free(response);
    make_task("a");
    exec.id = (char *)"a";
    exec.exec_id = (char *)"e";
    CHECK_EQ(call("State", &exec, NULL, NULL), FAULT_NOT_FOUND);
    CHECK_EQ(call_id("Connect", "a"), 0);
}

TEST(service_refuses_frames_that_are_too_long)
{
    struct frame_head head = {FRAME_MAX_BYTES + 1, 5, FRAME_REQUEST, 0};
    uint8_t raw[FRAME_HEAD_BYTES];
    Pb__Response *response;
    uint32_t stream;

    set_up();
    frame_write_head(raw, &head);
    CHECK_EQ(send(client, raw, sizeof(raw), 0), (ssize_t)sizeof(raw));
    response = receive(&stream);
    CHECK_EQ(stream, 5u);
    CHECK_EQ(response->status->code, FAULT_EXHAUSTED);
    message_free(response);
}

TEST(service_refuses_bad_creates)
{
    Pb__CreateRequest create = PB__CREATE_REQUEST__INIT;

    set_up();
    create.bundle = (char *)"/b";
    create.id = (char *)"../x";
    CHECK_EQ(call("Create", &create, NULL, NULL), FAULT_INVALID);
    create.id = (char *)"";
    CHECK_EQ(call("Create", &create, NULL, NULL), FAULT_INVALID);
    create.id = (char *)"x";
    create.bundle = (char *)"b";
    CHECK_EQ(call("Create", &create, NULL, NULL), FAULT_INVALID);
    create.bundle = (char *)"/no/such/bundle";
    create.terminal = true;
    CHECK_EQ(call("Create", &create, NULL, NULL), FAULT_UNIMPLEMENTED);
    create.terminal = false;
    CHECK_EQ(call("Create", &create, NULL, NULL), FAULT_UNKNOWN);
    CHECK(shim.tasks == NULL); /* nothing of them is left */
    make_task("x");
    CHECK_EQ(call("Create", &create, NULL, NULL), FAULT_EXISTS);
}

/* Nothing is begun, and nothing is left that a Create would find. */
TEST(service_expects_nothing_bad)
{
    static const char *const texts[] = {
        "{", "{\"root\":{\"path\":\"r\"},\"process\":{\"args\":[\"/bin/sh\"],"
             "\"cwd\":\"/\"}}"};
    Pb__CreateRequest create = PB__CREATE_REQUEST__INIT;
    char here[PATH_MAX];

    set_up();
    create.id = (char *)"../x";
    create.bundle = getcwd(here, sizeof(here));
    CHECK_EQ(expect(&create), 0);
    create.id = (char *)"x";
    CHECK_EQ(expect(&create), 0); /* there is no config.json */
    for (int i = 0; i < 2; i++) {
        FILE *file = fopen("config.json", "w");

        CHECK(file && fputs(texts[i], file) >= 0 && fclose(file) == 0);
        CHECK_EQ(expect(&create), 0);
        CHECK(shim.tasks == NULL);
    }
    make_task("x");
    CHECK_EQ(expect(&create), 0);
    CHECK(!shim.tasks->is_expected && !shim.tasks->next);
}

TEST(service_moves_a_task_through_its_states)
{
    Pb__ProcessRequest request = PB__PROCESS_REQUEST__INIT;
    Pb__KillRequest kill_request = PB__KILL_REQUEST__INIT;
    Pb__WaitReply *end = NULL;
    Pb__DeleteReply *deleted = NULL;
    Pb__Response *response;
    uint32_t stream, waiting;

    set_up();
    make_task("a");
    request.id = kill_request.id = (char *)"a";
    CHECK_EQ(state_of("a"), PB__TASK_STATUS__CREATED);
    CHECK_EQ(call_id("Pause", "a"), FAULT_PRECONDITION);
    CHECK_EQ(call_id("Resume", "a"), FAULT_PRECONDITION);
    waiting = send_request("containerd.task.v3.Task", "Wait", &request);
    CHECK_EQ(call_id("Start", "a"), 0);
    CHECK_EQ(call_id("Start", "a"), FAULT_UNKNOWN);
    CHECK_EQ(state_of("a"), PB__TASK_STATUS__RUNNING);
    CHECK_EQ(call_id("Delete", "a"), FAULT_PRECONDITION);
    kill_request.signal = 65;
    CHECK_EQ(call("Kill", &kill_request, NULL, NULL), FAULT_INVALID);
    kill_request.signal = SIGTERM;
    CHECK_EQ(call("Kill", &kill_request, NULL, NULL), 0);
    response = receive(&stream); /* of the Wait */
    CHECK_EQ(stream, waiting);
    message_free(response);
    CHECK_EQ(state_of("a"), PB__TASK_STATUS__STOPPED);
    CHECK_EQ(call("Wait", &request, &pb__wait_reply__descriptor, (void **)&end),
             0);
    CHECK_EQ(end->exit_status, 128u + SIGTERM);
    CHECK_EQ(call("Kill", &kill_request, NULL, NULL), FAULT_NOT_FOUND);
    CHECK_EQ(call_id("Start", "a"), FAULT_UNKNOWN);
    CHECK_EQ(call_id("Stats", "a"), FAULT_NOT_FOUND);
    CHECK_EQ(call("Delete", &request, &pb__delete_reply__descriptor,
                  (void **)&deleted),
             0);
    CHECK_EQ(deleted->exit_status, 128u + SIGTERM);
    CHECK(clean_is_called);
    CHECK_EQ(call_id("State", "a"), FAULT_NOT_FOUND);
    message_free(end);
    message_free(deleted);
}

TEST(service_deletes_what_was_never_started)
{
    set_up();
    make_task("a");
    CHECK_EQ(call_id("Delete", "a"), 0);
    CHECK(shim.tasks == NULL);
}

TEST(service_keeps_a_task_whose_start_failed)
{
    set_up();
    make_task("a");
    start_fails = true;
    CHECK_EQ(call_id("Start", "a"), FAULT_UNKNOWN);
    CHECK_EQ(state_of("a"), PB__TASK_STATUS__CREATED);
}

TEST(service_shuts_down_with_its_last_task)
{
    Pb__ShutdownRequest request = PB__SHUTDOWN_REQUEST__INIT;

    set_up();
    make_task("a");
    CHECK_EQ(call("Shutdown", &request, NULL, NULL), 0);
    CHECK(shim.socket_path != NULL);
    CHECK_EQ(call_id("Delete", "a"), 0);
    CHECK_EQ(call("Shutdown", &request, NULL, NULL), 0);
    CHECK(shim.socket_path == NULL);
    CHECK_EQ(access("socket", F_OK), -1);
}

/* containerd has given up a Create, asked for the end, and will not again. */
TEST(service_ends_when_an_abandoned_create_does)
{
    Pb__ShutdownRequest request = PB__SHUTDOWN_REQUEST__INIT;
    struct task *task;

    set_up();
    task = make_task("a");
    task->state = TASK_CREATING;
    CHECK_EQ(call("Shutdown", &request, NULL, NULL), 0);
    CHECK(shim.socket_path != NULL);
    task->state = TASK_CREATED;
    CHECK_EQ(call_id("Delete", "a"), 0);
    CHECK(shim.socket_path == NULL);
}

TEST(service_ends_when_it_is_idle_and_its_bundle_goes)
{
    set_up();
    CHECK_EQ(system("touch config.json"), 0);
    make_task("a");
    CHECK_EQ(call_id("Delete", "a"), 0);
    CHECK(uv_is_active((uv_handle_t *)&shim.idle));
    shim.idle.timer_cb(&shim.idle);
    CHECK(shim.socket_path != NULL);
    CHECK_EQ(unlink("config.json"), 0);
    shim.idle.timer_cb(&shim.idle);
    CHECK(shim.socket_path == NULL);
}

/* A connection that closes takes its calls with it, and nothing else. */
TEST(service_survives_a_connection_with_open_calls)
{
    Pb__ProcessRequest request = PB__PROCESS_REQUEST__INIT;

    set_up();
    make_task("a");
    request.id = (char *)"a";
    CHECK_EQ(call_id("Start", "a"), 0);
    send_request("containerd.task.v2.Task", "Wait", &request);
    uv_run(&shim.loop, UV_RUN_NOWAIT);
    close(client);
    uv_run(&shim.loop, UV_RUN_NOWAIT);
    kill(shim.tasks->pid, SIGKILL);
    client = connect_to("socket");
    CHECK_EQ(call("Wait", &request, NULL, NULL), 0);
    CHECK_EQ(shim.server.unanswered, 0u);
}

/* -- Events ---------------------------------------------------------------- */

/* Reads one event as containerd does, and answers. */
static void take_event(int fd, struct frame_reader *reader, const char *topic)
{
    Pb__Response answer = PB__RESPONSE__INIT;
    struct frame_head head = {.type = FRAME_RESPONSE};
    uint8_t byte, raw[FRAME_HEAD_BYTES];
    Pb__ForwardRequest *forward;
    Pb__Request *request;

    for (int i = 0; i < 4000; i++) {
        const uint8_t *at = &byte;
        size_t left = 1;

        uv_run(&shim.loop, UV_RUN_NOWAIT);
        if (recv(fd, &byte, 1, MSG_DONTWAIT) != 1) {
            usleep(500);
            continue;
        }
        if (frame_read(reader, &at, &left) == FRAME_READY)
            break;
    }
    request = message_unpack(&pb__request__descriptor, reader->body,
                             reader->head.len);
    CHECK(request != NULL);
    CHECK_STR_EQ(request->method, "Forward");
    CHECK_STR_EQ(request->metadata[0]->value, "ns");
    forward = message_unpack(&pb__forward_request__descriptor,
                             request->payload.data, request->payload.len);
    CHECK(forward != NULL);
    CHECK_STR_EQ(forward->envelope->topic, topic);
    head.stream = reader->head.stream;
    head.len = (uint32_t)protobuf_c_message_get_packed_size(&answer.base);
    frame_write_head(raw, &head);
    CHECK_EQ(send(fd, raw, sizeof(raw), 0), (ssize_t)sizeof(raw));
    message_free(forward);
    message_free(request);
}

static int accept_within(int listener)
{
    for (int i = 0; i < 8000; i++) {
        int fd = accept(listener, NULL, NULL);

        if (fd >= 0)
            return fd;
        uv_run(&shim.loop, UV_RUN_NOWAIT);
        usleep(500);
    }
    FAIL("no connection");
}

/* They wait while containerd is away, and come in order when it is back, the
 * one that had no answer once more. */
TEST(events_wait_for_containerd_and_keep_their_order)
{
    static const char *const topics[] = {"/tasks/start", "/tasks/exit",
                                         "/tasks/delete"};
    struct frame_reader reader = {0};
    struct task *task;
    int listener, fd;

    set_up();
    task = make_task("a");
    CHECK_EQ(call_id("Start", "a"), 0);
    kill(task->pid, SIGKILL);
    while (state_of("a") != PB__TASK_STATUS__STOPPED)
        ;
    CHECK_EQ(call_id("Delete", "a"), 0);
    CHECK_EQ(shim.events.count, 3u);
    listener = listen_on("events");
    fd = accept_within(listener);
    take_event(fd, &reader, topics[0]);
    for (int i = 0; i < 20; i++) {
        uv_run(&shim.loop, UV_RUN_NOWAIT);
        usleep(500);
    }
    close(fd); /* the exit is on its way and gets no answer */
    frame_reader_fini(&reader);
    fd = accept_within(listener);
    take_event(fd, &reader, topics[1]);
    take_event(fd, &reader, topics[2]);
    for (int i = 0; i < 20; i++)
        uv_run(&shim.loop, UV_RUN_NOWAIT);
    CHECK(events_done(&shim.events));
    frame_reader_fini(&reader);
}

/* containerd restarted while there was nothing to tell. */
TEST(events_reach_a_containerd_that_was_away_unnoticed)
{
    Pb__TaskNotice notice = PB__TASK_NOTICE__INIT;
    struct frame_reader reader = {0};
    int listener, fd;

    set_up();
    notice.container_id = (char *)"a";
    listener = listen_on("events");
    for (int i = 0; i < 3; i++) {
        events_send(&shim.events, "/tasks/oom", "TaskOOM", &notice);
        fd = accept_within(listener);
        take_event(fd, &reader, "/tasks/oom");
        while (!events_done(&shim.events))
            uv_run(&shim.loop, UV_RUN_NOWAIT);
        close(fd);
        frame_reader_fini(&reader);
        while (shim.events.pipe)
            uv_run(&shim.loop, UV_RUN_NOWAIT);
    }
}

/* Exits are what nobody else can tell; they are dropped last. */
TEST(events_drop_others_before_exits)
{
    Pb__TaskNotice notice = PB__TASK_NOTICE__INIT;

    set_up();
    notice.container_id = (char *)"a";
    for (int i = 0; i < 10; i++)
        events_send(&shim.events, "/tasks/exit", "TaskExit", &notice);
    for (int i = 0; i < EVENTS_MAX_QUEUED; i++)
        events_send(&shim.events, "/tasks/oom", "TaskOOM", &notice);
    CHECK_EQ(shim.events.count, (unsigned)EVENTS_MAX_QUEUED);
    for (int i = 0; i < EVENTS_MAX_QUEUED; i++)
        events_send(&shim.events, "/tasks/exit", "TaskExit", &notice);
    CHECK_EQ(shim.events.count, (unsigned)EVENTS_MAX_QUEUED);
}
