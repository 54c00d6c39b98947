/*
 * Prints what a plan measured.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "bench/plan.h"

/* Tables of every engine; ratios to "native" and to the reference last. */
void report_tables(const struct plan *plan);

/* The second engine against the first, round by round. */
void report_comparison(const struct plan *plan);

/* Every sample, as JSON.  Exits with a message when it cannot be written. */
void report_json(const struct plan *plan, const char *path);

#endif
