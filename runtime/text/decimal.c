/*
 * Decimal to binary, exactly.
 *
 * The value is a fraction of two big integers: digits * 10^e over 1, or digits
 * over 10^-e.  Scaled by a power of two so that the quotient has 64 or 65 bits,
 * it is divided bit by bit; the remainder gives the sticky flag.  This is slow
 * beside the usual tables (some microseconds), short, and evidently right.
 * Numbers of few digits and small exponents, the usual case, take a path that
 * is exact in 128 bits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/text/decimal.h"

/*
 * 769 digits and 10^LARGEST_POWER below: 2555 and 3987 bits, shifted by at most
 * another 64 + 3987 bits.
 */
enum { LIMBS = 256, LARGEST_POWER = 1200 };

/* Little-endian; limbs at count and above are zero. */
struct big {
    uint32_t limbs[LIMBS];
    unsigned count;
};

void wrt_decimal_digit(struct wrt_decimal *d, unsigned digit, bool is_fraction)
{
    if (d->count == 0 && digit == 0) {
        d->exponent -= is_fraction;
        return;
    }
    if (d->count < WRT_DECIMAL_DIGITS) {
        d->digits[d->count++] = (uint8_t)digit;
        d->exponent -= is_fraction;
    } else {
        d->sticky |= digit != 0;
        d->exponent += !is_fraction;
    }
}

/* a = a * factor + add */
static void big_mul_add(struct big *a, uint32_t factor, uint32_t add)
{
    uint64_t carry = add;

    for (unsigned i = 0; i < a->count; i++) {
        carry += (uint64_t)a->limbs[i] * factor;
        a->limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry) {
        WRT_ASSERT(a->count < LIMBS, "sizes are bounded by LARGEST_POWER");
        a->limbs[a->count++] = (uint32_t)carry;
    }
}

static void big_mul_pow10(struct big *a, int64_t power)
{
    for (; power >= 9; power -= 9)
        big_mul_add(a, 1000000000, 0);
    for (; power > 0; power--)
        big_mul_add(a, 10, 0);
}

static unsigned big_bits(const struct big *a)
{
    if (a->count == 0)
        return 0;
    return a->count * 32 - (unsigned)__builtin_clz(a->limbs[a->count - 1]);
}

static void big_shift_left(struct big *a, unsigned n)
{
    unsigned limbs = n / 32, bits = n % 32;

    WRT_ASSERT(a->count + limbs < LIMBS, "sizes are bounded by LARGEST_POWER");
    memmove(a->limbs + limbs, a->limbs, a->count * sizeof(a->limbs[0]));
    memset(a->limbs, 0, limbs * sizeof(a->limbs[0]));
    a->count += a->count ? limbs : 0;
    if (bits)
        big_mul_add(a, 1u << bits, 0);
}

static int big_compare(const struct big *a, const struct big *b)
{
    unsigned i = a->count;

    if (a->count != b->count)
        return a->count < b->count ? -1 : 1;
    while (i-- > 0) {
        if (a->limbs[i] != b->limbs[i])
            return a->limbs[i] < b->limbs[i] ? -1 : 1;
    }
    return 0;
}

/* a -= b, where a >= b */
static void big_subtract(struct big *a, const struct big *b)
{
    uint64_t borrow = 0;

    for (unsigned i = 0; i < a->count; i++) {
        uint64_t limb =
            (uint64_t)a->limbs[i] - borrow - (i < b->count ? b->limbs[i] : 0);

        a->limbs[i] = (uint32_t)limb;
        borrow = limb >> 63;
    }
    while (a->count > 0 && a->limbs[a->count - 1] == 0)
        a->count--;
}

