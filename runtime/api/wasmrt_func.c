/*
 * wasmrt/func.h: functions and calls.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/func.h"
#include "runtime/store/interrupt.h"

#include "runtime/api/host_func.h"
#include "runtime/api/misuse.h"
#include "runtime/store/signature.h"
#include "runtime/store/store.h"
#include "runtime/store/value.h"

#include "wasmrt/memory.h"

/* -- The caller ------------------------------------------------------------ */

wasmrt_store *wasmrt_caller_store(wasmrt_caller *caller)
{
    return caller->ctx->store;
}

wasmrt_instance *wasmrt_caller_instance(wasmrt_caller *caller)
{
    return caller->instance;
}

wasmrt_error *wasmrt_caller_wait(wasmrt_caller *caller, wasmrt_waitfd *fds,
                                 size_t n, uint64_t deadline_ns)
{
    return wrt_interrupt_wait(caller->ctx, fds, n, deadline_ns);
}

wasmrt_memory *wasmrt_caller_memory(wasmrt_caller *caller)
{
    struct wrt_instance *inst = caller->instance;
    const struct wrt_export *export;

    if (!inst || inst->module->nmemories == 0)
        return NULL;
    /* With one memory, the usual case, the name changes nothing. */
    if (inst->module->nmemories == 1)
        return inst->mem0;
    export = wrt_module_find_export(inst->module, "memory", 6);
    return export && export->kind == WRT_EXTERN_MEMORY
               ? inst->memories[export->index]
               : inst->mem0;
}

/* -- Functions ------------------------------------------------------------- */

wasmrt_error *wrt_host_func_new(struct wrt_store *store,
                                const struct wrt_host_spec *spec,
                                struct wrt_funcref **out)
{
    uint32_t type_id = spec->type->id;
    wasmrt_error *error =
        wrt_vec_reserve(&store->engine->alloc, &store->type_ids, 1)
            ? wrt_func_new_host(store, spec, out)
            : wrt_error_oom();

    if (error) {
        wrt_types_release_group(store->engine->types, type_id);
        return error;
    }
    store->type_ids.items[store->type_ids.count++] = type_id;
    return NULL;
}

wasmrt_error *wasmrt_func_new(wasmrt_store *store, const char *signature,
                              wasmrt_host_fn fn, void *env,
                              void (*env_delete)(void *env), wasmrt_func **out)
{
    struct wrt_host_spec spec = {
        .typed = fn, .env = env, .env_delete = env_delete};

    WRT_REQUIRE(store && signature && fn && out,
                "func_new: an argument is NULL");
    WRT_TRY(wrt_signature_type(store->engine->types, signature, &spec.type));
    return wrt_host_func_new(store, &spec, out);
}

static wasmrt_error *bad_arg(const char *what, const char *why)
{
    return wrt_error_new(WASMRT_ERR_MISUSE, WRT_NO_OFFSET, "%s: %s", what, why);
}

/* References of another store first: those cannot be looked at. */
wasmrt_error *wrt_check_args(const struct wrt_store *store,
                             const struct wrt_type *type,
                             const wasmrt_val *args, const char *what)
{
    if (!args && type->nparams)
        return bad_arg(what, "an argument is NULL");
    for (uint32_t i = 0; i < type->nparams; i++) {
        wrt_valtype param = wrt_type_params(type)[i];

        if (!wrt_valtype_is_ref(param) &&
            args[i].kind == (wasmrt_kind)wrt_valtype_kind(param))
            continue;
        if (!wrt_value_is_of_store(&args[i], store))
            return bad_arg(what, "a reference of another store");
        if (!wrt_value_fits(store->engine->types, &args[i], param))
            return bad_arg(what, "an argument is of another type");
    }
    return NULL;
}

wasmrt_error *wasmrt_func_call(wasmrt_store *store, wasmrt_func *func,
                               const wasmrt_val *args, size_t nargs,
                               wasmrt_val *results, size_t nresults)
{
    const struct wrt_type *type;

    WRT_REQUIRE(func, "func_call: the function is NULL");
    WRT_REQUIRE(wrt_func_store(func) == store,
                "func_call: the function is of another store");
    type = wrt_func_type(func);
    if (nargs != type->nparams || nresults != type->nresults)
        return wrt_error_new(WASMRT_ERR_MISUSE, WRT_NO_OFFSET,
                             "func_call: %zu arguments and %zu results for a "
                             "function with %u and %u",
                             nargs, nresults, type->nparams, type->nresults);
    WRT_REQUIRE(results || !nresults, "func_call: an argument is NULL");
    WRT_TRY(wrt_check_args(store, type, args, "func_call"));
    return wrt_func_call_typed(&store->ctx, func, type, args, results);
}

wasmrt_error *wasmrt_func_call_raw(wasmrt_store *store, wasmrt_func *func,
                                   wasmrt_slot *slots)
{
    WRT_REQUIRE(func, "func_call_raw: the function is NULL");
    if (WRT_LIKELY(func->door != NULL))
        return func->door->enter(func->door, slots);
    WRT_TRY(wrt_func_call_first(&store->ctx, func, slots));
    if (WRT_UNLIKELY(store->ctx.gc.heap != NULL))
        wrt_func_hold_results(&store->ctx, wrt_func_type(func), slots);
    return NULL;
}

/* -- Types of functions ---------------------------------------------------- */

size_t wasmrt_func_param_count(const wasmrt_store *store,
                               const wasmrt_func *func)
{
    (void)store;
    return wrt_func_type(func)->nparams;
}

size_t wasmrt_func_result_count(const wasmrt_store *store,
                                const wasmrt_func *func)
{
    (void)store;
    return wrt_func_type(func)->nresults;
}

wasmrt_kind wasmrt_func_param_kind(const wasmrt_store *store,
                                   const wasmrt_func *func, size_t n)
{
    return wrt_value_kind(store->engine->types,
                          wrt_type_params(wrt_func_type(func))[n]);
}

wasmrt_kind wasmrt_func_result_kind(const wasmrt_store *store,
                                    const wasmrt_func *func, size_t n)
{
    return wrt_value_kind(store->engine->types,
                          wrt_type_results(wrt_func_type(func))[n]);
}

bool wasmrt_func_has_type(const wasmrt_store *store, const wasmrt_func *func,
                          const char *signature)
{
    struct wrt_signature parsed;
    wasmrt_error *error = wrt_signature_parse(signature, &parsed);

    (void)store;
    if (error) {
        wasmrt_error_delete(error);
        return false;
    }
    return wrt_signature_matches(&parsed, wrt_func_type(func));
}
