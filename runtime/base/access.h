/*
 * Guest memory accesses that may fault, and masks against speculation.
 *
 * A load that faults is undefined behaviour to a C compiler, so accesses to
 * guard-page memories are inline assembly.  Each access leaves its address in
 * the section wrt_faults; the signal handler accepts a fault only at one of
 * those.  At that point three values are in known registers: the place in the
 * code, the frame and the instance (WRT_ACCESS_REG_*).
 *
 * This header is part of the machine-dependent floor, like base.h: it is where
 * `#if` about the ISA lives.  WRT_HAS_GUARDED_ACCESS is 0 where no assembly is
 * written yet; such builds use explicit checks throughout.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_BASE_ACCESS_H
#define WRT_BASE_ACCESS_H

#include "runtime/base/vec128.h"

/* -- How the interpreter is built ------------------------------------------ */

/*
 * WRT_INTERP_TAIL: handlers are functions that tail-call each other.  Needs an
 * optimising compiler; with clang the jump is guaranteed and the state stays in
 * registers that C helpers preserve, with gcc `make check` reads the object.
 */
#if defined(__OPTIMIZE__) && !(defined(WRT_DEBUG) && WRT_DEBUG) &&             \
    !defined(WRT_INTERP_LOOP) && (defined(__x86_64__) || defined(__aarch64__))
#define WRT_INTERP_TAIL 1
#else
#define WRT_INTERP_TAIL 0
#endif

#if defined(__clang__) && __clang_major__ >= 19
#define WRT_MUSTTAIL      __attribute__((musttail))
#define WRT_PRESERVE_NONE __attribute__((preserve_none))
#else
#define WRT_MUSTTAIL
#define WRT_PRESERVE_NONE
#endif

/* -- Registers ------------------------------------------------------------- */

/*
 * Name and number (in struct wrt_fault's order) of the registers that hold
 * state arguments 1 (code), 2 (frame) and 5 (instance) in handlers, so that
 * pinning them for an access costs no move.
 */
#if defined(__x86_64__)
#define WRT_HAS_GUARDED_ACCESS 1
#if defined(__clang__) && __clang_major__ >= 19
#define WRT_ACCESS_REG_PC   "r12"
#define WRT_ACCESS_REG_FP   "r13"
#define WRT_ACCESS_REG_INST "rdi"
enum { WRT_ACCESS_PC = 12, WRT_ACCESS_FP = 13, WRT_ACCESS_INST = 7 };
#else
#define WRT_ACCESS_REG_PC   "rdi"
#define WRT_ACCESS_REG_FP   "rsi"
#define WRT_ACCESS_REG_INST "r8"
enum { WRT_ACCESS_PC = 7, WRT_ACCESS_FP = 6, WRT_ACCESS_INST = 8 };
#endif
#elif defined(__aarch64__)
#define WRT_HAS_GUARDED_ACCESS 1
#if defined(__clang__) && __clang_major__ >= 19
#define WRT_ACCESS_REG_PC   "x20"
#define WRT_ACCESS_REG_FP   "x21"
#define WRT_ACCESS_REG_INST "x24"
enum { WRT_ACCESS_PC = 20, WRT_ACCESS_FP = 21, WRT_ACCESS_INST = 24 };
#else
#define WRT_ACCESS_REG_PC   "x0"
#define WRT_ACCESS_REG_FP   "x1"
#define WRT_ACCESS_REG_INST "x4"
enum { WRT_ACCESS_PC = 0, WRT_ACCESS_FP = 1, WRT_ACCESS_INST = 4 };
#endif
#else
#define WRT_HAS_GUARDED_ACCESS 0
enum { WRT_ACCESS_PC, WRT_ACCESS_FP, WRT_ACCESS_INST };
#endif

/* -- Accesses -------------------------------------------------------------- */

