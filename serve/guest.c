/*
 * A guest and its threads.  Everything that both sides touch has the guest's
 * lock; the instance itself belongs to the thread that runs it.
 *
 * A guest that has to wait says what for, under the lock, and is suspended.
 * Whoever changes that in the meantime finds that it is not parked yet, and
 * leaves a mark: then it goes on at once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "serve/guest.h"

#include "serve/log.h"
#include "serve/pool.h"
#include "serve/ring.h"
#include "wasmrt/task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

enum {
    IN_BYTES = 64 * 1024,
    OUT_BYTES = 64 * 1024,
    LINE_BYTES = 1024,           /* of standard error */
    MAX_STDERR_BYTES = 64 * 1024 /* of one guest; the rest is lost */
};

struct guest {
    struct pool_job job; /* first: see run_job() */
    struct pool *pool;
    const struct app *app;
    wasmrt_wasi_config *wasi; /* owned */
    struct guest_listener listener;
    char id[24];

    uv_mutex_t lock; /* of what follows */
    struct ring in, out;
    bool has_all_input;
    bool wants_input, wants_room; /* it waits for that */
    bool is_told;
    bool is_parked;   /* suspended, and nobody is about to go on with it */
    bool is_woken;    /* there was something for it before it was parked */
    uint64_t wake_ns; /* when to wake it; UINT64_MAX: at no time */
    enum guest_end stopped;  /* why it is to end */
    enum guest_end end;      /* why it has ended */
    wasmrt_store *stoppable; /* the store while it may be interrupted */
    uint64_t written;

    /* Of the thread that runs it alone; the report is constant when it has
     * ended. */
    wasmrt_store *store; /* owned, with the task */
    wasmrt_task *task;
    uint64_t begin_ns;
    struct guest_report report;
    char line[LINE_BYTES];
    size_t line_len, stderr_bytes;
};

/* With the lock. */
static void tell(struct guest *guest)
{
    if (guest->is_told)
        return;
    guest->is_told = true;
    guest->listener.tell(guest, guest->listener.user);
}

/* With the lock.  Whether the caller is to bring it back, without the lock. */
static bool wake(struct guest *guest)
{
    bool was_parked = guest->is_parked;

    guest->is_woken = !was_parked;
    guest->is_parked = false;
    return was_parked;
}

static void bring_back(struct guest *guest, bool is_due)
{
    if (is_due)
        pool_resume(guest->pool, &guest->job);
}

/* With the lock. */
static void stop(struct guest *guest, enum guest_end why)
{
    if (guest->stopped != GUEST_RUNS || guest->end != GUEST_RUNS)
        return;
    guest->stopped = why;
    if (guest->stoppable)
        wasmrt_store_interrupt(guest->stoppable);
}

/* -- Standard streams, on the guest's thread ------------------------------- */

/* With the lock: whether it must wait for input; then the loop is told. */
static bool waits_for_input(struct guest *guest)
{
    if (guest->in.len > 0 || guest->has_all_input ||
        guest->stopped != GUEST_RUNS)
        return false;
    guest->wants_input = true;
    tell(guest);
    return true;
}

/* The same for room. */
static bool waits_for_room(struct guest *guest)
{
    if (ring_room(&guest->out) > 0 || guest->stopped != GUEST_RUNS)
        return false;
    guest->wants_room = true;
    tell(guest);
    return true;
}

static int64_t read_input(void *user, void *buf, size_t len)
{
    struct guest *guest = user;
    int64_t count = WASMRT_WASI_NOT_NOW;

    uv_mutex_lock(&guest->lock);
    if (!waits_for_input(guest))
        count = guest->stopped == GUEST_RUNS
                    ? (int64_t)ring_get(&guest->in, buf, len)
                    : -1;
    if (count > 0 && !guest->has_all_input)
        tell(guest);
    uv_mutex_unlock(&guest->lock);
    return count;
}

/* With the lock; there is room, or it is to end. */
static int64_t put_output(struct guest *guest, const void *buf, size_t len)
{
    uint64_t left = guest->app->limits.output_bytes - guest->written;
    size_t put;

    if (guest->stopped != GUEST_RUNS)
        return -1;
    put = ring_put(&guest->out, buf, len < left ? len : (size_t)left);
    guest->written += put;
    tell(guest);
    return put > 0 ? (int64_t)put : -1;
}

