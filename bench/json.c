/*
 * The JSON form keeps every sample, in the order they were taken, so that any
 * other statistic can be made from it later.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench/report.h"

#include <stdio.h>
#include <stdlib.h>

static void put_string(FILE *file, const char *text)
{
    putc('"', file);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c < 0x20 || c > 0x7e)
            putc('?', file); /* only in what a child printed */
        else if (c == '"' || c == '\\')
            fprintf(file, "\\%c", c);
        else
            putc(c, file);
    }
    putc('"', file);
}

static const char *outcome_name(enum outcome outcome)
{
    static const char *const names[] = {
        [RAN] = "ran",
        [WRONG] = "wrong",
        [REFUSED] = "refused",
        [KILLED] = "killed",
    };

    return names[outcome];
}

static void put_samples(FILE *file, const struct series *series,
                        enum field field, const char *name)
{
    double *values = bench_alloc(series->count, sizeof(*values));

    series_values(series, field, values);
    fprintf(file, ", \"%s\": [", name);
    for (size_t i = 0; i < series->count; i++)
        fprintf(file, "%s%.9g", i ? ", " : "", values[i]);
    putc(']', file);
    free(values);
}

/* One object on one line, so that results of two dates can be diffed. */
static void put_series(FILE *file, bool first, const char *program,
                       const char *engine, const struct series *series)
{
    fprintf(file, "%s\n    {\"program\": ", first ? "" : ",");
    put_string(file, program);
    fputs(", \"engine\": ", file);
    put_string(file, engine);
    fprintf(file, ", \"outcome\": \"%s\"", outcome_name(series->outcome));
    if (series->outcome != RAN) {
        fputs(", \"note\": ", file);
        put_string(file, series->note);
    }
    put_samples(file, series, CPU, "cpu_s");
    put_samples(file, series, WALL, "wall_s");
    put_samples(file, series, RSS, "max_rss_kib");
    putc('}', file);
}

static void put_engines(FILE *file, const struct plan *plan)
{
    fputs("{\n  \"engines\": [", file);
    for (size_t e = 0; e < plan->engine_count; e++) {
        fprintf(file, "%s\n    {\"name\": ", e ? "," : "");
        put_string(file, plan->engines[e].name);
        fputs(", \"command\": ", file);
        put_string(file, plan->engines[e].command);
        putc('}', file);
    }
}

static void put_results(FILE *file, const struct plan *plan)
{
    bool first = true;

    if (plan->starts > 0) {
        for (size_t e = 0; e < plan->engine_count; e++) {
            put_series(file, first, STARTUP_PROGRAM, plan->engines[e].name,
                       &plan->startup[e]);
            first = false;
        }
        if (plan->floor)
            put_series(file, false, STARTUP_PROGRAM, "(empty)",
                       &plan->startup[plan->engine_count]);
    }
    for (size_t p = 0; p < plan->program_count; p++) {
        for (size_t e = 0; e < plan->engine_count; e++) {
            put_series(file, first, plan->programs[p], plan->engines[e].name,
                       &plan->runs[p][e]);
            first = false;
        }
    }
}

void report_json(const struct plan *plan, const char *path)
{
    FILE *file = fopen(path, "w");
    bool bad;

    if (!file) {
        perror(path);
        exit(1);
    }
    put_engines(file, plan);
    fputs("\n  ],\n  \"results\": [", file);
    put_results(file, plan);
    fputs("\n  ]\n}\n", file);
    bad = ferror(file) != 0;
    if (fclose(file) != 0 || bad) {
        perror(path);
        exit(1);
    }
}
