/*
 * Medians and ranges: a run is only ever disturbed towards slower, so means
 * and standard deviations would describe the disturbances.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench/stats.h"

#include <math.h>
#include <stdlib.h>

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

double stats_quantile(double *values, size_t n, double q)
{
    double pos = q * (double)(n - 1);
    size_t below = (size_t)pos;
    size_t above = below + 1 < n ? below + 1 : below;

    qsort(values, n, sizeof(*values), compare_doubles);
    return values[below] +
           (values[above] - values[below]) * (pos - (double)below);
}

double stats_median(double *values, size_t n)
{
    return stats_quantile(values, n, 0.5);
}

double stats_spread(double *values, size_t n)
{
    double median = stats_median(values, n);

    return median > 0 ? (values[n - 1] - values[0]) / (2 * median) : 0;
}

double stats_geomean(const double *values, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += log(values[i]);
    return exp(sum / (double)n);
}
