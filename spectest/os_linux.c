/*
 * Threads for test scripts on Linux.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spectest/os.h"

#include <pthread.h>

_Static_assert(sizeof(pthread_t) == sizeof(uintptr_t), "pthread_t");

bool spectest_os_start(struct spectest_os_thread *thread, void *(*run)(void *),
                       void *arg)
{
    pthread_t id;

    if (pthread_create(&id, NULL, run, arg) != 0)
        return false;
    thread->handle = (uintptr_t)id;
    return true;
}

void spectest_os_join(struct spectest_os_thread *thread)
{
    pthread_join((pthread_t)thread->handle, NULL);
}
