/*
 * The whole of path.c under other names, with an open that follows links.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#define p1_resolver_choose hole_resolver_choose
#define p1_resolve_place   hole_resolve_place
#define p1_resolve_open    hole_resolve_open
#define p1_place_close     hole_place_close
#define p1_os_open_at      hole_open_at
#include "wasi/path.c"
#undef p1_os_open_at

#include <errno.h>
#include <fcntl.h>

enum p1_errno hole_open_at(int dir, const char *leaf, unsigned flags, int *out)
{
    int bits = O_CLOEXEC | O_NONBLOCK;

    if (flags & P1_OPEN_PATH)
        bits |= O_PATH;
    if (flags & P1_OPEN_DIRECTORY)
        bits |= O_DIRECTORY;
    if (flags & P1_OPEN_CREATE)
        bits |= O_CREAT;
    *out = openat(dir, leaf, bits, 0600); /* the hole: no O_NOFOLLOW */
    return *out < 0 ? p1_errno_from_host(errno) : P1_SUCCESS;
}
