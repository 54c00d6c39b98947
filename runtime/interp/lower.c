/*
 * Lowering, first pass: the walk over a body with a symbolic operand stack.
 *
 * Values on the stack are descriptors: LOCAL (a local, not copied yet), CONST,
 * or TEMP (in the slot of its height).  Two registers cache slots: `acc` the
 * last integer result, `facc` the last float.  A consumer that finds its
 * operand cached uses the register; when the value was a temporary, which
 * nobody else can read, the producer's store is dropped.
 *
 * A local that is written while it is still pending on the stack is first
 * copied to the pending entries' own slots.  At block boundaries every pending
 * local is copied, so paths that merge agree.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/lower_emit.h"

/* -- Emission -------------------------------------------------------------- */

/* Doubles a list that is full. */
void wrt_lower_grow(struct lower *l)
{
    struct wrt_ir_list *list = l->list;
    size_t capacity = list->capacity * 2;
    struct wrt_ir *items = wrt_arena_raw(l->scratch, capacity, sizeof(*items));

    if (!items) {
        /* The arena's failure is sticky; keep a place to write to. */
        list->count = 0;
        return;
    }
    memcpy(items, list->items, list->count * sizeof(*items));
    list->items = items;
    list->capacity = capacity;
}

/* Nothing is cached any more: control may come from elsewhere. */
void wrt_lower_forget(struct lower *l)
{
    l->acc.slot = NO_SLOT;
    l->facc.slot = NO_SLOT;
}

/* From here on the slots themselves are needed: stores stay. */
void wrt_lower_pin_stores(struct lower *l)
{
    l->acc.elidable = false;
    l->facc.elidable = false;
}

/* -- The operand stack ----------------------------------------------------- */

/* A vector is copied whole. */
static void emit_mov_vector(struct lower *l, uint32_t from, uint32_t to)
{
    struct wrt_ir *ir = wrt_lower_emit(l, WRT_SHAPE_MOV_V, WRT_IOP_MOV_V);

    ir->a = from;
    if (FAST && l->facc.slot == from)
        ir->ka = WRT_CLASS_F;
    wrt_lower_float_result(l, ir, to, 2);
}

/* A copy between slots, from a register where it is cached. */
static void emit_mov_slot(struct lower *l, uint32_t from, uint32_t to,
                          wrt_valtype type)
{
    struct wrt_ir *ir;

    if (type == WRT_KIND_V128) {
        emit_mov_vector(l, from, to);
        return;
    }
    if (FAST && l->facc.slot == from && is_float(type)) {
        ir = wrt_lower_emit(l, WRT_SHAPE_MOV_FACC, WRT_IOP_MOV_FACC);
        ir->d = to;
        wrt_lower_forget_slots(l, to, 1);
        return;
    }
    ir = wrt_lower_emit(l, WRT_SHAPE_MOV, WRT_IOP_MOV);
    ir->a = from;
    if (FAST && l->acc.slot == from)
        ir->ka = WRT_CLASS_A;
    wrt_lower_int_result(l, ir, to);
}

static void emit_mov_const(struct lower *l, uint64_t bits, uint32_t to)
{
    struct wrt_ir *ir = wrt_lower_emit(l, WRT_SHAPE_MOV, WRT_IOP_MOV);

    ir->ka = fits_k(bits) ? WRT_CLASS_K : WRT_CLASS_X;
    ir->imm = bits;
    wrt_lower_int_result(l, ir, to);
}

/* Brings a value to a slot. */
void wrt_lower_move_to(struct lower *l, const struct value *v, uint32_t to)
{
    if (v->kind == VALUE_CONST)
        emit_mov_const(l, v->bits, to);
    else if (v->slot != to)
        emit_mov_slot(l, v->slot, to, v->type);
}

/* Brings an entry of the stack to its own slot. */
static void materialize(struct lower *l, struct value *v)
{
    if (v->kind == VALUE_TEMP)
        return;
    wrt_lower_move_to(l, v, v->home);
    l->uses[v->local].pending--;
    wrt_lower_settled(v);
}

/* A local that one slot holds, still to be copied. */
static bool is_pending(const struct value *v)
{
    return v->kind == VALUE_LOCAL && v->type != WRT_KIND_V128;
}

/* count values below the topmost `except` ones, which must be in their slots:
 * operands of calls.  Two pending locals side by side take one instruction. */
void wrt_lower_materialize_top(struct lower *l, uint32_t count, uint32_t except)
{
    struct value *v = &l->values[l->nvalues - except - count];

    for (uint32_t i = 0; i < count; i++) {
        struct value *pair = &v[i + 1];

        if (i + 1 < count && is_pending(&v[i]) && is_pending(pair) &&
            v[i].slot != l->acc.slot) {
            struct wrt_ir *ir = wrt_lower_emit(l, WRT_SHAPE_MOV2, WRT_IOP_MOV2);

            ir->a = v[i].slot;
            ir->b = pair->slot;
            ir->d = v[i].home;
            wrt_lower_forget_slots(l, v[i].home, 2);
            l->uses[v[i].local].pending--;
            l->uses[pair->local].pending--;
            wrt_lower_settled(&v[i]);
            wrt_lower_settled(pair);
            i++;
        } else {
            materialize(l, &v[i]);
        }
    }
}

