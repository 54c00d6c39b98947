/*
 * wasmrt/task.h - guests that wait without a thread
 *
 * A task runs a call on a stack of its own. A host function that the call has
 * reached can suspend it: then the function that started or resumed the task
 * returns, the host's loop goes on with other work, and resumes the task when
 * what it waits for is there. Any number of tasks may be suspended at once, in
 * one store or in many.
 *
 *     start, resume ---> guest ---> host function
 *           ^                             | wasmrt_task_suspend()
 *           +-----------------------------+
 *
 * Rules:
 *  - A started task goes on, and is cancelled or deleted, on the thread that
 *    started it. Elsewhere that is an error, and nothing happens. Unless its
 *    host functions allow another one: wasmrt_task_set_movable().
 *  - Host functions of a task have the stack that
 *    wasmrt_config_set_task_stack() leaves for them, which is less than a
 *    thread's. It is whole while the task is suspended: their variables keep
 *    their values. What belongs to the thread (errno, the floating-point
 *    environment, locks) is the thread's still: release it before suspending.
 *  - Nothing unwinds the frames of C code. A task that is not wanted any more
 * is cancelled: its host function gets an error from wasmrt_task_suspend(),
 *    releases what it holds, and returns the error at once.
 *  - Calls from outside of tasks are as they always were: on the caller's
 *    stack.
 *  - Guests compiled from C keep a stack in their memory, which is one per
 *    instance: give each task an instance of its own, unless the last one that
 *    has started ends first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WASMRT_TASK_H
#define WASMRT_TASK_H

#include "wasmrt/func.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A call that can be suspended, and after it the next one. Owned by its
 * store. */
typedef struct wasmrt_task wasmrt_task;

/** A function of the host that runs in a task: it may call guests, and suspend.
 * Its error is what the call that started or resumed the task returns. */
typedef wasmrt_error *(*wasmrt_task_fn)(void *env, wasmrt_caller *caller);

/**
 * Releases a task; when it is suspended, it is cancelled first. NULL is
 * allowed. Nothing happens while it runs, or when it is suspended and this is
 * not its thread. Not after the store has been deleted, which releases its
 * tasks.
 *
 * @param task     Ownership is taken.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API void wasmrt_task_delete(wasmrt_task *task);

/**
 * Makes a task, which runs nothing yet. It takes a stack only while it runs or
 * is suspended; the engine keeps some for the next ones.
 *
 * @param store    Borrowed.
 * @param data     For wasmrt_task_data(); borrowed.
 * @param out      Receives a task that the caller owns.
 * @return         NULL, or an owned error of kind OOM.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_task_new(wasmrt_store *store, void *data, wasmrt_task **out);

/**
 * Lets a suspended task go on, be cancelled and be deleted on any thread, one
 * at a time: so a pool of threads can run many tasks, and one that computes is
 * in nobody's way.
 *
 * For tasks all of whose host functions can do without a thread of their own:
 * across wasmrt_task_suspend() and wasmrt_caller_wait() they keep no address of
 * a thread's variable (errno's neither, which compilers like to remember within
 * a function) and no lock. Those of WASI can.
 *
 * @param task     Borrowed; one in which no call is in progress.
 * @param on       Default false.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API void wasmrt_task_set_movable(wasmrt_task *task, bool on);

/**
 * Calls a function in a task, up to its end or until it is suspended; see
 * wasmrt_task_is_suspended(). Tasks nest: a host function may start others.
 *
 * @param task     Borrowed; one in which no call is in progress.
 * @param func     Borrowed; of the task's store.
 * @param args     nargs values whose kinds fit the function's type. Not needed
 *                 any more when this returns.
 * @param nargs    Number of arguments.
 * @return         NULL, or an owned error: what ended the call; MISUSE when it
 *                 did not begin; LIMIT when there is no address space for a
 *                 stack.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_task_start(wasmrt_task *task, wasmrt_func *func, const wasmrt_val *args,
                  size_t nargs);

/**
 * The same with a function of the host's own, which may do what takes several
 * calls: instantiate, initialise, run a program. It has no results.
 *
 * @param task     Borrowed; one in which no call is in progress.
 * @param fn       Runs on the task's stack.
 * @param env      Passed to fn.
 * @return         As wasmrt_task_start().
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_task_start_host(wasmrt_task *task, wasmrt_task_fn fn, void *env);

/**
 * Goes on with a suspended task, up to its end or until it is suspended again.
 * An interrupt or deadline of the store that came meanwhile ends it.
 *
 * @param task     Borrowed; suspended.
 * @param value    What wasmrt_task_suspend() gives its caller.
 * @return         NULL, or an owned error: what ended the call; MISUSE when the
 *                 task is not suspended or this is not its thread; OOM when
 *                 it could not go on here, and is suspended still.
 * @threadsafe     Store. The thread that started the task, unless it is
 *                 movable.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *wasmrt_task_resume(wasmrt_task *task,
                                                            void *value);

/**
 * Ends a suspended task: the host function that has suspended it gets an error
 * CANCELLED and cleans up, the guest stops as by a trap, and whatever host
 * function tries to suspend on the way gets the error as well. Nothing happens
 * to a task that is not suspended and does not run. Whoever waits for the
 * embedder's loop (wasmrt_store_set_waiter()) must be taken out of it before.
 *
 * @param task     Borrowed.
 * @return         NULL, and nothing of the call is left; or an owned error of
 *                 kind MISUSE: the task runs, or this is not its thread.
 * @threadsafe     Store. The thread that started the task, unless it is
 *                 movable.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *wasmrt_task_cancel(wasmrt_task *task);

/**
 * Whether a call is in progress in the task and suspended. When not, after
 * wasmrt_task_start() or wasmrt_task_resume(), it has ended.
 *
 * @param task     Borrowed.
 * @return         True while suspended.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API bool wasmrt_task_is_suspended(const wasmrt_task *task);

/**
 * The results of the call that has ended in the task, until the next one
 * begins. References among them are good as if wasmrt_func_call() had given
 * them where the task ended.
 *
 * @param task     Borrowed.
 * @param results  Receives nresults values.
 * @param nresults Must be the function's number of results.
 * @return         NULL, or an owned error of kind MISUSE: no call has ended
 *                 with results, or with another number.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_task_results(const wasmrt_task *task, wasmrt_val *results,
                    size_t nresults);

/**
 * What the task was made with.
 *
 * @param task     Borrowed.
 * @return         The data given to wasmrt_task_new().
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API void *wasmrt_task_data(const wasmrt_task *task);

/**
 * The store of a task.
 *
 * @param task     Borrowed.
 * @return         Borrowed.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API wasmrt_store *wasmrt_task_store(const wasmrt_task *task);

/* -- For host functions ---------------------------------------------------- */

