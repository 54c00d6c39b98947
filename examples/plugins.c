/*
 * A host with a plugin that is replaced while it runs.  Reads lines: "use FILE"
 * loads another plugin, a number is given to the one in use.  A plugin that
 * cannot be loaded replaces nothing; one that wants too much memory or time
 * loses the call and not the host.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasmrt.h>

enum { FUEL_PER_CALL = 10000, MEMORY_BYTES = 1 << 20 };

/* A plugin has a store of its own: what it did goes with it. */
struct plugin {
    wasmrt_store *store;
    wasmrt_func *score;
};

/* What every plugin may call: host.log(pointer, length). */
static wasmrt_error *host_log(void *env, wasmrt_caller *caller,
                              const wasmrt_val *args, wasmrt_val *results)
{
    uint32_t at = (uint32_t)args[0].of.i32, len = (uint32_t)args[1].of.i32;
    const uint8_t *text =
        wasmrt_memory_ptr(wasmrt_caller_memory(caller), at, len);

    (void)env;
    (void)results;
    if (!text)
        return wasmrt_bad_pointer(at, len);
    printf("  plugin: %.*s\n", (int)len, (const char *)text);
    return NULL;
}

static wasmrt_error *load(wasmrt_engine *engine, wasmrt_linker *linker,
                          const char *path, struct plugin *out)
{
    struct plugin fresh = {NULL, NULL};
    wasmrt_module *module = NULL;
    wasmrt_instance *instance;
    wasmrt_error *error;

    if (!(error = wasmrt_module_from_file(engine, path, &module)) &&
        !(error = wasmrt_store_new(engine, &fresh.store))) {
        wasmrt_store_set_memory_limit(fresh.store, MEMORY_BYTES);
        if (!(error = wasmrt_store_set_fuel(fresh.store, FUEL_PER_CALL)) &&
            !(error = wasmrt_linker_instantiate(linker, fresh.store, module,
                                                &instance)))
            fresh.score = wasmrt_instance_func(instance, "score");
    }
    wasmrt_module_delete(module); /* the store has it */
    if (!error &&
        (!fresh.score ||
         !wasmrt_func_has_type(fresh.store, fresh.score, "(i32) -> i32")))
        error = wasmrt_error_new(WASMRT_ERR_HOST_TRAP,
                                 "it has no score: (i32) -> i32");
    if (error) {
        wasmrt_store_delete(fresh.store);
        return error;
    }
    wasmrt_store_delete(out->store);
    *out = fresh;
    return NULL;
}

static wasmrt_error *call(const struct plugin *plugin, int32_t number)
{
    int32_t score;
    wasmrt_error *error = wasmrt_store_set_fuel(plugin->store, FUEL_PER_CALL);

    if (!error)
        error = wasmrt_call(plugin->store, plugin->score, "(i32) -> i32",
                            number, &score);
    if (!error)
        printf("score(%d) = %d\n", (int)number, (int)score);
    return error;
}

int main(void)
{
    wasmrt_config *config = wasmrt_config_new();
    wasmrt_engine *engine = NULL;
    wasmrt_linker *linker = NULL;
    struct plugin plugin = {NULL, NULL};
    wasmrt_error *error;
    char line[256];

    if (!config)
        return 1;
    wasmrt_config_set_fuel(config, true);
    if (!(error = wasmrt_engine_new(config, &engine)) &&
        !(error = wasmrt_linker_new(engine, &linker)))
        error = wasmrt_linker_define(linker, "host", "log", "(i32 i32) -> ()",
                                     host_log, NULL);
    while (!error && fgets(line, sizeof(line), stdin)) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "use ", 4) == 0)
            error = load(engine, linker, line + 4, &plugin);
        else if (plugin.store)
            error = call(&plugin, atoi(line));
        if (error)
            printf("%s: %s\n", line, wasmrt_error_message(error));
        wasmrt_error_delete(error);
        error = NULL;
    }
    wasmrt_store_delete(plugin.store);
    wasmrt_linker_delete(linker);
    wasmrt_engine_delete(engine);
    wasmrt_config_delete(config);
    wasmrt_error_delete(error);
    return error != NULL;
}
