/*
 * Two functions of the host that hostfunc.wat imports: one takes a string that
 * lies in the guest's memory, the other can fail, which ends the guest.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <wasmrt.h>

/* log(address, length).  The guest chose both numbers, so they are checked. */
static wasmrt_error *host_log(void *env, wasmrt_caller *caller,
                              const wasmrt_val *args, wasmrt_val *results)
{
    uint32_t addr = (uint32_t)args[0].of.i32, len = (uint32_t)args[1].of.i32;
    wasmrt_memory *memory = wasmrt_caller_memory(caller);
    const uint8_t *text = memory ? wasmrt_memory_ptr(memory, addr, len) : NULL;

    (void)results;
    if (!text)
        return wasmrt_bad_pointer(addr, len);
    printf("%s%.*s\n", (const char *)env, (int)len, (const char *)text);
    return NULL;
}

/* checked_half(n): half of an even number. */
static wasmrt_error *host_half(void *env, wasmrt_caller *caller,
                               const wasmrt_val *args, wasmrt_val *results)
{
    (void)env;
    (void)caller;
    if (args[0].of.i32 % 2 != 0)
        return wasmrt_error_new(WASMRT_ERR_HOST_TRAP, "the number is odd");
    results[0].of.i32 = args[0].of.i32 / 2;
    return NULL;
}

static wasmrt_error *define_functions(wasmrt_linker *linker)
{
    static char prefix[] = "guest says: ";
    wasmrt_error *error = wasmrt_linker_define(
        linker, "host", "log", "(i32 i32) -> ()", host_log, prefix);

    if (!error)
        error = wasmrt_linker_define(linker, "host", "checked_half",
                                     "(i32) -> i32", host_half, NULL);
    return error;
}

/* Calls run(n) and prints its result, or why there is none. */
static void call_run(wasmrt_store *store, wasmrt_instance *instance, int n)
{
    wasmrt_func *func = wasmrt_instance_func(instance, "run");
    wasmrt_val arg = wasmrt_i32(n), result;
    wasmrt_error *error = wasmrt_func_call(store, func, &arg, 1, &result, 1);

    if (error)
        printf("run(%d): %s\n", n, wasmrt_error_message(error));
    else
        printf("run(%d) = %d\n", n, (int)result.of.i32);
    wasmrt_error_delete(error);
}

int main(int argc, char **argv)
{
    const char *path = argc > 1 ? argv[1] : "examples/hostfunc.wat";
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
        (error = wasmrt_linker_instantiate(linker, store, module, &instance))) {
        fprintf(stderr, "hostfunc: %s\n", wasmrt_error_message(error));
    } else {
        call_run(store, instance, 10);
        call_run(store, instance, 7);
    }
    wasmrt_linker_delete(linker);
    wasmrt_store_delete(store);
    wasmrt_module_delete(module);
    wasmrt_engine_delete(engine);
    wasmrt_error_delete(error);
    return error != NULL;
}
