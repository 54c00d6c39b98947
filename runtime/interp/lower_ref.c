/*
 * Lowering of structs, arrays, i31 and casts.
 *
 * Fields and elements have operations by width; what fits none of them
 * (vectors, functions being stored, offsets beyond 16 bits) takes the general
 * form, which works on slots like the instructions that allocate.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/lower_emit.h"

#include "runtime/store/gc.h"

/* -- Operations by width --------------------------------------------------- */

/* The operations that read and write a field, or NONE for the general form;
 * those of arrays follow the structs'. */
struct width {
    uint16_t get, set;
    bool is_float;
};

static bool is_func(const struct lower *l, wrt_valtype type)
{
    return wrt_valtype_is_ref(type) && !wrt_is_traced(l->module->types, type);
}

/* The operations that read and write a field of a type; NONE where C does
 * it. */
static struct width width_of(const struct lower *l, wrt_valtype type,
                             bool is_signed)
{
    switch (wrt_valtype_kind(type)) {
    case WRT_KIND_I8:
        return (struct width){is_signed ? WRT_IOP_STRUCT_GET_I8_S
                                        : WRT_IOP_STRUCT_GET_I8_U,
                              WRT_IOP_STRUCT_SET_W8, false};
    case WRT_KIND_I16:
        return (struct width){is_signed ? WRT_IOP_STRUCT_GET_I16_S
                                        : WRT_IOP_STRUCT_GET_I16_U,
                              WRT_IOP_STRUCT_SET_W16, false};
    case WRT_KIND_I32:
        return (struct width){WRT_IOP_STRUCT_GET_W32, WRT_IOP_STRUCT_SET_W32,
                              false};
    case WRT_KIND_I64:
        return (struct width){WRT_IOP_STRUCT_GET_W64, WRT_IOP_STRUCT_SET_W64,
                              false};
    case WRT_KIND_F32:
        return (struct width){WRT_IOP_STRUCT_GET_F32, WRT_IOP_STRUCT_SET_W32,
                              true};
    case WRT_KIND_F64:
        return (struct width){WRT_IOP_STRUCT_GET_F64, WRT_IOP_STRUCT_SET_W64,
                              true};
    case WRT_KIND_REF:
        if (is_func(l, type))
            return (struct width){WRT_IOP_STRUCT_GET_FUNC, WRT_IOP_NONE, false};
        return (struct width){WRT_IOP_STRUCT_GET_REF, WRT_IOP_STRUCT_SET_W32,
                              false};
    default: return (struct width){WRT_IOP_NONE, WRT_IOP_NONE, false};
    }
}

/* The operation that stores from the float accumulator in place of one that
 * stores an integer. */
static uint16_t float_set(uint16_t set)
{
    return set == WRT_IOP_STRUCT_SET_W32 ? WRT_IOP_STRUCT_SET_F32
                                         : WRT_IOP_STRUCT_SET_F64;
}

/* What a packed field is on the stack. */
static wrt_valtype unpacked(wrt_valtype type)
{
    return type == WRT_KIND_I8 || type == WRT_KIND_I16 ? WRT_KIND_I32 : type;
}

static bool is_signed_get(enum wrt_op op)
{
    return op == WRT_OP_STRUCT_GET_S || op == WRT_OP_ARRAY_GET_S;
}

/* -- Operands in slots ----------------------------------------------------- */

/* Emits an instruction that takes the topmost `count` values from consecutive
 * slots.  A result, if any, goes to the first of them. */
static struct wrt_ir *emit_args(struct lower *l, enum wrt_shape shape,
                                uint32_t iop, uint32_t count, uint64_t imm)
{
    uint32_t top;
    struct wrt_ir *ir;

    wrt_lower_materialize_top(l, count, 0);
    top = l->top;
    while (count-- > 0)
        wrt_lower_pop(l);
    ir = wrt_lower_emit(l, shape, iop);
    ir->a = l->top;
    ir->imm = imm;
    if (shape != WRT_SHAPE_ARGS)
        ir->b = top - l->top;
    return ir;
}

