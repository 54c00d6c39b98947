/*
 * Tasks that wait in the embedder's loop: WASI's sleeping and reading, and
 * wasmrt_caller_wait().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/api/host.h"
#include "tests/api/tasks.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* -- A loop ---------------------------------------------------------------- */

enum { MOST = 300 };

/* What a task waits for. */
struct waiting {
    wasmrt_task *task;
    wasmrt_waitfd *fds;
    size_t n;
    uint64_t deadline_ns;
};

static struct waiting waiting[MOST];
static int nwaiting, most_waiting, nasked;
static bool tells_ready;

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static wasmrt_error *enqueue(void *user, wasmrt_task *task, wasmrt_waitfd *fds,
                             size_t n, uint64_t deadline_ns)
{
    CHECK_EQ(user, &nwaiting);
    CHECK(nwaiting < MOST);
    waiting[nwaiting++] = (struct waiting){task, fds, n, deadline_ns};
    most_waiting = nwaiting > most_waiting ? nwaiting : most_waiting;
    nasked++;
    return NULL;
}

/* Whether the task is to be resumed. */
static bool is_due(const struct waiting *w, uint64_t now)
{
    bool is_ready = now >= w->deadline_ns;

    for (size_t i = 0; i < w->n; i++) {
        struct pollfd fd = {
            .fd = w->fds[i].fd,
            .events = w->fds[i].events & WASMRT_WAIT_READ ? POLLIN : POLLOUT};

        if (poll(&fd, 1, 0) == 1) {
            is_ready = true;
            if (tells_ready)
                w->fds[i].ready = w->fds[i].events;
        }
    }
    return is_ready;
}

/* One turn; the error that the first task ended with, if any. */
static wasmrt_error *turn(void)
{
    uint64_t now = now_ns();

    for (int i = 0; i < nwaiting; i++) {
        struct waiting w = waiting[i];
        wasmrt_error *error;

        if (!is_due(&w, now))
            continue;
        waiting[i--] = waiting[--nwaiting];
        error = wasmrt_task_resume(w.task, NULL);
        if (error)
            return error;
    }
    return NULL;
}

static void run_loop(void)
{
    while (nwaiting)
        check_ok(turn());
}

/* -- Guests ---------------------------------------------------------------- */

/* sleep: ms, by the monotonic clock; read: n bytes of standard input; poll:
 * standard input and the clock; nonblock: sets that flag of it. */
static const char wasi_guest[] =
    "(module"
    " (import \"wasi_snapshot_preview1\" \"poll_oneoff\""
    "  (func $poll (param i32 i32 i32 i32) (result i32)))"
    " (import \"wasi_snapshot_preview1\" \"fd_read\""
    "  (func $read (param i32 i32 i32 i32) (result i32)))"
    " (import \"wasi_snapshot_preview1\" \"fd_fdstat_set_flags\""
    "  (func $flags (param i32 i32) (result i32)))"
    " (memory (export \"memory\") 1)"
    /* The error * 1000 + the number of events. */
    " (func (export \"sleep\") (param $ms i32) (result i32)"
    "  (i32.store8 (i32.const 8) (i32.const 0))"
    "  (i32.store (i32.const 16) (i32.const 1))"
    "  (i64.store (i32.const 24)"
    "   (i64.mul (i64.extend_i32_u (local.get $ms)) (i64.const 1000000)))"
    "  (i32.add (i32.mul (i32.const 1000)"
    "   (call $poll (i32.const 0) (i32.const 100) (i32.const 1)"
    "    (i32.const 200))) (i32.load (i32.const 200))))"
    /* The error * 1000 + the number of bytes + the first byte. */
    " (func (export \"read\") (param $n i32) (result i32)"
    "  (i32.store (i32.const 0) (i32.const 32))"
    "  (i32.store (i32.const 4) (local.get $n))"
    "  (i64.store (i32.const 16) (i64.const 0))"
    "  (i32.store8 (i32.const 32) (i32.const 0))"
    "  (i32.add (i32.mul (i32.const 1000)"
    "   (call $read (i32.const 0) (i32.const 0) (i32.const 1)"
    "    (i32.const 16)))"
    "  (i32.add (i32.load (i32.const 16)) (i32.load8_u (i32.const 32)))))"
    /* 100 * the bytes + 10 * the flags of the first event + the number of
     * events. */
    " (func (export \"poll\") (param $ms i32) (result i32)"
    "  (i32.store8 (i32.const 8) (i32.const 1))"
    "  (i32.store (i32.const 16) (i32.const 0))"
    "  (i32.store8 (i32.const 56) (i32.const 0))"
    "  (i32.store (i32.const 64) (i32.const 1))"
    "  (i64.store (i32.const 72)"
    "   (i64.mul (i64.extend_i32_u (local.get $ms)) (i64.const 1000000)))"
    "  (drop (call $poll (i32.const 0) (i32.const 200) (i32.const 2)"
    "    (i32.const 400)))"
    "  (i32.add (i32.mul (i32.const 100) (i32.load (i32.const 216)))"
    "  (i32.add (i32.mul (i32.const 10) (i32.load16_u (i32.const 224)))"
    "   (i32.load (i32.const 400)))))"
    " (func (export \"nonblock\") (param i32) (result i32)"
    "  (call $flags (i32.const 0) (i32.const 4))))";

