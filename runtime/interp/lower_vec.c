/*
 * Lowering, first pass: vectors.
 *
 * A vector is computed in the float accumulator, like a float, and takes two
 * slots.  Instructions of one operand have the shapes of floats and are lowered
 * with them; here are those with operands or immediates of their own.
 *
 * A constant inside a loop has a slot among the locals, filled when the
 * function is entered: then it is an operand like any other, where each use
 * would cost an operation otherwise.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/lower_emit.h"

/* -- Operations ------------------------------------------------------------ */

/* Operands a and b, of which at most one is in the register. */
static void two_operands(struct lower *l, struct value *a, struct value *b,
                         struct wrt_ir *operands)
{
    operands->kb = (uint8_t)wrt_lower_float_operand(l, b, &operands->b);
    operands->a = a->slot;
    if (operands->kb != WRT_CLASS_F)
        operands->ka = (uint8_t)wrt_lower_float_operand(l, a, &operands->a);
}

static void vec_binary(struct lower *l, struct wrt_ir *operands)
{
    struct value *b = wrt_lower_pop(l), *a = wrt_lower_pop(l);

    two_operands(l, a, b, operands);
}

/* kb says which of the three is in the register: see WRT_VTERN_VARIANT. */
static void vec_ternary(struct lower *l, struct wrt_ir *operands)
{
    struct value *c = wrt_lower_pop(l), *b = wrt_lower_pop(l),
                 *a = wrt_lower_pop(l);
    uint32_t slot_c;

    if (wrt_lower_float_operand(l, c, &slot_c) == WRT_CLASS_F) {
        operands->kb = 3;
        operands->a = a->slot;
        operands->b = b->slot;
    } else {
        two_operands(l, a, b, operands);
        operands->kb = operands->kb == WRT_CLASS_F ? 2 : (uint8_t)operands->ka;
    }
    operands->imm = slot_c;
}

/* A constant count is cut to what every shape looks at. */
static void vec_shift(struct lower *l, struct wrt_ir *operands)
{
    struct value *count = wrt_lower_pop(l), *a = wrt_lower_pop(l);

    if (count->kind == VALUE_CONST)
        count->bits &= 63;
    operands->ka = (uint8_t)wrt_lower_float_operand(l, a, &operands->a);
    operands->kb = (uint8_t)wrt_lower_int_operand_b(l, count, operands, false);
}

/* The vector, of an extracted lane, is read from its slots. */
static void vec_extract(struct lower *l, struct wrt_ir *operands, uint32_t lane)
{
    struct value *a = wrt_lower_pop(l);

    operands->a = a->slot;
    operands->imm = lane;
}

/* a with the scalar b for one of its lanes. */
static void vec_replace(struct lower *l, enum wrt_shape shape, struct value *a,
                        struct value *b, struct wrt_ir *operands)
{
    if (shape == WRT_SHAPE_FREPLACE) {
        two_operands(l, a, b, operands);
        return;
    }
    operands->kb = (uint8_t)wrt_lower_int_operand(l, b, &operands->b);
    operands->ka = (uint8_t)wrt_lower_float_operand(l, a, &operands->a);
}

static struct wrt_ir *emit_row(struct lower *l, const struct lower_row *row,
                               const struct wrt_ir *operands)
{
    struct wrt_ir *ir = wrt_lower_emit(l, row->shape, row->iop);

    lower_set_operands(ir, operands);
    return ir;
}

static void emit_replace(struct lower *l, const struct lower_row *row,
                         struct value *a, struct value *b, uint32_t lane)
{
    struct wrt_ir operands = {0};

    vec_replace(l, row->shape, a, b, &operands);
    operands.imm = lane;
    wrt_lower_push_result(l, emit_row(l, row, &operands), WRT_KIND_V128);
}

void wrt_lower_vec_row(struct lower *l, const struct lower_row *row,
                       const struct wrt_insn *insn, wrt_valtype type)
{
    struct wrt_ir operands = {0}, *ir;
    uint64_t spare_imm = 0;

    switch ((enum wrt_shape)row->shape) {
    case WRT_SHAPE_VTERN: vec_ternary(l, &operands); break;
    case WRT_SHAPE_VSHIFT: vec_shift(l, &operands); break;
    case WRT_SHAPE_VSHUFFLE:
        vec_binary(l, &operands);
        operands.imm = wrt_load_u64(insn->imm.bytes);
        spare_imm = wrt_load_u64(insn->imm.bytes + 8);
        break;
    case WRT_SHAPE_IEXTRACT:
    case WRT_SHAPE_FEXTRACT: vec_extract(l, &operands, insn->imm.index); break;
    case WRT_SHAPE_IREPLACE:
    case WRT_SHAPE_FREPLACE: {
        struct value *b = wrt_lower_pop(l), *a = wrt_lower_pop(l);

        emit_replace(l, row, a, b, insn->imm.index);
        return;
    }
    default: vec_binary(l, &operands); break;
    }
    ir = emit_row(l, row, &operands);
    ir->spare_imm = spare_imm;
    wrt_lower_push_result(l, ir, type);
}

