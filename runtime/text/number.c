/*
 * Numbers of the text format: shapes, integers, floats.
 *
 * A float is first brought to a 64-bit significand with its top bit set, a
 * binary exponent, and a flag for anything nonzero below ("sticky"); then one
 * rounding makes it a float or a double.  Hexadecimal digits give that form
 * directly.  Decimal digits go through an exact quotient of big integers
 * (decimal.c).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/text/number.h"

#include "runtime/text/decimal.h"

/* A cursor over the text of a number. */
struct scan {
    const char *pos, *end;
};

static bool is_digit(char c, bool hex)
{
    return (c >= '0' && c <= '9') ||
           (hex && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')));
}

static unsigned digit_value(char c)
{
    if (c <= '9')
        return (unsigned)(c - '0');
    return (unsigned)((c | 0x20) - 'a') + 10;
}

static bool eat(struct scan *s, char c)
{
    if (s->pos == s->end || *s->pos != c)
        return false;
    s->pos++;
    return true;
}

static bool eat_text(struct scan *s, const char *text)
{
    size_t len = strlen(text);

    if ((size_t)(s->end - s->pos) < len || memcmp(s->pos, text, len) != 0)
        return false;
    s->pos += len;
    return true;
}

static bool eat_sign(struct scan *s)
{
    return eat(s, '+') || eat(s, '-');
}

/* Digits with single underscores between them. */
static bool eat_digits(struct scan *s, bool hex)
{
    do {
        if (s->pos == s->end || !is_digit(*s->pos, hex))
            return false;
        while (s->pos != s->end && is_digit(*s->pos, hex))
            s->pos++;
    } while (eat(s, '_'));
    return true;
}

/* -- Shapes ---------------------------------------------------------------- */

/* "inf", "nan", "nan:0x...", behind the sign. */
static bool is_special(struct scan s)
{
    if (eat_text(&s, "inf"))
        return s.pos == s.end;
    if (!eat_text(&s, "nan"))
        return false;
    if (s.pos == s.end)
        return true;
    return eat_text(&s, ":0x") && eat_digits(&s, true) && s.pos == s.end;
}

enum wrt_token_kind wrt_number_shape(const char *text, size_t len)
{
    struct scan s = {text, text + len};
    bool is_signed = eat_sign(&s), is_float = false, hex;

    if (is_special(s))
        return WRT_TOKEN_FLOAT;
    hex = eat_text(&s, "0x");
    if (!eat_digits(&s, hex))
        return WRT_TOKEN_RESERVED;
    if (eat(&s, '.')) {
        is_float = true;
        if (s.pos != s.end && is_digit(*s.pos, hex) && !eat_digits(&s, hex))
            return WRT_TOKEN_RESERVED;
    }
    if (eat(&s, hex ? 'p' : 'e') || eat(&s, hex ? 'P' : 'E')) {
        is_float = true;
        eat_sign(&s);
        if (!eat_digits(&s, false))
            return WRT_TOKEN_RESERVED;
    }
    if (s.pos != s.end)
        return WRT_TOKEN_RESERVED;
    if (is_float)
        return WRT_TOKEN_FLOAT;
    return is_signed ? WRT_TOKEN_INT : WRT_TOKEN_NAT;
}

/* -- Integers -------------------------------------------------------------- */

/* All digits up to the end; false on overflow. */
static bool read_magnitude(struct scan s, uint64_t *out)
{
    bool hex = eat_text(&s, "0x");
    uint64_t base = hex ? 16 : 10, value = 0;

    for (; s.pos != s.end; s.pos++) {
        if (*s.pos == '_')
            continue;
        if (__builtin_mul_overflow(value, base, &value) ||
            __builtin_add_overflow(value, digit_value(*s.pos), &value))
            return false;
    }
    *out = value;
    return true;
}

bool wrt_number_int(const char *text, size_t len, unsigned bits, uint64_t *out)
{
    struct scan s = {text, text + len};
    bool negative = len > 0 && text[0] == '-';
    uint64_t value;

    eat_sign(&s);
    if (!read_magnitude(s, &value))
        return false;
    if (negative) {
        if (value > (uint64_t)1 << (bits - 1))
            return false;
        *out = 0 - value;
        return true;
    }
    *out = value;
    return bits == 64 || value >> bits == 0;
}

/* -- Floats ---------------------------------------------------------------- */

/* Sizes of the two formats. */
struct format {
    unsigned bits;
    unsigned precision; /* significand bits with the hidden one */
    int bias;
};

/* Drops the low n bits (0 <= n), rounding to nearest, ties to even. */
static uint64_t round_off(uint64_t significand, unsigned n, bool sticky)
{
    uint64_t half, rest, kept;

    if (n == 0)
        return significand;
    if (n > 64)
        return 0;
    half = (uint64_t)1 << (n - 1);
    rest = n == 64 ? significand : significand & ((half << 1) - 1);
    kept = n == 64 ? 0 : significand >> n;
    if (rest > half || (rest == half && (sticky || (kept & 1))))
        kept++;
    return kept;
}

/* Packs significand * 2^exponent, whose top bit is set; false when it rounds
 * to infinity. */
static bool pack(const struct format *f, const struct wrt_binary *value,
                 uint64_t *out)
{
    unsigned fraction_bits = f->precision - 1, drop = 64 - f->precision;
    int64_t biased = value->exponent + 63 + f->bias;
    uint64_t kept, limit = (uint64_t)2 * (uint64_t)f->bias + 1;

    if (value->significand == 0) {
        *out = 0;
        return true;
    }
    if (biased > (int64_t)limit)
        return false;
    if (biased < 1) {
        /* Subnormal: the exponent is that of the smallest normal number. */
        if (biased < -(int64_t)f->precision - 1)
            biased = -(int64_t)f->precision - 1;
        drop += (unsigned)(1 - biased);
        *out = round_off(value->significand, drop, value->sticky);
        return true;
    }
    kept = round_off(value->significand, drop, value->sticky);
    /* The hidden bit adds one to the exponent, and so does a carry. */
    *out = ((uint64_t)(biased - 1) << fraction_bits) + kept;
    return *out >> fraction_bits < limit;
}

/* A decimal exponent, clamped: what lies beyond overflows or vanishes. */
static int64_t read_exponent(struct scan *s)
{
    bool negative = s->pos != s->end && *s->pos == '-';
    int64_t value = 0;

    eat_sign(s);
    for (; s->pos != s->end; s->pos++) {
        if (*s->pos != '_' && value < 1000000000000)
            value = value * 10 + (int64_t)digit_value(*s->pos);
    }
    return negative ? -value : value;
}

/* Hexadecimal digits with an optional point and exponent, behind "0x". */
static void read_hex(struct scan s, struct wrt_binary *out)
{
    bool point = false;

    *out = (struct wrt_binary){0};
    for (; s.pos != s.end && (*s.pos | 0x20) != 'p'; s.pos++) {
        unsigned digit;

        if (*s.pos == '.')
            point = true;
        if (*s.pos == '.' || *s.pos == '_')
            continue;
        digit = digit_value(*s.pos);
        if (out->significand >> 60 == 0) {
            out->significand = out->significand << 4 | digit;
            out->exponent -= point ? 4 : 0;
        } else {
            /* Full: at least 61 significant bits are kept. */
            out->sticky |= digit != 0;
            out->exponent += point ? 0 : 4;
        }
    }
    if (s.pos != s.end) {
        s.pos++;
        out->exponent += read_exponent(&s);
    }
    if (out->significand) {
        int shift = __builtin_clzll(out->significand);

        out->significand <<= shift;
        out->exponent -= shift;
    }
}

/* Decimal digits with an optional point and exponent. */
static void read_decimal(struct scan s, struct wrt_binary *out)
{
    struct wrt_decimal d = {0};
    bool point = false;

    for (; s.pos != s.end && (*s.pos | 0x20) != 'e'; s.pos++) {
        if (*s.pos == '.')
            point = true;
        if (*s.pos == '.' || *s.pos == '_')
            continue;
        wrt_decimal_digit(&d, digit_value(*s.pos), point);
    }
    if (s.pos != s.end) {
        s.pos++;
        d.exponent += read_exponent(&s);
    }
    wrt_decimal_to_binary(&d, out);
}

/* nan or nan:0x..., behind the sign and "nan". */
static bool read_nan(struct scan s, const struct format *f, uint64_t *out)
{
    unsigned fraction_bits = f->precision - 1;
    uint64_t payload = (uint64_t)1 << (fraction_bits - 1);

    if (eat(&s, ':') && (!read_magnitude(s, &payload) || payload == 0 ||
                         payload >> fraction_bits != 0))
        return false;
    *out = ((uint64_t)(2 * f->bias + 1) << fraction_bits) | payload;
    return true;
}

bool wrt_number_float(const char *text, size_t len, unsigned bits,
                      uint64_t *out)
{
    const struct format f = bits == 32 ? (struct format){32, 24, 127}
                                       : (struct format){64, 53, 1023};
    struct scan s = {text, text + len};
    struct wrt_binary value;
    bool negative = len > 0 && text[0] == '-', ok = true;

    eat_sign(&s);
    if (eat_text(&s, "inf")) {
        *out = (uint64_t)(2 * f.bias + 1) << (f.precision - 1);
    } else if (eat_text(&s, "nan")) {
        ok = read_nan(s, &f, out);
    } else {
        if (eat_text(&s, "0x"))
            read_hex(s, &value);
        else
            read_decimal(s, &value);
        ok = pack(&f, &value, out);
    }
    *out |= (uint64_t)negative << (bits - 1);
    return ok;
}
