/*
 * The host module that scripts import: "spectest".
 *
 * Its functions are host functions, so that calls out of the guest are tested
 * too; the rest is a module in text form.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spectest/runner.h"

#include <string.h>

static const char host_objects[] =
    "(global (export \"global_i32\") i32 (i32.const 666))"
    "(global (export \"global_i64\") i64 (i64.const 666))"
    "(global (export \"global_f32\") f32 (f32.const 666.6))"
    "(global (export \"global_f64\") f64 (f64.const 666.6))"
    "(table (export \"table\") 10 20 funcref)"
    "(memory (export \"memory\") 1 2)";

/* What needs a feature of its own; left out where it is off. */
static const char *const optional_objects[] = {
    "(table (export \"table64\") i64 10 20 funcref)",
    "(memory (export \"shared_memory\") 1 2 shared)",
};

/* The functions are there to be called; their parameters are of no interest. */
static wasmrt_error *print(void *env, wasmrt_caller *caller, wasmrt_slot *slots)
{
    (void)env;
    (void)caller;
    (void)slots;
    return NULL;
}

static const struct {
    const char *name, *signature;
} host_functions[] = {
    {"print", "() -> ()"},
    {"print_i32", "(i32) -> ()"},
    {"print_i64", "(i64) -> ()"},
    {"print_f32", "(f32) -> ()"},
    {"print_f64", "(f64) -> ()"},
    {"print_i32_f32", "(i32 f32) -> ()"},
    {"print_f64_f64", "(f64 f64) -> ()"},
};

static wasmrt_error *define_objects(struct runner *r, const char *text)
{
    wasmrt_module *module = NULL;
    wasmrt_instance *instance;
    wasmrt_error *error =
        wasmrt_module_new(r->engine, text, strlen(text), &module);

    if (!error)
        error =
            wasmrt_linker_instantiate(r->linker, r->store, module, &instance);
    if (!error)
        error = wasmrt_linker_define_instance(r->linker, "spectest", instance);
    wasmrt_module_delete(module);
    return error;
}

wasmrt_error *spectest_define_host(struct runner *r)
{
    wasmrt_error *error = define_objects(r, host_objects);

    for (size_t i = 0;
         !error && i < sizeof(host_functions) / sizeof(host_functions[0]); i++)
        error = wasmrt_linker_define_raw(
            r->linker, "spectest", host_functions[i].name,
            host_functions[i].signature, print, NULL);
    for (size_t i = 0;
         !error && i < sizeof(optional_objects) / sizeof(optional_objects[0]);
         i++) {
        error = define_objects(r, optional_objects[i]);
        if (error && wasmrt_error_code(error) == WASMRT_ERR_FEATURE_OFF) {
            wasmrt_error_delete(error);
            error = NULL;
        }
    }
    return error;
}