/* A store with the guest; the task runs nothing yet. */
struct tenant {
    wasmrt_store *store;
    wasmrt_instance *inst;
    wasmrt_task *task;
    int input; /* the end of a pipe to write to, or -1 */
};

static wasmrt_module *module;

static struct tenant new_tenant(wasmrt_wasi_config *wasi_taken, int input)
{
    struct tenant t = {.input = input};

    check_ok(wasmrt_store_new(engine, &t.store));
    check_ok(wasmrt_store_set_wasi(t.store, wasi_taken));
    wasmrt_wasi_config_delete(wasi_taken);
    check_ok(wasmrt_linker_instantiate(linker, t.store, module, &t.inst));
    check_ok(wasmrt_task_new(t.store, NULL, &t.task));
    wasmrt_store_set_waiter(t.store, enqueue, &nwaiting);
    return t;
}

/* One with a pipe as its input. */
static struct tenant new_reader(void)
{
    wasmrt_wasi_config *wasi = wasmrt_wasi_config_new();
    struct tenant t;
    int ends[2];

    CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
    wasmrt_wasi_config_stream_fd(wasi, WASMRT_WASI_STDIN, ends[0]);
    t = new_tenant(wasi, ends[1]);
    close(ends[0]);
    return t;
}

static void end_tenant(const struct tenant *t)
{
    if (t->input >= 0)
        close(t->input);
    wasmrt_store_delete(t->store);
}

static void start_tenant(const struct tenant *t, const char *name, int arg)
{
    wasmrt_val value = wasmrt_i32(arg);

    check_ok(wasmrt_task_start(t->task, wasmrt_instance_func(t->inst, name),
                               &value, 1));
}

static void open_loop(int mode)
{
    host_open_with(mode_config(mode));
    check_ok(wasmrt_wasi_link(linker));
    module = host_module(wasi_guest);
    nwaiting = most_waiting = nasked = 0;
}

static void close_loop(void)
{
    wasmrt_module_delete(module);
    host_close();
}

/* -- Tests ----------------------------------------------------------------- */

TEST(task_wasi_sleeps_without_a_thread)
{
    FOR_MODES(mode)
    {
        struct tenant a, b;
        uint64_t begin;

        open_loop(mode);
        a = new_reader();
        b = new_reader();
        begin = now_ns();
        start_tenant(&a, "sleep", 60);
        start_tenant(&b, "sleep", 50);
        CHECK_EQ(nwaiting, 2);
        CHECK_EQ(waiting[0].n, 0);
        CHECK(waiting[0].deadline_ns >= begin + 60000000);
        run_loop();
        CHECK(now_ns() - begin >= 60000000);
        CHECK_EQ(result_of(a.task), 1);
        CHECK_EQ(result_of(b.task), 1);
        end_tenant(&a);
        end_tenant(&b);
        close_loop();
    }
}

