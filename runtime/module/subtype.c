/*
 * Subtyping and the text of types.
 *
 * Between concrete types the display answers in one step: the ancestor at the
 * depth of the supertype is the supertype or it is none.  Between abstract heap
 * types a bit matrix does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/types.h"

#include <stdio.h>

#define BIT(heap) (1u << WRT_HEAP_##heap)

/* For each abstract heap type those above it, itself included (spec 3.3.3). */
static const uint16_t above[] = {
    [WRT_HEAP_FUNC] = BIT(FUNC),
    [WRT_HEAP_NOFUNC] = BIT(NOFUNC) | BIT(FUNC),
    [WRT_HEAP_EXTERN] = BIT(EXTERN),
    [WRT_HEAP_NOEXTERN] = BIT(NOEXTERN) | BIT(EXTERN),
    [WRT_HEAP_ANY] = BIT(ANY),
    [WRT_HEAP_EQ] = BIT(EQ) | BIT(ANY),
    [WRT_HEAP_I31] = BIT(I31) | BIT(EQ) | BIT(ANY),
    [WRT_HEAP_STRUCT] = BIT(STRUCT) | BIT(EQ) | BIT(ANY),
    [WRT_HEAP_ARRAY] = BIT(ARRAY) | BIT(EQ) | BIT(ANY),
    [WRT_HEAP_NONE] =
        BIT(NONE) | BIT(I31) | BIT(STRUCT) | BIT(ARRAY) | BIT(EQ) | BIT(ANY),
    [WRT_HEAP_EXN] = BIT(EXN),
    [WRT_HEAP_NOEXN] = BIT(NOEXN) | BIT(EXN),
    [WRT_HEAP_BOT] = 0xffff,
};

static const uint8_t heap_of_form[] = {
    [WRT_FORM_FUNC] = WRT_HEAP_FUNC,
    [WRT_FORM_STRUCT] = WRT_HEAP_STRUCT,
    [WRT_FORM_ARRAY] = WRT_HEAP_ARRAY,
};

bool wrt_types_is_subtype(const struct wrt_types *types, uint32_t sub,
                          uint32_t super)
{
    const struct wrt_type *a, *b;

    if (sub == super)
        return true;
    a = wrt_types_get(types, sub);
    b = wrt_types_get(types, super);
    return a->depth >= b->depth && a->display[b->depth] == super;
}

static bool heap_matches(const struct wrt_types *types, wrt_valtype sub,
                         wrt_valtype super)
{
    uint32_t a = wrt_valtype_heap(sub), b = wrt_valtype_heap(super);
    unsigned form;

    if (wrt_valtype_has_type_id(sub)) {
        if (wrt_valtype_has_type_id(super))
            return wrt_types_is_subtype(types, a, b);
        form = wrt_types_get(types, a)->form;
        return above[heap_of_form[form]] >> b & 1;
    }
    if (wrt_valtype_has_type_id(super)) {
        if (a == WRT_HEAP_BOT)
            return true;
        form = wrt_types_get(types, b)->form;
        return a == (form == WRT_FORM_FUNC ? WRT_HEAP_NOFUNC : WRT_HEAP_NONE);
    }
    return above[a] >> b & 1;
}

bool wrt_valtype_matches(const struct wrt_types *types, wrt_valtype sub,
                         wrt_valtype super)
{
    if (sub == super || sub == WRT_KIND_BOT)
        return true;
    if (!wrt_valtype_is_ref(sub) || !wrt_valtype_is_ref(super))
        return false;
    if (wrt_valtype_is_nullable(sub) && !wrt_valtype_is_nullable(super))
        return false;
    return heap_matches(types, sub, super);
}

/* -- Text ------------------------------------------------------------------ */

static const char *const kind_texts[] = {
    [WRT_KIND_BOT] = "unknown", [WRT_KIND_I32] = "i32",
    [WRT_KIND_I64] = "i64",     [WRT_KIND_F32] = "f32",
    [WRT_KIND_F64] = "f64",     [WRT_KIND_V128] = "v128",
    [WRT_KIND_I8] = "i8",       [WRT_KIND_I16] = "i16",
};

/* Heap types, and the short forms of nullable references to them. */
static const struct {
    const char *heap, *nullable;
} heap_texts[] = {
    [WRT_HEAP_FUNC] = {"func", "funcref"},
    [WRT_HEAP_NOFUNC] = {"nofunc", "nullfuncref"},
    [WRT_HEAP_EXTERN] = {"extern", "externref"},
    [WRT_HEAP_NOEXTERN] = {"noextern", "nullexternref"},
    [WRT_HEAP_ANY] = {"any", "anyref"},
    [WRT_HEAP_EQ] = {"eq", "eqref"},
    [WRT_HEAP_I31] = {"i31", "i31ref"},
    [WRT_HEAP_STRUCT] = {"struct", "structref"},
    [WRT_HEAP_ARRAY] = {"array", "arrayref"},
    [WRT_HEAP_NONE] = {"none", "nullref"},
    [WRT_HEAP_EXN] = {"exn", "exnref"},
    [WRT_HEAP_NOEXN] = {"noexn", "nullexnref"},
    [WRT_HEAP_BOT] = {"unknown", "unknown"},
};

const char *wrt_valtype_text(wrt_valtype t, char *buf, size_t size)
{
    uint32_t heap = wrt_valtype_heap(t);
    const char *null = wrt_valtype_is_nullable(t) ? "null " : "";

    if (!wrt_valtype_is_ref(t))
        snprintf(buf, size, "%s", kind_texts[wrt_valtype_kind(t)]);
    else if (wrt_valtype_has_type_id(t))
        snprintf(buf, size, "(ref %stype#%u)", null, (unsigned)heap);
    else if (*null)
        snprintf(buf, size, "%s", heap_texts[heap].nullable);
    else
        snprintf(buf, size, "(ref %s)", heap_texts[heap].heap);
    return buf;
}
