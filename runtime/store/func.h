/*
 * Calls between host and guest, and functions made by the host.
 *
 * A host function runs on the caller's C stack with the guest's slots; it can
 * call back in, so an entry into guest code happens at any depth.  What guards
 * the C stack against such nesting is in wrt_func_call().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_FUNC_H
#define WRT_STORE_FUNC_H

#include "runtime/store/gc.h"
#include "runtime/store/sample.h"
#include "runtime/store/trap.h"
#include "runtime/store/vmctx.h"

/* Values, or slots, that a call keeps on the C stack; more are allocated: see
 * wrt_take_room(). */
enum { WRT_FEW_VALUES = 16 };

/* The call in progress, as a host function sees it (the public wasmrt_caller).
 * Lives on the C stack of whoever calls the host function. */
struct wasmrt_caller {
    struct wrt_ctx *ctx;
    struct wrt_instance *instance; /* that called; NULL: the host did */
};

/*
 * Calls a host function for a guest: the way for every backend.  The
 * innermost activation's pc, fp, instance and sp say where the guest stands.
 * slots holds the parameters, then the results; the guest's stack below sp
 * holds the parameters for as long as the call takes, so that objects among
 * them live.  The error, if any, has the guest's frames.
 */
WRT_INLINE wasmrt_error *wrt_host_call(struct wrt_ctx *ctx,
                                       struct wrt_instance *instance,
                                       const struct wrt_host_func *host,
                                       wrt_slot *slots)
{
    struct wasmrt_caller caller = {ctx, instance};
    struct wrt_gc_scope scope = wrt_gc_open_scope(ctx);
    wasmrt_error *error;

    ctx->host_calls++;
    error = host->fn(host->env, &caller, slots);

    wrt_gc_close_scope(ctx, scope);
    if (WRT_UNLIKELY(__atomic_load_n(&ctx->ticks, __ATOMIC_RELAXED) != 0))
        wrt_sample_take(ctx, true);
    return WRT_LIKELY(!error) ? NULL : wrt_trap_add_frames(ctx, error);
}

/* The same when there is no door yet; makes one. */
WRT_MUST_USE wasmrt_error *wrt_func_call_first(struct wrt_ctx *ctx,
                                               struct wrt_funcref *func,
                                               wrt_slot *slots);

/*
 * Calls any function from the host.  slots holds the parameters, then the
 * results, so it has room for the larger of both.  An interrupt that ended the
 * outermost call is cleared: the store stays usable.
 */
WRT_MUST_USE WRT_INLINE wasmrt_error *
wrt_func_call(struct wrt_ctx *ctx, struct wrt_funcref *func, wrt_slot *slots)
{
    struct wrt_door *door = func->door;

    if (WRT_LIKELY(door != NULL))
        return door->enter(door, slots);
    return wrt_func_call_first(ctx, func, slots);
}

/* What a door does with a call that it cannot let through. */
WRT_MUST_USE wasmrt_error *wrt_func_enter(struct wrt_instance *inst,
                                          uint32_t func_idx, wrt_slot *slots);

/* The same for a function of an instance, which need not be escaping. */
WRT_MUST_USE wasmrt_error *wrt_func_call_index(struct wrt_instance *inst,
                                               uint32_t func_idx,
                                               wrt_slot *slots);

/* What every end of a call does with its error: the outermost one clears the
 * interrupt that ended it.  Returns error. */
wasmrt_error *wrt_func_end_call(struct wrt_ctx *ctx, wasmrt_error *error);

/* Keeps the objects among the results of a call alive for the host. */
void wrt_func_hold_results(struct wrt_ctx *ctx, const struct wrt_type *type,
                           const wrt_slot *slots);

/* wrt_func_call() with kinds, of a function of that type; counts and kinds have
 * been checked. */
WRT_MUST_USE wasmrt_error *wrt_func_call_typed(struct wrt_ctx *ctx,
                                               struct wrt_funcref *func,
                                               const struct wrt_type *type,
                                               const wasmrt_val *args,
                                               wasmrt_val *results);

/* The type of a function, and its store, wherever they have to be looked up. */
const struct wrt_type *wrt_func_find_type(const struct wrt_funcref *func);
struct wrt_store *wrt_func_find_store(const struct wrt_funcref *func);

/* The type of a function. */
WRT_INLINE const struct wrt_type *wrt_func_type(const struct wrt_funcref *func)
{
    return WRT_LIKELY(func->door != NULL) ? func->door->type
                                          : wrt_func_find_type(func);
}

/* The store of a function. */
WRT_INLINE struct wrt_store *wrt_func_store(const struct wrt_funcref *func)
{
    return WRT_LIKELY(func->door != NULL) ? func->door->store
                                          : wrt_func_find_store(func);
}

/* What a host function is made of: either raw or typed is set. */
struct wrt_host_spec {
    wasmrt_raw_fn raw;
    wasmrt_host_fn typed;
    void *env;
    void (*env_delete)(void *env); /* or NULL; when the store is deleted */
    const struct wrt_type *type;   /* the caller keeps a reference to it for
                                      the life of the store */
};

/* Makes a function of the store.  On failure env is untouched. */
WRT_MUST_USE wasmrt_error *wrt_func_new_host(struct wrt_store *store,
                                             const struct wrt_host_spec *spec,
                                             struct wrt_funcref **out);

#endif
