/*
 * 128-bit vectors, and what the compilers' own vector operators do not say.
 *
 * Everything else about vectors is written with those operators (store/simd.h)
 * and is the same on every machine.  Like access.h, this header belongs to the
 * machine-dependent floor: each function below has one form per ISA, and a
 * portable one that defines what the others have to give.  WRT_VEC_PORTABLE
 * selects the portable forms everywhere, for machines without others and for
 * the tests.
 *
 * Lanes are in memory order, the lowest first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_BASE_VEC128_H
#define WRT_BASE_VEC128_H

#include "runtime/base/base.h"

#define WRT_VEC128 __attribute__((vector_size(16)))
typedef int8_t wrt_i8x16 WRT_VEC128;
typedef uint8_t wrt_u8x16 WRT_VEC128;
typedef int16_t wrt_i16x8 WRT_VEC128;
typedef uint16_t wrt_u16x8 WRT_VEC128;
typedef int32_t wrt_i32x4 WRT_VEC128;
typedef uint32_t wrt_u32x4 WRT_VEC128;
typedef int64_t wrt_i64x2 WRT_VEC128;
typedef uint64_t wrt_u64x2 WRT_VEC128;
typedef float wrt_f32x4 WRT_VEC128;
typedef double wrt_f64x2 WRT_VEC128;

/* A v128 of no particular shape.  A cast between the types above keeps the
 * bits. */
typedef wrt_u64x2 wrt_v128;

#if defined(WRT_VEC_PORTABLE)
#define WRT_VEC_X64 0
#define WRT_VEC_A64 0
#elif defined(__SSE2__)
#include <emmintrin.h>
#define WRT_VEC_X64 1
#define WRT_VEC_A64 0
#elif defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>
#define WRT_VEC_X64 0
#define WRT_VEC_A64 1
#else
#define WRT_VEC_X64 0
#define WRT_VEC_A64 0
#endif

/* Processors of x86-64-v2; files of handlers are built for them as well. */
#if WRT_VEC_X64 && defined(__SSE4_1__)
#include <smmintrin.h>
#define WRT_VEC_X64_V2 1
#else
#define WRT_VEC_X64_V2 0
#endif

/* A function of two vectors, one lane at a time. */
#define WRT_VEC_LANEWISE(name, vec, n, expr)                                   \
    WRT_INLINE vec name(vec a, vec b)                                          \
    {                                                                          \
        vec r;                                                                 \
        for (int i = 0; i < (n); i++)                                          \
            r[i] = (expr);                                                     \
        return r;                                                              \
    }

/* One that a machine has an instruction for. */
#define WRT_VEC_INTRINSIC(name, vec, machine_vec, intrinsic)                   \
    WRT_INLINE vec name(vec a, vec b)                                          \
    {                                                                          \
        return (vec)intrinsic((machine_vec)a, (machine_vec)b);                 \
    }

/* The same of one vector. */
#define WRT_VEC_LANEWISE1(name, vec, n, expr)                                  \
    WRT_INLINE vec name(vec a)                                                 \
    {                                                                          \
        vec r;                                                                 \
        for (int i = 0; i < (n); i++)                                          \
            r[i] = (expr);                                                     \
        return r;                                                              \
    }
#define WRT_VEC_INTRINSIC1(name, vec, machine_vec, intrinsic)                  \
    WRT_INLINE vec name(vec a)                                                 \
    {                                                                          \
        return (vec)intrinsic((machine_vec)a);                                 \
    }

/* v as the nearest value of the type between low and high. */
#define WRT_CLAMP(v, low, high)                                                \
    ((v) < (low) ? (low) : (v) > (high) ? (high) : (v))

/* -- Saturating addition and subtraction ----------------------------------- */

