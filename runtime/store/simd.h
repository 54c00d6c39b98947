/*
 * Exact vector arithmetic (spec 4.3, v128) where the compilers' vector
 * operators do not say the same: shared by the engines, so that they agree to
 * the last bit.  The rows of iop.def say which instruction is which
 * expression.
 *
 * Operators on vectors work lane by lane; comparisons give lanes of all ones or
 * zeros.  Integer arithmetic is written with unsigned lanes, since overflow of
 * signed ones is undefined.
 *
 * NaN: as in numeric.h.  Relaxed instructions do what the specification's
 * deterministic profile says, which is in each case what the strict
 * instruction of the same kind does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_SIMD_H
#define WRT_STORE_SIMD_H

#include "runtime/base/vec128.h"
#include "runtime/store/numeric.h"

/* -- Choice ---------------------------------------------------------------- */

/* The bits of a where mask has ones, those of b elsewhere. */
WRT_INLINE wrt_v128 wrt_v128_select(wrt_v128 mask, wrt_v128 a, wrt_v128 b)
{
    return (a & mask) | (b & ~mask);
}

#define WRT_VEC_SELECT(mask, a, b)                                             \
    wrt_v128_select((wrt_v128)(mask), (wrt_v128)(a), (wrt_v128)(b))

WRT_INLINE bool wrt_v128_any_true(wrt_v128 a)
{
    return (a[0] | a[1]) != 0;
}

/* -- One value in every lane, or in one ------------------------------------ */

