/*
 * An independent account of fuel: random programs, and a slow evaluator that
 * counts what they execute.
 *
 * It shares nothing with the library, not even the reader of bytes: it walks
 * the instructions of the binary one by one and adds up.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TESTS_API_FUEL_MODEL_H
#define WRT_TESTS_API_FUEL_MODEL_H

#include <stddef.h>
#include <stdint.h>

enum {
    MODEL_FUNCS = 4,
    MODEL_CODE_BYTES = 4096,
    MODEL_MODULE_BYTES = 32 * 1024,
};

/* Functions of type (i32) -> i32, each calling only those before it.  The last
 * one is exported as "f"; there is a memory of one page. */
struct model {
    uint8_t code[MODEL_FUNCS][MODEL_CODE_BYTES];
    size_t code_len[MODEL_FUNCS];
    uint64_t seed;
    uint64_t count; /* units that model_run() added up */
};

/* Makes a program; the same seed gives the same one. */
void model_generate(struct model *m, uint64_t seed);

/* Writes the program as a module; returns its length. */
size_t model_encode(const struct model *m, uint8_t out[MODEL_MODULE_BYTES]);

/* Evaluates f(arg). */
uint32_t model_run(struct model *m, uint32_t arg);

#endif
