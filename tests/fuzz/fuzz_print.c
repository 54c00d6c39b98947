/*
 * The printer: mutated modules with any features, printed and read back.  What
 * comes back must be the same module, in every way to print it.
 *
 * fuzz-seeds: modules
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/fuzz/mutate.h"
#include "tests/fuzz/reach.h"
#include "tests/fuzz/trip.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 4 || memcmp(data, "\0asm", 4) != 0)
        return -1;
    return trip(data, size, TRIP_ANY) ? 0 : -1;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
                               unsigned seed)
{
    return mutate_module(data, size, max_size, seed);
}
