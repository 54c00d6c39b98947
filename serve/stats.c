/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "serve/stats.h"

#include <string.h>

enum { FIRST_NS = 1000 };

/* The quarters of an octave are counted along a straight line: their bounds are
 * 1, 1.25, 1.5 and 1.75 times a power of two. */
uint64_t hist_bound(int class)
{
    int octave = class / HIST_PER_OCTAVE, part = class % HIST_PER_OCTAVE;
    uint64_t base = (uint64_t)FIRST_NS << octave;

    return base + base / HIST_PER_OCTAVE * (uint64_t)part;
}

static int class_of(uint64_t ns)
{
    int class = 0;

    while (class < HIST_CLASSES - 1 && hist_bound(class + HIST_PER_OCTAVE) < ns)
        class += HIST_PER_OCTAVE;
    while (class < HIST_CLASSES - 1 && hist_bound(class) < ns)
        class ++;
    return class < HIST_CLASSES ? class : HIST_CLASSES - 1;
}

static void add(_Atomic uint64_t *to, uint64_t value)
{
    atomic_fetch_add_explicit(to, value, memory_order_relaxed);
}

void hist_add(struct hist *hist, uint64_t ns)
{
    add(&hist->counts[class_of(ns)], 1);
    add(&hist->sum_ns, ns);
}

uint64_t hist_quantile(const uint64_t counts[HIST_CLASSES], double share)
{
    uint64_t total = 0, below = 0;

    for (int i = 0; i < HIST_CLASSES; i++)
        total += counts[i];
    for (int i = 0; i < HIST_CLASSES && total > 0; i++) {
        below += counts[i];
        if ((double)below >= share * (double)total)
            return hist_bound(i);
    }
    return 0;
}

static void add_guest(struct stats *stats, const struct guest_report *report)
{
    uint64_t peak = stats->memory_peak_bytes;

    add(&stats->guests, 1);
    add(&stats->ends[report->end], 1);
    hist_add(&stats->start, report->start_ns);
    hist_add(&stats->run, report->run_ns);
    while (report->memory_bytes > peak &&
           !atomic_compare_exchange_weak(&stats->memory_peak_bytes, &peak,
                                         report->memory_bytes))
        ;
}

void stats_add(struct stats *stats, const struct log_entry *entry)
{
    int status = entry->status;

    add(&stats->answers[status > 0 && status < STATUS_MAX ? status : 0], 1);
    add(&stats->sent_bytes, entry->sent_bytes);
    add(&stats->received_bytes, entry->received_bytes);
    hist_add(&stats->duration, entry->duration_ns);
    if (entry->guest)
        add_guest(stats, entry->guest);
}

static uint64_t sum_answers(const struct stats *stats, int from, int to)
{
    uint64_t sum = 0;

    for (int i = from; i < to; i++)
        sum += atomic_load_explicit(&stats->answers[i], memory_order_relaxed);
    return sum;
}

uint64_t stats_answers(const struct stats *stats)
{
    return sum_answers(stats, 0, STATUS_MAX);
}

void history_add(struct history *history, struct stats *stats,
                 uint64_t memory_bytes)
{
    struct sample *sample =
        &history->samples[history->count++ % HISTORY_SECONDS];
    uint64_t counts[HIST_CLASSES], total = 0;
    uint64_t errors = sum_answers(stats, 500, STATUS_MAX);

    for (int i = 0; i < HIST_CLASSES; i++) {
        uint64_t now = stats->duration.counts[i];

        counts[i] = now - history->last_counts[i];
        history->last_counts[i] = now;
        total += counts[i];
    }
    *sample = (struct sample){
        .requests = (uint32_t)total,
        .errors = (uint32_t)(errors - history->last_errors),
        .p50_ns = hist_quantile(counts, 0.5),
        .p99_ns = hist_quantile(counts, 0.99),
        .guest_memory_bytes = atomic_exchange(&stats->memory_peak_bytes, 0),
        .memory_bytes = memory_bytes};
    history->last_errors = errors;
}
