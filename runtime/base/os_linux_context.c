/*
 * Switching between stacks on Linux.
 *
 * A switch is an ordinary call for the compiler: it saves the registers that
 * callees preserve on the stack that it leaves, and takes those of the other
 * stack.  A new stack looks as if it had been left where its first function is
 * about to be called, with a frame pointer and a return address of 0, at which
 * walks end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "runtime/base/os.h"

#if WRT_HAS_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if WRT_HAS_TSAN
#include <sanitizer/tsan_interface.h>
#endif

/* -- By machine ------------------------------------------------------------ */

/* Saves registers, writes the stack pointer to *save, takes `to` and what was
 * saved there. */
WRT_HIDDEN void wrt_os_swap_stacks(void **save, void *to);

/* Where a new stack begins: calls the function in one register with the
 * argument in another. */
WRT_HIDDEN void wrt_os_begin_stack(void);

#define FUNCTION(name)                                                         \
    ".text\n.p2align 4\n.globl " name "\n.hidden " name "\n"                   \
    ".type " name ",%function\n" name ":\n.cfi_startproc\n"
#define END(name) ".cfi_endproc\n.size " name ", . - " name "\n"

#if defined(__x86_64__)

enum { SAVED_WORDS = 8, SAVED_RUN = 3, SAVED_ARG = 2, SAVED_BACK = 6 };

__asm__(FUNCTION("wrt_os_swap_stacks") "push %rbp\n"
                                       "push %rbx\n"
                                       "push %r12\n"
                                       "push %r13\n"
                                       "push %r14\n"
                                       "push %r15\n"
                                       "mov %rsp, (%rdi)\n"
                                       "mov %rsi, %rsp\n"
                                       "pop %r15\n"
                                       "pop %r14\n"
                                       "pop %r13\n"
                                       "pop %r12\n"
                                       "pop %rbx\n"
                                       "pop %rbp\n"
                                       "ret\n" END("wrt_os_swap_stacks"));

/* The word above the return address keeps the stack aligned. */
__asm__(FUNCTION("wrt_os_begin_stack") ".cfi_undefined rip\n"
                                       "mov %r13, %rdi\n"
                                       "sub $8, %rsp\n"
                                       "call *%r12\n"
                                       "ud2\n" END("wrt_os_begin_stack"));

#elif defined(__aarch64__)

enum { SAVED_WORDS = 20, SAVED_RUN = 0, SAVED_ARG = 1, SAVED_BACK = 11 };

__asm__(FUNCTION("wrt_os_swap_stacks") "sub sp, sp, #160\n"
                                       "stp x19, x20, [sp]\n"
                                       "stp x21, x22, [sp, #16]\n"
                                       "stp x23, x24, [sp, #32]\n"
                                       "stp x25, x26, [sp, #48]\n"
                                       "stp x27, x28, [sp, #64]\n"
                                       "stp x29, x30, [sp, #80]\n"
                                       "stp d8, d9, [sp, #96]\n"
                                       "stp d10, d11, [sp, #112]\n"
                                       "stp d12, d13, [sp, #128]\n"
                                       "stp d14, d15, [sp, #144]\n"
                                       "mov x9, sp\n"
                                       "str x9, [x0]\n"
                                       "mov sp, x1\n"
                                       "ldp x19, x20, [sp]\n"
                                       "ldp x21, x22, [sp, #16]\n"
                                       "ldp x23, x24, [sp, #32]\n"
                                       "ldp x25, x26, [sp, #48]\n"
                                       "ldp x27, x28, [sp, #64]\n"
                                       "ldp x29, x30, [sp, #80]\n"
                                       "ldp d8, d9, [sp, #96]\n"
                                       "ldp d10, d11, [sp, #112]\n"
                                       "ldp d12, d13, [sp, #128]\n"
                                       "ldp d14, d15, [sp, #144]\n"
                                       "add sp, sp, #160\n"
                                       "ret\n" END("wrt_os_swap_stacks"));

