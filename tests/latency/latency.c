/*
 * The harness of latencies; see latency.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/latency/latency.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MS 1000000u

/* The ways to stop a guest. */
enum way { BY_DEADLINE, BY_THREAD, BY_SIGNAL, WAYS };

static const char *const way_names[WAYS] = {"deadline", "thread", "signal"};

/* The stop that is pending. */
static struct {
    wasmrt_store *store;
    uint64_t at_ns;     /* when it is to come, then: when it came */
    uint64_t at_cpu_ns; /* how long the guest's thread had run by then; 0: not
                           known */
    clockid_t guest_clock;
    timer_t timer;
    pthread_t thread;
} stop;

void latency_ok(wasmrt_error *error)
{
    CHECK_STR_EQ(error ? wasmrt_error_message(error) : "", "");
    wasmrt_error_delete(error);
}

static uint64_t read_clock(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t now_ns(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

/* -- Stopping -------------------------------------------------------------- */

/* Whoever does this may have overslept, which is not the runtime's fault. */
static void interrupt_now(void)
{
    stop.at_cpu_ns = read_clock(stop.guest_clock);
    stop.at_ns = now_ns();
    wasmrt_store_interrupt(stop.store);
}

static void *interrupt_at(void *arg)
{
    const struct timespec when = {(time_t)(stop.at_ns / 1000000000u),
                                  (long)(stop.at_ns % 1000000000u)};

    (void)arg;
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL);
    interrupt_now();
    return NULL;
}

static void on_alarm(int number)
{
    (void)number;
    interrupt_now();
}

static void arm(enum way way, struct latency *l, uint64_t delay_ns)
{
    struct itimerspec spec = {.it_value = {(time_t)(delay_ns / 1000000000u),
                                           (long)(delay_ns % 1000000000u)}};

    stop.store = l->store;
    stop.at_ns = now_ns() + delay_ns;
    stop.at_cpu_ns = 0;
    if (way == BY_DEADLINE)
        wasmrt_store_set_deadline(l->store, stop.at_ns);
    else if (way == BY_THREAD)
        CHECK_EQ(pthread_create(&stop.thread, NULL, interrupt_at, NULL), 0);
    else
        CHECK_EQ(timer_settime(stop.timer, 0, &spec, NULL), 0);
}

static void disarm(enum way way, struct latency *l)
{
    const struct itimerspec never = {0};

    if (way == BY_DEADLINE)
        wasmrt_store_set_deadline(l->store, 0);
    else if (way == BY_THREAD)
        pthread_join(stop.thread, NULL);
    else
        timer_settime(stop.timer, 0, &never, NULL);
    wasmrt_store_clear_interrupt(l->store);
}

/* -- Rounds ---------------------------------------------------------------- */

/* The store runs guests as before. */
static void check_usable(struct latency *l)
{
    static const char text[] =
        "(module (func (export \"f\") (result i32) i32.const 7))";
    wasmrt_module *module;
    wasmrt_instance *instance;
    wasmrt_val result;

    latency_ok(wasmrt_module_new(l->engine, text, strlen(text), &module));
    latency_ok(
        wasmrt_linker_instantiate(l->linker, l->store, module, &instance));
    latency_ok(wasmrt_func_call(l->store, wasmrt_instance_func(instance, "f"),
                                NULL, 0, &result, 1));
    CHECK_EQ(result.of.i32, 7);
    wasmrt_module_delete(module);
}

static void open_store(struct latency *l)
{
    latency_ok(wasmrt_store_new(l->engine, &l->store));
    latency_ok(wasmrt_linker_new(l->engine, &l->linker));
    if (l->wasi) {
        latency_ok(wasmrt_wasi_link(l->linker));
        latency_ok(wasmrt_store_set_wasi(l->store, l->wasi));
    }
    if (l->prepare)
        l->prepare(l);
}

/* How late a call ended, by the clock, and by that of its thread: on a busy
 * machine the first one says how busy it is. */
struct sample {
    uint64_t wall_ns, cpu_ns;
};

/* One round.  A call that was over before the stop came gives 0 and does not
 * count. */
static struct sample run_round(struct latency *l, enum way way,
                               uint64_t delay_ns)
{
    struct sample late = {0};
    uint64_t end, end_cpu;
    wasmrt_error *error;

    open_store(l);
    arm(way, l, delay_ns);
    error = l->call(l);
    end = now_ns();
    end_cpu = read_clock(stop.guest_clock);
    disarm(way, l);
    if (error)
        CHECK_STR_EQ(wasmrt_code_text(wasmrt_error_code(error)),
                     way == BY_DEADLINE ? "deadline exceeded" : "interrupted");
    if (error && end > stop.at_ns)
        late.wall_ns = end - stop.at_ns;
    if (error && stop.at_cpu_ns)
        late.cpu_ns = end_cpu - stop.at_cpu_ns;
    wasmrt_error_delete(error);
    check_usable(l);
    wasmrt_linker_delete(l->linker);
    wasmrt_store_delete(l->store);
    return late;
}

static int ascending(const void *a, const void *b)
{
    const struct sample *left = a, *right = b;

    return left->wall_ns < right->wall_ns ? -1 : left->wall_ns > right->wall_ns;
}

/* The line that `make latency` reads. */
static void print_results(enum way way, struct sample *samples, int count)
{
    uint64_t worst_cpu_ns = 0;

    if (count == 0)
        return;
    qsort(samples, (size_t)count, sizeof(*samples), ascending);
    for (int i = 0; i < count; i++) {
        if (samples[i].cpu_ns > worst_cpu_ns)
            worst_cpu_ns = samples[i].cpu_ns;
    }
    printf("latency: %-8s median %8.3f ms, worst %8.3f ms, of CPU %8.3f ms, in "
           "%d\n",
           way_names[way], (double)samples[count / 2].wall_ns / MS,
           (double)samples[count - 1].wall_ns / MS, (double)worst_cpu_ns / MS,
           count);
}

static wasmrt_engine *new_engine(void)
{
    static const char *const bounds[] = {"auto", "guard", "check"};
    const char *wanted = getenv("BOUNDS");
    wasmrt_config *config = wasmrt_config_new();
    wasmrt_engine *engine;

    CHECK(config != NULL);
    for (int i = 0; wanted && i < 3; i++) {
        if (strcmp(bounds[i], wanted) == 0)
            wasmrt_config_set_bounds(config, (wasmrt_bounds)i);
    }
    latency_ok(wasmrt_engine_new(config, &engine));
    wasmrt_config_delete(config);
    return engine;
}

void latency_run(struct latency *l)
{
    const char *wanted = getenv("LATENCY_ROUNDS");
    int rounds = wanted ? atoi(wanted) : 3, total = 0;
    uint64_t span_ns = (l->span_ms ? l->span_ms : 30) * (uint64_t)MS;
    struct sample *samples = calloc((size_t)rounds, sizeof(*samples));
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
                             .sigev_signo = SIGALRM};

    CHECK(samples != NULL);
    CHECK_EQ(pthread_getcpuclockid(pthread_self(), &stop.guest_clock), 0);
    signal(SIGALRM, on_alarm);
    CHECK_EQ(timer_create(CLOCK_MONOTONIC, &event, &stop.timer), 0);
    srand(1);
    for (enum way way = 0; way < WAYS; way++) {
        int count = 0;

        if (way == BY_SIGNAL && test_delays_signals() &&
            strcmp(wasmrt_engine_strategy(l->engine), "jit") == 0)
            continue;
        for (int i = 0; i < rounds; i++) {
            uint64_t delay = span_ns / 1000 * ((uint64_t)rand() % 1000) + 1000;
            struct sample late = run_round(l, way, delay);

            if (late.wall_ns)
                samples[count++] = late;
            else
                span_ns /= 2; /* this machine or engine is quicker */
        }
        print_results(way, samples, count);
        total += count;
    }
    /* A case in which nothing is ever stopped shows nothing. */
    CHECK(total > 0);
    free(samples);
    wasmrt_wasi_config_delete(l->wasi);
    wasmrt_module_delete(l->module);
    wasmrt_engine_delete(l->engine);
}

