/*
 * wasm.h: configurations, engines, stores.
 *
 * The first two are the objects of wasmrt.h by another name.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/api/c_ref.h"

#include "wasmrt/bridge.h"

wasm_config_t *wasm_config_new(void)
{
    return (wasm_config_t *)wasmrt_config_new();
}

void wasm_config_delete(wasm_config_t *config)
{
    wasmrt_config_delete((wasmrt_config *)config);
}

wasm_engine_t *wasm_engine_new_with_config(wasm_config_t *config)
{
    wasmrt_engine *engine = NULL;
    wasmrt_error *error = wasmrt_engine_new((wasmrt_config *)config, &engine);

    wasm_config_delete(config);
    wasmrt_error_delete(error);
    return (wasm_engine_t *)engine;
}

wasm_engine_t *wasm_engine_new(void)
{
    return wasm_engine_new_with_config(NULL);
}

void wasm_engine_delete(wasm_engine_t *engine)
{
    wasmrt_engine_delete((wasmrt_engine *)engine);
}

wasm_store_t *wasm_store_new(wasm_engine_t *engine)
{
    wasmrt_store *store = NULL;
    wasmrt_error *error = wasmrt_store_new((wasmrt_engine *)engine, &store);
    wasm_store_t *view;

    if (error) {
        wasmrt_error_delete(error);
        return NULL;
    }
    view = wrt_c_store_of(store);
    if (!view)
        wasmrt_store_delete(store);
    return view;
}

void wasm_store_delete(wasm_store_t *store)
{
    if (store)
        wasmrt_store_delete(store->store);
}
