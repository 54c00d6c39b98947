/*
 * Calls between host and guest, and functions made by the host.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/func.h"

#include "runtime/base/os.h"
#include "runtime/store/gc.h"
#include "runtime/store/signal.h"
#include "runtime/store/store.h"
#include "runtime/store/task.h"
#include "runtime/store/value.h"

/* A nested entry needs this much C stack, for itself and for the host functions
 * that it will reach. */
enum { C_STACK_RESERVE = 64 * 1024 };

/* -- Host functions -------------------------------------------------------- */

/* A host function with its one funcref, in the store's arena. */
struct host_object {
    struct wrt_funcref ref;
    struct wrt_host_func func;
    struct wrt_store *store;
    /* Typed functions: what call_typed() calls; func.env is this object. */
    wasmrt_host_fn typed;
    void *env;
    void (*env_delete)(void *env);
};

static struct host_object *host_object(const struct wrt_funcref *func)
{
    return WRT_CONTAINER_OF((uintptr_t)func, struct host_object, ref);
}

static void delete_typed_env(void *env)
{
    struct host_object *object = env;

    object->env_delete(object->env);
}

/* Converts parameters and results; vals has room for all of them. */
static wasmrt_error *call_converted(struct host_object *object,
                                    wasmrt_caller *caller, wrt_slot *slots,
                                    wasmrt_val *vals)
{
    const struct wrt_types *types = object->store->engine->types;
    const struct wrt_type *type = object->func.type;
    wasmrt_val *results = vals + type->nparams;
    wasmrt_error *error;

    for (uint32_t i = 0, at = 0; i < type->nparams; i++)
        at += wrt_value_load(wrt_value_kind(types, wrt_type_params(type)[i]),
                             &slots[at], &vals[i]);
    memset(results, 0, type->nresults * sizeof(*results));
    for (uint32_t i = 0; i < type->nresults; i++)
        results[i].kind = wrt_value_kind(types, wrt_type_results(type)[i]);
    error = object->typed(object->env, caller, vals, results);
    if (error)
        return error;
    for (uint32_t i = 0, at = 0; i < type->nresults; i++) {
        if (!wrt_value_is_of_store(&results[i], object->store) ||
            !wrt_value_fits(types, &results[i], wrt_type_results(type)[i]))
            return wrt_error_new(WASMRT_ERR_HOST_TRAP, WRT_NO_OFFSET,
                                 "result %u is of another type", i);
        at += wrt_value_store(&results[i], &slots[at]);
    }
    return NULL;
}

/* The raw face of typed functions. */
static wasmrt_error *call_typed(void *env, wasmrt_caller *caller,
                                wrt_slot *slots)
{
    struct host_object *object = env;
    const struct wrt_type *type = object->func.type;
    const struct wrt_alloc *alloc = &object->store->engine->alloc;
    size_t count = (size_t)type->nparams + type->nresults;
    wasmrt_val few[WRT_FEW_VALUES];
    wasmrt_val *vals =
        wrt_take_room(alloc, few, WRT_FEW_VALUES, count, sizeof(*vals));
    wasmrt_error *error;

    if (!vals)
        return wrt_error_oom();
    error = call_converted(object, caller, slots, vals);
    wrt_give_room(alloc, few, vals, count, sizeof(*vals));
    return error;
}

wasmrt_error *wrt_func_new_host(struct wrt_store *store,
                                const struct wrt_host_spec *spec,
                                struct wrt_funcref **out)
{
    struct host_object *object = wrt_store_alloc(store, sizeof(*object));
    bool is_typed = spec->typed != NULL;

    if (!object)
        return wrt_error_oom();
    object->store = store;
    object->typed = spec->typed;
    object->env = spec->env;
    object->env_delete = spec->env_delete;
    object->func = (struct wrt_host_func){
        .fn = is_typed ? call_typed : spec->raw,
        .env = is_typed ? object : spec->env,
        .env_delete =
            is_typed && spec->env_delete ? delete_typed_env : spec->env_delete,
        .type = spec->type,
        .next = store->hosts,
    };
    object->ref = (struct wrt_funcref){
        .type_id = spec->type->id,
        .host = &object->func,
    };
    store->hosts = &object->func;
    *out = &object->ref;
    return NULL;
}

struct wrt_store *wrt_func_find_store(const struct wrt_funcref *func)
{
    return func->host ? host_object(func)->store : func->instance->store;
}

const struct wrt_type *wrt_func_find_type(const struct wrt_funcref *func)
{
    return func->host
               ? func->host->type
               : wrt_module_func_type(func->instance->module, func->func_idx);
}

/* -- Calls into the guest -------------------------------------------------- */

/* Whether a nested entry still fits on this thread's C stack.  The guest
 * chooses how deep calls through host functions nest. */
static WRT_NOINLINE bool has_c_stack(void)
{
    uintptr_t low = wrt_os_stack_low();

    return !low ||
           (uintptr_t)__builtin_frame_address(0) - low >= C_STACK_RESERVE;
}

/* The trap that keeps a call from beginning, or NONE. */
static wasmrt_code check_entry(struct wrt_ctx *ctx)
{
    wasmrt_code code = wrt_interrupt_pending(ctx);

    if (WRT_UNLIKELY(code != WASMRT_ERR_NONE))
        return code;
    if ((ctx->activation || ctx->host_entries) && !has_c_stack())
        return WASMRT_ERR_STACK_OVERFLOW;
    return WASMRT_ERR_NONE;
}

