/*
 * Fields and elements of objects, in line.
 *
 * A reference is tested for null before it is followed, an index is compared
 * with the array's length and masked.  References in objects are the lower half
 * of addresses in one window (gc.h): the upper half is that of the object they
 * are in.
 *
 * The first instruction that follows a reference, and that accesses what it
 * refers to, is noted as a place, so that the isolation checker finds the
 * instruction of the body that says what may be accessed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/object.h"

#include "runtime/store/gc.h"

enum { WINDOW_BITS = 32 };

void jit_note_object(struct jit *j)
{
    jit_note_place(j, false);
}

bool jit_is_func_ref(const struct jit *j, wrt_valtype type)
{
    return wrt_valtype_is_ref(type) && !wrt_is_traced(j->module->types, type);
}

/* -- How fields are read and written --------------------------------------- */

/* Whether a reference of the type may be i31. */
static bool may_be_i31(wrt_valtype type)
{
    uint32_t heap = wrt_valtype_heap(type);

    return !wrt_valtype_has_type_id(type) &&
           (heap == WRT_HEAP_ANY || heap == WRT_HEAP_EQ ||
            heap == WRT_HEAP_I31 || heap == WRT_HEAP_EXTERN);
}

static enum jit_load load_of(wrt_valtype type, bool is_signed)
{
    switch (wrt_valtype_kind(type)) {
    case WRT_KIND_I8: return is_signed ? JIT_LOAD_S8_32 : JIT_LOAD_U8;
    case WRT_KIND_I16: return is_signed ? JIT_LOAD_S16_32 : JIT_LOAD_U16;
    case WRT_KIND_I64: return JIT_LOAD_U64;
    case WRT_KIND_F32: return JIT_LOAD_F32;
    case WRT_KIND_F64: return JIT_LOAD_F64;
    case WRT_KIND_V128: return JIT_LOAD_V128;
    default: return JIT_LOAD_U32;
    }
}

static enum jit_store store_of(wrt_valtype type)
{
    switch (wrt_valtype_kind(type)) {
    case WRT_KIND_I8: return JIT_STORE_8;
    case WRT_KIND_I16: return JIT_STORE_16;
    case WRT_KIND_I64: return JIT_STORE_64;
    case WRT_KIND_F32: return JIT_STORE_F32;
    case WRT_KIND_F64: return JIT_STORE_F64;
    case WRT_KIND_V128: return JIT_STORE_V128;
    default: return JIT_STORE_32;
    }
}

/* The kind of the operand. */
static enum wrt_kind operand_kind(wrt_valtype type)
{
    enum wrt_kind kind = wrt_valtype_kind(type);

    return kind == WRT_KIND_I8 || kind == WRT_KIND_I16 ? WRT_KIND_I32 : kind;
}

/* dst holds a number of a function, and becomes its address. */
static void unpack_func(struct jit *j, jit_reg dst)
{
    struct jit_asm *a = jit_code(j);
    jit_reg scratch = jit_target.scratch;
    uint32_t none, is_null;

    jit_m_compare(a, true, dst, jit_imm_operand(0));
    is_null = jit_m_branch(a, JIT_EQ, &none);
    jit_m_load(
        a, JIT_LOAD_U64, scratch,
        jit_mem_at(jit_target.instance, offsetof(struct wrt_instance, ctx)));
    jit_m_load(a, JIT_LOAD_U64, scratch,
               jit_mem_at(scratch, offsetof(struct wrt_ctx, gc.funcs)));
    jit_m_load_scaled(a, dst, scratch, dst, 3);
    jit_m_bind(a, is_null, jit_pos(j));
}

/* The same for the lower half of the address of an object; the scratch register
 * holds the upper half. */
static void unpack_object(struct jit *j, jit_reg dst, wrt_valtype type)
{
    struct jit_asm *a = jit_code(j);
    jit_reg scratch = jit_target.scratch;
    uint32_t none, is_i31 = 0;

    if (may_be_i31(type)) {
        jit_m_test(a, false, dst, jit_imm_operand(1));
        is_i31 = jit_m_branch(a, JIT_NE, &none);
    }
    if (wrt_valtype_is_nullable(type)) {
        jit_m_compare(a, true, dst, jit_imm_operand(0));
        jit_m_select(a, JIT_EQ, true, scratch, dst);
    }
    jit_m_alu(a, JIT_OR, true, dst, dst, jit_reg_operand(scratch));
    if (is_i31)
        jit_m_bind(a, is_i31, jit_pos(j));
}

/* scratch = the upper half of an object's address */
static void load_window(struct jit *j, jit_reg object)
{
    jit_reg scratch = jit_target.scratch;

    jit_m_shift_const(jit_code(j), JIT_SHR_U, true, scratch, object,
                      WINDOW_BITS);
    jit_m_shift_const(jit_code(j), JIT_SHL, true, scratch, scratch,
                      WINDOW_BITS);
}

