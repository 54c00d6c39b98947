/*
 * WASI's system calls on Linux: files, directories, time and chance.
 *
 * Calls are restarted after signals; interruption has one place, the wait
 * function.  openat2 and the flags of preadv2 are asked for by their numbers,
 * since the C library of a build may be older than the kernel it runs on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "wasi/os.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

_Static_assert(sizeof(struct p1_buf) == sizeof(struct iovec) &&
                   offsetof(struct p1_buf, len) ==
                       offsetof(struct iovec, iov_len),
               "struct p1_buf is handed to the kernel as it is");
_Static_assert(sizeof(off_t) == 8, "offsets have 64 bits");

/* WASI's number for the call that just failed. */
static enum p1_errno last_error(void)
{
    return p1_errno_from_host(errno);
}

static enum p1_errno result_of(int result)
{
    return result < 0 ? last_error() : P1_SUCCESS;
}

static enum p1_errno count_of(ssize_t n, size_t *out)
{
    if (n < 0)
        return last_error();
    *out = (size_t)n;
    return P1_SUCCESS;
}

static const struct iovec *iovecs(const struct p1_buf *bufs)
{
    return (const struct iovec *)(const void *)bufs;
}

/* -- Opening and closing --------------------------------------------------- */

/* The bits of open(2).  A terminal never becomes the host's controlling one;
 * opening never waits, so that a FIFO cannot hold the guest up. */
static int open_bits(unsigned flags)
{
    static const struct {
        unsigned flag;
        int bits;
    } map[] = {
        {P1_OPEN_CREATE, O_CREAT},   {P1_OPEN_EXCLUSIVE, O_EXCL},
        {P1_OPEN_TRUNCATE, O_TRUNC}, {P1_OPEN_DIRECTORY, O_DIRECTORY},
        {P1_OPEN_APPEND, O_APPEND},  {P1_OPEN_DSYNC, O_DSYNC},
        {P1_OPEN_SYNC, O_SYNC},
    };
    int bits = O_CLOEXEC;

    if (flags & P1_OPEN_PATH)
        return bits | O_PATH | (flags & P1_OPEN_DIRECTORY ? O_DIRECTORY : 0);
    bits |= O_NOCTTY | O_NONBLOCK;
    bits |= (flags & P1_OPEN_WRITE) == 0 ? O_RDONLY
            : flags & P1_OPEN_READ       ? O_RDWR
                                         : O_WRONLY;
    for (size_t i = 0; i < sizeof(map) / sizeof(map[0]); i++)
        bits |= flags & map[i].flag ? map[i].bits : 0;
    return bits;
}

enum { NEW_FILE_MODE = 0666, NEW_DIR_MODE = 0777 }; /* the host's umask rules */

