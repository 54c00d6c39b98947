/*
 * wasm.h: functions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/api/c_trap.h"
#include "runtime/api/c_type.h"
#include "runtime/api/c_val.h"
#include "runtime/api/host_func.h"
#include "runtime/store/value.h"

/* A host function's own, until the store is deleted. */
struct callback {
    struct wasm_store_t *store;
    const struct wrt_type *type;
    wasm_func_callback_t plain; /* or NULL: */
    wasm_func_callback_with_env_t with_env;
    void *env;
    void (*finalizer)(void *env); /* or NULL */
};

static void delete_callback(void *env)
{
    struct callback *callback = env;

    if (callback->finalizer)
        callback->finalizer(callback->env);
    wrt_free(&wrt_alloc_libc, callback, sizeof(*callback));
}

/* -- Values in rows -------------------------------------------------------- */

static void delete_vals(wasm_val_t *vals, size_t n)
{
    for (size_t i = 0; i < n; i++)
        wasm_val_delete(&vals[i]);
}

/* Reads n values; they are all there or none of them. */
static wasmrt_error *load_vals(struct wasm_store_t *store,
                               const wrt_valtype *types, size_t n,
                               const wrt_slot *slots, wasm_val_t *vals)
{
    for (size_t i = 0; i < n; i++) {
        if (!wrt_c_val_load(store, types[i], slots, &vals[i])) {
            delete_vals(vals, i);
            return wrt_error_oom();
        }
        slots += wrt_valtype_slots(types[i]);
    }
    return NULL;
}

static wasmrt_error *store_vals(struct wasm_store_t *store,
                                const wrt_valtype *types, size_t n,
                                const wasm_val_t *vals, wrt_slot *slots)
{
    for (size_t i = 0; i < n; i++) {
        WRT_TRY(wrt_c_val_store(store, &vals[i], types[i], slots));
        slots += wrt_valtype_slots(types[i]);
    }
    return NULL;
}

/* -- Calls of the host ----------------------------------------------------- */

/* The results that a callback has to fill in. */
static void prepare_results(const struct wrt_types *types,
                            const struct wrt_type *type, wasm_val_t *results)
{
    memset(results, 0, type->nresults * sizeof(*results));
    for (uint32_t i = 0; i < type->nresults; i++)
        results[i].kind =
            wrt_c_valkind(wrt_value_kind(types, wrt_type_results(type)[i]));
}

/* vals and out have room for all parameters and results: what is in slots may
 * be forgotten while results are made. */
static wasmrt_error *call_converted(struct callback *callback, wrt_slot *slots,
                                    wasm_val_t *vals, wrt_slot *out)
{
    const struct wrt_type *type = callback->type;
    struct wrt_ctx *ctx = &callback->store->store->ctx;
    wasm_val_vec_t args = {type->nparams, vals};
    wasm_val_vec_t results = {type->nresults, vals + type->nparams};
    struct wrt_gc_frame frame;
    wasm_trap_t *trap;
    wasmrt_error *error;

    WRT_TRY(load_vals(callback->store, wrt_type_params(type), type->nparams,
                      slots, args.data));
    prepare_results(ctx->store->engine->types, type, results.data);
    trap = callback->plain ? callback->plain(&args, &results)
                           : callback->with_env(callback->env, &args, &results);
    wrt_gc_push_frame(ctx, &frame, out, type->result_slots);
    error = trap ? wrt_c_trap_error(trap)
                 : store_vals(callback->store, wrt_type_results(type),
                              type->nresults, results.data, out);
    wrt_gc_pop_frame(ctx);
    delete_vals(args.data, args.size);
    delete_vals(results.data, results.size);
    if (!error && type->result_slots)
        memcpy(slots, out, type->result_slots * sizeof(*slots));
    return error;
}

