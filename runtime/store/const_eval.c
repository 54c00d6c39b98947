/*
 * Values of constant expressions, in an instance: what the evaluator of
 * runtime/module needs to know about the instance.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/const_eval.h"

#include "runtime/module/const_expr.h"
#include "runtime/store/gc_ops.h"
#include "runtime/store/trap.h"

_Static_assert(sizeof(union wrt_const_value) == 2 * sizeof(wrt_slot),
               "a value is two slots");

/* -- Globals and functions ------------------------------------------------- */

static void get_global(void *user, uint32_t global_idx,
                       union wrt_const_value *out)
{
    memcpy(out, wrt_instance_global(user, global_idx), sizeof(*out));
}

static void get_func(void *user, uint32_t func_idx, union wrt_const_value *out)
{
    out->bits = (uintptr_t)wrt_instance_funcref(user, func_idx);
}

/* -- Objects --------------------------------------------------------------- */

/* How many values an instruction takes, and of which types: value i has type
 * types(i). */
struct operands {
    const struct wrt_type *type; /* of the object */
    enum wrt_op op;
    uint32_t count;
};

static struct operands operands_of(const struct wrt_instance *inst,
                                   const struct wrt_insn *insn)
{
    struct operands o = {.op = insn->op, .count = 1};

    switch (insn->op) {
    case WRT_OP_REF_I31:
    case WRT_OP_ANY_CONVERT_EXTERN:
    case WRT_OP_EXTERN_CONVERT_ANY: return o;
    default: break;
    }
    o.type = wrt_module_type(inst->module, insn->imm.index);
    switch (insn->op) {
    case WRT_OP_STRUCT_NEW: o.count = o.type->nfields; break;
    case WRT_OP_STRUCT_NEW_DEFAULT: o.count = 0; break;
    case WRT_OP_ARRAY_NEW: o.count = 2; break;
    case WRT_OP_ARRAY_NEW_FIXED: o.count = insn->imm.index2; break;
    default: break;
    }
    return o;
}

static uint32_t operand_slots(const struct operands *o, uint32_t i)
{
    switch (o->op) {
    case WRT_OP_STRUCT_NEW: return wrt_valtype_slots(o->type->fields[i].type);
    case WRT_OP_ARRAY_NEW:
        return i ? 1 : wrt_valtype_slots(o->type->fields->type);
    case WRT_OP_ARRAY_NEW_FIXED:
        return wrt_valtype_slots(o->type->fields->type);
    default: return 1;
    }
}

static wasmrt_code eval_object(struct wrt_instance *inst,
                               const struct wrt_insn *insn, wrt_slot *args)
{
    switch (insn->op) {
    case WRT_OP_REF_I31:
        args->u64 = wrt_ref_from_i31(args->u32);
        return WASMRT_ERR_NONE;
    case WRT_OP_STRUCT_NEW:
        return wrt_op_struct_new(inst, insn->imm.index, args);
    case WRT_OP_STRUCT_NEW_DEFAULT:
        return wrt_op_struct_new_default(inst, insn->imm.index, args);
    case WRT_OP_ARRAY_NEW: return wrt_op_array_new(inst, insn->imm.index, args);
    case WRT_OP_ARRAY_NEW_DEFAULT:
        return wrt_op_array_new_default(inst, insn->imm.index, args);
    case WRT_OP_ARRAY_NEW_FIXED:
        return wrt_op_array_new_fixed(inst, insn->imm.index, insn->imm.index2,
                                      args);
    default: return WASMRT_ERR_NONE; /* conversions change nothing */
    }
}

/* Values take two slots on the evaluator's stack; operands are packed to as
 * many as they need, in place. */
static wasmrt_error *make_object(void *user, const struct wrt_insn *insn,
                                 union wrt_const_value *stack, uint32_t *height)
{
    struct wrt_instance *inst = user;
    struct operands o = operands_of(inst, insn);
    union wrt_const_value *first = stack + *height - o.count;
    wrt_slot *args = (wrt_slot *)(void *)first;
    struct wrt_gc_frame frame;
    wasmrt_code code;

    for (uint32_t i = 0, at = 0; i < o.count; i++) {
        uint32_t slots = operand_slots(&o, i);

        memmove(&args[at], &first[i], slots * sizeof(*args));
        at += slots;
    }
    wrt_gc_push_frame(inst->ctx, &frame, (wrt_slot *)(void *)stack,
                      2 * (size_t)*height);
    code = eval_object(inst, insn, args);
    wrt_gc_pop_frame(inst->ctx);
    *height += 1 - o.count;
    return code == WASMRT_ERR_NONE ? NULL : wrt_trap_error(inst->ctx, code);
}

/* -- Evaluation ------------------------------------------------------------ */

wasmrt_error *wrt_const_eval(struct wrt_instance *inst,
                             const struct wrt_const_expr *expr, wrt_slot out[2])
{
    const struct wrt_const_env env = {
        .user = inst,
        .global_get = get_global,
        .ref_func = get_func,
        .object = make_object,
        .stop = &inst->ctx->interrupt,
    };
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
