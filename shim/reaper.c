/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/reaper.h"

#include "shim/memory.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

struct reaped {
    struct reaped *next;
    pid_t pid;
    reaper_fn *done;
    void *user;
};

/* Calls back for one child that has ended.  The list may change in there. */
static bool reap_one(struct reaper *reaper)
{
    for (struct reaped **at = &reaper->first; *at; at = &(*at)->next) {
        struct reaped *child = *at;
        int status;

        if (waitpid(child->pid, &status, WNOHANG) == child->pid) {
            *at = child->next;
            child->done(child->user, status);
            free(child);
            return true;
        }
    }
    return false;
}

/* Orphans that came to us from containers are reaped too, but not while one of
 * them may be a process that we wait to hear of. */
static void reap(struct reaper *reaper)
{
    while (reap_one(reaper))
        ;
    if (reaper->expected > 0)
        return;
    for (;;) {
        siginfo_t info = {0};

        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
            info.si_pid == 0)
            return;
        for (struct reaped *child = reaper->first; child; child = child->next) {
            if (child->pid == info.si_pid)
                return; /* ended just now: there will be another signal */
        }
        waitpid(info.si_pid, NULL, WNOHANG);
    }
}

static void on_signal(uv_signal_t *signal, int number)
{
    (void)number;
    reap(signal->data);
}

void reaper_init(struct reaper *reaper, uv_loop_t *loop)
{
    *reaper = (struct reaper){0};
    uv_signal_init(loop, &reaper->signal);
    reaper->signal.data = reaper;
    uv_signal_start(&reaper->signal, on_signal, SIGCHLD);
}

void reaper_add(struct reaper *reaper, pid_t pid, reaper_fn *done, void *user)
{
    struct reaped *child = mem_alloc(sizeof(*child));

    *child = (struct reaped){reaper->first, pid, done, user};
    reaper->first = child;
    raise(SIGCHLD); /* it may have ended before we knew it */
}

void reaper_expect(struct reaper *reaper)
{
    reaper->expected++;
}

void reaper_expect_no_more(struct reaper *reaper)
{
    if (--reaper->expected == 0)
        raise(SIGCHLD);
}

unsigned reaper_exit_status(int status)
{
    return WIFSIGNALED(status) ? 128u + (unsigned)WTERMSIG(status)
                               : (unsigned)WEXITSTATUS(status);
}