/* The raw face of a callback. */
static wasmrt_error *call_callback(void *env, wasmrt_caller *caller,
                                   wrt_slot *slots)
{
    struct callback *callback = env;
    const struct wrt_type *type = callback->type;
    size_t nvals = (size_t)type->nparams + type->nresults;
    size_t nout = type->result_slots;
    wasm_val_t few_vals[WRT_FEW_VALUES];
    wrt_slot few_out[WRT_FEW_VALUES] = {{0}};
    wasm_val_t *vals = wrt_take_room(&wrt_alloc_libc, few_vals, WRT_FEW_VALUES,
                                     nvals, sizeof(*vals));
    wrt_slot *out = wrt_take_room(&wrt_alloc_libc, few_out, WRT_FEW_VALUES,
                                  nout, sizeof(*out));
    wasmrt_error *error;

    (void)caller;
    error = vals && out ? call_converted(callback, slots, vals, out)
                        : wrt_error_oom();
    wrt_give_room(&wrt_alloc_libc, few_vals, vals, nvals, sizeof(*vals));
    wrt_give_room(&wrt_alloc_libc, few_out, out, nout, sizeof(*out));
    return error;
}

/* -- Making functions ------------------------------------------------------ */

/* Appends the engine's types of a vector; false for what wasm.h has no values
 * for. */
static bool add_types(const wasm_valtype_vec_t *vec, wrt_valtype *out)
{
    for (size_t i = 0; i < vec->size; i++) {
        wasmrt_kind kind = wrt_c_kind_of(wasm_valtype_kind(vec->data[i]));

        if (kind == WASMRT_V128)
            return false;
        out[i] = wrt_value_type(kind);
    }
    return true;
}

/* The engine's type, with a reference; NULL when there is none. */
static const struct wrt_type *engine_type(struct wrt_types *types,
                                          const wasm_functype_t *type)
{
    const wasm_valtype_vec_t *params = wasm_functype_params(type);
    const wasm_valtype_vec_t *results = wasm_functype_results(type);
    size_t n = params->size + results->size + 1;
    wrt_valtype *values;
    const struct wrt_type *found = NULL;

    if (params->size > WRT_LIMIT_FUNC_PARAMS ||
        results->size > WRT_LIMIT_FUNC_RESULTS)
        return NULL;
    values = wrt_alloc_array(&wrt_alloc_libc, n, sizeof(*values));
    if (values && add_types(params, values) &&
        add_types(results, values + params->size)) {
        uint32_t id;
        wasmrt_error *error = wrt_types_add_func(
            types, values, (uint32_t)params->size, values + params->size,
            (uint32_t)results->size, &id);

        if (!error)
            found = wrt_types_get(types, id);
        wasmrt_error_delete(error);
    }
    wrt_free_array(&wrt_alloc_libc, values, n, sizeof(*values));
    return found;
}

/* Makes a function with a copy of the template, which is complete but for its
 * type; NULL when that is impossible. */
static struct callback *new_callback(const struct callback *template,
                                     const wasm_functype_t *type,
                                     struct wrt_funcref **out)
{
    wasmrt_store *store = template->store->store;
    struct callback *callback =
        wrt_alloc_zero(&wrt_alloc_libc, sizeof(*callback));
    struct wrt_host_spec spec = {
        .raw = call_callback,
        .env = callback,
        .env_delete = delete_callback,
    };
    wasmrt_error *error;

    if (!callback)
        return NULL;
    *callback = *template;
    callback->type = spec.type = engine_type(store->engine->types, type);
    error = spec.type ? wrt_host_func_new(store, &spec, out) : wrt_error_oom();
    if (!error)
        return callback;
    wasmrt_error_delete(error);
    wrt_free(&wrt_alloc_libc, callback, sizeof(*callback));
    return NULL;
}

static wasm_func_t *new_func(const struct callback *template,
                             const wasm_functype_t *type)
{
    wasmrt_extern_val value = {.kind = WASMRT_EXTERN_FUNC};
    struct callback *callback = new_callback(template, type, &value.of.func);
    struct wasm_ref_t *ref = NULL;

    if (callback)
        ref = wrt_c_ref_extern(template->store, &value);
    if (ref)
        return (wasm_func_t *)ref;
    /* The store may still have the function, which nobody will call. */
    if (callback)
        callback->finalizer = NULL;
    if (template->finalizer)
        template->finalizer(template->env);
    return NULL;
}

wasm_func_t *wasm_func_new(wasm_store_t *store, const wasm_functype_t *type,
                           wasm_func_callback_t callback)
{
    const struct callback template = {.store = store, .plain = callback};

    return new_func(&template, type);
}

wasm_func_t *wasm_func_new_with_env(wasm_store_t *store,
                                    const wasm_functype_t *type,
                                    wasm_func_callback_with_env_t callback,
                                    void *env, void (*finalizer)(void *))
{
    const struct callback template = {
        .store = store,
        .with_env = callback,
        .env = env,
        .finalizer = finalizer,
    };

    return new_func(&template, type);
}

