/*
 * Objects: what may be accessed through a reference, and how one is made.
 *
 * References are numbers like any other; their types are what validation has
 * proven.  An access through one has a place (jit_note_object()), which tells
 * the instruction of the body that it is done for: so the field, its offset and
 * its size are known, and an array's elements.  Proven is that the reference
 * was not null, that a header is not read through an i31, and that an index
 * was compared with the length of that very array, and masked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/check/state.h"
#include "runtime/store/gc.h"

/* The instruction of the body that has a place exactly here. */
static bool find_insn(struct checker *c, struct wrt_insn *out)
{
    const struct jit_func *func = c->in->func;
    const struct wrt_func *body;
    struct wrt_reader r;

    if (!func || func->places_len == 0)
        return false;
    while (c->object.places < func->places + func->places_len) {
        const uint8_t *next = c->object.places;
        struct jit_spot place = c->object.place;

        jit_read_spot(&next, &place);
        if (place.pc > c->insn->pos)
            return false;
        c->object.places = next;
        c->object.place = place;
        if (place.pc != c->insn->pos || place.may_fault)
            continue;
        body = &c->module->funcs[func->func_idx];
        if (place.offset >= body->body_len)
            return false;
        r = (struct wrt_reader){.pos = body->body + place.offset,
                                .end = body->body + body->body_len};
        wrt_insn_read(c->module, &r, out);
        return true;
    }
    return false;
}

bool jit_check_is_for(struct checker *c, enum wrt_op op)
{
    struct wrt_insn in;

    return find_insn(c, &in) && in.op == op;
}

/* -- Accesses -------------------------------------------------------------- */

static bool is_not_null(const struct checker *c, uint8_t reg)
{
    return c->now.not_null >> reg & 1;
}

static bool is_func_ref(const struct checker *c, wrt_valtype type)
{
    return wrt_valtype_is_ref(type) && !wrt_is_traced(c->module->types, type);
}

/* A field or element of the type that is read. */
static struct value field_value(const struct checker *c, wrt_valtype type,
                                unsigned bytes)
{
    if (is_func_ref(c, type))
        return value_of(KIND_FUNC_NUMBER, 0, UINT32_MAX);
    return number(bytes == 8 ? UINT64_MAX : UINT32_MAX);
}

static const struct wrt_type *type_of(const struct checker *c,
                                      const struct wrt_insn *in, uint8_t form)
{
    const struct wrt_type *type = wrt_module_type(c->module, in->imm.index);

    return type->form == form ? type : NULL;
}

static struct value access_field(struct checker *c, unsigned bytes,
                                 const struct wrt_insn *in)
{
    const struct wrt_type *type = type_of(c, in, WRT_FORM_STRUCT);
    const struct wrt_field *field = &type->fields[in->imm.index2];

    if (c->insn->index != NO_REG || c->insn->disp != field->offset ||
        bytes != wrt_field_bytes(field->type))
        jit_check_complain(c, "a struct is accessed beside its field");
    return field_value(c, field->type, bytes);
}

/* Whether the index was compared with the length of the array. */
static bool is_in_array(const struct checker *c, unsigned log2)
{
    const struct insn *insn = c->insn;
    const struct value *index = &c->now.regs[insn->index];
    const struct flags *flags = &c->now.flags;

    if (index->kind == KIND_ARRAY_INDEX)
        return index->n == insn->base && insn->scale + index->max == log2;
    return !c->in->native->options.has_masks && flags->about == ABOUT_LEN &&
           flags->is_below && flags->lhs == insn->index &&
           flags->rhs == insn->base && is_u32(index) && insn->scale == log2;
}

static struct value access_len(struct checker *c, unsigned bytes, bool is_store)
{
    if (is_store || bytes != 4 || c->insn->index != NO_REG ||
        c->insn->disp != offsetof(struct wrt_object, len))
        jit_check_complain(c, "an array is accessed beside its elements");
    return value_of(KIND_ARRAY_LEN, c->insn->base, UINT32_MAX);
}

