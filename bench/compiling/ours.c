/*
 * Compile speed of wasmrt: decoding and validating a module, and the same with
 * every function compiled.  SPDX-License-Identifier: Apache-2.0
 */
#include "bench/compiling/lib.h"

#include "wasmrt.h"

static wasmrt_engine *lazy, *eager;

static void load(wasmrt_engine *engine, const struct input *in)
{
    wasmrt_module *module;
    wasmrt_error *error =
        wasmrt_module_new(engine, in->bytes, in->len, &module);

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

static wasmrt_engine *new_engine(wasmrt_strategy strategy, wasmrt_compile when)
{
    wasmrt_config *config = wasmrt_config_new();
    wasmrt_engine *engine;

    wasmrt_config_set_strategy(config, strategy);
    wasmrt_config_set_compile(config, when);
    if (wasmrt_engine_new(config, &engine) != NULL)
        exit(1);
    wasmrt_config_delete(config);
    return engine;
}

int main(int argc, char **argv)
{
    struct input in = read_input(argv[argc - 1]);
    double seconds = atof(argv[1]);

    /* SECONDS [jit] FILE; fails when there is no such engine. */
    wasmrt_strategy strategy =
        argc > 3 ? WASMRT_STRATEGY_JIT : WASMRT_STRATEGY_INTERP;

    lazy = new_engine(strategy, WASMRT_COMPILE_LAZY);
    eager = new_engine(strategy, WASMRT_COMPILE_EAGER);
    measure("validate", seconds, validate, &in);
    measure("compile", seconds, compile, &in);
    return 0;
}
