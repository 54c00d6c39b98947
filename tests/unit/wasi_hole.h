/*
 * A resolver with a planted hole: path.c built so that the walk opens each
 * component with links followed.  The tests of the resolver must catch it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TESTS_WASI_HOLE_H
#define WRT_TESTS_WASI_HOLE_H

#include "wasi/path.h"

/* As p1_resolve_open, by the walk, with the hole. */
enum p1_errno hole_resolve_open(const struct p1_root *root, const char *path,
                                unsigned flags, int *out);

#endif
