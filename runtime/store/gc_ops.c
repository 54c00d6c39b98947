/*
 * Instructions on structs and arrays.
 *
 * Bounds are checked for the whole range before anything is written.  Then the
 * work goes in slices and an interrupt is honoured between them, as in ops.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/gc_ops.h"

#include "runtime/base/access.h"
#include "runtime/store/interrupt.h"
#include "runtime/store/ops.h"
#include "runtime/store/store.h"

enum {
    SLICE_BYTES = 1 << 20,
    SLICE_ELEMS = 1 << 14,
};

/* -- Fields ---------------------------------------------------------------- */

/* References to functions are numbers in objects; the validator has checked
 * everything else about the type. */
static bool is_func(const struct wrt_ctx *ctx, wrt_valtype type)
{
    return wrt_valtype_is_ref(type) &&
           !wrt_is_traced(ctx->store->engine->types, type);
}

void wrt_field_load(const struct wrt_ctx *ctx, wrt_valtype type,
                    const uint8_t *at, bool is_signed, wrt_slot *out)
{
    switch (wrt_valtype_kind(type)) {
    case WRT_KIND_I8:
        out->i64 = is_signed ? *(const wrt_guest_i8 *)at : *at;
        out->u64 = out->u32;
        break;
    case WRT_KIND_I16:
        out->i64 =
            is_signed ? *(const wrt_guest_i16 *)at : *(const wrt_guest_u16 *)at;
        out->u64 = out->u32;
        break;
    case WRT_KIND_I64:
    case WRT_KIND_F64: out->u64 = *(const wrt_guest_u64 *)at; break;
    case WRT_KIND_V128: memcpy(out, at, 16); break;
    case WRT_KIND_REF:
        if (is_func(ctx, type))
            out->ref = wrt_func_unpack(ctx, *(const wrt_guest_u32 *)at);
        else
            out->u64 = wrt_ref_unpack(ctx, *(const wrt_guest_u32 *)at);
        break;
    default: out->u64 = *(const wrt_guest_u32 *)at; break;
    }
}

wasmrt_code wrt_field_store(struct wrt_ctx *ctx, wrt_valtype type, uint8_t *at,
                            const wrt_slot *value)
{
    uint32_t packed = value->u32;

    if (is_func(ctx, type)) {
        packed = wrt_func_pack(ctx, value->ref);
        if (packed == UINT32_MAX) {
            ctx->gc.refused_bytes = 0;
            return WASMRT_ERR_GC_HEAP_EXHAUSTED;
        }
    }
    switch (wrt_field_bytes(type)) {
    case 1: *at = (uint8_t)packed; break;
    case 2: *(wrt_guest_u16 *)at = (uint16_t)packed; break;
    case 4: *(wrt_guest_u32 *)at = packed; break;
    case 8: *(wrt_guest_u64 *)at = value->u64; break;
    default: memcpy(at, value, 16); break;
    }
    return WASMRT_ERR_NONE;
}

/* -- Structs --------------------------------------------------------------- */

static wasmrt_code new_struct(struct wrt_instance *inst,
                              const struct wrt_type *type,
                              struct wrt_object **out)
{
    struct wrt_object header = {type->object_info, type->size_bytes};

    return wrt_gc_alloc(inst->ctx, header, type->size_bytes, out);
}

wasmrt_code wrt_op_struct_new(struct wrt_instance *inst, uint32_t type_idx,
                              wrt_slot *args)
{
    const struct wrt_type *type = wrt_module_type(inst->module, type_idx);
    struct wrt_object *object;
    wasmrt_code code = new_struct(inst, type, &object);
    const wrt_slot *value = args;

    for (uint32_t i = 0; i < type->nfields && code == WASMRT_ERR_NONE; i++) {
        const struct wrt_field *field = &type->fields[i];

        code = wrt_field_store(inst->ctx, field->type,
                               (uint8_t *)object + field->offset, value);
        value += wrt_valtype_slots(field->type);
    }
    if (code == WASMRT_ERR_NONE)
        args->u64 = (uintptr_t)object;
    return code;
}

wasmrt_code wrt_op_struct_new_default(struct wrt_instance *inst,
                                      uint32_t type_idx, wrt_slot *args)
{
    const struct wrt_type *type = wrt_module_type(inst->module, type_idx);
    struct wrt_object *object;
    wasmrt_code code = new_struct(inst, type, &object);

    if (code == WASMRT_ERR_NONE)
        args->u64 = (uintptr_t)object;
    return code;
}

