/*
 * Validation of struct and array instructions (spec 3.4.5, 3.4.6).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/validator.h"

/* -- Types ----------------------------------------------------------------- */

/* What is on the stack for a field: packed ones are i32 there. */
static wrt_valtype unpacked(wrt_valtype t)
{
    return t == WRT_KIND_I8 || t == WRT_KIND_I16 ? WRT_KIND_I32 : t;
}

static bool is_packed(const struct wrt_field *field)
{
    return field->type == WRT_KIND_I8 || field->type == WRT_KIND_I16;
}

static wasmrt_error *find_type(const struct wrt_validator *v, uint32_t idx,
                               enum wrt_type_form form,
                               const struct wrt_type **out)
{
    if (idx >= v->module->ntypes)
        return wrt_validator_unknown(v, WASMRT_ERR_UNKNOWN_TYPE, idx);
    *out = wrt_module_type(v->module, idx);
    if ((*out)->form != form)
        return wrt_error_new(WASMRT_ERR_TYPE_MISMATCH, wrt_validator_offset(v),
                             "type %u is not %s type", (unsigned)idx,
                             form == WRT_FORM_STRUCT ? "a structure"
                                                     : "an array");
    return NULL;
}

/* The array type of the first immediate, with its field. */
static wasmrt_error *find_array(const struct wrt_validator *v,
                                const struct wrt_type **out)
{
    return find_type(v, v->insn.imm.index, WRT_FORM_ARRAY, out);
}

static wasmrt_error *refuse(const struct wrt_validator *v, wasmrt_code code)
{
    return wrt_error_new(code, wrt_validator_offset(v), NULL);
}

static wasmrt_error *check_mutable_array(const struct wrt_validator *v,
                                         const struct wrt_type *type)
{
    return type->fields->is_mutable ? NULL
                                    : refuse(v, WASMRT_ERR_IMMUTABLE_ARRAY);
}

/* Whether the items of an element segment fit an array. */
static wasmrt_error *check_elem(const struct wrt_validator *v,
                                const struct wrt_type *type)
{
    uint32_t idx = v->insn.imm.index2;

    if (idx >= v->module->nelems)
        return wrt_validator_unknown(v, WASMRT_ERR_UNKNOWN_ELEM, idx);
    if (wrt_valtype_matches(v->types, v->module->elems[idx].type,
                            type->fields->type))
        return NULL;
    return wrt_validator_mismatch(v, type->fields->type,
                                  v->module->elems[idx].type);
}

/* Whether the bytes of a data segment can fill an array. */
static wasmrt_error *check_data(const struct wrt_validator *v,
                                const struct wrt_type *type)
{
    if (wrt_valtype_is_ref(type->fields->type))
        return refuse(v, WASMRT_ERR_ARRAY_NOT_NUMERIC);
    return wrt_check_data_index(v, v->insn.imm.index2);
}

static wasmrt_error *pop_i32s(struct wrt_validator *v, unsigned count)
{
    while (count-- > 0)
        WRT_TRY(wrt_pop(v, WRT_KIND_I32));
    return NULL;
}

static wasmrt_error *push_new(struct wrt_validator *v,
                              const struct wrt_type *type)
{
    return wrt_push(v, WRT_REF_TO(type->id, false));
}

static wasmrt_error *pop_object(struct wrt_validator *v,
                                const struct wrt_type *type)
{
    return wrt_pop(v, WRT_REF_TO(type->id, true));
}

/* -- Structs --------------------------------------------------------------- */

static wasmrt_error *validate_struct_new(struct wrt_validator *v,
                                         bool is_default)
{
    const struct wrt_type *type;

    WRT_TRY(find_type(v, v->insn.imm.index, WRT_FORM_STRUCT, &type));
    if (is_default && !type->is_defaultable)
        return refuse(v, WASMRT_ERR_NOT_DEFAULTABLE);
    if (is_default)
        return push_new(v, type);
    for (uint32_t i = type->nfields; i-- > 0 && !wrt_is_bottomless(v);)
        WRT_TRY(wrt_pop(v, unpacked(type->fields[i].type)));
    return push_new(v, type);
}