wasmrt_error *wrt_func_end_call(struct wrt_ctx *ctx, wasmrt_error *error)
{
    wasmrt_code code = wasmrt_error_code(error);

    /* A call inside the guest leaves it set: what is outside must stop too. */
    if ((code == WASMRT_ERR_INTERRUPTED || code == WASMRT_ERR_DEADLINE) &&
        wrt_task_is_outermost(ctx)) {
        wrt_interrupt_clear(ctx, code);
        /* It may have taken the place of a cancellation. */
        if (ctx->task && ctx->task->is_cancelled)
            wrt_interrupt_raise(ctx, WASMRT_ERR_CANCELLED);
    }
    return error;
}

/* An entry that a trap keeps from beginning. */
static WRT_NOINLINE wasmrt_error *refuse(struct wrt_ctx *ctx, wasmrt_code code)
{
    return wrt_func_end_call(ctx, wrt_trap_error(ctx, code));
}

/* The end of an entry.  Not in line: a task may have gone to another thread in
 * between, whose variables have other addresses. */
static WRT_NOINLINE wasmrt_error *
leave(struct wrt_ctx *ctx, struct wrt_ctx *outer, wasmrt_error *error)
{
    wrt_signal_current = outer;
    return WRT_LIKELY(!error) ? NULL : wrt_func_end_call(ctx, error);
}

/* Runs a function that the instance's module defines. */
WRT_INLINE wasmrt_error *enter(struct wrt_instance *inst, uint32_t func_idx,
                               wrt_slot *slots)
{
    struct wrt_ctx *ctx = inst->ctx, *outer = wrt_signal_current;
    const struct wasmrt_engine *engine = ctx->store->engine;
    wasmrt_code code = check_entry(ctx);

    if (WRT_UNLIKELY(code != WASMRT_ERR_NONE))
        return refuse(ctx, code);
    if (engine->memory_mode == WRT_MEMORY_GUARDED &&
        !wrt_os_ensure_signal_stack())
        return wrt_error_oom();
    wrt_signal_current = ctx;
    return leave(ctx, outer,
                 engine->backend->enter(ctx, inst, func_idx, slots));
}

/* A function of the host, without a guest in between: also the start function
 * of a module that imports it, which a guest chooses. */
static WRT_NOINLINE wasmrt_error *
call_host(struct wrt_ctx *ctx, struct wrt_funcref *func, wrt_slot *slots)
{
    wasmrt_error *error;

    if ((ctx->activation || ctx->host_entries) && !has_c_stack())
        return refuse(ctx, WASMRT_ERR_STACK_OVERFLOW);
    ctx->host_entries++;
    error = wrt_host_call(ctx, NULL, func->host, slots);
    ctx->host_entries--;
    return error;
}

wasmrt_error *wrt_func_call_first(struct wrt_ctx *ctx, struct wrt_funcref *func,
                                  wrt_slot *slots)
{
    const struct wrt_backend *backend = ctx->store->engine->backend;
    wasmrt_error *error;

    if (WRT_UNLIKELY(func->host != NULL))
        return call_host(ctx, func, slots);
    error = enter(func->instance, func->func_idx, slots);
    if (!error && backend->open)
        func->door = backend->open(func);
    return error;
}

wasmrt_error *wrt_func_enter(struct wrt_instance *inst, uint32_t func_idx,
                             wrt_slot *slots)
{
    return enter(inst, func_idx, slots);
}

wasmrt_error *wrt_func_call_index(struct wrt_instance *inst, uint32_t func_idx,
                                  wrt_slot *slots)
{
    if (wrt_module_func_is_import(inst->module, func_idx))
        return wrt_func_call(inst->ctx, inst->imported_funcs[func_idx], slots);
    return enter(inst, func_idx, slots);
}

void wrt_func_hold_results(struct wrt_ctx *ctx, const struct wrt_type *type,
                           const wrt_slot *slots)
{
    const struct wrt_types *types = ctx->store->engine->types;

    for (uint32_t i = 0, at = 0; i < type->nresults; i++) {
        wrt_valtype result = wrt_type_results(type)[i];

        if (wrt_is_traced(types, result)) {
            /* Callees write all of their results. */
            /* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage) */
            wrt_gc_hold(ctx, slots[at].u64);
        }
        at += wrt_valtype_slots(result);
    }
}

/* Converts arguments and results; slots has room for either. */
static wasmrt_error *call_with_slots(struct wrt_ctx *ctx,
                                     struct wrt_funcref *func,
                                     const struct wrt_type *type,
                                     const wasmrt_val *args,
                                     wasmrt_val *results, wrt_slot *slots)
{
    const struct wrt_types *types = ctx->store->engine->types;

    for (uint32_t i = 0, at = 0; i < type->nparams; i++)
        at += wrt_value_store(&args[i], &slots[at]);
    WRT_TRY(wrt_func_call(ctx, func, slots));
    if (WRT_UNLIKELY(ctx->gc.heap != NULL))
        wrt_func_hold_results(ctx, type, slots);
    for (uint32_t i = 0, at = 0; i < type->nresults; i++)
        at += wrt_value_load(wrt_value_kind(types, wrt_type_results(type)[i]),
                             &slots[at], &results[i]);
    return NULL;
}

wasmrt_error *wrt_func_call_typed(struct wrt_ctx *ctx, struct wrt_funcref *func,
                                  const struct wrt_type *type,
                                  const wasmrt_val *args, wasmrt_val *results)
{
    const struct wrt_alloc *alloc = &ctx->store->engine->alloc;
    size_t count = WRT_MAX(type->param_slots, type->result_slots);
    wrt_slot few[WRT_FEW_VALUES];
    wrt_slot *slots =
        wrt_take_room(alloc, few, WRT_FEW_VALUES, count, sizeof(*slots));
    wasmrt_error *error;

    if (!slots)
        return wrt_error_oom();
    error = call_with_slots(ctx, func, type, args, results, slots);
    wrt_give_room(alloc, few, slots, count, sizeof(*slots));
    return error;
}
