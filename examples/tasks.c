/*
 * A thousand guests on one thread: each sleeps on a timer of libuv, then asks
 * the host at the other end of a socket, and is suspended for as long as that
 * takes.
 *
 *     tasks examples/tasks.wat
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>
#include <wasmrt.h>

enum { GUESTS = 1000 };

/* A guest with what it waits on; the task's data. */
struct guest {
    wasmrt_task *task;
    uv_timer_t timer;
    uv_pipe_t socket;
    ssize_t nread;
    uv_buf_t into; /* in the guest's memory */
};

static struct guest guests[GUESTS];
static int waiting, most_waiting;
static long total;

static void fail(const char *what)
{
    fprintf(stderr, "tasks: %s\n", what);
    exit(1);
}

static void check(wasmrt_error *error)
{
    if (error)
        fail(wasmrt_error_message(error));
}

/* -- What a guest waits for -------------------------------------------------
 */

/* Goes on with a guest; it may have come to its end. */
static void go_on(struct guest *g)
{
    wasmrt_val sum;

    waiting--;
    check(wasmrt_task_resume(g->task, NULL));
    if (wasmrt_task_is_suspended(g->task))
        return;
    check(wasmrt_task_results(g->task, &sum, 1));
    total += sum.of.i32;
}

static wasmrt_error *wait_for_loop(wasmrt_caller *caller)
{
    if (++waiting > most_waiting)
        most_waiting = waiting;
    return wasmrt_task_suspend(caller, NULL);
}

static void on_timer(uv_timer_t *timer)
{
    uv_close((uv_handle_t *)timer, NULL);
    go_on(timer->data);
}

/* sleep(milliseconds) */
static wasmrt_error *host_sleep(void *env, wasmrt_caller *caller,
                                const wasmrt_val *args, wasmrt_val *results)
{
    struct guest *g = wasmrt_task_data(wasmrt_caller_task(caller));

    (void)results;
    uv_timer_init(env, &g->timer);
    g->timer.data = g;
    uv_timer_start(&g->timer, on_timer, (uint64_t)args[0].of.i32, 0);
    return wait_for_loop(caller);
}

static void give_buffer(uv_handle_t *handle, size_t size, uv_buf_t *out)
{
    (void)size;
    *out = ((struct guest *)handle->data)->into;
}

static void on_answer(uv_stream_t *stream, ssize_t nread, const uv_buf_t *buf)
{
    struct guest *g = stream->data;

    (void)buf;
    g->nread = nread;
    uv_close((uv_handle_t *)stream, NULL);
    go_on(g);
}

/* ask(address, length): what the other end says.  Nobody moves the memory of a
 * suspended guest, since only the guest makes it grow. */
static wasmrt_error *host_ask(void *env, wasmrt_caller *caller,
                              const wasmrt_val *args, wasmrt_val *results)
{
    struct guest *g = wasmrt_task_data(wasmrt_caller_task(caller));
    uint32_t addr = (uint32_t)args[0].of.i32, len = (uint32_t)args[1].of.i32;
    uint8_t *bytes = wasmrt_memory_ptr(wasmrt_caller_memory(caller), addr, len);
    uv_file ends[2];
    wasmrt_error *error;

    if (!bytes)
        return wasmrt_bad_pointer(addr, len);
    g->into = uv_buf_init((char *)bytes, len);
    if (uv_socketpair(SOCK_STREAM, 0, ends, UV_NONBLOCK_PIPE, 0) != 0 ||
        write(ends[1], "wasm", 4) != 4)
        return wasmrt_error_new(WASMRT_ERR_IO, "no socket");
    close(ends[1]);
    uv_pipe_init(env, &g->socket, 0);
    g->socket.data = g;
    uv_pipe_open(&g->socket, ends[0]);
    uv_read_start((uv_stream_t *)&g->socket, give_buffer, on_answer);
    error = wait_for_loop(caller);
    results[0] = wasmrt_i32(g->nread > 0 ? (int32_t)g->nread : 0);
    return error;
}

/* -- The server -------------------------------------------------------------
 */

/* Gives each guest an instance and a task of its own, and lets it begin. */
static void start_guests(wasmrt_store *store, wasmrt_linker *linker,
                         wasmrt_module *module)
{
    for (int i = 0; i < GUESTS; i++) {
        wasmrt_val ms = wasmrt_i32(i % 50);
        wasmrt_instance *instance;

        check(wasmrt_linker_instantiate(linker, store, module, &instance));
        check(wasmrt_task_new(store, &guests[i], &guests[i].task));
        check(wasmrt_task_start(
            guests[i].task, wasmrt_instance_func(instance, "serve"), &ms, 1));
    }
}

int main(int argc, char **argv)
{
    const char *path = argc > 1 ? argv[1] : "examples/tasks.wat";
    uv_loop_t *loop = uv_default_loop();
    wasmrt_config *config = wasmrt_config_new();
    wasmrt_engine *engine;
    wasmrt_module *module;
    wasmrt_store *store;
    wasmrt_linker *linker;

    /* Small memories, so that a thousand fit any address space. */
    wasmrt_config_set_bounds(config, WASMRT_BOUNDS_CHECK);
    check(wasmrt_engine_new(config, &engine));
    check(wasmrt_module_from_file(engine, path, &module));
    check(wasmrt_store_new(engine, &store));
    check(wasmrt_linker_new(engine, &linker));
    check(wasmrt_linker_define(linker, "host", "sleep", "(i32) -> ()",
                               host_sleep, loop));
    check(wasmrt_linker_define(linker, "host", "ask", "(i32 i32) -> i32",
                               host_ask, loop));
    start_guests(store, linker, module);
    uv_run(loop, UV_RUN_DEFAULT);
    printf("%d guests, %s at once, sum %ld\n", GUESTS,
           most_waiting == GUESTS ? "all" : "some", total);
    wasmrt_linker_delete(linker);
    wasmrt_store_delete(store);
    wasmrt_module_delete(module);
    wasmrt_engine_delete(engine);
    wasmrt_config_delete(config);
    return uv_loop_close(loop);
}
