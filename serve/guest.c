/*
 * A guest and its thread.  Everything that both sides touch has the guest's
 * lock; the instance itself belongs to the thread that runs it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "serve/guest.h"

#include "serve/log.h"
#include "serve/pool.h"
#include "serve/ring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    IN_BYTES = 64 * 1024,
    OUT_BYTES = 64 * 1024,
    LINE_BYTES = 1024,           /* of standard error */
    MAX_STDERR_BYTES = 64 * 1024 /* of one guest; the rest is lost */
};

struct guest {
    struct pool_job job; /* first: see run_job() */
    const struct app *app;
    wasmrt_wasi_config *wasi; /* owned */
    struct guest_listener listener;
    char id[24];

    uv_mutex_t lock; /* of what follows */
    uv_cond_t change;
    struct ring in, out;
    bool has_all_input;
    bool wants_input;
    bool is_told;
    enum guest_end stopped; /* why it is to end */
    enum guest_end end;     /* why it has ended */
    wasmrt_store *store;    /* while it may be interrupted */
    uint64_t written;

    /* Of its thread alone, and constant when it has ended. */
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

/* With the lock. */
static void stop(struct guest *guest, enum guest_end why)
{
    if (guest->stopped != GUEST_RUNS || guest->end != GUEST_RUNS)
        return;
    guest->stopped = why;
    if (guest->store)
        wasmrt_store_interrupt(guest->store);
    uv_cond_broadcast(&guest->change);
}

/* -- Standard streams, on the guest's thread ------------------------------- */

static int64_t read_input(void *user, void *buf, size_t len)
{
    struct guest *guest = user;
    int64_t count;

    uv_mutex_lock(&guest->lock);
    while (guest->in.len == 0 && !guest->has_all_input &&
           guest->stopped == GUEST_RUNS) {
        guest->wants_input = true;
        tell(guest);
        uv_cond_wait(&guest->change, &guest->lock);
    }
    count = guest->stopped == GUEST_RUNS
                ? (int64_t)ring_get(&guest->in, buf, len)
                : -1;
    if (count > 0 && !guest->has_all_input)
        tell(guest);
    uv_mutex_unlock(&guest->lock);
    return count;
}

static int64_t write_output(void *user, const void *buf, size_t len)
{
    struct guest *guest = user;
    uint64_t limit = guest->app->limits.output_bytes;
    int64_t count = -1;

    uv_mutex_lock(&guest->lock);
    if (guest->written >= limit)
        stop(guest, GUEST_TOO_LONG);
    while (ring_room(&guest->out) == 0 && guest->stopped == GUEST_RUNS) {
        tell(guest);
        uv_cond_wait(&guest->change, &guest->lock);
    }
    if (guest->stopped == GUEST_RUNS) {
        uint64_t left = limit - guest->written;
        size_t put = ring_put(&guest->out, buf, len < left ? len : left);

        guest->written += put;
        count = put > 0 ? (int64_t)put : -1;
        tell(guest);
    }
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

/* Publishes the store so that it can be interrupted; false when it is too
 * late. */
static bool publish(struct guest *guest, wasmrt_store *store)
{
    bool goes_on;

    uv_mutex_lock(&guest->lock);
    goes_on = guest->stopped == GUEST_RUNS;
    guest->store = goes_on ? store : NULL;
    uv_mutex_unlock(&guest->lock);
    return goes_on;
}

/* A start function of the module runs here, within the limits already. */
static wasmrt_error *prepare(struct guest *guest, wasmrt_store *store,
                             wasmrt_instance **instance_out)
{
    const struct app *app = guest->app;
    wasmrt_error *error = NULL;

    if (app->limits.memory_bytes != UINT64_MAX)
        wasmrt_store_set_memory_limit(store, app->limits.memory_bytes);
    if (app->counts_fuel)
        error = wasmrt_store_set_fuel(store, app->limits.fuel);
    if (!error)
        error = wasmrt_store_set_wasi(store, guest->wasi);
    if (!error)
        error = wasmrt_linker_instantiate(app->linker, store, app->module,
                                          instance_out);
    return error;
}

static void measure(struct guest *guest, wasmrt_store *store)
{
    guest->report.memory_bytes = wasmrt_store_memory_bytes(store);
    if (guest->app->counts_fuel && guest->app->limits.fuel != UINT64_MAX)
        guest->report.fuel = guest->app->limits.fuel - wasmrt_store_fuel(store);
}

static void run_store(struct guest *guest, wasmrt_store *store,
                      uint64_t begin_ns)
{
    wasmrt_instance *instance;
    wasmrt_error *error = prepare(guest, store, &instance);

    guest->report.start_ns = uv_hrtime() - begin_ns;
    if (error) {
        set_end(guest, GUEST_FAILED, wasmrt_error_message(error));
    } else {
        error = wasmrt_wasi_start(store, instance);
        guest->report.run_ns = uv_hrtime() - begin_ns - guest->report.start_ns;
        judge(guest, error);
    }
    measure(guest, store);
    wasmrt_error_delete(error);
}

static void run(struct guest *guest)
{
    uint64_t begin_ns = uv_hrtime();
    wasmrt_store *store = NULL;
    wasmrt_error *error = wasmrt_store_new(guest->app->engine, &store);

    if (error)
        set_end(guest, GUEST_FAILED, wasmrt_error_message(error));
    else if (publish(guest, store))
        run_store(guest, store, begin_ns);
    uv_mutex_lock(&guest->lock);
    guest->store = NULL;
    uv_mutex_unlock(&guest->lock);
    wasmrt_error_delete(error);
    wasmrt_store_delete(store);
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

static void run_job(struct pool_job *job)
{
    struct guest *guest = (struct guest *)job;

    run(guest);
    wasmrt_wasi_config_delete(guest->wasi);
    guest->wasi = NULL;
    finish(guest);
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
    guest->app = app;
    guest->wasi = wasi_taken;
    guest->listener = listener;
    guest->in.cap = IN_BYTES;
    guest->out.cap = OUT_BYTES;
    snprintf(guest->id, sizeof(guest->id), "%s", id);
    uv_mutex_init(&guest->lock);
    uv_cond_init(&guest->change);
    wasmrt_wasi_config_source(wasi_taken, read_input, guest);
    wasmrt_wasi_config_sink(wasi_taken, WASMRT_WASI_STDOUT, write_output,
                            guest);
    wasmrt_wasi_config_sink(wasi_taken, WASMRT_WASI_STDERR, write_error, guest);
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
    uv_cond_destroy(&guest->change);
    uv_mutex_destroy(&guest->lock);
    free(guest);
}

size_t guest_give(struct guest *guest, const char *bytes, size_t len)
{
    size_t put;

    uv_mutex_lock(&guest->lock);
    put = ring_put(&guest->in, bytes, len);
    if (put > 0) {
        guest->wants_input = false;
        uv_cond_signal(&guest->change);
    }
    uv_mutex_unlock(&guest->lock);
    return put;
}

void guest_give_end(struct guest *guest)
{
    uv_mutex_lock(&guest->lock);
    guest->has_all_input = true;
    uv_cond_signal(&guest->change);
    uv_mutex_unlock(&guest->lock);
}

bool guest_wants_input(struct guest *guest)
{
    bool wants;

    uv_mutex_lock(&guest->lock);
    wants = guest->wants_input;
    uv_mutex_unlock(&guest->lock);
    return wants;
}

size_t guest_take(struct guest *guest, char *bytes, size_t len)
{
    size_t got;

    uv_mutex_lock(&guest->lock);
    got = ring_get(&guest->out, bytes, len);
    if (got > 0)
        uv_cond_signal(&guest->change);
    uv_mutex_unlock(&guest->lock);
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

void guest_heard(struct guest *guest)
{
    uv_mutex_lock(&guest->lock);
    guest->is_told = false;
    uv_mutex_unlock(&guest->lock);
}

void guest_stop(struct guest *guest, enum guest_end why)
{
    uv_mutex_lock(&guest->lock);
    stop(guest, why);
    uv_mutex_unlock(&guest->lock);
}

const struct guest_report *guest_report(const struct guest *guest)
{
    return &guest->report;
}
