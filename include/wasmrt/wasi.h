/*
 * wasmrt/wasi.h - WASI preview1: what a guest is granted
 *
 * Deny by default. Everything that the outside world offers is granted here,
 * piece by piece, or replaced by the embedder.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WASMRT_WASI_H
#define WASMRT_WASI_H

#include "wasmrt/linker.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a guest is granted: nothing, until a function below says so. */
typedef struct wasmrt_wasi_config wasmrt_wasi_config;

/** Rights of a preopened directory or file. */
typedef enum wasmrt_wasi_access {
    WASMRT_WASI_READ_WRITE = 0,
    WASMRT_WASI_READ_ONLY
} wasmrt_wasi_access;

/** The three standard streams. */
typedef enum wasmrt_wasi_stream {
    WASMRT_WASI_STDIN = 0,
    WASMRT_WASI_STDOUT,
    WASMRT_WASI_STDERR
} wasmrt_wasi_stream;

/**
 * Releases a configuration. NULL is allowed.
 *
 * @param config   Ownership is taken.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_wasi_config_delete(wasmrt_wasi_config *config);

/**
 * Makes a configuration that grants nothing: no arguments, no environment, no
 * files; standard input empty, output discarded.
 *
 * @return         An owned configuration, or NULL when memory is exhausted.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API WASMRT_OWN(wasmrt_wasi_config_delete)
    wasmrt_wasi_config *wasmrt_wasi_config_new(void);

/**
 * Appends an argument; the first one is the program's name.
 *
 * @param config   Borrowed.
 * @param arg      Borrowed for the call.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_wasi_config_arg(wasmrt_wasi_config *config,
                                       const char *arg);

/**
 * Sets an environment variable; a later value replaces an earlier one.
 *
 * @param config   Borrowed.
 * @param name     Borrowed for the call; without '='.
 * @param value    Borrowed for the call.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_wasi_config_env(wasmrt_wasi_config *config,
                                       const char *name, const char *value);

/**
 * Grants a directory, or a single file, which the guest finds under its exact
 * guest path. Mounts below a directory belong to it; what lies on a proc file
 * system is never opened.
 *
 * @param config   Borrowed.
 * @param host_path Borrowed for the call. Opened when a store gets the
 *                 configuration.
 * @param guest_path The name by which the guest finds it.
 * @param access   What the guest may do below it.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_wasi_config_preopen(wasmrt_wasi_config *config,
                                           const char *host_path,
                                           const char *guest_path,
                                           wasmrt_wasi_access access);

/**
 * Lets the guest use a standard stream of this process.
 *
 * @param config   Borrowed.
 * @param stream   Which one.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_wasi_config_inherit(wasmrt_wasi_config *config,
                                           wasmrt_wasi_stream stream);

/**
 * Connects a standard stream to an open descriptor.
 *
 * @param config   Borrowed.
 * @param stream   Which one.
 * @param fd       Duplicated when a store gets the configuration.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_wasi_config_stream_fd(wasmrt_wasi_config *config,
                                             wasmrt_wasi_stream stream, int fd);

/**
 * Whether a write to a standard stream whose reader is gone raises SIGPIPE in
 * this process, as it does in a native program. Otherwise only the guest learns
 * of it, by the error PIPE. Set before the streams are granted or after.
 *
 * @param config   Borrowed.
 * @param on       Default false.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_wasi_config_sigpipe(wasmrt_wasi_config *config, bool on);

/**
 * Serves standard input from memory.
 *
 * @param config   Borrowed.
 * @param bytes    Borrowed for the call; copied.
 * @param len      Length in bytes.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_wasi_config_stdin_bytes(wasmrt_wasi_config *config,
                                               const void *bytes, size_t len);

/**
 * What a function returns that provides a standard stream and has nothing to
 * give or no room now. A guest in a task (wasmrt/task.h) is suspended then:
 * whoever has something for it resumes the task, and the function is asked
 * again. Elsewhere, and when it does not want to wait, the guest gets AGAIN.
 */
#define WASMRT_WASI_NOT_NOW INT64_MIN