static int64_t write_output(void *user, const void *buf, size_t len)
{
    struct guest *guest = user;
    int64_t count;

    uv_mutex_lock(&guest->lock);
    if (guest->written >= guest->app->limits.output_bytes)
        stop(guest, GUEST_TOO_LONG);
    count = waits_for_room(guest) ? WASMRT_WASI_NOT_NOW
                                  : put_output(guest, buf, len);
    uv_mutex_unlock(&guest->lock);
    return count;
}

/* For guests that poll; one that is to end finds out by reading. */
static int64_t input_ready(void *user)
{
    struct guest *guest = user;
    int64_t count = 0;

    uv_mutex_lock(&guest->lock);
    if (!waits_for_input(guest))
        count = guest->in.len > 0 ? (int64_t)guest->in.len : -1;
    uv_mutex_unlock(&guest->lock);
    return count;
}

static int64_t output_ready(void *user)
{
    struct guest *guest = user;
    int64_t count = 0;

    uv_mutex_lock(&guest->lock);
    if (!waits_for_room(guest))
        count =
            guest->stopped == GUEST_RUNS ? (int64_t)ring_room(&guest->out) : -1;
    uv_mutex_unlock(&guest->lock);
    return count;
}

static void flush_line(struct guest *guest)
{
    if (guest->line_len > 0)
        log_guest(guest->id, guest->line, guest->line_len);
    guest->line_len = 0;
}

/* What a guest says goes to the log line by line, and no more than so much. */
static int64_t write_error(void *user, const void *buf, size_t len)
{
    struct guest *guest = user;
    const char *bytes = buf;

    for (size_t i = 0; i < len; i++) {
        if (guest->stderr_bytes++ >= MAX_STDERR_BYTES)
            break;
        if (bytes[i] == '\n' || guest->line_len == LINE_BYTES)
            flush_line(guest);
        if (bytes[i] != '\n')
            guest->line[guest->line_len++] = bytes[i];
    }
    return (int64_t)len;
}

/* -- Running, on the guest's thread ---------------------------------------- */

static void set_end(struct guest *guest, enum guest_end end, const char *text)
{
    guest->report.end = end;
    snprintf(guest->report.text, sizeof(guest->report.text), "%s", text);
}

/* Says in which function it was, as far as names are known. */
static void log_frames(const struct guest *guest, const wasmrt_error *error)
{
    size_t count = wasmrt_error_frame_count(error);

    for (size_t i = 0; i < count && i < 8; i++) {
        const wasmrt_frame *frame = wasmrt_error_frame(error, i);
        char line[160];
        int len = snprintf(line, sizeof(line), "  at %.100s (function %u)",
                           frame->func_name ? frame->func_name : "?",
                           frame->func_idx);

        log_guest(guest->id, line,
                  len < (int)sizeof(line) ? (size_t)len : sizeof(line) - 1);
    }
}

/* What the end of the program means.  Why it was interrupted is known to
 * finish(). */
static void judge(struct guest *guest, const wasmrt_error *error)
{
    wasmrt_code code;

    if (!error) {
        guest->report.end = GUEST_RETURNED;
        return;
    }
    code = wasmrt_error_code(error);
    if (wasmrt_error_kind(error) == WASMRT_KIND_EXIT) {
        guest->report.end = GUEST_RETURNED;
        guest->report.status = wasmrt_error_exit_status(error);
        return;
    }
    set_end(guest,
            code == WASMRT_ERR_FUEL_EXHAUSTED ? GUEST_OUT_OF_FUEL
                                              : GUEST_TRAPPED,
            wasmrt_error_message(error));
    if (code != WASMRT_ERR_INTERRUPTED)
        log_frames(guest, error);
}

/* -- Waiting, on the guest's thread ---------------------------------------- */

/* What the loop does not watch is looked at from time to time: pipes that a
 * guest has found in its directories. */
static const uint64_t look_ns = 10000000;

/* The waiter of the store: leaves word when to be woken. */
static wasmrt_error *note_wait(void *user, wasmrt_task *task,
                               wasmrt_waitfd *fds, size_t n,
                               uint64_t deadline_ns)
{
    struct guest *guest = user;
    uint64_t soon = uv_hrtime() + look_ns;

    (void)task;
    for (size_t i = 0; i < n; i++) {
        if (fds[i].fd >= 0 && soon < deadline_ns)
            deadline_ns = soon;
    }
    uv_mutex_lock(&guest->lock);
    guest->wake_ns = deadline_ns;
    if (deadline_ns != UINT64_MAX)
        tell(guest);
    uv_mutex_unlock(&guest->lock);
    return NULL;
}

