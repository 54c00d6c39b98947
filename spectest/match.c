/*
 * Values of scripts and values of the engine: comparison and text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spectest/match.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* -- Comparison ------------------------------------------------------------ */

/* Whether the bits of a float of 4 or 8 bytes are what is wanted. */
static bool match_float(wasmrt_script_nan nan, uint64_t want, uint64_t got,
                        unsigned nbytes)
{
    uint64_t quiet = nbytes == 4 ? 0x7fc00000 : 0x7ff8000000000000;
    uint64_t sign = nbytes == 4 ? 0x80000000 : 0x8000000000000000;

    switch (nan) {
    case WASMRT_SCRIPT_CANONICAL_NAN: return (got & ~sign) == quiet;
    case WASMRT_SCRIPT_ARITHMETIC_NAN: return (got & quiet) == quiet;
    default: return got == want;
    }
}

static bool match_vector(const wasmrt_script_value *want,
                         const wasmrt_v128 *got)
{
    unsigned nbytes = 16 / (want->lanes ? want->lanes : 16);

    if (!want->is_float)
        return memcmp(want->v128, got->bytes, 16) == 0;
    for (unsigned i = 0; i < want->lanes; i++) {
        uint64_t a = 0, b = 0;

        memcpy(&a, want->v128 + i * nbytes, nbytes);
        memcpy(&b, got->bytes + i * nbytes, nbytes);
        if (!match_float(want->nan[i], a, b, nbytes))
            return false;
    }
    return true;
}

static bool is_ref(const wasmrt_val *v)
{
    return v->kind >= WASMRT_FUNCREF;
}

/* A reference that is not null and of a type; without one, of any. */
static bool match_ref(const char *heap, const wasmrt_val *got)
{
    wasmrt_ref_kind kind = wasmrt_val_ref_kind(got);

    if (kind == WASMRT_REF_NULL)
        return false;
    if (!heap)
        return true;
    if (strcmp(heap, "any") == 0)
        return got->kind == WASMRT_ANYREF;
    if (strcmp(heap, "eq") == 0)
        return got->kind == WASMRT_ANYREF && kind != WASMRT_REF_HOST;
    if (strcmp(heap, "i31") == 0)
        return got->kind == WASMRT_ANYREF && kind == WASMRT_REF_I31;
    if (strcmp(heap, "struct") == 0)
        return got->kind == WASMRT_ANYREF && kind == WASMRT_REF_STRUCT;
    if (strcmp(heap, "array") == 0)
        return got->kind == WASMRT_ANYREF && kind == WASMRT_REF_ARRAY;
    if (strcmp(heap, "func") == 0)
        return got->kind == WASMRT_FUNCREF;
    return strcmp(heap, "exn") == 0 && got->kind == WASMRT_EXNREF;
}

/* Null of a hierarchy; without a name, of any. */
static bool match_null(const char *heap, const wasmrt_val *got)
{
    static const struct {
        const char *heaps;
        wasmrt_kind kind;
    } rows[] = {
        {" func nofunc ", WASMRT_FUNCREF},
        {" extern noextern ", WASMRT_EXTERNREF},
        {" exn noexn ", WASMRT_EXNREF},
        {" any eq i31 struct array none ", WASMRT_ANYREF},
    };
    char word[20];

    if (!is_ref(got) || got->of.ref)
        return false;
    snprintf(word, sizeof(word), " %s ", heap ? heap : "");
    for (size_t i = 0; heap && i < sizeof(rows) / sizeof(*rows); i++) {
        if (strstr(rows[i].heaps, word))
            return got->kind == rows[i].kind;
    }
    return true; /* a type of the module: the kind is all that is left */
}

/* A reference of the host by its number, as an externref or an anyref. */
static bool match_host(const wasmrt_script_value *want, wasmrt_kind kind,
                       const wasmrt_val *got)
{
    if (got->kind != kind || wasmrt_val_ref_kind(got) == WASMRT_REF_NULL)
        return false;
    return !want->has_number ||
           (wasmrt_val_ref_kind(got) == WASMRT_REF_HOST &&
            (uintptr_t)wasmrt_extern_data(got->of.ext) == want->bits);
}

static bool match_either(const wasmrt_script_value *want, const wasmrt_val *got)
{
    for (size_t i = 0; i < want->nalternatives; i++) {
        if (spectest_match(&want->alternatives[i], got))
            return true;
    }
    return false;
}

bool spectest_match(const wasmrt_script_value *want, const wasmrt_val *got)
{
    uint32_t bits32;
    uint64_t bits64;

    memcpy(&bits32, &got->of, sizeof(bits32));
    memcpy(&bits64, &got->of, sizeof(bits64));
    switch (want->type) {
    case WASMRT_SCRIPT_I32:
        return got->kind == WASMRT_I32 && bits32 == want->bits;
    case WASMRT_SCRIPT_I64:
        return got->kind == WASMRT_I64 && bits64 == want->bits;
    case WASMRT_SCRIPT_F32:
        return got->kind == WASMRT_F32 &&
               match_float(want->nan[0], want->bits, bits32, 4);
    case WASMRT_SCRIPT_F64:
        return got->kind == WASMRT_F64 &&
               match_float(want->nan[0], want->bits, bits64, 8);
    case WASMRT_SCRIPT_V128:
        return got->kind == WASMRT_V128 && match_vector(want, &got->of.v128);
    case WASMRT_SCRIPT_REF_NULL: return match_null(want->heap, got);
    case WASMRT_SCRIPT_REF_EXTERN:
        return match_host(want, WASMRT_EXTERNREF, got);
    case WASMRT_SCRIPT_REF_HOST: return match_host(want, WASMRT_ANYREF, got);
    case WASMRT_SCRIPT_REF: return match_ref(want->heap, got);
    case WASMRT_SCRIPT_EITHER: return match_either(want, got);
    default: return false;
    }
}

