/*
 * Exceptions in both directions: a function of the host throws one that the
 * guest catches, and the host catches one that the guest throws.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <wasmrt.h>

/* spend(sum): no more than the limit at a time. */
static wasmrt_error *host_spend(void *env, wasmrt_caller *caller,
                                const wasmrt_val *args, wasmrt_val *results)
{
    const wasmrt_val limit = wasmrt_i32(50);
    wasmrt_tag *refused = env;

    (void)results;
    if (args[0].of.i32 > limit.of.i32)
        return wasmrt_exception_new(wasmrt_caller_store(caller), refused,
                                    &limit, 1);
    printf("spent %d\n", (int)args[0].of.i32);
    return NULL;
}

/* What guests import: the tag, and the function that throws it. */
static wasmrt_error *define_imports(wasmrt_linker *linker, wasmrt_store *store)
{
    wasmrt_extern_val tag = {.kind = WASMRT_EXTERN_TAG};
    wasmrt_error *error = wasmrt_tag_new(store, "(i32) -> ()", &tag.of.tag);

    if (!error)
        error =
            wasmrt_linker_define_extern(linker, store, "host", "refused", &tag);
    if (!error)
        error = wasmrt_linker_define(linker, "host", "spend", "(i32) -> ()",
                                     host_spend, tag.of.tag);
    return error;
}

/* Catches what the guest calls overdrawn; everything else is passed on. */
static wasmrt_error *buy(wasmrt_store *store, wasmrt_instance *instance,
                         int price)
{
    wasmrt_val arg = wasmrt_i32(price), result, balance;
    wasmrt_extern_val overdrawn;
    wasmrt_error *error = wasmrt_func_call(
        store, wasmrt_instance_func(instance, "buy"), &arg, 1, &result, 1);

    if (!error) {
        printf("buy(%d) = %d\n", price, (int)result.of.i32);
        return NULL;
    }
    if (!wasmrt_instance_export(instance, "overdrawn", &overdrawn) ||
        wasmrt_exception_tag(error) != overdrawn.of.tag ||
        !wasmrt_exception_value(error, 0, &balance))
        return error;
    printf("buy(%d): only %d left\n", price, (int)balance.of.i32);
    wasmrt_error_delete(error);
    return NULL;
}

int main(int argc, char **argv)
{
    const char *path = argc > 1 ? argv[1] : "examples/exceptions.wat";
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
        (error = define_imports(linker, store)) ||
        (error = wasmrt_linker_instantiate(linker, store, module, &instance)) ||
        (error = buy(store, instance, 30)) ||
        (error = buy(store, instance, 60)) ||
        (error = buy(store, instance, 80)))
        fprintf(stderr, "exceptions: %s\n", wasmrt_error_message(error));
    wasmrt_linker_delete(linker);
    wasmrt_store_delete(store);
    wasmrt_module_delete(module);
    wasmrt_engine_delete(engine);
    wasmrt_error_delete(error);
    return error != NULL;
}
