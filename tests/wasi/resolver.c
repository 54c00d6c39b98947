/*
 * The wrappers, and the holes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/wasi/resolver.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct resolver_test resolver_test;

/* For each function: the real one, and the one that is called instead. */
#define WRAP(type, name, params)                                               \
    type __real_##name params;                                                 \
    type __wrap_##name params;

WRAP(bool, p1_os_can_open_beneath, (void))
WRAP(enum p1_errno, p1_os_open_beneath,
     (int dir, const char *path, unsigned flags, int *out))
WRAP(enum p1_errno, p1_os_open_at,
     (int dir, const char *leaf, unsigned flags, int *out))
WRAP(enum p1_errno, p1_os_stat_at,
     (int dir, const char *leaf, struct p1_filestat *out))
WRAP(enum p1_errno, p1_os_set_times_at,
     (int dir, const char *leaf, const struct p1_time times[2]))
WRAP(enum p1_errno, p1_os_readlink_at,
     (int dir, const char *leaf, char *buf, size_t size, size_t *len_out))
WRAP(enum p1_errno, p1_os_mkdir_at, (int dir, const char *leaf))
WRAP(enum p1_errno, p1_os_unlink_at, (int dir, const char *leaf))
WRAP(enum p1_errno, p1_os_rmdir_at, (int dir, const char *leaf))
WRAP(enum p1_errno, p1_os_symlink_at,
     (const char *target, int dir, const char *leaf))
WRAP(enum p1_errno, p1_os_link_at,
     (int old_dir, const char *old_leaf, int new_dir, const char *new_leaf))
WRAP(enum p1_errno, p1_os_rename_at,
     (int old_dir, const char *old_leaf, int new_dir, const char *new_leaf))

static void before(void)
{
    if (resolver_test.before)
        resolver_test.before();
}

bool resolver_kernel_exists(void)
{
    return __real_p1_os_can_open_beneath();
}

bool __wrap_p1_os_can_open_beneath(void)
{
    return !resolver_test.is_walk && __real_p1_os_can_open_beneath();
}

/* -- Opening, with holes --------------------------------------------------- */

/* Opens as nobody should. */
static enum p1_errno open_loosely(int dir, const char *path, unsigned flags,
                                  int *out)
{
    int bits = O_CLOEXEC | O_NONBLOCK;

    bits |= flags & P1_OPEN_WRITE ? O_RDWR : O_RDONLY;
    bits |= flags & P1_OPEN_PATH ? O_PATH : 0;
    bits |= flags & P1_OPEN_DIRECTORY ? O_DIRECTORY : 0;
    bits |= flags & P1_OPEN_CREATE ? O_CREAT : 0;
    bits |= flags & P1_OPEN_EXCLUSIVE ? O_EXCL : 0;
    bits |= flags & P1_OPEN_TRUNCATE ? O_TRUNC : 0;
    *out = openat(dir, path, bits, 0600);
    return *out < 0 ? p1_errno_from_host(errno) : P1_SUCCESS;
}

enum p1_errno __wrap_p1_os_open_at(int dir, const char *leaf, unsigned flags,
                                   int *out)
{
    struct stat st;

    before();
    if (resolver_test.hole == HOLE_LOOKS_FIRST) {
        if (fstatat(dir, leaf, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISLNK(st.st_mode))
            return P1_LOOP;
        before();
    }
    if (resolver_test.hole == HOLE_FOLLOWS ||
        resolver_test.hole == HOLE_LOOKS_FIRST)
        return open_loosely(dir, leaf, flags, out);
    return __real_p1_os_open_at(dir, leaf, flags, out);
}

enum p1_errno __wrap_p1_os_open_beneath(int dir, const char *path,
                                        unsigned flags, int *out)
{
    if (resolver_test.is_busy)
        return P1_AGAIN;
    before();
    if (resolver_test.hole == HOLE_LOOKS_FIRST) {
        enum p1_errno err = __real_p1_os_open_beneath(
            dir, path, P1_OPEN_PATH | (flags & P1_OPEN_FOLLOW), out);

        if (err)
            return err;
        close(*out);
        before();
    }
    if (resolver_test.hole == HOLE_FOLLOWS ||
        resolver_test.hole == HOLE_LOOKS_FIRST)
        return open_loosely(dir, path, flags, out);
    return __real_p1_os_open_beneath(dir, path, flags, out);
}

enum p1_errno __wrap_p1_os_stat_at(int dir, const char *leaf,
                                   struct p1_filestat *out)
{
    int fd;

    before();
    if (resolver_test.hole == HOLE_STAT_FOLLOWS &&
        open_loosely(dir, leaf, P1_OPEN_PATH, &fd) == P1_SUCCESS) {
        enum p1_errno err = p1_os_stat(fd, out);

        close(fd);
        return err;
    }
    return __real_p1_os_stat_at(dir, leaf, out);
}

/* -- The others ------------------------------------------------------------ */

enum p1_errno __wrap_p1_os_set_times_at(int dir, const char *leaf,
                                        const struct p1_time times[2])
{
    before();
    return __real_p1_os_set_times_at(dir, leaf, times);
}

enum p1_errno __wrap_p1_os_readlink_at(int dir, const char *leaf, char *buf,
                                       size_t size, size_t *len_out)
{
    before();
    return __real_p1_os_readlink_at(dir, leaf, buf, size, len_out);
}

enum p1_errno __wrap_p1_os_mkdir_at(int dir, const char *leaf)
{
    before();
    return __real_p1_os_mkdir_at(dir, leaf);
}

enum p1_errno __wrap_p1_os_unlink_at(int dir, const char *leaf)
{
    before();
    return __real_p1_os_unlink_at(dir, leaf);
}

enum p1_errno __wrap_p1_os_rmdir_at(int dir, const char *leaf)
{
    before();
    return __real_p1_os_rmdir_at(dir, leaf);
}

enum p1_errno __wrap_p1_os_symlink_at(const char *target, int dir,
                                      const char *leaf)
{
    before();
    return __real_p1_os_symlink_at(target, dir, leaf);
}

enum p1_errno __wrap_p1_os_link_at(int old_dir, const char *old_leaf,
                                   int new_dir, const char *new_leaf)
{
    before();
    return __real_p1_os_link_at(old_dir, old_leaf, new_dir, new_leaf);
}

enum p1_errno __wrap_p1_os_rename_at(int old_dir, const char *old_leaf,
                                     int new_dir, const char *new_leaf)
{
    before();
    return __real_p1_os_rename_at(old_dir, old_leaf, new_dir, new_leaf);
}