static wasmrt_error *find_field(const struct wrt_validator *v,
                                const struct wrt_type **type,
                                const struct wrt_field **field)
{
    uint32_t idx = v->insn.imm.index2;

    WRT_TRY(find_type(v, v->insn.imm.index, WRT_FORM_STRUCT, type));
    if (idx >= (*type)->nfields)
        return wrt_validator_unknown(v, WASMRT_ERR_UNKNOWN_FIELD, idx);
    *field = &(*type)->fields[idx];
    return NULL;
}

/* Packed fields are read with an extension, others without. */
static wasmrt_error *validate_struct_get(struct wrt_validator *v)
{
    const bool extends = v->insn.op != WRT_OP_STRUCT_GET;
    const struct wrt_type *type;
    const struct wrt_field *field;

    WRT_TRY(find_field(v, &type, &field));
    if (is_packed(field) != extends)
        return refuse(v, extends ? WASMRT_ERR_FIELD_IS_UNPACKED
                                 : WASMRT_ERR_FIELD_IS_PACKED);
    WRT_TRY(pop_object(v, type));
    return wrt_push(v, unpacked(field->type));
}

static wasmrt_error *validate_struct_set(struct wrt_validator *v)
{
    const struct wrt_type *type;
    const struct wrt_field *field;

    WRT_TRY(find_field(v, &type, &field));
    if (!field->is_mutable)
        return refuse(v, WASMRT_ERR_IMMUTABLE_FIELD);
    WRT_TRY(wrt_pop(v, unpacked(field->type)));
    return pop_object(v, type);
}

/* -- Arrays ---------------------------------------------------------------- */

static wasmrt_error *validate_array_new(struct wrt_validator *v)
{
    const struct wrt_type *type;

    WRT_TRY(find_array(v, &type));
    WRT_TRY(wrt_pop(v, WRT_KIND_I32));
    if (v->insn.op == WRT_OP_ARRAY_NEW)
        WRT_TRY(wrt_pop(v, unpacked(type->fields->type)));
    else if (!type->is_defaultable)
        return refuse(v, WASMRT_ERR_NOT_DEFAULTABLE);
    return push_new(v, type);
}

static wasmrt_error *validate_array_new_fixed(struct wrt_validator *v)
{
    const struct wrt_type *type;
    uint32_t count = v->insn.imm.index2;

    WRT_TRY(find_array(v, &type));
    if (count > WRT_LIMIT_ARRAY_NEW_FIXED)
        return wrt_limit_error(WRT_LIMIT_IDX_ARRAY_NEW_FIXED, count,
                               wrt_validator_offset(v));
    while (count-- > 0 && !wrt_is_bottomless(v))
        WRT_TRY(wrt_pop(v, unpacked(type->fields->type)));
    return push_new(v, type);
}

static wasmrt_error *validate_array_new_segment(struct wrt_validator *v)
{
    const struct wrt_type *type;

    WRT_TRY(find_array(v, &type));
    if (v->insn.op == WRT_OP_ARRAY_NEW_DATA)
        WRT_TRY(check_data(v, type));
    else
        WRT_TRY(check_elem(v, type));
    WRT_TRY(pop_i32s(v, 2));
    return push_new(v, type);
}

static wasmrt_error *validate_array_get(struct wrt_validator *v)
{
    const bool extends = v->insn.op != WRT_OP_ARRAY_GET;
    const struct wrt_type *type;

    WRT_TRY(find_array(v, &type));
    if (is_packed(type->fields) != extends)
        return refuse(v, extends ? WASMRT_ERR_ARRAY_IS_UNPACKED
                                 : WASMRT_ERR_ARRAY_IS_PACKED);
    WRT_TRY(wrt_pop(v, WRT_KIND_I32));
    WRT_TRY(pop_object(v, type));
    return wrt_push(v, unpacked(type->fields->type));
}

