/*
 * The shortest way to run a WASI program: engine, module, what it may do, run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <wasmrt.h>

int main(int argc, char **argv)
{
    wasmrt_wasi_config *wasi = wasmrt_wasi_config_new();
    wasmrt_engine *engine = NULL;
    wasmrt_module *module = NULL;
    wasmrt_error *error;
    int status = 0;

    if (argc != 2 || !wasi)
        return 2;
    wasmrt_wasi_config_inherit(wasi, WASMRT_WASI_STDOUT);
    if (!(error = wasmrt_engine_new(NULL, &engine)) &&
        !(error = wasmrt_module_from_file(engine, argv[1], &module)))
        error = wasmrt_run_wasi(engine, module, wasi);
    if (error && wasmrt_error_kind(error) == WASMRT_KIND_EXIT) {
        status = wasmrt_error_exit_status(error);
    } else if (error) {
        status = 134;
        fprintf(stderr, "run: %s\n", wasmrt_error_message(error));
    }
    wasmrt_error_delete(error);
    wasmrt_module_delete(module);
    wasmrt_engine_delete(engine);
    wasmrt_wasi_config_delete(wasi);
    return status;
}