#if WRT_VEC_X64
WRT_VEC_INTRINSIC(wrt_i8x16_add_sat, wrt_i8x16, __m128i, _mm_adds_epi8)
WRT_VEC_INTRINSIC(wrt_u8x16_add_sat, wrt_u8x16, __m128i, _mm_adds_epu8)
WRT_VEC_INTRINSIC(wrt_i16x8_add_sat, wrt_i16x8, __m128i, _mm_adds_epi16)
WRT_VEC_INTRINSIC(wrt_u16x8_add_sat, wrt_u16x8, __m128i, _mm_adds_epu16)
WRT_VEC_INTRINSIC(wrt_i8x16_sub_sat, wrt_i8x16, __m128i, _mm_subs_epi8)
WRT_VEC_INTRINSIC(wrt_u8x16_sub_sat, wrt_u8x16, __m128i, _mm_subs_epu8)
WRT_VEC_INTRINSIC(wrt_i16x8_sub_sat, wrt_i16x8, __m128i, _mm_subs_epi16)
WRT_VEC_INTRINSIC(wrt_u16x8_sub_sat, wrt_u16x8, __m128i, _mm_subs_epu16)
#elif WRT_VEC_A64
WRT_VEC_INTRINSIC(wrt_i8x16_add_sat, wrt_i8x16, int8x16_t, vqaddq_s8)
WRT_VEC_INTRINSIC(wrt_u8x16_add_sat, wrt_u8x16, uint8x16_t, vqaddq_u8)
WRT_VEC_INTRINSIC(wrt_i16x8_add_sat, wrt_i16x8, int16x8_t, vqaddq_s16)
WRT_VEC_INTRINSIC(wrt_u16x8_add_sat, wrt_u16x8, uint16x8_t, vqaddq_u16)
WRT_VEC_INTRINSIC(wrt_i8x16_sub_sat, wrt_i8x16, int8x16_t, vqsubq_s8)
WRT_VEC_INTRINSIC(wrt_u8x16_sub_sat, wrt_u8x16, uint8x16_t, vqsubq_u8)
WRT_VEC_INTRINSIC(wrt_i16x8_sub_sat, wrt_i16x8, int16x8_t, vqsubq_s16)
WRT_VEC_INTRINSIC(wrt_u16x8_sub_sat, wrt_u16x8, uint16x8_t, vqsubq_u16)
#else
WRT_VEC_LANEWISE(wrt_i8x16_add_sat, wrt_i8x16, 16,
                 (int8_t)WRT_CLAMP(a[i] + b[i], INT8_MIN, INT8_MAX))
WRT_VEC_LANEWISE(wrt_u8x16_add_sat, wrt_u8x16, 16,
                 (uint8_t)WRT_MIN(a[i] + b[i], UINT8_MAX))
WRT_VEC_LANEWISE(wrt_i16x8_add_sat, wrt_i16x8, 8,
                 (int16_t)WRT_CLAMP(a[i] + b[i], INT16_MIN, INT16_MAX))
WRT_VEC_LANEWISE(wrt_u16x8_add_sat, wrt_u16x8, 8,
                 (uint16_t)WRT_MIN(a[i] + b[i], UINT16_MAX))
WRT_VEC_LANEWISE(wrt_i8x16_sub_sat, wrt_i8x16, 16,
                 (int8_t)WRT_CLAMP(a[i] - b[i], INT8_MIN, INT8_MAX))
WRT_VEC_LANEWISE(wrt_u8x16_sub_sat, wrt_u8x16, 16,
                 (uint8_t)WRT_MAX(a[i] - b[i], 0))
WRT_VEC_LANEWISE(wrt_i16x8_sub_sat, wrt_i16x8, 8,
                 (int16_t)WRT_CLAMP(a[i] - b[i], INT16_MIN, INT16_MAX))
WRT_VEC_LANEWISE(wrt_u16x8_sub_sat, wrt_u16x8, 8,
                 (uint16_t)WRT_MAX(a[i] - b[i], 0))
#endif

/* -- Narrowing: the lanes of a, then those of b, saturated ----------------- */

#define WRT_VEC_NARROW_X64(name, to, from, intrinsic)                          \
    WRT_INLINE to name(from a, from b)                                         \
    {                                                                          \
        return (to)intrinsic((__m128i)a, (__m128i)b);                          \
    }
#define WRT_VEC_NARROW_A64(name, to, from, machine_vec, narrow, combine)       \
    WRT_INLINE to name(from a, from b)                                         \
    {                                                                          \
        return (to)combine(narrow((machine_vec)a), narrow((machine_vec)b));    \
    }
