/*
 * wasmrt/bridge.h: between wasm.h and wasmrt.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "wasmrt/bridge.h"

#include "runtime/api/c_instance.h"
#include "runtime/api/c_module.h"
#include "runtime/api/c_trap.h"
#include "runtime/store/engine.h"

/* -- From wasm.h ----------------------------------------------------------- */

wasmrt_config *wasmrt_config_from_wasm(wasm_config_t *config)
{
    return (wasmrt_config *)config;
}

wasmrt_engine *wasmrt_engine_from_wasm(wasm_engine_t *engine)
{
    return (wasmrt_engine *)engine;
}

wasmrt_store *wasmrt_store_from_wasm(wasm_store_t *store)
{
    return store->store;
}

wasmrt_module *wasmrt_module_from_wasm(const wasm_module_t *module)
{
    return WRT_C_REF(module)->of.module;
}

wasmrt_instance *wasmrt_instance_from_wasm(const wasm_instance_t *instance)
{
    const struct wasm_ref_t *ref = WRT_C_REF(instance);

    return ref->store ? ref->of.instance : NULL;
}

bool wasmrt_extern_from_wasm(const wasm_extern_t *ext, wasmrt_extern_val *out)
{
    const struct wasm_ref_t *ref = WRT_C_REF(ext);

    *out = wrt_c_ref_extern_val(ref);
    return ref->store != NULL;
}

const wasmrt_error *wasmrt_trap_error(const wasm_trap_t *trap)
{
    return WRT_C_REF(trap)->of.trap.error;
}

/* -- To wasm.h ------------------------------------------------------------- */

wasm_engine_t *wasmrt_engine_as_wasm(wasmrt_engine *engine)
{
    return (wasm_engine_t *)engine;
}

wasm_store_t *wasmrt_store_as_wasm(wasmrt_store *store)
{
    return wrt_c_store_of(store);
}

wasm_module_t *wasmrt_module_as_wasm(wasmrt_module *module, wasmrt_store *store)
{
    struct wasm_store_t *view = wrt_c_store_of(store);

    if (!view || module->engine != store->engine)
        return NULL;
    return wrt_c_module_take(view, wrt_engine_module_ref(module));
}

wasm_instance_t *wasmrt_instance_as_wasm(wasmrt_instance *instance)
{
    struct wasm_store_t *view = wrt_c_store_of(instance->store);

    return view ? wrt_c_instance_get(view, instance) : NULL;
}

wasm_extern_t *wasmrt_extern_as_wasm(wasmrt_store *store,
                                     const wasmrt_extern_val *value)
{
    struct wasm_store_t *view = wrt_c_store_of(store);

    return view ? (wasm_extern_t *)wrt_c_ref_extern(view, value) : NULL;
}

wasm_trap_t *wasmrt_error_as_wasm(wasmrt_store *store,
                                  wasmrt_error *error_taken)
{
    struct wasm_store_t *view = wrt_c_store_of(store);

    if (view)
        return wrt_c_trap_of(view, error_taken);
    wasmrt_error_delete(error_taken);
    return NULL;
}
