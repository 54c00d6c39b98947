/*
 * One run of a program for one request: a fresh store and instance, input and
 * output through bounded queues, and an end.
 *
 * The loop's side is here; none of it waits.  The guest itself is a task
 * (wasmrt/task.h) on some thread of a bounded pool.  While it waits for its
 * client or for a time it is suspended and has no thread; the loop brings it
 * back, perhaps to another one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SERVE_GUEST_H
#define SERVE_GUEST_H

#include "serve/app.h"
#include "wasmrt/wasi.h"

struct guest;
struct pool;

enum guest_end {
    GUEST_RUNS,     /* not ended yet */
    GUEST_RETURNED, /* or exited, with any status */
    GUEST_TRAPPED,
    GUEST_FAILED,    /* it could not be started */
    GUEST_TIMED_OUT, /* the rest: somebody ended it */
    GUEST_TOO_LONG,  /* it wrote more than it may */
    GUEST_OUT_OF_FUEL,
    GUEST_LEFT /* its client is gone */
};

/* Filled in when the guest has ended. */
struct guest_report {
    enum guest_end end;
    int status;        /* of its exit */
    char text[256];    /* what went wrong */
    uint64_t start_ns; /* making the instance */
    uint64_t run_ns;
    uint64_t memory_bytes; /* at its end */
    uint64_t fuel;         /* used; 0 when it is not counted */
};

/* Who is told, from any thread, that there is something to do about a guest:
 * once until guest_heard(). */
struct guest_listener {
    void (*tell)(struct guest *guest, void *user);
    void *user;
};

/*
 * Lets a guest run as soon as a thread is free.  Takes the configuration, and
 * connects the standard streams.  `id` goes in front of what it writes to
 * standard error.  NULL when too many wait or memory is exhausted.
 */
struct guest *guest_start(struct pool *pool, const struct app *app,
                          wasmrt_wasi_config *wasi_taken, const char *id,
                          struct guest_listener listener);

/* Gives it input; returns how much it took. */
size_t guest_give(struct guest *guest, const char *bytes, size_t len);
/* There is no more input. */
void guest_give_end(struct guest *guest);
/* Whether it has asked for input. */
bool guest_wants_input(struct guest *guest);

/* Takes output. */
size_t guest_take(struct guest *guest, char *bytes, size_t len);
/* Whether it has ended; *left_out is the output that is still to be taken. */
enum guest_end guest_state(struct guest *guest, size_t *left_out);

/* Lets the listener be told again; call this before looking.  Returns when the
 * guest wants to be woken, by the clock of uv_hrtime(); UINT64_MAX: at no
 * time. */
uint64_t guest_heard(struct guest *guest);
/* The time has come; the guest finds out what for. */
void guest_wake(struct guest *guest);

/* Ends it, unless it has ended. */
void guest_stop(struct guest *guest, enum guest_end why);

/* What became of it, once it has ended. */
const struct guest_report *guest_report(const struct guest *guest);

/* Frees a guest that has ended. */
void guest_delete(struct guest *guest);

#endif
