/*
 * Running whatever module the fuzzer can make valid: instantiates it with host
 * functions for its imports and calls its exports with zeros.  Time, memory and
 * tables are limited; whatever the guest does, it must end in a result or an
 * error.  The size chooses guard pages or explicit checks, and the engine.
 *
 * fuzz-seeds: modules
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _POSIX_C_SOURCE 200809L
#include "tests/fuzz/mutate.h"
#include "tests/fuzz/reach.h"

#include "wasmrt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_CALLS = 8, MAX_VALUES = 16, RUN_MILLISECONDS = 20, NAME_BYTES = 80 };

static wasmrt_engine *engine_for(wasmrt_bounds bounds, wasmrt_strategy strategy)
{
    static wasmrt_engine
        *engines[WASMRT_BOUNDS_CHECK + 1][WASMRT_STRATEGY_INTERP + 1];
    wasmrt_engine **engine = &engines[bounds][strategy];

    if (!*engine) {
        wasmrt_config *config = wasmrt_config_new();

        wasmrt_config_set_bounds(config, bounds);
        wasmrt_config_set_strategy(config, strategy);
        wasmrt_config_set_code_check(config, true);
        wasmrt_config_set_max_stack(config, 256 * 1024);
        if (wasmrt_engine_new(config, engine))
            abort();
        wasmrt_config_delete(config);
    }
    return *engine;
}

static uint64_t deadline(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec +
           RUN_MILLISECONDS * 1000000u;
}

/* Results come in as zeros of the right kinds; that will do. */
static wasmrt_error *host_function(void *env, wasmrt_caller *caller,
                                   const wasmrt_val *args, wasmrt_val *results)
{
    (void)env;
    (void)caller;
    (void)args;
    (void)results;
    reach("host calls");
    return NULL;
}

/* Copies a name that may hold NUL bytes; false when it does or is too long. */
static bool plain_name(char *to, const char *name, size_t len)
{
    if (len >= NAME_BYTES || memchr(name, 0, len))
        return false;
    memcpy(to, name, len);
    to[len] = '\0';
    return true;
}

/* Defines the imported functions; other imports make the link fail. */
static void define_imports(wasmrt_linker *linker, const wasmrt_module *module)
{
    wasmrt_extern_info info;

    for (size_t i = 0; wasmrt_module_import(module, i, &info); i++) {
        char from[NAME_BYTES], name[NAME_BYTES], type[512];

        if (info.kind != WASMRT_EXTERN_FUNC ||
            !plain_name(from, info.module, info.module_len) ||
            !plain_name(name, info.name, info.name_len) ||
            wasmrt_module_extern_type(module, true, i, type, sizeof(type)) >=
                sizeof(type))
            continue;
        wasmrt_error_delete(wasmrt_linker_define(linker, from, name, type,
                                                 host_function, NULL));
    }
}

static void call(wasmrt_store *store, wasmrt_func *func)
{
    size_t nargs = wasmrt_func_param_count(store, func);
    size_t nresults = wasmrt_func_result_count(store, func);
    wasmrt_val args[MAX_VALUES], results[MAX_VALUES];
    wasmrt_error *error;

    if (nargs > MAX_VALUES || nresults > MAX_VALUES)
        return;
    memset(args, 0, sizeof(args));
    for (size_t i = 0; i < nargs; i++)
        args[i].kind = wasmrt_func_param_kind(store, func, i);
    wasmrt_store_set_deadline(store, deadline()); /* each stops one call */
    error = wasmrt_func_call(store, func, args, nargs, results, nresults);
    reach(error ? wasmrt_code_text(wasmrt_error_code(error)) : "returned");
    wasmrt_error_delete(error);
}

static void call_exports(wasmrt_store *store, wasmrt_instance *instance,
                         const wasmrt_module *module)
{
    wasmrt_extern_info info;
    int calls = 0;

    for (size_t i = 0; wasmrt_module_export(module, i, &info); i++) {
        wasmrt_extern_val value;

        if (info.kind == WASMRT_EXTERN_FUNC && calls++ < MAX_CALLS &&
            wasmrt_instance_export_n(instance, info.name, info.name_len,
                                     &value))
            call(store, value.of.func);
    }
}

static void run(wasmrt_engine *engine, wasmrt_module *module)
{
    wasmrt_instance *instance = NULL;
    wasmrt_linker *linker = NULL;
    wasmrt_store *store = NULL;
    wasmrt_error *error;

    if (wasmrt_linker_new(engine, &linker) || wasmrt_store_new(engine, &store))
        abort();
    wasmrt_store_set_memory_limit(store, 64u << 20);
    wasmrt_store_set_table_limit(store, 100000);
    wasmrt_store_set_deadline(store, deadline());
    define_imports(linker, module);
    error = wasmrt_linker_instantiate(linker, store, module, &instance);
    reach(error ? "not instantiated" : "instantiated");
    if (!error)
        call_exports(store, instance, module);
    wasmrt_error_delete(error);
    wasmrt_linker_delete(linker);
    wasmrt_store_delete(store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wasmrt_module *module = NULL;
    wasmrt_engine *engine;
    wasmrt_error *error;

    if (size < 4 || memcmp(data, "\0asm", 4) != 0)
        return -1;
    engine =
        engine_for(size & 1 ? WASMRT_BOUNDS_CHECK : WASMRT_BOUNDS_AUTO,
                   size & 2 ? WASMRT_STRATEGY_INTERP : WASMRT_STRATEGY_AUTO);
    error = wasmrt_module_new(engine, data, size, &module);
    if (error)
        reach("refused");
    else
        run(engine, module);
    wasmrt_error_delete(error);
    wasmrt_module_delete(module);
    return error ? -1 : 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
                               unsigned seed)
{
    return mutate_module(data, size, max_size, seed);
}
