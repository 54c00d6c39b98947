/*
 * Rounds are the outer loop and engines the inner one, so that whatever else
 * the machine does hits all of them alike; each round starts with the next
 * engine, so that none always runs in another's wake.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "bench/plan.h"

#include "bench/stats.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_WORDS = 32, COMMAND_BYTES = 4096 };

static void fail(const char *what, const char *which)
{
    fprintf(stderr, "bench: %s: %s\n", what, which);
    exit(2);
}

void *bench_alloc(size_t count, size_t size)
{
    void *ptr = calloc(count ? count : 1, size);

    if (!ptr)
        fail("out of memory", "samples");
    return ptr;
}

void plan_add_engine(struct plan *plan, const char *text)
{
    const char *equals = strchr(text, '=');
    struct engine *engine;

    if (plan->engine_count == MAX_ENGINES)
        fail("too many engines", text);
    engine = &plan->engines[plan->engine_count];
    if (!equals || equals == text || !equals[1] ||
        (size_t)(equals - text) >= sizeof(engine->name))
        fail("expected NAME=COMMAND", text);
    memcpy(engine->name, text, (size_t)(equals - text));
    engine->command = equals + 1;
    plan->engine_count++;
}

size_t plan_engine(const struct plan *plan, const char *prefix)
{
    size_t found = plan->engine_count;

    for (size_t i = plan->engine_count; prefix && i-- > 0;) {
        if (strcmp(plan->engines[i].name, prefix) == 0)
            return i;
        if (strncmp(plan->engines[i].name, prefix, strlen(prefix)) == 0)
            found = i;
    }
    return found;
}

/* -- Programs ------------------------------------------------------------ */

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Keeps NAME of a directory entry NAME.wasm that passes the filter. */
static void consider_program(struct plan *plan, const char *entry)
{
    const char *dot = strrchr(entry, '.');
    char *name;

    if (!dot || strcmp(dot, ".wasm") != 0)
        return;
    name = bench_alloc((size_t)(dot - entry) + 1, 1);
    memcpy(name, entry, (size_t)(dot - entry));
    if (strcmp(name, STARTUP_PROGRAM) == 0 ||
        (plan->filter && !strstr(name, plan->filter))) {
        free(name);
        return;
    }
    if (plan->program_count == MAX_PROGRAMS)
        fail("too many programs", name);
    plan->programs[plan->program_count++] = name;
}

void plan_find_programs(struct plan *plan)
{
    char path[COMMAND_BYTES];
    struct dirent *entry;
    DIR *dir;

    snprintf(path, sizeof(path), "%s/wasm", plan->dir);
    dir = opendir(path);
    if (!dir)
        fail("cannot read directory", path);
    while ((entry = readdir(dir)) != NULL)
        consider_program(plan, entry->d_name);
    closedir(dir);
    qsort(plan->programs, plan->program_count, sizeof(plan->programs[0]),
          compare_names);
}

/* -- Running ------------------------------------------------------------- */

/* Text being put together in a buffer of fixed size. */
struct text {
    char *at;
    char *end;
};

static void put(struct text *text, const char *bytes, size_t n)
{
    if ((size_t)(text->end - text->at) <= n)
        fail("command too long", bytes);
    memcpy(text->at, bytes, n);
    text->at += n;
    *text->at = '\0';
}

/* Appends command with %w and %n replaced. */
static void expand(struct text *text, const char *command, const char *wasm,
                   const char *program)
{
    bool named = false;

    for (const char *p = command; *p; p++) {
        if (p[0] == '%' && (p[1] == 'w' || p[1] == 'n')) {
            const char *value = *++p == 'w' ? wasm : program;

            put(text, value, strlen(value));
            named = true;
        } else {
            put(text, p, 1);
        }
    }
    if (!named) {
        put(text, " ", 1);
        put(text, wasm, strlen(wasm));
    }
}

