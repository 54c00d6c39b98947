/*
 * Runs one command to its end and tells what it cost and whether it printed
 * what it should.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BENCH_CHILD_H
#define BENCH_CHILD_H

/* What one run cost.  Seconds; rss_kb is the peak resident set. */
struct sample {
    double cpu_s; /* user + system, all threads */
    double wall_s;
    long rss_kb;
};

enum outcome {
    RAN,     /* exit code 0 and the expected output */
    WRONG,   /* exit code 0, other output */
    REFUSED, /* any other exit code, or it could not be started */
    KILLED,  /* died by a signal, the time limit's included */
};

enum { NOTE_BYTES = 120 };

/*
 * Runs argv (NULL-terminated, searched on PATH) with empty standard input.
 * Standard output must equal the file expected_path, unless that is NULL.
 * Fills *out when the answer is RAN, and note with the reason otherwise.
 */
enum outcome child_run(char *const argv[], const char *expected_path,
                       unsigned limit_s, struct sample *out,
                       char note[NOTE_BYTES]);

#endif
