/*
 * Value types in the binary format: one-byte codes, and heap types as signed
 * LEB128 whose negative values are the same codes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/type_read.h"

enum {
    CODE_REF_NULL = 0x63, /* heap type follows */
    CODE_REF = 0x64,
    CODE_NUM_FIRST = 0x7b,
    CODE_HEAP_FIRST = 0x69,
    CODE_HEAP_LAST = 0x74,
};

static const uint8_t number_kinds[] = {
    WRT_KIND_V128, WRT_KIND_F64, WRT_KIND_F32, WRT_KIND_I64, WRT_KIND_I32,
};

/* By code, from CODE_HEAP_FIRST. */
static const uint8_t heaps[] = {
    WRT_HEAP_EXN,  WRT_HEAP_ARRAY,    WRT_HEAP_STRUCT, WRT_HEAP_I31,
    WRT_HEAP_EQ,   WRT_HEAP_ANY,      WRT_HEAP_EXTERN, WRT_HEAP_FUNC,
    WRT_HEAP_NONE, WRT_HEAP_NOEXTERN, WRT_HEAP_NOFUNC, WRT_HEAP_NOEXN,
};

/* A type index as what a reference to it holds. */
static uint32_t resolve(const struct wrt_module *module, uint32_t npending,
                        struct wrt_reader *r, uint64_t idx)
{
    if (idx < module->ntypes)
        return module->type_ids[idx];
    if (idx - module->ntypes < npending)
        return WRT_MAX_TYPE_ID - (uint32_t)(idx - module->ntypes);
    wrt_reader_fail(r, WASMRT_ERR_UNKNOWN_TYPE);
    return 0;
}

uint32_t wrt_read_type_id(const struct wrt_module *module, uint32_t npending,
                          struct wrt_reader *r)
{
    uint32_t idx = wrt_read_u32(r);

    return r->failed ? 0 : resolve(module, npending, r, idx);
}

wrt_valtype wrt_read_heap_type(const struct wrt_module *module,
                               uint32_t npending, struct wrt_reader *r,
                               bool is_nullable)
{
    const uint8_t *start = r->pos;
    int64_t code = wrt_read_s33(r);

    if (r->failed)
        return WRT_FUNCREF;
    if (code >= 0)
        return WRT_REF_TO(resolve(module, npending, r, (uint64_t)code),
                          is_nullable);
    code += 0x80;
    if (code < CODE_HEAP_FIRST || code > CODE_HEAP_LAST) {
        r->pos = start;
        wrt_reader_fail(r, WASMRT_ERR_BAD_REF_TYPE);
        return WRT_FUNCREF;
    }
    return WRT_REF(heaps[code - CODE_HEAP_FIRST], is_nullable);
}

/* Reads a type whose code is not a number's; fails with `code`. */
static wrt_valtype read_ref(const struct wrt_module *module, uint32_t npending,
                            struct wrt_reader *r, wasmrt_code code)
{
    uint8_t byte = wrt_read_u8(r);

    if (byte >= CODE_HEAP_FIRST && byte <= CODE_HEAP_LAST)
        return WRT_REF(heaps[byte - CODE_HEAP_FIRST], true);
    if (byte == CODE_REF_NULL || byte == CODE_REF)
        return wrt_read_heap_type(module, npending, r, byte == CODE_REF_NULL);
    if (!r->failed) {
        r->pos--;
        wrt_reader_fail(r, code);
    }
    return WRT_FUNCREF;
}

wrt_valtype wrt_read_reftype(const struct wrt_module *module, uint32_t npending,
                             struct wrt_reader *r)
{
    return read_ref(module, npending, r, WASMRT_ERR_BAD_REF_TYPE);
}

wrt_valtype wrt_read_valtype(const struct wrt_module *module, uint32_t npending,
                             struct wrt_reader *r)
{
    if (r->pos != r->end && *r->pos >= CODE_NUM_FIRST && *r->pos <= 0x7f)
        return number_kinds[*r->pos++ - CODE_NUM_FIRST];
    return read_ref(module, npending, r, WASMRT_ERR_BAD_VALUE_TYPE);
}

static const uint8_t heap_features[] = {
    [WRT_HEAP_FUNC] = WRT_FEATURE_IDX_REFERENCE_TYPES,
    [WRT_HEAP_NOFUNC] = WRT_FEATURE_IDX_GC,
    [WRT_HEAP_EXTERN] = WRT_FEATURE_IDX_REFERENCE_TYPES,
    [WRT_HEAP_NOEXTERN] = WRT_FEATURE_IDX_GC,
    [WRT_HEAP_ANY] = WRT_FEATURE_IDX_GC,
    [WRT_HEAP_EQ] = WRT_FEATURE_IDX_GC,
    [WRT_HEAP_I31] = WRT_FEATURE_IDX_GC,
    [WRT_HEAP_STRUCT] = WRT_FEATURE_IDX_GC,
    [WRT_HEAP_ARRAY] = WRT_FEATURE_IDX_GC,
    [WRT_HEAP_NONE] = WRT_FEATURE_IDX_GC,
    [WRT_HEAP_EXN] = WRT_FEATURE_IDX_EXCEPTIONS,
    [WRT_HEAP_NOEXN] = WRT_FEATURE_IDX_EXCEPTIONS,
};

int wrt_valtype_missing_feature(wrt_features features, wrt_valtype t)
{
    int need;

    if (!wrt_valtype_is_ref(t)) {
        if (t == WRT_KIND_V128 && !(features & WRT_FEATURE_SIMD))
            return WRT_FEATURE_IDX_SIMD;
        return -1;
    }
    /* The GC proposal contains typed function references. */
    if ((wrt_valtype_has_type_id(t) || !wrt_valtype_is_nullable(t)) &&
        !(features & (WRT_FEATURE_FUNCTION_REFERENCES | WRT_FEATURE_GC)))
        return WRT_FEATURE_IDX_FUNCTION_REFERENCES;
    if (wrt_valtype_has_type_id(t))
        return -1;
    need = heap_features[wrt_valtype_heap(t)];
    return features >> need & 1 ? -1 : need;
}