/* Copies every pending local of the stack, apart from the topmost `except`
 * values: before control flow splits or merges. */
void wrt_lower_flush_locals(struct lower *l, uint32_t except)
{
    for (uint32_t i = l->flushed; i + except < l->nvalues; i++) {
        if (l->values[i].kind == VALUE_LOCAL)
            materialize(l, &l->values[i]);
    }
}

/* Copies the pending uses of a local, by its number, that is about to be
 * written. */
static void flush_local(struct lower *l, uint32_t local)
{
    for (uint32_t i = l->nvalues; l->uses[local].pending && i-- > 0;) {
        if (l->values[i].local == local)
            materialize(l, &l->values[i]);
    }
}

/* -- Operands -------------------------------------------------------------- */

/* Brings a constant to its slot, where it cannot be part of the instruction. */
void wrt_lower_settle_const(struct lower *l, struct value *v)
{
    wrt_lower_move_to(l, v, v->home);
    wrt_lower_settled(v);
}

/* -- Locals ---------------------------------------------------------------- */

/* Whether the last instruction computed v and may write elsewhere instead. */
static struct cached *retargetable(struct lower *l, const struct value *v)
{
    struct cached *reg = is_float(v->type) ? &l->facc : &l->acc;

    return wrt_lower_producer(l, reg, v) ? reg : NULL;
}

/* local.set, after the value has been popped. */
void wrt_lower_local_set(struct lower *l, uint32_t local, struct value *v)
{
    uint32_t slot = l->locals[local].slot;
    struct cached *reg;

    if (v->local == local + 1)
        return;
    if (l->uses[local + 1].pending)
        flush_local(l, local + 1);
    reg = retargetable(l, v);
    if (reg) {
        l->list->items[reg->ir].d = slot;
        wrt_lower_forget_slots(l, slot, reg->slots);
        reg->slot = slot;
        reg->elidable = false;
        return;
    }
    wrt_lower_move_to(l, v, slot);
}

/* -- Numeric shapes -------------------------------------------------------- */

/* Drops the last instruction; the accumulator is as it was before it, which
 * is not known, except to that instruction's own operands. */
void wrt_lower_drop_last(struct lower *l)
{
    l->list->count--;
    l->acc.slot = NO_SLOT;
}

/* (x << k) + y, when one operand is a shift by a small constant. */
static bool shift_add(struct lower *l, struct value *a, struct value *b)
{
    struct value *other = b;
    struct wrt_ir *shift = wrt_lower_producer(l, &l->acc, a), operands = {0};
    struct wrt_ir *ir;
    uint32_t k;

    if (!shift) {
        shift = wrt_lower_producer(l, &l->acc, b);
        other = a;
    }
    if (!shift || shift->shape != WRT_SHAPE_IBIN ||
        shift->iop != WRT_IOP_I32_SHL || shift->kb != WRT_CLASS_K)
        return false;
    k = (uint32_t)shift->imm & 31;
    if (k < 1 || k > 4)
        return false;
    operands.ka = shift->ka;
    operands.a = shift->a;
    wrt_lower_drop_last(l);
    operands.kb = (uint8_t)wrt_lower_int_operand_b(l, other, &operands, true);
    ir = wrt_lower_emit(l, WRT_SHAPE_IBIN,
                        WRT_IOP_I32_SHL1_ADD + (k - 1) * WRT_IBIN_COUNT);
    lower_set_operands(ir, &operands);
    wrt_lower_int_result(l, ir, wrt_lower_push(l, WRT_KIND_I32)->slot);
    return true;
}

/* Operands of a binary integer operation: constants go second if they may. */
void wrt_lower_ibin(struct lower *l, const struct lower_row *row,
                    wrt_valtype type, bool commutes)
{
    struct value *b = wrt_lower_pop(l), *a = wrt_lower_pop(l);
    struct wrt_ir operands = {0}, *ir;

    if (FAST && row->iop == WRT_IOP_I32_ADD && shift_add(l, a, b))
        return;
    if (commutes && a->kind == VALUE_CONST && b->kind != VALUE_CONST) {
        struct value *swap = a;

        a = b;
        b = swap;
    }
    operands.ka = (uint8_t)wrt_lower_int_operand(l, a, &operands.a);
    operands.kb = (uint8_t)wrt_lower_int_operand_b(l, b, &operands,
                                                   operands.ka == WRT_CLASS_A);
    ir = wrt_lower_emit(l, row->shape, row->iop);
    lower_set_operands(ir, &operands);
    wrt_lower_int_result(l, ir, wrt_lower_push(l, type)->slot);
}

