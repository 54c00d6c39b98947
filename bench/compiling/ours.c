/*
 * Compile speed of wasmrt: decoding and validating a module, and the same with
 * every function compiled; and how large the machine code is.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench/compiling/lib.h"

#include "wasmrt.h"
#include "wasmrt/debug.h"

#include <string.h>

static wasmrt_engine *lazy, *eager;

static void load(wasmrt_engine *engine, const struct input *in)
{
    wasmrt_module *module;
    wasmrt_error *error =
        wasmrt_module_new_borrowed(engine, in->bytes, in->len, &module);

    if (error) {
        fprintf(stderr, "%s\n", wasmrt_error_message(error));
        exit(1);
    }
    wasmrt_module_delete(module);
}

static void validate(const struct input *in)
{
    load(lazy, in);
}

static void compile(const struct input *in)
{
    load(eager, in);
}

static unsigned long long code_bytes;

static void count_code(void *user, const wasmrt_code_event *event)
{
    (void)user;
    if (event->func != UINT32_MAX)
        code_bytes += event->len;
}

/* Bytes of machine code of all functions. */
static int print_size(const struct input *in)
{
    wasmrt_config *config = wasmrt_config_new();
    wasmrt_engine *engine;

    wasmrt_config_set_strategy(config, WASMRT_STRATEGY_JIT);
    wasmrt_config_set_compile(config, WASMRT_COMPILE_EAGER);
    wasmrt_config_on_code(config, count_code, NULL);
    if (wasmrt_engine_new(config, &engine) != NULL)
        return 1;
    wasmrt_config_delete(config);
    load(engine, in);
    printf("%llu\n", code_bytes);
    return 0;
}

static wasmrt_engine *new_engine(wasmrt_strategy strategy, wasmrt_compile when)
{
    wasmrt_config *config = wasmrt_config_new();
    wasmrt_engine *engine;

    wasmrt_config_set_strategy(config, strategy);
    wasmrt_config_set_compile(config, when);
    wasmrt_config_set_compile_threads(config, 1);
    if (wasmrt_engine_new(config, &engine) != NULL)
        exit(1);
    wasmrt_config_delete(config);
    return engine;
}

int main(int argc, char **argv)
{
    struct input in = read_input(argv[argc - 1]);
    double seconds = atof(argv[1]);
    wasmrt_strategy strategy =
        argc > 3 ? WASMRT_STRATEGY_JIT : WASMRT_STRATEGY_INTERP;

    /* SECONDS [jit | size] FILE; fails when there is no such engine. */
    if (argc > 3 && strcmp(argv[2], "size") == 0)
        return print_size(&in);

    lazy = new_engine(strategy, WASMRT_COMPILE_LAZY);
    eager = new_engine(strategy, WASMRT_COMPILE_EAGER);
    measure("validate", seconds, validate, &in);
    measure("compile", seconds, compile, &in);
    return 0;
}