static struct value access_element(struct checker *c, unsigned bytes,
                                   const struct wrt_insn *in, bool is_store)
{
    const struct insn *insn = c->insn;
    const struct wrt_type *type = type_of(c, in, WRT_FORM_ARRAY);
    wrt_valtype elem = type->fields->type;
    uint32_t size = wrt_field_bytes(elem);

    if (insn->index == NO_REG)
        return access_len(c, bytes, is_store);
    if (bytes != size || insn->disp != sizeof(struct wrt_object) ||
        !is_in_array(c, (unsigned)__builtin_ctz(size)))
        jit_check_complain(c, "an element of an array, unchecked or unmasked");
    return field_value(c, elem, bytes);
}

static wrt_valtype asked_type(const struct wrt_insn *in)
{
    return in->op == WRT_OP_BR_ON_CAST || in->op == WRT_OP_BR_ON_CAST_FAIL
               ? in->imm.cast.to
               : in->imm.type;
}

/* The header of an object, or a function's type. */
static struct value access_header(struct checker *c, unsigned bytes,
                                  const struct wrt_insn *in)
{
    uint8_t base = c->insn->base;

    if (bytes != 4 || c->insn->index != NO_REG || c->insn->disp)
        jit_check_complain(c, "a reference is asked beside its type");
    if (!is_func_ref(c, asked_type(in)) && !(c->now.not_i31 >> base & 1))
        jit_check_complain(c, "a header is read through what may be i31");
    return number(UINT32_MAX);
}

bool jit_check_object(struct checker *c, unsigned bytes, bool is_store,
                      struct value *out)
{
    struct wrt_insn in;

    if (c->now.regs[c->insn->base].kind != KIND_NUMBER || !find_insn(c, &in) ||
        (is_store && in.op != WRT_OP_STRUCT_SET && in.op != WRT_OP_ARRAY_SET))
        return false;
    switch (in.op) {
    case WRT_OP_STRUCT_GET:
    case WRT_OP_STRUCT_GET_S:
    case WRT_OP_STRUCT_GET_U:
    case WRT_OP_STRUCT_SET: *out = access_field(c, bytes, &in); break;
    case WRT_OP_ARRAY_GET:
    case WRT_OP_ARRAY_GET_S:
    case WRT_OP_ARRAY_GET_U:
    case WRT_OP_ARRAY_SET:
        *out = access_element(c, bytes, &in, is_store);
        break;
    case WRT_OP_ARRAY_LEN: *out = access_len(c, bytes, is_store); break;
    case WRT_OP_REF_TEST:
    case WRT_OP_REF_TEST_NULL:
    case WRT_OP_REF_CAST:
    case WRT_OP_REF_CAST_NULL:
    case WRT_OP_BR_ON_CAST:
    case WRT_OP_BR_ON_CAST_FAIL: *out = access_header(c, bytes, &in); break;
    default: return false;
    }
    if (!is_not_null(c, c->insn->base))
        jit_check_complain(c, "an access through what may be null");
    return true;
}

/* -- Types ----------------------------------------------------------------- */

struct value jit_check_load_type(struct checker *c, unsigned bytes,
                                 const struct value *of)
{
    const struct insn *insn = c->insn;
    const struct value *index =
        insn->index == NO_REG ? NULL : &c->now.regs[insn->index];
    int64_t at = insn->disp - (int64_t)offsetof(struct wrt_type, supers);

    if (of->kind == KIND_TYPES) {
        if (bytes != 8 || !index || index->kind != KIND_NUMBER ||
            index->max > WRT_MAX_TYPE_ID || insn->scale != 3 || insn->disp)
            jit_check_complain(c, "a type's id without a bound");
        return value_of(KIND_TYPE, 0, 0);
    }
    if (bytes != 4 || index || at < 0 || at % 4 != 0 ||
        at >= 4 * (int64_t)WRT_TYPE_SUPERS)
        jit_check_complain(c, "a supertype that there is not");
    return number(UINT32_MAX);
}

struct value jit_check_load_func(struct checker *c, unsigned bytes)
{
    const struct insn *insn = c->insn;

    if (bytes != 8 || insn->index == NO_REG || insn->scale != 3 || insn->disp ||
        c->now.regs[insn->index].kind != KIND_FUNC_NUMBER)
        jit_check_complain(c, "a function by what is no number of one");
    return unknown();
}

/* -- New objects ----------------------------------------------------------- */

