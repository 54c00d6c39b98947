/*
 * wasmrt/config.h - engine and its configuration
 *
 * One engine serves a whole process, or several live side by side; there is no
 * global state.
 *
 * After fork() the child has everything that the forking thread could have
 * used: it may go on with engines, modules, stores and instances of its parent,
 * make more of them and delete them, and neither process notices the other,
 * whichever ends first. What was compiled runs on; what was not is interpreted
 * in the child, while modules that the child makes are compiled as always.
 * Three things are out of the child's reach: an engine that ever had a
 * deadline, whose thread is not there (it must not be used, nor deleted); what
 * another thread was just using; and threads of guests. Shared memories are not
 * shared with the parent.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WASMRT_CONFIG_H
#define WASMRT_CONFIG_H

#include "wasmrt/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Engine configuration.  Setters never fail; errors surface when the
 * configuration is used. */
typedef struct wasmrt_config wasmrt_config;

/** Compiles modules and owns what they share.  Thread-safe. */
typedef struct wasmrt_engine wasmrt_engine;

/** Which execution engine runs guest code. */
typedef enum wasmrt_strategy {
    /** The default: native code where the build, the processor and the system
     *  have what it needs, the interpreter elsewhere. */
    WASMRT_STRATEGY_AUTO = 0,
    WASMRT_STRATEGY_INTERP, /**< The interpreter. */
    WASMRT_STRATEGY_JIT     /**< Native code; an error where unavailable. */
} wasmrt_strategy;

/** How accesses to guest memory are confined. */
typedef enum wasmrt_bounds {
    WASMRT_BOUNDS_AUTO = 0, /**< Guard pages if the address space allows. */
    WASMRT_BOUNDS_GUARD,    /**< Guard pages, or an error. */
    WASMRT_BOUNDS_CHECK     /**< Explicit checks, small reservations. */
} wasmrt_bounds;

/** When function bodies are compiled.  All are validated at once either way. */
typedef enum wasmrt_compile {
    WASMRT_COMPILE_LAZY = 0, /**< Each at its first call. */
    WASMRT_COMPILE_EAGER     /**< All of them with the module. */
} wasmrt_compile;

/** Allocates, resizes and frees; see wasmrt_config_set_allocator(). */
typedef void *(*wasmrt_resize_fn)(void *user, void *ptr, size_t old_size,
                                  size_t new_size);

