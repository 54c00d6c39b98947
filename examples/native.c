/*
 * C functions as they are: pow() and puts() become imports of the guest, a
 * function of the guest becomes what qsort() calls, and another gets a string.
 *
 *     native examples/native.wat
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <wasmrt.h>

enum { ARRAY = 16, COUNT = 4 }; /* where the guest has it */

typedef int (*compare_fn)(const void *, const void *);
typedef int32_t (*count_fn)(const char *);

static wasmrt_error *define_functions(wasmrt_linker *linker)
{
    wasmrt_error *error = wasmrt_linker_define_native(
        linker, "c", "pow", (void *)pow, "(f64 f64) -> f64");

    if (!error)
        error = wasmrt_linker_define_native(linker, "c", "puts", (void *)puts,
                                            "(str) -> i32");
    return error;
}

static wasmrt_error *power(wasmrt_store *store, wasmrt_instance *instance)
{
    wasmrt_val args[] = {wasmrt_f64(2), wasmrt_f64(10)}, result;
    wasmrt_error *error = wasmrt_func_call(
        store, wasmrt_instance_func(instance, "power"), args, 2, &result, 1);

    if (!error)
        printf("2 to the power of 10 is %g\n", result.of.f64);
    return error;
}

/* Sorts the guest's array in place, in the guest's order. */
static wasmrt_error *sort(wasmrt_store *store, wasmrt_instance *instance,
                          int32_t *array)
{
    wasmrt_closure *closure;
    wasmrt_error *error =
        wasmrt_closure_new(store, wasmrt_instance_func(instance, "compare"),
                           "(const ptr[4] const ptr[4]) -> i32", &closure);

    if (error)
        return error;
    qsort(array, COUNT, sizeof(*array),
          (compare_fn)wasmrt_closure_function(closure));
    wasmrt_closure_delete(closure);
    /* Whether the guest has trapped while qsort() called it. */
    return wasmrt_store_take_closure_error(store);
}

/* Lets the guest count the capitals in a text of the host. */
static wasmrt_error *count(wasmrt_store *store, wasmrt_instance *instance,
                           const char *text, int32_t *result)
{
    wasmrt_closure *closure;
    wasmrt_error *error = wasmrt_closure_new_copying(
        store, wasmrt_instance_func(instance, "capitals"), "(str) -> i32",
        wasmrt_instance_func(instance, "alloc"), NULL, &closure);

    if (error)
        return error;
    *result = ((count_fn)wasmrt_closure_function(closure))(text);
    wasmrt_closure_delete(closure);
    return wasmrt_store_take_closure_error(store);
}

static wasmrt_error *run(wasmrt_store *store, wasmrt_instance *instance)
{
    wasmrt_extern_val memory;
    int32_t *array = NULL, ncapitals = 0;
    wasmrt_error *error = power(store, instance);

    if (!error && wasmrt_instance_export(instance, "memory", &memory))
        array = (int32_t *)(void *)wasmrt_memory_ptr(memory.of.memory, ARRAY,
                                                     COUNT * sizeof(*array));
    if (error || !array)
        return error;
    error = sort(store, instance, array);
    for (int i = 0; i < COUNT && !error; i++)
        printf("%d%c", (int)array[i], i < COUNT - 1 ? ' ' : '\n');
    if (!error)
        error = count(store, instance, "Of The Host", &ncapitals);
    if (!error)
        printf("%d capitals\n", (int)ncapitals);
    return error;
}

int main(int argc, char **argv)
{
    const char *path = argc > 1 ? argv[1] : "examples/native.wat";
    wasmrt_engine *engine = NULL;
    wasmrt_module *module = NULL;
    wasmrt_store *store = NULL;
    wasmrt_linker *linker = NULL;
    wasmrt_instance *instance;
    wasmrt_error *error;

    if ((error = wasmrt_engine_new(NULL, &engine)) ||
        (error = wasmrt_module_from_file(engine, path, &module)) ||
        (error = wasmrt_store_new(engine, &store)) ||
        (error = wasmrt_linker_new(engine, &linker)) ||
        (error = define_functions(linker)) ||
        (error = wasmrt_linker_instantiate(linker, store, module, &instance)) ||
        (error = run(store, instance)))
        fprintf(stderr, "native: %s\n", wasmrt_error_message(error));
    wasmrt_linker_delete(linker);
    wasmrt_store_delete(store);
    wasmrt_module_delete(module);
    wasmrt_engine_delete(engine);
    wasmrt_error_delete(error);
    return error != NULL;
}
