/*
 * The status page: the last minutes as pictures, in plain HTML and SVG, without
 * a script.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "serve/admin.h"
#include "serve/os.h"
#include "serve/pool.h"
#include "wasmrt/version.h"

#include <string.h>

static const double width = 600, height = 120, pad = 8;

/* -- Numbers for people ---------------------------------------------------- */

typedef void put_number(struct page *page, double value);

static void put_count(struct page *page, double value)
{
    page_put(page, "%.0f", value);
}

static void put_time(struct page *page, double ns)
{
    if (ns < 1e6)
        page_put(page, "%.0f µs", ns / 1e3);
    else if (ns < 1e9)
        page_put(page, "%.1f ms", ns / 1e6);
    else
        page_put(page, "%.1f s", ns / 1e9);
}

static void put_bytes(struct page *page, double bytes)
{
    if (bytes < 1024 * 1024)
        page_put(page, "%.0f KiB", bytes / 1024);
    else
        page_put(page, "%.1f MiB", bytes / (1024 * 1024));
}

/* -- Pictures -------------------------------------------------------------- */

/* One line of a picture. */
struct series {
    const char *name, *colour;
    double (*value)(const struct sample *sample);
};

struct picture {
    const char *title;
    put_number *put;
    struct series series[2];
    size_t nseries;
};

static double requests(const struct sample *s)
{
    return s->requests;
}
static double errors(const struct sample *s)
{
    return s->errors;
}
static double p50(const struct sample *s)
{
    return (double)s->p50_ns;
}
static double p99(const struct sample *s)
{
    return (double)s->p99_ns;
}
static double guest(const struct sample *s)
{
    return (double)s->guest_memory_bytes;
}
static double process(const struct sample *s)
{
    return (double)s->memory_bytes;
}

static const struct picture pictures[] = {
    {"Requests per second",
     put_count,
     {{"all", "#2563eb", requests}, {"5xx", "#dc2626", errors}},
     2},
    {"Latency",
     put_time,
     {{"median", "#2563eb", p50}, {"99 %", "#d97706", p99}},
     2},
    {"Memory of a guest, the most",
     put_bytes,
     {{"guest", "#059669", guest}},
     1},
    {"Memory of the process", put_bytes, {{"process", "#7c3aed", process}}, 1},
};

enum { PICTURE_COUNT = sizeof(pictures) / sizeof(*pictures) };

/* The sample that is `age` seconds old. */
static const struct sample *sample_at(const struct history *history, size_t age)
{
    return &history->samples[(history->count - 1 - age) % HISTORY_SECONDS];
}

static size_t sample_count(const struct history *history)
{
    return history->count < HISTORY_SECONDS ? history->count : HISTORY_SECONDS;
}

static double highest(const struct picture *picture,
                      const struct history *history)
{
    double most = 1;

    for (size_t k = 0; k < picture->nseries; k++) {
        for (size_t age = 0; age < sample_count(history); age++) {
            double value = picture->series[k].value(sample_at(history, age));

            most = value > most ? value : most;
        }
    }
    return most;
}

static void put_line(struct page *page, const struct series *series,
                     const struct history *history, double most)
{
    size_t count = sample_count(history);

    page_put(page,
             "<polyline fill='none' stroke='%s' stroke-width='1.5' "
             "points='",
             series->colour);
    for (size_t age = count; age-- > 0;) {
        double x = width - (double)age * width / (HISTORY_SECONDS - 1);
        double share = series->value(sample_at(history, age)) / most;

        page_put(page, "%.1f,%.1f ", x, pad + height * (1 - share));
    }
    page_put(page, "'/>\n");
}

static void put_legend(struct page *page, const struct picture *picture,
                       const struct history *history)
{
    const struct sample *last = sample_at(history, 0);

    for (size_t k = 0; k < picture->nseries; k++) {
        const struct series *series = &picture->series[k];

        page_put(page, "<span style='color:%s'>%s ", series->colour,
                 series->name);
        picture->put(page, series->value(last));
        page_put(page, "</span> ");
    }
}