/* Its result, which it leaves in its slot and, if it fits, the accumulator. */
static void push_result(struct lower *l, wrt_valtype type)
{
    uint32_t slot;

    wrt_lower_forget(l);
    slot = wrt_lower_push(l, type)->slot;
    if (!is_float(type) && wrt_valtype_slots(type) == 1)
        l->acc = (struct cached){.slot = slot, .ir = l->list->count - 1};
}

static uint64_t indices(const struct wrt_insn *insn)
{
    return insn->imm.index | (uint64_t)insn->imm.index2 << 32;
}

/* -- Allocation ------------------------------------------------------------ */

/* Whether all fields take 4 bytes, and none is a function. */
static bool is_simple(const struct lower *l, const struct wrt_type *type)
{
    for (uint32_t i = 0; i < type->nfields; i++) {
        if (wrt_field_bytes(type->fields[i].type) != 4 ||
            is_func(l, type->fields[i].type))
            return false;
    }
    return true;
}

static void lower_struct_new(struct lower *l, const struct wrt_insn *insn)
{
    const struct wrt_type *type = wrt_module_type(l->module, insn->imm.index);
    const bool is_default = insn->op == WRT_OP_STRUCT_NEW_DEFAULT;
    const uint32_t count = is_default ? 0 : type->nfields;
    const wrt_valtype ref = WRT_REF_TO(type->id, false);
    struct wrt_ir *ir;

    if (!is_default && !is_simple(l, type)) {
        emit_args(l, WRT_SHAPE_NEW, WRT_IOP_STRUCT_NEW_ANY, count,
                  insn->imm.index);
        push_result(l, ref);
        return;
    }
    ir = emit_args(l, WRT_SHAPE_STRUCT_NEW, WRT_IOP_STRUCT_NEW, count,
                   insn->imm.index | (uint64_t)type->size_bytes << 32);
    if (type->nrefs)
        ir->b |= 1 << 15;
    wrt_lower_forget(l);
    wrt_lower_int_result(l, ir, wrt_lower_push(l, ref)->slot);
}

static void lower_array_new(struct lower *l, const struct wrt_insn *insn)
{
    const struct wrt_type *type = wrt_module_type(l->module, insn->imm.index);
    uint32_t count = 2, iop;

    switch (insn->op) {
    case WRT_OP_ARRAY_NEW: iop = WRT_IOP_ARRAY_NEW; break;
    case WRT_OP_ARRAY_NEW_DEFAULT:
        iop = WRT_IOP_ARRAY_NEW_DEFAULT;
        count = 1;
        break;
    case WRT_OP_ARRAY_NEW_FIXED:
        iop = WRT_IOP_ARRAY_NEW_FIXED;
        count = insn->imm.index2;
        break;
    case WRT_OP_ARRAY_NEW_DATA: iop = WRT_IOP_ARRAY_NEW_DATA; break;
    default: iop = WRT_IOP_ARRAY_NEW_ELEM; break;
    }
    emit_args(l, WRT_SHAPE_NEW, iop, count, indices(insn));
    push_result(l, WRT_REF_TO(type->id, false));
}

/* -- Fields and elements --------------------------------------------------- */

/* An operand in a slot or register, but not a constant. */
static uint8_t operand(struct lower *l, struct value *v, uint32_t *slot)
{
    return (uint8_t)wrt_lower_int_operand(l, v, slot);
}

/* The result of a read, of whichever accumulator. */
static void push_read(struct lower *l, struct wrt_ir *ir, wrt_valtype type)
{
    uint32_t slot = wrt_lower_push(l, unpacked(type))->slot;

    if (is_float(type))
        wrt_lower_float_result(l, ir, slot, 1);
    else
        wrt_lower_int_result(l, ir, slot);
}

