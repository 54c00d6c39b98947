/*
 * The generator, inside: a module's sections and its functions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TESTS_DIFF_GEN_MODULE_H
#define WRT_TESTS_DIFF_GEN_MODULE_H

#include "tests/diff/gen.h"

/* Appends the entry of the code section for a function. */
void gen_function(struct gen *g, unsigned idx, struct wrt_buf *out);

#endif
