/*
 * What the server counts.  Every thread adds; the admin pages read.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SERVE_STATS_H
#define SERVE_STATS_H

#include "serve/log.h"

#include <stdatomic.h>

/* Four classes per doubling, from 1 microsecond on. */
enum { HIST_CLASSES = 120, HIST_PER_OCTAVE = 4 };

struct hist {
    _Atomic uint64_t counts[HIST_CLASSES];
    _Atomic uint64_t sum_ns;
};

enum { STATUS_MAX = 600 };

struct stats {
    _Atomic uint64_t answers[STATUS_MAX]; /* by status; 499: the client left */
    _Atomic uint64_t connections, open_connections, refused_connections;
    _Atomic uint64_t sent_bytes, received_bytes;
    _Atomic uint64_t guests, ends[GUEST_LEFT + 1];
    _Atomic uint64_t
        memory_peak_bytes; /* of a guest, since it was last asked */
    struct hist duration, start, run;
};

void hist_add(struct hist *hist, uint64_t ns);
/* The upper end of a class, in nanoseconds. */
uint64_t hist_bound(int class);
/* What a share of the counts stays below; 0 without any. */
uint64_t hist_quantile(const uint64_t counts[HIST_CLASSES], double share);

/* Accounts for an answer. */
void stats_add(struct stats *stats, const struct log_entry *entry);

/* All answers. */
uint64_t stats_answers(const struct stats *stats);

/* -- The last minutes ------------------------------------------------------ */

enum { HISTORY_SECONDS = 300 };

struct sample {
    uint32_t requests, errors; /* of 5xx */
    uint64_t p50_ns, p99_ns;
    uint64_t guest_memory_bytes; /* the most that one had */
    uint64_t memory_bytes;       /* of the process */
};

/* Of one thread alone. */
struct history {
    struct sample samples[HISTORY_SECONDS]; /* a ring */
    size_t count;                           /* so far */
    uint64_t last_counts[HIST_CLASSES];
    uint64_t last_errors;
};

/* Once a second. */
void history_add(struct history *history, struct stats *stats,
                 uint64_t memory_bytes);

#endif