struct value jit_check_load_context(struct checker *c, unsigned bytes)
{
    int64_t at = c->insn->disp;

    if (bytes == 8 && c->insn->index == NO_REG) {
        if (at == offsetof(struct wrt_ctx, gc.bump))
            return value_of(KIND_BUMP, 0, 0);
        if (at == offsetof(struct wrt_ctx, gc.funcs))
            return value_of(KIND_FUNCS, 0, 0);
        if (at == offsetof(struct wrt_ctx, gc.limit))
            return value_of(KIND_HEAP_LIMIT, 0, 0);
    }
    jit_check_complain(c, "a field of the context that code must not read");
    return unknown();
}

bool jit_check_store_bump(const struct checker *c, unsigned bytes)
{
    const struct insn *insn = c->insn;
    const struct flags *flags = &c->now.flags;

    return bytes == 8 && insn->effect == EFFECT_STORE &&
           insn->index == NO_REG &&
           insn->disp == offsetof(struct wrt_ctx, gc.bump) &&
           flags->about == ABOUT_ROOM && flags->is_below &&
           flags->lhs == insn->reg;
}

/* The least size of an object with such a header; 0: there is none. */
static uint64_t object_bytes(const struct wrt_type *type, uint32_t len)
{
    uint64_t size = type->size_bytes;

    if (type->form == WRT_FORM_ARRAY)
        size = WRT_ALIGN_UP(sizeof(struct wrt_object) + len * size,
                            (uint64_t)WRT_OBJECT_ALIGN);
    return WRT_MAX(size, (uint64_t)WRT_OBJECT_MIN_BYTES);
}

static void store_header(struct checker *c, struct value *room, bool is_len,
                         unsigned bytes)
{
    const struct wrt_type *type;
    struct wrt_insn in;
    uint32_t imm = (uint32_t)c->insn->imm;
    bool ok = false;

    if (bytes == 4 && c->insn->effect == EFFECT_STORE_IMM &&
        find_insn(c, &in) &&
        (in.op == WRT_OP_STRUCT_NEW || in.op == WRT_OP_STRUCT_NEW_DEFAULT ||
         in.op == WRT_OP_ARRAY_NEW_FIXED ||
         in.op == WRT_OP_ARRAY_NEW_DEFAULT)) {
        type = wrt_module_type(c->module, in.imm.index);
        if (!is_len)
            ok = imm == type->object_info;
        else
            ok = room->max == object_bytes(type, imm) &&
                 (type->form == WRT_FORM_ARRAY || imm == type->size_bytes);
    }
    if (!ok)
        jit_check_complain(c, "an object with a header that is not its own");
    room->n |= is_len ? HEADER_LEN : HEADER_INFO;
}

void jit_check_store_room(struct checker *c, unsigned bytes)
{
    struct value *room = &c->now.regs[c->insn->base];
    int64_t at = c->insn->disp + (int64_t)room->max;

    if (c->insn->index != NO_REG || at < 0 || at + bytes > (int64_t)room->max)
        jit_check_complain(c, "a store outside of a new object");
    else if (at < (int64_t)sizeof(struct wrt_object))
        store_header(c, room, at != 0, bytes);
}

/* What a new object is once it is behind its end no more. */
struct value jit_check_finish_room(struct checker *c, const struct value *room,
                                   const struct value *size)
{
    if (room->n != (HEADER_INFO | HEADER_LEN) || !size->n ||
        size->max != room->max)
        jit_check_complain(c, "an object that is not whole");
    return unknown();
}

/* The stub makes it: its size is known. */
void jit_check_alloc(struct checker *c)
{
    const struct value *what = &c->now.regs[R11];
    const struct wrt_type *type = NULL;

    if (what->kind == KIND_NUMBER && what->n &&
        (uint32_t)what->max < c->module->ntypes)
        type = wrt_module_type(c->module, (uint32_t)what->max);
    if (c->now.stage < STAGE_SET || !type || type->form == WRT_FORM_FUNC) {
        jit_check_complain(c, "an object of a type that there is not");
        return;
    }
    c->now.flags.about = ABOUT_NOTHING;
    jit_check_write(c, R11,
                    value_of(KIND_MADE, 0,
                             object_bytes(type, (uint32_t)(what->max >> 32))));
}
