/*
 * The threads of a guest: wasi-threads.
 *
 * Each thread has a store of its own, a sibling of the first one's, and an
 * instance of the same module in it.  They have in common the WASI state and
 * the shared memories that the module imports.
 *
 * The first trap, exit or other error of any of them is what the guest ended
 * with, and interrupts all others, wherever they are.  The store that was given
 * its WASI state waits for the rest.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WASI_THREADS_H
#define WASI_THREADS_H

#include "wasi/os_thread.h"

#include "wasmrt/wasi.h"

#include <stdint.h>

struct p1_thread;

/* Numbers of threads are positive and leave three bits to C libraries. */
enum { P1_MAX_THREAD_ID = (1 << 29) - 1 };

/* Owner: the WASI state.  All under the lock, but what is constant. */
struct p1_threads {
    struct p1_lock lock;
    uint32_t max;           /* at once, besides the first one; constant */
    wasmrt_store *first;    /* borrowed; constant */
    wasmrt_linker *linker;  /* borrowed; NULL: not linked.  Constant, then. */
    wasmrt_module *module;  /* a reference; likewise */
    struct p1_thread *list; /* all that have not been joined */
    uint32_t count;         /* of those that still have a store */
    uint32_t last_id;
    uint64_t refused; /* for the limit, or for want of memory */
    bool is_ending;
    bool ended_first;    /* by another thread: `first` was interrupted */
    wasmrt_error *error; /* why, from a thread of the list; owned */
};

/* Ends all threads but the first and waits for them.  What ended the guest: an
 * error of theirs, when that came before error_taken, which may be NULL. */
wasmrt_error *p1_threads_end(struct p1_threads *threads,
                             wasmrt_error *error_taken);

/* Releases what is left, without threads. */
void p1_threads_fini(struct p1_threads *threads);

#endif
