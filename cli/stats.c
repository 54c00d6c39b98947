/*
 * --stats: what a run took, as text or as JSON, on standard error.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/json.h"
#include "cli/os.h"
#include "cli/run.h"
#include "wasmrt/debug.h"

#include <inttypes.h>

static const struct {
    const char *text, *key;
} phases[PHASE_COUNT] = {
    [PHASE_READ] = {"read", "read"},
    [PHASE_LOAD] = {"decode and validate", "load"},
    [PHASE_LINK] = {"instantiate", "instantiate"},
    [PHASE_RUN] = {"run", "run"},
};

/* What is printed; zero where there is nothing. */
struct numbers {
    wasmrt_module_stats module;
    wasmrt_gc_stats gc;
    uint64_t memory_bytes, host_calls, fuel;
    bool has_fuel;
};

static struct numbers collect(const struct run *run)
{
    struct numbers n = {.has_fuel = run->store && run->fuel != UINT64_MAX};

    if (run->module)
        wasmrt_module_get_stats(run->module, &n.module);
    if (!run->store)
        return n;
    n.memory_bytes = wasmrt_store_memory_bytes(run->store);
    n.host_calls = wasmrt_store_host_calls(run->store);
    wasmrt_store_get_gc_stats(run->store, &n.gc);
    if (n.has_fuel)
        n.fuel = run->fuel - wasmrt_store_fuel(run->store);
    return n;
}

/* -- Text ------------------------------------------------------------------ */

static void put_number(const char *label, uint64_t n, const char *unit)
{
    fprintf(stderr, "%-24s %12" PRIu64 "%s\n", label, n, unit);
}

/* Nothing for a guest without objects. */
static void put_gc(const wasmrt_gc_stats *gc)
{
    if (gc->allocated_bytes == 0)
        return;
    put_number("allocated objects", gc->allocated_bytes, " bytes");
    put_number("heap of objects", gc->heap_bytes, " bytes");
    fprintf(stderr, "%-24s %12" PRIu64 " bytes in %" PRIu64 "\n",
            "live objects", gc->live_bytes, gc->live_objects);
    fprintf(stderr, "%-24s %12" PRIu64 " in %.3f ms, longest %.3f ms\n",
            "collections", gc->collections, (double)gc->pause_ns / 1e6,
            (double)gc->max_pause_ns / 1e6);
}

static void put_text(const struct run *run, const struct numbers *n)
{
    for (int i = 0; i < PHASE_COUNT; i++)
        fprintf(stderr, "%-24s %12.3f ms\n", phases[i].text,
                (double)run->phase_ns[i] / 1e6);
    put_number("module", run->file.len, " bytes");
    fprintf(stderr, "%-24s %12" PRIu64 " of %" PRIu64 "\n",
            "functions compiled", n->module.lowered_funcs, n->module.funcs);
    put_number("of these, interpreted", n->module.interpreted_funcs, "");
    put_number("their code", n->module.code_bytes, " bytes");
    put_number("decoded structures", n->module.arena_bytes, " bytes");
    put_number("calls of the host", n->host_calls, "");
    put_number("guest memories", n->memory_bytes, " bytes");
    put_gc(&n->gc);
    if (n->has_fuel)
        fprintf(stderr, "%-24s %12" PRIu64 " of %" PRIu64 "\n", "fuel", n->fuel,
                run->fuel);
    put_number("peak of the process", cli_peak_bytes(), " bytes");
}

/* -- JSON ------------------------------------------------------------------ */

static void json_gc(struct cli_json *json, const wasmrt_gc_stats *gc)
{
    cli_json_open(json, "objects", '{');
    cli_json_number(json, "allocated_bytes", gc->allocated_bytes);
    cli_json_number(json, "heap_bytes", gc->heap_bytes);
    cli_json_number(json, "live_bytes", gc->live_bytes);
    cli_json_number(json, "live_objects", gc->live_objects);
    cli_json_number(json, "collections", gc->collections);
    cli_json_ms(json, "pause_ms", gc->pause_ns);
    cli_json_ms(json, "max_pause_ms", gc->max_pause_ns);
    cli_json_close(json, '}');
}

static void put_json(const struct run *run, const struct numbers *n)
{
    struct cli_json json = {.out = stderr};

    cli_json_open(&json, NULL, '{');
    cli_json_open(&json, "phases_ms", '{');
    for (int i = 0; i < PHASE_COUNT; i++)
        cli_json_ms(&json, phases[i].key, run->phase_ns[i]);
    cli_json_close(&json, '}');
    cli_json_number(&json, "module_bytes", run->file.len);
    cli_json_number(&json, "functions", n->module.funcs);
    cli_json_number(&json, "compiled", n->module.lowered_funcs);
    cli_json_number(&json, "interpreted", n->module.interpreted_funcs);
    cli_json_number(&json, "code_bytes", n->module.code_bytes);
    cli_json_number(&json, "decoded_bytes", n->module.arena_bytes);
    cli_json_number(&json, "host_calls", n->host_calls);
    cli_json_number(&json, "memory_bytes", n->memory_bytes);
    json_gc(&json, &n->gc);
    if (n->has_fuel)
        cli_json_number(&json, "fuel", n->fuel);
    cli_json_number(&json, "peak_bytes", cli_peak_bytes());
    cli_json_close(&json, '}');
}

void run_print_stats(const struct run *run)
{
    struct numbers n;

    if (run->stats == STATS_OFF)
        return;
    n = collect(run);
    if (run->stats == STATS_JSON)
        put_json(run, &n);
    else
        put_text(run, &n);
}