#define WRT_VEC_NARROW(name, to, lane, from, n, low, high)                     \
    WRT_INLINE to name(from a, from b)                                         \
    {                                                                          \
        to r;                                                                  \
        for (int i = 0; i < (n); i++) {                                        \
            r[i] = (lane)WRT_CLAMP(a[i], low, high);                           \
            r[i + (n)] = (lane)WRT_CLAMP(b[i], low, high);                     \
        }                                                                      \
        return r;                                                              \
    }

#if WRT_VEC_X64
WRT_VEC_NARROW_X64(wrt_i8x16_narrow, wrt_i8x16, wrt_i16x8, _mm_packs_epi16)
WRT_VEC_NARROW_X64(wrt_u8x16_narrow, wrt_u8x16, wrt_i16x8, _mm_packus_epi16)
WRT_VEC_NARROW_X64(wrt_i16x8_narrow, wrt_i16x8, wrt_i32x4, _mm_packs_epi32)
#elif WRT_VEC_A64
WRT_VEC_NARROW_A64(wrt_i8x16_narrow, wrt_i8x16, wrt_i16x8, int16x8_t,
                   vqmovn_s16, vcombine_s8)
WRT_VEC_NARROW_A64(wrt_u8x16_narrow, wrt_u8x16, wrt_i16x8, int16x8_t,
                   vqmovun_s16, vcombine_u8)
WRT_VEC_NARROW_A64(wrt_i16x8_narrow, wrt_i16x8, wrt_i32x4, int32x4_t,
                   vqmovn_s32, vcombine_s16)
WRT_VEC_NARROW_A64(wrt_u16x8_narrow, wrt_u16x8, wrt_i32x4, int32x4_t,
                   vqmovun_s32, vcombine_u16)
#else
WRT_VEC_NARROW(wrt_i8x16_narrow, wrt_i8x16, int8_t, wrt_i16x8, 8, INT8_MIN,
               INT8_MAX)
WRT_VEC_NARROW(wrt_u8x16_narrow, wrt_u8x16, uint8_t, wrt_i16x8, 8, 0, UINT8_MAX)
WRT_VEC_NARROW(wrt_i16x8_narrow, wrt_i16x8, int16_t, wrt_i32x4, 4, INT16_MIN,
               INT16_MAX)
#endif

#if WRT_VEC_X64_V2
WRT_VEC_NARROW_X64(wrt_u16x8_narrow, wrt_u16x8, wrt_i32x4, _mm_packus_epi32)
#elif !WRT_VEC_A64
WRT_VEC_NARROW(wrt_u16x8_narrow, wrt_u16x8, uint16_t, wrt_i32x4, 4, 0,
               UINT16_MAX)
#endif

/* -- Bytes by index -------------------------------------------------------- */

/* The bytes of table that index names; 0 where it names none. */
WRT_INLINE wrt_u8x16 wrt_vec_lookup(wrt_u8x16 table, wrt_u8x16 index)
{
#if WRT_VEC_X64_V2
    /* 112 more, saturated: the top bit, which gives 0, is set from 16 on. */
    wrt_u8x16 sat = wrt_u8x16_add_sat(index, (wrt_u8x16)_mm_set1_epi8(0x70));

    return (wrt_u8x16)_mm_shuffle_epi8((__m128i)table, (__m128i)sat);
#elif WRT_VEC_A64
    return (wrt_u8x16)vqtbl1q_u8((uint8x16_t)table, (uint8x16_t)index);
#else
    wrt_u8x16 r;

    for (int i = 0; i < 16; i++)
        r[i] = index[i] < 16 ? table[index[i] & 15] : 0;
    return r;
#endif
}

/* The bytes of a (0..15) and b (16..31) that index, below 32, names. */
WRT_INLINE wrt_u8x16 wrt_vec_lookup2(wrt_u8x16 a, wrt_u8x16 b, wrt_u8x16 index)
{
#if WRT_VEC_A64
    uint8x16x2_t table = {{(uint8x16_t)a, (uint8x16_t)b}};

    return (wrt_u8x16)vqtbl2q_u8(table, (uint8x16_t)index);
#else
    return wrt_vec_lookup(a, index) | wrt_vec_lookup(b, index - 16);
#endif
}

