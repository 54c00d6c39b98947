/*
 * The shortest useful host: makes a module from text and calls its export.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <wasmrt.h>

static const char guest[] =
    "(module (func (export \"add\") (param i32 i32) (result i32)"
    "  (i32.add (local.get 0) (local.get 1))))";

int main(void)
{
    wasmrt_engine *engine = NULL;
    wasmrt_module *module = NULL;
    wasmrt_store *store = NULL;
    wasmrt_linker *linker = NULL;
    wasmrt_instance *instance;
    wasmrt_val args[] = {wasmrt_i32(2), wasmrt_i32(40)}, sum;
    wasmrt_error *error;

    if ((error = wasmrt_engine_new(NULL, &engine)) ||
        (error =
             wasmrt_module_new(engine, guest, sizeof(guest) - 1, &module)) ||
        (error = wasmrt_store_new(engine, &store)) ||
        (error = wasmrt_linker_new(engine, &linker)) ||
        (error = wasmrt_linker_instantiate(linker, store, module, &instance)) ||
        (error = wasmrt_func_call(store, wasmrt_instance_func(instance, "add"),
                                  args, 2, &sum, 1)))
        fprintf(stderr, "error: %s\n", wasmrt_error_message(error));
    else
        printf("2 + 40 = %d\n", (int)sum.of.i32);
    wasmrt_linker_delete(linker);
    wasmrt_store_delete(store);
    wasmrt_module_delete(module);
    wasmrt_engine_delete(engine);
    wasmrt_error_delete(error);
    return error != NULL;
}