__asm__(FUNCTION("wrt_os_begin_stack") ".cfi_undefined x30\n"
                                       "mov x0, x20\n"
                                       "blr x19\n"
                                       "brk #1\n" END("wrt_os_begin_stack"));

#elif defined(__riscv) && __riscv_xlen == 64

enum { SAVED_WORDS = 26, SAVED_RUN = 2, SAVED_ARG = 3, SAVED_BACK = 0 };

__asm__(FUNCTION("wrt_os_swap_stacks") "addi sp, sp, -208\n"
                                       "sd ra, 0(sp)\n"
                                       "sd s0, 8(sp)\n"
                                       "sd s1, 16(sp)\n"
                                       "sd s2, 24(sp)\n"
                                       "sd s3, 32(sp)\n"
                                       "sd s4, 40(sp)\n"
                                       "sd s5, 48(sp)\n"
                                       "sd s6, 56(sp)\n"
                                       "sd s7, 64(sp)\n"
                                       "sd s8, 72(sp)\n"
                                       "sd s9, 80(sp)\n"
                                       "sd s10, 88(sp)\n"
                                       "sd s11, 96(sp)\n"
                                       "fsd fs0, 104(sp)\n"
                                       "fsd fs1, 112(sp)\n"
                                       "fsd fs2, 120(sp)\n"
                                       "fsd fs3, 128(sp)\n"
                                       "fsd fs4, 136(sp)\n"
                                       "fsd fs5, 144(sp)\n"
                                       "fsd fs6, 152(sp)\n"
                                       "fsd fs7, 160(sp)\n"
                                       "fsd fs8, 168(sp)\n"
                                       "fsd fs9, 176(sp)\n"
                                       "fsd fs10, 184(sp)\n"
                                       "fsd fs11, 192(sp)\n"
                                       "sd sp, 0(a0)\n"
                                       "mv sp, a1\n"
                                       "ld ra, 0(sp)\n"
                                       "ld s0, 8(sp)\n"
                                       "ld s1, 16(sp)\n"
                                       "ld s2, 24(sp)\n"
                                       "ld s3, 32(sp)\n"
                                       "ld s4, 40(sp)\n"
                                       "ld s5, 48(sp)\n"
                                       "ld s6, 56(sp)\n"
                                       "ld s7, 64(sp)\n"
                                       "ld s8, 72(sp)\n"
                                       "ld s9, 80(sp)\n"
                                       "ld s10, 88(sp)\n"
                                       "ld s11, 96(sp)\n"
                                       "fld fs0, 104(sp)\n"
                                       "fld fs1, 112(sp)\n"
                                       "fld fs2, 120(sp)\n"
                                       "fld fs3, 128(sp)\n"
                                       "fld fs4, 136(sp)\n"
                                       "fld fs5, 144(sp)\n"
                                       "fld fs6, 152(sp)\n"
                                       "fld fs7, 160(sp)\n"
                                       "fld fs8, 168(sp)\n"
                                       "fld fs9, 176(sp)\n"
                                       "fld fs10, 184(sp)\n"
                                       "fld fs11, 192(sp)\n"
                                       "addi sp, sp, 208\n"
                                       "ret\n" END("wrt_os_swap_stacks"));

__asm__(FUNCTION("wrt_os_begin_stack") ".cfi_undefined ra\n"
                                       "mv a0, s2\n"
                                       "jalr s1\n"
                                       "ebreak\n" END("wrt_os_begin_stack"));

#else
#error "wasmrt knows how to switch stacks on x86-64, aarch64 and riscv64"
#endif

/* -- The sanitizers' view -------------------------------------------------- */

/* In line: they stand between what the one stack and what the other stack is
 * known to have called. */

#if WRT_HAS_ASAN

WRT_INLINE void leave_stack(struct wrt_os_context *from,
                            const struct wrt_os_context *to, bool for_good)
{
    __sanitizer_start_switch_fiber(for_good ? NULL : &from->fake,
                                   (const void *)to->bounds.low,
                                   to->bounds.high - to->bounds.low);
}

WRT_INLINE void enter_stack(struct wrt_os_context *here)
{
    __sanitizer_finish_switch_fiber(here->fake, NULL, NULL);
}