/* -- Types ----------------------------------------------------------------- */

/* NULL once the store is gone. */
static const struct wrt_type *type_of(const wasm_func_t *func)
{
    const struct wasm_ref_t *ref = WRT_C_REF(func);

    return ref->store ? wrt_func_type(ref->of.func) : NULL;
}

wasm_functype_t *wasm_func_type(const wasm_func_t *func)
{
    return wasm_externtype_as_functype(
        wasm_extern_type(wasm_func_as_extern_const(func)));
}

size_t wasm_func_param_arity(const wasm_func_t *func)
{
    const struct wrt_type *type = type_of(func);

    return type ? type->nparams : 0;
}

size_t wasm_func_result_arity(const wasm_func_t *func)
{
    const struct wrt_type *type = type_of(func);

    return type ? type->nresults : 0;
}

/* -- Calls of the guest ---------------------------------------------------- */

static bool has_v128(const wrt_valtype *types, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (wrt_valtype_slots(types[i]) > 1)
            return true;
    }
    return false;
}

static wasmrt_error *check_args(const struct wrt_type *type, size_t nargs)
{
    if (nargs != type->nparams)
        return wrt_error_new(WASMRT_ERR_MISUSE, WRT_NO_OFFSET,
                             "wasm_func_call: %zu arguments for a function "
                             "with %u parameters",
                             nargs, type->nparams);
    if (has_v128(wrt_type_results(type), type->nresults))
        return wrt_error_new(WASMRT_ERR_MISUSE, WRT_NO_OFFSET,
                             "wasm_func_call: a result is a v128, which wasm.h "
                             "has no values for");
    return NULL;
}

/* Asked only when there are results: who expects a trap needs no room. */
static wasmrt_error *check_room(const struct wrt_type *type, size_t room)
{
    if (room < type->nresults)
        return wrt_error_new(WASMRT_ERR_MISUSE, WRT_NO_OFFSET,
                             "wasm_func_call: room for %zu of %u results", room,
                             type->nresults);
    return NULL;
}

/* slots has room for parameters and results, and is all zero. */
static wasmrt_error *call_with_slots(const struct wasm_ref_t *func,
                                     const struct wrt_type *type,
                                     const wasm_val_vec_t *args,
                                     wasm_val_vec_t *results, wrt_slot *slots)
{
    struct wrt_ctx *ctx = &func->store->store->ctx;
    struct wrt_gc_frame frame;
    wasmrt_error *error;

    wrt_gc_push_frame(ctx, &frame, slots,
                      WRT_MAX(type->param_slots, type->result_slots));
    error = store_vals(func->store, wrt_type_params(type), type->nparams,
                       args->data, slots);
    if (!error)
        error = wrt_func_call(ctx, func->of.func, slots);
    wrt_gc_pop_frame(ctx);
    if (!error)
        error = check_room(type, results->size);
    if (error)
        return error;
    return load_vals(func->store, wrt_type_results(type), type->nresults, slots,
                     results->data);
}

static wasmrt_error *call(const struct wasm_ref_t *func,
                          const wasm_val_vec_t *args, wasm_val_vec_t *results)
{
    const struct wrt_type *type = wrt_func_type(func->of.func);
    size_t nslots = WRT_MAX(type->param_slots, type->result_slots);
    wrt_slot few[WRT_FEW_VALUES] = {{0}}, *slots;
    wasmrt_error *error;

    WRT_TRY(check_args(type, args->size));
    slots = wrt_take_room(&wrt_alloc_libc, few, WRT_FEW_VALUES, nslots,
                          sizeof(*slots));
    if (!slots)
        return wrt_error_oom();
    error = call_with_slots(func, type, args, results, slots);
    wrt_give_room(&wrt_alloc_libc, few, slots, nslots, sizeof(*slots));
    return error;
}

wasm_trap_t *wasm_func_call(const wasm_func_t *func, const wasm_val_vec_t *args,
                            wasm_val_vec_t *results)
{
    const struct wasm_ref_t *ref = WRT_C_REF(func);
    wasm_val_vec_t none = WASM_EMPTY_VEC;

    if (!ref->store)
        return NULL;
    return wrt_c_trap_of(
        ref->store, call(ref, args ? args : &none, results ? results : &none));
}