/* num / den with 64 significant bits. */
static void divide(struct big *num, struct big *den, struct wrt_binary *out)
{
    int shift = (int)big_bits(num) - (int)big_bits(den);

    /* Align so that 1 <= num / den < 2; from then on each step doubles. */
    if (shift > 0)
        big_shift_left(den, (unsigned)shift);
    else
        big_shift_left(num, (unsigned)-shift);
    if (big_compare(num, den) < 0) {
        big_shift_left(num, 1);
        shift--;
    }
    *out = (struct wrt_binary){.exponent = shift - 63};
    for (int i = 0; i < 64; i++) {
        out->significand <<= 1;
        if (big_compare(num, den) >= 0) {
            big_subtract(num, den);
            out->significand |= 1;
        }
        big_mul_add(num, 2, 0);
    }
    out->sticky = num->count > 0;
}

/* The whole digits as an integer of 64 bits; false when there are too many. */
static bool small_integer(const struct wrt_decimal *d, uint64_t *out)
{
    *out = 0;
    if (d->count > 19)
        return false;
    for (uint32_t i = 0; i < d->count; i++)
        *out = *out * 10 + d->digits[i];
    return true;
}

/* digits / 10^-exponent with 19 digits and 10^1..10^19: a 128-bit dividend
 * whose top bit is set gives a quotient of 64 bits or more. */
static void divide_small(uint64_t digits, int64_t exponent,
                         struct wrt_binary *out)
{
    unsigned __int128 dividend, quotient;
    int shift = __builtin_clzll(digits), zeros;
    uint64_t power = 1;

    for (; exponent < 0; exponent++)
        power *= 10;
    dividend = (unsigned __int128)(digits << shift) << 64;
    quotient = dividend / power;
    zeros = quotient >> 64 ? __builtin_clzll((uint64_t)(quotient >> 64)) : 64;
    *out = (struct wrt_binary){
        .significand = (uint64_t)(quotient << zeros >> 64),
        .exponent = -zeros - shift,
        .sticky =
            (uint64_t)(quotient << zeros) != 0 || quotient * power != dividend,
    };
}

/* digits * 10^exponent, which fits 128 bits for 10^0..10^19, and the above;
 * false for other exponents and for more digits. */
static bool convert_small(const struct wrt_decimal *d, struct wrt_binary *out)
{
    unsigned __int128 product;
    uint64_t digits;
    int zeros;

    if (d->exponent < -19 || d->exponent > 19 || !small_integer(d, &digits))
        return false;
    if (d->exponent < 0) {
        divide_small(digits, d->exponent, out);
        return true;
    }
    product = digits;
    for (int64_t i = 0; i < d->exponent; i++)
        product *= 10;
    zeros = product >> 64 ? __builtin_clzll((uint64_t)(product >> 64))
                          : 64 + __builtin_clzll((uint64_t)product);
    product <<= zeros;
    *out = (struct wrt_binary){
        .significand = (uint64_t)(product >> 64),
        .exponent = 64 - zeros,
        .sticky = (uint64_t)product != 0,
    };
    return true;
}

void wrt_decimal_to_binary(struct wrt_decimal *d, struct wrt_binary *out)
{
    struct big num = {.count = 0}, den = {.limbs = {1}, .count = 1};
    int64_t magnitude = d->exponent + d->count;

    *out = (struct wrt_binary){0};
    if (d->count == 0)
        return;
    if (d->sticky) {
        d->digits[d->count++] = 1;
        d->exponent--;
    }
    /* Beyond any double: 1.8e308 is the largest, 4.9e-324 the smallest. */
    if (magnitude > 310 || magnitude < -330) {
        *out = (struct wrt_binary){(uint64_t)1 << 63,
                                   magnitude > 0 ? 100000 : -100000, true};
        return;
    }
    if (convert_small(d, out))
        return;
    for (uint32_t i = 0; i < d->count; i++)
        big_mul_add(&num, 10, d->digits[i]);
    WRT_ASSERT(d->exponent > -LARGEST_POWER, "330 + 769 digits");
    big_mul_pow10(d->exponent < 0 ? &den : &num,
                  d->exponent < 0 ? -d->exponent : d->exponent);
    divide(&num, &den, out);
}
