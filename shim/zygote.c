/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/zygote.h"

#include "shim/cgroup.h"
#include "shim/guest.h"
#include "shim/memory.h"
#include "shim/parcel.h"
#include "shim/shim.h"
#include "shim/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

_Static_assert((int)ZYGOTE_FD_COUNT <= PARCEL_MOST_FDS, "one parcel");

static bool send_answer(int fd, int pid_or_error)
{
    struct zygote_answer answer = {.pid = (pid_t)pid_or_error};

    return send(fd, &answer, sizeof(answer), MSG_NOSIGNAL) == sizeof(answer);
}

/* -- Forking --------------------------------------------------------------- */

/* Where the C library keeps the number of this thread. */
static uint64_t find_tid(void)
{
    void *address = NULL;

    return prctl(PR_GET_TID_ADDRESS, &address) == 0 ? (uintptr_t)address : 0;
}

/* As fork(), but the child is one of our parent's. */
static pid_t fork_for_parent(uint64_t flags)
{
    struct clone_args args = {.flags = flags | CLONE_PARENT};

    args.child_tid = find_tid();
    if (args.child_tid)
        args.flags |= CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID;
    return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

/* A pid namespace is joined by children alone, so the zygote itself never
 * leaves its own. */
static pid_t fork_container(int own_pid_ns,
                            const struct zygote_request *request,
                            const int fds[ZYGOTE_FD_COUNT])
{
    pid_t pid = -1;
    int error;

    if (!request->joins_pid_ns)
        return fork_for_parent(request->new_pid_ns ? CLONE_NEWPID : 0);
    if (setns(fds[ZYGOTE_FD_PID_NS], CLONE_NEWPID) != 0)
        return -1;
    pid = fork_for_parent(0);
    error = errno;
    if (pid != 0 && setns(own_pid_ns, CLONE_NEWPID) != 0)
        _exit(1); /* another one takes over */
    errno = error;
    return pid;
}

static void serve_request(int fd, int own_pid_ns,
                          const struct zygote_request *request,
                          const int fds[ZYGOTE_FD_COUNT])
{
    pid_t pid = fork_container(own_pid_ns, request, fds);

    if (pid == 0)
        guest_main(request, fds);
    send_answer(fd, pid > 0 ? pid : -errno);
}

/* -- Messages -------------------------------------------------------------- */

static bool receive_request(int fd, struct zygote_request *request,
                            int fds[ZYGOTE_FD_COUNT])
{
    return parcel_receive(fd, request, sizeof(*request), fds, ZYGOTE_FD_COUNT) >
           0;
}

bool zygote_send(int fd, const struct zygote_request *request,
                 const int fds[ZYGOTE_FD_COUNT])
{
    int count = ZYGOTE_FD_COUNT - (request->joins_pid_ns ? 0 : 1);

    return parcel_send(fd, request, sizeof(*request), fds, count);
}

bool zygote_receive(int fd, struct zygote_answer *answer)
{
    return recv(fd, answer, sizeof(*answer), 0) == sizeof(*answer);
}

/* -- Life ------------------------------------------------------------------ */

/* Where it cannot be made, the first container's process says so. */
static void keep_empty_namespace(void)
{
    int fd = rootfs_make_empty();

    if (fd >= 0 && fd != ZYGOTE_EMPTY_NS) {
        dup3(fd, ZYGOTE_EMPTY_NS, O_CLOEXEC);
        close(fd);
    }
}

/* The end of a killed shim is seen here a moment before it stops listening.
 * Whoever listens longer is another shim. */
static void remove_socket(const char *path)
{
    const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};
    struct fault ignored;

    for (int i = 0; i < 10 && access(path, F_OK) == 0; i++) {
        int lock = socket_lock(&ignored);

        if (lock >= 0 && !socket_is_served(path))
            unlink(path);
        if (lock >= 0)
            close(lock);
        nanosleep(&pause, NULL);
    }
}

/* Whoever of shim and zygote ends first is survived, from here on, by one who
 * removes the socket.  Nobody waits for a zygote that takes over. */
static void say_ready(void)
{
    ssize_t n = write(SHIM_READY_FD, "", 1);

    (void)n;
    close(SHIM_READY_FD);
}

MEM_LAST struct zygote_request zygote_request;

_Noreturn void zygote_run(const char *socket_path)
{
    struct zygote_request *request = &zygote_request;
    int fds[ZYGOTE_FD_COUNT], own_pid_ns;

    fcntl(ZYGOTE_SOCKET, F_SETFD, FD_CLOEXEC);
    close_range(SHIM_READY_FD + 1, ~0u, 0);
    cgroup_look();
    prctl(PR_SET_NAME, "wasmrt-zygote");
    uv_set_process_title("wasmrt-zygote");
    say_ready(); /* before another descriptor takes that number */
    keep_empty_namespace();
    own_pid_ns = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
    mem_trim();
    while (receive_request(ZYGOTE_SOCKET, request, fds)) {
        serve_request(ZYGOTE_SOCKET, own_pid_ns, request, fds);
        for (int i = 0; i < ZYGOTE_FD_COUNT; i++) {
            if (fds[i] >= 0)
                close(fds[i]);
        }
    }
    remove_socket(socket_path);
    _exit(0);
}

/* Forks, and gives the child its end of a pair of sockets. */
static pid_t fork_with_socket(int *fd_out)
{
    int pair[2];
    pid_t pid;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return -1;
    pid = fork();
    if (pid == 0) {
        if (pair[1] == ZYGOTE_SOCKET)
            fcntl(ZYGOTE_SOCKET, F_SETFD, 0);
        else if (dup2(pair[1], ZYGOTE_SOCKET) < 0)
            _exit(1);
        return 0;
    }
    close(pair[1]);
    if (pid < 0)
        close(pair[0]);
    else
        *fd_out = pair[0];
    return pid;
}

bool zygote_start(pid_t *pid_out, int *fd_out, const char *socket_path)
{
    *pid_out = fork_with_socket(fd_out);
    if (*pid_out == 0)
        zygote_run(socket_path);
    return *pid_out > 0;
}

bool zygote_restart(pid_t *pid_out, int *fd_out, const char *socket_path)
{
    *pid_out = fork_with_socket(fd_out);
    if (*pid_out == 0) {
        mem_tune_next();
        execl("/proc/self/exe", "containerd-shim-wasmrt-v1", "-address",
              socket_path, "zygote", (char *)NULL);
        _exit(1);
    }
    return *pid_out > 0;
}