/* The guest is suspended.  Whether it stays so: then it is the loop's, and may
 * run elsewhere already. */
static bool park(struct guest *guest)
{
    bool stays;

    uv_mutex_lock(&guest->lock);
    stays = !guest->is_woken && guest->stopped == GUEST_RUNS;
    guest->is_parked = stays;
    guest->is_woken = false;
    if (!stays)
        guest->wake_ns = UINT64_MAX;
    uv_mutex_unlock(&guest->lock);
    return stays;
}

/* -- Its life, on its threads ---------------------------------------------- */

/* Publishes the store so that it can be interrupted; false when it is too
 * late. */
static bool publish(struct guest *guest)
{
    bool goes_on;

    uv_mutex_lock(&guest->lock);
    goes_on = guest->stopped == GUEST_RUNS;
    guest->stoppable = goes_on ? guest->store : NULL;
    uv_mutex_unlock(&guest->lock);
    return goes_on;
}

static void unpublish(struct guest *guest)
{
    uv_mutex_lock(&guest->lock);
    guest->stoppable = NULL;
    uv_mutex_unlock(&guest->lock);
}

static void measure(struct guest *guest)
{
    const struct app *app = guest->app;

    guest->report.memory_bytes = wasmrt_store_memory_bytes(guest->store);
    if (app->counts_fuel && app->limits.fuel != UINT64_MAX)
        guest->report.fuel = app->limits.fuel - wasmrt_store_fuel(guest->store);
}

/* What the task does. */
static wasmrt_error *run_program(void *env, wasmrt_caller *caller)
{
    struct guest *guest = env;
    wasmrt_instance *instance;
    wasmrt_error *error =
        app_instantiate(guest->app, guest->store, guest->wasi, &instance);
    uint64_t ready_ns = uv_hrtime();

    (void)caller;
    guest->report.start_ns = ready_ns - guest->begin_ns;
    if (error) {
        set_end(guest, GUEST_FAILED, wasmrt_error_message(error));
    } else {
        error = wasmrt_wasi_start(guest->store, instance);
        guest->report.run_ns = uv_hrtime() - ready_ns;
        judge(guest, error);
    }
    measure(guest);
    wasmrt_error_delete(error);
    return NULL;
}

static wasmrt_error *start(struct guest *guest)
{
    wasmrt_error *error;

    guest->begin_ns = uv_hrtime();
    error = wasmrt_store_new(guest->app->engine, &guest->store);
    if (error)
        return error;
    if (!publish(guest))
        return NULL;
    error = wasmrt_task_new(guest->store, NULL, &guest->task);
    if (error)
        return error;
    wasmrt_task_set_movable(guest->task, true);
    wasmrt_store_set_waiter(guest->store, note_wait, guest);
    return wasmrt_task_start_host(guest->task, run_program, guest);
}

/* Begins or goes on, until it is suspended or has ended. */
static void step(struct guest *guest)
{
    wasmrt_error *error =
        guest->store ? wasmrt_task_resume(guest->task, NULL) : start(guest);

    if (!error)
        return;
    /* It did not come so far as to end by itself. */
    if (guest->task)
        wasmrt_error_delete(wasmrt_task_cancel(guest->task));
    set_end(guest, GUEST_FAILED, wasmrt_error_message(error));
    wasmrt_error_delete(error);
}

static bool is_suspended(const struct guest *guest)
{
    return guest->task && wasmrt_task_is_suspended(guest->task);
}

/* From here on the loop may delete the guest. */
static void finish(struct guest *guest)
{
    flush_line(guest);
    uv_mutex_lock(&guest->lock);
    if (guest->stopped != GUEST_RUNS)
        guest->report.end = guest->stopped;
    guest->end = guest->report.end;
    tell(guest);
    uv_mutex_unlock(&guest->lock);
}

static bool run_job(struct pool_job *job)
{
    struct guest *guest = (struct guest *)job;

    do {
        step(guest);
        if (is_suspended(guest) && park(guest))
            return false;
    } while (is_suspended(guest));
    unpublish(guest);
    wasmrt_store_delete(guest->store);
    wasmrt_wasi_config_delete(guest->wasi);
    guest->wasi = NULL;
    finish(guest);
    return true;
}

/* -- The loop's side ------------------------------------------------------- */

struct guest *guest_start(struct pool *pool, const struct app *app,
                          wasmrt_wasi_config *wasi_taken, const char *id,
                          struct guest_listener listener)
{
    struct guest *guest = calloc(1, sizeof(*guest));

