/*
 * The system calls of the resolver, in the hands of a test.
 *
 * The suite is linked so that the functions of wasi/os.h which take paths come
 * here first.  That is how a test chooses the resolver, does something exactly
 * between two system calls, and plants the holes that it must find.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TESTS_WASI_RESOLVER_H
#define WRT_TESTS_WASI_RESOLVER_H

#include "wasi/os.h"

enum hole {
    HOLE_NONE,
    HOLE_FOLLOWS,      /* links are followed wherever they lead */
    HOLE_LOOKS_FIRST,  /* what is opened was looked at before, by name: only a
                          race gets through */
    HOLE_STAT_FOLLOWS, /* metadata of a link is that of its target */
};

struct resolver_test {
    bool is_walk; /* the kernel seems to have no openat2 */
    bool is_busy; /* the kernel is never sure of a path */
    enum hole hole;
    void (*before)(void); /* before each system call with a name; or NULL */
};

extern struct resolver_test resolver_test;

/* Whether this kernel has the other way. */
bool resolver_kernel_exists(void);

#endif
