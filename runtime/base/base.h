/*
 * Compiler and ISA differences, and the few helpers that everything uses.
 *
 * This is the one home of compiler `#if`s: code elsewhere says WRT_LIKELY or
 * WRT_NOINLINE and never asks which compiler or machine it is built for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_BASE_BASE_H
#define WRT_BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define WRT_LIKELY(x)         __builtin_expect(!!(x), 1)
#define WRT_UNLIKELY(x)       __builtin_expect(!!(x), 0)
#define WRT_NOINLINE          __attribute__((noinline))
#define WRT_COLD              __attribute__((noinline, cold))
#define WRT_HIDDEN            __attribute__((visibility("hidden")))
#define WRT_INLINE            static inline __attribute__((always_inline, unused))
#define WRT_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define WRT_MUST_USE          __attribute__((warn_unused_result))
#define WRT_NONNULL_RESULT    __attribute__((returns_nonnull))

/* Whether the thread sanitizer watches. */
#if defined(__SANITIZE_THREAD__)
#define WRT_HAS_TSAN 1
#elif defined(__has_feature)
#define WRT_HAS_TSAN __has_feature(thread_sanitizer)
#else
#define WRT_HAS_TSAN 0
#endif

/* Whether the address sanitizer watches. */
#if defined(__SANITIZE_ADDRESS__)
#define WRT_HAS_ASAN 1
#elif defined(__has_feature)
#define WRT_HAS_ASAN __has_feature(address_sanitizer)
#else
#define WRT_HAS_ASAN 0
#endif

/* A variable per thread that a signal handler may read: its place is fixed when
 * the thread starts, so access never allocates. */
#define WRT_THREAD_LOCAL                                                       \
    _Thread_local __attribute__((tls_model("initial-exec")))

/* Where the stack ends now, or not far above.  Costs no frame where that is
 * known how. */
WRT_INLINE uintptr_t wrt_stack_pointer(void)
{
#if defined(__x86_64__)
    uintptr_t here;

    __asm__("mov %%rsp, %0" : "=r"(here));
    return here;
#else
    return (uintptr_t)__builtin_frame_address(0);
#endif
}

#define WRT_COUNTOF(a) (sizeof(a) / sizeof((a)[0]))
#define WRT_MIN(a, b)  ((a) < (b) ? (a) : (b))
#define WRT_MAX(a, b)  ((a) > (b) ? (a) : (b))

/* Rounds up to a power of two; the caller has excluded overflow. */
#define WRT_ALIGN_UP(n, align) (((n) + ((align) - 1)) & ~((align) - 1))

/* The object that holds a given member. */
#define WRT_CONTAINER_OF(ptr, type, member)                                    \
    ((type *)((char *)(ptr) - offsetof(type, member)))

/*
 * WRT_ASSERT states what must hold unless wasmrt itself is wrong; input from
 * outside is never asserted.  Active in builds with WRT_DEBUG, absent in
 * release.  The text says why it must hold.  Whole checks stand behind
 * if (WRT_IS_DEBUG).
 */
#if defined(WRT_DEBUG) && WRT_DEBUG
#define WRT_IS_DEBUG 1
#define WRT_ASSERT(cond, why)                                                  \
    ((cond) ? (void)0 : wrt_assert_failed(#cond, why, __FILE__, __LINE__))
#else
#define WRT_IS_DEBUG          0
#define WRT_ASSERT(cond, why) ((void)sizeof(!(cond)))
#endif

/* Reports a broken invariant on standard error and stops by a trap
 * instruction.  Exists in debug builds only. */
_Noreturn void wrt_assert_failed(const char *cond, const char *why,
                                 const char *file, int line);

/* -- Little-endian access to unaligned bytes ------------------------------ */

/* WebAssembly is little-endian, and so is every machine that we support. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "wasmrt needs a little-endian machine");

WRT_INLINE uint16_t wrt_load_u16(const void *p)
{
    uint16_t v;
    memcpy(&v, p, sizeof(v));
    return v;
}

WRT_INLINE uint32_t wrt_load_u32(const void *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof(v));
    return v;
}

WRT_INLINE uint64_t wrt_load_u64(const void *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof(v));
    return v;
}

/* -- Overflow-checked sizes ------------------------------------------------ */

/* a * b into *out; false when it overflows. */
WRT_INLINE bool wrt_size_mul(size_t a, size_t b, size_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

/* a + b into *out; false when it overflows. */
WRT_INLINE bool wrt_size_add(size_t a, size_t b, size_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

#endif