wasmrt_code wrt_op_struct_get(struct wrt_instance *inst, uint32_t type_idx,
                              uint32_t field_idx, bool is_signed,
                              wrt_slot *args)
{
    const struct wrt_type *type = wrt_module_type(inst->module, type_idx);
    const struct wrt_field *field = &type->fields[field_idx];
    const uint8_t *object = args->ref;

    if (!object)
        return WASMRT_ERR_NULL_STRUCT_REFERENCE;
    wrt_field_load(inst->ctx, field->type, object + field->offset, is_signed,
                   args);
    return WASMRT_ERR_NONE;
}

wasmrt_code wrt_op_struct_set(struct wrt_instance *inst, uint32_t type_idx,
                              uint32_t field_idx, const wrt_slot *args)
{
    const struct wrt_type *type = wrt_module_type(inst->module, type_idx);
    const struct wrt_field *field = &type->fields[field_idx];
    uint8_t *object = args->ref;

    if (!object)
        return WASMRT_ERR_NULL_STRUCT_REFERENCE;
    return wrt_field_store(inst->ctx, field->type, object + field->offset,
                           args + 1);
}

/* -- Elements of arrays ---------------------------------------------------- */

static uint8_t *element(struct wrt_object *array, uint64_t index)
{
    return (uint8_t *)(array + 1) + (index << wrt_object_elem_log2(array));
}

/* The object of an operand, and whether a range of it is inside. */
static wasmrt_code check_range(const wrt_slot *arg, uint32_t at, uint32_t n,
                               struct wrt_object **out)
{
    struct wrt_object *array = arg->ref;

    if (!array)
        return WASMRT_ERR_NULL_ARRAY_REFERENCE;
    if (at > array->len || n > array->len - at)
        return WASMRT_ERR_ARRAY_OOB;
    *out = array;
    return WASMRT_ERR_NONE;
}

static wrt_valtype elem_type(const struct wrt_instance *inst, uint32_t type_idx)
{
    return wrt_module_type(inst->module, type_idx)->fields->type;
}

wasmrt_code wrt_op_array_get(struct wrt_instance *inst, uint32_t type_idx,
                             bool is_signed, wrt_slot *args)
{
    uint32_t index = args[1].u32;
    struct wrt_object *array;
    wasmrt_code code = check_range(args, index, 1, &array);

    if (code == WASMRT_ERR_NONE)
        wrt_field_load(inst->ctx, elem_type(inst, type_idx),
                       element(array, wrt_mask_index(index, array->len)),
                       is_signed, args);
    return code;
}

wasmrt_code wrt_op_array_set(struct wrt_instance *inst, uint32_t type_idx,
                             const wrt_slot *args)
{
    uint32_t index = args[1].u32;
    struct wrt_object *array;
    wasmrt_code code = check_range(args, index, 1, &array);

    if (code != WASMRT_ERR_NONE)
        return code;
    return wrt_field_store(inst->ctx, elem_type(inst, type_idx),
                           element(array, wrt_mask_index(index, array->len)),
                           args + 2);
}

/* Doubles what has been written of a range until it is full: [at, at + unit)
 * is.  Slices keep it interruptible. */
static wasmrt_code repeat(const struct wrt_instance *inst, uint8_t *at,
                          size_t unit, uint64_t size)
{
    uint64_t done = unit;
    wasmrt_code code = WASMRT_ERR_NONE;

    while (done < size && code == WASMRT_ERR_NONE) {
        uint64_t count = WRT_MIN(done, size - done);

        count = WRT_MIN(count, (uint64_t)SLICE_BYTES);
        memcpy(at + done, at, (size_t)count);
        done += count;
        if (count == SLICE_BYTES)
            code = wrt_interrupt_pending(inst->ctx);
    }
    return code;
}

/* Writes a value n times. */
static wasmrt_code fill(struct wrt_instance *inst, struct wrt_object *array,
                        wrt_valtype type, uint32_t at, uint32_t n,
                        const wrt_slot *value)
{
    size_t unit = (size_t)1 << wrt_object_elem_log2(array);
    wasmrt_code code = wrt_op_pay(inst, (uint64_t)n * unit);

    if (n == 0 || code != WASMRT_ERR_NONE)
        return code;
    code = wrt_field_store(inst->ctx, type, element(array, at), value);
    if (code != WASMRT_ERR_NONE)
        return code;
    return repeat(inst, element(array, at), unit, (uint64_t)n * unit);
}