/* -- Products -------------------------------------------------------------- */

/* The upper halves of the products of signed lanes. */
#if WRT_VEC_X64
WRT_VEC_INTRINSIC(wrt_i16x8_mul_high, wrt_i16x8, __m128i, _mm_mulhi_epi16)
#else
WRT_VEC_LANEWISE(wrt_i16x8_mul_high, wrt_i16x8, 8, (int16_t)(a[i] * b[i] >> 16))
#endif

/* Sums of the products of neighbouring lanes, modulo 2^32. */
WRT_INLINE wrt_u32x4 wrt_i16x8_dot(wrt_i16x8 a, wrt_i16x8 b)
{
#if WRT_VEC_X64
    return (wrt_u32x4)_mm_madd_epi16((__m128i)a, (__m128i)b);
#else
    wrt_u32x4 r;

    for (int i = 0; i < 4; i++)
        r[i] = (uint32_t)(a[2 * i] * b[2 * i]) +
               (uint32_t)(a[2 * i + 1] * b[2 * i + 1]);
    return r;
#endif
}

/* -- Bits of lanes --------------------------------------------------------- */

/* The top bits of the lanes, that of lane 0 lowest. */
WRT_INLINE uint32_t wrt_i8x16_bitmask(wrt_i8x16 a)
{
#if WRT_VEC_X64
    return (uint32_t)_mm_movemask_epi8((__m128i)a);
#else
    /* The multiplication gathers eight bits at the top of a half. */
    wrt_u64x2 bits =
        ((wrt_u64x2)a >> 7 & 0x0101010101010101) * (uint64_t)0x0102040810204080;

    return (uint32_t)(bits[0] >> 56 | bits[1] >> 56 << 8);
#endif
}

WRT_INLINE uint32_t wrt_i16x8_bitmask(wrt_i16x8 a)
{
    return wrt_i8x16_bitmask(wrt_i8x16_narrow(a, (wrt_i16x8){0}));
}

WRT_INLINE uint32_t wrt_i32x4_bitmask(wrt_i32x4 a)
{
#if WRT_VEC_X64
    return (uint32_t)_mm_movemask_ps((__m128)a);
#else
    wrt_u32x4 bits = (wrt_u32x4)a >> 31;

    return bits[0] | bits[1] << 1 | bits[2] << 2 | bits[3] << 3;
#endif
}

WRT_INLINE uint32_t wrt_i64x2_bitmask(wrt_i64x2 a)
{
    return (uint32_t)((uint64_t)a[0] >> 63 | (uint64_t)a[1] >> 63 << 1);
}

/* -- Square roots and rounding --------------------------------------------- */

#if WRT_VEC_X64
WRT_VEC_INTRINSIC1(wrt_f32x4_sqrt, wrt_f32x4, __m128, _mm_sqrt_ps)
WRT_VEC_INTRINSIC1(wrt_f64x2_sqrt, wrt_f64x2, __m128d, _mm_sqrt_pd)
#elif WRT_VEC_A64
WRT_VEC_INTRINSIC1(wrt_f32x4_sqrt, wrt_f32x4, float32x4_t, vsqrtq_f32)
WRT_VEC_INTRINSIC1(wrt_f64x2_sqrt, wrt_f64x2, float64x2_t, vsqrtq_f64)
#else
WRT_VEC_LANEWISE1(wrt_f32x4_sqrt, wrt_f32x4, 4, __builtin_sqrtf(a[i]))
WRT_VEC_LANEWISE1(wrt_f64x2_sqrt, wrt_f64x2, 2, __builtin_sqrt(a[i]))
#endif

/*
 * Rounding without an instruction for it: adding and subtracting 2^23 (2^52)
 * rounds a smaller magnitude to an integer, ties to even; anything larger is
 * one already.  The sign is put back because of zeros.  NaNs become quiet by
 * adding 0.
 */
