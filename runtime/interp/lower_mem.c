/*
 * Lowering, first pass: loads and stores.
 *
 * The operations of iop.def's own name know memory 0 with 32-bit addresses;
 * their twins take a sum as the address, or any memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/lower_state.h"

/* Whether an access takes the general form: the others know memory 0 only. */
static bool is_any(const struct wrt_memarg *memarg)
{
    return memarg->memory_idx != 0;
}

/* An address that the last instruction computed as a sum: takes over its
 * operands.  The constant of a sum stands in b, since imm is the offset. */
static bool sum_address(struct lower *l, const struct value *a,
                        const struct wrt_memarg *memarg,
                        struct wrt_ir *operands)
{
    const struct wrt_ir *sum = l->sums ? wrt_lower_last_temp(l, a) : NULL;

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

/* The forms of a load or store beside its own: their shapes, and how many
 * variants the form before them has. */
struct twins {
    uint8_t own_count;
    uint8_t sum, sum_count;
    uint8_t any;
};

static const struct twins *twins_of(enum wrt_shape shape)
{
    static const struct twins twins[] = {
        [WRT_SHAPE_ILOAD] = {WRT_ILOAD_COUNT, WRT_SHAPE_ILOAD_SUM,
                             WRT_LOAD_SUM_COUNT, WRT_SHAPE_ILOAD_ANY},
        [WRT_SHAPE_FLOAD] = {WRT_FLOAD_COUNT, WRT_SHAPE_FLOAD_SUM,
                             WRT_LOAD_SUM_COUNT, WRT_SHAPE_FLOAD_ANY},
        [WRT_SHAPE_ISTORE] = {WRT_ISTORE_COUNT, WRT_SHAPE_ISTORE_SUM,
                              WRT_ISTORE_SUM_COUNT, WRT_SHAPE_ISTORE_ANY},
        [WRT_SHAPE_FSTORE] = {WRT_FSTORE_COUNT, WRT_SHAPE_FSTORE_SUM,
                              WRT_FSTORE_SUM_COUNT, WRT_SHAPE_FSTORE_ANY},
    };

    return &twins[shape];
}

/* Emits the form of a load or store whose address is a sum. */
static struct wrt_ir *emit_sum(struct lower *l, enum wrt_shape shape,
                               uint32_t iop, const struct wrt_ir *operands)
{
    const struct twins *twins = twins_of(shape);
    struct wrt_ir *ir =
        wrt_lower_emit(l, (enum wrt_shape)twins->sum, iop + twins->own_count);

    lower_set_operands(ir, operands);
    return ir;
}

/* Emits the form that the memory needs. */
static struct wrt_ir *emit_access(struct lower *l, enum wrt_shape shape,
                                  uint32_t iop, const struct wrt_memarg *memarg,
                                  const struct wrt_ir *operands)
{
    const struct twins *twins = twins_of(shape);
    struct wrt_ir *ir;

    if (is_any(memarg)) {
        iop += (uint32_t)twins->own_count + twins->sum_count;
        ir = wrt_lower_emit(l, (enum wrt_shape)twins->any, iop);
        ir->label = memarg->memory_idx;
    } else {
        ir = wrt_lower_emit(l, shape, iop);
    }
    lower_set_operands(ir, operands);
    return ir;
}

/* Address operand and offset; a constant address joins the offset, which has
 * 64 bits from then on. */
static void address(struct lower *l, struct value *a,
                    const struct wrt_memarg *memarg, struct wrt_ir *operands)
{
    operands->imm = memarg->offset;
    if (a->kind == VALUE_CONST) {
        operands->imm += (uint32_t)a->bits;
        operands->ka = WRT_CLASS_Z;
        return;
    }
    operands->ka = (uint8_t)wrt_lower_int_operand(l, a, &operands->a);
}

void wrt_lower_load(struct lower *l, const struct lower_row *row,
                    const struct wrt_memarg *memarg, wrt_valtype type)
{
    struct value a = wrt_lower_pop(l);
    struct wrt_ir operands = {0}, *ir;

    if (a.kind == VALUE_CONST && is_any(memarg))
        wrt_lower_settle_const(l, &a);
    if (sum_address(l, &a, memarg, &operands)) {
        ir = emit_sum(l, row->shape, row->iop, &operands);
    } else {
        address(l, &a, memarg, &operands);
        ir = emit_access(l, row->shape, row->iop, memarg, &operands);
    }
    if (row->shape == WRT_SHAPE_FLOAD)
        wrt_lower_float_result(l, ir, wrt_lower_push(l, type)->slot);
    else
        wrt_lower_int_result(l, ir, wrt_lower_push(l, type)->slot);
}

/* Stores from the float accumulator. */
static void store_float(struct lower *l, const struct lower_row *row,
                        struct value *v, struct value *a,
                        const struct wrt_memarg *memarg)
{
    struct wrt_ir operands = {0};

    if (v->kind == VALUE_LOCAL && sum_address(l, a, memarg, &operands)) {
        emit_sum(l, WRT_SHAPE_FSTORE, row->iop, &operands);
        return;
    }
    wrt_lower_use_register(l, &l->facc, v);
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
        ir = emit_sum(l, WRT_SHAPE_ISTORE, iop, &operands);
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

void wrt_lower_store(struct lower *l, const struct lower_row *row,
                     const struct wrt_memarg *memarg)
{
    struct value v = wrt_lower_pop(l), a = wrt_lower_pop(l);
    uint32_t iop = row->iop;

    /* Constants first: making one may clobber the accumulator. */
    if (a.kind == VALUE_CONST && is_any(memarg))
        wrt_lower_settle_const(l, &a);
    if (row->shape == WRT_SHAPE_FSTORE) {
        if (l->fast && v.kind != VALUE_CONST && l->facc.slot == v.slot) {
            store_float(l, row, &v, &a, memarg);
            return;
        }
        iop = row->iop == WRT_IOP_F32_STORE ? WRT_IOP_I32_STORE
                                            : WRT_IOP_I64_STORE;
    }
    if (v.kind == VALUE_CONST && (!fits_k(v.bits) || is_any(memarg)))
        wrt_lower_settle_const(l, &v);
    store_int(l, iop, &v, &a, memarg);
}