/* Loads from the object, of which dst is another register when the type is a
 * reference. */
static void load_field(struct jit *j, wrt_valtype type, bool is_signed,
                       jit_reg dst, struct jit_mem mem, unsigned shift)
{
    jit_reg object = mem.base;

    jit_note_object(j);
    jit_m_load_scaled_as(jit_code(j), load_of(type, is_signed), dst, mem,
                         shift);
    if (!wrt_valtype_is_ref(type))
        return;
    if (jit_is_func_ref(j, type)) {
        unpack_func(j, dst);
        return;
    }
    load_window(j, object);
    unpack_object(j, dst, type);
}

/* Whether the value goes into the instruction. */
static bool is_imm(const struct jit_value *v)
{
    switch ((enum wrt_kind)v->kind) {
    case WRT_KIND_I32:
    case WRT_KIND_F32: return v->form == JIT_CONST;
    case WRT_KIND_I64:
    case WRT_KIND_F64:
    case WRT_KIND_REF:
        return v->form == JIT_CONST && (int64_t)v->bits == (int32_t)v->bits;
    default: return false;
    }
}

/* As integers of the same width. */
static enum jit_store const_store(wrt_valtype type)
{
    enum jit_store how = store_of(type);

    return how == JIT_STORE_F32   ? JIT_STORE_32
           : how == JIT_STORE_F64 ? JIT_STORE_64
                                  : how;
}

/* src: where the value is, unless it is a constant. */
static void store_field(struct jit *j, wrt_valtype type,
                        const struct jit_value *v, jit_reg src,
                        struct jit_mem mem, unsigned shift)
{
    jit_note_object(j);
    if (src == JIT_NO_REG)
        jit_m_store_const_scaled(jit_code(j), const_store(type),
                                 (int32_t)(uint32_t)v->bits, mem, shift);
    else
        jit_m_store_scaled_as(jit_code(j), store_of(type), src, mem, shift);
}

/* -- Structs --------------------------------------------------------------- */

static void trap_if_null(struct jit *j, jit_reg reg, wasmrt_code code)
{
    jit_m_compare(jit_code(j), true, reg, jit_imm_operand(0));
    jit_trap_if(j, JIT_EQ, code);
}

static const struct wrt_field *current_field(const struct jit *j)
{
    return &wrt_module_type(j->module, j->insn.imm.index)
                ->fields[j->insn.imm.index2];
}

static bool is_float_field(wrt_valtype type)
{
    return !wrt_valtype_is_ref(type) && jit_is_float(type);
}

void jit_emit_struct_get(struct jit *j, uint32_t arg)
{
    const struct wrt_field *field = current_field(j);
    struct jit_value object = jit_pop(j);
    jit_reg src = jit_use(j, &object), dst;

    trap_if_null(j, src, WASMRT_ERR_NULL_STRUCT_REFERENCE);
    dst = jit_result(j, is_float_field(field->type), &object, NULL,
                     wrt_valtype_is_ref(field->type));
    load_field(j, field->type, arg & EMIT_SIGNED, dst,
               jit_mem_at(src, field->offset), 0);
    jit_push_result(j, operand_kind(field->type), dst, &object, NULL);
}

void jit_emit_struct_set(struct jit *j, uint32_t arg)
{
    const struct wrt_field *field = current_field(j);
    struct jit_value v, object;
    jit_reg src, to;

    /* Functions are packed by C. */
    if (jit_is_func_ref(j, field->type)) {
        jit_emit_c(j, arg);
        return;
    }
    v = jit_pop(j);
    src = is_imm(&v) ? JIT_NO_REG : jit_use(j, &v);
    object = jit_pop(j);
    to = jit_use(j, &object);
    trap_if_null(j, to, WASMRT_ERR_NULL_STRUCT_REFERENCE);
    store_field(j, field->type, &v, src, jit_mem_at(to, field->offset), 0);
    jit_release(j, &object);
    jit_release(j, &v);
}

/* -- Arrays ---------------------------------------------------------------- */

static wrt_valtype element_type(const struct jit *j)
{
    return wrt_module_type(j->module, j->insn.imm.index)->fields->type;
}

