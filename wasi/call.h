/*
 * One call of a guest, and the state that calls work on.
 *
 * Handlers return an error number of WASI.  What ends the guest instead (a
 * wrong pointer, an interrupt, an exit) is kept in call->end, and then the
 * number does not matter.  Guest memory is reached only through the functions
 * here: each range is checked as a whole before it is touched, and what guides
 * the host is copied once and never looked at again, because another thread of
 * the guest may change it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WASI_CALL_H
#define WASI_CALL_H

#include "wasi/fdtable.h"
#include "wasi/threads.h"

#include "wasmrt/wasi.h"

/* A list of strings as args_get and environ_get hand them out. */
struct p1_strings {
    char *bytes;     /* each with its NUL, one after the other */
    size_t len, cap; /* used, and held */
    uint32_t count;
};

/* WASI state of a store and of its guest's further threads.  Owner: the store
 * that it was given to.  Constant, but for the members that have a lock. */
struct p1_state {
    struct p1_fdtable fds;
    struct p1_threads threads;
    struct p1_strings args;
    struct p1_strings env;
    struct p1_stream streams[3];
    enum p1_resolver resolver;
    uint64_t (*now_ns)(void *user, uint32_t clock_id); /* NULL: the system's */
    void *now_user;
    void (*fill_random)(void *user, void *buf, size_t len); /* likewise */
    void *random_user;
    void (*trace)(void *user, const char *line); /* NULL: off */
    void *trace_user;
    void (*idle)(void *user); /* NULL: nobody wants to know */
    void *idle_user;
    struct p1_lock refused_lock;
    char *refused; /* owned: the last path that led outside, as the guest sees
                      it; NULL: none */
};

struct p1_call {
    wasmrt_caller *caller;
    struct p1_state *wasi;
    const wasmrt_slot *args;
    struct p1_file *file;    /* of the descriptor in args[0], where the row in
                                preview1.def says that there is one */
    struct p1_file *held[2]; /* what p1_file_arg() gave: references until the
                                call ends */
    int nheld;
    enum p1_dialect dialect;
    wasmrt_error *end; /* owned until it is returned */
};

typedef enum p1_errno (*p1_handler)(struct p1_call *c);

/* One row of preview1.def. */
struct p1_func {
    const char *name;
    const char *signature;
    p1_handler handler;
    int64_t rights;    /* on the descriptor args[0]; or P1_NO_FD */
    const char *trace; /* see trace.c */
    enum p1_dialect dialect;
};
enum { P1_NO_FD = -1, P1_ANY_FD = 0 };

/* Handlers, in the files of their families. */
#define P1_FUNC(name, signature, rights, trace)                                \
    enum p1_errno p1_##name(struct p1_call *c);
#define P1_FUNC_NEWER P1_FUNC
#include "wasi/preview1.def"
#undef P1_FUNC
#undef P1_FUNC_NEWER

static inline uint32_t p1_u32(const struct p1_call *c, int n)
{
    return c->args[n].u32;
}

static inline uint64_t p1_u64(const struct p1_call *c, int n)
{
    return c->args[n].u64;
}

/* -- Guest memory (guest.c); false: c->end is set -------------------------- */

/* Copies out of guest memory. */
bool p1_get(struct p1_call *c, uint32_t addr, void *buf, size_t len);
/* Copies into guest memory. */
bool p1_put(struct p1_call *c, uint32_t addr, const void *buf, size_t len);
bool p1_put_u32(struct p1_call *c, uint32_t addr, uint64_t value);
bool p1_put_u64(struct p1_call *c, uint32_t addr, uint64_t value);

/* A range to fill or send, valid until the guest runs; NULL: c->end is set.
 * For a length of 0 a pointer that must not be used. */
uint8_t *p1_span(struct p1_call *c, uint32_t addr, uint64_t len);

/* Copies a path; P1_INVAL when it contains a NUL. */
enum p1_errno p1_get_path(struct p1_call *c, uint32_t addr, uint32_t len,
                          char out[P1_PATH_MAX]);

/* Pieces of a transfer, as many as one call of the host takes: what is left
 * out makes a short transfer.  A call that waits translates again after it. */
enum { P1_MAX_IOVS = 64 };
struct p1_iovs {
    struct p1_iovec guest[P1_MAX_IOVS];
    struct p1_buf host[P1_MAX_IOVS];
    int count;
};
bool p1_get_iovs(struct p1_call *c, uint32_t addr, uint32_t count,
                 struct p1_iovs *out);
bool p1_translate_iovs(struct p1_call *c, struct p1_iovs *iovs);

/* -- Waiting (wait.c): the only place that blocks -------------------------- */

enum { P1_WAIT_READ = 1, P1_WAIT_WRITE = 2 };
#define P1_NEVER UINT64_MAX

/* Waits for a file that the caller holds.  False: c->end is set. */
bool p1_wait_file(struct p1_call *c, const struct p1_file *file, int what);

/* What a call asks between slices of long work: that is p1_wait() for nothing,
 * so c->end is set when it does not go on. */
struct p1_slices p1_slices_of(struct p1_call *c);

/* Waits for any of several descriptors or a time of the monotonic clock.
 * False: c->end is set. */
bool p1_wait(struct p1_call *c, wasmrt_waitfd *fds, size_t count,
             uint64_t deadline_ns);

/* -- Shared between families ----------------------------------------------- */

/* Where paths below an open directory begin. */
struct p1_root p1_root_of(struct p1_call *c, const struct p1_file *dir);

/* The descriptor in args[n], when it has these rights.  It stays open until the
 * call ends, in which there may be two. */
enum p1_errno p1_file_arg(struct p1_call *c, int n, uint64_t rights,
                          struct p1_file **out);

/* Time of a clock, the embedder's if it replaced the clocks. */
enum p1_errno p1_clock_now(const struct p1_call *c, uint32_t id,
                           uint64_t *ns_out);

/* The two times to set, as fstflags say. */
enum p1_errno p1_times_arg(struct p1_call *c, uint64_t atim, uint64_t mtim,
                           uint32_t flags, struct p1_time out[2]);

/* Writes a filestat in the layout of the dialect. */
bool p1_put_filestat(struct p1_call *c, uint32_t addr,
                     const struct p1_filestat *st);

/* What a poll reports as readable without asking the host. */
uint64_t p1_file_left(const struct p1_file *file);

/* Reads and writes in memory, up to a slice, or by the embedder's functions,
 * which may wait; whether they are ready, as wasmrt_wasi_ready_fn says it; and
 * what is left to read: see stream.c. */
int64_t p1_stream_ready(const struct p1_call *c,
                        const struct p1_stream *stream);
uint64_t p1_stream_left(struct p1_stream *stream);
enum p1_errno p1_stream_read(struct p1_call *c, struct p1_stream *stream,
                             struct p1_iovs *iovs, size_t *out);
enum p1_errno p1_stream_write(struct p1_call *c, struct p1_stream *stream,
                              struct p1_iovs *iovs, size_t *out);

/* Writes the trace line of a finished call. */
void p1_trace(const struct p1_call *c, const struct p1_func *func,
              enum p1_errno err);

#endif
