/*
 * Making a finding small: nodes of the generated module are cut out, largest
 * first, as long as the difference stays.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TESTS_DIFF_SHRINK_H
#define WRT_TESTS_DIFF_SHRINK_H

#include "tests/diff/compare.h"
#include "tests/diff/gen.h"

/* Leaves the smallest module found in g->module; returns how many were tried.
 * g holds the seed and the features allowed. */
size_t shrink(struct gen *g, struct difference *out);

/* Generates the module of g->seed without the nodes in cuts. */
void shrink_generate(struct gen *g, const struct gen_cuts *cuts,
                     uint64_t *nodes);

#endif
