/*
 * Exact WebAssembly arithmetic (spec 4.3) where C's own operators do not say
 * the same: shared by the engines, so that they agree to the last bit.
 *
 * NaN: results keep what the hardware gives, which is a canonical NaN or an
 * operand's NaN made quiet; abs, neg and copysign touch the sign bit alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_NUMERIC_H
#define WRT_STORE_NUMERIC_H

#include "runtime/base/base.h"

#include "wasmrt/error.h"

#include <math.h>

__extension__ typedef unsigned __int128 wrt_u128;
__extension__ typedef __int128 wrt_i128;

WRT_INLINE wrt_u128 wrt_u128_of(uint64_t low, uint64_t high)
{
    return (wrt_u128)high << 64 | low;
}

/* -- Bits of floats -------------------------------------------------------- */

WRT_INLINE uint32_t wrt_f32_bits(float v)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof(bits));
    return bits;
}

WRT_INLINE float wrt_f32_from(uint32_t bits)
{
    float v;
    memcpy(&v, &bits, sizeof(v));
    return v;
}

WRT_INLINE uint64_t wrt_f64_bits(double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof(bits));
    return bits;
}

WRT_INLINE double wrt_f64_from(uint64_t bits)
{
    double v;
    memcpy(&v, &bits, sizeof(v));
    return v;
}

/* -- Integers -------------------------------------------------------------- */

WRT_INLINE uint32_t wrt_rotl32(uint32_t v, uint32_t n)
{
    return v << (n & 31) | v >> (-n & 31);
}

WRT_INLINE uint64_t wrt_rotl64(uint64_t v, uint64_t n)
{
    return v << (n & 63) | v >> (-n & 63);
}

WRT_INLINE uint32_t wrt_clz32(uint32_t v)
{
    return v ? (uint32_t)__builtin_clz(v) : 32;
}

WRT_INLINE uint32_t wrt_ctz32(uint32_t v)
{
    return v ? (uint32_t)__builtin_ctz(v) : 32;
}

WRT_INLINE uint64_t wrt_clz64(uint64_t v)
{
    return v ? (uint64_t)__builtin_clzll(v) : 64;
}

WRT_INLINE uint64_t wrt_ctz64(uint64_t v)
{
    return v ? (uint64_t)__builtin_ctzll(v) : 64;
}

/* Division and remainder: the caller has excluded zero divisors and, for
 * division, INT_MIN / -1.  The remainder of that pair is 0 (spec irem_s). */
WRT_INLINE int32_t wrt_rem_s32(int32_t a, int32_t b)
{
    return b == -1 ? 0 : a % b;
}

WRT_INLINE int64_t wrt_rem_s64(int64_t a, int64_t b)
{
    return b == -1 ? 0 : a % b;
}

/* -- Float operations ------------------------------------------------------ */

/* min and max: NaN wins, and -0 is less than +0 (spec fmin, fmax). */
#define WRT_FLOAT_OPS(type, f, bits_of, from_bits, uint, sign)                 \
    WRT_INLINE type wrt_##f##_min(type a, type b)                              \
    {                                                                          \
        if (a == b)                                                            \
            return from_bits(bits_of(a) | bits_of(b));                         \
        if (a < b)                                                             \
            return a;                                                          \
        return b < a ? b : a + b;                                              \
    }                                                                          \
    WRT_INLINE type wrt_##f##_max(type a, type b)                              \
    {                                                                          \
        if (a == b)                                                            \
            return from_bits(bits_of(a) & bits_of(b));                         \
        if (a > b)                                                             \
            return a;                                                          \
        return b > a ? b : a + b;                                              \
    }                                                                          \
    WRT_INLINE type wrt_##f##_abs(type a)                                      \
    {                                                                          \
        return from_bits(bits_of(a) & (uint) ~(sign));                         \
    }                                                                          \
    WRT_INLINE type wrt_##f##_neg(type a)                                      \
    {                                                                          \
        return from_bits(bits_of(a) ^ (sign));                                 \
    }                                                                          \
    WRT_INLINE type wrt_##f##_copysign(type a, type b)                         \
    {                                                                          \
        return from_bits((bits_of(a) & (uint) ~(sign)) |                       \
                         (bits_of(b) & (sign)));                               \
    }

