/*
 * Threads and their stacks on Linux.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "runtime/base/os.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Threads of ours wait and set flags, or compile, which does not recurse.  What
 * the host has in thread-local variables comes off it, too. */
enum { THREAD_STACK_BYTES = 256 * 1024 };

void wrt_os_wait(uint32_t *word, uint32_t seen, uint64_t until_ns)
{
    struct timespec until = {
        .tv_sec = (time_t)(until_ns / 1000000000u),
        .tv_nsec = (long)(until_ns % 1000000000u),
    };

    /* The BITSET form takes an absolute time of the monotonic clock. */
    syscall(SYS_futex, word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, seen,
            until_ns ? &until : NULL, NULL, FUTEX_BITSET_MATCH_ANY);
}

void wrt_os_wake(uint32_t *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, INT_MAX, NULL,
            NULL, 0);
}

bool wrt_thread_start(struct wrt_thread *thread, void *(*run)(void *),
                      void *arg)
{
    _Static_assert(sizeof(pthread_t) == sizeof(thread->handle), "pthread_t");
    pthread_attr_t attr;
    pthread_t id;
    sigset_t all, before;
    bool ok;

    if (pthread_attr_init(&attr) != 0)
        return false;
    pthread_attr_setstacksize(&attr, THREAD_STACK_BYTES);
    /* A new thread inherits the mask: the embedder's handlers never run in a
     * thread that it does not know. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    ok = pthread_create(&id, &attr, run, arg) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    if (ok)
        thread->handle = (uintptr_t)id;
    return ok;
}

void wrt_thread_join(struct wrt_thread *thread)
{
    pthread_join((pthread_t)thread->handle, NULL);
}

unsigned wrt_os_cpu_count(void)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof(set), &set) != 0)
        return 1;
    return (unsigned)WRT_MAX(CPU_COUNT(&set), 1);
}

WRT_THREAD_LOCAL struct wrt_os_thread wrt_os_thread;

/* The first thread's, which grows: its name is at the very top.  The library
 * would read /proc/self/maps, which is most of what it takes to start a small
 * guest.  Nothing else is mapped that near below. */
static bool find_first_stack(void)
{
    const uintptr_t near = (uintptr_t)64 << 20;
    uintptr_t top = getauxval(AT_EXECFN);
    struct rlimit limit;

    if (gettid() != getpid() || top == 0 ||
        getrlimit(RLIMIT_STACK, &limit) != 0)
        return false;
    top = WRT_ALIGN_UP(top, wrt_os_page_size());
    wrt_os_thread.stack.high = top;
    wrt_os_thread.stack.low = top - WRT_MIN((uintptr_t)limit.rlim_cur, near);
    return true;
}

void wrt_os_find_stack(void)
{
    struct wrt_os_bounds *stack = &wrt_os_thread.stack;
    pthread_attr_t attr;
    void *low;
    size_t size;

    if (find_first_stack())
        return;
    stack->high = 1; /* no address is below it: unknown */
    if (pthread_getattr_np(pthread_self(), &attr) != 0)
        return;
    if (pthread_attr_getstack(&attr, &low, &size) == 0) {
        stack->low = (uintptr_t)low;
        stack->high = (uintptr_t)low + size;
    }
    pthread_attr_destroy(&attr);
}

struct wrt_os_bounds wrt_os_stack_exchange(struct wrt_os_bounds bounds)
{
    struct wrt_os_bounds before = wrt_os_thread.stack;

    wrt_os_thread.stack = bounds;
    return before;
}

const void *wrt_os_thread_self(void)
{
    return &wrt_os_thread;
}
