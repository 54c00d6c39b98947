/*
 * Runs a WASI program as a filter whose input and output are memory of the
 * host: nothing of the system is granted, not even a terminal.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>
#include <wasmrt.h>

enum { MOST_OUTPUT = 4096 };

/* Sends text through the program and prints what comes out. */
static wasmrt_error *filter(wasmrt_engine *engine, wasmrt_linker *linker,
                            wasmrt_module *module, const char *text)
{
    wasmrt_wasi_config *wasi = wasmrt_wasi_config_new();
    wasmrt_store *store = NULL;
    wasmrt_instance *instance;
    wasmrt_error *error;
    const uint8_t *out;
    size_t len;

    if (!wasi)
        return wasmrt_error_new(WASMRT_ERR_OUT_OF_MEMORY, NULL);
    wasmrt_wasi_config_stdin_bytes(wasi, text, strlen(text));
    wasmrt_wasi_config_capture(wasi, WASMRT_WASI_STDOUT, MOST_OUTPUT);
    if (!(error = wasmrt_store_new(engine, &store)) &&
        !(error = wasmrt_store_set_wasi(store, wasi)) &&
        !(error = wasmrt_linker_instantiate(linker, store, module, &instance)))
        error = wasmrt_wasi_start(store, instance);
    if (!error) {
        out = wasmrt_wasi_captured(store, WASMRT_WASI_STDOUT, &len);
        printf("%.*s\n", (int)len, (const char *)out);
    }
    wasmrt_store_delete(store);
    wasmrt_wasi_config_delete(wasi);
    return error;
}

int main(int argc, char **argv)
{
    static const char *const texts[] = {
        "The first store has a memory of its own.",
        "The second one knows nothing of the first.",
    };
    const char *path = argc > 1 ? argv[1] : "examples/stdio.wat";
    wasmrt_engine *engine = NULL;
    wasmrt_module *module = NULL;
    wasmrt_linker *linker = NULL;
    wasmrt_error *error;

    if (!(error = wasmrt_engine_new(NULL, &engine)) &&
        !(error = wasmrt_module_from_file(engine, path, &module)) &&
        !(error = wasmrt_linker_new(engine, &linker)))
        error = wasmrt_wasi_link(linker);
    for (int i = 0; !error && i < 2; i++)
        error = filter(engine, linker, module, texts[i]);
    if (error)
        fprintf(stderr, "stdio: %s\n", wasmrt_error_message(error));
    wasmrt_linker_delete(linker);
    wasmrt_module_delete(module);
    wasmrt_engine_delete(engine);
    wasmrt_error_delete(error);
    return error != NULL;
}
