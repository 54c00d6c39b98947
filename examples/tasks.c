/*
 * A thousand guests on one thread: each asks a slow host through a socket, and
 * is suspended until libuv says that the answer is there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>
#include <wasmrt.h>

enum { GUESTS = 1000 };

/* What a guest waits on; the data of its task. */
struct guest {
    wasmrt_task *task;
    uv_timer_t timer; /* for the slow host */
    uv_poll_t poll;   /* for its answer */
    uv_file ends[2];
} guests[GUESTS];

static int waiting, most_waiting, total;

static void check(wasmrt_error *error)
{
    if (!error)
        return;
    fprintf(stderr, "tasks: %s\n", wasmrt_error_message(error));
    exit(1);
}

/* Goes on with a guest, which may come to its end. */
static void on_answer(uv_poll_t *poll, int status, int events)
{
    struct guest *g = poll->data;
    wasmrt_val sum;

    (void)status, (void)events;
    waiting--;
    uv_close((uv_handle_t *)poll, NULL);
    check(wasmrt_task_resume(g->task, NULL));
    if (!wasmrt_task_is_suspended(g->task)) {
        check(wasmrt_task_results(g->task, &sum, 1));
        total += sum.of.i32;
    }
}

/* The host at the other end of a socket answers. */
static void on_timer(uv_timer_t *timer)
{
    struct guest *g = timer->data;

    if (uv_socketpair(SOCK_STREAM, 0, g->ends, 0, 0) != 0 ||
        write(g->ends[1], "wasm", 4) != 4)
        exit(1);
    close(g->ends[1]);
    uv_poll_init(timer->loop, &g->poll, g->ends[0]);
    uv_poll_start(&g->poll, UV_READABLE, on_answer);
    uv_close((uv_handle_t *)timer, NULL);
}

/* ask(address, length): the length of the answer.  Some hosts are slower. */
static wasmrt_error *ask(void *loop, wasmrt_caller *caller,
                         const wasmrt_val *args, wasmrt_val *results)
{
    struct guest *g = wasmrt_task_data(wasmrt_caller_task(caller));
    uint32_t addr = (uint32_t)args[0].of.i32, len = (uint32_t)args[1].of.i32;
    wasmrt_error *error;
    uint8_t *to;

    g->timer.data = g->poll.data = g;
    uv_timer_init(loop, &g->timer);
    uv_timer_start(&g->timer, on_timer, (uint64_t)(g - guests) % 50, 0);
    if (++waiting > most_waiting)
        most_waiting = waiting;
    if ((error = wasmrt_task_suspend(caller, NULL)))
        return error;
    /* Asked for now: memory may move while a guest waits. */
    to = wasmrt_memory_ptr(wasmrt_caller_memory(caller), addr, len);
    if (!to)
        return wasmrt_bad_pointer(addr, len);
    results[0] = wasmrt_i32((int32_t)read(g->ends[0], to, len));
    close(g->ends[0]);
    return NULL;
}

int main(int argc, char **argv)
{
    const char *path = argc > 1 ? argv[1] : "examples/tasks.wat";
    wasmrt_config *config = wasmrt_config_new();
    wasmrt_engine *engine;
    wasmrt_module *module;
    wasmrt_store *store;
    wasmrt_linker *linker;
    wasmrt_instance *instance;

    /* Small memories, so that a thousand fit any address space. */
    wasmrt_config_set_bounds(config, WASMRT_BOUNDS_CHECK);
    check(wasmrt_engine_new(config, &engine));
    check(wasmrt_module_from_file(engine, path, &module));
    check(wasmrt_store_new(engine, &store));
    check(wasmrt_linker_new(engine, &linker));
    check(wasmrt_linker_define(linker, "host", "ask", "(i32 i32) -> i32", ask,
                               uv_default_loop()));
    for (struct guest *g = guests; g < guests + GUESTS; g++) {
        check(wasmrt_linker_instantiate(linker, store, module, &instance));
        check(wasmrt_task_new(store, g, &g->task));
        check(wasmrt_task_start(
            g->task, wasmrt_instance_func(instance, "serve"), NULL, 0));
    }
    uv_run(uv_default_loop(), UV_RUN_DEFAULT);
    printf("%d guests, %d at once, sum %d\n", GUESTS, most_waiting, total);
    wasmrt_linker_delete(linker);
    wasmrt_store_delete(store);
    wasmrt_module_delete(module);
    wasmrt_engine_delete(engine);
    wasmrt_config_delete(config);
    return uv_loop_close(uv_default_loop());
}