TEST(task_wasi_reads_of_hundreds_on_one_thread)
{
    enum { COUNT = 200 };
    static struct tenant t[COUNT];

    FOR_MODES(mode)
    {
        tells_ready = mode & 1;
        open_loop(mode);
        for (int i = 0; i < COUNT; i++) {
            t[i] = new_reader();
            start_tenant(&t[i], "read", 10);
        }
        CHECK_EQ(nwaiting, COUNT);
        check_ok(turn()); /* nobody is ready */
        CHECK_EQ(nwaiting, COUNT);
        /* Woken for nothing, one goes on waiting. */
        nwaiting--;
        check_ok(wasmrt_task_resume(waiting[nwaiting].task, NULL));
        CHECK_EQ(nwaiting, COUNT);
        CHECK_EQ(nasked, COUNT + 1);
        for (int i = 0; i < COUNT; i++) {
            char bytes[3] = {(char)(i % 100), 1, 2};

            CHECK_EQ(write(t[i].input, bytes, (size_t)(1 + i % 3)), 1 + i % 3);
        }
        run_loop();
        for (int i = 0; i < COUNT; i++) {
            CHECK_EQ(result_of(t[i].task), 1 + i % 3 + i % 100);
            end_tenant(&t[i]);
        }
        close_loop();
    }
}

TEST(task_wasi_wait_is_stopped)
{
    FOR_MODES(mode)
    {
        wasmrt_error *error;
        struct tenant t;
        uint64_t deadline;

        open_loop(mode);
        t = new_reader();
        start_tenant(&t, "read", 1);
        nwaiting = 0;
        check_ok(wasmrt_task_cancel(t.task));
        CHECK(!wasmrt_task_is_suspended(t.task));
        start_tenant(&t, "read", 1);
        wasmrt_store_interrupt(t.store);
        check_code(wasmrt_task_resume(waiting[--nwaiting].task, NULL),
                   WASMRT_ERR_INTERRUPTED);
        /* The loop learns when the store's deadline is. */
        deadline = now_ns() + UINT64_C(3600) * 1000000000;
        wasmrt_store_set_deadline(t.store, deadline);
        start_tenant(&t, "sleep", 100000000);
        CHECK_EQ(waiting[0].deadline_ns, deadline);
        deadline = now_ns() + 20000000;
        wasmrt_store_set_deadline(t.store, deadline);
        do
            error = wasmrt_task_resume(waiting[--nwaiting].task, NULL);
        while (!error);
        check_code(error, WASMRT_ERR_DEADLINE);
        CHECK(now_ns() >= deadline);
        wasmrt_store_set_deadline(t.store, 0);
        start_tenant(&t, "read", 1); /* ends with the store */
        end_tenant(&t);
        close_loop();
    }
}

static wasmrt_error *refuse(void *user, wasmrt_task *task, wasmrt_waitfd *fds,
                            size_t n, uint64_t deadline_ns)
{
    (void)user;
    (void)task;
    (void)deadline_ns;
    CHECK_EQ(n, 1);
    CHECK_EQ(fds[0].events, WASMRT_WAIT_READ);
    return wasmrt_error_new(WASMRT_ERR_HOST_TRAP, "the loop is full");
}

/* Outside of tasks, and without a waiter, the thread waits; a waiter may
 * refuse. */
TEST(task_wait_without_a_loop_blocks)
{
    FOR_MODES(mode)
    {
        wasmrt_val arg = wasmrt_i32(10), result;
        struct tenant t;

        open_loop(mode);
        t = new_reader();
        check_ok(wasmrt_func_call(t.store,
                                  wasmrt_instance_func(t.inst, "sleep"), &arg,
                                  1, &result, 1));
        CHECK_EQ(nasked, 0);
        wasmrt_store_set_waiter(t.store, NULL, NULL);
        start_tenant(&t, "sleep", 10);
        CHECK_EQ(result_of(t.task), 1);
        wasmrt_store_set_waiter(t.store, refuse, NULL);
        check_error(wasmrt_task_start(
                        t.task, wasmrt_instance_func(t.inst, "read"), &arg, 1),
                    WASMRT_ERR_HOST_TRAP, "the loop is full");
        end_tenant(&t);
        close_loop();
    }
}

/* -- Streams of the embedder ----------------------------------------------- */

enum { HOSE_BYTE = 7 };

