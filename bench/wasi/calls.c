/*
 * What a call of WASI costs: each of a few functions in a loop, timed by the
 * guest's own clock, which is one of them.  Standard output must be /dev/null;
 * the results, nanoseconds per call, go to standard error.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdint.h>
#include <stdio.h>
#include <wasi/api.h>

enum { CALLS = 100000, ROUNDS = 5 };

static void write_one_byte(void)
{
    __wasi_ciovec_t iov = {(const uint8_t *)"x", 1};
    __wasi_size_t written;

    (void)__wasi_fd_write(1, &iov, 1, &written);
}

static void get_time(void)
{
    __wasi_timestamp_t now;

    (void)__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &now);
}

static void get_random(void)
{
    uint8_t bytes[16];

    (void)__wasi_random_get(bytes, sizeof(bytes));
}

static void get_flags(void)
{
    __wasi_fdstat_t stat;

    (void)__wasi_fd_fdstat_get(1, &stat);
}

static void yield(void)
{
    (void)__wasi_sched_yield();
}

static uint64_t now_ns(void)
{
    __wasi_timestamp_t now;

    (void)__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &now);
    return now;
}

int main(void)
{
    static const struct {
        const char *name;
        void (*call)(void);
    } calls[] = {{"fd_write", write_one_byte},
                 {"clock_time_get", get_time},
                 {"random_get", get_random},
                 {"fd_fdstat_get", get_flags},
                 {"sched_yield", yield}};

    for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        uint64_t best = UINT64_MAX;

        for (int round = 0; round < ROUNDS; round++) {
            uint64_t start = now_ns(), took;

            for (int n = 0; n < CALLS; n++)
                calls[i].call();
            took = now_ns() - start;
            if (took < best)
                best = took;
        }
        fprintf(stderr, "%s %.1f\n", calls[i].name, (double)best / CALLS);
    }
    return 0;
}