static int open_beneath(int dir, const char *path, unsigned flags)
{
    struct open_how how = {
        .flags = (unsigned)(open_bits(flags) |
                            (flags & P1_OPEN_FOLLOW ? 0 : O_NOFOLLOW)),
        .mode = flags & P1_OPEN_CREATE ? NEW_FILE_MODE : 0,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    int fd;

    /* EAGAIN says that a rename anywhere on the machine made ".." uncertain.
     * After a few of those the caller goes another way. */
    for (int tries = 0; tries < 8; tries++) {
        fd = (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
            break;
    }
    return fd;
}

bool p1_os_can_open_beneath(void)
{
    int fd = open_beneath(AT_FDCWD, ".", P1_OPEN_PATH | P1_OPEN_DIRECTORY);

    if (fd >= 0)
        close(fd);
    /* ENOSYS: an old kernel; EPERM: a container's filter. */
    return fd >= 0 || (errno != ENOSYS && errno != EPERM);
}

enum p1_errno p1_os_open_beneath(int dir, const char *path, unsigned flags,
                                 int *out)
{
    *out = open_beneath(dir, path, flags);
    return result_of(*out);
}

enum p1_errno p1_os_open_at(int dir, const char *leaf, unsigned flags, int *out)
{
    do {
        *out = openat(dir, leaf, open_bits(flags) | O_NOFOLLOW, NEW_FILE_MODE);
    } while (*out < 0 && errno == EINTR);
    return result_of(*out);
}

enum p1_errno p1_os_open_host(const char *path, unsigned flags, int *out)
{
    do {
        *out = open(path, open_bits(flags), NEW_FILE_MODE);
    } while (*out < 0 && errno == EINTR);
    return result_of(*out);
}

enum p1_errno p1_os_open_parent(const char *path, int *dir_out, char *buf)
{
    char *real = realpath(path, NULL), *slash;
    enum p1_errno err = P1_SUCCESS;

    if (!real)
        return last_error();
    slash = strrchr(real, '/');
    if (strlen(slash + 1) >= P1_PATH_MAX)
        err = P1_NAMETOOLONG;
    else
        memcpy(buf, slash + 1, strlen(slash + 1) + 1);
    slash[slash == real] = '\0';
    if (!err)
        err = p1_os_open_host(real, P1_OPEN_PATH | P1_OPEN_DIRECTORY, dir_out);
    free(real);
    return err;
}

enum p1_errno p1_os_dup(int fd, int *out)
{
    *out = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    return result_of(*out);
}

void p1_os_close(int fd)
{
    if (fd >= 0)
        close(fd);
}

/* -- Metadata -------------------------------------------------------------- */

static enum p1_filetype filetype_of(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFBLK: return P1_FILETYPE_BLOCK_DEVICE;
    case S_IFCHR: return P1_FILETYPE_CHARACTER_DEVICE;
    case S_IFDIR: return P1_FILETYPE_DIRECTORY;
    case S_IFREG: return P1_FILETYPE_REGULAR_FILE;
    case S_IFSOCK: return P1_FILETYPE_SOCKET_STREAM;
    case S_IFLNK: return P1_FILETYPE_SYMBOLIC_LINK;
    default: return P1_FILETYPE_UNKNOWN; /* a FIFO has no type in WASI */
    }
}

/* Times before 1970 have no number in WASI. */
static uint64_t ns_of(struct timespec ts)
{
    if (ts.tv_sec < 0)
        return 0;
    return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static enum p1_errno convert_stat(int result, const struct stat *st,
                                  struct p1_filestat *out)
{
    if (result < 0)
        return last_error();
    *out = (struct p1_filestat){
        .dev = st->st_dev,
        .ino = st->st_ino,
        .filetype = (uint8_t)filetype_of(st->st_mode),
        .nlink = (uint64_t)st->st_nlink,
        .size = (uint64_t)st->st_size,
        .atim = ns_of(st->st_atim),
        .mtim = ns_of(st->st_mtim),
        .ctim = ns_of(st->st_ctim),
    };
    return P1_SUCCESS;
}

enum p1_errno p1_os_stat(int fd, struct p1_filestat *out)
{
    struct stat st;
    enum p1_errno err = convert_stat(fstat(fd, &st), &st, out);
    int type;
    socklen_t len = sizeof(type);

    if (!err && S_ISSOCK(st.st_mode) &&
        getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
        type == SOCK_DGRAM)
        out->filetype = P1_FILETYPE_SOCKET_DGRAM;
    return err;
}

enum p1_errno p1_os_stat_at(int dir, const char *leaf, struct p1_filestat *out)
{
    struct stat st;

    return convert_stat(fstatat(dir, leaf, &st, AT_SYMLINK_NOFOLLOW), &st, out);
}

bool p1_os_is_proc(int fd)
{
    struct statfs fs;

    return fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

bool p1_os_is_terminal(int fd)
{
    return isatty(fd) == 1;
}

uint64_t p1_os_available(int fd)
{
    int n = 0;

    return ioctl(fd, FIONREAD, &n) == 0 && n > 0 ? (uint64_t)n : 0;
}

uint16_t p1_os_fdflags(int fd)
{
    int bits = fcntl(fd, F_GETFL);

    if (bits < 0)
        return 0;
    /* O_SYNC contains the bit of O_DSYNC. */
    return (uint16_t)((bits & O_APPEND ? P1_FD_APPEND : 0) |
                      ((bits & O_SYNC) == O_SYNC ? P1_FD_SYNC
                       : bits & O_DSYNC          ? P1_FD_DSYNC
                                                 : 0));
}

enum p1_errno p1_os_set_append(int fd, bool on)
{
    int bits = fcntl(fd, F_GETFL);

    if (bits < 0)
        return last_error();
    return result_of(
        fcntl(fd, F_SETFL, on ? bits | O_APPEND : bits & ~O_APPEND));
}

static void convert_times(const struct p1_time times[2], struct timespec ts[2])
{
    for (int i = 0; i < 2; i++) {
        ts[i].tv_sec = (time_t)(times[i].ns / 1000000000);
        ts[i].tv_nsec = times[i].omit  ? UTIME_OMIT
                        : times[i].now ? UTIME_NOW
                                       : (long)(times[i].ns % 1000000000);
    }
}

enum p1_errno p1_os_set_times(int fd, const struct p1_time times[2])
{
    struct timespec ts[2];

    convert_times(times, ts);
    return result_of(futimens(fd, ts));
}

enum p1_errno p1_os_set_times_at(int dir, const char *leaf,
                                 const struct p1_time times[2])
{
    struct timespec ts[2];

    convert_times(times, ts);
    return result_of(utimensat(dir, leaf, ts, AT_SYMLINK_NOFOLLOW));
}

/* -- Data ------------------------------------------------------------------ */

enum { NOWAIT = 8 }; /* RWF_NOWAIT */

enum p1_errno p1_os_read(int fd, const struct p1_buf *bufs, int count,
                         bool nowait, size_t *out)
{
    ssize_t n;

    do {
        if (nowait)
            n = preadv2(fd, iovecs(bufs), count, -1, NOWAIT);
        else
            n = readv(fd, iovecs(bufs), count);
    } while (n < 0 && errno == EINTR);
    return count_of(n, out);
}

/* Writes with SIGPIPE held back in this thread, and takes back the one that the
 * write caused: the process belongs to the embedder. */
static ssize_t write_quietly(int fd, const struct p1_buf *bufs, int count,
                             int flags)
{
    static const struct timespec at_once = {0, 0};
    sigset_t pipe_only, pending, old;
    ssize_t n;
    int saved;

    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    sigpending(&pending);
    pthread_sigmask(SIG_BLOCK, &pipe_only, &old);
    n = flags ? pwritev2(fd, iovecs(bufs), count, -1, flags)
              : writev(fd, iovecs(bufs), count);
    saved = errno;
    if (n < 0 && saved == EPIPE && !sigismember(&pending, SIGPIPE))
        sigtimedwait(&pipe_only, NULL, &at_once);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    errno = saved;
    return n;
}

enum p1_errno p1_os_write(int fd, const struct p1_buf *bufs, int count,
                          bool nowait, bool pipe, size_t *out)
{
    int flags = nowait ? NOWAIT : 0;
    ssize_t n;

    do {
        if (pipe)
            n = write_quietly(fd, bufs, count, flags);
        else if (nowait)
            n = pwritev2(fd, iovecs(bufs), count, -1, flags);
        else
            n = writev(fd, iovecs(bufs), count);
    } while (n < 0 && errno == EINTR);
    return count_of(n, out);
}

enum p1_errno p1_os_pread(int fd, const struct p1_buf *bufs, int count,
                          uint64_t offset, size_t *out)
{
    ssize_t n;

    do {
        n = preadv(fd, iovecs(bufs), count, (off_t)offset);
    } while (n < 0 && errno == EINTR);
    return count_of(n, out);
}

enum p1_errno p1_os_pwrite(int fd, const struct p1_buf *bufs, int count,
                           uint64_t offset, size_t *out)
{
    ssize_t n;

    do {
        n = pwritev(fd, iovecs(bufs), count, (off_t)offset);
    } while (n < 0 && errno == EINTR);
    return count_of(n, out);
}

enum p1_errno p1_os_seek(int fd, int64_t offset, enum p1_whence whence,
                         uint64_t *out)
{
    static const int map[] = {SEEK_SET, SEEK_CUR, SEEK_END};
    off_t at = lseek(fd, offset, map[whence]);

    if (at < 0)
        return last_error();
    *out = (uint64_t)at;
    return P1_SUCCESS;
}

enum p1_errno p1_os_set_size(int fd, uint64_t size)
{
    if (size > INT64_MAX)
        return P1_INVAL;
    return result_of(ftruncate(fd, (off_t)size));
}

enum p1_errno p1_os_allocate(int fd, uint64_t offset, uint64_t len)
{
    int result;

    do {
        result = fallocate(fd, FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)len);
    } while (result < 0 && errno == EINTR);
    return result_of(result);
}

enum p1_errno p1_os_advise(int fd, uint64_t offset, uint64_t len,
                           enum p1_advice advice)
{
    static const int map[] = {POSIX_FADV_NORMAL,   POSIX_FADV_SEQUENTIAL,
                              POSIX_FADV_RANDOM,   POSIX_FADV_WILLNEED,
                              POSIX_FADV_DONTNEED, POSIX_FADV_NOREUSE};
    int error;

    if (offset > INT64_MAX || len > INT64_MAX)
        return P1_INVAL;
    error = posix_fadvise(fd, (off_t)offset, (off_t)len, map[advice]);
    return error ? p1_errno_from_host(error) : P1_SUCCESS;
}

enum p1_errno p1_os_sync(int fd, bool data_only)
{
    return result_of(data_only ? fdatasync(fd) : fsync(fd));
}

/* -- Directories ----------------------------------------------------------- */

static enum p1_filetype entry_type(unsigned char type)
{
    switch (type) {
    case DT_BLK: return P1_FILETYPE_BLOCK_DEVICE;
    case DT_CHR: return P1_FILETYPE_CHARACTER_DEVICE;
    case DT_DIR: return P1_FILETYPE_DIRECTORY;
    case DT_REG: return P1_FILETYPE_REGULAR_FILE;
    case DT_SOCK: return P1_FILETYPE_SOCKET_STREAM;
    case DT_LNK: return P1_FILETYPE_SYMBOLIC_LINK;
    default: return P1_FILETYPE_UNKNOWN;
    }
}

enum p1_errno p1_os_list(int fd,
                         enum p1_errno (*each)(void *user, const char *name,
                                               uint64_t ino,
                                               enum p1_filetype type),
                         void *user)
{
    _Alignas(struct dirent64) char buf[16 * 1024];
    enum p1_errno err = P1_SUCCESS;
    ssize_t n;

    if (lseek(fd, 0, SEEK_SET) < 0)
        return last_error();
    while (!err && (n = getdents64(fd, buf, sizeof(buf))) > 0) {
        for (ssize_t at = 0; !err && at < n;) {
            const struct dirent64 *entry =
                (const struct dirent64 *)(const void *)(buf + at);

            err = each(user, entry->d_name, entry->d_ino,
                       entry_type(entry->d_type));
            at += entry->d_reclen;
        }
    }
    return !err && n < 0 ? last_error() : err;
}

enum p1_errno p1_os_readlink_at(int dir, const char *leaf, char *buf,
                                size_t size, size_t *len_out)
{
    return count_of(readlinkat(dir, leaf, buf, size), len_out);
}

enum p1_errno p1_os_mkdir_at(int dir, const char *leaf)
{
    return result_of(mkdirat(dir, leaf, NEW_DIR_MODE));
}

enum p1_errno p1_os_unlink_at(int dir, const char *leaf)
{
    return result_of(unlinkat(dir, leaf, 0));
}

enum p1_errno p1_os_rmdir_at(int dir, const char *leaf)
{
    return result_of(unlinkat(dir, leaf, AT_REMOVEDIR));
}

enum p1_errno p1_os_symlink_at(const char *target, int dir, const char *leaf)
{
    return result_of(symlinkat(target, dir, leaf));
}

enum p1_errno p1_os_link_at(int old_dir, const char *old_leaf, int new_dir,
                            const char *new_leaf)
{
    return result_of(linkat(old_dir, old_leaf, new_dir, new_leaf, 0));
}

enum p1_errno p1_os_rename_at(int old_dir, const char *old_leaf, int new_dir,
                              const char *new_leaf)
{
    return result_of(renameat(old_dir, old_leaf, new_dir, new_leaf));
}

/* -- Time, chance, processor ----------------------------------------------- */

static const clockid_t clock_ids[P1_CLOCK_COUNT] = {
    CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID,
    CLOCK_THREAD_CPUTIME_ID};

enum p1_errno p1_os_clock_now(enum p1_clockid id, uint64_t *ns_out)
{
    struct timespec ts;

    if (clock_gettime(clock_ids[id], &ts) < 0)
        return last_error();
    *ns_out = ns_of(ts);
    return P1_SUCCESS;
}

enum p1_errno p1_os_clock_res(enum p1_clockid id, uint64_t *ns_out)
{
    struct timespec ts;

    if (clock_getres(clock_ids[id], &ts) < 0)
        return last_error();
    *ns_out = ns_of(ts);
    return P1_SUCCESS;
}

enum p1_errno p1_os_random(void *buf, size_t len)
{
    uint8_t *at = buf;

    while (len > 0) {
        /* Larger requests could be cut short by a signal. */
        size_t part = len < 256 ? len : 256;
        ssize_t n = getrandom(at, part, 0);

        if (n < 0 && errno != EINTR)
            return last_error();
        at += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return P1_SUCCESS;
}

void p1_os_yield(void)
{
    sched_yield();
}