/**
 * Releases a configuration. NULL is allowed.
 *
 * @param config   Ownership is taken.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_config_delete(wasmrt_config *config);

/**
 * Makes a configuration with default settings.
 *
 * @return         An owned configuration, or NULL when memory is exhausted.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API
WASMRT_OWN(wasmrt_config_delete) wasmrt_config *wasmrt_config_new(void);

/**
 * Chooses the execution engine.
 *
 * @param config   Borrowed.
 * @param strategy See wasmrt_strategy.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_config_set_strategy(wasmrt_config *config,
                                           wasmrt_strategy strategy);

/**
 * Chooses how guest memory is confined. The choice holds for everything that
 * the engine compiles.
 *
 * @param config   Borrowed.
 * @param bounds   See wasmrt_bounds.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_config_set_bounds(wasmrt_config *config,
                                         wasmrt_bounds bounds);

/**
 * Chooses when function bodies are compiled. Lazy starts sooner; eager does all
 * work before the first call, which then costs what every call costs, and
 * reports what cannot be compiled when the module is made.
 *
 * @param config   Borrowed.
 * @param compile  See wasmrt_compile.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_config_set_compile(wasmrt_config *config,
                                          wasmrt_compile compile);

/**
 * How many threads compile a module together, when all of it is compiled with
 * WASMRT_COMPILE_EAGER: the one that makes the module, and others that end
 * before it is made. What is wrong with a module is the same error whatever
 * the number. Small modules take fewer.
 *
 * @param config   Borrowed.
 * @param count    0, the default: as many as the process has processors; with
 *                 an allocator of its own (wasmrt_config_set_allocator()), one.
 *                 More than 64 count as 64.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_config_set_compile_threads(wasmrt_config *config,
                                                  unsigned count);

/**
 * Whether the engine may install handlers for SIGSEGV and SIGBUS (it chains to
 * those that are there). Off implies explicit bounds checks: for hosts that
 * must own their signals.
 *
 * @param config   Borrowed.
 * @param on       Default true.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_config_set_signals(wasmrt_config *config, bool on);

/**
 * Whether machine code is read back before it runs, and refused unless it
 * provably stays in what belongs to the guest: a second opinion on the
 * compiler. Costs about as much as compiling. Builds for debugging always do
 * it; see wasmrt_engine_get_code_checks().
 *
 * @param config   Borrowed.
 * @param on       Default false.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_config_set_code_check(wasmrt_config *config, bool on);

/**
 * Whether machine code masks indices of tables, arrays and memories with
 * explicit bounds, so that a processor that guesses past a comparison stays
 * inside of them, too. Off is for guests that are trusted to read whatever this
 * process can read. The interpreter always masks.
 *
 * @param config   Borrowed.
 * @param on       Default true.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_config_set_index_masks(wasmrt_config *config, bool on);

/**
 * Turns a WebAssembly feature on or off.
 *
 * @param config   Borrowed.
 * @param name     Name of the feature, such as "simd"; wasmrt_feature_name()
 *                 lists them.
 * @param on       Whether modules may use it.
 * @return         Whether the name is known.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API bool wasmrt_config_set_feature(wasmrt_config *config,
                                          const char *name, bool on);

/**
 * Limits the guest's stack of each store.
 *
 * @param config   Borrowed.
 * @param bytes    Rounded up to pages; 0 takes the default of 1 MiB.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_config_set_max_stack(wasmrt_config *config,
                                            size_t bytes);

/**
 * Sets the size of the stacks that each task has (task.h). Address space is
 * taken for them, memory only as it is used.
 *
 * @param config   Borrowed.
 * @param guest_bytes For guest code; 0 takes the default of 256 KiB. More is a
 *                 trap STACK_OVERFLOW.
 * @param host_bytes For the host functions that it calls; 0 takes the default
 *                 of 256 KiB, and 128 KiB are the least. Guest code stops
 *                 before it leaves less than 64 KiB. Host functions that need
 *                 more than that end the process, as on a thread's stack.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_config_set_task_stack(wasmrt_config *config,
                                             size_t guest_bytes,
                                             size_t host_bytes);

/**
 * Limits the size of modules. A larger one is refused with an error LIMIT
 * before anything of it is looked at; of a text, the module that it stands for
 * counts. It also bounds the time that compiling takes, which is proportional
 * to the size.
 *
 * @param config   Borrowed.
 * @param bytes    Of the binary format. Default 1 GiB, which is also the most.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_config_set_module_limit(wasmrt_config *config,
                                               uint64_t bytes);

/**
 * Limits the code that is made of a module: machine code and threaded code,
 * each by itself. What machine code has no room for is interpreted, all of it
 * when there is less than 64 KiB. A function
 * whose threaded code has no room is an error LIMIT: of the call that needs it,
 * or of making the module where everything is compiled then.
 *
 * @param config   Borrowed.
 * @param bytes    Default UINT64_MAX, no limit; of machine code there is 1 GiB
 *                 at most.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_config_set_code_limit(wasmrt_config *config,
                                             uint64_t bytes);

/**
 * The limit of memories that each store begins with, so that a host states its
 * limits once: see wasmrt_store_set_memory_limit(), which changes it for one
 * store, and has the errors.
 *
 * @param config   Borrowed.
 * @param bytes    UINT64_MAX for no limit (the default).
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_config_set_memory_limit(wasmrt_config *config,
                                               uint64_t bytes);

/**
 * The limit of tables that each store begins with; see
 * wasmrt_store_set_table_limit().
 *
 * @param config   Borrowed.
 * @param elements Default 10,000,000.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_config_set_table_limit(wasmrt_config *config,
                                              uint64_t elements);

/**
 * The limits of objects that each store begins with; see
 * wasmrt_store_set_count_limits().
 *
 * @param config   Borrowed.
 * @param instances UINT64_MAX for no limit (the default of all three).
 * @param memories Likewise.
 * @param tables   Likewise.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_config_set_count_limits(wasmrt_config *config,
                                               uint64_t instances,
                                               uint64_t memories,
                                               uint64_t tables);

/**
 * The limit of the guest's objects that each store begins with; see
 * wasmrt_store_set_gc_limit().
 *
 * @param config   Borrowed.
 * @param bytes    UINT64_MAX for the most that is possible (the default).
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_config_set_gc_limit(wasmrt_config *config,
                                           uint64_t bytes);

/**
 * Makes guest code count what it executes, so that a store can limit it by
 * wasmrt_store_set_fuel(). The count is the same in every build and engine.
 *
 * Each instruction costs one unit, except block, loop, else, end and nop. A
 * bulk operation on a memory or a table costs one unit more for each 64 bytes
 * (8 references). The instructions up to the next place where control may leave
 * or come in (a branch, a call, the end of a block) are paid for at once,
 * before the first of them.
 *
 * @param config   Borrowed.
 * @param on       Default false: nothing is counted, and counting costs
 * nothing.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_config_set_fuel(wasmrt_config *config, bool on);

/**
 * Sends the engine's own allocations through a callback. Guest memories and
 * stacks are mappings and do not count.
 *
 * @param config   Borrowed.
 * @param resize   resize(user, NULL, 0, n) allocates, resize(user, p, old, n)
 *                 resizes, resize(user, p, old, 0) frees. NULL on failure. Must
 *                 be thread-safe when the engine is shared, or compiles on
 *                 several threads (wasmrt_config_set_compile_threads()).
 * @param user     Passed through.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_config_set_allocator(wasmrt_config *config,
                                            wasmrt_resize_fn resize,
                                            void *user);

/**
 * Lists the WebAssembly features that this library knows.
 *
 * @param n        0, 1, 2, ...
 * @param text_out Receives a description; may be NULL.
 * @param default_out Receives whether it is on by default; may be NULL.
 * @return         The name, static; NULL past the last.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API const char *wasmrt_feature_name(size_t n, const char **text_out,
                                           bool *default_out);

/**
 * Gives back a reference to an engine. It ends when its modules and stores are
 * gone too. NULL is allowed.
 *
 * @param engine   Ownership is taken.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API void wasmrt_engine_delete(wasmrt_engine *engine);

/**
 * Makes an engine.
 *
 * @param config   Borrowed for the call; NULL for the defaults.
 * @param out      Receives an engine that the caller owns.
 * @return         NULL, or an owned error (an engine that this build lacks,
 *                 address space, memory).
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_engine_new(const wasmrt_config *config, wasmrt_engine **out);

/**
 * The execution engine in use.
 *
 * @param engine   Borrowed.
 * @return         "interp" or "jit"; static.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API const char *wasmrt_engine_strategy(const wasmrt_engine *engine);

/**
 * How guest memory is confined.
 *
 * @param engine   Borrowed.
 * @return         "guard" or "check"; static.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API const char *wasmrt_engine_bounds(const wasmrt_engine *engine);

/** What has been proven of machine code; see wasmrt_config_set_code_check(). */
typedef struct wasmrt_code_checks {
    uint64_t funcs;    /**< Functions, and code that stands in for some. */
    uint64_t insns;    /**< Instructions of the machine. */
    uint64_t loads;    /**< Of those, loads from memory. */
    uint64_t stores;   /**< Stores to memory. */
    uint64_t branches; /**< Branches, calls and returns. */
} wasmrt_code_checks;

/**
 * Counts what has been checked so far.
 *
 * @param engine   Borrowed.
 * @param out      Receives the numbers; 0 where nothing is checked.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API void wasmrt_engine_get_code_checks(const wasmrt_engine *engine,
                                              wasmrt_code_checks *out);

#ifdef __cplusplus
}
#endif

#endif