static void put_picture(struct page *page, const struct picture *picture,
                        const struct history *history)
{
    double most = highest(picture, history);

    page_put(page, "<section><h2>%s</h2><p>", picture->title);
    put_legend(page, picture, history);
    page_put(page,
             "</p><svg viewBox='0 0 %.0f %.0f' role='img' aria-label='%s'>\n"
             "<rect y='%.0f' width='%.0f' height='%.0f' fill='#f8fafc' "
             "stroke='#cbd5e1'/>\n",
             width + 70, height + 2 * pad, picture->title, pad, width, height);
    for (size_t k = 0; k < picture->nseries; k++)
        put_line(page, &picture->series[k], history, most);
    page_put(page, "<text x='%.0f' y='%.0f'>", width + 6, pad + 10);
    picture->put(page, most);
    page_put(page, "</text><text x='%.0f' y='%.0f'>0</text></svg></section>\n",
             width + 6, pad + height);
}

/* -- The page -------------------------------------------------------------- */

static void put_row(struct page *page, const char *name, uint64_t value)
{
    page_put(page, "<tr><td>%s<td>%llu\n", name, (unsigned long long)value);
}

static uint64_t answers_of(const struct stats *stats, int class)
{
    uint64_t sum = 0;

    for (int i = class * 100; i < class * 100 + 100; i++)
        sum += stats->answers[i];
    return sum;
}

static void put_table(struct page *page, const struct server *server)
{
    const struct stats *stats = &server->stats;
    const struct pool_load load = pool_load(server->pool);
    unsigned fds = os_open_fds();

    page_put(page, "<table>\n");
    put_row(page, "answers 2xx", answers_of(stats, 2));
    put_row(page, "answers 3xx", answers_of(stats, 3));
    put_row(page, "answers 4xx", answers_of(stats, 4));
    put_row(page, "answers 5xx", answers_of(stats, 5));
    put_row(page, "guests that trapped", stats->ends[GUEST_TRAPPED]);
    put_row(page, "guests that took too long", stats->ends[GUEST_TIMED_OUT]);
    put_row(page, "guests that run", load.running);
    put_row(page, "of these, guests that wait", load.suspended);
    put_row(page, "requests that wait to begin", load.waiting);
    put_row(page, "open connections", stats->open_connections);
    if (fds > 0)
        put_row(page, "open descriptors", fds);
    page_put(page, "</table>\n");
}

/* Paths come from whoever wrote the configuration, and may be anything. */
static void put_escaped(struct page *page, const char *text)
{
    for (; *text; text++) {
        if (strchr("<>&\"'", *text))
            page_put(page, "&#%d;", *text);
        else
            page_put(page, "%c", *text);
    }
}

static void put_routes(struct page *page, const struct server *server)
{
    page_put(page, "<h2>Routes</h2><table>\n");
    for (size_t i = 0; i < server->nroutes; i++) {
        const struct serve_route *route = server->routes[i].config;

        page_put(page, "<tr><td>");
        put_escaped(page, route->path);
        page_put(page, "<td>%s ", route->module ? "module" : "files");
        put_escaped(page, route->module ? route->module : route->files);
        page_put(page, "\n");
    }
    page_put(page, "</table>\n");
}

bool status_write(struct page *page, const struct server *server)
{
    const struct history *history = &server->workers[0].history;

    page_put(page,
             "<!doctype html><html lang='en'><meta charset='utf-8'>"
             "<meta http-equiv='refresh' content='5'><title>wasmrt serve"
             "</title>\n<style>body{font:15px system-ui,sans-serif;margin:2em "
             "auto;max-width:46em;color:#0f172a}h1{font-size:1.4em}"
             "h2{font-size:1em;margin:1.2em 0 0}p{margin:.2em 0}"
             "svg{width:100%%}text{font-size:11px;fill:#475569}"
             "td{padding:.1em 1em .1em 0}td+td{font-variant-numeric:"
             "tabular-nums}</style>\n");
    page_put(page,
             "<h1>wasmrt %s serve</h1><p>up %.0f s, %s engine, %u "
             "workers; the last five minutes</p>\n",
             WASMRT_VERSION, (double)(uv_hrtime() - server->begin_ns) / 1e9,
             wasmrt_engine_strategy(server->engine), server->nworkers);
    for (size_t i = 0; i < PICTURE_COUNT && history->count > 0; i++)
        put_picture(page, &pictures[i], history);
    page_put(page, "<h2>So far</h2>\n");
    put_table(page, server);
    put_routes(page, server);
    page_put(page, "</html>\n");
    return !page->is_out_of_memory;
}
