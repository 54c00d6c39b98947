/*
 * Memory faults on Linux: one handler for SIGSEGV and SIGBUS per process.
 *
 * A claimed fault ends by rewriting the interrupted context, so that the thread
 * leaves the handler through sigreturn into a function of ours on the stack
 * that it was using: the signal mask and the alternate stack are as they were.
 * A fault that is not ours goes to the handler that was there before, under the
 * rules that it had asked for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "runtime/base/os.h"

#include <pthread.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#ifndef AT_MINSIGSTKSZ
#define AT_MINSIGSTKSZ 51
#endif

/* Room for a chained handler that symbolises a crash, say. */
enum { SIGNAL_STACK_BYTES = 128 * 1024 };

/* Written before the handler is installed. */
static wrt_os_fault_fn fault_fn;
static struct sigaction previous[2]; /* of SIGSEGV, SIGBUS */

/* -- The interrupted context ----------------------------------------------- */

#if defined(__x86_64__)

static void read_context(const ucontext_t *uc, struct wrt_os_fault *fault)
{
    /* The kernel's order of general registers, in the ISA's numbering. */
    static const uint8_t order[16] = {
        REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
        REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};

    for (size_t i = 0; i < WRT_COUNTOF(order); i++)
        fault->regs[i] = (uint64_t)uc->uc_mcontext.gregs[order[i]];
    fault->pc = (uintptr_t)uc->uc_mcontext.gregs[REG_RIP];
}

static void redirect(ucontext_t *uc, const struct wrt_os_fault *fault)
{
    greg_t *regs = uc->uc_mcontext.gregs;
    /* Below the red zone of 128 bytes; as a call leaves the stack, 8 short of a
     * multiple of 16, with a return address of 0 that ends a walk. */
    uintptr_t sp = (((uintptr_t)regs[REG_RSP] - 128) & ~(uintptr_t)15) - 8;

    *(uintptr_t *)sp = 0;
    regs[REG_RSP] = (greg_t)sp;
    regs[REG_RDI] = (greg_t)fault->resume_arg;
    regs[REG_RIP] = (greg_t)fault->resume;
    regs[REG_EFL] &= ~(greg_t)0x400; /* direction flag: the ABI's state */
}

#elif defined(__aarch64__)

static void read_context(const ucontext_t *uc, struct wrt_os_fault *fault)
{
    for (size_t i = 0; i < 31; i++)
        fault->regs[i] = uc->uc_mcontext.regs[i];
    fault->regs[31] = uc->uc_mcontext.sp;
    fault->pc = (uintptr_t)uc->uc_mcontext.pc;
}

static void redirect(ucontext_t *uc, const struct wrt_os_fault *fault)
{
    uc->uc_mcontext.sp &= ~(uint64_t)15;
    uc->uc_mcontext.regs[0] = (uint64_t)(uintptr_t)fault->resume_arg;
    uc->uc_mcontext.regs[30] = 0; /* ends a walk */
    uc->uc_mcontext.pc = (uint64_t)fault->resume;
    uc->uc_mcontext.pstate &= ~(uint64_t)0xc00; /* no pending BTI check */
}

#elif defined(__riscv) && __riscv_xlen == 64

static void read_context(const ucontext_t *uc, struct wrt_os_fault *fault)
{
    /* Slot 0 of the kernel's array is the pc, in the place of x0. */
    fault->regs[0] = 0;
    for (size_t i = 1; i < 32; i++)
        fault->regs[i] = (uint64_t)uc->uc_mcontext.__gregs[i];
    fault->pc = (uintptr_t)uc->uc_mcontext.__gregs[REG_PC];
}

static void redirect(ucontext_t *uc, const struct wrt_os_fault *fault)
{
    uc->uc_mcontext.__gregs[REG_SP] &= ~(unsigned long)15;
    uc->uc_mcontext.__gregs[REG_A0] = (unsigned long)fault->resume_arg;
    uc->uc_mcontext.__gregs[REG_RA] = 0; /* ends a walk */
    uc->uc_mcontext.__gregs[REG_PC] = (unsigned long)fault->resume;
}

#else
#error "wasmrt knows the signal frames of x86-64, aarch64 and riscv64"
#endif

/* -- Chaining -------------------------------------------------------------- */

static struct sigaction *previous_of(int sig)
{
    return &previous[sig == SIGBUS];
}

/* Puts the default action back and lets the signal happen again: by running
 * the faulting instruction once more, or by sending it again when it was
 * sent. */
static void take_default(int sig, const siginfo_t *info)
{
    struct sigaction action = {.sa_handler = SIG_DFL};

    sigaction(sig, &action, NULL);
    if (info->si_code <= 0)
        syscall(SYS_tgkill, getpid(), (pid_t)syscall(SYS_gettid), sig);
}

