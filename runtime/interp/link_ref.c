/*
 * Lowering, second pass: structs, arrays, casts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/link_state.h"

/* Fields of structs: the offset in field b. */
static void link_field(struct linker *k, const struct wrt_ir *ir)
{
    uint32_t ka = pinned(k, ir->ka, ir->a), d = ir->d, variant;

    switch ((enum wrt_shape)ir->shape) {
    case WRT_SHAPE_OGET:
        variant = (uint32_t)WRT_IUN_VARIANT(ka, pinned(k, ir->kd, d));
        break;
    case WRT_SHAPE_OFGET: variant = WRT_I2F_VARIANT(ka, ir->kd); break;
    case WRT_SHAPE_OSET:
        d = field(ir->kb, ir->b, ir->spare_imm);
        variant = WRT_OSET_VARIANT(ka, ir->kb);
        break;
    default: variant = ka; break;
    }
    put_op(k, ir->iop + variant, ir->a, (uint32_t)ir->imm, d);
    if (ir->shape == WRT_SHAPE_OFGET)
        reload_l0(k, ir->d);
}

/* Elements of arrays: the index in field b. */
static void link_element(struct linker *k, const struct wrt_ir *ir)
{
    uint32_t ka = pinned(k, ir->ka, ir->a), kb = pinned(k, ir->kb, ir->b);
    uint32_t d = ir->d, variant;

    switch ((enum wrt_shape)ir->shape) {
    case WRT_SHAPE_AGET:
        variant = WRT_AGET_VARIANT(ka, kb, pinned(k, ir->kd, d));
        break;
    case WRT_SHAPE_AFGET: variant = WRT_AFGET_VARIANT(ka, kb, ir->kd); break;
    case WRT_SHAPE_ASET:
        d = field(ir->kd, d, ir->spare_imm);
        variant = WRT_ASET_VARIANT(ka, kb, ir->kd);
        break;
    default: variant = WRT_AFSET_VARIANT(ka, kb); break;
    }
    put_op(k, ir->iop + variant, ir->a, field(kb, ir->b, ir->imm), d);
    if (ir->shape == WRT_SHAPE_AFGET)
        reload_l0(k, ir->d);
}

/* Tests of references: what they are tested for in the next cell. */
static void link_test(struct linker *k, const struct wrt_ir *ir)
{
    uint32_t ka = pinned(k, ir->ka, ir->a), variant = ka;
    uint32_t origin = (uint32_t)k->count;

    if (ir->shape == WRT_SHAPE_TEST)
        variant = WRT_IUN_VARIANT(ka, pinned(k, ir->kd, ir->d));
    else if (ir->shape == WRT_SHAPE_CAST_BR)
        variant = WRT_CAST_BR_VARIANT(ka, ir->negate, is_back(k, ir->label));
    put_op(k, ir->iop + variant, ir->a, 0, ir->d);
    put_imm(k, ir->imm);
    if (ir->shape == WRT_SHAPE_CAST_BR)
        put_target(k, origin, ir->label);
}

bool wrt_link_ref(struct linker *k, const struct wrt_ir *ir)
{
    switch ((enum wrt_shape)ir->shape) {
    case WRT_SHAPE_OGET:
    case WRT_SHAPE_OFGET:
    case WRT_SHAPE_OSET:
    case WRT_SHAPE_OFSET: link_field(k, ir); return true;
    case WRT_SHAPE_AGET:
    case WRT_SHAPE_AFGET:
    case WRT_SHAPE_ASET:
    case WRT_SHAPE_AFSET: link_element(k, ir); return true;
    case WRT_SHAPE_TEST:
    case WRT_SHAPE_CAST:
    case WRT_SHAPE_CAST_BR: link_test(k, ir); return true;
    case WRT_SHAPE_STRUCT_NEW:
        put_op(k, ir->iop + pinned(k, ir->kd, ir->d), ir->a, ir->b, ir->d);
        put_imm(k, ir->imm);
        return true;
    default: return false;
    }
}