/* Vectors, and fields far from the header, take the general operation. */
static void lower_struct_get(struct lower *l, const struct wrt_insn *insn)
{
    const struct wrt_type *type = wrt_module_type(l->module, insn->imm.index);
    const struct wrt_field *field = &type->fields[insn->imm.index2];
    const bool is_signed = is_signed_get(insn->op);
    const struct width width = width_of(l, field->type, is_signed);
    struct wrt_ir operands = {0}, *ir;
    struct value *object;

    if (width.get == WRT_IOP_NONE || field->offset > UINT16_MAX) {
        ir = emit_args(l, WRT_SHAPE_ARGS, WRT_IOP_STRUCT_GET_ANY, 1,
                       indices(insn));
        ir->d = is_signed;
        push_result(l, unpacked(field->type));
        return;
    }
    object = wrt_lower_pop(l);
    operands.imm = field->offset;
    operands.ka = operand(l, object, &operands.a);
    ir = wrt_lower_emit(l, width.is_float ? WRT_SHAPE_OFGET : WRT_SHAPE_OGET,
                        width.get);
    lower_set_operands(ir, &operands);
    push_read(l, ir, field->type);
}

/* A value that is to be stored: in the float accumulator (true), or a slot, the
 * accumulator or a small constant, as kb, b and spare_imm of *ir. */
static bool stored(struct lower *l, const struct width *width, struct value *v,
                   struct wrt_ir *ir)
{
    if (width->is_float && FAST && v->kind != VALUE_CONST &&
        l->facc.slot == v->slot) {
        wrt_lower_use_register(l, &l->facc);
        return true;
    }
    if (v->kind == VALUE_CONST && fits_k(v->bits)) {
        ir->kb = WRT_CLASS_K;
        ir->spare_imm = v->bits;
    } else {
        ir->kb = operand(l, v, &ir->b);
    }
    return false;
}

static void lower_struct_set(struct lower *l, const struct wrt_insn *insn)
{
    const struct wrt_type *type = wrt_module_type(l->module, insn->imm.index);
    const struct wrt_field *field = &type->fields[insn->imm.index2];
    const struct width width = width_of(l, field->type, false);
    struct wrt_ir value = {0}, *ir;
    struct value *v, *object;
    uint8_t ka;
    uint32_t a;
    bool from_facc;

    if (width.set == WRT_IOP_NONE || field->offset > UINT16_MAX) {
        emit_args(l, WRT_SHAPE_ARGS, WRT_IOP_STRUCT_SET_ANY, 2, indices(insn));
        wrt_lower_forget(l);
        return;
    }
    v = wrt_lower_pop(l);
    object = wrt_lower_pop(l);
    /* Constants first: making one may clobber the accumulator. */
    if (object->kind == VALUE_CONST)
        wrt_lower_settle_const(l, object);
    if (v->kind == VALUE_CONST && !fits_k(v->bits))
        wrt_lower_settle_const(l, v);
    from_facc = stored(l, &width, v, &value);
    ka = operand(l, object, &a);
    /* Both the same cached local: one register, one slot. */
    if (value.kb == WRT_CLASS_A && !from_facc)
        ka = WRT_CLASS_S;
    ir = wrt_lower_emit(l, from_facc ? WRT_SHAPE_OFSET : WRT_SHAPE_OSET,
                        from_facc ? float_set(width.set) : width.set);
    ir->ka = ka;
    ir->a = a;
    ir->imm = field->offset;
    ir->kb = value.kb;
    ir->b = value.b;
    ir->spare_imm = value.spare_imm;
}

static void lower_array_get(struct lower *l, const struct wrt_insn *insn)
{
    const struct wrt_type *type = wrt_module_type(l->module, insn->imm.index);
    const wrt_valtype elem = type->fields->type;
    const bool is_signed = is_signed_get(insn->op);
    const struct width width = width_of(l, elem, is_signed);
    struct wrt_ir operands = {0}, *ir;
    struct value *index, *array;

    if (width.get == WRT_IOP_NONE) {
        ir = emit_args(l, WRT_SHAPE_ARGS, WRT_IOP_ARRAY_GET_ANY, 2,
                       insn->imm.index);
        ir->d = is_signed;
        push_result(l, unpacked(elem));
        return;
    }
    index = wrt_lower_pop(l);
    array = wrt_lower_pop(l);
    if (array->kind == VALUE_CONST)
        wrt_lower_settle_const(l, array);
    if (index->kind == VALUE_CONST && !fits_k(index->bits))
        wrt_lower_settle_const(l, index);
    operands.ka = operand(l, array, &operands.a);
    operands.kb = (uint8_t)wrt_lower_int_operand_b(l, index, &operands,
                                                   operands.ka == WRT_CLASS_A);
    /* ORDER FIELD: elements follow fields. */
    if (width.is_float)
        ir = wrt_lower_emit(l, WRT_SHAPE_AFGET,
                            width.get + (uint32_t)WRT_I2F_COUNT);
    else
        ir = wrt_lower_emit(l, WRT_SHAPE_AGET,
                            width.get + (uint32_t)WRT_IUN_COUNT);
    lower_set_operands(ir, &operands);
    push_read(l, ir, elem);
}

