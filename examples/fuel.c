/*
 * Pays for what a guest executes, and stops one that takes too long.  Fuel is
 * counted exactly and the same everywhere: the same work costs the same on
 * every machine.  Time is not; a deadline also ends what waits or counts
 * nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include <stdio.h>
#include <time.h>
#include <wasmrt.h>

static uint64_t after_ms(uint64_t ms)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return ((uint64_t)now.tv_sec * 1000 + ms) * 1000000 + (uint64_t)now.tv_nsec;
}

/* Lets the guest compute a Fibonacci number for at most so many units. */
static wasmrt_error *compute(wasmrt_store *store, wasmrt_func *fib, int n,
                             uint64_t units)
{
    wasmrt_error *error = wasmrt_store_set_fuel(store, units);
    int64_t result;

    if (error)
        return error;
    error = wasmrt_call(store, fib, "(i32) -> i64", n, &result);
    if (error && wasmrt_error_code(error) == WASMRT_ERR_FUEL_EXHAUSTED) {
        printf("fib(%d): not for %llu units\n", n, (unsigned long long)units);
        wasmrt_error_delete(error);
        return NULL;
    }
    if (!error)
        printf("fib(%d) = %lld for %llu units\n", n, (long long)result,
               (unsigned long long)(units - wasmrt_store_fuel(store)));
    return error;
}

/* The same with a limit on time instead. */
static wasmrt_error *hurry(wasmrt_store *store, wasmrt_func *fib, int n)
{
    wasmrt_error *error = wasmrt_store_set_fuel(store, UINT64_MAX);

    if (error)
        return error;
    wasmrt_store_set_deadline(store, after_ms(50));
    error = wasmrt_call(store, fib, "(i32) -> i64", n, NULL);
    wasmrt_store_set_deadline(store, 0);
    if (!error || wasmrt_error_code(error) != WASMRT_ERR_DEADLINE)
        return error;
    printf("fib(%d): not in 50 ms\n", n);
    wasmrt_error_delete(error);
    return NULL;
}

static wasmrt_error *run(wasmrt_store *store, wasmrt_instance *instance)
{
    wasmrt_func *fib = wasmrt_instance_func(instance, "fib");
    wasmrt_error *error;

    if (!fib)
        return wasmrt_error_new(WASMRT_ERR_HOST_TRAP, "no export \"fib\"");
    if ((error = compute(store, fib, 10, 10000)) ||
        (error = compute(store, fib, 20, 10000)) ||
        (error = compute(store, fib, 20, 1000000)))
        return error;
    return hurry(store, fib, 60);
}

int main(int argc, char **argv)
{
    const char *path = argc > 1 ? argv[1] : "examples/fuel.wat";
    wasmrt_config *config = wasmrt_config_new();
    wasmrt_engine *engine = NULL;
    wasmrt_module *module = NULL;
    wasmrt_store *store = NULL;
    wasmrt_linker *linker = NULL;
    wasmrt_instance *instance;
    wasmrt_error *error;

    if (!config)
        return 1;
    wasmrt_config_set_fuel(config, true);
    if (!(error = wasmrt_engine_new(config, &engine)) &&
        !(error = wasmrt_module_from_file(engine, path, &module)) &&
        !(error = wasmrt_store_new(engine, &store)) &&
        !(error = wasmrt_linker_new(engine, &linker)) &&
        !(error = wasmrt_linker_instantiate(linker, store, module, &instance)))
        error = run(store, instance);
    if (error)
        fprintf(stderr, "fuel: %s\n", wasmrt_error_message(error));
    wasmrt_linker_delete(linker);
    wasmrt_store_delete(store);
    wasmrt_module_delete(module);
    wasmrt_engine_delete(engine);
    wasmrt_config_delete(config);
    wasmrt_error_delete(error);
    return error != NULL;
}
