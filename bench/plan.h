/*
 * What is measured, and what was: programs x engines x rounds.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BENCH_PLAN_H
#define BENCH_PLAN_H

#include "bench/child.h"

#include <stdbool.h>
#include <stddef.h>

enum { MAX_ENGINES = 32, MAX_PROGRAMS = 64 };

/* One way to run the programs; the words of command are split at spaces.
 * In it %w stands for the module's path and %n for the program's name; a
 * command with neither gets the path as its last word. */
struct engine {
    char name[32];
    const char *command;
};

/* Every run of one program by one engine, until one fails. */
struct series {
    struct sample *samples;
    size_t count;
    enum outcome outcome;
    char note[NOTE_BYTES];
};

struct plan {
    const char *dir;       /* holds wasm/NAME.wasm and expected/NAME.txt */
    const char *filter;    /* substring of program names, or NULL */
    const char *reference; /* name prefix of an engine, or NULL */
    const char *floor;     /* command of the empty program, or NULL */
    size_t rounds;
    size_t starts; /* rounds of the start-up probe; 0 leaves it out */
    unsigned limit_s;

    struct engine engines[MAX_ENGINES];
    size_t engine_count;
    char *programs[MAX_PROGRAMS]; /* sorted; without the start-up probe */
    size_t program_count;

    struct series runs[MAX_PROGRAMS][MAX_ENGINES];
    struct series startup[MAX_ENGINES + 1]; /* [engine_count]: the floor */
};

/* The start-up probe's program name. */
#define STARTUP_PROGRAM "hello"

/* Takes "NAME=COMMAND"; exits with a message when it is not of that form. */
void plan_add_engine(struct plan *plan, const char *text);

/* Lists dir/wasm, applies the filter. */
void plan_find_programs(struct plan *plan);

/* Runs everything, engines interleaved within each program and round. */
void plan_execute(struct plan *plan);

/* The engine whose name is prefix, else the first that begins with it, else
 * engine_count.  prefix may be NULL. */
size_t plan_engine(const struct plan *plan, const char *prefix);

enum field { CPU, WALL, RSS };

/* Copies one field of every sample of a series to values. */
void series_values(const struct series *series, enum field field,
                   double *values);

/* The median of one field; NaN when the series has no result. */
double series_median(const struct series *series, enum field field);

/* Half the range of one field relative to its median. */
double series_spread(const struct series *series, enum field field);

/* malloc that exits with a message. */
void *bench_alloc(size_t count, size_t size);

#endif