/* -- Lanes in memory ------------------------------------------------------- */

/* Access and lane by width: 8, 16, 32, 64 bits.  Two operations each, which
 * meet in the accumulator. */
static const struct {
    uint16_t load, replace, store, extract;
    wrt_valtype type;
} lane_rows[] = {
    {WRT_OP_I32_LOAD8_U, WRT_OP_I8X16_REPLACE_LANE, WRT_OP_I32_STORE8,
     WRT_OP_I8X16_EXTRACT_LANE_U, WRT_KIND_I32},
    {WRT_OP_I32_LOAD16_U, WRT_OP_I16X8_REPLACE_LANE, WRT_OP_I32_STORE16,
     WRT_OP_I16X8_EXTRACT_LANE_U, WRT_KIND_I32},
    {WRT_OP_I32_LOAD, WRT_OP_I32X4_REPLACE_LANE, WRT_OP_I32_STORE,
     WRT_OP_I32X4_EXTRACT_LANE, WRT_KIND_I32},
    {WRT_OP_I64_LOAD, WRT_OP_I64X2_REPLACE_LANE, WRT_OP_I64_STORE,
     WRT_OP_I64X2_EXTRACT_LANE, WRT_KIND_I64},
};

/* The scalar is loaded where the address was, below the vector. */
void wrt_lower_load_lane(struct lower *l, const struct wrt_insn *insn)
{
    uint32_t width = insn->op - WRT_OP_V128_LOAD8_LANE;
    struct value vector = *wrt_lower_pop(l), *scalar;

    wrt_lower_load(l, &wrt_lower_rows[lane_rows[width].load], &insn->imm.memarg,
                   lane_rows[width].type);
    scalar = wrt_lower_pop(l);
    emit_replace(l, &wrt_lower_rows[lane_rows[width].replace], &vector, scalar,
                 insn->imm.memarg.lane);
}

/* The lane takes the place of the vector it is extracted from. */
void wrt_lower_store_lane(struct lower *l, const struct wrt_insn *insn)
{
    uint32_t width = insn->op - WRT_OP_V128_STORE8_LANE;
    struct wrt_ir operands = {0};

    vec_extract(l, &operands, insn->imm.memarg.lane);
    wrt_lower_push_result(
        l, emit_row(l, &wrt_lower_rows[lane_rows[width].extract], &operands),
        lane_rows[width].type);
    wrt_lower_store(l, &wrt_lower_rows[lane_rows[width].store],
                    &insn->imm.memarg);
}

/* -- Constants ------------------------------------------------------------- */

/* So many constants of a function get slots; setting them costs time at each
 * entry. */
enum { MAX_CONSTS = 16 };

/* The number of the constant with a slot; nconsts when it has none. */
static uint32_t find_const(const struct lower *l, const uint8_t bytes[16])
{
    uint32_t i = 0;

    while (i < l->nconsts && memcmp(l->consts[i], bytes, 16) != 0)
        i++;
    return i;
}

/* Emits the constant itself; the caller says where to. */
static struct wrt_ir *emit_const(struct lower *l, const uint8_t bytes[16])
{
    struct wrt_ir *ir = wrt_lower_emit(l, WRT_SHAPE_CONST_V, WRT_IOP_CONST_V);

    ir->imm = wrt_load_u64(bytes);
    ir->spare_imm = wrt_load_u64(bytes + 8);
    return ir;
}

void wrt_lower_vec_const(struct lower *l, const uint8_t bytes[16])
{
    uint32_t i = find_const(l, bytes);

    if (i == l->nconsts)
        wrt_lower_push_result(l, emit_const(l, bytes), WRT_KIND_V128);
    else
        wrt_lower_local_get(l, l->info->nlocals + i);
}

/* Walks the loops only: the instructions between them are of no interest. */
wasmrt_error *wrt_lower_find_consts(struct lower *l)
{
    const struct wrt_finfo *info = l->info;
    const struct wrt_func *func = l->func;
    struct wrt_reader r;
    struct wrt_insn insn;

    if (!info->has_v128 || info->nloops == 0)
        return NULL;
    l->consts = wrt_arena_array(l->scratch, MAX_CONSTS, sizeof(*l->consts));
    if (!l->consts)
        return wrt_error_oom();
    for (uint32_t i = 0; i < info->nloops; i++) {
        if (info->loops[i].depth > 1)
            continue;
        wrt_reader_init(&r, func->body, func->body_len);
        r.pos += info->loops[i].start;
        while (r.pos < func->body + info->loops[i].end) {
            WRT_TRY(wrt_error_if_stopped(l->stop));
            wrt_insn_read(l->module, &r, &insn);
            if (insn.op == WRT_OP_V128_CONST && l->nconsts < MAX_CONSTS &&
                find_const(l, insn.imm.bytes) == l->nconsts)
                l->consts[l->nconsts++] = insn.imm.bytes;
        }
    }
    return NULL;
}

void wrt_lower_set_consts(struct lower *l)
{
    for (uint32_t i = 0; i < l->nconsts; i++)
        emit_const(l, l->consts[i])->d = l->locals[l->info->nlocals + i].slot;
}
