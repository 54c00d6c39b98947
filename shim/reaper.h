/*
 * The ends of child processes.
 *
 * Containers' processes are children of the shim: those of Wasm guests because
 * the zygote makes them so, those of Linux containers because the shim is a
 * subreaper.  A pid stays valid until it is reaped here, so as long as nobody
 * was told of the end, kill() hits the right process.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_REAPER_H
#define SHIM_REAPER_H

#include <stdbool.h>
#include <sys/types.h>
#include <uv.h>

/* status: as waitpid() gives it. */
typedef void reaper_fn(void *user, int status);

struct reaper {
    uv_signal_t signal;
    struct reaped *first;
    unsigned expected; /* children whose pids are about to become known */
};

void reaper_init(struct reaper *reaper, uv_loop_t *loop);

/* Calls back, from the loop, when the child has ended; also when it has ended
 * already. */
void reaper_add(struct reaper *reaper, pid_t pid, reaper_fn *done, void *user);

/* Between these two, ends of unknown children are kept. */
void reaper_expect(struct reaper *reaper);
void reaper_expect_no_more(struct reaper *reaper);

/* Ends as containerd counts them: the status, or 128 and the signal. */
unsigned reaper_exit_status(int status);

#endif
