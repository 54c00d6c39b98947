/*
 * wasmrt/func.h - functions and calls, in both directions
 *
 * Host functions receive their caller, so they reach the calling instance's
 * memory without globals. Typed calls check kinds; raw calls are for hot paths.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WASMRT_FUNC_H
#define WASMRT_FUNC_H

#include "wasmrt/store.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The call in progress, as a host function sees it.  Valid until it returns.
 */
typedef struct wasmrt_caller wasmrt_caller;

/**
 * A host function over raw slots: the fast path.
 *
 * slots holds the parameters in order; the function replaces them by its
 * results.  A returned error (owned by the runtime from then on) ends the
 * guest: a trap, or an exit made with wasmrt_error_new_exit().
 */
typedef wasmrt_error *(*wasmrt_raw_fn)(void *env, wasmrt_caller *caller,
                                       wasmrt_slot *slots);

/** A host function over typed values.  args and results are counted by the
 * signature; results come in with their kinds set and values zero. */
typedef wasmrt_error *(*wasmrt_host_fn)(void *env, wasmrt_caller *caller,
                                        const wasmrt_val *args,
                                        wasmrt_val *results);

/**
 * The store in which a host function was called.
 *
 * @param caller   Borrowed.
 * @return         Borrowed.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API wasmrt_store *wasmrt_caller_store(wasmrt_caller *caller);

/**
 * The caller's memory: the export named "memory" of the calling instance, else
 * its first memory.
 *
 * @param caller   Borrowed.
 * @return         Borrowed; NULL when the instance has no memory.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API wasmrt_memory *wasmrt_caller_memory(wasmrt_caller *caller);

/**
 * The instance that called.
 *
 * @param caller   Borrowed.
 * @return         Borrowed; NULL when the host called the function directly.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API wasmrt_instance *wasmrt_caller_instance(wasmrt_caller *caller);

/** What to wait for on a descriptor, and what came; combine with |. */
typedef enum wasmrt_wait_events {
    WASMRT_WAIT_READ = 1,   /**< Data to read, or somebody to accept. */
    WASMRT_WAIT_WRITE = 2,  /**< Room to write. */
    WASMRT_WAIT_HANGUP = 4, /**< The other end is gone; reported unasked. */
    WASMRT_WAIT_ERROR = 8   /**< Not a descriptor, or broken; unasked. */
} wasmrt_wait_events;

/** A descriptor of the host to wait for. */
typedef struct wasmrt_waitfd {
    int fd;
    uint16_t events; /**< WASMRT_WAIT_READ, WASMRT_WAIT_WRITE. */
    uint16_t ready;  /**< Filled in: any of wasmrt_wait_events. */
} wasmrt_waitfd;