    if (!guest) {
        wasmrt_wasi_config_delete(wasi_taken);
        return NULL;
    }
    guest->job.run = run_job;
    guest->pool = pool;
    guest->app = app;
    guest->wasi = wasi_taken;
    guest->listener = listener;
    guest->wake_ns = UINT64_MAX;
    guest->in.cap = IN_BYTES;
    guest->out.cap = OUT_BYTES;
    snprintf(guest->id, sizeof(guest->id), "%s", id);
    uv_mutex_init(&guest->lock);
    wasmrt_wasi_config_source(wasi_taken, read_input, guest);
    wasmrt_wasi_config_sink(wasi_taken, WASMRT_WASI_STDOUT, write_output,
                            guest);
    wasmrt_wasi_config_sink(wasi_taken, WASMRT_WASI_STDERR, write_error, guest);
    wasmrt_wasi_config_ready(wasi_taken, WASMRT_WASI_STDIN, input_ready, guest);
    wasmrt_wasi_config_ready(wasi_taken, WASMRT_WASI_STDOUT, output_ready,
                             guest);
    if (!pool_add(pool, &guest->job)) {
        guest_delete(guest);
        return NULL;
    }
    return guest;
}

void guest_delete(struct guest *guest)
{
    wasmrt_wasi_config_delete(guest->wasi);
    ring_fini(&guest->in);
    ring_fini(&guest->out);
    /* Its thread may still be about to unlock. */
    uv_mutex_lock(&guest->lock);
    uv_mutex_unlock(&guest->lock);
    uv_mutex_destroy(&guest->lock);
    free(guest);
}

size_t guest_give(struct guest *guest, const char *bytes, size_t len)
{
    bool is_due;
    size_t put;

    uv_mutex_lock(&guest->lock);
    put = ring_put(&guest->in, bytes, len);
    is_due = put > 0 && guest->wants_input && wake(guest);
    guest->wants_input &= put == 0;
    uv_mutex_unlock(&guest->lock);
    bring_back(guest, is_due);
    return put;
}

void guest_give_end(struct guest *guest)
{
    bool is_due;

    uv_mutex_lock(&guest->lock);
    guest->has_all_input = true;
    is_due = guest->wants_input && wake(guest);
    guest->wants_input = false;
    uv_mutex_unlock(&guest->lock);
    bring_back(guest, is_due);
}

bool guest_wants_input(struct guest *guest)
{
    bool wants;

    uv_mutex_lock(&guest->lock);
    wants = guest->wants_input;
    uv_mutex_unlock(&guest->lock);
    return wants;
}

/* Half of the ring is free before the guest goes on, so that it has something
 * to do then. */
size_t guest_take(struct guest *guest, char *bytes, size_t len)
{
    bool is_due = false;
    size_t got;

    uv_mutex_lock(&guest->lock);
    got = ring_get(&guest->out, bytes, len);
    if (guest->wants_room && ring_room(&guest->out) >= OUT_BYTES / 2) {
        is_due = wake(guest);
        guest->wants_room = false;
    }
    uv_mutex_unlock(&guest->lock);
    bring_back(guest, is_due);
    return got;
}

enum guest_end guest_state(struct guest *guest, size_t *left_out)
{
    enum guest_end end;

    uv_mutex_lock(&guest->lock);
    end = guest->end;
    *left_out = guest->out.len;
    uv_mutex_unlock(&guest->lock);
    return end;
}

uint64_t guest_heard(struct guest *guest)
{
    uint64_t wake_ns;

    uv_mutex_lock(&guest->lock);
    guest->is_told = false;
    wake_ns = guest->wake_ns;
    uv_mutex_unlock(&guest->lock);
    return wake_ns;
}

void guest_wake(struct guest *guest)
{
    bool is_due;

    uv_mutex_lock(&guest->lock);
    guest->wake_ns = UINT64_MAX;
    is_due = wake(guest);
    uv_mutex_unlock(&guest->lock);
    bring_back(guest, is_due);
}

void guest_stop(struct guest *guest, enum guest_end why)
{
    bool is_due;

    uv_mutex_lock(&guest->lock);
    stop(guest, why);
    is_due = wake(guest);
    uv_mutex_unlock(&guest->lock);
    bring_back(guest, is_due);
}

const struct guest_report *guest_report(const struct guest *guest)
{
    return &guest->report;
}
