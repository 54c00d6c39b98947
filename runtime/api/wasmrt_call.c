/*
 * wasmrt/func.h: calls with arguments of C.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "wasmrt/func.h"

#include "runtime/api/misuse.h"
#include "runtime/store/func.h"
#include "runtime/store/signature.h"
#include "runtime/store/store.h"
#include "runtime/store/value.h"

#include <stdarg.h>

/* Arguments that C passes as it passes one of each kind; a struct, so that
 * functions can go on in the list. */
struct arguments {
    va_list list;
};

static wasmrt_val take_value(struct arguments *args, wasmrt_kind kind)
{
    wasmrt_val val;

    memset(&val, 0, sizeof(val));
    val.kind = kind;
    switch (kind) {
    case WASMRT_I32: val.of.i32 = va_arg(args->list, int32_t); break;
    case WASMRT_I64: val.of.i64 = va_arg(args->list, int64_t); break;
    case WASMRT_F32: val.of.f32 = (float)va_arg(args->list, double); break;
    case WASMRT_F64: val.of.f64 = va_arg(args->list, double); break;
    case WASMRT_V128: val.of.v128 = va_arg(args->list, wasmrt_v128); break;
    default: val.of.ref = va_arg(args->list, void *); break;
    }
    return val;
}

/* Stores a result where the caller wants it, if at all. */
static void give_value(struct arguments *args, const wasmrt_val *val)
{
    void *to = va_arg(args->list, void *);

    if (!to)
        return;
    switch (val->kind) {
    case WASMRT_I32:
    case WASMRT_F32: memcpy(to, &val->of.i32, 4); break;
    case WASMRT_V128: memcpy(to, &val->of.v128, 16); break;
    default: memcpy(to, &val->of.i64, 8); break;
    }
}

/* vals has room for parameters and results. */
static wasmrt_error *call(wasmrt_store *store, wasmrt_func *func,
                          struct arguments *args, wasmrt_val *vals)
{
    const struct wrt_types *types = store->engine->types;
    const struct wrt_type *type = wrt_func_type(func);
    wasmrt_val *results = vals + type->nparams;

    for (uint32_t i = 0; i < type->nparams; i++)
        vals[i] =
            take_value(args, wrt_value_kind(types, wrt_type_params(type)[i]));
    WRT_TRY(wasmrt_func_call(store, func, vals, type->nparams, results,
                             type->nresults));
    for (uint32_t i = 0; i < type->nresults; i++)
        give_value(args, &results[i]);
    return NULL;
}

static wasmrt_error *call_with_room(wasmrt_store *store, wasmrt_func *func,
                                    struct arguments *args)
{
    const struct wrt_alloc *alloc = &store->engine->alloc;
    const struct wrt_type *type = wrt_func_type(func);
    size_t count = (size_t)type->nparams + type->nresults;
    wasmrt_val few[WRT_FEW_VALUES];
    wasmrt_val *vals =
        wrt_take_room(alloc, few, WRT_FEW_VALUES, count, sizeof(*vals));
    wasmrt_error *error;

    if (!vals)
        return wrt_error_oom();
    error = call(store, func, args, vals);
    wrt_give_room(alloc, few, vals, count, sizeof(*vals));
    return error;
}

/* Not in line: a parsed signature takes 8 KB of stack, which the call need not
 * stand on. */
static WRT_NOINLINE wasmrt_error *check_signature(const wasmrt_func *func,
                                                  const char *text)
{
    struct wrt_signature signature;

    WRT_TRY(wrt_signature_parse(text, &signature));
    WRT_REQUIRE(wrt_signature_matches(&signature, wrt_func_type(func)),
                "call: the function is of another type");
    return NULL;
}

wasmrt_error *wasmrt_call(wasmrt_store *store, wasmrt_func *func,
                          const char *signature, ...)
{
    struct arguments args;
    wasmrt_error *error;

    WRT_REQUIRE(store && func && signature, "call: an argument is NULL");
    WRT_TRY(check_signature(func, signature));
    va_start(args.list, signature);
    error = call_with_room(store, func, &args);
    va_end(args.list);
    return error;
}