/* -- Text ------------------------------------------------------------------ */

static const char *nan_text(wasmrt_script_nan nan)
{
    return nan == WASMRT_SCRIPT_CANONICAL_NAN ? "nan:canonical"
                                              : "nan:arithmetic";
}

/* "type:bits (value)" of a float. */
static void float_text(uint64_t bits, unsigned nbytes, char *buf, size_t size)
{
    double value;
    float single;
    uint32_t low = (uint32_t)bits;

    memcpy(&value, &bits, sizeof(value));
    memcpy(&single, &low, sizeof(single));
    if (nbytes == 4)
        value = (double)single;
    snprintf(buf, size, "f%u:%0*" PRIx64 " (%.17g)", nbytes * 8,
             (int)nbytes * 2, bits, value);
}

/* A vector as its lanes, lowest first, in the shape the script gives. */
static void vector_text(const uint8_t *bytes, unsigned lanes, char *buf,
                        size_t size)
{
    unsigned nbytes = 16 / lanes;
    size_t n = (size_t)snprintf(buf, size, "v128:");

    for (unsigned i = 0; i < lanes && n < size; i++) {
        uint64_t lane = 0;

        memcpy(&lane, bytes + i * nbytes, nbytes);
        n += (size_t)snprintf(buf + n, size - n, "%s%0*" PRIx64, i ? " " : "",
                              (int)nbytes * 2, lane);
    }
}

static void either_text(const wasmrt_script_value *want, char *buf, size_t size)
{
    size_t n = (size_t)snprintf(buf, size, "either");

    for (size_t i = 0; i < want->nalternatives && n < size; i++) {
        char one[120];

        n += (size_t)snprintf(
            buf + n, size - n, "%s %s", i ? " or" : "",
            spectest_want_text(&want->alternatives[i], one, sizeof(one)));
    }
}

const char *spectest_want_text(const wasmrt_script_value *want, char *buf,
                               size_t size)
{
    const char *heap = want->heap ? want->heap : "any type";

    switch (want->type) {
    case WASMRT_SCRIPT_I32:
        snprintf(buf, size, "i32:%08" PRIx64 " (%" PRId32 ")", want->bits,
                 (int32_t)want->bits);
        break;
    case WASMRT_SCRIPT_I64:
        snprintf(buf, size, "i64:%016" PRIx64 " (%" PRId64 ")", want->bits,
                 (int64_t)want->bits);
        break;
    case WASMRT_SCRIPT_F32:
    case WASMRT_SCRIPT_F64:
        if (want->nan[0] != WASMRT_SCRIPT_EXACT)
            snprintf(buf, size, "%s", nan_text(want->nan[0]));
        else
            float_text(want->bits, want->type == WASMRT_SCRIPT_F32 ? 4 : 8, buf,
                       size);
        break;
    case WASMRT_SCRIPT_V128:
        vector_text(want->v128, want->lanes, buf, size);
        break;
    case WASMRT_SCRIPT_REF_NULL: snprintf(buf, size, "null of %s", heap); break;
    case WASMRT_SCRIPT_EITHER: either_text(want, buf, size); break;
    default:
        snprintf(buf, size, "reference to %s", heap);
        if (want->has_number)
            snprintf(buf, size, "reference to %s %" PRIu64, heap, want->bits);
    }
    return buf;
}

const char *spectest_got_text(const wasmrt_val *got, char *buf, size_t size)
{
    static const char *const kinds[] = {[WASMRT_FUNCREF] = "func",
                                        [WASMRT_EXTERNREF] = "extern",
                                        [WASMRT_ANYREF] = "any",
                                        [WASMRT_EXNREF] = "exn"};
    static const char *const objects[] = {[WASMRT_REF_NULL] = "any",
                                          [WASMRT_REF_I31] = "i31",
                                          [WASMRT_REF_STRUCT] = "struct",
                                          [WASMRT_REF_ARRAY] = "array",
                                          [WASMRT_REF_HOST] = "host"};
    wasmrt_script_value value = {.lanes = 16};

    memcpy(&value.bits, &got->of, sizeof(value.bits));
    switch (got->kind) {
    case WASMRT_I32: value.bits &= UINT32_MAX; break;
    case WASMRT_I64: value.type = WASMRT_SCRIPT_I64; break;
    case WASMRT_F32:
        value.type = WASMRT_SCRIPT_F32;
        value.bits &= UINT32_MAX;
        break;
    case WASMRT_F64: value.type = WASMRT_SCRIPT_F64; break;
    case WASMRT_V128:
        value.type = WASMRT_SCRIPT_V128;
        memcpy(value.v128, got->of.v128.bytes, 16);
        break;
    default:
        value.heap = kinds[got->kind];
        value.type = got->of.ref ? WASMRT_SCRIPT_REF : WASMRT_SCRIPT_REF_NULL;
        if (wasmrt_val_ref_kind(got) == WASMRT_REF_HOST) {
            value.has_number = true;
            value.bits = (uintptr_t)wasmrt_extern_data(got->of.ext);
        } else if (got->kind == WASMRT_ANYREF) {
            value.heap = objects[wasmrt_val_ref_kind(got)];
        }
    }
    return spectest_want_text(&value, buf, size);
}
