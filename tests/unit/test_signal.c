/*
 * Memory faults: claimed ones become traps, others reach the handlers that were
 * there before.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "runtime/store/signal.h"

#include "tests/unit/world.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const char module_text[] =
    "(module (memory (export \"m\") 1) (func (export \"f\")))";

/* Accesses the guest's memory at a distance that nothing has committed. */
static wasmrt_error *touch_guard(struct wrt_ctx *ctx, struct wrt_instance *inst,
                                 uint32_t func_idx, wrt_slot *slots)
{
    (void)ctx;
    (void)func_idx;
    (void)slots;
    world.claims_faults = true;
    *(volatile uint8_t *)(inst->mem0->base + 65536) = 1;
    FAIL("the access did not fault");
}

static wasmrt_func *open_guarded(void)
{
    world_open(WASMRT_BOUNDS_GUARD);
    world.run = touch_guard;
    return world_func(world_instance(module_text), "f");
}

static wasmrt_error *call(wasmrt_func *func)
{
    return wasmrt_func_call(world.store, func, NULL, 0, NULL, 0);
}

/* The mask and the alternate stack are those of before. */
static void check_signal_state(const sigset_t *mask)
{
    sigset_t now;
    stack_t stack;

    CHECK_EQ(sigprocmask(SIG_BLOCK, NULL, &now), 0);
    for (int sig = 1; sig < NSIG; sig++)
        CHECK_EQ(sigismember(mask, sig), sigismember(&now, sig));
    CHECK_EQ(sigaltstack(NULL, &stack), 0);
    CHECK_EQ(stack.ss_flags & SS_ONSTACK, 0);
}

TEST(signal_of_a_guest_access_is_a_trap)
{
    wasmrt_func *func = open_guarded();
    sigset_t mask;

    CHECK_EQ(sigprocmask(SIG_BLOCK, NULL, &mask), 0);
    for (int i = 0; i < 1000; i++)
        check_error(call(func), WASMRT_ERR_MEMORY_OOB,
                    "out of bounds memory access");
    check_signal_state(&mask);
    CHECK(wrt_signal_current == NULL);
    world_close();
}

static void *call_in_thread(void *arg)
{
    stack_t stack;

    check_error(call(arg), WASMRT_ERR_MEMORY_OOB, "");
    CHECK_EQ(sigaltstack(NULL, &stack), 0);
    CHECK_EQ(stack.ss_flags & SS_DISABLE, 0);
    return NULL;
}

TEST(signal_works_in_every_thread)
{
    wasmrt_func *func = open_guarded();

    for (int i = 0; i < 50; i++) {
        pthread_t thread;

        CHECK_EQ(pthread_create(&thread, NULL, call_in_thread, func), 0);
        CHECK_EQ(pthread_join(thread, NULL), 0);
    }
    world_close();
}

TEST(signal_stack_of_the_thread_is_kept)
{
    static char mine[256 * 1024];
    stack_t stack = {.ss_sp = mine, .ss_size = sizeof(mine)}, now;
    wasmrt_func *func;

    CHECK_EQ(sigaltstack(&stack, NULL), 0);
    func = open_guarded();
    check_error(call(func), WASMRT_ERR_MEMORY_OOB, "");
    CHECK_EQ(sigaltstack(NULL, &now), 0);
    CHECK_EQ(now.ss_sp, (void *)mine);
    world_close();
}

static void *call_without_memory(void *func)
{
    struct rlimit limit = {0, 0};

    CHECK_EQ(setrlimit(RLIMIT_DATA, &limit), 0);
    check_error(call(func), WASMRT_ERR_OUT_OF_MEMORY, "");
    return NULL;
}

TEST(signal_stack_that_cannot_be_made)
{
    wasmrt_func *func = open_guarded();
    pthread_t thread;

    world_skip_without_limits();
    CHECK_EQ(pthread_create(&thread, NULL, call_without_memory, func), 0);
    CHECK_EQ(pthread_join(thread, NULL), 0);
    CHECK_EQ(world.entered, 0);
}

/* -- Chaining -------------------------------------------------------------- */

static sigjmp_buf escape;
static volatile sig_atomic_t seen_signal;
static volatile uintptr_t seen_addr;

static void on_segv(int sig, siginfo_t *info, void *context)
{
    (void)context;
    seen_signal = sig;
    seen_addr = (uintptr_t)info->si_addr;
    siglongjmp(escape, 1);
}