/* -- Kinds of cases -------------------------------------------------------- */

void latency_instantiate(struct latency *l)
{
    latency_ok(wasmrt_linker_instantiate(l->linker, l->store, l->module,
                                         &l->instance));
    l->func = wasmrt_instance_func(l->instance, "f");
    CHECK(l->func != NULL);
}

static wasmrt_error *call_func(struct latency *l)
{
    return wasmrt_func_call(l->store, l->func, NULL, 0, NULL, 0);
}

void latency_of_guest(const void *bytes, size_t len,
                      wasmrt_wasi_config *config_taken)
{
    struct latency l = {
        .prepare = latency_instantiate,
        .call = call_func,
        .wasi = config_taken,
    };

    l.engine = new_engine();
    latency_ok(wasmrt_module_new(l.engine, bytes, len, &l.module));
    latency_run(&l);
}

static void link_threads(struct latency *l)
{
    latency_ok(wasmrt_wasi_link_threads(l->linker, l->store, l->module));
    latency_instantiate(l);
}

static wasmrt_error *call_group(struct latency *l)
{
    return wasmrt_wasi_end_threads(l->store, call_func(l));
}

void latency_of_threads(const char *text, wasmrt_wasi_config *config_taken)
{
    struct latency l = {
        .prepare = link_threads,
        .call = call_group,
        .wasi = config_taken,
    };

    wasmrt_wasi_config_threads(config_taken, 16);
    l.engine = new_engine();
    latency_ok(wasmrt_module_new(l.engine, text, strlen(text), &l.module));
    latency_run(&l);
}