/* Unaligned, aliasing anything: how guest memory looks to the compiler. */
#define WRT_GUEST(type) __attribute__((aligned(1), may_alias)) type
typedef WRT_GUEST(uint8_t) wrt_guest_u8;
typedef WRT_GUEST(uint16_t) wrt_guest_u16;
typedef WRT_GUEST(uint32_t) wrt_guest_u32;
typedef WRT_GUEST(uint64_t) wrt_guest_u64;
typedef WRT_GUEST(int8_t) wrt_guest_i8;
typedef WRT_GUEST(int16_t) wrt_guest_i16;
typedef WRT_GUEST(int32_t) wrt_guest_i32;
typedef WRT_GUEST(float) wrt_guest_f32;
typedef WRT_GUEST(double) wrt_guest_f64;
typedef WRT_GUEST(wrt_v128) wrt_guest_v128;

#define WRT_FAULT_ENTRY                                                        \
    "\n\t.pushsection wrt_faults,\"a\",@progbits\n\t.balign 4\n\t"             \
    ".long 1b - .\n\t.popsection"

/*
 * WRT_GUARDED_LOAD(insn, constraint, out, type, ptr) and _STORE(insn,
 * constraint, value, type, ptr) run one machine instruction, given for the
 * ISA by the tables below, with pc, fp and inst pinned.
 */
#define WRT_GUARDED_LOAD(insn, constraint, out, type, ptr, pc, fp, inst)       \
    do {                                                                       \
        register const void *reg_pc_ __asm__(WRT_ACCESS_REG_PC) = (pc);        \
        register const void *reg_fp_ __asm__(WRT_ACCESS_REG_FP) = (fp);        \
        register const void *reg_inst_ __asm__(WRT_ACCESS_REG_INST) = (inst);  \
        __asm__ volatile("1: " insn WRT_FAULT_ENTRY                            \
                         : "=" constraint(out)                                 \
                         : "m"(*(const type *)(ptr)), "r"(reg_pc_),            \
                           "r"(reg_fp_), "r"(reg_inst_));                      \
    } while (0)

#define WRT_GUARDED_STORE(insn, constraint, value, type, ptr, pc, fp, inst)    \
    do {                                                                       \
        register const void *reg_pc_ __asm__(WRT_ACCESS_REG_PC) = (pc);        \
        register const void *reg_fp_ __asm__(WRT_ACCESS_REG_FP) = (fp);        \
        register const void *reg_inst_ __asm__(WRT_ACCESS_REG_INST) = (inst);  \
        __asm__ volatile("1: " insn WRT_FAULT_ENTRY                            \
                         : "=m"(*(type *)(ptr))                                \
                         : constraint(value), "r"(reg_pc_), "r"(reg_fp_),      \
                           "r"(reg_inst_));                                    \
    } while (0)

#if defined(__x86_64__)
#define WRT_LOAD_u8     "movzbl %1, %k0", "r"
#define WRT_LOAD_u16    "movzwl %1, %k0", "r"
#define WRT_LOAD_u32    "movl %1, %k0", "r"
#define WRT_LOAD_u64    "movq %1, %q0", "r"
#define WRT_LOAD_i8_32  "movsbl %1, %k0", "r"
#define WRT_LOAD_i16_32 "movswl %1, %k0", "r"
#define WRT_LOAD_i8_64  "movsbq %1, %q0", "r"
#define WRT_LOAD_i16_64 "movswq %1, %q0", "r"
#define WRT_LOAD_i32_64 "movslq %1, %q0", "r"
#define WRT_LOAD_f32    "movss %1, %0", "x"
#define WRT_LOAD_f64    "movsd %1, %0", "x"
#define WRT_LOAD_v128   "movups %1, %0", "x"
#define WRT_STORE_u8    "movb %b1, %0", "q"
#define WRT_STORE_u16   "movw %w1, %0", "r"
#define WRT_STORE_u32   "movl %k1, %0", "r"
#define WRT_STORE_u64   "movq %q1, %0", "r"
#define WRT_STORE_f32   "movss %1, %0", "x"
#define WRT_STORE_f64   "movsd %1, %0", "x"
#define WRT_STORE_v128  "movups %1, %0", "x"
#elif defined(__aarch64__)
#define WRT_LOAD_u8     "ldrb %w0, %1", "r"
#define WRT_LOAD_u16    "ldrh %w0, %1", "r"
#define WRT_LOAD_u32    "ldr %w0, %1", "r"
#define WRT_LOAD_u64    "ldr %x0, %1", "r"
#define WRT_LOAD_i8_32  "ldrsb %w0, %1", "r"
#define WRT_LOAD_i16_32 "ldrsh %w0, %1", "r"
#define WRT_LOAD_i8_64  "ldrsb %x0, %1", "r"
#define WRT_LOAD_i16_64 "ldrsh %x0, %1", "r"
#define WRT_LOAD_i32_64 "ldrsw %x0, %1", "r"
#define WRT_LOAD_f32    "ldr %s0, %1", "w"
#define WRT_LOAD_f64    "ldr %d0, %1", "w"
#define WRT_LOAD_v128   "ldr %q0, %1", "w"
#define WRT_STORE_u8    "strb %w1, %0", "r"
#define WRT_STORE_u16   "strh %w1, %0", "r"
#define WRT_STORE_u32   "str %w1, %0", "r"
#define WRT_STORE_u64   "str %x1, %0", "r"
#define WRT_STORE_f32   "str %s1, %0", "w"
#define WRT_STORE_f64   "str %d1, %0", "w"
#define WRT_STORE_v128  "str %q1, %0", "w"
#endif

