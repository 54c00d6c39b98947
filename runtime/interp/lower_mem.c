/*
 * Lowering, first pass: loads, stores and indices.
 *
 * The operations of iop.def's own name know memory 0 with 32-bit addresses;
 * others take a sum as the address, a 64-bit address, or any memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/lower_emit.h"

/* Whether an access takes the general form: the others know memory 0 only. */
static bool is_any(const struct wrt_memarg *memarg)
{
    return memarg->memory_idx != 0;
}

static bool is_64(const struct lower *l, const struct wrt_memarg *memarg)
{
    return l->module->memories[memarg->memory_idx].is_64;
}

/* An address that the last instruction computed as a sum: takes over its
 * operands.  The constant of a sum stands in b, since imm is the offset. */
static bool sum_address(struct lower *l, const struct value *a,
                        const struct wrt_memarg *memarg,
                        struct wrt_ir *operands)
{
    const struct wrt_ir *sum =
        l->sums ? wrt_lower_producer(l, &l->acc, a) : NULL;

    if (!sum || is_any(memarg) || sum->shape != WRT_SHAPE_IBIN ||
        sum->iop != WRT_IOP_I32_ADD || sum->kb == WRT_CLASS_X)
        return false;
    operands->imm = memarg->offset;
    operands->ka = sum->ka;
    operands->kb = sum->kb;
    operands->a = sum->a;
    operands->b = sum->kb == WRT_CLASS_K ? (uint32_t)sum->imm : sum->b;
    wrt_lower_drop_last(l);
    return true;
}

/* The forms of a load or store, in the order of iop.h's ranges. */
enum form { FORM_OWN, FORM_SUM, FORM_INDEX64, FORM_ANY };

/* Emits a form of a load or store.  ORDER MEM: shapes of one form are
 * neighbours. */
static struct wrt_ir *emit_form(struct lower *l, uint32_t shape, uint32_t iop,
                                enum form form, const struct wrt_ir *operands)
{
    enum { FIRST = WRT_SHAPE_ILOAD, SHAPES = WRT_SHAPE_VSTORE - FIRST + 1 };
    /* Variants of the forms before. */
#define FORMS(own, sum, index64)                                               \
    {0, (own), (own) + (sum), (own) + (sum) + (index64)}
    static const uint8_t skipped[SHAPES][FORM_ANY + 1] = {
        FORMS(WRT_ILOAD_COUNT, WRT_LOAD_SUM_COUNT, WRT_ILOAD64_COUNT),
        FORMS(WRT_FLOAD_COUNT, WRT_LOAD_SUM_COUNT, WRT_FLOAD64_COUNT),
        FORMS(WRT_ISTORE_COUNT, WRT_ISTORE_SUM_COUNT, WRT_ISTORE64_COUNT),
        FORMS(WRT_FSTORE_COUNT, WRT_FSTORE_SUM_COUNT, WRT_FSTORE64_COUNT),
        FORMS(WRT_VSTORE_COUNT, WRT_VSTORE_SUM_COUNT, WRT_VSTORE64_COUNT),
    };
#undef FORMS
    struct wrt_ir *ir;

    iop += skipped[shape - FIRST][form];
    if (form != FORM_OWN)
        shape += WRT_SHAPE_ILOAD_SUM - FIRST + SHAPES * (form - FORM_SUM);
    ir = wrt_lower_emit(l, (enum wrt_shape)shape, iop);
    lower_set_operands(ir, operands);
    return ir;
}

/* Emits the form that the memory needs. */
static struct wrt_ir *emit_access(struct lower *l, uint32_t shape, uint32_t iop,
                                  const struct wrt_memarg *memarg,
                                  const struct wrt_ir *operands)
{
    enum form form = is_any(memarg)     ? FORM_ANY
                     : is_64(l, memarg) ? FORM_INDEX64
                                        : FORM_OWN;
    struct wrt_ir *ir = emit_form(l, shape, iop, form, operands);

    if (form == FORM_ANY)
        ir->label = memarg->memory_idx;
    return ir;
}

/* A constant address as the module has it. */
static uint64_t const_address(const struct lower *l, const struct value *a,
                              const struct wrt_memarg *memarg)
{
    return is_64(l, memarg) ? a->bits : (uint32_t)a->bits;
}

/* Whether a constant address can join the offset. */
static bool joins(const struct lower *l, const struct value *a,
                  const struct wrt_memarg *memarg)
{
    return !is_any(memarg) &&
           memarg->offset <= UINT64_MAX - const_address(l, a, memarg);
}

/* Address operand and offset; a constant address joins the offset, which has
 * 64 bits from then on. */
static void address(struct lower *l, struct value *a,
                    const struct wrt_memarg *memarg, struct wrt_ir *operands)
{
    operands->imm = memarg->offset;
    if (a->kind == VALUE_CONST) {
        operands->imm += const_address(l, a, memarg);
        operands->ka = WRT_CLASS_Z;
        return;
    }
    operands->ka = (uint8_t)wrt_lower_int_operand(l, a, &operands->a);
}

void wrt_lower_load(struct lower *l, const struct lower_row *row,
                    const struct wrt_memarg *memarg, wrt_valtype type)
{
    struct value *a = wrt_lower_pop(l);
    struct wrt_ir operands = {0}, *ir;

    if (a->kind == VALUE_CONST && !joins(l, a, memarg))
        wrt_lower_settle_const(l, a);
    if (sum_address(l, a, memarg, &operands)) {
        ir = emit_form(l, row->shape, row->iop, FORM_SUM, &operands);
    } else {
        address(l, a, memarg, &operands);
        ir = emit_access(l, row->shape, row->iop, memarg, &operands);
    }
    wrt_lower_push_result(l, ir, type);
}

