/*
 * Keeps an untrusted guest within bounds: memory, stack and time.  After each
 * refusal the host carries on, and so can the guest.
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

/* Calls an export without arguments and prints how that went. */
static void try_call(wasmrt_store *store, wasmrt_instance *instance,
                     const char *name)
{
    wasmrt_func *func = wasmrt_instance_func(instance, name);
    wasmrt_error *error;
    wasmrt_val result;

    wasmrt_store_set_deadline(store, after_ms(100));
    error = wasmrt_func_call(store, func, NULL, 0, &result, 1);
    if (!error)
        printf("%s: %d\n", name, (int)result.of.i32);
    else if (wasmrt_error_code(error) == WASMRT_ERR_DEADLINE)
        printf("%s: out of time\n", name);
    else
        printf("%s: %s\n", name, wasmrt_error_message(error));
    wasmrt_error_delete(error);
}

int main(int argc, char **argv)
{
    const char *path = argc > 1 ? argv[1] : "examples/limits.wat";
    wasmrt_config *config = wasmrt_config_new();
    wasmrt_engine *engine = NULL;
    wasmrt_module *module = NULL;
    wasmrt_store *store = NULL;
    wasmrt_linker *linker = NULL;
    wasmrt_instance *instance;
    wasmrt_error *error;

    if (!config)
        return 1;
    wasmrt_config_set_max_stack(config, 256 * 1024);
    if (!(error = wasmrt_engine_new(config, &engine)) &&
        !(error = wasmrt_module_from_file(engine, path, &module)) &&
        !(error = wasmrt_store_new(engine, &store)) &&
        !(error = wasmrt_linker_new(engine, &linker))) {
        wasmrt_store_set_memory_limit(store, 1024 * 1024);
        error = wasmrt_linker_instantiate(linker, store, module, &instance);
    }
    if (error) {
        fprintf(stderr, "limits: %s\n", wasmrt_error_message(error));
    } else {
        try_call(store, instance, "grow");
        try_call(store, instance, "recurse");
        try_call(store, instance, "spin");
        try_call(store, instance, "work");
    }
    wasmrt_linker_delete(linker);
    wasmrt_store_delete(store);
    wasmrt_module_delete(module);
    wasmrt_engine_delete(engine);
    wasmrt_config_delete(config);
    wasmrt_error_delete(error);
    return error != NULL;
}