/* The array is taken from its slot, the index from the accumulator unless the
 * value is there. */
static void lower_array_set(struct lower *l, const struct wrt_insn *insn)
{
    const struct wrt_type *type = wrt_module_type(l->module, insn->imm.index);
    const struct width width = width_of(l, type->fields->type, false);
    struct wrt_ir operands = {0}, value = {0}, *ir;
    struct value *v, *index, *array;
    bool from_facc;

    if (width.set == WRT_IOP_NONE) {
        emit_args(l, WRT_SHAPE_ARGS, WRT_IOP_ARRAY_SET_ANY, 3, insn->imm.index);
        wrt_lower_forget(l);
        return;
    }
    v = wrt_lower_pop(l);
    index = wrt_lower_pop(l);
    array = wrt_lower_pop(l);
    if (array->kind == VALUE_CONST)
        wrt_lower_settle_const(l, array);
    if (index->kind == VALUE_CONST && !fits_k(index->bits))
        wrt_lower_settle_const(l, index);
    if (v->kind == VALUE_CONST && !fits_k(v->bits))
        wrt_lower_settle_const(l, v);
    from_facc = stored(l, &width, v, &value);
    operands.a = array->slot;
    wrt_lower_count_use(l, array);
    operands.kb = (uint8_t)wrt_lower_int_operand_b(
        l, index, &operands, !from_facc && value.kb == WRT_CLASS_A);
    ir = wrt_lower_emit(l, from_facc ? WRT_SHAPE_AFSET : WRT_SHAPE_ASET,
                        from_facc
                            ? float_set(width.set) + (uint32_t)WRT_OFSET_COUNT
                            : width.set + (uint32_t)WRT_OSET_COUNT);
    lower_set_operands(ir, &operands);
    ir->kd = value.kb;
    ir->d = value.b;
    ir->spare_imm = value.spare_imm;
}

/* Instructions on ranges of arrays. */
static void lower_array_range(struct lower *l, const struct wrt_insn *insn)
{
    uint32_t iop = WRT_IOP_ARRAY_FILL, count = 4;

    switch (insn->op) {
    case WRT_OP_ARRAY_COPY:
        iop = WRT_IOP_ARRAY_COPY;
        count = 5;
        break;
    case WRT_OP_ARRAY_INIT_DATA: iop = WRT_IOP_ARRAY_INIT_DATA; break;
    case WRT_OP_ARRAY_INIT_ELEM: iop = WRT_IOP_ARRAY_INIT_ELEM; break;
    default: break;
    }
    emit_args(l, WRT_SHAPE_ARGS, iop, count, indices(insn));
    wrt_lower_forget(l);
}

/* -- References ------------------------------------------------------------ */

/* An instruction with one operand and an integer result. */
static void lower_unary(struct lower *l, uint32_t iop, wrt_valtype type)
{
    struct lower_row row = {WRT_SHAPE_IUN, (uint16_t)iop};

    wrt_lower_iun(l, &row, type);
}

/* The module's index of a type that it has by id. */
static uint32_t type_index(const struct wrt_module *module, uint32_t id)
{
    uint32_t i = 0;

    while (module->type_ids[i] != id)
        i++;
    return i;
}