/* Stores from the float accumulator. */
static void store_float(struct lower *l, const struct lower_row *row,
                        struct value *v, struct value *a,
                        const struct wrt_memarg *memarg)
{
    struct wrt_ir operands = {0};

    if (v->kind == VALUE_LOCAL && sum_address(l, a, memarg, &operands)) {
        emit_form(l, WRT_SHAPE_FSTORE, row->iop, FORM_SUM, &operands);
        return;
    }
    wrt_lower_use_register(l, &l->facc);
    address(l, a, memarg, &operands);
    emit_access(l, WRT_SHAPE_FSTORE, row->iop, memarg, &operands);
}

/* Stores the low bits of an integer, or of a float in a slot. */
static void store_int(struct lower *l, uint32_t iop, struct value *v,
                      struct value *a, const struct wrt_memarg *memarg)
{
    struct wrt_ir operands = {0}, value = {0}, *ir;

    if (v->kind != VALUE_TEMP && sum_address(l, a, memarg, &operands)) {
        value.kb = (uint8_t)wrt_lower_int_operand_b(l, v, &value, true);
        ir = emit_form(l, WRT_SHAPE_ISTORE, iop, FORM_SUM, &operands);
        ir->d = value.b;
        ir->kd = value.kb;
    } else {
        value.kb = (uint8_t)wrt_lower_int_operand_b(l, v, &value, false);
        address(l, a, memarg, &operands);
        /* Both the same cached local: one register, one slot. */
        if (value.kb == WRT_CLASS_A && operands.ka == WRT_CLASS_A)
            operands.ka = WRT_CLASS_S;
        ir = emit_access(l, WRT_SHAPE_ISTORE, iop, memarg, &operands);
        ir->kb = value.kb;
        ir->b = value.b;
    }
    ir->spare_imm = value.imm;
}

static void store_vector(struct lower *l, const struct lower_row *row,
                         struct value *v, struct value *a,
                         const struct wrt_memarg *memarg)
{
    struct wrt_ir operands = {0}, *ir;
    uint32_t slot;
    enum wrt_class class = wrt_lower_float_operand(l, v, &slot);

    if (sum_address(l, a, memarg, &operands)) {
        ir = emit_form(l, WRT_SHAPE_VSTORE, row->iop, FORM_SUM, &operands);
    } else {
        address(l, a, memarg, &operands);
        ir = emit_access(l, WRT_SHAPE_VSTORE, row->iop, memarg, &operands);
    }
    ir->kd = (uint8_t)class;
    ir->d = slot;
}

void wrt_lower_store(struct lower *l, const struct lower_row *row,
                     const struct wrt_memarg *memarg)
{
    struct value *v = wrt_lower_pop(l), *a = wrt_lower_pop(l);
    uint32_t iop = row->iop;

    /* Constants first: making one may clobber the accumulator. */
    if (a->kind == VALUE_CONST && !joins(l, a, memarg))
        wrt_lower_settle_const(l, a);
    if (row->shape == WRT_SHAPE_VSTORE) {
        store_vector(l, row, v, a, memarg);
        return;
    }
    if (row->shape == WRT_SHAPE_FSTORE) {
        if (FAST && v->kind != VALUE_CONST && l->facc.slot == v->slot) {
            store_float(l, row, v, a, memarg);
            return;
        }
        iop = row->iop == WRT_IOP_F32_STORE ? WRT_IOP_I32_STORE
                                            : WRT_IOP_I64_STORE;
    }
    if (v->kind == VALUE_CONST && (!fits_k(v->bits) || is_any(memarg)))
        wrt_lower_settle_const(l, v);
    store_int(l, iop, v, a, memarg);
}

/* -- Atomic accesses ------------------------------------------------------- */

void wrt_lower_atomic(struct lower *l, const struct wrt_insn *insn,
                      uint32_t iop, wrt_valtype type)
{
    const char *signature = wrt_op_infos[insn->op].signature;
    uint32_t noperands = (uint32_t)strcspn(signature, ":");
    struct wrt_ir *ir;

    wrt_lower_materialize_top(l, noperands, 0);
    for (uint32_t i = 0; i < noperands; i++)
        wrt_lower_pop(l);
    ir = wrt_lower_emit(l, WRT_SHAPE_ATOMIC, iop);
    ir->a = l->top;
    ir->label = insn->imm.memarg.memory_idx;
    ir->imm = insn->imm.memarg.offset;
    wrt_lower_forget(l);
    if (!signature[noperands + 1])
        return;
    l->acc.slot = wrt_lower_push(l, type)->slot;
    l->acc.elidable = false;
    l->acc.ir = l->list->count - 1;
}

/* -- Tables ---------------------------------------------------------------- */

void wrt_lower_clamp_index(struct lower *l)
{
    struct value *index = wrt_lower_pop(l);
    struct wrt_ir *ir;

    if (index->kind == VALUE_CONST) {
        wrt_lower_const(l, WRT_KIND_I32, WRT_MIN(index->bits, UINT32_MAX));
        return;
    }
    ir = wrt_lower_emit(l, WRT_SHAPE_CLAMP_INDEX, WRT_IOP_CLAMP_INDEX);
    ir->a = index->slot;
    wrt_lower_int_result(l, ir, wrt_lower_push(l, WRT_KIND_I32)->slot);
}
