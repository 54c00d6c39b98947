/*
 * Passes strings into a guest and back: asks the guest for room, copies the
 * text in, calls, and copies the result out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>
#include <wasmrt.h>

struct guest {
    wasmrt_store *store;
    wasmrt_memory *memory;
    wasmrt_func *alloc; /* (length) -> address */
    wasmrt_func *upper; /* (address length) -> () */
};

/* Looks everything up once; false when the module is not of our kind. */
static bool find_exports(struct guest *guest, wasmrt_instance *instance)
{
    wasmrt_extern_val memory;

    if (!wasmrt_instance_export(instance, "memory", &memory) ||
        memory.kind != WASMRT_EXTERN_MEMORY)
        return false;
    guest->memory = memory.of.memory;
    guest->alloc = wasmrt_instance_func(instance, "alloc");
    guest->upper = wasmrt_instance_func(instance, "upper");
    return guest->alloc && guest->upper &&
           wasmrt_func_has_type(guest->store, guest->alloc, "(i32) -> i32") &&
           wasmrt_func_has_type(guest->store, guest->upper, "(i32 i32) -> ()");
}

/* Puts text in upper case, with the guest's code. */
static wasmrt_error *upper(const struct guest *guest, char *text)
{
    size_t len = strlen(text);
    wasmrt_val args[2] = {wasmrt_i32((int32_t)len)}, place;
    wasmrt_error *error =
        wasmrt_func_call(guest->store, guest->alloc, args, 1, &place, 1);
    uint32_t addr;

    if (error)
        return error;
    addr = (uint32_t)place.of.i32;
    if (!wasmrt_memory_write(guest->memory, addr, text, len))
        return wasmrt_bad_pointer(addr, len);
    args[0] = place;
    args[1] = wasmrt_i32((int32_t)len);
    error = wasmrt_func_call(guest->store, guest->upper, args, 2, NULL, 0);
    if (!error && !wasmrt_memory_read(guest->memory, addr, text, len))
        error = wasmrt_bad_pointer(addr, len);
    return error;
}

static wasmrt_error *use(wasmrt_store *store, wasmrt_instance *instance)
{
    struct guest guest = {.store = store};
    char text[] = "strings go both ways";
    wasmrt_error *error;

    if (!find_exports(&guest, instance))
        return wasmrt_error_new(WASMRT_ERR_NO_SUCH_EXPORT, NULL);
    error = upper(&guest, text);
    if (!error)
        printf("%s; the guest has %d bytes\n", text,
               (int)wasmrt_memory_size(guest.memory));
    return error;
}

int main(int argc, char **argv)
{
    const char *path = argc > 1 ? argv[1] : "examples/strings.wat";
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
        (error = wasmrt_linker_instantiate(linker, store, module, &instance)) ||
        (error = use(store, instance)))
        fprintf(stderr, "strings: %s\n", wasmrt_error_message(error));
    wasmrt_linker_delete(linker);
    wasmrt_store_delete(store);
    wasmrt_module_delete(module);
    wasmrt_engine_delete(engine);
    wasmrt_error_delete(error);
    return error != NULL;
}
