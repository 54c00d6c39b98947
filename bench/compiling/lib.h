/*
 * What the compile-speed drivers share: reading a file, and repeating a step
 * for a while to find its shortest time.
 *
 * A driver is `DRIVER SECONDS FILE` and prints one line per step, NAME and
 * nanoseconds.  SPDX-License-Identifier: Apache-2.0
 */
#ifndef BENCH_COMPILING_LIB_H
#define BENCH_COMPILING_LIB_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct input {
    uint8_t *bytes;
    size_t len;
};

static inline struct input read_input(const char *path)
{
    struct input in = {0};
    FILE *file = fopen(path, "rb");
    long len;

    if (!file || fseek(file, 0, SEEK_END) != 0 || (len = ftell(file)) <= 0) {
        perror(path);
        exit(1);
    }
    rewind(file);
    in.len = (size_t)len;
    in.bytes = malloc(in.len);
    if (!in.bytes || fread(in.bytes, 1, in.len, file) != in.len) {
        perror(path);
        exit(1);
    }
    fclose(file);
    return in;
}

static inline double now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Runs the step for that long, at least three times; prints the shortest. */
static inline void measure(const char *name, double seconds,
                           void (*step)(const struct input *in),
                           const struct input *in)
{
    double best = 1e300, end = now_ns() + seconds * 1e9;

    for (int i = 0; i < 3 || now_ns() < end; i++) {
        double start = now_ns(), took;

        step(in);
        took = now_ns() - start;
        if (took < best)
            best = took;
    }
    printf("%s %.0f\n", name, best);
}

#endif
