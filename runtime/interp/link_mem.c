/*
 * Lowering, second pass: loads and stores in their forms.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/link_state.h"

/* Whether a shape is of the form that begins with `first`.  ORDER MEM. */
static bool is_form(const struct wrt_ir *ir, enum wrt_shape first)
{
    return ir->shape >= first &&
           ir->shape <= first + (WRT_SHAPE_VSTORE - WRT_SHAPE_ILOAD);
}

/* The cells of a variant: the offset in field b, or in the next cell. */
WRT_INLINE void put_access(struct linker *k, const struct wrt_ir *ir,
                           uint32_t op, uint32_t wide, uint32_t d)
{
    put_op(k, op, ir->a, wide ? 0 : (uint32_t)ir->imm, d);
    if (wide)
        put_imm(k, ir->imm);
}

void wrt_link_iload(struct linker *k, const struct wrt_ir *ir)
{
    uint32_t ka = pinned(k, ir->ka, ir->a), kd = pinned(k, ir->kd, ir->d);
    uint32_t wide = ir->imm > UINT16_MAX;

    put_access(k, ir, ir->iop + WRT_ILOAD_VARIANT(ka, kd, wide, k->guarded),
               wide, ir->d);
}

void wrt_link_istore(struct linker *k, const struct wrt_ir *ir)
{
    uint32_t ka = pinned(k, ir->ka, ir->a), kv = pinned(k, ir->kb, ir->b);
    uint32_t wide = ir->imm > UINT16_MAX;

    put_access(k, ir, ir->iop + WRT_ISTORE_VARIANT(ka, kv, wide, k->guarded),
               wide, field(ir->kb, ir->b, ir->spare_imm));
}

/* Other loads and stores of memory 0, and those of 64-bit indices. */
static void link_mem(struct linker *k, const struct wrt_ir *ir)
{
    uint32_t ka = pinned(k, ir->ka, ir->a), d = ir->d, variant;
    uint32_t wide = ir->imm > UINT16_MAX;
    bool is_64 = is_form(ir, WRT_SHAPE_ILOAD_INDEX64);
    uint32_t shape = is_64
                         ? ir->shape - WRT_SHAPE_ILOAD_INDEX64 + WRT_SHAPE_ILOAD
                         : ir->shape;

    switch ((enum wrt_shape)shape) {
    case WRT_SHAPE_ILOAD:
        variant = WRT_ILOAD_VARIANT(ka, pinned(k, ir->kd, d), wide, k->guarded);
        break;
    case WRT_SHAPE_FLOAD:
        variant = WRT_FLOAD_VARIANT(ka, ir->kd, wide, k->guarded);
        break;
    case WRT_SHAPE_FSTORE:
        variant = WRT_FSTORE_VARIANT(ka, wide, k->guarded);
        break;
    case WRT_SHAPE_VSTORE:
        variant = WRT_VSTORE_VARIANT(ka, ir->kd, wide, k->guarded);
        break;
    default:
        variant =
            WRT_ISTORE_VARIANT(ka, pinned(k, ir->kb, ir->b), wide, k->guarded);
        d = field(ir->kb, ir->b, ir->spare_imm);
        break;
    }
    put_access(k, ir, ir->iop + (is_64 ? variant / 2 : variant), wide, d);
    if (shape == WRT_SHAPE_FLOAD)
        reload_l0(k, ir->d);
}

/* Loads and stores at a sum; a constant of the sum is in b itself. */
static void link_sum(struct linker *k, const struct wrt_ir *ir)
{
    uint32_t ka = pinned(k, ir->ka, ir->a), kb = pinned(k, ir->kb, ir->b);
    uint32_t wide = ir->imm != 0, d = ir->d, kv, variant;

    switch ((enum wrt_shape)ir->shape) {
    case WRT_SHAPE_ISTORE_SUM:
        kv = pinned(k, ir->kd, d);
        d = field(kv, d, ir->spare_imm);
        variant = WRT_ISTORE_SUM_VARIANT(ka, kb, kv, wide);
        break;
    case WRT_SHAPE_FSTORE_SUM:
        variant = WRT_FSTORE_SUM_VARIANT(ka, kb, wide);
        break;
    case WRT_SHAPE_VSTORE_SUM:
        variant = WRT_VSTORE_SUM_VARIANT(ka, kb, ir->kd, wide);
        break;
    default: variant = WRT_LOAD_SUM_VARIANT(ka, kb, ir->kd, wide); break;
    }
    put_op(k, ir->iop + variant, ir->a, ir->b, d);
    if (wide)
        put_imm(k, ir->imm);
    if (ir->shape == WRT_SHAPE_ILOAD_SUM || ir->shape == WRT_SHAPE_FLOAD_SUM)
        reload_l0(k, ir->d);
}

/* Loads and stores in any memory.  There is no variant for the pinned local,
 * whose slot is always right. */
static void link_any(struct linker *k, const struct wrt_ir *ir)
{
    uint32_t d = ir->d, variant;

    switch ((enum wrt_shape)ir->shape) {
    case WRT_SHAPE_ISTORE_ANY:
        variant = WRT_ANY_VARIANT((uint32_t)ir->ka, ir->kb);
        d = ir->b;
        break;
    case WRT_SHAPE_FSTORE_ANY: variant = WRT_FSTORE_ANY_VARIANT(ir->ka); break;
    default: variant = WRT_ANY_VARIANT((uint32_t)ir->ka, ir->kd); break;
    }
    put_op(k, ir->iop + variant, ir->a, ir->label, d);
    put_imm(k, ir->imm);
    if (ir->shape == WRT_SHAPE_ILOAD_ANY || ir->shape == WRT_SHAPE_FLOAD_ANY)
        reload_l0(k, ir->d);
}

bool wrt_link_mem(struct linker *k, const struct wrt_ir *ir)
{
    if (is_form(ir, WRT_SHAPE_ILOAD) || is_form(ir, WRT_SHAPE_ILOAD_INDEX64))
        link_mem(k, ir);
    else if (is_form(ir, WRT_SHAPE_ILOAD_SUM))
        link_sum(k, ir);
    else if (is_form(ir, WRT_SHAPE_ILOAD_ANY))
        link_any(k, ir);
    else
        return false;
    return true;
}