/* Gives what it has; -1 is the end. */
struct hose {
    int left, asked, polled;
};

static int64_t read_hose(void *user, void *buf, size_t len)
{
    struct hose *hose = user;

    hose->asked++;
    if (hose->left == 0)
        return WASMRT_WASI_NOT_NOW;
    if (hose->left < 0)
        return 0;
    len = (size_t)hose->left < len ? (size_t)hose->left : len;
    memset(buf, HOSE_BYTE, len);
    hose->left -= (int)len;
    return (int64_t)len;
}

static int64_t hose_ready(void *user)
{
    struct hose *hose = user;

    hose->polled++;
    return hose->left;
}

static struct tenant new_hose(struct hose *hose)
{
    wasmrt_wasi_config *wasi = wasmrt_wasi_config_new();

    wasmrt_wasi_config_source(wasi, read_hose, hose);
    wasmrt_wasi_config_ready(wasi, WASMRT_WASI_STDIN, hose_ready, hose);
    /* Nothing is to be asked about those that are no functions. */
    wasmrt_wasi_config_ready(wasi, WASMRT_WASI_STDOUT, hose_ready, NULL);
    return new_tenant(wasi, -1);
}

TEST(task_wasi_reads_wait_for_functions)
{
    FOR_MODES(mode)
    {
        struct hose hose = {0};
        wasmrt_val arg = wasmrt_i32(10), result;
        struct tenant t;

        open_loop(mode);
        t = new_hose(&hose);
        start_tenant(&t, "read", 10);
        CHECK(wasmrt_task_is_suspended(t.task));
        check_ok(wasmrt_task_resume(t.task, NULL));
        CHECK(wasmrt_task_is_suspended(t.task));
        CHECK_EQ(hose.asked, 2);
        hose.left = 4;
        check_ok(wasmrt_task_resume(t.task, NULL));
        CHECK_EQ(result_of(t.task), 4 + HOSE_BYTE);
        start_tenant(&t, "read", 10);
        hose.left = -1;
        check_ok(wasmrt_task_resume(t.task, NULL));
        CHECK_EQ(result_of(t.task), 0);
        hose.left = 0;
        start_tenant(&t, "read", 10);
        wasmrt_store_interrupt(t.store);
        check_code(wasmrt_task_resume(t.task, NULL), WASMRT_ERR_INTERRUPTED);
        start_tenant(&t, "read", 10);
        check_ok(wasmrt_task_cancel(t.task));
        CHECK(!wasmrt_task_is_suspended(t.task));
        /* Who cannot be suspended, or does not want to, is told: EAGAIN. */
        check_ok(wasmrt_func_call(t.store, wasmrt_instance_func(t.inst, "read"),
                                  &arg, 1, &result, 1));
        CHECK_EQ(result.of.i32, 6000);
        start_tenant(&t, "nonblock", 0);
        start_tenant(&t, "read", 10);
        CHECK_EQ(result_of(t.task), 6000);
        CHECK_EQ(nasked, 0);
        end_tenant(&t);
        close_loop();
    }
}

TEST(task_wasi_polls_functions)
{
    FOR_MODES(mode)
    {
        struct hose hose = {0};
        struct tenant t;

        open_loop(mode);
        t = new_hose(&hose);
        start_tenant(&t, "poll", 3600000);
        CHECK_EQ(nwaiting, 1);
        CHECK_EQ(waiting[0].n, 1);
        CHECK(waiting[0].fds[0].fd < 0);
        check_ok(wasmrt_task_resume(t.task, NULL)); /* for nothing */
        CHECK(wasmrt_task_is_suspended(t.task));
        CHECK_EQ(nwaiting, 2);
        hose.left = 3;
        check_ok(wasmrt_task_resume(t.task, NULL));
        CHECK_EQ(result_of(t.task), 301);
        hose.left = -1; /* at once, and its end */
        start_tenant(&t, "poll", 3600000);
        CHECK_EQ(result_of(t.task), 11);
        /* The clock comes first. */
        hose.left = 0;
        nwaiting = 0;
        start_tenant(&t, "poll", 20);
        run_loop();
        CHECK_EQ(result_of(t.task), 1);
        end_tenant(&t);
        close_loop();
    }
}
