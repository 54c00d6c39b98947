/*
 * The few statistics a benchmark table needs.  All sort their input.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BENCH_STATS_H
#define BENCH_STATS_H

#include <stddef.h>

/* The q-quantile, 0 <= q <= 1, interpolated.  n must not be 0. */
double stats_quantile(double *values, size_t n, double q);

double stats_median(double *values, size_t n);

/* Half the range, relative to the median: 0.05 reads as "+-5 %". */
double stats_spread(double *values, size_t n);

/* The geometric mean of n > 0 positive values. */
double stats_geomean(const double *values, size_t n);

#endif