static wasmrt_error *validate_array_set(struct wrt_validator *v)
{
    const struct wrt_type *type;

    WRT_TRY(find_array(v, &type));
    WRT_TRY(check_mutable_array(v, type));
    WRT_TRY(wrt_pop(v, unpacked(type->fields->type)));
    WRT_TRY(wrt_pop(v, WRT_KIND_I32));
    return pop_object(v, type);
}

static wasmrt_error *validate_array_len(struct wrt_validator *v)
{
    WRT_TRY(wrt_pop(v, WRT_REF(WRT_HEAP_ARRAY, true)));
    return wrt_push(v, WRT_KIND_I32);
}

static wasmrt_error *validate_array_fill(struct wrt_validator *v)
{
    const struct wrt_type *type;

    WRT_TRY(find_array(v, &type));
    WRT_TRY(check_mutable_array(v, type));
    WRT_TRY(wrt_pop(v, WRT_KIND_I32));
    WRT_TRY(wrt_pop(v, unpacked(type->fields->type)));
    WRT_TRY(wrt_pop(v, WRT_KIND_I32));
    return pop_object(v, type);
}

static wasmrt_error *validate_array_copy(struct wrt_validator *v)
{
    const struct wrt_type *to, *from;

    WRT_TRY(find_array(v, &to));
    WRT_TRY(find_type(v, v->insn.imm.index2, WRT_FORM_ARRAY, &from));
    WRT_TRY(check_mutable_array(v, to));
    if (!wrt_valtype_matches(v->types, from->fields->type, to->fields->type))
        return refuse(v, WASMRT_ERR_ARRAY_TYPES);
    WRT_TRY(pop_i32s(v, 2));
    WRT_TRY(pop_object(v, from));
    WRT_TRY(wrt_pop(v, WRT_KIND_I32));
    return pop_object(v, to);
}

static wasmrt_error *validate_array_init(struct wrt_validator *v)
{
    const struct wrt_type *type;

    WRT_TRY(find_array(v, &type));
    WRT_TRY(check_mutable_array(v, type));
    if (v->insn.op == WRT_OP_ARRAY_INIT_DATA)
        WRT_TRY(check_data(v, type));
    else
        WRT_TRY(check_elem(v, type));
    WRT_TRY(pop_i32s(v, 3));
    return pop_object(v, type);
}

wasmrt_error *wrt_validate_gc(struct wrt_validator *v)
{
    switch (v->insn.op) {
    case WRT_OP_STRUCT_NEW: return validate_struct_new(v, false);
    case WRT_OP_STRUCT_NEW_DEFAULT: return validate_struct_new(v, true);
    case WRT_OP_STRUCT_GET:
    case WRT_OP_STRUCT_GET_S:
    case WRT_OP_STRUCT_GET_U: return validate_struct_get(v);
    case WRT_OP_STRUCT_SET: return validate_struct_set(v);
    case WRT_OP_ARRAY_NEW:
    case WRT_OP_ARRAY_NEW_DEFAULT: return validate_array_new(v);
    case WRT_OP_ARRAY_NEW_FIXED: return validate_array_new_fixed(v);
    case WRT_OP_ARRAY_NEW_DATA:
    case WRT_OP_ARRAY_NEW_ELEM: return validate_array_new_segment(v);
    case WRT_OP_ARRAY_GET:
    case WRT_OP_ARRAY_GET_S:
    case WRT_OP_ARRAY_GET_U: return validate_array_get(v);
    case WRT_OP_ARRAY_SET: return validate_array_set(v);
    case WRT_OP_ARRAY_LEN: return validate_array_len(v);
    case WRT_OP_ARRAY_FILL: return validate_array_fill(v);
    case WRT_OP_ARRAY_COPY: return validate_array_copy(v);
    case WRT_OP_ARRAY_INIT_DATA:
    case WRT_OP_ARRAY_INIT_ELEM: return validate_array_init(v);
    default:
        WRT_ASSERT(false, "every row without a signature has a case");
        return refuse(v, WASMRT_ERR_BAD_OPCODE);
    }
}
