/*
 * Mutations that keep the lengths in a module right; see mutate.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TESTS_FUZZ_MUTATE_H
#define WRT_TESTS_FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>

/* Changes data in place, to at most max_size bytes; returns the new size. */
size_t mutate_module(uint8_t *data, size_t size, size_t max_size,
                     unsigned seed);

/* A target that eats modules defines this, by a call of the above. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
                               unsigned seed);

#endif
