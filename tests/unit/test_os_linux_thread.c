/*
 * Threads, waiting and moving pages on Linux.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "runtime/base/os.h"

#include "tests/lib/test.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

enum { MS = 1000000 };

TEST(os_wait_ends_in_time)
{
    uint32_t word = 1;
    uint64_t start = wrt_os_monotonic_ns();

    wrt_os_wait(&word, 1, start + 20 * MS);
    CHECK(wrt_os_monotonic_ns() - start >= 19 * MS);
    /* Another value, and a time that has passed: at once. */
    wrt_os_wait(&word, 2, start + (uint64_t)3600 * 1000 * MS);
    wrt_os_wait(&word, 1, 1);
    CHECK(wrt_os_monotonic_ns() - start < (uint64_t)60 * 1000 * MS);
}

static void *wake_waiter(void *arg)
{
    uint32_t *word = arg;
    sigset_t mask;

    CHECK_EQ(pthread_sigmask(SIG_BLOCK, NULL, &mask), 0);
    CHECK_EQ(sigismember(&mask, SIGTERM), 1);
    __atomic_store_n(word, 1, __ATOMIC_RELEASE);
    wrt_os_wake(word);
    return NULL;
}

TEST(os_wait_is_woken)
{
    uint32_t word = 0;
    struct wrt_thread thread;
    sigset_t mask;

    CHECK(wrt_thread_start(&thread, wake_waiter, &word));
    while (__atomic_load_n(&word, __ATOMIC_ACQUIRE) == 0)
        wrt_os_wait(&word, 0, 0);
    wrt_thread_join(&thread);
    /* Only the new thread gets no signals. */
    CHECK_EQ(pthread_sigmask(SIG_BLOCK, NULL, &mask), 0);
    CHECK_EQ(sigismember(&mask, SIGTERM), 0);
}

TEST(os_stack_low_is_below_and_near)
{
    uintptr_t low = wrt_os_stack_low();
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);

    CHECK(low != 0);
    CHECK(low < here);
    CHECK(here - low < (uintptr_t)1 << 40);
}

static ucontext_t main_context, other_context;
static uintptr_t seen_low = 1;

static void look_at_stack(void)
{
    seen_low = wrt_os_stack_low();
}

TEST(os_stack_low_is_unknown_on_a_coroutine)
{
    enum { SIZE = 256 * 1024 };
    void *stack = malloc(SIZE);

    CHECK(wrt_os_stack_low() != 0);
    CHECK_EQ(getcontext(&other_context), 0);
    other_context.uc_stack.ss_sp = stack;
    other_context.uc_stack.ss_size = SIZE;
    other_context.uc_link = &main_context;
    makecontext(&other_context, look_at_stack, 0);
    CHECK_EQ(swapcontext(&main_context, &other_context), 0);
    CHECK_EQ(seen_low, 0);
    free(stack);
}

/* Moves eight pages; `split` makes two mappings of them. */
static void move_pages(bool split)
{
    size_t page = wrt_os_page_size();
    char *from = wrt_os_reserve(8 * page), *to = wrt_os_reserve(16 * page);

    CHECK(from && to);
    CHECK(wrt_os_commit(from, 8 * page));
    for (size_t i = 0; i < 8; i++)
        from[i * page + i] = (char)(i + 1);
    if (split)
        CHECK_EQ(madvise(from + page, page, MADV_DONTFORK), 0);
    CHECK(wrt_os_move(to, from, 8 * page));
    for (size_t i = 0; i < 8; i++)
        CHECK_EQ(to[i * page + i], (char)(i + 1));
    to[8 * page - 1] = 1;
    wrt_os_release(from, 8 * page);
    wrt_os_release(to, 16 * page);
}

TEST(os_move_keeps_pages)
{
    move_pages(false);
    CHECK(wrt_os_move(NULL, NULL, 0));
}

TEST(os_move_of_a_split_mapping)
{
    move_pages(true);
}