/**
 * Waits in a host function: the only way to block that an interrupt or a
 * deadline of the store ends. A deadline in the past asks without
 * waiting; without descriptors, too, it asks for interrupts only.
 *
 * Pointers into guest memory are invalid afterwards.
 *
 * What has a number below 0 is never ready; but a task that waits for it in the
 * embedder's loop (wasmrt/task.h) returns, and asks by itself, whenever it is
 * resumed.
 *
 * @param caller   Borrowed.
 * @param fds      n descriptors; `ready` is filled in on success. May be NULL
 *                 when n is 0.
 * @param n        Number of descriptors.
 * @param deadline_ns CLOCK_MONOTONIC time in nanoseconds; UINT64_MAX for none.
 * @return         NULL when a descriptor is ready or the time has come;
 *                 otherwise an owned error to be returned at once: INTERRUPTED,
 *                 DEADLINE, OUT_OF_MEMORY.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_caller_wait(wasmrt_caller *caller, wasmrt_waitfd *fds, size_t n,
                   uint64_t deadline_ns);

/**
 * Makes a function of the store from a host function.
 *
 * @param store    Borrowed.
 * @param signature "(i32 i64) -> f64": value types i32 i64 f32 f64 v128 funcref
 *                 externref anyref exnref.
 * @param fn       Called when the guest calls.
 * @param env      Passed to fn.
 * @param env_delete Called when the store is deleted; may be NULL.
 * @param out      Receives the function.
 * @return         NULL, or an owned error of kind MISUSE (signature) or OOM.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_func_new(wasmrt_store *store, const char *signature, wasmrt_host_fn fn,
                void *env, void (*env_delete)(void *env), wasmrt_func **out);

/**
 * Calls a function with typed values.
 *
 * @param store    Borrowed; the function's store.
 * @param func     Borrowed.
 * @param args     nargs values whose kinds fit the function's type.
 * @param nargs    Number of arguments.
 * @param results  Receives nresults values.
 * @param nresults Number of results; must be the function's.
 * @return         NULL, or an owned error: a trap, an exit, or MISUSE when the
 *                 arguments do not fit.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_func_call(wasmrt_store *store, wasmrt_func *func, const wasmrt_val *args,
                 size_t nargs, wasmrt_val *results, size_t nresults);

/**
 * Calls a function with arguments of C, without arrays:
 *
 *     wasmrt_call(store, func, "(i32 f64) -> i64", 3, 0.5, &result);
 *
 * The signature must be the function's, and says what follows it: an int32_t
 * for i32, an int64_t for i64, a double for f64 and also for f32, a
 * wasmrt_v128, or a pointer for each reference; then, for each result, a
 * pointer to where it goes (to a float for f32), or NULL. It is parsed each
 * time; what must be quick asks wasmrt_func_has_type() once and uses
 * wasmrt_func_call_raw().
 *
 * @param store    Borrowed; the function's.
 * @param func     Borrowed.
 * @param signature Borrowed for the call; see wasmrt_func_new().
 * @return         As wasmrt_func_call(), MISUSE when it is not the signature of
 *                 the function.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_call(wasmrt_store *store, wasmrt_func *func, const char *signature, ...);

/**
 * Calls a function over raw slots, without checks of the values.
 *
 * @param store    Borrowed; the function's store.
 * @param func     Borrowed.
 * @param slots    Parameters, replaced by results; room for the larger of both.
 * @return         NULL, or an owned error: a trap or an exit.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_func_call_raw(wasmrt_store *store, wasmrt_func *func,
                     wasmrt_slot *slots);

/**
 * Number of parameters.
 *
 * @param store    Borrowed.
 * @param func     Borrowed.
 * @return         The count.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API size_t wasmrt_func_param_count(const wasmrt_store *store,
                                          const wasmrt_func *func);

/**
 * Number of results.
 *
 * @param store    Borrowed.
 * @param func     Borrowed.
 * @return         The count.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API size_t wasmrt_func_result_count(const wasmrt_store *store,
                                           const wasmrt_func *func);

/**
 * Kind of a parameter.
 *
 * @param store    Borrowed.
 * @param func     Borrowed.
 * @param n        Less than the count.
 * @return         The kind.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API wasmrt_kind wasmrt_func_param_kind(const wasmrt_store *store,
                                              const wasmrt_func *func,
                                              size_t n);

/**
 * Kind of a result.
 *
 * @param store    Borrowed.
 * @param func     Borrowed.
 * @param n        Less than the count.
 * @return         The kind.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API wasmrt_kind wasmrt_func_result_kind(const wasmrt_store *store,
                                               const wasmrt_func *func,
                                               size_t n);

/**
 * Whether a function has a signature: check once, then call raw.
 *
 * @param store    Borrowed.
 * @param func     Borrowed.
 * @param signature As for wasmrt_func_new().
 * @return         True when they are equal.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API bool wasmrt_func_has_type(const wasmrt_store *store,
                                     const wasmrt_func *func,
                                     const char *signature);

#ifdef __cplusplus
}
#endif

#endif