static void catch_faults(void)
{
    struct sigaction action = {.sa_sigaction = on_segv, .sa_flags = SA_SIGINFO};

    CHECK_EQ(sigaction(SIGSEGV, &action, NULL), 0);
    CHECK_EQ(sigaction(SIGBUS, &action, NULL), 0);
}

/* A page that nothing may touch. */
static uint8_t *no_access(void)
{
    return mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

TEST(signal_outside_the_guest_reaches_the_old_handler)
{
    uint8_t *page = no_access();

    catch_faults();
    open_guarded();
    if (sigsetjmp(escape, 1) == 0) {
        *(volatile uint8_t *)(page + 16) = 1;
        FAIL("the access did not fault");
    }
    CHECK_EQ(seen_signal, SIGSEGV);
    CHECK_EQ(seen_addr, (uintptr_t)page + 16);
    world_close();
}

static wasmrt_error *touch_elsewhere(struct wrt_ctx *ctx,
                                     struct wrt_instance *inst,
                                     uint32_t func_idx, wrt_slot *slots)
{
    (void)ctx;
    (void)inst;
    (void)func_idx;
    (void)slots;
    world.claims_faults = true; /* it would, but must not be asked */
    *(volatile uint8_t *)world.user = 1;
    FAIL("the access did not fault");
}

TEST(signal_of_the_guest_outside_its_memory_is_no_trap)
{
    wasmrt_func *func;

    catch_faults();
    func = open_guarded();
    world.run = touch_elsewhere;
    world.user = no_access();
    if (sigsetjmp(escape, 1) == 0)
        check_ok(call(func));
    CHECK_EQ(seen_addr, (uintptr_t)world.user);
}

static wasmrt_error *touch_unclaimed(struct wrt_ctx *ctx,
                                     struct wrt_instance *inst,
                                     uint32_t func_idx, wrt_slot *slots)
{
    (void)ctx;
    (void)func_idx;
    (void)slots;
    *(volatile uint8_t *)(inst->mem0->base + 65536) = 1;
    FAIL("the access did not fault");
}

TEST(signal_that_the_backend_does_not_claim_is_no_trap)
{
    wasmrt_func *func;

    catch_faults();
    func = open_guarded();
    world.run = touch_unclaimed;
    if (sigsetjmp(escape, 1) == 0)
        check_ok(call(func));
    CHECK_EQ(seen_signal, SIGSEGV);
}

/* How a child ends that does something. */
static int status_of(void (*act)(void))
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        act();
        _exit(0);
    }
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    return status;
}

static void crash(void)
{
    *(volatile uint8_t *)no_access() = 1;
}

static void send_segv(void)
{
    kill(getpid(), SIGSEGV);
}

TEST(signal_default_action_still_kills)
{
    int status;

    signal(SIGSEGV, SIG_DFL);
    open_guarded();
    status = status_of(crash);
    CHECK(WIFSIGNALED(status));
    CHECK_EQ(WTERMSIG(status), SIGSEGV);
    status = status_of(send_segv);
    CHECK(WIFSIGNALED(status));
    CHECK_EQ(WTERMSIG(status), SIGSEGV);
    world_close();
}

TEST(signal_ignored_is_ignored_when_sent_only)
{
    int status;

    signal(SIGSEGV, SIG_IGN);
    open_guarded();
    CHECK_EQ(status_of(send_segv), 0);
    status = status_of(crash);
    CHECK(WIFSIGNALED(status));
    CHECK_EQ(WTERMSIG(status), SIGSEGV);
    world_close();
}

static volatile sig_atomic_t plain_count, was_blocked;

static void on_plain(int sig)
{
    sigset_t mask;

    sigprocmask(SIG_BLOCK, NULL, &mask);
    was_blocked = sigismember(&mask, sig) && sigismember(&mask, SIGUSR1);
    plain_count++;
}

TEST(signal_old_handler_has_its_mask_and_resets)
{
    struct sigaction action = {.sa_handler = on_plain,
                               .sa_flags = (int)SA_RESETHAND};
    sigset_t before;

    sigaddset(&action.sa_mask, SIGUSR1);
    CHECK_EQ(sigaction(SIGSEGV, &action, NULL), 0);
    open_guarded();
    CHECK_EQ(sigprocmask(SIG_BLOCK, NULL, &before), 0);
    send_segv();
    CHECK_EQ(plain_count, 1);
    CHECK_EQ(was_blocked, 1);
    check_signal_state(&before);
    /* Once only: then the default action. */
    CHECK(WIFSIGNALED(status_of(send_segv)));
    world_close();
}
