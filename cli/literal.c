/*
 * Floats are written with the fewest digits that read back as the same value,
 * NaNs with their payload unless it is the canonical one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/literal.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Where sign, payload and the canonical payload of a float lie. */
struct float_format {
    unsigned bits;
    uint64_t infinity;  /* all exponent bits */
    uint64_t canonical; /* the top bit of the payload */
};

static const struct float_format f32_format = {32, UINT64_C(0xff) << 23,
                                               UINT64_C(1) << 22};
static const struct float_format f64_format = {64, UINT64_C(0x7ff) << 52,
                                               UINT64_C(1) << 51};

const char *cli_kind_name(wasmrt_kind kind)
{
    switch (kind) {
    case WASMRT_I32: return "i32";
    case WASMRT_I64: return "i64";
    case WASMRT_F32: return "f32";
    case WASMRT_F64: return "f64";
    case WASMRT_V128: return "v128";
    case WASMRT_FUNCREF: return "funcref";
    case WASMRT_EXTERNREF: return "externref";
    case WASMRT_ANYREF: return "anyref";
    case WASMRT_EXNREF: return "exnref";
    }
    return "?";
}

/* -- Reading --------------------------------------------------------------- */

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 16;
}

/* Digits, decimal or behind 0x, up to the end of the text. */
static bool read_u64(const char *text, uint64_t *out)
{
    bool is_hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    uint64_t base = is_hex ? 16 : 10, n = 0;

    if (is_hex)
        text += 2;
    if (!*text)
        return false;
    for (; *text; text++) {
        uint64_t digit = (uint64_t)digit_value(*text);

        if (digit >= base || n > (UINT64_MAX - digit) / base)
            return false;
        n = n * base + digit;
    }
    *out = n;
    return true;
}

/* A signed or an unsigned number of that many bits, as a bit pattern. */
static bool read_int(const char *text, unsigned bits, uint64_t *out)
{
    bool is_negative = *text == '-';
    uint64_t limit = UINT64_MAX >> (64 - bits), n;

    if (is_negative)
        limit = (limit >> 1) + 1;
    if (*text == '-' || *text == '+')
        text++;
    if (!read_u64(text, &n) || n > limit)
        return false;
    *out = is_negative ? 0 - n : n;
    return true;
}

/* inf, nan and nan:0xPAYLOAD, as a bit pattern. */
static bool read_special(const char *text, const struct float_format *format,
                         uint64_t *out)
{
    uint64_t sign = *text == '-' ? UINT64_C(1) << (format->bits - 1) : 0;
    uint64_t payload;

    if (*text == '-' || *text == '+')
        text++;
    if (strcmp(text, "inf") == 0) {
        *out = sign | format->infinity;
        return true;
    }
    if (strncmp(text, "nan", 3) != 0)
        return false;
    payload = format->canonical;
    if (text[3] != '\0' &&
        (strncmp(text + 3, ":0x", 3) != 0 || !read_u64(text + 4, &payload) ||
         payload == 0 || payload >= format->canonical * 2))
        return false;
    *out = sign | format->infinity | payload;
    return true;
}

/* strtod also takes blanks, and nan(...), which are not ours. */
static bool is_number(const char *text)
{
    return *text && !strpbrk(text, " \t\r\n\f\v(") && !strpbrk(text, "nNiI");
}

/* strtof rounds once; reading a double first would round twice. */
static bool read_f32(const char *text, float *out)
{
    uint64_t wide;
    uint32_t bits;
    char *end;

    if (read_special(text, &f32_format, &wide)) {
        bits = (uint32_t)wide;
        memcpy(out, &bits, sizeof(bits));
        return true;
    }
    *out = strtof(text, &end);
    return is_number(text) && *end == '\0' && !isinf(*out);
}

static bool read_f64(const char *text, double *out)
{
    uint64_t bits;
    char *end;

    if (read_special(text, &f64_format, &bits)) {
        memcpy(out, &bits, sizeof(bits));
        return true;
    }
    *out = strtod(text, &end);
    return is_number(text) && *end == '\0' && !isinf(*out);
}

/* The number's least significant byte is the first one in memory. */
static bool read_v128(const char *text, wasmrt_v128 *out)
{
    size_t len;

    if (strncmp(text, "0x", 2) != 0)
        return false;
    text += 2;
    len = strlen(text);
    if (len == 0 || len > 32)
        return false;
    memset(out, 0, sizeof(*out));
    for (size_t i = 0; i < len; i++) {
        int digit = digit_value(text[len - 1 - i]);

        if (digit > 15)
            return false;
        out->bytes[i / 2] |= (uint8_t)(digit << (i % 2 * 4));
    }
    return true;
}

bool cli_parse_value(const char *text, wasmrt_kind kind, wasmrt_val *out)
{
    uint64_t bits = 0;
    bool ok;

    memset(out, 0, sizeof(*out));
    out->kind = kind;
    switch (kind) {
    case WASMRT_I32:
        ok = read_int(text, 32, &bits);
        out->of.i32 = (int32_t)(uint32_t)bits;
        return ok;
    case WASMRT_I64:
        ok = read_int(text, 64, &bits);
        out->of.i64 = (int64_t)bits;
        return ok;
    case WASMRT_F32: return read_f32(text, &out->of.f32);
    case WASMRT_F64: return read_f64(text, &out->of.f64);
    case WASMRT_V128: return read_v128(text, &out->of.v128);
    default: return strcmp(text, "null") == 0;
    }
}

/* -- Writing --------------------------------------------------------------- */

/* True when the bits are those of an infinity or a NaN, which is written. */
static bool put_special(FILE *out, uint64_t bits,
                        const struct float_format *format)
{
    uint64_t payload = bits & (format->canonical * 2 - 1);
    const char *sign = bits >> (format->bits - 1) ? "-" : "";

    if ((bits & format->infinity) != format->infinity)
        return false;
    if (payload == 0)
        fprintf(out, "%sinf", sign);
    else if (payload == format->canonical)
        fprintf(out, "%snan", sign);
    else
        fprintf(out, "%snan:0x%" PRIx64, sign, payload);
    return true;
}

/* The first number of digits that reads back as the same value. */
static void put_f32(FILE *out, float value)
{
    char text[32];
    uint32_t bits;

    memcpy(&bits, &value, sizeof(bits));
    if (put_special(out, bits, &f32_format))
        return;
    for (int digits = 1; digits <= FLT_DECIMAL_DIG; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, (double)value);
        if (strtof(text, NULL) == value)
            break;
    }
    fputs(text, out);
}

static void put_f64(FILE *out, double value)
{
    char text[32];
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    if (put_special(out, bits, &f64_format))
        return;
    for (int digits = 1; digits <= DBL_DECIMAL_DIG; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    fputs(text, out);
}

static void put_v128(FILE *out, const wasmrt_v128 *value)
{
    fputs("0x", out);
    for (size_t i = sizeof(value->bytes); i-- > 0;)
        fprintf(out, "%02x", value->bytes[i]);
}

void cli_put_value(FILE *out, const wasmrt_val *value)
{
    switch (value->kind) {
    case WASMRT_I32: fprintf(out, "%" PRId32, value->of.i32); break;
    case WASMRT_I64: fprintf(out, "%" PRId64, value->of.i64); break;
    case WASMRT_F32: put_f32(out, value->of.f32); break;
    case WASMRT_F64: put_f64(out, value->of.f64); break;
    case WASMRT_V128: put_v128(out, &value->of.v128); break;
    default: fputs(value->of.ref ? "ref" : "null", out); break;
    }
    fprintf(out, " : %s", cli_kind_name(value->kind));
}
