/*
 * What a fuzz target reached, printed when it ends: "reached: accepted 1234".
 * A fuzzer that only ever sees refused input is worth little, and this is how
 * one notices.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TESTS_FUZZ_REACH_H
#define WRT_TESTS_FUZZ_REACH_H

#include <stddef.h>
#include <stdint.h>

/* Counts an event.  The string must live for ever; equal texts are one. */
void reach(const char *what);

/* Called by libFuzzer once per input. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