/* Code is the module's: a new one has none. */
static void cool_down(struct latency *l)
{
    wasmrt_module_delete(l->module);
    latency_ok(wasmrt_module_new(l->engine, l->bytes, l->len, &l->module));
    latency_instantiate(l);
}

static void warm_up(struct latency *l)
{
    latency_instantiate(l);
    latency_ok(call_func(l));
}

static void make_fresh(struct latency *l)
{
    cool_down(l);
    latency_ok(call_func(l));
}

void latency_of_calls(const void *bytes, size_t len, uint64_t span_ms,
                      enum latency_code code)
{
    static void (*const ways[])(struct latency *) = {cool_down, warm_up,
                                                     make_fresh};
    struct latency l = {
        .prepare = ways[code],
        .call = call_func,
        .span_ms = span_ms,
        .bytes = bytes,
        .len = len,
    };

    l.engine = new_engine();
    latency_ok(wasmrt_module_new(l.engine, bytes, len, &l.module));
    latency_run(&l);
}

void latency_of_text(const char *text)
{
    latency_of_guest(text, strlen(text), NULL);
}

static wasmrt_error *call_instantiate(struct latency *l)
{
    return wasmrt_linker_instantiate(l->linker, l->store, l->module,
                                     &l->instance);
}

void latency_of_instantiation(const void *bytes, size_t len)
{
    struct latency l = {.call = call_instantiate, .span_ms = 10};

    l.engine = new_engine();
    latency_ok(wasmrt_module_new(l.engine, bytes, len, &l.module));
    latency_run(&l);
}

/* -- Modules in bytes ------------------------------------------------------ */

void bytes_put(struct bytes *b, const void *from, size_t len)
{
    if (b->len + len > b->cap) {
        b->cap = (b->len + len) * 2;
        b->at = realloc(b->at, b->cap);
        CHECK(b->at != NULL);
    }
    memcpy(b->at + b->len, from, len);
    b->len += len;
}

void bytes_byte(struct bytes *b, unsigned byte)
{
    uint8_t one = (uint8_t)byte;

    bytes_put(b, &one, 1);
}

void bytes_u32(struct bytes *b, uint32_t n)
{
    for (; n >= 0x80; n >>= 7)
        bytes_byte(b, (n & 0x7f) | 0x80);
    bytes_byte(b, n);
}

void bytes_preamble(struct bytes *b)
{
    bytes_put(b, "\0asm\1\0\0\0", 8);
}

void bytes_sized(struct bytes *b, struct bytes *body_taken)
{
    bytes_u32(b, (uint32_t)body_taken->len);
    bytes_put(b, body_taken->at, body_taken->len);
    free(body_taken->at);
    *body_taken = (struct bytes){0};
}

void bytes_section(struct bytes *b, unsigned id, struct bytes *body_taken)
{
    bytes_byte(b, id);
    bytes_sized(b, body_taken);
}