/* Frames that were left for good have left their marks. */
static void forget_frames(void *low, size_t size_bytes)
{
    __asan_unpoison_memory_region(low, size_bytes);
}

#else

WRT_INLINE void leave_stack(struct wrt_os_context *from,
                            const struct wrt_os_context *to, bool for_good)
{
    (void)from;
    (void)to;
    (void)for_good;
}

WRT_INLINE void enter_stack(struct wrt_os_context *here)
{
    (void)here;
}

static void forget_frames(void *low, size_t size_bytes)
{
    (void)low;
    (void)size_bytes;
}

#endif

#if WRT_HAS_TSAN

static bool make_fiber(struct wrt_os_context *context)
{
    context->fiber = __tsan_create_fiber(0);
    return context->fiber != NULL;
}

WRT_INLINE void switch_fiber(struct wrt_os_context *from,
                             struct wrt_os_context *to)
{
    from->fiber = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(to->fiber, 0);
}

static void delete_fiber(struct wrt_os_context *context)
{
    __tsan_destroy_fiber(context->fiber);
}

#else

static bool make_fiber(struct wrt_os_context *context)
{
    (void)context;
    return true;
}

WRT_INLINE void switch_fiber(struct wrt_os_context *from,
                             struct wrt_os_context *to)
{
    (void)from;
    (void)to;
}

static void delete_fiber(struct wrt_os_context *context)
{
    (void)context;
}

#endif

/* -- Contexts -------------------------------------------------------------- */

/* What a new stack begins with, at its top. */
struct beginning {
    struct wrt_os_context *context;
    void (*run)(void *);
    void *arg;
};

static void begin(void *arg)
{
    struct beginning *beginning = arg;

    enter_stack(beginning->context);
    beginning->run(beginning->arg);
}

bool wrt_os_context_init(struct wrt_os_context *context, void *low,
                         size_t size_bytes, void (*run)(void *), void *arg)
{
    uintptr_t top = ((uintptr_t)low + size_bytes) & ~(uintptr_t)15;
    struct beginning *beginning;
    uintptr_t *saved;

    *context = (struct wrt_os_context){
        .bounds = {(uintptr_t)low, (uintptr_t)low + size_bytes}};
    if (!make_fiber(context))
        return false;
    wrt_os_stack_low(); /* finds the bounds that the first switch leaves */
    forget_frames(low, size_bytes);
    top -= WRT_ALIGN_UP(sizeof(*beginning), (size_t)16);
    beginning = (struct beginning *)top;
    *beginning = (struct beginning){context, run, arg};
    saved = (uintptr_t *)top - SAVED_WORDS;
    memset(saved, 0, SAVED_WORDS * sizeof(*saved));
    saved[SAVED_RUN] = (uintptr_t)begin;
    saved[SAVED_ARG] = (uintptr_t)beginning;
    saved[SAVED_BACK] = (uintptr_t)wrt_os_begin_stack;
    context->sp = saved;
    return true;
}

/* Not in line: addresses of the thread's variables stay in functions that do
 * not switch. */
static WRT_NOINLINE void exchange_bounds(struct wrt_os_context *from,
                                         const struct wrt_os_context *to)
{
    from->bounds = wrt_os_stack_exchange(to->bounds);
}

void wrt_os_context_switch(struct wrt_os_context *from,
                           struct wrt_os_context *to)
{
    exchange_bounds(from, to);
    leave_stack(from, to, false);
    switch_fiber(from, to);
    wrt_os_swap_stacks(&from->sp, to->sp);
    enter_stack(from);
}

_Noreturn void wrt_os_context_leave(struct wrt_os_context *from,
                                    struct wrt_os_context *to)
{
    exchange_bounds(from, to);
    leave_stack(from, to, true);
    switch_fiber(from, to);
    wrt_os_swap_stacks(&from->sp, to->sp);
    __builtin_unreachable();
}

void wrt_os_context_fini(struct wrt_os_context *context)
{
    delete_fiber(context);
}