/* The place of an element, and what the scale of its index is. */
static struct jit_mem find_element(struct jit *j, jit_reg array, jit_reg index,
                                   unsigned *shift)
{
    enum { MOST_SHIFT = 3 }; /* of addresses */
    struct jit_asm *a = jit_code(j);
    jit_reg masked = jit_target.scratch;
    struct jit_operand len = {
        .form = JIT_MEM,
        .mem = jit_mem_at(array, offsetof(struct wrt_object, len))};

    *shift = (unsigned)__builtin_ctz(wrt_field_bytes(element_type(j)));
    trap_if_null(j, array, WASMRT_ERR_NULL_ARRAY_REFERENCE);
    jit_note_object(j);
    jit_m_compare(a, false, index, len);
    jit_trap_if(j, JIT_GE_U, WASMRT_ERR_ARRAY_OOB);
    if (!j->native->options.has_masks && *shift <= MOST_SHIFT)
        return (struct jit_mem){array, index, sizeof(struct wrt_object)};
    jit_m_mask_below(a, masked, index);
    if (*shift > MOST_SHIFT) {
        jit_m_shift_const(a, JIT_SHL, true, masked, masked, *shift);
        *shift = 0;
    }
    return (struct jit_mem){array, masked, sizeof(struct wrt_object)};
}

void jit_emit_array_get(struct jit *j, uint32_t arg)
{
    wrt_valtype type = element_type(j);
    struct jit_value index = jit_pop(j), array;
    jit_reg at = jit_use(j, &index), from, dst;
    struct jit_mem mem;
    unsigned shift;

    array = jit_pop(j);
    from = jit_use(j, &array);
    mem = find_element(j, from, at, &shift);
    dst = jit_result(j, is_float_field(type), &array, &index,
                     wrt_valtype_is_ref(type));
    load_field(j, type, arg & EMIT_SIGNED, dst, mem, shift);
    jit_push_result(j, operand_kind(type), dst, &array, &index);
}

void jit_emit_array_set(struct jit *j, uint32_t arg)
{
    wrt_valtype type = element_type(j);
    struct jit_value v, index, array;
    jit_reg src, at, to;
    struct jit_mem mem;
    unsigned shift;

    if (jit_is_func_ref(j, type)) {
        jit_emit_c(j, arg);
        return;
    }
    v = jit_pop(j);
    src = is_imm(&v) ? JIT_NO_REG : jit_use(j, &v);
    index = jit_pop(j);
    at = jit_use(j, &index);
    array = jit_pop(j);
    to = jit_use(j, &array);
    mem = find_element(j, to, at, &shift);
    store_field(j, type, &v, src, mem, shift);
    jit_release(j, &array);
    jit_release(j, &index);
    jit_release(j, &v);
}

/* -- New objects ----------------------------------------------------------- */

/* Larger ones are left to C. */
enum { MOST_BYTES = 256 };

/* What is made: size_bytes is 0 when C has to. */
struct made {
    const struct wrt_type *type;
    uint32_t len; /* of the header */
    uint32_t size_bytes;
    uint32_t noperands, nvalues; /* operands: those that go into fields first */
    bool is_array;
};

static bool has_funcs(const struct jit *j, const struct wrt_type *type)
{
    for (uint32_t i = 0; i < type->nfields; i++) {
        if (jit_is_func_ref(j, type->fields[i].type))
            return true;
    }
    return false;
}

static uint32_t array_bytes(const struct wrt_type *type, uint64_t len)
{
    uint64_t size =
        WRT_ALIGN_UP(sizeof(struct wrt_object) + len * type->size_bytes,
                     (uint64_t)WRT_OBJECT_ALIGN);

    size = WRT_MAX(size, (uint64_t)WRT_OBJECT_MIN_BYTES);
    return size > MOST_BYTES ? 0 : (uint32_t)size;
}

/* A constant length on top of the stack; in an engine that counts fuel, arrays
 * cost by their size, and C counts. */
static bool has_const_len(const struct jit *j, struct made *m)
{
    const struct jit_value *v = &j->stack[j->height - 1];

    m->len = (uint32_t)v->bits;
    return v->form == JIT_CONST && !j->native->options.has_fuel;
}

static struct made plan(const struct jit *j)
{
    struct made m = {.type = wrt_module_type(j->module, j->insn.imm.index)};
    bool has_values = true;

    m.is_array = m.type->form == WRT_FORM_ARRAY;
    m.len = m.type->size_bytes;
    switch (j->insn.op) {
    case WRT_OP_STRUCT_NEW: m.noperands = m.nvalues = m.type->nfields; break;
    case WRT_OP_ARRAY_NEW_FIXED:
        m.noperands = m.nvalues = m.len = j->insn.imm.index2;
        break;
    case WRT_OP_ARRAY_NEW_DEFAULT:
        m.noperands = 1;
        if (!has_const_len(j, &m))
            return m;
        has_values = false;
        break;
    default: has_values = false; break;
    }
    if (has_values && m.nvalues && has_funcs(j, m.type))
        return m;
    m.size_bytes = m.is_array ? array_bytes(m.type, m.len)
                   : m.type->size_bytes <= MOST_BYTES ? m.type->size_bytes
                                                      : 0;
    return m;
}

/* dst = behind a new object, whose header is made.  Where there is no room,
 * code behind the function asks C for it; nothing that is in registers is lost.
 */
