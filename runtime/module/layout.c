/*
 * How objects of struct and array types lie in a store's heap.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/layout.h"

uint32_t wrt_field_bytes(wrt_valtype type)
{
    switch (wrt_valtype_kind(type)) {
    case WRT_KIND_I8: return 1;
    case WRT_KIND_I16: return 2;
    case WRT_KIND_I64:
    case WRT_KIND_F64: return 8;
    case WRT_KIND_V128: return 16;
    default: return 4;
    }
}

bool wrt_is_traced(const struct wrt_types *types, wrt_valtype type)
{
    uint32_t heap = wrt_valtype_heap(type);

    if (!wrt_valtype_is_ref(type))
        return false;
    if (wrt_valtype_has_type_id(type))
        return wrt_types_get(types, heap)->form != WRT_FORM_FUNC;
    return heap != WRT_HEAP_FUNC && heap != WRT_HEAP_NOFUNC;
}

/* The sum of 10,000 fields of 16 bytes, aligned, is far from 2^32. */
static void layout_struct(const struct wrt_types *types, struct wrt_type *type,
                          struct wrt_field *fields, uint32_t *refs)
{
    uint32_t end = sizeof(struct wrt_object);

    for (uint32_t i = 0; i < type->nfields; i++) {
        uint32_t size = wrt_field_bytes(fields[i].type);

        end = WRT_ALIGN_UP(end, WRT_MIN(size, 8));
        fields[i].offset = end;
        if (wrt_is_traced(types, fields[i].type))
            refs[type->nrefs++] = end;
        end += size;
    }
    end = WRT_ALIGN_UP(end, (uint32_t)WRT_OBJECT_ALIGN);
    type->size_bytes = WRT_MAX(end, (uint32_t)WRT_OBJECT_MIN_BYTES);
    type->object_info = WRT_OBJECT_STRUCT << WRT_OBJECT_KIND_SHIFT;
}

static void layout_array(const struct wrt_types *types, struct wrt_type *type,
                         struct wrt_field *field, uint32_t *refs)
{
    uint32_t size = wrt_field_bytes(field->type);
    uint32_t log2 = (uint32_t)__builtin_ctz(size);

    field->offset = sizeof(struct wrt_object);
    if (wrt_is_traced(types, field->type))
        refs[type->nrefs++] = field->offset;
    type->size_bytes = size;
    type->object_info = WRT_OBJECT_ARRAY << WRT_OBJECT_KIND_SHIFT |
                        log2 << WRT_OBJECT_ELEM_SHIFT;
}

void wrt_layout_type(const struct wrt_types *types, struct wrt_type *type,
                     struct wrt_field *fields, uint32_t *refs)
{
    type->ref_offsets = refs;
    type->nrefs = 0;
    if (type->form == WRT_FORM_STRUCT)
        layout_struct(types, type, fields, refs);
    else
        layout_array(types, type, fields, refs);
    type->object_info |= type->id;
    if (type->nrefs)
        type->object_info |= WRT_OBJECT_TRACED;
}
