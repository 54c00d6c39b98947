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
#include "runtime/interp/lower_state.h"

/* -- Emission -------------------------------------------------------------- */

struct wrt_ir *wrt_lower_emit(struct lower *l, enum wrt_shape shape,
                              uint32_t iop)
{
    struct wrt_ir_list *list = l->list;
    struct wrt_ir *ir;

    if (WRT_UNLIKELY(list->count == list->capacity)) {
        size_t capacity = list->capacity * 2;
        struct wrt_ir *items =
            wrt_arena_array(l->scratch, capacity, sizeof(*items));

        if (!items) {
            /* The arena's failure is sticky; keep a place to write to. */
            list->count = 0;
        } else {
            memcpy(items, list->items, list->count * sizeof(*items));
            list->items = items;
            list->capacity = capacity;
        }
    }
    ir = &list->items[list->count++];
    *ir = (struct wrt_ir){
        .shape = (uint8_t)shape,
        .iop = (uint16_t)iop,
        .wasm_offset = l->wasm_offset,
        .weight = l->weight,
    };
    return ir;
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

static void forget_slot(struct lower *l, uint32_t slot)
{
    if (l->acc.slot == slot)
        l->acc.slot = NO_SLOT;
    if (l->facc.slot == slot)
        l->facc.slot = NO_SLOT;
}

/* The last instruction leaves its integer result in slot and accumulator. */
void wrt_lower_int_result(struct lower *l, struct wrt_ir *ir, uint32_t slot)
{
    ir->d = slot;
    ir->writes_int = true;
    forget_slot(l, slot);
    l->acc.slot = slot;
    l->acc.ir = l->list->count - 1;
    l->acc.elidable = slot >= l->list->first_temp;
}

void wrt_lower_float_result(struct lower *l, struct wrt_ir *ir, uint32_t slot)
{
    ir->d = slot;
    forget_slot(l, slot);
    l->facc.slot = slot;
    l->facc.ir = l->list->count - 1;
    l->facc.elidable = slot >= l->list->first_temp;
}

/* -- The operand stack ----------------------------------------------------- */

struct value *wrt_lower_push(struct lower *l, wrt_valtype type)
{
    struct value *v = &l->values[l->nvalues++];

    WRT_ASSERT(l->nvalues <= l->info->max_height,
               "validation computed the greatest height");
    *v = (struct value){.kind = VALUE_TEMP,
                        .type = type,
                        .slot = l->list->first_temp + l->height};
    v->home = v->slot;
    l->height += wrt_valtype_slots(type);
    return v;
}

struct value wrt_lower_pop(struct lower *l)
{
    struct value v = l->values[--l->nvalues];

    if (v.kind == VALUE_LOCAL)
        l->pending[v.local]--;
    l->height -= wrt_valtype_slots(v.type);
    return v;
}

/* A copy between slots, from a register where it is cached. */
static void emit_mov_slot(struct lower *l, uint32_t from, uint32_t to,
                          wrt_valtype type)
{
    struct wrt_ir *ir;

    if (l->fast && l->facc.slot == from && is_float(type)) {
        ir = wrt_lower_emit(l, WRT_SHAPE_MOV_FACC, WRT_IOP_MOV_FACC);
        ir->d = to;
        forget_slot(l, to);
        return;
    }
    ir = wrt_lower_emit(l, WRT_SHAPE_MOV, WRT_IOP_MOV);
    ir->a = from;
    if (l->fast && l->acc.slot == from)
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
    if (v->kind == VALUE_LOCAL)
        l->pending[v->local]--;
    v->kind = VALUE_TEMP;
    v->slot = v->home;
}

/* count values below the topmost `except` ones, which must be in their slots:
 * operands of calls.  Two pending locals side by side take one instruction. */
void wrt_lower_materialize_top(struct lower *l, uint32_t count, uint32_t except)
{
    struct value *v = &l->values[l->nvalues - except - count];

    for (uint32_t i = 0; i < count; i++) {
        struct value *pair = &v[i + 1];

        if (i + 1 < count && v[i].kind == VALUE_LOCAL &&
            pair->kind == VALUE_LOCAL && v[i].slot != l->acc.slot) {
            struct wrt_ir *ir = wrt_lower_emit(l, WRT_SHAPE_MOV2, WRT_IOP_MOV2);

            ir->a = v[i].slot;
            ir->b = pair->slot;
            ir->d = v[i].home;
            forget_slot(l, v[i].home);
            forget_slot(l, pair->home);
            l->pending[v[i].local]--;
            l->pending[pair->local]--;
            v[i].kind = pair->kind = VALUE_TEMP;
            v[i].slot = v[i].home;
            pair->slot = pair->home;
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

/* Copies the pending uses of a local that is about to be written. */
static void flush_local(struct lower *l, uint32_t local)
{
    for (uint32_t i = l->nvalues; l->pending[local] && i-- > 0;) {
        if (l->values[i].kind == VALUE_LOCAL && l->values[i].local == local)
            materialize(l, &l->values[i]);
    }
}

/* -- Operands -------------------------------------------------------------- */

/* A use of a cached register: the producer of a temporary need not store. */
static void use_register(struct lower *l, struct cached *reg,
                         const struct value *v)
{
    if (v->kind == VALUE_TEMP && reg->elidable) {
        l->list->items[reg->ir].kd = WRT_CLASS_A;
        reg->elidable = false;
    }
}

/* An integer operand that has to be in a slot or register; a constant is
 * brought to its home first. */
enum wrt_class wrt_lower_int_operand(struct lower *l, struct value *v,
                                     uint32_t *slot)
{
    if (v->kind == VALUE_CONST) {
        wrt_lower_move_to(l, v, v->home);
        v->kind = VALUE_TEMP;
        v->slot = v->home;
    }
    *slot = v->slot;
    if (!l->fast || l->acc.slot != v->slot)
        return WRT_CLASS_S;
    use_register(l, &l->acc, v);
    return WRT_CLASS_A;
}

/* A float operand in a slot or the float accumulator. */
enum wrt_class wrt_lower_float_operand(struct lower *l, struct value *v,
                                       uint32_t *slot)
{
    if (v->kind == VALUE_CONST) {
        wrt_lower_move_to(l, v, v->home);
        v->kind = VALUE_TEMP;
        v->slot = v->home;
    }
    *slot = v->slot;
    if (!l->fast || l->facc.slot != v->slot)
        return WRT_CLASS_S;
    use_register(l, &l->facc, v);
    return WRT_CLASS_F;
}

/* The second operand of an integer operation, which may be a constant. */
enum wrt_class wrt_lower_int_operand_b(struct lower *l, struct value *v,
                                       struct wrt_ir *ir, bool acc_taken)
{
    if (v->kind == VALUE_CONST) {
        ir->imm = v->bits;
        return fits_k(v->bits) ? WRT_CLASS_K : WRT_CLASS_X;
    }
    ir->b = v->slot;
    if (!l->fast || acc_taken || l->acc.slot != v->slot)
        return WRT_CLASS_S;
    use_register(l, &l->acc, v);
    return WRT_CLASS_A;
}

/* -- Locals ---------------------------------------------------------------- */

void wrt_lower_local_get(struct lower *l, uint32_t local)
{
    struct value *v = wrt_lower_push(l, l->info->locals[local]);

    v->kind = VALUE_LOCAL;
    v->local = local;
    v->slot = l->local_slots[local];
    l->pending[local]++;
}

void wrt_lower_const(struct lower *l, wrt_valtype type, uint64_t bits)
{
    struct value *v = wrt_lower_push(l, type);

    v->kind = VALUE_CONST;
    v->bits = bits;
}

/* Whether the last instruction computed v and may write elsewhere instead. */
static struct cached *retargetable(struct lower *l, const struct value *v)
{
    struct cached *reg = is_float(v->type) ? &l->facc : &l->acc;

    if (v->kind != VALUE_TEMP || reg->slot != v->slot || !reg->elidable ||
        reg->ir + 1 != l->list->count)
        return NULL;
    return reg;
}

/* local.set, after the value has been popped. */
void wrt_lower_local_set(struct lower *l, uint32_t local, struct value *v)
{
    uint32_t slot = l->local_slots[local];
    struct cached *reg;

    if (v->kind == VALUE_LOCAL && v->local == local)
        return;
    if (l->pending[local])
        flush_local(l, local);
    reg = retargetable(l, v);
    if (reg) {
        l->list->items[reg->ir].d = slot;
        forget_slot(l, slot);
        reg->slot = slot;
        reg->elidable = false;
        return;
    }
    wrt_lower_move_to(l, v, slot);
}

/* -- Numeric shapes -------------------------------------------------------- */

/* Operands of a binary integer operation: constants go second if they may. */
void wrt_lower_ibin(struct lower *l, const struct lower_row *row,
                    wrt_valtype type, bool commutes)
{
    struct value b = wrt_lower_pop(l), a = wrt_lower_pop(l);
    struct wrt_ir operands = {0}, *ir;

    if (commutes && a.kind == VALUE_CONST && b.kind != VALUE_CONST) {
        struct value swap = a;

        a = b;
        b = swap;
    }
    operands.ka = (uint8_t)wrt_lower_int_operand(l, &a, &operands.a);
    operands.kb = (uint8_t)wrt_lower_int_operand_b(l, &b, &operands,
                                                   operands.ka == WRT_CLASS_A);
    ir = wrt_lower_emit(l, row->shape, row->iop);
    lower_set_operands(ir, &operands);
    wrt_lower_int_result(l, ir, wrt_lower_push(l, type)->slot);
}

void wrt_lower_iun(struct lower *l, const struct lower_row *row,
                   wrt_valtype type)
{
    struct value a = wrt_lower_pop(l);
    struct wrt_ir operands = {0}, *ir;

    operands.ka = (uint8_t)wrt_lower_int_operand(l, &a, &operands.a);
    ir = wrt_lower_emit(l, row->shape, row->iop);
    lower_set_operands(ir, &operands);
    wrt_lower_int_result(l, ir, wrt_lower_push(l, type)->slot);
}

/* Both operands of a float operation: at most one constant, in place. */
static void float_operands(struct lower *l, struct wrt_ir *operands)
{
    struct value b = wrt_lower_pop(l), a = wrt_lower_pop(l);

    if (b.kind == VALUE_CONST && a.kind == VALUE_CONST)
        operands->ka = (uint8_t)wrt_lower_float_operand(l, &a, &operands->a);
    if (b.kind == VALUE_CONST) {
        operands->kb = WRT_CLASS_X;
        operands->imm = b.bits;
    } else {
        operands->kb = (uint8_t)wrt_lower_float_operand(l, &b, &operands->b);
    }
    if (a.kind == VALUE_CONST) {
        operands->ka = WRT_CLASS_X;
        operands->imm = a.bits;
        return;
    }
    operands->a = a.slot;
    /* One register cannot be both, when both are the same local. */
    if (operands->kb != WRT_CLASS_F)
        operands->ka = (uint8_t)wrt_lower_float_operand(l, &a, &operands->a);
}

void wrt_lower_fbin(struct lower *l, const struct lower_row *row,
                    wrt_valtype type)
{
    struct wrt_ir operands = {0}, *ir;

    float_operands(l, &operands);
    ir = wrt_lower_emit(l, row->shape, row->iop);
    lower_set_operands(ir, &operands);
    if (row->shape == WRT_SHAPE_FCMP)
        wrt_lower_int_result(l, ir, wrt_lower_push(l, type)->slot);
    else
        wrt_lower_float_result(l, ir, wrt_lower_push(l, type)->slot);
}

void wrt_lower_fun(struct lower *l, const struct lower_row *row,
                   wrt_valtype type)
{
    struct value a = wrt_lower_pop(l);
    struct wrt_ir operands = {0}, *ir;

    operands.ka = (uint8_t)(row->shape == WRT_SHAPE_I2F
                                ? wrt_lower_int_operand(l, &a, &operands.a)
                                : wrt_lower_float_operand(l, &a, &operands.a));
    ir = wrt_lower_emit(l, row->shape, row->iop);
    lower_set_operands(ir, &operands);
    if (row->shape == WRT_SHAPE_F2I)
        wrt_lower_int_result(l, ir, wrt_lower_push(l, type)->slot);
    else
        wrt_lower_float_result(l, ir, wrt_lower_push(l, type)->slot);
}

/* -- Memory ---------------------------------------------------------------- */

/* Address operand and offset; a constant address joins the offset, which has
 * 64 bits from then on. */
static void address(struct lower *l, struct value *a, uint64_t offset,
                    struct wrt_ir *operands)
{
    operands->imm = offset;
    if (a->kind == VALUE_CONST) {
        operands->imm = offset + (uint32_t)a->bits;
        operands->ka = WRT_CLASS_Z;
        return;
    }
    operands->ka = (uint8_t)wrt_lower_int_operand(l, a, &operands->a);
}

void wrt_lower_load(struct lower *l, const struct lower_row *row,
                    uint64_t offset, wrt_valtype type)
{
    struct value a = wrt_lower_pop(l);
    struct wrt_ir operands = {0}, *ir;

    address(l, &a, offset, &operands);
    ir = wrt_lower_emit(l, row->shape, row->iop);
    lower_set_operands(ir, &operands);
    if (row->shape == WRT_SHAPE_FLOAD)
        wrt_lower_float_result(l, ir, wrt_lower_push(l, type)->slot);
    else
        wrt_lower_int_result(l, ir, wrt_lower_push(l, type)->slot);
}

/* A float is stored from the float accumulator, or from a slot as bits. */
static void store_float(struct lower *l, const struct lower_row *row,
                        struct value *v, struct value *a, uint64_t offset)
{
    struct wrt_ir operands = {0}, *ir;

    use_register(l, &l->facc, v);
    address(l, a, offset, &operands);
    ir = wrt_lower_emit(l, WRT_SHAPE_FSTORE, row->iop);
    lower_set_operands(ir, &operands);
}

void wrt_lower_store(struct lower *l, const struct lower_row *row,
                     uint64_t offset)
{
    struct value v = wrt_lower_pop(l), a = wrt_lower_pop(l);
    struct wrt_ir operands = {0}, value = {0}, *ir;
    uint32_t iop = row->iop;

    if (row->shape == WRT_SHAPE_FSTORE) {
        if (l->fast && v.kind != VALUE_CONST && l->facc.slot == v.slot) {
            store_float(l, row, &v, &a, offset);
            return;
        }
        iop = row->iop == WRT_IOP_F32_STORE ? WRT_IOP_I32_STORE
                                            : WRT_IOP_I64_STORE;
    }
    /* The constant first: making it may clobber the accumulator. */
    if (v.kind == VALUE_CONST && !fits_k(v.bits)) {
        wrt_lower_move_to(l, &v, v.home);
        v.kind = VALUE_TEMP;
        v.slot = v.home;
    }
    value.kb = (uint8_t)wrt_lower_int_operand_b(l, &v, &value, false);
    if (value.kb == WRT_CLASS_A) {
        address(l, &a, offset, &operands);
        /* Both the same cached local: one register, one slot. */
        if (operands.ka == WRT_CLASS_A)
            operands.ka = WRT_CLASS_S;
    } else {
        address(l, &a, offset, &operands);
    }
    ir = wrt_lower_emit(l, WRT_SHAPE_ISTORE, iop);
    lower_set_operands(ir, &operands);
    ir->kb = value.kb;
    ir->b = value.b;
    ir->spare_imm = value.imm;
}
