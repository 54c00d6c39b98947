/*
 * Tables with one row per program and one column per engine.
 *
 * A geometric mean over different sets of programs would compare nothing, so
 * it is taken over those that every engine ran.  An engine that ran less than
 * half of them does not narrow that set and gets no mean itself.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench/report.h"

#include "bench/stats.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_WIDTH = 16 };

static const char *outcome_word(enum outcome outcome)
{
    switch (outcome) {
    case WRONG: return "FAIL";
    case KILLED: return "KILLED";
    case REFUSED: return "refused";
    case RAN: break;
    }
    return "-";
}

/* -- Which programs count ------------------------------------------------ */

static bool did_run(const struct plan *plan, size_t program, size_t engine)
{
    const struct series *series = &plan->runs[program][engine];

    return series->outcome == RAN && series->count > 0;
}

/* Whether an engine ran at least half of the programs. */
static bool takes_part(const struct plan *plan, size_t engine)
{
    size_t ran = 0;

    for (size_t p = 0; p < plan->program_count; p++)
        ran += did_run(plan, p, engine);
    return ran > 0 && 2 * ran >= plan->program_count;
}

static bool counts(const struct plan *plan, size_t program)
{
    for (size_t e = 0; e < plan->engine_count; e++) {
        if (takes_part(plan, e) && !did_run(plan, program, e))
            return false;
    }
    return true;
}

/* -- Tables -------------------------------------------------------------- */

/* One table: seconds, or seconds relative to those of the engine base. */
struct view {
    const char *title;
    enum field field;
    size_t base;  /* engine, or engine_count for plain seconds */
    bool inverse; /* base / this instead of this / base */
};

static bool is_ratio(const struct plan *plan, const struct view *view)
{
    return view->base != plan->engine_count;
}

static int column_width(const struct plan *plan, const struct view *view,
                        size_t engine)
{
    int name = (int)strlen(plan->engines[engine].name);
    int least = is_ratio(plan, view) ? 7 : 10;

    return 2 + (name > least ? name : least);
}

static double cell_value(const struct plan *plan, const struct view *view,
                         size_t program, size_t engine)
{
    const struct series *row = plan->runs[program];
    double value = series_median(&row[engine], view->field);
    double base;

    if (!is_ratio(plan, view))
        return value;
    base = series_median(&row[view->base], view->field);
    return view->inverse ? base / value : value / base;
}

static void print_cell(const struct plan *plan, const struct view *view,
                       size_t program, size_t engine)
{
    const struct series *series = &plan->runs[program][engine];
    double value = cell_value(plan, view, program, engine);
    int width = column_width(plan, view, engine);
    char text[32];

    if (series->outcome != RAN)
        printf("%*s", width, outcome_word(series->outcome));
    else if (isnan(value))
        printf("%*s", width, "-");
    else if (is_ratio(plan, view))
        printf("%*.2f", width, value);
    else {
        snprintf(text, sizeof(text), "%.3f %3.0f%%", value,
                 100 * series_spread(series, view->field));
        printf("%*s", width, text);
    }
}

static void print_geomean(const struct plan *plan, const struct view *view,
                          size_t engine)
{
    double values[MAX_PROGRAMS];
    int width = column_width(plan, view, engine);
    size_t n = 0;

    for (size_t p = 0; p < plan->program_count; p++) {
        if (counts(plan, p))
            values[n++] = cell_value(plan, view, p, engine);
    }
    if (n == 0 || !takes_part(plan, engine))
        printf("%*s", width, "-");
    else if (is_ratio(plan, view))
        printf("%*.2f", width, stats_geomean(values, n));
    else
        printf("%*.3f     ", width - 5, stats_geomean(values, n));
}

static void print_view(const struct plan *plan, const struct view *view)
{
    printf("\n%s\n", view->title);
    printf("%-*s", NAME_WIDTH, "program");
    for (size_t e = 0; e < plan->engine_count; e++)
        printf("%*s", column_width(plan, view, e), plan->engines[e].name);
    putchar('\n');
    for (size_t p = 0; p < plan->program_count; p++) {
        printf("%-*s", NAME_WIDTH, plan->programs[p]);
        for (size_t e = 0; e < plan->engine_count; e++)
            print_cell(plan, view, p, e);
        putchar('\n');
    }
    printf("%-*s", NAME_WIDTH, "geomean");
    for (size_t e = 0; e < plan->engine_count; e++)
        print_geomean(plan, view, e);
    putchar('\n');
}

/* -- Start-up ------------------------------------------------------------ */

static void print_startup_row(const char *name, const struct series *series)
{
    if (series->outcome != RAN) {
        printf("%-*s %s: %s\n", NAME_WIDTH, name, outcome_word(series->outcome),
               series->note);
        return;
    }
    printf("%-*s %9.2f %9.2f %11.0f\n", NAME_WIDTH, name,
           1e3 * series_median(series, WALL), 1e3 * series_median(series, CPU),
           series_median(series, RSS));
}

