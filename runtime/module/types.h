/*
 * Types: value types, and the engine-wide table of canonical composite types.
 *
 * Function, struct and array types of all modules of an engine are hash-consed
 * by recursion group into one table, so that "the same type" is an integer
 * comparison everywhere: in the validator, at link time, in call_indirect.
 * A `type id` below is always an index into that table (struct wrt_types);
 * a `type index` is a module's own and is mapped to an id at decode.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_MODULE_TYPES_H
#define WRT_MODULE_TYPES_H

#include "runtime/base/alloc.h"
#include "runtime/base/error.h"
#include "runtime/base/os.h"

/* -- Value types ----------------------------------------------------------- */

/*
 * A value type in 32 bits.  Numeric and vector types are their kind alone, so
 * that code without references compares and switches on small constants.
 *
 *   bits 0..7   enum wrt_kind
 *   bit  8      nullable              (references only)
 *   bit  9      heap is a type id     (references only)
 *   bits 10..31 abstract heap type, or type id
 */
typedef uint32_t wrt_valtype;

enum wrt_kind {
    WRT_KIND_BOT, /* the unknown operand of unreachable code; never stored */
    WRT_KIND_I32,
    WRT_KIND_I64,
    WRT_KIND_F32,
    WRT_KIND_F64,
    WRT_KIND_V128,
    WRT_KIND_REF,
    WRT_KIND_I8, /* packed field types only */
    WRT_KIND_I16,
};

/* Abstract heap types (spec 2.3.4). */
enum wrt_heap {
    WRT_HEAP_FUNC,
    WRT_HEAP_NOFUNC,
    WRT_HEAP_EXTERN,
    WRT_HEAP_NOEXTERN,
    WRT_HEAP_ANY,
    WRT_HEAP_EQ,
    WRT_HEAP_I31,
    WRT_HEAP_STRUCT,
    WRT_HEAP_ARRAY,
    WRT_HEAP_NONE,
    WRT_HEAP_EXN,
    WRT_HEAP_NOEXN,
    WRT_HEAP_BOT, /* unknown reference of unreachable code; never stored */
};

enum {
    WRT_REF_NULLABLE = 1 << 8,
    WRT_REF_TYPE_ID = 1 << 9,
    WRT_REF_HEAP_SHIFT = 10,
    WRT_MAX_TYPE_ID = (1 << 22) - 1,
};

#define WRT_REF(heap, nullable)                                                \
    ((wrt_valtype)(WRT_KIND_REF | ((nullable) ? WRT_REF_NULLABLE : 0) |        \
                   ((uint32_t)(heap) << WRT_REF_HEAP_SHIFT)))
#define WRT_REF_TO(type_id, nullable)                                          \
    (WRT_REF(type_id, nullable) | (wrt_valtype)WRT_REF_TYPE_ID)

#define WRT_FUNCREF   WRT_REF(WRT_HEAP_FUNC, true)
#define WRT_EXTERNREF WRT_REF(WRT_HEAP_EXTERN, true)

WRT_INLINE enum wrt_kind wrt_valtype_kind(wrt_valtype t)
{
    return (enum wrt_kind)(t & 0xff);
}

WRT_INLINE bool wrt_valtype_is_ref(wrt_valtype t)
{
    return wrt_valtype_kind(t) == WRT_KIND_REF;
}

WRT_INLINE bool wrt_valtype_is_nullable(wrt_valtype t)
{
    return (t & WRT_REF_NULLABLE) != 0;
}

WRT_INLINE bool wrt_valtype_has_type_id(wrt_valtype t)
{
    return (t & WRT_REF_TYPE_ID) != 0;
}

/* The type id or the enum wrt_heap of a reference type. */
WRT_INLINE uint32_t wrt_valtype_heap(wrt_valtype t)
{
    return t >> WRT_REF_HEAP_SHIFT;
}

/* Stack slots (8 bytes each) that a value of this type takes. */
WRT_INLINE uint32_t wrt_valtype_slots(wrt_valtype t)
{
    return wrt_valtype_kind(t) == WRT_KIND_V128 ? 2 : 1;
}

/* -- Composite types ------------------------------------------------------- */

enum wrt_type_form { WRT_FORM_FUNC, WRT_FORM_STRUCT, WRT_FORM_ARRAY };