WRT_FLOAT_OPS(float, f32, wrt_f32_bits, wrt_f32_from, uint32_t, 0x80000000u)
WRT_FLOAT_OPS(double, f64, wrt_f64_bits, wrt_f64_from, uint64_t,
              0x8000000000000000u)

#undef WRT_FLOAT_OPS

/*
 * Rounding.  The C functions may return a signalling NaN as it is; adding
 * zero makes it quiet without changing anything else, except that it would
 * turn -0 into +0, so only NaNs take that way.
 */
#define WRT_ROUND_OPS(type, f, suffix)                                         \
    WRT_INLINE type wrt_##f##_quiet(type v, type rounded)                      \
    {                                                                          \
        return v != v ? v + v : rounded;                                       \
    }                                                                          \
    WRT_INLINE type wrt_##f##_ceil(type v)                                     \
    {                                                                          \
        return wrt_##f##_quiet(v, ceil##suffix(v));                            \
    }                                                                          \
    WRT_INLINE type wrt_##f##_floor(type v)                                    \
    {                                                                          \
        return wrt_##f##_quiet(v, floor##suffix(v));                           \
    }                                                                          \
    WRT_INLINE type wrt_##f##_trunc(type v)                                    \
    {                                                                          \
        return wrt_##f##_quiet(v, trunc##suffix(v));                           \
    }                                                                          \
    /* Ties go to even: the default rounding mode, which nobody changes. */    \
    WRT_INLINE type wrt_##f##_nearest(type v)                                  \
    {                                                                          \
        return wrt_##f##_quiet(v, rint##suffix(v));                            \
    }

WRT_ROUND_OPS(float, f32, f)
WRT_ROUND_OPS(double, f64, )

#undef WRT_ROUND_OPS

/* -- Float to integer ------------------------------------------------------ */

/*
 * Range tests: v truncates into the integer type exactly when low < v < high.
 * The bounds are exactly representable; see spec itrunc.
 */
#define WRT_TRUNC_OPS(name, ftype, itype, low_test, high, min, max)            \
    WRT_INLINE bool wrt_##name##_fits(ftype v)                                 \
    {                                                                          \
        return (low_test) && v < (high);                                       \
    }                                                                          \
    WRT_INLINE wasmrt_code wrt_##name##_trap(ftype v)                          \
    {                                                                          \
        return v != v ? WASMRT_ERR_INVALID_CONVERSION                          \
                      : WASMRT_ERR_INTEGER_OVERFLOW;                           \
    }                                                                          \
    WRT_INLINE itype wrt_##name##_sat(ftype v)                                 \
    {                                                                          \
        if (wrt_##name##_fits(v))                                              \
            return (itype)v;                                                   \
        if (v != v)                                                            \
            return 0;                                                          \
        return v < 0 ? (min) : (max);                                          \
    }

WRT_TRUNC_OPS(f32_i32, float, int32_t, v >= -0x1p31f, 0x1p31f, INT32_MIN,
              INT32_MAX)
WRT_TRUNC_OPS(f32_u32, float, uint32_t, v > -1.0f, 0x1p32f, 0, UINT32_MAX)
WRT_TRUNC_OPS(f64_i32, double, int32_t, v > -0x1.00000002p31, 0x1p31, INT32_MIN,
              INT32_MAX)
WRT_TRUNC_OPS(f64_u32, double, uint32_t, v > -1.0, 0x1p32, 0, UINT32_MAX)
WRT_TRUNC_OPS(f32_i64, float, int64_t, v >= -0x1p63f, 0x1p63f, INT64_MIN,
              INT64_MAX)
WRT_TRUNC_OPS(f32_u64, float, uint64_t, v > -1.0f, 0x1p64f, 0, UINT64_MAX)
WRT_TRUNC_OPS(f64_i64, double, int64_t, v >= -0x1p63, 0x1p63, INT64_MIN,
              INT64_MAX)
WRT_TRUNC_OPS(f64_u64, double, uint64_t, v > -1.0, 0x1p64, 0, UINT64_MAX)

#undef WRT_TRUNC_OPS

#endif
