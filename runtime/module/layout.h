/*
 * How objects of struct and array types lie in a store's heap.
 *
 * Every object begins with an 8-byte header that says what the object is, how
 * large it is and whether it holds references, so a collector needs the type
 * only to find those references.  Fields follow in the order of the type, each
 * at the next multiple of its size (v128: of 8): the layout of a supertype is a
 * prefix of its subtypes'.
 *
 * A reference takes 4 bytes in a field; see runtime/store/gc.h for their form.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_MODULE_LAYOUT_H
#define WRT_MODULE_LAYOUT_H

#include "runtime/module/types.h"

/* A word of zero is no object: unused heap memory reads as that. */
enum wrt_object_kind {
    WRT_OBJECT_NONE,
    WRT_OBJECT_STRUCT,
    WRT_OBJECT_ARRAY,
    WRT_OBJECT_EXTERN, /* a reference of the host */
    WRT_OBJECT_EXN,
};

/*
 * The header.  info, from bit 0:
 *
 *   0..21   type id, of structs and arrays; all ones otherwise, no type's id
 *   22..24  arrays: log2 of an element's size in bytes
 *   25      holds references that a collector follows
 *   26      references of the host: what is in it is a handle of wasm.h
 *   28..30  enum wrt_object_kind
 */
struct wrt_object {
    uint32_t info;
    uint32_t len; /* struct: bytes, header included; array: elements;
                     exception: slots of its payload */
};

_Static_assert(sizeof(struct wrt_object) == 8, "objects begin 8-byte aligned");

enum {
    WRT_OBJECT_ID_MASK = WRT_MAX_TYPE_ID,
    WRT_OBJECT_ELEM_SHIFT = 22,
    WRT_OBJECT_TRACED_SHIFT = 25,
    WRT_OBJECT_TRACED = 1 << WRT_OBJECT_TRACED_SHIFT,
    WRT_OBJECT_HANDLE = 1 << 26,
    WRT_OBJECT_KIND_SHIFT = 28,
    WRT_OBJECT_ALIGN = 8,
    WRT_OBJECT_MIN_BYTES = 16, /* so that a header's neighbour is no header */
};

WRT_INLINE enum wrt_object_kind wrt_object_kind(const struct wrt_object *o)
{
    return (enum wrt_object_kind)(o->info >> WRT_OBJECT_KIND_SHIFT);
}

WRT_INLINE uint32_t wrt_object_type_id(const struct wrt_object *o)
{
    return o->info & WRT_OBJECT_ID_MASK;
}

/* Of an array. */
WRT_INLINE uint32_t wrt_object_elem_log2(const struct wrt_object *o)
{
    return o->info >> WRT_OBJECT_ELEM_SHIFT & 7;
}

/* Whether a value of this type may be an object of the heap, which a collector
 * follows: functions are elsewhere. */
bool wrt_is_traced(const struct wrt_types *types, wrt_valtype type);

/* Bytes that a field of this type takes in an object: a power of two. */
uint32_t wrt_field_bytes(wrt_valtype type);

/*
 * Fills in the heap members of a struct or array type, whose other members are
 * set; fields and refs are its own arrays.  types answers for the forms of the
 * types that fields refer to.  refs has room for one entry per reference field.
 */
void wrt_layout_type(const struct wrt_types *types, struct wrt_type *type,
                     struct wrt_field *fields, uint32_t *refs);

#endif