/* Calls a handler with the mask that it asked for. */
static void call_previous(struct sigaction *action, int sig, siginfo_t *info,
                          void *context)
{
    sigset_t mask = action->sa_mask, before;
    struct sigaction chosen = *action;

    if (!(chosen.sa_flags & SA_NODEFER))
        sigaddset(&mask, sig);
    if (chosen.sa_flags & (int)SA_RESETHAND)
        action->sa_handler = SIG_DFL;
    pthread_sigmask(SIG_BLOCK, &mask, &before);
    if (chosen.sa_flags & SA_SIGINFO)
        chosen.sa_sigaction(sig, info, context);
    else
        chosen.sa_handler(sig);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void chain(int sig, siginfo_t *info, void *context)
{
    struct sigaction *action = previous_of(sig);
    bool is_plain = !(action->sa_flags & SA_SIGINFO);
    bool was_sent = info->si_code <= 0;

    /* The kernel does not let a fault be ignored. */
    if (is_plain && action->sa_handler == SIG_IGN && was_sent)
        return;
    if (is_plain &&
        (action->sa_handler == SIG_DFL || action->sa_handler == SIG_IGN))
        take_default(sig, info);
    else
        call_previous(action, sig, info, context);
}

/* -- The handler ----------------------------------------------------------- */

static void on_signal(int sig, siginfo_t *info, void *context)
{
    struct wrt_os_fault fault;

    /* A signal that somebody sent is no fault, whatever pc it hits. */
    if (info->si_code > 0) {
        read_context(context, &fault);
        fault.addr = (uintptr_t)info->si_addr;
        if (fault_fn(&fault)) {
            redirect(context, &fault);
            return;
        }
    }
    chain(sig, info, context);
}

static pthread_once_t install_once = PTHREAD_ONCE_INIT;
static bool is_installed;

static void install(void)
{
    struct sigaction action = {
        .sa_sigaction = on_signal,
        /* NODEFER: a claimed fault leaves no signal blocked; and a fault inside
         * a chained handler acts as it would without us. */
        .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER,
    };

    sigemptyset(&action.sa_mask);
    /* Reading first: a handler could run before sigaction() returns. */
    if (sigaction(SIGSEGV, NULL, &previous[0]) != 0 ||
        sigaction(SIGBUS, NULL, &previous[1]) != 0)
        return;
    is_installed = sigaction(SIGSEGV, &action, NULL) == 0 &&
                   sigaction(SIGBUS, &action, NULL) == 0;
}

bool wrt_os_catch_faults(wrt_os_fault_fn fn)
{
    __atomic_store_n(&fault_fn, fn, __ATOMIC_RELEASE);
    pthread_once(&install_once, install);
    return is_installed;
}

/* -- Alternate stacks ------------------------------------------------------ */

static pthread_key_t stack_key;
static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static bool has_key;

static size_t signal_stack_bytes(void)
{
    /* The frame grows with the vector registers of the machine. */
    size_t frame = (size_t)getauxval(AT_MINSIGSTKSZ);

    return WRT_ALIGN_UP(SIGNAL_STACK_BYTES + frame, wrt_os_page_size());
}

/* Runs when a thread ends, for the stack that it was given. */
static void drop_signal_stack(void *stack)
{
    stack_t now, none = {.ss_flags = SS_DISABLE};

    if (sigaltstack(NULL, &now) == 0 &&
        now.ss_sp == (char *)stack + wrt_os_page_size())
        sigaltstack(&none, NULL);
    wrt_os_thread.has_signal_stack = false;
    wrt_os_release(stack, wrt_os_page_size() + signal_stack_bytes());
}

static void make_key(void)
{
    has_key = pthread_key_create(&stack_key, drop_signal_stack) == 0;
}

/* Maps a stack behind a guard page and makes it the thread's. */
static bool make_signal_stack(void)
{
    size_t guard = wrt_os_page_size(), size = signal_stack_bytes();
    char *block = wrt_os_reserve(guard + size);
    stack_t stack = {.ss_size = size};

    if (!block)
        return false;
    stack.ss_sp = block + guard;
    if (wrt_os_commit(block + guard, size) &&
        pthread_setspecific(stack_key, block) == 0) {
        if (sigaltstack(&stack, NULL) == 0)
            return true;
        pthread_setspecific(stack_key, NULL);
    }
    wrt_os_release(block, guard + size);
    return false;
}

bool wrt_os_make_signal_stack(void)
{
    stack_t now;

    pthread_once(&key_once, make_key);
    if (!has_key || sigaltstack(NULL, &now) != 0)
        return false;
    wrt_os_thread.has_signal_stack =
        !(now.ss_flags & SS_DISABLE) || make_signal_stack();
    return wrt_os_thread.has_signal_stack;
}