static void split_words(char *text, char *words[MAX_WORDS])
{
    size_t n = 0;

    for (char *word = strtok(text, " "); word; word = strtok(NULL, " ")) {
        if (n == MAX_WORDS - 1)
            fail("too many words", word);
        words[n++] = word;
    }
    words[n] = NULL;
}

/* Adds one run to a series, unless an earlier one failed. */
static void run_once(const struct plan *plan, struct series *series,
                     const char *command, const char *program)
{
    char expected[COMMAND_BYTES];
    char wasm[COMMAND_BYTES];
    char buffer[2 * COMMAND_BYTES];
    char *words[MAX_WORDS];
    struct text text = {buffer, buffer + sizeof(buffer)};
    bool is_floor = command == plan->floor;

    if (series->outcome != RAN)
        return;
    snprintf(wasm, sizeof(wasm), "%s/wasm/%s.wasm", plan->dir, program);
    snprintf(expected, sizeof(expected), "%s/expected/%s.txt", plan->dir,
             program);
    expand(&text, command, wasm, program);
    split_words(buffer, words);
    series->outcome =
        child_run(words, is_floor ? NULL : expected, plan->limit_s,
                  &series->samples[series->count], series->note);
    if (series->outcome == RAN)
        series->count++;
}

static void progress(size_t round, size_t rounds, const char *program)
{
    if (isatty(2))
        fprintf(stderr, "\r\033[Kround %zu of %zu: %s ", round + 1, rounds,
                program);
}

static void execute_programs(struct plan *plan)
{
    size_t n = plan->engine_count;

    for (size_t p = 0; p < plan->program_count; p++) {
        for (size_t e = 0; e < n; e++)
            plan->runs[p][e].samples =
                bench_alloc(plan->rounds, sizeof(struct sample));
    }
    for (size_t round = 0; round < plan->rounds; round++) {
        for (size_t p = 0; p < plan->program_count; p++) {
            progress(round, plan->rounds, plan->programs[p]);
            for (size_t i = 0; i < n; i++) {
                size_t e = (i + round) % n;

                run_once(plan, &plan->runs[p][e], plan->engines[e].command,
                         plan->programs[p]);
            }
        }
    }
}

static void execute_startup(struct plan *plan)
{
    size_t n = plan->engine_count + (plan->floor ? 1 : 0);

    for (size_t e = 0; e < n; e++)
        plan->startup[e].samples =
            bench_alloc(plan->starts, sizeof(struct sample));
    for (size_t round = 0; round < plan->starts; round++) {
        progress(round, plan->starts, STARTUP_PROGRAM);
        for (size_t i = 0; i < n; i++) {
            size_t e = (i + round) % n;
            bool is_floor = e == plan->engine_count;

            run_once(plan, &plan->startup[e],
                     is_floor ? plan->floor : plan->engines[e].command,
                     STARTUP_PROGRAM);
        }
    }
}

void plan_execute(struct plan *plan)
{
    execute_startup(plan);
    execute_programs(plan);
    if (isatty(2))
        fputs("\r\033[K", stderr);
}

/* -- Results ------------------------------------------------------------- */

void series_values(const struct series *series, enum field field,
                   double *values)
{
    for (size_t i = 0; i < series->count; i++) {
        const struct sample *sample = &series->samples[i];

        values[i] = field == CPU    ? sample->cpu_s
                    : field == WALL ? sample->wall_s
                                    : (double)sample->rss_kb;
    }
}

double series_median(const struct series *series, enum field field)
{
    double *values;
    double median;

    if (series->outcome != RAN || series->count == 0)
        return NAN;
    values = bench_alloc(series->count, sizeof(*values));
    series_values(series, field, values);
    median = stats_median(values, series->count);
    free(values);
    return median;
}

double series_spread(const struct series *series, enum field field)
{
    double *values;
    double spread;

    if (series->outcome != RAN || series->count == 0)
        return NAN;
    values = bench_alloc(series->count, sizeof(*values));
    series_values(series, field, values);
    spread = stats_spread(values, series->count);
    free(values);
    return spread;
}