static void print_startup(const struct plan *plan)
{
    printf("\nStart to exit of %s, medians of %zu\n", STARTUP_PROGRAM,
           plan->starts);
    printf("%-*s %9s %9s %11s\n", NAME_WIDTH, "engine", "wall ms", "cpu ms",
           "max RSS KiB");
    if (plan->floor)
        print_startup_row("(empty)", &plan->startup[plan->engine_count]);
    for (size_t e = 0; e < plan->engine_count; e++)
        print_startup_row(plan->engines[e].name, &plan->startup[e]);
}

/* -- Notes --------------------------------------------------------------- */

/* Why a cell has no number, and what the means leave out. */
static void print_notes(const struct plan *plan)
{
    bool first = true;

    for (size_t p = 0; p < plan->program_count; p++) {
        for (size_t e = 0; e < plan->engine_count; e++) {
            const struct series *series = &plan->runs[p][e];

            if (series->outcome != RAN)
                printf("%s%s, %s: %s\n", first ? "\n" : "", plan->programs[p],
                       plan->engines[e].name, series->note);
            first = first && series->outcome == RAN;
        }
    }
    for (size_t p = 0; p < plan->program_count; p++) {
        if (!counts(plan, p))
            printf("The geomeans leave out %s.\n", plan->programs[p]);
    }
}

void report_tables(const struct plan *plan)
{
    struct view view = {.base = plan->engine_count};
    char title[80];

    if (plan->starts > 0)
        print_startup(plan);
    if (plan->program_count == 0)
        return;
    print_notes(plan);
    view.title = "Wall seconds: median, half the range in percent";
    view.field = WALL;
    print_view(plan, &view);
    view.title = "CPU seconds (user + system): median, half the range";
    view.field = CPU;
    print_view(plan, &view);
    view.title = title;
    view.base = plan_engine(plan, "native");
    if (is_ratio(plan, &view)) {
        snprintf(title, sizeof(title), "CPU time as a multiple of %s",
                 plan->engines[view.base].name);
        print_view(plan, &view);
    }
    view.base = plan_engine(plan, plan->reference);
    view.inverse = true;
    if (is_ratio(plan, &view)) {
        snprintf(title, sizeof(title), "Times as fast as %s (CPU)",
                 plan->engines[view.base].name);
        print_view(plan, &view);
    }
}

/* -- Comparison ---------------------------------------------------------- */

/* Prints the quartiles of n paired ratios and what they say. */
static void print_ratios(double *ratios, size_t n)
{
    double low = stats_quantile(ratios, n, 0.25);
    double median = stats_median(ratios, n);
    double high = stats_quantile(ratios, n, 0.75);
    const char *verdict = "same";

    if (low > 1 && median > 1.01)
        verdict = "faster";
    else if (high < 1 && median < 0.99)
        verdict = "slower";
    printf(" %8.3f  %.3f .. %.3f  %s\n", median, low, high, verdict);
}

/* Prints a program's row; multiplies its ratios into the rounds' products. */
static bool compare_program(const struct plan *plan, size_t program,
                            double *ratios, double *log_sums)
{
    const struct series *row = plan->runs[program];

    printf("%-*s", NAME_WIDTH, plan->programs[program]);
    for (size_t e = 0; e < 2; e++) {
        if (row[e].outcome != RAN) {
            printf(" %s, %s: %s\n", plan->engines[e].name,
                   outcome_word(row[e].outcome), row[e].note);
            return false;
        }
    }
    for (size_t i = 0; i < plan->rounds; i++) {
        ratios[i] = row[0].samples[i].cpu_s / row[1].samples[i].cpu_s;
        log_sums[i] += log(ratios[i]);
    }
    printf(" %8.3f %8.3f", series_median(&row[0], CPU),
           series_median(&row[1], CPU));
    print_ratios(ratios, plan->rounds);
    return true;
}

void report_comparison(const struct plan *plan)
{
    double *ratios = bench_alloc(plan->rounds, sizeof(*ratios));
    double *means = bench_alloc(plan->rounds, sizeof(*means));
    size_t n = 0;

    printf("A = %s\nB = %s\n", plan->engines[0].command,
           plan->engines[1].command);
    if (plan->starts > 0)
        print_startup(plan);
    printf("\nCPU seconds; speed of B relative to A per pair of runs\n");
    printf("%-*s %8s %8s %8s  %s\n", NAME_WIDTH, "program", "A", "B", "median",
           "quartiles");
    for (size_t p = 0; p < plan->program_count; p++)
        n += compare_program(plan, p, ratios, means);
    if (n > 0) {
        for (size_t i = 0; i < plan->rounds; i++)
            means[i] = exp(means[i] / (double)n);
        printf("%-*s %17s", NAME_WIDTH, "geomean", "");
        print_ratios(means, plan->rounds);
    }
    free(means);
    free(ratios);
}
