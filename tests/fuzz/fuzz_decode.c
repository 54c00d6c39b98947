/*
 * Decoding and validation of arbitrary bytes.
 *
 * Every input is decoded twice: once in peace, and once with an allocator that
 * fails at a call chosen by the input.  The verdict must be the same, unless
 * the failure was hit; then it may be "out of memory", and nothing may leak.
 *
 * fuzz-seeds: modules
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/fuzz/mutate.h"
#include "tests/fuzz/reach.h"

#include "wasmrt.h"
#include "wasmrt/debug.h"

#include <stdlib.h>
#include <string.h>

/* Fails when `budget` reaches zero; negative: never.  Counts live bytes. */
static struct {
    long budget;
    int fired;
    size_t live_bytes;
} heap = {.budget = -1};

static void *resize(void *user, void *ptr, size_t old_size, size_t new_size)
{
    void *fresh;

    (void)user;
    if (new_size == 0) {
        free(ptr);
        heap.live_bytes -= old_size;
        return NULL;
    }
    if (heap.budget >= 0 && heap.budget-- == 0) {
        heap.fired = 1;
        return NULL;
    }
    fresh = realloc(ptr, new_size);
    if (fresh)
        heap.live_bytes += new_size - old_size;
    return fresh;
}

static wasmrt_engine *engine(void)
{
    static wasmrt_engine *made;

    if (!made) {
        wasmrt_config *config = wasmrt_config_new();

        wasmrt_config_set_allocator(config, resize, NULL);
        wasmrt_config_set_strategy(config, WASMRT_STRATEGY_INTERP);
        if (wasmrt_engine_new(config, &made))
            abort();
        wasmrt_config_delete(config);
    }
    return made;
}

static void discard(void *user, const char *text, size_t len)
{
    (void)user;
    (void)text;
    (void)len;
}

/* The printer walks everything that the decoder has built. */
static void dump(wasmrt_module *module)
{
    unsigned all = WASMRT_DUMP_HEADERS | WASMRT_DUMP_EXTERNS |
                   WASMRT_DUMP_CODE | WASMRT_DUMP_DATA | WASMRT_DUMP_CUSTOM;
    wasmrt_error *error = wasmrt_module_dump(module, all, NULL, discard, NULL);

    reach(error ? "dump refused" : "dumped");
    wasmrt_error_delete(error);
}

static wasmrt_code decode(const uint8_t *data, size_t size, int quietly)
{
    wasmrt_module *module = NULL;
    wasmrt_error *error = wasmrt_module_new(engine(), data, size, &module);
    wasmrt_code code = error ? wasmrt_error_code(error) : WASMRT_ERR_NONE;

    if (error && !*wasmrt_error_message(error))
        abort();
    if (!error && !quietly)
        dump(module);
    if (!quietly)
        reach(error ? wasmrt_code_text(code) : "accepted");
    wasmrt_error_delete(error);
    wasmrt_module_delete(module);
    return code;
}

/* Any number that depends on all of the input. */
static unsigned hash(const uint8_t *data, size_t size)
{
    unsigned h = 2166136261u;

    for (size_t i = 0; i < size; i++)
        h = (h ^ data[i]) * 16777619u;
    return h;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wasmrt_code first, second;
    size_t live_before;

    if (size < 4 || memcmp(data, "\0asm", 4) != 0)
        return -1;
    first = decode(data, size, 0);
    live_before = heap.live_bytes;
    heap.budget = (long)(hash(data, size) % 64);
    heap.fired = 0;
    second = decode(data, size, 1);
    heap.budget = -1;
    if (heap.fired)
        reach("allocation failures");
    /* A failure may hit what can do without, such as the name of a function in
     * a message. */
    if (second != first && !(heap.fired && second == WASMRT_ERR_OUT_OF_MEMORY))
        abort();
    /* The engine may keep types that it has seen; a module's own memory is
     * given back. */
    if (heap.live_bytes > live_before + (1 << 20))
        abort();
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
                               unsigned seed)
{
    return mutate_module(data, size, max_size, seed);
}