/*
 * The same where a check has made sure that nothing faults.  In assembly as
 * well, since other threads may access a shared memory at the same time,
 * without order: to C that would be undefined.
 */
#if WRT_HAS_GUARDED_ACCESS
#define WRT_CHECKED_LOAD(insn, constraint, out, type, ptr)                     \
    __asm__ volatile(insn : "=" constraint(out) : "m"(*(const type *)(ptr)))
#define WRT_CHECKED_STORE(insn, constraint, value, type, ptr)                  \
    __asm__ volatile(insn : "=m"(*(type *)(ptr)) : constraint(value))
#endif

/*
 * Copies and fills in memory that other threads may access at the same time.
 * What they see is not specified, that it is bytes is: as far as machines go,
 * memmove and memset do that.  The thread sanitizer has to be told.
 */
WRT_INLINE void wrt_racy_move(void *to, const void *from, size_t n)
{
    const uint8_t *src = from;
    uint8_t *dst = to;
    bool is_backward = (uintptr_t)dst > (uintptr_t)src;

    if (!WRT_HAS_TSAN) {
        memmove(to, from, n);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        size_t at = is_backward ? n - 1 - i : i;

        __atomic_store_n(&dst[at], __atomic_load_n(&src[at], __ATOMIC_RELAXED),
                         __ATOMIC_RELAXED);
    }
}

WRT_INLINE void wrt_racy_fill(void *to, uint8_t byte, size_t n)
{
    uint8_t *dst = to;

    if (!WRT_HAS_TSAN)
        memset(to, byte, n);
    for (size_t i = 0; WRT_HAS_TSAN && i < n; i++)
        __atomic_store_n(&dst[i], byte, __ATOMIC_RELAXED);
}

/* -- Speculation ----------------------------------------------------------- */

/*
 * index when index < bound, else 0, without a branch that could be predicted:
 * after a bounds check it keeps a mispredicted path inside the bounds.
 */
WRT_INLINE uint64_t wrt_mask_index(uint64_t index, uint64_t bound)
{
#if defined(__x86_64__)
    uint64_t mask;
    __asm__("cmp %2, %1\n\tsbb %0, %0"
            : "=r"(mask)
            : "r"(index), "r"(bound)
            : "cc");
    return index & mask;
#elif defined(__aarch64__)
    uint64_t masked;
    __asm__("cmp %1, %2\n\tcsel %0, %1, xzr, lo\n\thint #20"
            : "=r"(masked)
            : "r"(index), "r"(bound)
            : "cc");
    return masked;
#else
    return index < bound ? index : 0;
#endif
}

#endif
