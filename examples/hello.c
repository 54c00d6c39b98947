/*
 * Runs a WASI program, hello.wat or any other, with its output on ours and
 * nothing else granted; passes its exit status on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <wasmrt.h>

/* Decides what the guest may do, and runs it. */
static wasmrt_error *run(wasmrt_store *store, wasmrt_linker *linker,
                         wasmrt_module *module)
{
    wasmrt_wasi_config *wasi = wasmrt_wasi_config_new();
    wasmrt_instance *instance;
    wasmrt_error *error;

    if (!wasi)
        return wasmrt_error_new(WASMRT_ERR_OUT_OF_MEMORY, NULL);
    wasmrt_wasi_config_arg(wasi, "hello");
    wasmrt_wasi_config_inherit(wasi, WASMRT_WASI_STDOUT);
    if (!(error = wasmrt_wasi_link(linker)) &&
        !(error = wasmrt_store_set_wasi(store, wasi)) &&
        !(error = wasmrt_linker_instantiate(linker, store, module, &instance)))
        error = wasmrt_wasi_start(store, instance);
    wasmrt_wasi_config_delete(wasi);
    return error;
}

/* An exit is not a failure of ours; a trap comes with a stack trace. */
static int explain(wasmrt_error *error)
{
    int status = 134;

    if (!error)
        return 0;
    if (wasmrt_error_kind(error) == WASMRT_KIND_EXIT) {
        status = wasmrt_error_exit_status(error);
    } else {
        fprintf(stderr, "hello: %s\n", wasmrt_error_message(error));
        for (size_t i = 0; i < wasmrt_error_frame_count(error); i++) {
            const char *name = wasmrt_error_frame(error, i)->func_name;

            fprintf(stderr, "    at %s\n", name ? name : "?");
        }
    }
    wasmrt_error_delete(error);
    return status;
}

int main(int argc, char **argv)
{
    wasmrt_engine *engine = NULL;
    wasmrt_module *module = NULL;
    wasmrt_store *store = NULL;
    wasmrt_linker *linker = NULL;
    wasmrt_error *error;
    int status;

    if (argc != 2) {
        fprintf(stderr, "usage: hello MODULE\n");
        return 2;
    }
    if (!(error = wasmrt_engine_new(NULL, &engine)) &&
        !(error = wasmrt_module_from_file(engine, argv[1], &module)) &&
        !(error = wasmrt_store_new(engine, &store)) &&
        !(error = wasmrt_linker_new(engine, &linker)))
        error = run(store, linker, module);
    status = explain(error);
    wasmrt_linker_delete(linker);
    wasmrt_store_delete(store);
    wasmrt_module_delete(module);
    wasmrt_engine_delete(engine);
    return status;
}
