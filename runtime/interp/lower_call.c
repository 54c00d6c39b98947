/*
 * Lowering of calls, tail calls and returns.
 *
 * Arguments are brought to the topmost slots of the stack, where the callee
 * finds them as its parameters and leaves its results.  What chooses the callee
 * (an index, a reference) stands above them and is an operand of the call.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/lower_emit.h"

/* -- Returns --------------------------------------------------------------- */

static void return_one(struct lower *l, wrt_valtype type)
{
    struct value *v = wrt_lower_pop(l);
    struct wrt_ir operands = {0}, *ir;

    if (is_float(type)) {
        operands.ka = (uint8_t)wrt_lower_float_operand(l, v, &operands.a);
        ir = wrt_lower_emit(l, WRT_SHAPE_RET,
                            type == WRT_KIND_V128 ? WRT_IOP_RET_V
                                                  : WRT_IOP_RET_F);
    } else if (v->kind == VALUE_CONST) {
        operands.ka = fits_k(v->bits) ? WRT_CLASS_K : WRT_CLASS_X;
        operands.imm = v->bits;
        ir = wrt_lower_emit(l, WRT_SHAPE_RET, WRT_IOP_RET_I);
    } else {
        operands.ka = (uint8_t)wrt_lower_int_operand(l, v, &operands.a);
        ir = wrt_lower_emit(l, WRT_SHAPE_RET, WRT_IOP_RET_I);
    }
    lower_set_operands(ir, &operands);
}

void wrt_lower_return(struct lower *l)
{
    const struct wrt_type *type = l->info->type;
    struct wrt_ir *ir;

    if (l->trace_kinds)
        wrt_lower_trace_return(l);
    if (l->has_samples)
        wrt_lower_emit(l, WRT_SHAPE_FUEL, WRT_IOP_POLL);
    if (type->nresults == 0) {
        wrt_lower_emit(l, WRT_SHAPE_RET, WRT_IOP_RET);
    } else if (type->nresults == 1) {
        return_one(l, wrt_type_results(type)[0]);
    } else {
        wrt_lower_materialize_top(l, type->nresults, 0);
        ir = wrt_lower_emit(l, WRT_SHAPE_RET, WRT_IOP_RET_N);
        ir->a = l->values[l->nvalues - type->nresults].slot;
        ir->d = type->result_slots;
    }
    l->reachable = false;
}

/* -- Calls ----------------------------------------------------------------- */

/* Emits a call; the arguments, and an operand of shapes that have one, are
 * popped. */
static struct wrt_ir *emit_call(struct lower *l, const struct wrt_type *type,
                                enum wrt_shape shape, uint32_t iop)
{
    const bool has_operand = shape != WRT_SHAPE_CALL;
    struct wrt_ir operands = {0}, *ir;

    wrt_lower_materialize_top(l, type->nparams, has_operand);
    if (has_operand) {
        struct value *callee = wrt_lower_pop(l);

        operands.ka = (uint8_t)wrt_lower_int_operand(l, callee, &operands.a);
    }
    for (uint32_t i = 0; i < type->nparams; i++)
        wrt_lower_pop(l);
    ir = wrt_lower_emit(l, shape, iop);
    lower_set_operands(ir, &operands);
    ir->d = l->top;
    return ir;
}

/* Pushes the results, which are in place.  A single result is also in the
 * accumulator of its kind; the call itself can not be told to leave it
 * elsewhere. */
static void push_results(struct lower *l, const struct wrt_type *type)
{
    const wrt_valtype *results = wrt_type_results(type);

    wrt_lower_forget(l);
    for (uint32_t i = 0; i < type->nresults; i++)
        wrt_lower_push(l, results[i]);
    if (type->nresults == 1) {
        struct cached *reg = is_float(results[0]) ? &l->facc : &l->acc;

        *reg = (struct cached){
            .slot = l->values[l->nvalues - 1].slot,
            .slots = type->result_slots,
            .ir = l->list->count - 1,
        };
    }
}

void wrt_lower_call(struct lower *l, const struct wrt_insn *insn)
{
    const uint32_t func_idx = insn->imm.index;
    const struct wrt_type *type = wrt_module_func_type(l->module, func_idx);
    uint32_t iop = WRT_IOP_CALL;

    if (insn->op == WRT_OP_RETURN_CALL)
        iop = wrt_module_func_is_import(l->module, func_idx)
                  ? WRT_IOP_RETURN_CALL_IMPORT
                  : WRT_IOP_RETURN_CALL;
    emit_call(l, type, WRT_SHAPE_CALL, iop)->imm = func_idx;
    if (insn->op == WRT_OP_RETURN_CALL)
        l->reachable = false;
    else
        push_results(l, type);
}

/* By an index into a table, or by a reference. */
void wrt_lower_call_indirect(struct lower *l, const struct wrt_insn *insn)
{
    static const struct {
        uint16_t iop;
        uint8_t shape;
        bool is_tail;
    } forms[] = {
        [WRT_OP_CALL_INDIRECT] = {WRT_IOP_CALL_INDIRECT,
                                  WRT_SHAPE_CALL_INDIRECT, false},
        [WRT_OP_RETURN_CALL_INDIRECT] = {WRT_IOP_RETURN_CALL_INDIRECT,
                                         WRT_SHAPE_CALL_INDIRECT, true},
        [WRT_OP_CALL_REF] = {WRT_IOP_CALL_REF, WRT_SHAPE_CALL_REF, false},
        [WRT_OP_RETURN_CALL_REF] = {WRT_IOP_RETURN_CALL_REF, WRT_SHAPE_CALL_REF,
                                    true},
    };
    const struct wrt_type *type = wrt_module_type(l->module, insn->imm.index);
    enum wrt_shape shape = (enum wrt_shape)forms[insn->op].shape;
    struct wrt_ir *ir;

    if (shape == WRT_SHAPE_CALL_INDIRECT &&
        l->module->tables[insn->imm.index2].type.limits.is_64)
        wrt_lower_clamp_index(l);
    ir = emit_call(l, type, shape, forms[insn->op].iop);
    ir->imm = insn->imm.index;
    if (shape == WRT_SHAPE_CALL_INDIRECT)
        ir->b = insn->imm.index2;
    if (forms[insn->op].is_tail)
        l->reachable = false;
    else
        push_results(l, type);
}
