/*
 * Samples: where guest code stands, asked at regular times.
 *
 * A thread of the engine's counts the periods for every store and asks its
 * guest, as an interrupt does, to look up at its next loop, call or return;
 * there the guest's own thread tells the embedder and goes on.  Code of an
 * engine that samples looks up at returns as well, so that time is accounted to
 * the function that took it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_SAMPLE_H
#define WRT_STORE_SAMPLE_H

#include "runtime/base/os.h"
#include "runtime/store/vmctx.h"

#include "wasmrt/debug.h"

/* What the configuration says. */
struct wrt_sample_options {
    uint64_t period_ns;
    wasmrt_sample_fn fn; /* NULL: none */
    void *user;
};

/* The engine's.  All zero is valid and does nothing. */
struct wrt_sampler {
    struct wrt_sample_options options;
    struct wrt_mutex lock;
    struct wrt_ctx *first; /* of every store */
    uint32_t changes;      /* what the thread waits on; nonzero ends it */
    bool is_running;
    struct wrt_thread thread;
};

/* A store begins and ends.  The first one starts the thread; where none can be
 * started there are no samples. */
void wrt_sampler_add(struct wrt_sampler *sampler, struct wrt_ctx *ctx);
void wrt_sampler_remove(struct wrt_sampler *sampler, struct wrt_ctx *ctx);
void wrt_sampler_fini(struct wrt_sampler *sampler);

/*
 * A guest that found ctx->poll set: the code that it has to stop with, or 0.
 * The activation's pc, fp and instance are where it stands.
 */
uint32_t wrt_poll(struct wrt_ctx *ctx);

/* Before a guest runs: takes back what asks it to look up, when there is no
 * reason any more.  False when there is one. */
bool wrt_poll_settle(struct wrt_ctx *ctx);

/* Takes a sample if one is due; in_host: the time was a host function's. */
void wrt_sample_take(struct wrt_ctx *ctx, bool in_host);

#endif
