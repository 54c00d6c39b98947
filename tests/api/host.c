/*
 * A host for the tests of the public API.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/api/host.h"

#include <pthread.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

wasmrt_engine *engine;
wasmrt_store *store;
wasmrt_linker *linker;

wasmrt_config *host_config(void)
{
    wasmrt_config *config = wasmrt_config_new();

    if (strcmp(test_engine(), "interp") == 0)
        wasmrt_config_set_strategy(config, WASMRT_STRATEGY_INTERP);
    if (strcmp(test_engine(), "jit") == 0)
        wasmrt_config_set_strategy(config, WASMRT_STRATEGY_JIT);
    if (strcmp(test_bounds(), "guard") == 0)
        wasmrt_config_set_bounds(config, WASMRT_BOUNDS_GUARD);
    if (strcmp(test_bounds(), "check") == 0)
        wasmrt_config_set_bounds(config, WASMRT_BOUNDS_CHECK);
    return config;
}

void host_open_with(wasmrt_config *config_taken)
{
    check_ok(wasmrt_engine_new(config_taken, &engine));
    wasmrt_config_delete(config_taken);
    check_ok(wasmrt_store_new(engine, &store));
    check_ok(wasmrt_linker_new(engine, &linker));
}

void host_open(void)
{
    host_open_with(host_config());
}

void host_close(void)
{
    wasmrt_linker_delete(linker);
    wasmrt_store_delete(store);
    wasmrt_engine_delete(engine);
}

wasmrt_module *host_module(const char *text)
{
    wasmrt_module *module;

    check_ok(wasmrt_module_new(engine, text, strlen(text), &module));
    return module;
}

wasmrt_instance *host_instance(const char *text)
{
    wasmrt_module *module = host_module(text);
    wasmrt_instance *inst;

    check_ok(wasmrt_linker_instantiate(linker, store, module, &inst));
    wasmrt_module_delete(module);
    return inst;
}

wasmrt_error *host_instance_error(const char *text)
{
    wasmrt_module *module = host_module(text);
    wasmrt_instance *inst = NULL;
    wasmrt_error *error =
        wasmrt_linker_instantiate(linker, store, module, &inst);

    wasmrt_module_delete(module);
    CHECK(error != NULL);
    CHECK(inst == NULL);
    return error;
}

void host_define(const char *name, const char *signature, wasmrt_host_fn fn,
                 void *env)
{
    check_ok(wasmrt_linker_define(linker, "h", name, signature, fn, env));
}

/* -- Calls ----------------------------------------------------------------- */

static wasmrt_func *find(wasmrt_instance *inst, const char *name)
{
    wasmrt_func *func = wasmrt_instance_func(inst, name);

    if (!func)
        FAIL("no function %s", name);
    return func;
}

wasmrt_error *call(wasmrt_instance *inst, const char *name)
{
    return wasmrt_func_call(store, find(inst, name), NULL, 0, NULL, 0);
}

int32_t call_i32(wasmrt_instance *inst, const char *name, int nargs, ...)
{
    wasmrt_val args[8], result;
    va_list list;

    CHECK(nargs <= 8);
    va_start(list, nargs);
    for (int i = 0; i < nargs; i++)
        args[i] = wasmrt_i32(va_arg(list, int));
    va_end(list);
    check_ok(wasmrt_func_call(store, find(inst, name), args, (size_t)nargs,
                              &result, 1));
    CHECK_EQ(result.kind, WASMRT_I32);
    return result.of.i32;
}

static void *interrupt_after(void *us)
{
    usleep(*(const unsigned *)us);
    wasmrt_store_interrupt(store);
    return NULL;
}

wasmrt_error *call_interrupted(wasmrt_instance *inst, const char *name)
{
    unsigned us = 20000;
    pthread_t thread;
    wasmrt_error *error;

    for (;; us *= 2) {
        CHECK_EQ(pthread_create(&thread, NULL, interrupt_after, &us), 0);
        error = call(inst, name);
        CHECK_EQ(pthread_join(thread, NULL), 0);
        CHECK(error != NULL);
        if (wasmrt_error_code(error) != WASMRT_ERR_INTERRUPTED ||
            wasmrt_error_frame_count(error) > 0)
            return error;
        wasmrt_error_delete(error);
    }
}

/* -- Errors ---------------------------------------------------------------- */

void check_ok(wasmrt_error *error)
{
    if (error)
        FAIL("%s", wasmrt_error_message(error));
}

void check_error(wasmrt_error *error, wasmrt_code code, const char *has)
{
    if (!error)
        FAIL("no error, where \"%s\" is expected", wasmrt_code_text(code));
    CHECK_STR_EQ(wasmrt_code_text(wasmrt_error_code(error)),
                 wasmrt_code_text(code));
    CHECK_STR_HAS(wasmrt_error_message(error), has);
    wasmrt_error_delete(error);
}

void check_code(wasmrt_error *error, wasmrt_code code)
{
    check_error(error, code, "");
}
