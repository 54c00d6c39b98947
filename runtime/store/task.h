/*
 * Tasks: calls on a stack of their own, which host functions can suspend.
 *
 * A context (struct wrt_ctx) always describes the stack that runs.  A switch
 * exchanges its part that belongs to a stack, the strand, with the one that the
 * task keeps: its own while it is suspended, that of whoever has resumed it
 * while it runs.  So what is not in the context is in some task, where the
 * collector finds it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_TASK_H
#define WRT_STORE_TASK_H

#include "runtime/base/os.h"
#include "runtime/store/gc.h"
#include "runtime/store/stack.h"

#include "wasmrt/task.h"

/* What a context has for each stack; the members of wrt_ctx and wrt_gc. */
struct wrt_strand {
    wrt_slot *stack_base, *stack_end;
    size_t stack_bytes;
    struct wrt_activation *activation;
    struct wrt_gc_frame *frames;
    uint32_t *handles;
    size_t nhandles, handles_capacity, scope;
    struct wrt_ctx *signal; /* what wrt_signal_current is to be */
};

/* Of the stack that runs. */
struct wrt_strand wrt_strand_read(const struct wrt_ctx *ctx);

enum wrt_task_state { WRT_TASK_IDLE, WRT_TASK_SUSPENDED, WRT_TASK_RUNNING };

enum { WRT_TASK_FEW_SLOTS = 8 }; /* that need no allocation */

/* The public wasmrt_task. */
struct wasmrt_task {
    struct wrt_store *store;
    struct wasmrt_task *next, *prev; /* the store's list */
    void *data;
    enum wrt_task_state state;
    bool is_cancelled; /* nothing suspends it any more */
    bool is_movable;   /* any thread may go on with it */

    /* Of the call in progress; while not idle: */
    const void *thread;
    struct wrt_stack stack;
    struct wrt_os_context own, outer; /* where each is while it does not run */
    struct wrt_strand strand;
    struct wasmrt_task *resumer; /* that ran when this was resumed, or NULL */
    void *value;                 /* from resume to suspend */
    wasmrt_error *error;         /* owned; of a call that has ended */
    wasmrt_task_fn run;
    void *env;

    /* A call of a function: its parameters, then its results. */
    struct wrt_funcref *func;
    wrt_slot *slots, few[WRT_TASK_FEW_SLOTS];
    size_t nslots;    /* when allocated; else 0 */
    bool has_results; /* they are in slots */
};

WRT_MUST_USE wasmrt_error *wrt_task_new(struct wrt_store *store, void *data,
                                        struct wasmrt_task **out);

/* Of an idle task. */
void wrt_task_delete(struct wasmrt_task *task);

/* The four of the public API; their arguments have been checked, but not the
 * state of the task. */
WRT_MUST_USE wasmrt_error *wrt_task_start(struct wasmrt_task *task,
                                          wasmrt_task_fn run, void *env);
WRT_MUST_USE wasmrt_error *wrt_task_start_func(struct wasmrt_task *task,
                                               struct wrt_funcref *func,
                                               const wasmrt_val *args);
WRT_MUST_USE wasmrt_error *wrt_task_resume(struct wasmrt_task *task,
                                           void *value);
WRT_MUST_USE wasmrt_error *wrt_task_cancel(struct wasmrt_task *task);

/* Whether what runs in ctx can be suspended. */
bool wrt_task_can_suspend(const struct wrt_ctx *ctx);

WRT_MUST_USE wasmrt_error *wrt_task_suspend(struct wrt_ctx *ctx, void **value);

/* Whether no call is in progress on any of the stacks between here and the
 * thread's own. */
bool wrt_task_is_outermost(const struct wrt_ctx *ctx);

/* Ends and releases all tasks of a store, none of which runs. */
void wrt_task_delete_all(struct wrt_store *store);

/* Whether the store can go: none of its tasks runs, or is suspended on another
 * thread. */
bool wrt_task_may_delete_all(const struct wrt_store *store);

#endif
