/*
 * Pieces of the text format: numbers, strings, identifiers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/text/put.h"

#include "runtime/text/lex.h"
#include "runtime/text/number.h"

#include <stdio.h>

/* -- Integers -------------------------------------------------------------- */

void wrt_put_text(struct wrt_buf *out, const char *text)
{
    wrt_buf_bytes(out, text, strlen(text));
}

void wrt_put_uint(struct wrt_buf *out, uint64_t value)
{
    char digits[20];
    size_t n = sizeof(digits);

    do {
        digits[--n] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    wrt_buf_bytes(out, digits + n, sizeof(digits) - n);
}

void wrt_put_int(struct wrt_buf *out, int64_t value)
{
    if (value < 0)
        wrt_buf_u8(out, '-');
    wrt_put_uint(out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void wrt_put_hex(struct wrt_buf *out, uint64_t value, unsigned ndigits)
{
    static const char digits[] = "0123456789abcdef";

    if (ndigits == 0) {
        do
            ndigits++;
        while (ndigits < 16 && value >> (4 * ndigits));
    }
    wrt_put_text(out, "0x");
    while (ndigits-- > 0)
        wrt_buf_u8(out, (unsigned char)digits[value >> (4 * ndigits) & 15]);
}

/* -- Floats ---------------------------------------------------------------- */

enum { MAX_DIGITS = 17, MAX_POSITION = 20 };

/* d.ddd * 10^exponent, without zeros at the end. */
struct decimal {
    char digits[MAX_DIGITS];
    int count, exponent;
};

/*
 * The value, which is finite and not negative, to `precision` digits.  The
 * C library writes its locale's decimal point, so the digits are picked out.
 */
static void to_decimal(double value, int precision, struct decimal *out)
{
    char text[48];
    const char *p = text;

    snprintf(text, sizeof(text), "%.*e", precision - 1, value);
    out->count = 0;
    for (; *p != 'e'; p++) {
        if (*p >= '0' && *p <= '9' && out->count < MAX_DIGITS)
            out->digits[out->count++] = *p;
    }
    out->exponent = 0;
    for (const char *e = p + 2; *e; e++)
        out->exponent = out->exponent * 10 + (*e - '0');
    if (p[1] == '-')
        out->exponent = -out->exponent;
    while (out->count > 1 && out->digits[out->count - 1] == '0')
        out->count--;
}

/* Positional where that is short, else scientific; returns the length. */
static size_t write_decimal(const struct decimal *d, char *text, size_t size)
{
    bool is_scientific = d->exponent < -5 || d->exponent > MAX_POSITION;
    int point = is_scientific ? 0 : d->exponent, n = 0;

    if (point < 0) {
        text[n++] = '0';
        text[n++] = '.';
        for (int i = point + 1; i < 0; i++)
            text[n++] = '0';
    }
    /* The point stands behind digit number `point`. */
    for (int i = 0; i <= point || i < d->count; i++) {
        if (i > 0 && i == point + 1)
            text[n++] = '.';
        text[n++] = i < d->count ? d->digits[i] : '0';
    }
    if (is_scientific)
        n += snprintf(text + n, size - (size_t)n, "e%d", d->exponent);
    return (size_t)n;
}

static void put_finite(struct wrt_buf *out, double value, uint64_t bits,
                       unsigned width)
{
    char text[64];
    size_t len = 0;

    /* Six or fifteen digits are enough for most constants that people write;
     * nine or seventeen for every float. */
    for (int n = width == 32 ? 6 : 15; n <= (width == 32 ? 9 : 17); n++) {
        struct decimal d;
        uint64_t again;

        to_decimal(value, n, &d);
        len = write_decimal(&d, text, sizeof(text));
        if (wrt_number_float(text, len, width, &again) && again == bits)
            break;
    }
    wrt_buf_bytes(out, text, len);
}

void wrt_put_float(struct wrt_buf *out, uint64_t bits, unsigned width)
{
    unsigned fraction = width == 32 ? 23 : 52;
    uint64_t sign = (uint64_t)1 << (width - 1);
    uint64_t payload = bits & (((uint64_t)1 << fraction) - 1);
    bool is_special = (bits & ~sign) >> fraction == (width == 32 ? 255 : 2047);
    uint32_t low;
    float narrow;
    double value;

    if (bits & sign)
        wrt_buf_u8(out, '-');
    bits &= ~sign;
    low = (uint32_t)bits;
    memcpy(&narrow, &low, sizeof(narrow));
    memcpy(&value, &bits, sizeof(value));
    if (!is_special) {
        put_finite(out, width == 32 ? (double)narrow : value, bits, width);
    } else if (payload == 0) {
        wrt_put_text(out, "inf");
    } else {
        wrt_put_text(out, "nan");
        if (payload != (uint64_t)1 << (fraction - 1)) {
            wrt_buf_u8(out, ':');
            wrt_put_hex(out, payload, 0);
        }
    }
}

/* -- Strings --------------------------------------------------------------- */

/* Writes a character below 0x80, or a byte of data, with its escape. */
static void put_byte(struct wrt_buf *out, uint8_t c)
{
    static const char short_escapes[] = "\tt\nn\rr\"\"\\\\";
    static const char digits[] = "0123456789abcdef";

    for (const char *e = short_escapes; *e; e += 2) {
        if ((uint8_t)*e == c) {
            wrt_buf_u8(out, '\\');
            wrt_buf_u8(out, (uint8_t)e[1]);
            return;
        }
    }
    if (c >= 0x20 && c < 0x7f) {
        wrt_buf_u8(out, c);
        return;
    }
    wrt_buf_u8(out, '\\');
    wrt_buf_u8(out, (uint8_t)digits[c >> 4]);
    wrt_buf_u8(out, (uint8_t)digits[c & 15]);
}

void wrt_put_data(struct wrt_buf *out, const uint8_t *bytes, size_t len)
{
    wrt_buf_u8(out, '"');
    for (size_t i = 0; i < len; i++)
        put_byte(out, bytes[i]);
    wrt_buf_u8(out, '"');
}

/* Reads a code point of valid UTF-8. */
static uint32_t code_point(const uint8_t *p, size_t *len)
{
    uint32_t c = *p;

    *len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    if (*len > 1)
        c &= 0x7fu >> *len;
    for (size_t i = 1; i < *len; i++)
        c = c << 6 | (p[i] & 0x3f);
    return c;
}

/* Characters that a reader would not see, or that move what stands around
 * them. */
static bool is_invisible(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0x80, 0xa0},       {0xad, 0xad},     {0x61c, 0x61c},
        {0x200b, 0x200f},   {0x2028, 0x202f}, {0x2060, 0x206f},
        {0xfe00, 0xfe0f},   {0xfeff, 0xfeff}, {0xfff9, 0xfffb},
        {0xe0000, 0xe0fff},
    };

    for (size_t i = 0; i < WRT_COUNTOF(ranges); i++) {
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    }
    return false;
}

void wrt_put_name(struct wrt_buf *out, const char *text, size_t len)
{
    const uint8_t *p = (const uint8_t *)text, *end = p + len;
    size_t n;

    wrt_buf_u8(out, '"');
    for (; p < end; p += n) {
        uint32_t c = code_point(p, &n);

        if (n == 1) {
            put_byte(out, (uint8_t)c);
        } else if (is_invisible(c)) {
            char escape[16];

            snprintf(escape, sizeof(escape), "\\u{%x}", (unsigned)c);
            wrt_put_text(out, escape);
        } else {
            wrt_buf_bytes(out, p, n);
        }
    }
    wrt_buf_u8(out, '"');
}

void wrt_put_id(struct wrt_buf *out, const char *text, size_t len)
{
    bool is_plain = true;

    for (size_t i = 0; i < len; i++)
        is_plain &= wrt_lex_is_idchar(text[i]);
    wrt_buf_u8(out, '$');
    if (is_plain)
        wrt_buf_bytes(out, text, len);
    else
        wrt_put_name(out, text, len);
}
