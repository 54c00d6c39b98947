/*
 * A program from beginning to end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "wasmrt/wasi.h"

static wasmrt_error *run(wasmrt_linker *linker, wasmrt_store *store,
                         wasmrt_module *module,
                         const wasmrt_wasi_config *config)
{
    wasmrt_instance *instance;
    wasmrt_error *error;

    if ((error = wasmrt_wasi_link(linker)) ||
        (error = wasmrt_store_set_wasi(store, config)) ||
        (error = wasmrt_linker_instantiate(linker, store, module, &instance)))
        return error;
    return wasmrt_wasi_start(store, instance);
}

wasmrt_error *wasmrt_run_wasi(wasmrt_engine *engine, wasmrt_module *module,
                              const wasmrt_wasi_config *config)
{
    wasmrt_linker *linker = NULL;
    wasmrt_store *store = NULL;
    wasmrt_error *error;

    if (!engine || !module || !config)
        return wasmrt_error_new(WASMRT_ERR_MISUSE,
                                "run_wasi: an argument is NULL");
    if (!(error = wasmrt_store_new(engine, &store)) &&
        !(error = wasmrt_linker_new(engine, &linker)))
        error = run(linker, store, module, config);
    wasmrt_linker_delete(linker);
    wasmrt_store_delete(store);
    return error;
}