uint32_t wrt_lower_test(const struct lower *l, wrt_valtype type, uint64_t *imm)
{
    if (!wrt_valtype_has_type_id(type)) {
        *imm = wrt_ref_kinds(type);
        return WRT_IOP_TEST_KIND;
    }
    *imm = type_index(l->module, wrt_valtype_heap(type)) |
           (uint64_t)wrt_valtype_is_nullable(type) << 32;
    return WRT_IOP_TEST_TYPE;
}

static void lower_ref_test(struct lower *l, wrt_valtype type)
{
    struct value *v = wrt_lower_pop(l);
    struct wrt_ir operands = {0}, *ir;
    uint32_t iop = wrt_lower_test(l, type, &operands.imm);

    operands.ka = operand(l, v, &operands.a);
    ir = wrt_lower_emit(l, WRT_SHAPE_TEST, iop);
    lower_set_operands(ir, &operands);
    wrt_lower_int_result(l, ir, wrt_lower_push(l, WRT_KIND_I32)->slot);
}

/* Looks at the reference, which stays where it is. */
static void lower_ref_cast(struct lower *l, wrt_valtype type)
{
    uint64_t imm;
    uint32_t iop = wrt_lower_test(l, type, &imm);
    struct wrt_ir *ir = wrt_lower_look(l, WRT_SHAPE_CAST, iop + WRT_IUN_COUNT);

    ir->imm = imm;
}

bool wrt_lower_ref(struct lower *l, const struct wrt_insn *insn)
{
    const struct lower_row eq = {WRT_SHAPE_ICMP, WRT_IOP_I64_EQ};

    switch (insn->op) {
    case WRT_OP_STRUCT_NEW:
    case WRT_OP_STRUCT_NEW_DEFAULT: lower_struct_new(l, insn); break;
    case WRT_OP_STRUCT_GET:
    case WRT_OP_STRUCT_GET_S:
    case WRT_OP_STRUCT_GET_U: lower_struct_get(l, insn); break;
    case WRT_OP_STRUCT_SET: lower_struct_set(l, insn); break;
    case WRT_OP_ARRAY_NEW:
    case WRT_OP_ARRAY_NEW_DEFAULT:
    case WRT_OP_ARRAY_NEW_FIXED:
    case WRT_OP_ARRAY_NEW_DATA:
    case WRT_OP_ARRAY_NEW_ELEM: lower_array_new(l, insn); break;
    case WRT_OP_ARRAY_GET:
    case WRT_OP_ARRAY_GET_S:
    case WRT_OP_ARRAY_GET_U: lower_array_get(l, insn); break;
    case WRT_OP_ARRAY_SET: lower_array_set(l, insn); break;
    case WRT_OP_ARRAY_LEN:
        lower_unary(l, WRT_IOP_ARRAY_LEN, WRT_KIND_I32);
        break;
    case WRT_OP_ARRAY_FILL:
    case WRT_OP_ARRAY_COPY:
    case WRT_OP_ARRAY_INIT_DATA:
    case WRT_OP_ARRAY_INIT_ELEM: lower_array_range(l, insn); break;
    case WRT_OP_REF_TEST:
    case WRT_OP_REF_TEST_NULL: lower_ref_test(l, insn->imm.type); break;
    case WRT_OP_REF_CAST:
    case WRT_OP_REF_CAST_NULL: lower_ref_cast(l, insn->imm.type); break;
    case WRT_OP_REF_EQ: wrt_lower_ibin(l, &eq, WRT_KIND_I32, true); break;
    case WRT_OP_REF_I31:
        lower_unary(l, WRT_IOP_I31_NEW, WRT_REF(WRT_HEAP_I31, false));
        break;
    case WRT_OP_I31_GET_S:
        lower_unary(l, WRT_IOP_I31_GET_S, WRT_KIND_I32);
        break;
    case WRT_OP_I31_GET_U:
        lower_unary(l, WRT_IOP_I31_GET_U, WRT_KIND_I32);
        break;
    case WRT_OP_ANY_CONVERT_EXTERN:
    case WRT_OP_EXTERN_CONVERT_ANY: break; /* the same bits, see gc.h */
    default: return false;
    }
    return true;
}
