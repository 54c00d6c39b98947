/*
 * What POSIX programs expect and wasm32-wasi has no notion of: users,
 * permissions, locks between processes, other programs.  Included in front of
 * their sources.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TESTS_REAL_POSIX_H
#define WRT_TESTS_REAL_POSIX_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>

#define F_RDLCK     0
#define F_WRLCK     1
#define F_UNLCK     2
#define F_GETLK     5
#define F_SETLK     6
#define F_SETLKW    7
#define RUSAGE_SELF 0
#define L_tmpnam    20

static inline int fchmod(int fd, mode_t mode)
{
    (void)fd, (void)mode;
    return 0;
}

static inline int chmod(const char *path, mode_t mode)
{
    (void)path, (void)mode;
    return 0;
}

static inline int fchown(int fd, uid_t user, gid_t group)
{
    (void)fd, (void)user, (void)group;
    return 0;
}

static inline int chown(const char *path, uid_t user, gid_t group)
{
    (void)path, (void)user, (void)group;
    return 0;
}

static inline uid_t getuid(void)
{
    return 1;
}

static inline uid_t geteuid(void)
{
    return 1;
}

static inline mode_t umask(mode_t mask)
{
    (void)mask;
    return 0;
}

static inline FILE *popen(const char *command, const char *mode)
{
    (void)command, (void)mode;
    errno = ENOSYS;
    return NULL;
}

static inline int pclose(FILE *stream)
{
    (void)stream;
    return -1;
}

#endif
