/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "serve/os.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

enum { BACKLOG = 1024 };

/* -- Sockets --------------------------------------------------------------- */

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un un;
};

static const char *parse_unix(const char *path, union address *out)
{
    if (strlen(path) == 0 || strlen(path) >= sizeof(out->un.sun_path))
        return "the path of a unix socket has 1 to 107 bytes";
    out->un.sun_family = AF_UNIX;
    strcpy(out->un.sun_path, path);
    return NULL;
}

/* "IP:PORT" or "[IP6]:PORT". */
static const char *parse_ip(const char *text, union address *out)
{
    const char *colon = strrchr(text, ':');
    char host[64], *end;
    unsigned long port;
    size_t len = colon ? (size_t)(colon - text) : 0;
    bool is_v6 = text[0] == '[';

    if (!colon || len >= sizeof(host) || colon[1] < '0' || colon[1] > '9')
        return "an address is IP:PORT, [IP6]:PORT or unix:PATH";
    port = strtoul(colon + 1, &end, 10);
    if (*end || port > 65535 || (is_v6 && text[len - 1] != ']'))
        return "an address is IP:PORT, [IP6]:PORT or unix:PATH";
    snprintf(host, sizeof(host), "%.*s", (int)(is_v6 ? len - 2 : len),
             text + (is_v6 ? 1 : 0));
    if (is_v6 ? uv_ip6_addr(host, (int)port, &out->v6)
              : uv_ip4_addr(host, (int)port, &out->v4))
        return "no address of this machine is written like that";
    return NULL;
}

/* A socket that nobody listens on any more is in the way of a new one. */
static void remove_stale(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat st;
    int fd;

    if (lstat(path, &st) != 0 || !S_ISSOCK(st.st_mode))
        return;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    strcpy(address.sun_path, path);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0 &&
        errno == ECONNREFUSED)
        unlink(path);
    close(fd);
}

static const char *bind_to(int fd, const union address *address)
{
    socklen_t len = address->any.sa_family == AF_INET    ? sizeof(address->v4)
                    : address->any.sa_family == AF_INET6 ? sizeof(address->v6)
                                                         : sizeof(address->un);
    int one = 1;

    if (address->any.sa_family == AF_UNIX)
        remove_stale(address->un.sun_path);
    else
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(fd, &address->any, len) != 0 || listen(fd, BACKLOG) != 0)
        return errno == EADDRINUSE      ? "somebody listens there already"
               : errno == EADDRNOTAVAIL ? "this machine has no such address"
               : errno == EACCES        ? "permission denied"
                                        : "the socket cannot be made there";
    return NULL;
}

const char *os_listen(const char *address, int *fd_out)
{
    union address to = {0};
    bool is_unix = strncmp(address, "unix:", 5) == 0;
    const char *why =
        is_unix ? parse_unix(address + 5, &to) : parse_ip(address, &to);
    int fd;

    if (why)
        return why;
    fd =
        socket(to.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return "no socket can be made";
    why = bind_to(fd, &to);
    if (why)
        close(fd);
    else
        *fd_out = fd;
    return why;
}

bool os_is_listening(int fd)
{
    int value = 0;
    socklen_t len = sizeof(value);

    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &len) == 0 &&
           value;
}

bool os_is_unix(int fd)
{
    union address address = {0};
    socklen_t len = sizeof(address);

    return getsockname(fd, &address.any, &len) == 0 &&
           address.any.sa_family == AF_UNIX;
}

void os_remove_socket(const char *address)
{
    if (address && strncmp(address, "unix:", 5) == 0)
        unlink(address + 5);
}

int os_dup(int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

void os_close(int fd)
{
    close(fd);
}

int os_inherited_listener(void)
{
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");

    if (!pid || !count || strtol(pid, NULL, 10) != (long)getpid() ||
        atoi(count) < 1 || !os_is_listening(3))
        return -1;
    fcntl(3, F_SETFD, FD_CLOEXEC);
    fcntl(3, F_SETFL, fcntl(3, F_GETFL) | O_NONBLOCK);
    return 3;
}

/* -- The process ----------------------------------------------------------- */

unsigned os_open_fds(void)
{
    DIR *dir = opendir("/proc/self/fd");
    unsigned count = 0;

    while (dir && readdir(dir))
        count++;
    if (dir)
        closedir(dir);
    return count > 3 ? count - 3 : 0; /* the dots, and dir itself */
}

void os_raise_fd_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

uint64_t os_memory_bytes(void)
{
    size_t bytes = 0;

    return uv_resident_set_memory(&bytes) == 0 ? bytes : 0;
}

uint64_t os_peak_memory_bytes(void)
{
    struct rusage usage;

    return getrusage(RUSAGE_SELF, &usage) == 0
               ? (uint64_t)usage.ru_maxrss * 1024
               : 0;
}

double os_cpu_seconds(void)
{
    struct rusage usage;

    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return 0;
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

unsigned os_cores(void)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof(set), &set) != 0)
        return 1;
    return (unsigned)CPU_COUNT(&set);
}

uint64_t os_random(void)
{
    uint64_t value = 0;

    while (getrandom(&value, sizeof(value), 0) != sizeof(value))
        ;
    return value;
}

void os_ignore_sigpipe(void)
{
    signal(SIGPIPE, SIG_IGN);
}

int64_t os_now_s(void)
{
    return (int64_t)time(NULL);
}

/* -- Files ----------------------------------------------------------------- */

int os_open_dir(const char *path)
{
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int status_of(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG: return 404;
    case EACCES:
    case EPERM:
    case ELOOP:
    case EXDEV: return 403;
    default: return 500;
    }
}

int os_open_beneath(int dir, const char *path, int *fd_out,
                    struct os_stat *stat_out)
{
    struct open_how how = {.flags =
                               O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    struct stat st;
    long fd = syscall(SYS_openat2, dir, path, &how, sizeof(how));

    if (fd < 0)
        return status_of(errno);
    if (fstat((int)fd, &st) != 0) {
        close((int)fd);
        return 500;
    }
    *stat_out = (struct os_stat){.is_file = S_ISREG(st.st_mode),
                                 .is_dir = S_ISDIR(st.st_mode),
                                 .size = (uint64_t)st.st_size,
                                 .inode = (uint64_t)st.st_ino,
                                 .mtime_s = (int64_t)st.st_mtim.tv_sec,
                                 .mtime_ns = (int64_t)st.st_mtim.tv_nsec};
    *fd_out = (int)fd;
    return 0;
}

int64_t os_read_at(int fd, void *buf, size_t len, uint64_t at)
{
    ssize_t count;

    do
        count = pread(fd, buf, len, (off_t)at);
    while (count < 0 && errno == EINTR);
    return (int64_t)count;
}