/** Fills buf with up to len bytes, at least one. Returns how many, 0 at the
 * end of the input, WASMRT_WASI_NOT_NOW, or another number less than 0 to make
 * the guest's read fail. */
typedef int64_t (*wasmrt_wasi_source_fn)(void *user, void *buf, size_t len);

/** Takes up to len bytes of buf, at least one. Returns how many,
 * WASMRT_WASI_NOT_NOW, or another number less than 0 to make the guest's write
 * fail. */
typedef int64_t (*wasmrt_wasi_sink_fn)(void *user, const void *buf, size_t len);

/** How many bytes can be read or written without waiting; 0: not now; less than
 * 0: the other end is gone. */
typedef int64_t (*wasmrt_wasi_ready_fn)(void *user);

/**
 * Serves standard input by a function of the embedder, which may wait.
 *
 * An interrupt of the store does not end the function's waiting; that is up to
 * whoever interrupts. When it fails and the store was interrupted, the guest
 * ends there.
 *
 * @param config   Borrowed.
 * @param read     Called when the guest reads, on its thread; len is not 0.
 * @param user     Passed through.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_wasi_config_source(wasmrt_wasi_config *config,
                                          wasmrt_wasi_source_fn read,
                                          void *user);

/**
 * Hands what the guest writes to standard output or error to a function of the
 * embedder that takes as much as it can, and may wait or fail; see
 * wasmrt_wasi_config_source(). wasmrt_wasi_config_writer() is for functions
 * that take everything.
 *
 * @param config   Borrowed.
 * @param stream   STDOUT or STDERR.
 * @param write    Called when the guest writes, on its thread; len is not 0.
 * @param user     Passed through.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_wasi_config_sink(wasmrt_wasi_config *config,
                                        wasmrt_wasi_stream stream,
                                        wasmrt_wasi_sink_fn write, void *user);

/**
 * Says when a stream that a function provides is ready, for guests that poll.
 * Without it such a stream is always ready.
 *
 * A guest in a task waits for it in the embedder's loop: the store's waiter
 * (wasmrt_store_set_waiter(), which must be set) gets a descriptor below 0 for
 * the stream, and each resume has the function asked again. Polls outside of
 * tasks do not wait for it: what they find ready may have to wait then.
 *
 * @param config   Borrowed.
 * @param stream   Which one; wasmrt_wasi_config_source() or
 *                 wasmrt_wasi_config_sink() has been called for it.
 * @param ready    Called when the guest polls, on its thread.
 * @param user     Passed through.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_wasi_config_ready(wasmrt_wasi_config *config,
                                         wasmrt_wasi_stream stream,
                                         wasmrt_wasi_ready_fn ready,
                                         void *user);

/**
 * Keeps what the guest writes to standard output or error in memory; see
 * wasmrt_wasi_captured().
 *
 * @param config   Borrowed.
 * @param stream   STDOUT or STDERR.
 * @param max_bytes Writes beyond fail with NOSPC.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_wasi_config_capture(wasmrt_wasi_config *config,
                                           wasmrt_wasi_stream stream,
                                           size_t max_bytes);

/**
 * Passes what the guest writes to stdout or stderr on, as it is written.
 *
 * @param config   Borrowed.
 * @param stream   Not WASMRT_WASI_STDIN.
 * @param write    Gets bytes of guest memory, borrowed for the call; some of
 *                 them at a time, in order. It must not use the store. Threads
 *                 of a guest call it one at a time.
 * @param user     Passed through.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_wasi_config_writer(
    wasmrt_wasi_config *config, wasmrt_wasi_stream stream,
    void (*write)(void *user, const void *bytes, size_t len), void *user);

/**
 * Grants a listening TCP socket. Listeners follow the preopened directories and
 * files, in order; the first preopen is descriptor 3.
 *
 * @param config   Borrowed.
 * @param address  "ADDR:PORT", "[ADDR6]:PORT". Bound when a store gets the
 *                 configuration.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_wasi_config_listen(wasmrt_wasi_config *config,
                                          const char *address);

/**
 * Grants a socket that listens already, as systemd hands it over (LISTEN_FDS).
 *
 * @param config   Borrowed.
 * @param fd       Duplicated when a store gets the configuration.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_wasi_config_listen_fd(wasmrt_wasi_config *config,
                                             int fd);

/**
 * Replaces the clocks.
 *
 * @param config   Borrowed.
 * @param now_ns   Gives the time in nanoseconds of clock 0 (real time) or 1
 *                 (monotonic).
 * @param user     Passed through.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_wasi_config_clock(wasmrt_wasi_config *config,
                                         uint64_t (*now_ns)(void *user,
                                                            uint32_t clock_id),
                                         void *user);

/**
 * Replaces the source of random bytes.
 *
 * @param config   Borrowed.
 * @param fill     Fills buf.
 * @param user     Passed through.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_wasi_config_random(wasmrt_wasi_config *config,
                                          void (*fill)(void *user, void *buf,
                                                       size_t len),
                                          void *user);

/**
 * Limits the guest's open descriptors.
 *
 * @param config   Borrowed.
 * @param count    Default 1024.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_wasi_config_max_fds(wasmrt_wasi_config *config,
                                           uint32_t count);

/**
 * Lets the guest start threads (wasi-threads): see wasmrt_wasi_link_threads().
 * What the embedder has replaced (clocks, random bytes, the trace) is then
 * called by several threads at once.
 *
 * @param config   Borrowed.
 * @param max      Threads at once, besides the first one. Default 0: none.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_wasi_config_threads(wasmrt_wasi_config *config,
                                           uint32_t max);

/**
 * Defines wasi_snapshot_preview1 and wasi_unstable in a linker.
 *
 * The functions find the WASI state of the store in which they are called.
 *
 * @param linker   Borrowed.
 * @return         NULL, or an owned error of kind LINK or OOM.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_wasi_link(wasmrt_linker *linker);

/**
 * Defines those functions of WASI that a module imports, and no more.
 *
 * What has one module to run takes less memory this way. A name that the linker
 * has is left as it is.
 *
 * @param linker   Borrowed.
 * @param module   Borrowed for the call.
 * @return         NULL, or an owned error of kind OOM.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_wasi_link_imports(wasmrt_linker *linker, const wasmrt_module *module);

/**
 * Lets a module link that imports socket functions of other dialects of WASI.
 *
 * Every sock_* function of wasi_snapshot_preview1 that the module imports,
 * preview1 does not have and whose result is an error number becomes a function
 * that answers NOSYS. Modules that merely could use sockets run that way.
 *
 * @param linker   Borrowed.
 * @param module   Borrowed for the call.
 * @return         NULL, or an owned error of kind OOM.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_wasi_link_stubs(wasmrt_linker *linker, const wasmrt_module *module);

/**
 * Gives a store its WASI state: opens preopens, duplicates descriptors.
 *
 * @param store    Borrowed.
 * @param config   Borrowed for the call.
 * @return         NULL, or an owned error of kind IO (names the path and why),
 *                 MISUSE or OOM.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_store_set_wasi(wasmrt_store *store, const wasmrt_wasi_config *config);

/**
 * Links a module for threads: defines wasi.thread-spawn, and a new shared
 * memory for each that the module imports and the linker does not define. The
 * memories count in the limits of the store, which hold for all threads
 * together.
 *
 * A thread of the guest is a thread of the host with a store of its own (see
 * wasmrt_store_new_sibling()), in which the module is instantiated once more
 * and its export wasi_thread_start called. All of them use the WASI state of
 * this store. The first trap, exit or other error of any thread ends all of
 * them within milliseconds; this store's call then ends with INTERRUPTED, and
 * wasmrt_wasi_end_threads() tells why.
 *
 * @param linker   Borrowed. Nothing may be defined in it while threads run.
 * @param store    Borrowed; has its WASI state.
 * @param module   Borrowed.
 * @return         NULL, or an owned error: MISUSE when the store was granted no
 *                 threads, LINK when the module starts threads and lacks
 *                 wasi_thread_start or a shared memory to import, LIMIT or OOM.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_wasi_link_threads(wasmrt_linker *linker, wasmrt_store *store,
                         wasmrt_module *module);

/**
 * Ends the guest's threads and waits for that. wasmrt_wasi_start() does so when
 * a command returns, and deleting the store does; this is for hosts that call
 * other functions, or whose instantiation failed.
 *
 * @param store    Borrowed; the one that was given its WASI state.
 * @param error_taken How the call in this store ended; NULL when it returned.
 * @return         What ended the guest, owned: the error of a thread, if that
 *                 was the first; else error_taken. May be NULL.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_wasi_end_threads(wasmrt_store *store, wasmrt_error *error_taken);

/**
 * How often the guest was refused a thread, because of the limit or because
 * the host had no room for one. The guest is told by a negative number.
 *
 * @param store    Borrowed.
 * @return         The number.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API uint64_t wasmrt_wasi_refused_threads(wasmrt_store *store);

/**
 * The last path that the guest was refused because it leads out of the
 * directories that were granted: to explain a failure. The guest was told
 * NOTCAPABLE.
 *
 * @param store    Borrowed; the one that was given its WASI state.
 * @param buf      Receives the path as the guest sees it: behind the name of
 * the directory and a slash where that is one that was granted; NUL-terminated,
 * cut to size.
 * @param size     Size of buf in bytes.
 * @return         Length of the whole path, without the NUL; 0 for none.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API size_t wasmrt_wasi_refused_path(wasmrt_store *store, char *buf,
                                           size_t size);

/**
 * What the guest wrote to a captured stream so far.
 *
 * @param store    Borrowed.
 * @param stream   STDOUT or STDERR.
 * @param len_out  Receives the length in bytes.
 * @return         Borrowed, until the guest runs again; NULL when nothing was
 *                 captured.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API const uint8_t *wasmrt_wasi_captured(wasmrt_store *store,
                                               wasmrt_wasi_stream stream,
                                               size_t *len_out);

/**
 * Runs a command (its export _start) or initialises a reactor (_initialize).
 *
 * @param store    Borrowed.
 * @param instance Borrowed.
 * @return         NULL when the guest returned or exited with 0; otherwise an
 *                 owned error: kind EXIT with its status, a trap, or LINK when
 *                 it exports neither or both. When a command returns, so end
 *                 the threads that it has started.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_wasi_start(wasmrt_store *store, wasmrt_instance *instance);

/**
 * All of it at once: makes a store, links WASI, instantiates the module, runs
 * it and deletes what was made. For a module that starts threads there is
 * wasmrt_wasi_link_threads().
 *
 * @param engine   Borrowed; the module's.
 * @param module   Borrowed.
 * @param config   Borrowed for the call; its captures are lost, so output goes
 *                 to descriptors or to wasmrt_wasi_config_writer().
 * @return         As wasmrt_wasi_start(), or what keeps the module from being
 *                 instantiated.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_run_wasi(wasmrt_engine *engine, wasmrt_module *module,
                const wasmrt_wasi_config *config);

/**
 * Tells that a guest has waited for 20 ms and goes on waiting, for a time or
 * for a file, pipe or socket.
 *
 * What it took before, such as the memory of compiling its functions, may not
 * be needed for long: the place to call malloc_trim().
 *
 * @param config   Borrowed.
 * @param idle     Called on the thread that waits, once for each such wait;
 *                 NULL: not.  It must not use the store.
 * @param user     Passed through.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_wasi_config_idle(wasmrt_wasi_config *config,
                                        void (*idle)(void *user), void *user);

/**
 * Reports every call, decoded, with its result: strace for WASI.
 *
 * @param config   Borrowed.
 * @param write    Receives one NUL-terminated line per call, without newline.
 * @param user     Passed through.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_wasi_config_trace(wasmrt_wasi_config *config,
                                         void (*write)(void *user,
                                                       const char *line),
                                         void *user);

#ifdef __cplusplus
}
#endif

#endif
