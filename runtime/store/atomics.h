/*
 * Atomic accesses to guest memory, for the engines: pointers that are in bounds
 * and aligned, values zero-extended.
 *
 * Compilers provide all of it; types and the two forms that take a value's
 * address are here.  Narrow operands are cut to the width first.
 *
 * gcc 12 for riscv64 calls libatomic for narrow operands, which works on the
 * containing word without a lock there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_ATOMICS_H
#define WRT_STORE_ATOMICS_H

#include "runtime/base/base.h"

/* Aliasing anything, as guest memory does. */
typedef __attribute__((may_alias)) uint8_t wrt_atomic_u8;
typedef __attribute__((may_alias)) int8_t wrt_atomic_i8;
typedef __attribute__((may_alias)) uint16_t wrt_atomic_u16;
typedef __attribute__((may_alias)) int16_t wrt_atomic_i16;
typedef __attribute__((may_alias)) uint32_t wrt_atomic_u32;
typedef __attribute__((may_alias)) int32_t wrt_atomic_i32;
typedef __attribute__((may_alias)) uint64_t wrt_atomic_u64;
typedef __attribute__((may_alias)) int64_t wrt_atomic_i64;

#if !defined(__riscv)
_Static_assert(__atomic_always_lock_free(1, 0) &&
                   __atomic_always_lock_free(2, 0),
               "other threads, and the host, access the same bytes");
#endif
_Static_assert(__atomic_always_lock_free(4, 0) &&
                   __atomic_always_lock_free(8, 0),
               "other threads, and the host, access the same bytes");

/* gcc 12 for riscv64 compares what a cas loads, sign-extended, with the whole
 * register of the expected value, which it has not extended. */
WRT_INLINE int64_t in_register(int64_t sign_extended)
{
#if defined(__riscv)
    __asm__("" : "+r"(sign_extended));
#endif
    return sign_extended;
}

/* wrt_atomic_OP_TYPE(p, value) and the value before, for each OP. */
#define WRT_ATOMIC_RMW(type, op, builtin)                                      \
    WRT_INLINE uint64_t wrt_atomic_##op##_##type(wrt_atomic_##type *p,         \
                                                 uint64_t value)               \
    {                                                                          \
        return builtin(p, (wrt_atomic_##type)value, __ATOMIC_SEQ_CST);         \
    }

#define WRT_ATOMICS(type, signed_type)                                         \
    WRT_ATOMIC_RMW(type, add, __atomic_fetch_add)                              \
    WRT_ATOMIC_RMW(type, sub, __atomic_fetch_sub)                              \
    WRT_ATOMIC_RMW(type, and, __atomic_fetch_and)                              \
    WRT_ATOMIC_RMW(type, or, __atomic_fetch_or)                                \
    WRT_ATOMIC_RMW(type, xor, __atomic_fetch_xor)                              \
    WRT_ATOMIC_RMW(type, xchg, __atomic_exchange_n)                            \
    WRT_INLINE uint64_t wrt_atomic_load_##type(const wrt_atomic_##type *p)     \
    {                                                                          \
        return __atomic_load_n(p, __ATOMIC_SEQ_CST);                           \
    }                                                                          \
    /* Stores, and gives 0. */                                                 \
    WRT_INLINE uint64_t wrt_atomic_store_##type(wrt_atomic_##type *p,          \
                                                uint64_t value)                \
    {                                                                          \
        __atomic_store_n(p, (wrt_atomic_##type)value, __ATOMIC_SEQ_CST);       \
        return 0;                                                              \
    }                                                                          \
    /* The older builtin: it takes no address, which would cost gcc the tail   \
     * call of a handler. */                                                   \
    WRT_INLINE uint64_t wrt_atomic_cas_##type(                                 \
        wrt_atomic_##type *p, uint64_t expected, uint64_t value)               \
    {                                                                          \
        return (wrt_atomic_##type)__sync_val_compare_and_swap(                 \
            (wrt_atomic_##signed_type *)p,                                     \
            (wrt_atomic_##signed_type)in_register(                             \
                (wrt_atomic_##signed_type)expected),                           \
            (wrt_atomic_##signed_type)value);                                  \
    }

WRT_ATOMICS(u8, i8)
WRT_ATOMICS(u16, i16)
WRT_ATOMICS(u32, i32)
WRT_ATOMICS(u64, i64)

#endif
