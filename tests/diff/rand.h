/*
 * Random numbers of the generator: reproducible everywhere, from one word.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TESTS_DIFF_RAND_H
#define WRT_TESTS_DIFF_RAND_H

#include <stdbool.h>
#include <stdint.h>

/* A word into another one, without pattern; splitmix64's last step. */
static inline uint64_t rand_mix(uint64_t z)
{
    z += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* The next number of a stream. */
static inline uint64_t rand_next(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15u;
    return rand_mix(*state);
}

#endif
