/*
 * A container's task: its state, and who waits for what.
 *
 *      create            start             exit            delete
 *   -> CREATING -> CREATED -> STARTING -> RUNNING -> STOPPED -> (gone)
 *          |          |                    |   ^        ^
 *          v          |              PAUSING   |        |
 *        (gone)       |                 v      |        |
 *                     |               PAUSED --+        |
 *                     +---------------------------------+
 *
 * Whatever takes time ends in one of the functions below, which answer the call
 * that asked for it.  Events are queued in here and nowhere else, so their
 * order is that of the states.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_TASK_H
#define SHIM_TASK_H

#include "shim/cgroup.h"
#include "shim/entry.h"
#include "shim/io.h"
#include "shim/shim.h"
#include "shim/spec.h"
#include "shim/zygote.h"

enum task_state {
    TASK_CREATING,
    TASK_CREATED,
    TASK_STARTING,
    TASK_RUNNING,
    TASK_PAUSING,
    TASK_PAUSED,
    TASK_STOPPED
};

/* How containers of one kind are run. */
struct driver {
    /* Begins before the root file system is there; NULL: it cannot. */
    bool (*prepare)(struct task *task, const struct spec *spec,
                    struct fault *fault);
    /* Ends in task_created() or task_create_failed(), later. */
    bool (*create)(struct task *task, const struct spec *spec,
                   const struct entry *entry, struct fault *fault);
    /* Ends in task_started() or task_start_failed(). */
    void (*start)(struct task *task);
    /* Releases what create made; the process has ended.  Ends in
     * task_cleaned(). */
    void (*clean)(struct task *task);
};

extern const struct driver driver_wasm, driver_linux;

struct waiter {
    struct waiter *next;
    struct call *call;
};

/* Owner: the shim's list. */
struct task {
    struct task *next;
    struct task *next_forking;
    struct shim *shim;
    const struct driver *driver;
    enum task_state state;
    char *id, *bundle;
    char *stream_paths[3];
    struct spec *spec; /* NULL but while it is prepared and created */
    bool is_mounted;
    bool is_sandbox;
    bool is_expected; /* in state CREATING, before its Create */
    bool is_forking;  /* the process has been asked for; its pid will come */
    pid_t pid;        /* 0: not known yet, or reaped */
    pid_t told_pid;   /* for answers and events, also after the end */
    struct io io;
    struct cgroup cgroup;
    struct cgroup_oom oom;
    uv_poll_t *oom_poll;
    uv_timer_t *timer; /* of pausing or of cleaning */
    unsigned timer_ticks;

    /* Unanswered calls, at most one each; NULL: none. */
    struct call *creating, *starting, *pausing, *deleting;
    struct waiter *waiters;

    bool has_exited;
    bool exit_is_held; /* ended before Start was answered */
    unsigned exit_status;
    Pb__Timestamp exited_at;
    struct fault failure; /* why creation failed; code 0: it did not */

    /* The drivers' own. */
    int sync_fd;
    uv_poll_t *sync_poll;
    const char *oci_runtime; /* static */
    bool oci_systemd;
};

/* NULL when there is none. */
struct task *task_find(const struct shim *shim, const char *id);

/* Makes and lists a task in state CREATING. */
struct task *task_new(struct shim *shim, const char *id, const char *bundle);

/* -- Reports of the drivers ------------------------------------------------ */

/* The process is there but for the word go.  Its exit is watched from here. */
void task_has_pid(struct task *task, pid_t pid);
void task_created(struct task *task);
/* The process, if there is one, ends by itself or is killed here. */
void task_create_failed(struct task *task, const struct fault *fault);
void task_started(struct task *task);
void task_start_failed(struct task *task, const struct fault *fault);
void task_cleaned(struct task *task);

/* -- Wishes of the calls --------------------------------------------------- */

/* Makes a task whose Create is coming, if its configuration says that it is a
 * module, and begins with it.  It goes again when no Create comes. */
void task_expect(struct shim *shim, const char *id, const char *bundle);

/* The task becomes one of that Create call. */
void task_is_created_by(struct task *task, struct call *call);

/* Reads the configuration and begins what needs no root file system.  A failure
 * of it or of what follows is for task_create_failed(). */
bool task_prepare(struct task *task, struct fault *fault);
/* The root file system is mounted: streams, driver; answered later, or failed
 * now. */
bool task_create(struct task *task, struct fault *fault);
void task_delete(struct task *task, struct call *call);
void task_pause(struct task *task, struct call *call);
void task_resume(struct task *task);

/* Answers a Wait, now or at the end. */
void task_wait(struct task *task, struct call *call);

/* Answers with the end of a task. */
void task_reply_end(const struct task *task, struct call *call);

#endif
