/*
 * Samples: the thread that asks, and the guest that answers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/sample.h"

#include "runtime/store/backend.h"
#include "runtime/store/interrupt.h"
#include "runtime/store/store.h"

/* Frames that are walked; the outer ones of deeper stacks are not seen. */
enum { FRAMES_MAX = 1 << 13 };

/* -- Asking ---------------------------------------------------------------- */

static void ask(struct wrt_ctx *ctx)
{
    /* One that has not been answered grows. */
    if (__atomic_fetch_add(&ctx->ticks, 1, __ATOMIC_SEQ_CST) == 0)
        wrt_interrupt_poll(ctx);
}

/* The sampler's thread: sleeps on `changes`, so that it can be ended at
 * once. */
static void *sampler_run(void *arg)
{
    struct wrt_sampler *sampler = arg;
    uint64_t next_ns = wrt_os_monotonic_ns();

    for (;;) {
        uint64_t now = wrt_os_monotonic_ns();

        next_ns += sampler->options.period_ns;
        if (next_ns < now) /* no time is made up for */
            next_ns = now + sampler->options.period_ns;
        wrt_os_wait(&sampler->changes, 0, next_ns);
        if (__atomic_load_n(&sampler->changes, __ATOMIC_ACQUIRE))
            return NULL;
        if (wrt_os_monotonic_ns() < next_ns)
            continue;
        wrt_mutex_lock(&sampler->lock);
        for (struct wrt_ctx *ctx = sampler->first; ctx; ctx = ctx->sample_next)
            ask(ctx);
        wrt_mutex_unlock(&sampler->lock);
    }
}

void wrt_sampler_add(struct wrt_sampler *sampler, struct wrt_ctx *ctx)
{
    if (!sampler->options.fn)
        return;
    wrt_mutex_lock(&sampler->lock);
    ctx->sample_next = sampler->first;
    sampler->first = ctx;
    if (!sampler->is_running)
        sampler->is_running =
            wrt_thread_start(&sampler->thread, sampler_run, sampler);
    wrt_mutex_unlock(&sampler->lock);
}

void wrt_sampler_remove(struct wrt_sampler *sampler, struct wrt_ctx *ctx)
{
    struct wrt_ctx **link = &sampler->first;

    if (!sampler->options.fn)
        return;
    wrt_mutex_lock(&sampler->lock);
    while (*link && *link != ctx)
        link = &(*link)->sample_next;
    if (*link)
        *link = ctx->sample_next;
    wrt_mutex_unlock(&sampler->lock);
}

void wrt_sampler_fini(struct wrt_sampler *sampler)
{
    if (!sampler->is_running)
        return;
    __atomic_store_n(&sampler->changes, 1, __ATOMIC_RELEASE);
    wrt_os_wake(&sampler->changes);
    wrt_thread_join(&sampler->thread);
    sampler->is_running = false;
}

/* -- Answering ------------------------------------------------------------- */

struct wasmrt_sample {
    const struct wrt_activation *activation;
    struct wrt_frame_iter iter;
    bool begins; /* with the activation's innermost frame */
    bool in_host;
    uint32_t ticks;
    uint32_t nframes;
};

static void begin_activation(wasmrt_sample *sample,
                             const struct wrt_activation *a)
{
    sample->activation = a;
    sample->begins = true;
    if (a)
        sample->iter = (struct wrt_frame_iter){
            .activation = a, .pc = a->pc, .fp = a->fp, .instance = a->instance};
}

bool wasmrt_sample_next(wasmrt_sample *sample, wasmrt_frame *out)
{
    struct wrt_module *module;

    while (sample->activation && sample->nframes < FRAMES_MAX) {
        const struct wrt_activation *a = sample->activation;
        bool has_frame = a->backend->next_frame(&sample->iter, sample->begins);

        sample->begins = false;
        if (has_frame) {
            module = sample->iter.instance->module;
            *out = (wasmrt_frame){
                .func_idx = sample->iter.func_idx,
                .func_name =
                    wrt_module_func_name(module, sample->iter.func_idx),
                .module_name = wrt_module_name(module),
            };
            sample->nframes++;
            return true;
        }
        begin_activation(sample, a->prev);
    }
    return false;
}

uint64_t wasmrt_sample_ticks(const wasmrt_sample *sample)
{
    return sample->ticks;
}

bool wasmrt_sample_in_host(const wasmrt_sample *sample)
{
    return sample->in_host;
}

void wrt_sample_take(struct wrt_ctx *ctx, bool in_host)
{
    const struct wrt_sample_options *options =
        &ctx->store->engine->sampler.options;
    uint32_t ticks = __atomic_exchange_n(&ctx->ticks, 0, __ATOMIC_SEQ_CST);
    wasmrt_sample sample = {.ticks = ticks, .in_host = in_host};

    if (ticks == 0 || !options->fn)
        return;
    begin_activation(&sample, ctx->activation);
    options->fn(options->user, &sample);
}

uint32_t wrt_poll(struct wrt_ctx *ctx)
{
    uint32_t code;

    /* Whoever asks sets the reason first and the flag then. */
    __atomic_store_n(&ctx->poll, 0, __ATOMIC_SEQ_CST);
    code = __atomic_load_n(&ctx->interrupt, __ATOMIC_SEQ_CST);
    if (code == WASMRT_ERR_NONE)
        wrt_sample_take(ctx, false);
    else
        __atomic_store_n(&ctx->poll, 1, __ATOMIC_SEQ_CST);
    return code;
}

bool wrt_poll_settle(struct wrt_ctx *ctx)
{
    __atomic_store_n(&ctx->poll, 0, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&ctx->interrupt, __ATOMIC_SEQ_CST) == 0 &&
        __atomic_load_n(&ctx->ticks, __ATOMIC_SEQ_CST) == 0)
        return true;
    __atomic_store_n(&ctx->poll, 1, __ATOMIC_SEQ_CST);
    return false;
}
