/*
 * Paths inside the sandbox: the security core of WASI.
 *
 * A guest names files by paths below a directory that it holds.  The resolver
 * turns such a path into an open descriptor, or into a place (a directory that
 * is held open, and one name in it), and guarantees that neither lies outside
 * that directory, whatever links, "..", mounts or other processes do meanwhile.
 * It never resolves a text twice and never hands a name with a slash to a call
 * that follows links.
 *
 * Two ways give the same answers: the kernel's (openat2 with RESOLVE_BENEATH)
 * and a walk, component by component, for kernels and containers without it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WASI_PATH_H
#define WASI_PATH_H

#include "wasi/os.h"

enum p1_resolver { P1_RESOLVE_KERNEL, P1_RESOLVE_WALK };

/* What this kernel can do. */
enum p1_resolver p1_resolver_choose(void);

/* Where paths begin. */
struct p1_root {
    enum p1_resolver resolver;
    int dir;
    const char *only; /* the one name in dir that is granted, as "."; or NULL */
    struct p1_slices slices; /* P1_INTR when they end */
};

/*
 * A name in a directory.  The leaf is never empty or "..", holds no slash, and
 * is "." for the directory itself.  With P1_FIND_NEW it may end with one slash,
 * for calls that do not follow links and want to know.
 */
struct p1_place {
    int dir;
    bool owns_dir;
    char leaf[P1_PATH_MAX];
};

enum p1_find {
    P1_FIND_NEW = 1,   /* to be made, removed or renamed, not entered */
    P1_FIND_FOLLOW = 2 /* a link at the end counts as what it points to */
};

/*
 * Finds the place of a path.  The caller ends it with p1_place_close, only
 * after success.  The leaf need not exist.  P1_NOTCAPABLE for what lies
 * outside.
 */
enum p1_errno p1_resolve_place(const struct p1_root *root, const char *path,
                               unsigned find, struct p1_place *out);
void p1_place_close(struct p1_place *place);

/* Opens a path with flags of enum p1_open; P1_OPEN_FOLLOW as P1_FIND_FOLLOW. */
enum p1_errno p1_resolve_open(const struct p1_root *root, const char *path,
                              unsigned flags, int *out);

#endif
