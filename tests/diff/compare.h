/*
 * One module in all modes, and whether they agree.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TESTS_DIFF_COMPARE_H
#define WRT_TESTS_DIFF_COMPARE_H

#include "tests/diff/mode.h"
#include "tests/diff/peer.h"

struct difference {
    const char *what;          /* of what kind, or NULL for none */
    enum mode_id a, b;         /* the modes that disagree */
    char in_a[200], in_b[200]; /* the first line that differs */
};

extern struct peer other_build, other_engine;

struct candidate {
    uint64_t seed;
    const uint8_t *bytes;
    size_t len;
    bool is_ordered; /* the other build generates it as well */
};

/* Runs the module in the modes for its seed; true when they agree. */
bool compare(const struct candidate *c, struct difference *out);

/* Reads and forgets what the other build answers about seeds. */
void compare_skip(uint64_t seed, uint64_t count);

#endif