/**
 * The task in which a host function runs.
 *
 * @param caller   Borrowed.
 * @return         Borrowed; NULL outside of tasks.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API wasmrt_task *wasmrt_caller_task(wasmrt_caller *caller);

/**
 * Suspends the task in which a host function runs, with all that is between it
 * and wasmrt_task_start(). Returns when the task is resumed. Pointers into
 * guest memory are invalid then.
 *
 * @param caller   Borrowed; the innermost call in progress.
 * @param value    Receives what wasmrt_task_resume() was given; may be NULL.
 * @return         NULL after a resume; otherwise an owned error, to be returned
 *                 at once: CANCELLED, INTERRUPTED, DEADLINE; or MISUSE outside
 *                 of a task, and when a guest of another store has called.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_task_suspend(wasmrt_caller *caller, void **value);

/* -- Waiting in the embedder's loop ---------------------------------------- */

/**
 * Is told what a task waits for, just before it is suspended: to see to it that
 * wasmrt_task_resume() is called when one of the descriptors is ready, or the
 * time has come. Resuming without need is harmless.
 *
 * fds stays valid until then; whoever fills in `ready` spares the task a system
 * call. fds may be NULL when n is 0. deadline_ns is a CLOCK_MONOTONIC time, the
 * store's deadline if that is earlier, or UINT64_MAX. Descriptors below 0 stand
 * for standard streams that functions of the embedder provide
 * (wasmrt_wasi_config_ready()): it resumes the task when one may have become
 * ready. An error (owned by the
 * runtime from then on) is what the task's wait ends with.
 */
typedef wasmrt_error *(*wasmrt_waiter_fn)(void *user, wasmrt_task *task,
                                          wasmrt_waitfd *fds, size_t n,
                                          uint64_t deadline_ns);

/**
 * Makes wasmrt_caller_wait() suspend a task where it would block the thread: so
 * WASI's sleeping, polling, reading of pipes and sockets, too. Calls that are
 * not in a task block as before, and so does memory.atomic.wait.
 *
 * @param store    Borrowed.
 * @param fn       NULL: none (the default).
 * @param user     Passed to fn.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API void wasmrt_store_set_waiter(wasmrt_store *store,
                                        wasmrt_waiter_fn fn, void *user);

#ifdef __cplusplus
}
#endif

#endif
