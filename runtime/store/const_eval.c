/*
 * Values of constant expressions, in an instance: what the evaluator of
 * runtime/module needs to know about the instance.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/const_eval.h"

#include "runtime/module/const_expr.h"

_Static_assert(sizeof(union wrt_const_value) == 2 * sizeof(wrt_slot),
               "a value is two slots");

static void get_global(void *user, uint32_t global_idx,
                       union wrt_const_value *out)
{
    memcpy(out, wrt_instance_global(user, global_idx), sizeof(*out));
}

static void get_func(void *user, uint32_t func_idx, union wrt_const_value *out)
{
    out->bits = (uintptr_t)wrt_instance_funcref(user, func_idx);
}

wasmrt_error *wrt_const_eval(struct wrt_instance *inst,
                             const struct wrt_const_expr *expr, wrt_slot out[2])
{
    const struct wrt_const_env env = {.user = inst,
                                      .global_get = get_global,
                                      .ref_func = get_func,
                                      .stop = &inst->ctx->interrupt};
    union wrt_const_value value;

    /* A module may have a million of them. */
    WRT_TRY(wrt_error_if_stopped(env.stop));
    WRT_TRY(wrt_const_expr_eval(inst->module, expr, &env, &value));
    memcpy(out, &value, sizeof(value));
    return NULL;
}

wasmrt_error *wrt_const_eval_offset(struct wrt_instance *inst,
                                    const struct wrt_const_expr *expr,
                                    bool is_64, uint64_t *out)
{
    wrt_slot value[2];

    WRT_TRY(wrt_const_eval(inst, expr, value));
    *out = is_64 ? value[0].u64 : value[0].u32;
    return NULL;
}
