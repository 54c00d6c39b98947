/*
 * Threads for test scripts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_SPECTEST_OS_H
#define WRT_SPECTEST_OS_H

#include <stdbool.h>
#include <stdint.h>

struct spectest_os_thread {
    uintptr_t handle;
};

/* Runs a function in a new thread; false when there can be none. */
bool spectest_os_start(struct spectest_os_thread *thread, void *(*run)(void *),
                       void *arg);

/* Waits for its end. */
void spectest_os_join(struct spectest_os_thread *thread);

#endif
