/*
 * What running a module came to, as lines of text that are compared.
 *
 * A line that begins with "! " holds what only another build of wasmrt can
 * know: messages and frames.  The others any WebAssembly engine gives.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TESTS_DIFF_OUTCOME_H
#define WRT_TESTS_DIFF_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct outcome {
    char *text; /* NUL-terminated; owned, kept for the next outcome */
    size_t len, capacity;
    uint64_t fuel; /* what is left; UINT64_MAX when it is not counted */
};

/* Appends formatted text. */
__attribute__((format(printf, 2, 3))) void
outcome_print(struct outcome *out, const char *format, ...);
void outcome_bytes(struct outcome *out, const char *bytes, size_t len);
void outcome_reset(struct outcome *out);

/* The first line in which two outcomes differ, or false.  Lines of wasmrt alone
 * count when `strict`. */
struct outcome_line {
    const char *text;
    int len;
};
bool outcome_differs(const struct outcome *a, const struct outcome *b,
                     bool strict, struct outcome_line *in_a,
                     struct outcome_line *in_b);

#endif
