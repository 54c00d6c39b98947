/*
 * Lowering, second pass: vectors.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/link_state.h"

/* Vectors are in no slot of an integer local: nothing is reloaded for them. */
bool wrt_link_vec(struct linker *k, const struct wrt_ir *ir)
{
    uint32_t kb = pinned(k, ir->kb, ir->b), variant;

    switch ((enum wrt_shape)ir->shape) {
    case WRT_SHAPE_VTERN:
        put_op(k, ir->iop + (uint32_t)WRT_VTERN_VARIANT(ir->kb, ir->kd), ir->a,
               ir->b, ir->d);
        put_op(k, 0, (uint32_t)ir->imm, 0, 0);
        break;
    case WRT_SHAPE_VSHIFT:
        put_op(k, ir->iop + WRT_VSHIFT_VARIANT(ir->ka, kb, ir->kd), ir->a,
               field(kb, ir->b, ir->imm), ir->d);
        break;
    case WRT_SHAPE_IEXTRACT:
    case WRT_SHAPE_FEXTRACT:
        variant = ir->writes_int ? pinned(k, ir->kd, ir->d) : ir->kd;
        put_op(k, ir->iop + variant, ir->a, (uint32_t)ir->imm, ir->d);
        if (!ir->writes_int)
            reload_l0(k, ir->d);
        break;
    case WRT_SHAPE_IREPLACE:
        put_op(k, ir->iop + WRT_IREPLACE_VARIANT(ir->ka, kb, ir->kd), ir->a,
               ir->b, ir->d);
        put_op(k, 0, (uint32_t)ir->imm, 0, 0);
        break;
    case WRT_SHAPE_CONST_V: put_op(k, ir->iop + ir->kd, 0, 0, ir->d); break;
    case WRT_SHAPE_MOV_V: put_op(k, ir->iop + ir->ka, ir->a, 0, ir->d); break;
    case WRT_SHAPE_VBIN:
    case WRT_SHAPE_VSHUFFLE:
    case WRT_SHAPE_FREPLACE:
        put_op(k, ir->iop + (uint32_t)WRT_VBIN_VARIANT(ir->ka, ir->kb, ir->kd),
               ir->a, ir->b, ir->d);
        if (ir->shape == WRT_SHAPE_FREPLACE)
            put_op(k, 0, (uint32_t)ir->imm, 0, 0);
        break;
    default: return false;
    }
    if (ir->shape == WRT_SHAPE_VSHUFFLE || ir->shape == WRT_SHAPE_CONST_V) {
        put_imm(k, ir->imm);
        put_imm(k, ir->spare_imm);
    }
    return true;
}