static void allocate(struct jit *j, const struct made *m, jit_reg dst)
{
    struct jit_asm *a = jit_code(j);
    jit_reg ctx = jit_target.scratch;
    int64_t size = m->size_bytes;
    struct jit_operand limit = {
        .form = JIT_MEM,
        .mem = jit_mem_at(ctx, offsetof(struct wrt_ctx, gc.limit))};
    struct jit_mem bump = jit_mem_at(ctx, offsetof(struct wrt_ctx, gc.bump));
    struct jit_late late = {.kind = JIT_LATE_ALLOC,
                            .code = j->insn.imm.index,
                            .len = m->is_array ? m->len : 0,
                            .price = m->size_bytes,
                            .reg = dst,
                            .offset = jit_offset(j)};

    jit_m_load(
        a, JIT_LOAD_U64, ctx,
        jit_mem_at(jit_target.instance, offsetof(struct wrt_instance, ctx)));
    jit_m_load(a, JIT_LOAD_U64, dst, bump);
    jit_m_alu(a, JIT_ADD, true, dst, dst, jit_imm_operand((int32_t)size));
    jit_m_compare(a, true, dst, limit);
    late.place = jit_m_branch(a, JIT_GT_U, &late.second);
    jit_m_store(a, JIT_STORE_64, dst, bump);
    late.back = jit_pos(j);
    jit_add_late(j, &late);
    jit_note_object(j);
    jit_m_store_const(a, JIT_STORE_32, (int32_t)m->type->object_info,
                      jit_mem_at(dst, -size));
    jit_note_object(j);
    jit_m_store_const(
        a, JIT_STORE_32, (int32_t)m->len,
        jit_mem_at(dst, (int64_t)offsetof(struct wrt_object, len) - size));
}

void jit_emit_late_alloc(struct jit *j, const struct jit_late *late)
{
    struct jit_asm *a = jit_code(j);

    jit_m_const(a, jit_target.scratch, (uint64_t)late->len << 32 | late->code);
    jit_add_far(&j->made, jit_m_call_far(a), JIT_FAR_STUB + JIT_STUB_ALLOC);
    jit_note_place_of(j, late->offset);
    jit_m_lea(a, late->reg, jit_mem_at(jit_target.scratch, late->price));
    jit_m_bind(a, jit_m_jump(a), late->back);
}

/* Stores an operand that stays where it is; fields are zero already. */
static void init_field(struct jit *j, wrt_valtype type, uint32_t height,
                       struct jit_mem mem)
{
    struct jit_asm *a = jit_code(j);
    struct jit_value v = jit_look_at(j, height);
    jit_reg src = v.reg;

    jit_asm_room(a, 4 * JIT_INSN_BYTES);
    if (v.form == JIT_CONST && v.bits == 0)
        return;
    if (is_imm(&v)) {
        jit_m_store_const(a, const_store(type), (int32_t)(uint32_t)v.bits, mem);
        return;
    }
    if (v.form == JIT_LOCAL)
        src = jit_local_reg(j, v.local);
    if ((v.form != JIT_TEMP && v.form != JIT_LOCAL) || src == JIT_NO_REG) {
        src = is_float_field(type) ? jit_target.float_scratch
                                   : jit_target.scratch;
        jit_load_value(j, &v, src);
    }
    jit_m_store(a, store_of(type), src, mem);
}

/* What is in the flags, or half computed, goes to a register. */
static void settle_top(struct jit *j)
{
    struct jit_value *v = &j->stack[j->height - 1], top;

    if (j->height == 0 || (v->form != JIT_FLAGS && v->form != JIT_SCALED))
        return;
    top = jit_pop(j);
    jit_push_temp(j, WRT_KIND_I32, jit_own(j, &top));
}

void jit_emit_new(struct jit *j, uint32_t arg)
{
    struct made m;
    uint32_t base;
    jit_reg dst;

    settle_top(j);
    m = plan(j);
    if (m.size_bytes == 0) {
        jit_emit_c(j, arg);
        return;
    }
    dst = jit_result(j, false, NULL, NULL, false);
    base = j->height - m.noperands;
    allocate(j, &m, dst);
    for (uint32_t i = 0; i < m.nvalues; i++) {
        const struct wrt_field *field = &m.type->fields[m.is_array ? 0 : i];
        int64_t at = (int64_t)field->offset - (int64_t)m.size_bytes;

        if (m.is_array)
            at += (int64_t)m.type->size_bytes * i;
        init_field(j, field->type, base + i, jit_mem_at(dst, at));
    }
    jit_m_alu(jit_code(j), JIT_SUB, true, dst, dst,
              jit_imm_operand((int32_t)m.size_bytes));
    while (j->height > base) {
        struct jit_value v = jit_pop(j);

        jit_release(j, &v);
    }
    jit_push_result(j, WRT_KIND_REF, dst, NULL, NULL);
}