#define WRT_NO_TYPE UINT32_MAX

enum { WRT_TYPE_SUPERS = 8 };

struct wrt_field {
    wrt_valtype type; /* may be packed: kind I8 or I16 */
    bool is_mutable;
    uint32_t offset; /* in an object; set by the table, see layout.h */
};

/* One canonical type.  Immutable once in the table; its address is stable. */
struct wrt_type {
    uint32_t id;
    uint8_t form; /* enum wrt_type_form */
    bool is_final;
    uint16_t depth;     /* number of supertypes above it */
    uint32_t supertype; /* type id, or WRT_NO_TYPE */
    const uint32_t
        *display; /* ids of the supertypes, root first; [depth] = id */
    uint32_t supers[WRT_TYPE_SUPERS]; /* the first of them, then WRT_NO_TYPE:
                                         for machine code */

    /* FUNC: values = params then results. */
    uint32_t nparams, nresults;
    uint32_t param_slots, result_slots;
    const wrt_valtype *values;

    /* STRUCT: all fields; ARRAY: one. */
    uint32_t nfields;
    const struct wrt_field *fields;
    bool is_defaultable; /* no field is a reference that excludes null */

    /* STRUCT, ARRAY: objects in a heap, see layout.h. */
    uint32_t object_info; /* of their headers */
    uint32_t size_bytes;  /* of a struct with its header, or of an element */
    uint32_t nrefs;       /* references that a collector follows: */
    const uint32_t *ref_offsets; /* where they are (array: the first) */
};

WRT_INLINE const wrt_valtype *wrt_type_params(const struct wrt_type *t)
{
    return t->values;
}

WRT_INLINE const wrt_valtype *wrt_type_results(const struct wrt_type *t)
{
    return t->values + t->nparams;
}

/* -- The table of an engine ------------------------------------------------ */

struct wrt_types;

WRT_MUST_USE wasmrt_error *wrt_types_new(const struct wrt_alloc *alloc,
                                         struct wrt_types **out);
void wrt_types_delete(struct wrt_types *types);

/*
 * Adds a recursion group and gives the id of its first member; the others
 * follow.  Within the group, a reference to member i is written as
 * WRT_REF_TO(WRT_MAX_TYPE_ID - i, ...) and a supertype as WRT_MAX_TYPE_ID - i;
 * other references are ids.  An equal group that is already there is found and
 * shared.  Each call takes one reference to the group.  Thread-safe.
 */
WRT_MUST_USE wasmrt_error *wrt_types_add_group(struct wrt_types *types,
                                               const struct wrt_type *members,
                                               uint32_t count,
                                               uint32_t *first_id);

/* Gives back one reference to the group that begins at first_id. */
void wrt_types_release_group(struct wrt_types *types, uint32_t first_id);

/* The type with this id, which the caller holds a reference to.  Thread-safe,
 * without a lock. */
const struct wrt_type *wrt_types_get(const struct wrt_types *types,
                                     uint32_t id);

/* The types by their ids, as an array with room for all of them; that of
 * WRT_MAX_TYPE_ID, which objects without a type have, has no supertypes, and is
 * there once wrt_types_allow_objects() was called. */
const struct wrt_type *const *wrt_types_table(const struct wrt_types *types);

/* Before the first object is made, with a type or without; false when there is
 * no memory.  Guests that have none save pages. */
bool wrt_types_allow_objects(struct wrt_types *types);

/* Adds a final function type on its own: for host functions. */
WRT_MUST_USE wasmrt_error *wrt_types_add_func(struct wrt_types *types,
                                              const wrt_valtype *params,
                                              uint32_t nparams,
                                              const wrt_valtype *results,
                                              uint32_t nresults, uint32_t *id);

/* Whether sub is a subtype of super (or equal): by id, value and heap type. */
bool wrt_types_is_subtype(const struct wrt_types *types, uint32_t sub,
                          uint32_t super);
bool wrt_valtype_matches(const struct wrt_types *types, wrt_valtype sub,
                         wrt_valtype super);

/* Writes a type as the text format does, e.g. "(ref null func)"; returns buf.
 * size of 64 bytes holds every type. */
const char *wrt_valtype_text(wrt_valtype t, char *buf, size_t size);

#endif
