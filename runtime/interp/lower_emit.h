/*
 * Lowering, first pass: operands, instructions and results.  In a header since
 * every instruction that is lowered goes through them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_INTERP_LOWER_EMIT_H
#define WRT_INTERP_LOWER_EMIT_H

#include "runtime/interp/lower_state.h"

/* -- Emission -------------------------------------------------------------- */

WRT_INLINE struct wrt_ir *wrt_lower_emit(struct lower *l, enum wrt_shape shape,
                                         uint32_t iop)
{
    struct wrt_ir_list *list = l->list;
    struct wrt_ir *ir;

    if (WRT_UNLIKELY(list->count == list->capacity))
        wrt_lower_grow(l);
    ir = &list->items[list->count++];
    *ir = (struct wrt_ir){
        .shape = (uint8_t)shape,
        .iop = (uint16_t)iop,
        .wasm_offset = (uint32_t)wrt_module_offset(l->module, l->at),
    };
    return ir;
}

/* The instruction that computed v as a temporary of the register, when it is
 * the last one: then a consumer may take over its operands and drop it.  Or
 * NULL. */
WRT_INLINE struct wrt_ir *wrt_lower_producer(const struct lower *l,
                                             const struct cached *reg,
                                             const struct value *v)
{
    bool is_last = reg->ir + 1 == l->list->count;
    bool is_it = (reg->slot == v->slot) & reg->elidable & is_last;

    return is_it ? &l->list->items[reg->ir] : NULL;
}

/* -- Operands -------------------------------------------------------------- */

/* The register is used for what it caches: the producer of a temporary need
 * not store. */
WRT_INLINE void wrt_lower_use_register(struct lower *l, struct cached *reg)
{
    if (reg->elidable) {
        l->list->items[reg->ir].kd = WRT_CLASS_A;
        reg->elidable = false;
    }
}

/* An integer operand that stays in its slot: if it is a local, a use that a
 * register would serve. */
WRT_INLINE void wrt_lower_count_use(struct lower *l, const struct value *v)
{
    l->uses[v->local].weight += l->weight;
}

/* An integer operand that has to be in a slot or register; a constant is
 * brought to its home first. */
WRT_INLINE enum wrt_class wrt_lower_int_operand(struct lower *l,
                                                struct value *v, uint32_t *slot)
{
    if (v->kind == VALUE_CONST)
        wrt_lower_settle_const(l, v);
    *slot = v->slot;
    if (!FAST || l->acc.slot != v->slot) {
        wrt_lower_count_use(l, v);
        return WRT_CLASS_S;
    }
    wrt_lower_use_register(l, &l->acc);
    return WRT_CLASS_A;
}

/* A float operand in a slot or the float accumulator. */
WRT_INLINE enum wrt_class
wrt_lower_float_operand(struct lower *l, struct value *v, uint32_t *slot)
{
    if (v->kind == VALUE_CONST)
        wrt_lower_settle_const(l, v);
    *slot = v->slot;
    if (!FAST || l->facc.slot != v->slot)
        return WRT_CLASS_S;
    wrt_lower_use_register(l, &l->facc);
    return WRT_CLASS_F;
}

/* The second operand of an integer operation, which may be a constant. */
WRT_INLINE enum wrt_class wrt_lower_int_operand_b(struct lower *l,
                                                  struct value *v,
                                                  struct wrt_ir *ir,
                                                  bool acc_taken)
{
    if (v->kind == VALUE_CONST) {
        ir->imm = v->bits;
        return fits_k(v->bits) ? WRT_CLASS_K : WRT_CLASS_X;
    }
    ir->b = v->slot;
    if (!FAST || acc_taken || l->acc.slot != v->slot) {
        wrt_lower_count_use(l, v);
        return WRT_CLASS_S;
    }
    wrt_lower_use_register(l, &l->acc);
    return WRT_CLASS_A;
}

/* -- Results --------------------------------------------------------------- */

/* Slots are written: a register that caches any of them does so no more. */
WRT_INLINE void wrt_lower_forget_slots(struct lower *l, uint32_t slot,
                                       uint32_t slots)
{
    struct cached *acc = &l->acc, *facc = &l->facc;

    if (acc->slot >= slot && acc->slot - slot < slots)
        acc->slot = NO_SLOT;
    if (facc->slot != NO_SLOT && facc->slot < slot + slots &&
        slot < facc->slot + facc->slots)
        facc->slot = NO_SLOT;
}

/* The last instruction leaves its integer result in slot and accumulator. */
WRT_INLINE void wrt_lower_int_result(struct lower *l, struct wrt_ir *ir,
                                     uint32_t slot)
{
    ir->d = slot;
    ir->writes_int = true;
    wrt_lower_forget_slots(l, slot, 1);
    l->acc.slot = slot;
    l->acc.slots = 1;
    l->acc.ir = l->list->count - 1;
    l->acc.elidable = slot >= l->list->first_temp;
}

/* slots: 1, or 2 for a vector. */
WRT_INLINE void wrt_lower_float_result(struct lower *l, struct wrt_ir *ir,
                                       uint32_t slot, uint32_t slots)
{
    ir->d = slot;
    wrt_lower_forget_slots(l, slot, slots);
    l->facc.slot = slot;
    l->facc.slots = slots;
    l->facc.ir = l->list->count - 1;
    l->facc.elidable = slot >= l->list->first_temp;
}

/* Pushes the result of the last instruction, ir. */
WRT_INLINE void wrt_lower_push_result(struct lower *l, struct wrt_ir *ir,
                                      wrt_valtype type)
{
    uint32_t slot = wrt_lower_push(l, type)->slot;

    if (is_float(type))
        wrt_lower_float_result(l, ir, slot, wrt_valtype_slots(type));
    else
        wrt_lower_int_result(l, ir, slot);
}

#endif