void wrt_lower_iun(struct lower *l, const struct lower_row *row,
                   wrt_valtype type)
{
    struct value *a = wrt_lower_pop(l);
    struct wrt_ir operands = {0}, *ir;

    operands.ka = (uint8_t)wrt_lower_int_operand(l, a, &operands.a);
    ir = wrt_lower_emit(l, row->shape, row->iop);
    lower_set_operands(ir, &operands);
    wrt_lower_push_result(l, ir, type);
}

/* Both operands of a float operation: at most one constant, in place. */
static void float_operands(struct lower *l, struct wrt_ir *operands)
{
    struct value *b = wrt_lower_pop(l), *a = wrt_lower_pop(l);

    if (b->kind == VALUE_CONST && a->kind == VALUE_CONST)
        operands->ka = (uint8_t)wrt_lower_float_operand(l, a, &operands->a);
    if (b->kind == VALUE_CONST) {
        operands->kb = WRT_CLASS_X;
        operands->imm = b->bits;
    } else {
        operands->kb = (uint8_t)wrt_lower_float_operand(l, b, &operands->b);
    }
    if (a->kind == VALUE_CONST) {
        operands->ka = WRT_CLASS_X;
        operands->imm = a->bits;
        return;
    }
    operands->a = a->slot;
    /* One register cannot be both, when both are the same local. */
    if (operands->kb != WRT_CLASS_F)
        operands->ka = (uint8_t)wrt_lower_float_operand(l, a, &operands->a);
}

/* The product that computed v, when it is the last instruction. */
static struct wrt_ir *last_product(struct lower *l, const struct value *v,
                                   uint16_t mul)
{
    struct wrt_ir *ir = FAST ? wrt_lower_producer(l, &l->facc, v) : NULL;

    return ir && ir->iop == mul && ir->ka != WRT_CLASS_X &&
                   ir->kb != WRT_CLASS_X
               ? ir
               : NULL;
}

/* The fused forms of an addition or subtraction with a product, by which side
 * the product is on; NONE for other operations. */
static uint16_t product_form(uint16_t iop, bool product_first, uint16_t *mul)
{
    *mul = iop == WRT_IOP_F32_ADD || iop == WRT_IOP_F32_SUB ? WRT_IOP_F32_MUL
                                                            : WRT_IOP_F64_MUL;
    switch (iop) {
    case WRT_IOP_F32_ADD:
        return product_first ? WRT_IOP_F32_MUL_ADD : WRT_IOP_F32_ADD_MUL;
    case WRT_IOP_F32_SUB:
        return product_first ? WRT_IOP_F32_MUL_SUB : WRT_IOP_F32_SUB_MUL;
    case WRT_IOP_F64_ADD:
        return product_first ? WRT_IOP_F64_MUL_ADD : WRT_IOP_F64_ADD_MUL;
    case WRT_IOP_F64_SUB:
        return product_first ? WRT_IOP_F64_MUL_SUB : WRT_IOP_F64_SUB_MUL;
    default: return WRT_IOP_NONE;
    }
}

/* A product and a sum or difference in one instruction. */
static bool fuse_product(struct lower *l, const struct lower_row *row,
                         wrt_valtype type)
{
    struct value *b = &l->values[l->nvalues - 1], *a = b - 1;
    uint16_t mul, iop = product_form(row->iop, true, &mul);
    struct wrt_ir *product, operands, *ir;
    struct value *other = b;

    if (iop == WRT_IOP_NONE)
        return false;
    product = last_product(l, a, mul);
    if (!product) {
        product = last_product(l, b, mul);
        iop = product_form(row->iop, false, &mul);
        other = a;
    }
    if (!product || other->kind == VALUE_CONST)
        return false;
    operands = *product;
    operands.imm = other->slot;
    l->list->count--;
    l->facc.slot = NO_SLOT;
    wrt_lower_pop(l);
    wrt_lower_pop(l);
    ir = wrt_lower_emit(l, WRT_SHAPE_FMUL, iop);
    lower_set_operands(ir, &operands);
    wrt_lower_push_result(l, ir, type);
    return true;
}

void wrt_lower_fbin(struct lower *l, const struct lower_row *row,
                    wrt_valtype type)
{
    struct wrt_ir operands = {0}, *ir;

    if (fuse_product(l, row, type))
        return;
    float_operands(l, &operands);
    ir = wrt_lower_emit(l, row->shape, row->iop);
    lower_set_operands(ir, &operands);
    wrt_lower_push_result(l, ir, type);
}

void wrt_lower_fun(struct lower *l, const struct lower_row *row,
                   wrt_valtype type)
{
    struct value *a = wrt_lower_pop(l);
    struct wrt_ir operands = {0}, *ir;

    operands.ka = (uint8_t)(row->shape == WRT_SHAPE_I2F
                                ? wrt_lower_int_operand(l, a, &operands.a)
                                : wrt_lower_float_operand(l, a, &operands.a));
    ir = wrt_lower_emit(l, row->shape, row->iop);
    lower_set_operands(ir, &operands);
    wrt_lower_push_result(l, ir, type);
}