#define WRT_VEC_ROUND(f, u, lane, two_pow)                                     \
    WRT_INLINE f wrt_##lane##_magnitude(f a)                                   \
    {                                                                          \
        return (f)((u)a & ~(u){0} >> 1);                                       \
    }                                                                          \
    /* r, with the sign of a, where a is small; otherwise a. */                \
    WRT_INLINE f wrt_##lane##_where_small(f a, f r)                            \
    {                                                                          \
        u sign = (u)a & ~(~(u){0} >> 1);                                       \
        u small = (u)(wrt_##lane##_magnitude(a) < (two_pow));                  \
        u near = (u)wrt_##lane##_magnitude(r) | sign;                          \
        return (f)((near & small) | ((u)(a + 0) & ~small));                    \
    }                                                                          \
    WRT_INLINE f wrt_##lane##_nearest(f a)                                     \
    {                                                                          \
        f r = wrt_##lane##_magnitude(a) + (two_pow) - (two_pow);               \
        return wrt_##lane##_where_small(a, r);                                 \
    }                                                                          \
    WRT_INLINE f wrt_##lane##_ceil(f a)                                        \
    {                                                                          \
        f r = wrt_##lane##_nearest(a);                                         \
        f step = (f)((u)(r < a) & (u)((f){0} + 1));                            \
        return wrt_##lane##_where_small(a, r + step);                          \
    }                                                                          \
    WRT_INLINE f wrt_##lane##_floor(f a)                                       \
    {                                                                          \
        f r = wrt_##lane##_nearest(a);                                         \
        f step = (f)((u)(r > a) & (u)((f){0} + 1));                            \
        return wrt_##lane##_where_small(a, r - step);                          \
    }                                                                          \
    WRT_INLINE f wrt_##lane##_trunc(f a)                                       \
    {                                                                          \
        f b = wrt_##lane##_magnitude(a), r = b + (two_pow) - (two_pow);        \
        f step = (f)((u)(r > b) & (u)((f){0} + 1));                            \
        return wrt_##lane##_where_small(a, r - step);                          \
    }

#define WRT_VEC_ROUND_X64(f, machine_vec, lane, suffix)                        \
    WRT_VEC_INTRINSIC1(wrt_##lane##_ceil, f, machine_vec, _mm_ceil_##suffix)   \
    WRT_VEC_INTRINSIC1(wrt_##lane##_floor, f, machine_vec, _mm_floor_##suffix) \
    WRT_INLINE f wrt_##lane##_trunc(f a)                                       \
    {                                                                          \
        return (f)_mm_round_##suffix((machine_vec)a,                           \
                                     _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);  \
    }                                                                          \
    WRT_INLINE f wrt_##lane##_nearest(f a)                                     \
    {                                                                          \
        return (f)_mm_round_##suffix(                                          \
            (machine_vec)a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);    \
    }

#define WRT_VEC_ROUND_A64(f, machine_vec, lane, suffix)                        \
    WRT_VEC_INTRINSIC1(wrt_##lane##_ceil, f, machine_vec, vrndpq_##suffix)     \
    WRT_VEC_INTRINSIC1(wrt_##lane##_floor, f, machine_vec, vrndmq_##suffix)    \
    WRT_VEC_INTRINSIC1(wrt_##lane##_trunc, f, machine_vec, vrndq_##suffix)     \
    WRT_VEC_INTRINSIC1(wrt_##lane##_nearest, f, machine_vec, vrndnq_##suffix)

#if WRT_VEC_X64_V2
WRT_VEC_ROUND_X64(wrt_f32x4, __m128, f32x4, ps)
WRT_VEC_ROUND_X64(wrt_f64x2, __m128d, f64x2, pd)
#elif WRT_VEC_A64
WRT_VEC_ROUND_A64(wrt_f32x4, float32x4_t, f32x4, f32)
WRT_VEC_ROUND_A64(wrt_f64x2, float64x2_t, f64x2, f64)
#else
WRT_VEC_ROUND(wrt_f32x4, wrt_u32x4, f32x4, 0x1p23f)
WRT_VEC_ROUND(wrt_f64x2, wrt_u64x2, f64x2, 0x1p52)
#endif

#endif
