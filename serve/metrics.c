/*
 * What the server counts, for Prometheus.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "serve/admin.h"

#include "array/grow.h"
#include "serve/os.h"
#include "serve/pool.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { LINE_BYTES = 1024 }; /* the most that is written at once */

void page_put(struct page *page, const char *format, ...)
{
    va_list args;
    int len;

    if (page->is_out_of_memory)
        return;
    if (!array_reserve(&page->bytes, &page->cap, page->len + LINE_BYTES, 1)) {
        page->is_out_of_memory = true;
        return;
    }
    va_start(args, format);
    len =
        vsnprintf(page->bytes + page->len, page->cap - page->len, format, args);
    va_end(args);
    if (len > 0)
        page->len += (size_t)len < page->cap - page->len
                         ? (size_t)len
                         : page->cap - page->len - 1;
}

void page_fini(struct page *page)
{
    free(page->bytes);
    page->bytes = NULL;
}

static void put_head(struct page *page, const char *name, const char *type,
                     const char *help)
{
    page_put(page, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void put_one(struct page *page, const char *name, const char *type,
                    const char *help, uint64_t value)
{
    put_head(page, name, type, help);
    page_put(page, "%s %llu\n", name, (unsigned long long)value);
}

/* Whole octaves only: a line for each class would be many. */
static void put_hist(struct page *page, const char *name, const char *help,
                     const struct hist *hist)
{
    unsigned long long sum = 0;

    put_head(page, name, "histogram", help);
    for (int i = 0; i < HIST_CLASSES; i++) {
        sum += hist->counts[i];
        if (i % HIST_PER_OCTAVE == 0 && i <= 24 * HIST_PER_OCTAVE)
            page_put(page, "%s_bucket{le=\"%.9g\"} %llu\n", name,
                     (double)hist_bound(i) / 1e9, sum);
    }
    page_put(page, "%s_bucket{le=\"+Inf\"} %llu\n", name, sum);
    page_put(page, "%s_sum %.9f\n%s_count %llu\n", name,
             (double)hist->sum_ns / 1e9, name, sum);
}

static void put_answers(struct page *page, const struct stats *stats)
{
    put_head(page, "wasmrt_http_requests_total", "counter",
             "Answers by status; 499 is a client that left.");
    for (int i = 0; i < STATUS_MAX; i++) {
        unsigned long long count = stats->answers[i];

        if (count > 0)
            page_put(page, "wasmrt_http_requests_total{code=\"%d\"} %llu\n", i,
                     count);
    }
}

static void put_ends(struct page *page, const struct stats *stats)
{
    static const char *const names[] = {
        [GUEST_RETURNED] = "returned", [GUEST_TRAPPED] = "trapped",
        [GUEST_FAILED] = "failed",     [GUEST_TIMED_OUT] = "timed-out",
        [GUEST_TOO_LONG] = "too-long", [GUEST_OUT_OF_FUEL] = "no-fuel",
        [GUEST_LEFT] = "left",
    };

    put_head(page, "wasmrt_guests_total", "counter",
             "Guests that have ended, by how.");
    for (int i = GUEST_RETURNED; i <= GUEST_LEFT; i++)
        page_put(page, "wasmrt_guests_total{end=\"%s\"} %llu\n", names[i],
                 (unsigned long long)stats->ends[i]);
}

static void put_process(struct page *page, const struct server *server)
{
    uint64_t memory_bytes = os_memory_bytes();
    unsigned fds = os_open_fds();

    /* A row that cannot be told is better missing than 0. */
    if (memory_bytes > 0)
        put_one(page, "process_resident_memory_bytes", "gauge",
                "Memory that the process occupies.", memory_bytes);
    put_one(page, "process_resident_memory_peak_bytes", "gauge",
            "The most memory that the process has occupied.",
            os_peak_memory_bytes());
    if (fds > 0)
        put_one(page, "process_open_fds", "gauge", "Open descriptors.", fds);
    put_head(page, "process_cpu_seconds_total", "counter",
             "Processor time, of the user and the system.");
    page_put(page, "process_cpu_seconds_total %.6f\n", os_cpu_seconds());
    put_head(page, "wasmrt_uptime_seconds", "gauge", "Since the start.");
    page_put(page, "wasmrt_uptime_seconds %.3f\n",
             (double)(uv_hrtime() - server->begin_ns) / 1e9);
}

bool metrics_write(struct page *page, const struct server *server)
{
    const struct stats *stats = &server->stats;
    const struct pool_load load = pool_load(server->pool);

    put_answers(page, stats);
    put_hist(page, "wasmrt_http_request_duration_seconds",
             "From the head of a request to the end of its answer.",
             &stats->duration);
    put_ends(page, stats);
    put_hist(page, "wasmrt_guest_start_seconds",
             "Making the instance for a request.", &stats->start);
    put_hist(page, "wasmrt_guest_run_seconds",
             "From a guest's start to its end, waiting included.", &stats->run);
    put_one(page, "wasmrt_guests_running", "gauge",
            "Guests that have begun and not ended.", load.running);
    put_one(page, "wasmrt_guests_suspended", "gauge",
            "Those of them that wait, and have no thread.", load.suspended);
    put_one(page, "wasmrt_guests_waiting", "gauge",
            "Requests that wait for a guest to end.", load.waiting);
    put_one(page, "wasmrt_guest_threads", "gauge", "Threads for guests.",
            load.threads);
    put_one(page, "wasmrt_http_connections", "gauge", "Open connections.",
            stats->open_connections);
    put_one(page, "wasmrt_http_connections_total", "counter",
            "Connections that were accepted.", stats->connections);
    put_one(page, "wasmrt_http_connections_refused_total", "counter",
            "Connections beyond the limit.", stats->refused_connections);
    put_one(page, "wasmrt_http_sent_bytes_total", "counter",
            "Bytes of bodies of answers.", stats->sent_bytes);
    put_one(page, "wasmrt_http_received_bytes_total", "counter",
            "Bytes of bodies of requests.", stats->received_bytes);
    put_process(page, server);
    return !page->is_out_of_memory;
}
