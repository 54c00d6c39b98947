/*
 * The scene of the resolver's tests: a sandbox, something beside it that must
 * stay out of reach, and ways to try.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TESTS_WASI_TREE_H
#define WRT_TESTS_WASI_TREE_H

#include "wasi/path.h"

/* Which resolver is tried. */
enum way { WAY_KERNEL, WAY_WALK, WAY_HOLE, WAY_COUNT };

/* False for the kernel's way where the kernel has none. */
bool way_exists(enum way way);
const char *way_name(enum way way);

enum p1_errno way_open(enum way way, int dir, const char *path, unsigned flags,
                       int *out);

/* Makes box/ (the sandbox) and secret/ beside it in the current directory;
 * returns box as an open directory. */
int tree_make(void);

/* True when the descriptor is of something that is outside of box/. */
bool tree_is_outside(int fd);

#endif
