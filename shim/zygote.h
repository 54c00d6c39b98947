/*
 * The zygote: a small process from which containers' processes are forked.
 *
 * It is forked from the shim before that has read anything, so neither it nor
 * any container holds a secret of another; it has one thread and no state.  The
 * processes that it forks are the shim's children: only the shim waits for
 * them, and they end with it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_ZYGOTE_H
#define SHIM_ZYGOTE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

enum zygote_kind { ZYGOTE_WASM, ZYGOTE_PAUSE };

enum zygote_fd {
    ZYGOTE_FD_SYNC,   /* the container's end of the line to the shim */
    ZYGOTE_FD_PID_NS, /* only with joins_pid_ns */
    ZYGOTE_FD_COUNT
};

enum { ZYGOTE_ID_BYTES = 256 };

/* Descriptors of the zygote, and of a container's process when it begins. */
enum {
    ZYGOTE_SOCKET = 3,
    ZYGOTE_EMPTY_NS, /* rootfs_make_empty()'s */
    ZYGOTE_PAST_FDS
};

/* One message, with ZYGOTE_FD_COUNT descriptors or one less. */
struct zygote_request {
    enum zygote_kind kind;
    bool new_pid_ns, joins_pid_ns;
    char id[ZYGOTE_ID_BYTES];
    char bundle[PATH_MAX];
};

/* The answer to a request, in order: a pid, or a negative error number. */
struct zygote_answer {
    pid_t pid;
};

/* Forks the zygote.  *fd_out: a SOCK_SEQPACKET socket; closing it ends it.
 * When it ends it removes `socket_path`, borrowed, should the shim have left it
 * behind: a shim that is killed before containerd has reached it is not deleted
 * by anybody. */
bool zygote_start(pid_t *pid_out, int *fd_out, const char *socket_path);

/* The same after the shim has read things: the new one is a fresh execution of
 * this program. */
bool zygote_restart(pid_t *pid_out, int *fd_out, const char *socket_path);

/* What that execution runs, with its socket as descriptor 3. */
_Noreturn void zygote_run(const char *socket_path);

/* Sends a request; fds as in enum zygote_fd. */
bool zygote_send(int fd, const struct zygote_request *request,
                 const int fds[ZYGOTE_FD_COUNT]);

/* Receives an answer; false when the zygote is gone. */
bool zygote_receive(int fd, struct zygote_answer *answer);

#endif
