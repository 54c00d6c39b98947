/*
 * Two equal directories full of links that lead out, and what lies outside.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TESTS_FUZZ_HOSTILE_H
#define WRT_TESTS_FUZZ_HOSTILE_H

#include <stdbool.h>
#include <stdint.h>

enum { BOXES = 2 };

/* Makes all of it in a directory that is removed at the exit. */
void hostile_make(void);

/* The path of a box, valid until the next call. */
const char *hostile_box(int box);

/* Makes the boxes what they were. */
void hostile_reset(void);

/* Whether a file is none of those that a box can have. */
bool hostile_is_outside(uint64_t dev, uint64_t ino);

/* Removes everything and stops the fuzzer. */
_Noreturn void hostile_fail(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* Stops the fuzzer when anything outside has changed. */
void hostile_check(void);

#endif