#define WRT_VEC_SPLAT(vec, lane, ...)                                          \
    WRT_INLINE wrt_##vec wrt_##vec##_splat(lane x)                             \
    {                                                                          \
        return (wrt_##vec){__VA_ARGS__};                                       \
    }

WRT_VEC_SPLAT(u8x16, uint8_t, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x)
WRT_VEC_SPLAT(u16x8, uint16_t, x, x, x, x, x, x, x, x)
WRT_VEC_SPLAT(u32x4, uint32_t, x, x, x, x)
WRT_VEC_SPLAT(u64x2, uint64_t, x, x)
WRT_VEC_SPLAT(f32x4, float, x, x, x, x)
WRT_VEC_SPLAT(f64x2, double, x, x)

#undef WRT_VEC_SPLAT

/* One value in lane 0, zeros elsewhere. */
WRT_INLINE wrt_f32x4 wrt_f32x4_zero(float x)
{
    return (wrt_f32x4){x};
}

WRT_INLINE wrt_f64x2 wrt_f64x2_zero(double x)
{
    return (wrt_f64x2){x};
}

/* Lane `lane` of a replaced by x: without a variable index into a register,
 * which would take a detour through memory. */
#define WRT_VEC_REPLACE(vec, mask, index, x_type, ...)                         \
    WRT_INLINE wrt_##vec wrt_##vec##_replace(wrt_##vec a, uint32_t lane,       \
                                             x_type x)                         \
    {                                                                          \
        wrt_##mask here = (wrt_##mask)((wrt_##mask){__VA_ARGS__} ==            \
                                       wrt_##mask##_splat((index)lane));       \
        return (wrt_##vec)WRT_VEC_SELECT(here, wrt_##vec##_splat(x), a);       \
    }

WRT_VEC_REPLACE(u8x16, u8x16, uint8_t, uint8_t, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
                10, 11, 12, 13, 14, 15)
WRT_VEC_REPLACE(u16x8, u16x8, uint16_t, uint16_t, 0, 1, 2, 3, 4, 5, 6, 7)
WRT_VEC_REPLACE(u32x4, u32x4, uint32_t, uint32_t, 0, 1, 2, 3)
WRT_VEC_REPLACE(u64x2, u64x2, uint64_t, uint64_t, 0, 1)
WRT_VEC_REPLACE(f32x4, u32x4, uint32_t, float, 0, 1, 2, 3)
WRT_VEC_REPLACE(f64x2, u64x2, uint64_t, double, 0, 1)

#undef WRT_VEC_REPLACE

/* -- Integers -------------------------------------------------------------- */

#define WRT_VEC_ORDERED(vec)                                                   \
    WRT_INLINE wrt_##vec wrt_##vec##_min(wrt_##vec a, wrt_##vec b)             \
    {                                                                          \
        return (wrt_##vec)WRT_VEC_SELECT(a < b, a, b);                         \
    }                                                                          \
    WRT_INLINE wrt_##vec wrt_##vec##_max(wrt_##vec a, wrt_##vec b)             \
    {                                                                          \
        return (wrt_##vec)WRT_VEC_SELECT(a > b, a, b);                         \
    }

WRT_VEC_ORDERED(i8x16)
WRT_VEC_ORDERED(u8x16)
WRT_VEC_ORDERED(i16x8)
WRT_VEC_ORDERED(u16x8)
WRT_VEC_ORDERED(i32x4)
WRT_VEC_ORDERED(u32x4)

#undef WRT_VEC_ORDERED

/* The absolute value modulo 2^n: that of the least value is itself. */
#define WRT_VEC_ABS(signed_vec, vec)                                           \
    WRT_INLINE wrt_##vec wrt_##signed_vec##_abs(wrt_##signed_vec a)            \
    {                                                                          \
        wrt_##vec negative = (wrt_##vec)(a < 0);                               \
        return ((wrt_##vec)a ^ negative) - negative;                           \
    }

WRT_VEC_ABS(i8x16, u8x16)
WRT_VEC_ABS(i16x8, u16x8)
WRT_VEC_ABS(i32x4, u32x4)
WRT_VEC_ABS(i64x2, u64x2)

#undef WRT_VEC_ABS

/* (a + b + 1) / 2 without a wider type. */
WRT_INLINE wrt_u8x16 wrt_u8x16_avgr(wrt_u8x16 a, wrt_u8x16 b)
{
    return (a | b) - ((a ^ b) >> 1);
}

WRT_INLINE wrt_u16x8 wrt_u16x8_avgr(wrt_u16x8 a, wrt_u16x8 b)
{
    return (a | b) - ((a ^ b) >> 1);
}

/* Sums of bits in groups of two, four, eight. */
WRT_INLINE wrt_u8x16 wrt_u8x16_popcnt(wrt_u8x16 a)
{
    a -= a >> 1 & 0x55;
    a = (a & 0x33) + (a >> 2 & 0x33);
    return (a + (a >> 4)) & 0x0f;
}

/* (a * b + 2^14) >> 15, saturated: only -2^15 squared needs it. */
WRT_INLINE wrt_i16x8 wrt_i16x8_q15mulr_sat(wrt_i16x8 a, wrt_i16x8 b)
{
    wrt_u16x8 high = (wrt_u16x8)wrt_i16x8_mul_high(a, b);
    wrt_u16x8 low = (wrt_u16x8)a * (wrt_u16x8)b;
    wrt_u16x8 r = (high << 1) + (low >> 15) + (low >> 14 & 1);

    return (wrt_i16x8)(r ^ (wrt_u16x8)(r == 0x8000));
}

/* -- Shifts ---------------------------------------------------------------- */

/* Bytes are shifted as pairs, then rid of their neighbours' bits. */
WRT_INLINE wrt_u8x16 wrt_i8x16_shl(wrt_u8x16 a, uint32_t n)
{
    n &= 7;
    return (wrt_u8x16)((wrt_u16x8)a << (uint16_t)n) &
           wrt_u8x16_splat((uint8_t)(0xff << n));
}

WRT_INLINE wrt_u8x16 wrt_i8x16_shr_u(wrt_u8x16 a, uint32_t n)
{
    n &= 7;
    return (wrt_u8x16)((wrt_u16x8)a >> (uint16_t)n) &
           wrt_u8x16_splat((uint8_t)(0xff >> n));
}

/* Flipping the sign bit and subtracting it extends it. */
WRT_INLINE wrt_u8x16 wrt_i8x16_shr_s(wrt_u8x16 a, uint32_t n)
{
    wrt_u8x16 sign = wrt_u8x16_splat((uint8_t)(0x80 >> (n & 7)));

    return (wrt_i8x16_shr_u(a, n) ^ sign) - sign;
}

WRT_INLINE wrt_u64x2 wrt_i64x2_shr_s(wrt_u64x2 a, uint32_t n)
{
    wrt_u64x2 sign = wrt_u64x2_splat((uint64_t)1 << 63 >> (n & 63));

    return (a >> (uint64_t)(n & 63) ^ sign) - sign;
}

/* -- Wider lanes ----------------------------------------------------------- */

/* Lanes of a and b in turn, from the lower or the upper halves. */
#define WRT_ZIP_LOW_8(a, b)                                                    \
    __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, \
                            22, 7, 23)
#define WRT_ZIP_HIGH_8(a, b)                                                   \
    __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13,    \
                            29, 14, 30, 15, 31)
#define WRT_ZIP_LOW_16(a, b)                                                   \
    __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define WRT_ZIP_HIGH_16(a, b)                                                  \
    __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#define WRT_ZIP_LOW_32(a, b)  __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define WRT_ZIP_HIGH_32(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)

/*
 * WRT_VEC_WIDER(wide, narrow, bits): from lanes of `bits` to twice that, signed
 * (i) and unsigned (u): extend_low, extend_high, and extadd_pairwise, the sums
 * of neighbours.
 */
#define WRT_VEC_WIDER(wide, narrow, bits)                                      \
    WRT_INLINE wrt_i##wide wrt_i##wide##_low(wrt_i##narrow a)                  \
    {                                                                          \
        return (wrt_i##wide)WRT_ZIP_LOW_##bits(a, (wrt_i##narrow)(a < 0));     \
    }                                                                          \
    WRT_INLINE wrt_i##wide wrt_i##wide##_high(wrt_i##narrow a)                 \
    {                                                                          \
        return (wrt_i##wide)WRT_ZIP_HIGH_##bits(a, (wrt_i##narrow)(a < 0));    \
    }                                                                          \
    WRT_INLINE wrt_u##wide wrt_u##wide##_low(wrt_u##narrow a)                  \
    {                                                                          \
        return (wrt_u##wide)WRT_ZIP_LOW_##bits(a, (wrt_u##narrow){0});         \
    }                                                                          \
    WRT_INLINE wrt_u##wide wrt_u##wide##_high(wrt_u##narrow a)                 \
    {                                                                          \
        return (wrt_u##wide)WRT_ZIP_HIGH_##bits(a, (wrt_u##narrow){0});        \
    }                                                                          \
    /* The lower and the upper lane of each pair, in place. */                 \
    WRT_INLINE wrt_i##wide wrt_i##wide##_even(wrt_i##narrow a)                 \
    {                                                                          \
        return (wrt_i##wide)((wrt_u##wide)a << (bits)) >> (bits);              \
    }                                                                          \
    WRT_INLINE wrt_i##wide wrt_i##wide##_odd(wrt_i##narrow a)                  \
    {                                                                          \
        return (wrt_i##wide)a >> (bits);                                       \
    }                                                                          \
    WRT_INLINE wrt_u##wide wrt_u##wide##_even(wrt_u##narrow a)                 \
    {                                                                          \
        return (wrt_u##wide)a << (bits) >> (bits);                             \
    }                                                                          \
    WRT_INLINE wrt_u##wide wrt_u##wide##_odd(wrt_u##narrow a)                  \
    {                                                                          \
        return (wrt_u##wide)a >> (bits);                                       \
    }                                                                          \
    WRT_INLINE wrt_u##wide wrt_i##wide##_extadd(wrt_i##narrow a)               \
    {                                                                          \
        return (wrt_u##wide)wrt_i##wide##_even(a) +                            \
               (wrt_u##wide)wrt_i##wide##_odd(a);                              \
    }                                                                          \
    WRT_INLINE wrt_u##wide wrt_u##wide##_extadd(wrt_u##narrow a)               \
    {                                                                          \
        return wrt_u##wide##_even(a) + wrt_u##wide##_odd(a);                   \
    }

WRT_VEC_WIDER(16x8, 8x16, 8)
WRT_VEC_WIDER(32x4, 16x8, 16)

#undef WRT_VEC_WIDER

WRT_INLINE wrt_i64x2 wrt_i64x2_low(wrt_i32x4 a)
{
    return (wrt_i64x2)WRT_ZIP_LOW_32(a, (wrt_i32x4)(a < 0));
}

WRT_INLINE wrt_i64x2 wrt_i64x2_high(wrt_i32x4 a)
{
    return (wrt_i64x2)WRT_ZIP_HIGH_32(a, (wrt_i32x4)(a < 0));
}

WRT_INLINE wrt_u64x2 wrt_u64x2_low(wrt_u32x4 a)
{
    return (wrt_u64x2)WRT_ZIP_LOW_32(a, (wrt_u32x4){0});
}

WRT_INLINE wrt_u64x2 wrt_u64x2_high(wrt_u32x4 a)
{
    return (wrt_u64x2)WRT_ZIP_HIGH_32(a, (wrt_u32x4){0});
}

/* Products of lanes i and i + 1, twice as wide. */
WRT_INLINE wrt_u64x2 wrt_i64x2_extmul(wrt_i32x4 a, wrt_i32x4 b, int i)
{
    return (wrt_u64x2){(uint64_t)((int64_t)a[i] * b[i]),
                       (uint64_t)((int64_t)a[i + 1] * b[i + 1])};
}

WRT_INLINE wrt_u64x2 wrt_u64x2_extmul(wrt_u32x4 a, wrt_u32x4 b, int i)
{
    return (wrt_u64x2){(uint64_t)a[i] * b[i], (uint64_t)a[i + 1] * b[i + 1]};
}

/* Sums of the products of neighbouring bytes, modulo 2^16; and then of
 * neighbouring sums and c, modulo 2^32. */
WRT_INLINE wrt_u16x8 wrt_i8x16_dot(wrt_i8x16 a, wrt_i8x16 b)
{
    return (wrt_u16x8)wrt_i16x8_even(a) * (wrt_u16x8)wrt_i16x8_even(b) +
           (wrt_u16x8)wrt_i16x8_odd(a) * (wrt_u16x8)wrt_i16x8_odd(b);
}

WRT_INLINE wrt_u32x4 wrt_i8x16_dot_add(wrt_i8x16 a, wrt_i8x16 b, wrt_i8x16 c)
{
    return wrt_i32x4_extadd((wrt_i16x8)wrt_i8x16_dot(a, b)) + (wrt_u32x4)c;
}

/* -- Floats ---------------------------------------------------------------- */

/* min and max as in numeric.h; pmin and pmax choose an operand by one
 * comparison, which a NaN fails. */
#define WRT_VEC_FLOAT_OPS(vec, mask, sign)                                     \
    WRT_INLINE wrt_##vec wrt_##vec##_abs(wrt_##vec a)                          \
    {                                                                          \
        return (wrt_##vec)((wrt_##mask)a & ~(sign));                           \
    }                                                                          \
    WRT_INLINE wrt_##vec wrt_##vec##_neg(wrt_##vec a)                          \
    {                                                                          \
        return (wrt_##vec)((wrt_##mask)a ^ (sign));                            \
    }                                                                          \
    WRT_INLINE wrt_##vec wrt_##vec##_pmin(wrt_##vec a, wrt_##vec b)            \
    {                                                                          \
        return (wrt_##vec)WRT_VEC_SELECT(b < a, b, a);                         \
    }                                                                          \
    WRT_INLINE wrt_##vec wrt_##vec##_pmax(wrt_##vec a, wrt_##vec b)            \
    {                                                                          \
        return (wrt_##vec)WRT_VEC_SELECT(a < b, b, a);                         \
    }                                                                          \
    /* Equal: the signs decide.  Unordered: the sum is a quiet NaN. */         \
    WRT_INLINE wrt_##vec wrt_##vec##_min(wrt_##vec a, wrt_##vec b)             \
    {                                                                          \
        wrt_##mask equal = (wrt_##mask)a | (wrt_##mask)b;                      \
        wrt_v128 other = WRT_VEC_SELECT(b < a, b, a + b);                      \
        other = WRT_VEC_SELECT(a < b, a, other);                               \
        return (wrt_##vec)WRT_VEC_SELECT(a == b, equal, other);                \
    }                                                                          \
    WRT_INLINE wrt_##vec wrt_##vec##_max(wrt_##vec a, wrt_##vec b)             \
    {                                                                          \
        wrt_##mask equal = (wrt_##mask)a & (wrt_##mask)b;                      \
        wrt_v128 other = WRT_VEC_SELECT(b > a, b, a + b);                      \
        other = WRT_VEC_SELECT(a > b, a, other);                               \
        return (wrt_##vec)WRT_VEC_SELECT(a == b, equal, other);                \
    }

WRT_VEC_FLOAT_OPS(f32x4, u32x4, 0x80000000u)
WRT_VEC_FLOAT_OPS(f64x2, u64x2, 0x8000000000000000u)

#undef WRT_VEC_FLOAT_OPS

/* -- Conversions ----------------------------------------------------------- */

/* Lanes that do not fit are zeroed before they are converted, and replaced
 * afterwards: the conversion itself is defined only for those that fit. */
WRT_INLINE wrt_i32x4 wrt_f32x4_i32_sat(wrt_f32x4 a)
{
    wrt_i32x4 fits = (a >= -0x1p31f) & (a < 0x1p31f);
    wrt_f32x4 known = (wrt_f32x4)((wrt_i32x4)a & fits);

    return __builtin_convertvector(known, wrt_i32x4) |
           ((a < -0x1p31f) & INT32_MIN) | ((a >= 0x1p31f) & INT32_MAX);
}

/* In two halves, since no instruction converts to unsigned lanes: what is
 * above 2^31 has no fraction. */
WRT_INLINE wrt_u32x4 wrt_f32x4_u32_sat(wrt_f32x4 a)
{
    wrt_i32x4 large = a >= 0x1p31f, fits = (a > -1.0f) & (a < 0x1p32f);
    wrt_f32x4 rest =
        a - (wrt_f32x4)((wrt_i32x4)wrt_f32x4_splat(0x1p31f) & large);
    wrt_f32x4 known = (wrt_f32x4)((wrt_i32x4)rest & fits);

    return ((wrt_u32x4) __builtin_convertvector(known, wrt_i32x4) ^
            (wrt_u32x4)(large & INT32_MIN)) |
           (wrt_u32x4)(a >= 0x1p32f);
}

WRT_INLINE wrt_i32x4 wrt_f64x2_i32_sat(wrt_f64x2 a)
{
    return (wrt_i32x4){wrt_f64_i32_sat(a[0]), wrt_f64_i32_sat(a[1])};
}

WRT_INLINE wrt_u32x4 wrt_f64x2_u32_sat(wrt_f64x2 a)
{
    return (wrt_u32x4){wrt_f64_u32_sat(a[0]), wrt_f64_u32_sat(a[1])};
}

#endif
