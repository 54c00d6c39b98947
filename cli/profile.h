/*
 * Stacks that were sampled, as a tree: profile.c collects, flame.c draws.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_CLI_PROFILE_H
#define WRT_CLI_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
    PROFILE_DEPTH_MAX = 256, /* of the tree; the middle of deeper stacks is
                                left out */
    PROFILE_PERIOD_US = 1000,
};

/* A function in the context of its callers.  Parents come before children. */
struct profile_node {
    uint32_t parent;      /* the root's own: 0 */
    uint32_t first, next; /* first child, next sibling; 0: none */
    uint32_t name;        /* offset in the names */
    uint32_t depth;       /* the root's: 0 */
    uint64_t self, total; /* periods */
    double x;             /* where it begins, in periods; set by drawing */
};

/* Owner: the command. */
struct profile {
    struct profile_node *nodes;
    size_t count, capacity;
    char *names; /* each with a NUL; the first one is empty */
    size_t names_len, names_capacity;
    uint64_t samples, lost; /* lost for want of memory */
};

/* Sums up, orders children by name, and writes one line per stack: names
 * between semicolons, then the periods. */
void profile_write_folded(struct profile *profile, FILE *out);

/* Writes a picture that is a program, too: frames can be searched and enlarged.
 * title is text of whatever origin. */
void profile_write_svg(struct profile *profile, FILE *out, const char *title);

/* Adds up `total` and sorts children. */
void profile_sum_up(struct profile *profile);

#endif
