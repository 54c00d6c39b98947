/*
 * Tasks for tests: a guest that waits in many ways, in each engine and memory
 * mode of this build.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TESTS_API_TASKS_H
#define WRT_TESTS_API_TASKS_H

#include "tests/api/host.h"

extern const char tasks_guest[];

/* The guest; and what its import "other" calls. */
extern wasmrt_instance *guest;

/* Engines and ways to confine memory, as far as the tests were not told to use
 * one: a test that loops over them counts what it has seen. */
enum { MODE_COUNT = 4 };
bool has_mode(int mode);
wasmrt_config *mode_config(int mode);

#define FOR_MODES(mode)                                                        \
    for (int mode = 0; mode < MODE_COUNT; mode++)                              \
        if (has_mode(mode))

/* Opens the host with the guest in it: a task. */
wasmrt_task *open_tasks(int mode, wasmrt_host_fn other);
wasmrt_task *open_tasks_env(int mode, wasmrt_host_fn other, void *env);
/* The same in a host that is open. */
wasmrt_task *open_guest(wasmrt_host_fn other, void *env);

void start(wasmrt_task *task, const char *name, int32_t arg);
wasmrt_error *start_error(wasmrt_task *task, const char *name, int32_t arg);
void resume(wasmrt_task *task, intptr_t value);
int32_t result_of(const wasmrt_task *task);

/* What many_wait gives for its argument and the two values. */
int32_t many(int32_t arg, int32_t first, int32_t second);

/* Suspends where there is a task. */
wasmrt_error *suspend_if_task(wasmrt_caller *caller);

#endif
