/*
 * The serving shim: one process for all containers of a group (a pod, or one
 * container of ctr), with one thread and one loop.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_SHIM_H
#define SHIM_SHIM_H

#include "shim/events.h"
#include "shim/reaper.h"
#include "shim/server.h"

#define SHIM_RUNTIME "io.containerd.wasmrt.v1"

/* What the command line and the environment said. */
struct options {
    const char *namespace_name, *id, *address, *publish_binary, *bundle;
    const char *action; /* NULL: none */
    bool debug, version, info;
};

struct shim {
    uv_loop_t loop;
    struct server server;
    struct reaper reaper;
    struct events events;
    struct task *tasks;
    char *socket_path; /* NULL once it is gone */
    bool is_unwanted;  /* Shutdown came while a container was created */
    uv_timer_t stopping, idle;
    unsigned stop_ticks;

    /* driver_wasm.c */
    pid_t zygote_pid;
    int zygote_fd;
    uv_poll_t *zygote_poll;
    struct task *forking, **last_forking; /* in the order of requests */
};

/* Ends the loop once all answers and events are out. */
void shim_stop(struct shim *shim);

/* There is no task (any more): the shim ends when its bundle goes.  containerd
 * asks for the end, but not when it dies in the middle of things. */
void shim_is_idle(struct shim *shim);

/* Descriptors of the serving process when it begins. */
enum {
    SHIM_LISTEN_FD = 3,
    SHIM_READY_FD /* the zygote writes a byte: it will remove the socket */
};

/* The verbs.  Each returns the exit status of the process. */
int shim_start(const struct options *options);
int shim_delete(const struct options *options);
int shim_info(void);
int shim_serve(const struct options *options);

#endif