wasmrt_code wrt_op_array_fill(struct wrt_instance *inst, uint32_t type_idx,
                              const wrt_slot *args)
{
    wrt_valtype type = elem_type(inst, type_idx);
    uint32_t n = args[2 + wrt_valtype_slots(type)].u32;
    struct wrt_object *array;
    wasmrt_code code = check_range(args, args[1].u32, n, &array);

    if (code != WASMRT_ERR_NONE)
        return code;
    return fill(inst, array, type, args[1].u32, n, args + 2);
}

wasmrt_code wrt_op_array_copy(struct wrt_instance *inst, const wrt_slot *args)
{
    uint32_t n = args[4].u32;
    struct wrt_object *to, *from;
    wasmrt_code code;

    /* A null is a trap before any range is. */
    if (!args[0].ref || !args[2].ref)
        return WASMRT_ERR_NULL_ARRAY_REFERENCE;
    code = check_range(args, args[1].u32, n, &to);
    if (code == WASMRT_ERR_NONE)
        code = check_range(args + 2, args[3].u32, n, &from);
    if (code != WASMRT_ERR_NONE || n == 0)
        return code;
    return wrt_op_move(inst, element(to, args[1].u32),
                       element(from, args[3].u32), n,
                       (size_t)1 << wrt_object_elem_log2(to), SLICE_ELEMS);
}

/* -- Elements from segments ------------------------------------------------ */

/* Whether [start, start + n elements) is in a data segment. */
static bool has_data(const struct wrt_instance *inst, uint32_t data_idx,
                     uint32_t start, uint64_t size)
{
    uint32_t len =
        inst->dropped_datas[data_idx] ? 0 : inst->module->datas[data_idx].len;

    return start <= len && size <= len - start;
}

static bool has_elems(const struct wrt_instance *inst, uint32_t elem_idx,
                      uint32_t start, uint32_t n)
{
    uint32_t count =
        inst->dropped_elems[elem_idx] ? 0 : inst->module->elems[elem_idx].count;

    return start <= count && n <= count - start;
}

static wasmrt_code from_data(const struct wrt_instance *inst,
                             struct wrt_object *array, uint32_t at,
                             uint32_t data_idx, uint32_t start, uint64_t size)
{
    if (size == 0)
        return WASMRT_ERR_NONE;
    return wrt_op_move(inst, element(array, at),
                       inst->module->datas[data_idx].bytes + start, size, 1,
                       SLICE_BYTES);
}

/* Items do not allocate: those that do were made at instantiation. */
static wasmrt_code from_elems(struct wrt_instance *inst,
                              struct wrt_object *array, wrt_valtype type,
                              uint32_t at, uint32_t elem_idx, uint32_t start,
                              uint32_t n)
{
    wasmrt_code code = wrt_op_pay(inst, (uint64_t)n * 4);

    for (uint32_t i = 0; i < n && code == WASMRT_ERR_NONE; i++) {
        wrt_slot item;

        code = wrt_op_elem_item(inst, elem_idx, start + i, &item.ref);
        if (code == WASMRT_ERR_NONE)
            code =
                wrt_field_store(inst->ctx, type, element(array, at + i), &item);
        if (code == WASMRT_ERR_NONE && i % SLICE_ELEMS == SLICE_ELEMS - 1)
            code = wrt_interrupt_pending(inst->ctx);
    }
    return code;
}

wasmrt_code wrt_op_array_init_data(struct wrt_instance *inst, uint32_t data_idx,
                                   const wrt_slot *args)
{
    uint32_t start = args[2].u32, n = args[3].u32;
    struct wrt_object *array;
    wasmrt_code code = check_range(args, args[1].u32, n, &array);
    uint64_t size;

    if (code != WASMRT_ERR_NONE)
        return code;
    size = (uint64_t)n << wrt_object_elem_log2(array);
    if (!has_data(inst, data_idx, start, size))
        return WASMRT_ERR_MEMORY_OOB;
    return from_data(inst, array, args[1].u32, data_idx, start, size);
}

wasmrt_code wrt_op_array_init_elem(struct wrt_instance *inst, uint32_t type_idx,
                                   uint32_t elem_idx, const wrt_slot *args)
{
    uint32_t start = args[2].u32, n = args[3].u32;
    struct wrt_object *array;
    wasmrt_code code = check_range(args, args[1].u32, n, &array);

    if (code != WASMRT_ERR_NONE)
        return code;
    if (!has_elems(inst, elem_idx, start, n))
        return WASMRT_ERR_TABLE_OOB;
    return from_elems(inst, array, elem_type(inst, type_idx), args[1].u32,
                      elem_idx, start, n);
}

