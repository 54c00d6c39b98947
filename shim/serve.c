/*
 * The shim's own process: made ready, then a loop.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/cgroup.h"
#include "shim/driver_wasm.h"
#include "shim/log.h"
#include "shim/memory.h"
#include "shim/service.h"
#include "shim/shim.h"
#include "shim/socket.h"
#include "shim/zygote.h"

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STOP_TICK_MS = 2, STOP_TICKS = 1500, IDLE_TICK_MS = 3000 };

/* -- Stopping -------------------------------------------------------------- */

static void on_stop_tick(uv_timer_t *timer)
{
    struct shim *shim = timer->data;
    bool is_done = shim->server.unanswered == 0 && shim->server.unsent == 0 &&
                   events_done(&shim->events);

    if (is_done || ++shim->stop_ticks == STOP_TICKS)
        uv_stop(&shim->loop);
}

/* The socket goes first: the next start of the group must not find us. */
void shim_stop(struct shim *shim)
{
    if (!shim->socket_path)
        return;
    unlink(shim->socket_path);
    free(shim->socket_path);
    shim->socket_path = NULL;
    uv_close((uv_handle_t *)&shim->server.listener, NULL);
    uv_timer_start(&shim->stopping, on_stop_tick, 0, STOP_TICK_MS);
}

/* The working directory is the bundle of the container that came first. */
static void on_idle_tick(uv_timer_t *timer)
{
    struct shim *shim = timer->data;

    if (shim->tasks) {
        uv_timer_stop(timer);
    } else if (access("config.json", F_OK) != 0) {
        log_warn("the shim ends: its bundle is gone");
        shim_stop(shim);
    }
}

void shim_is_idle(struct shim *shim)
{
    uv_timer_start(&shim->idle, on_idle_tick, IDLE_TICK_MS, IDLE_TICK_MS);
}

/* -- Starting -------------------------------------------------------------- */

/* The kernel should rather kill a shim than containerd, whose score it has; and
 * rather a container than a shim. */
static void adjust_oom_score(void)
{
    FILE *file = fopen("/proc/self/oom_score_adj", "r+e");
    int score;

    if (file && fscanf(file, "%d", &score) == 1 && score < 1000 &&
        fseek(file, 0, SEEK_SET) == 0) {
        fprintf(file, "%d", score + 1);
    }
    if (file)
        fclose(file);
}

static void settle(const struct options *options)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGTERM, &ignore, NULL);
    sigaction(SIGINT, &ignore, NULL);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    mallopt(M_TRIM_THRESHOLD, 64 * 1024);
    mallopt(M_MMAP_THRESHOLD, 64 * 1024);
    adjust_oom_score();
    log_open(options->debug);
}

static bool init(struct shim *shim, const struct options *options)
{
    const char *events_address = getenv("TTRPC_ADDRESS");

    if (uv_loop_init(&shim->loop) != 0)
        return false;
    reaper_init(&shim->reaper, &shim->loop);
    events_init(&shim->events, &shim->loop,
                events_address ? events_address : "", options->namespace_name);
    uv_timer_init(&shim->loop, &shim->stopping);
    uv_timer_init(&shim->loop, &shim->idle);
    shim->stopping.data = shim->idle.data = shim;
    shim_is_idle(shim);
    driver_wasm_init(shim);
    return server_init(&shim->server, &shim->loop, SHIM_LISTEN_FD,
                       service_handle, shim);
}

/* The zygote is forked before anything of a container is read; it knows the
 * command line, and how control groups are mounted. */
int shim_serve(const struct options *options)
{
    static struct shim shim;

    mem_tune_done();
    close_range(SHIM_READY_FD + 1, ~0u, 0);
    fcntl(SHIM_LISTEN_FD, F_SETFD, FD_CLOEXEC);
    shim.socket_path =
        socket_path(options->address, options->namespace_name, options->id);
    cgroup_look();
    if (!zygote_start(&shim.zygote_pid, &shim.zygote_fd, shim.socket_path))
        return 1;
    close(SHIM_READY_FD);
    settle(options);
    if (!init(&shim, options)) {
        log_warn("the shim cannot serve");
        return 1;
    }
    log_debug("the shim of %s serves", options->id);
    mem_trim();
    uv_run(&shim.loop, UV_RUN_DEFAULT);
    close(shim.zygote_fd); /* it ends, and leaves no zombie to init */
    waitpid(shim.zygote_pid, NULL, 0);
    return 0;
}
