/*
 * Locks and threads, where a guest has several.
 *
 * A lock is held for moments only: never across a call that may wait.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WASI_OS_THREAD_H
#define WASI_OS_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* Zeroes are an open lock, as PTHREAD_MUTEX_INITIALIZER is on Linux; there is
 * nothing to release. */
struct p1_lock {
    pthread_mutex_t mutex;
};

static inline void p1_lock(struct p1_lock *lock)
{
    pthread_mutex_lock(&lock->mutex);
}

static inline void p1_unlock(struct p1_lock *lock)
{
    pthread_mutex_unlock(&lock->mutex);
}

struct p1_os_thread {
    pthread_t handle;
};

/* Runs a function in a new thread; false when there can be none. */
static inline bool p1_os_thread_start(struct p1_os_thread *thread,
                                      void *(*run)(void *), void *arg)
{
    return pthread_create(&thread->handle, NULL, run, arg) == 0;
}

/* Waits for its end. */
static inline void p1_os_thread_join(struct p1_os_thread *thread)
{
    pthread_join(thread->handle, NULL);
}

#endif