/* -- New arrays ------------------------------------------------------------ */

/* An array of zeroes. */
static wasmrt_code new_array(struct wrt_instance *inst, uint32_t type_idx,
                             uint32_t len, struct wrt_object **out)
{
    const struct wrt_type *type = wrt_module_type(inst->module, type_idx);
    struct wrt_object header = {type->object_info, len};
    uint64_t size = WRT_ALIGN_UP(
        sizeof(header) + (uint64_t)len * type->size_bytes, (uint64_t)8);

    return wrt_gc_alloc(inst->ctx, header,
                        WRT_MAX(size, (uint64_t)WRT_OBJECT_MIN_BYTES), out);
}

wasmrt_code wrt_op_array_new(struct wrt_instance *inst, uint32_t type_idx,
                             wrt_slot *args)
{
    wrt_valtype type = elem_type(inst, type_idx);
    uint32_t len = args[wrt_valtype_slots(type)].u32;
    struct wrt_object *array;
    wasmrt_code code = new_array(inst, type_idx, len, &array);

    if (code == WASMRT_ERR_NONE)
        code = fill(inst, array, type, 0, len, args);
    if (code == WASMRT_ERR_NONE)
        args->u64 = (uintptr_t)array;
    return code;
}

wasmrt_code wrt_op_array_new_default(struct wrt_instance *inst,
                                     uint32_t type_idx, wrt_slot *args)
{
    const struct wrt_type *type = wrt_module_type(inst->module, type_idx);
    uint32_t len = args->u32;
    struct wrt_object *array;
    wasmrt_code code = wrt_op_pay(inst, (uint64_t)len * type->size_bytes);

    if (code == WASMRT_ERR_NONE)
        code = new_array(inst, type_idx, len, &array);
    if (code == WASMRT_ERR_NONE)
        args->u64 = (uintptr_t)array;
    return code;
}

wasmrt_code wrt_op_array_new_fixed(struct wrt_instance *inst, uint32_t type_idx,
                                   uint32_t count, wrt_slot *args)
{
    wrt_valtype type = elem_type(inst, type_idx);
    uint32_t slots = wrt_valtype_slots(type);
    struct wrt_object *array;
    wasmrt_code code = new_array(inst, type_idx, count, &array);

    for (uint32_t i = 0; i < count && code == WASMRT_ERR_NONE; i++)
        code = wrt_field_store(inst->ctx, type, element(array, i),
                               &args[(size_t)i * slots]);
    if (code == WASMRT_ERR_NONE)
        args->u64 = (uintptr_t)array;
    return code;
}

wasmrt_code wrt_op_array_new_data(struct wrt_instance *inst, uint32_t type_idx,
                                  uint32_t data_idx, wrt_slot *args)
{
    const struct wrt_type *type = wrt_module_type(inst->module, type_idx);
    uint32_t start = args[0].u32, len = args[1].u32;
    uint64_t size = (uint64_t)len * type->size_bytes;
    struct wrt_object *array;
    wasmrt_code code;

    if (!has_data(inst, data_idx, start, size))
        return WASMRT_ERR_MEMORY_OOB;
    code = new_array(inst, type_idx, len, &array);
    if (code == WASMRT_ERR_NONE)
        code = from_data(inst, array, 0, data_idx, start, size);
    if (code == WASMRT_ERR_NONE)
        args->u64 = (uintptr_t)array;
    return code;
}

wasmrt_code wrt_op_array_new_elem(struct wrt_instance *inst, uint32_t type_idx,
                                  uint32_t elem_idx, wrt_slot *args)
{
    uint32_t start = args[0].u32, len = args[1].u32;
    struct wrt_object *array;
    wasmrt_code code;

    if (!has_elems(inst, elem_idx, start, len))
        return WASMRT_ERR_TABLE_OOB;
    code = new_array(inst, type_idx, len, &array);
    if (code == WASMRT_ERR_NONE)
        code = from_elems(inst, array, elem_type(inst, type_idx), 0, elem_idx,
                          start, len);
    if (code == WASMRT_ERR_NONE)
        args->u64 = (uintptr_t)array;
    return code;
}
