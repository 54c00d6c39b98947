/*
 * wasm.h: externs and instances.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/api/c_instance.h"

#include "runtime/api/c_trap.h"
#include "runtime/api/c_type.h"
#include "runtime/store/engine.h"
#include "runtime/store/instance.h"

#include "wasmrt/bridge.h"

/* Imports that are kept on the C stack; more are allocated. */
enum { FEW_IMPORTS = 32 };

/* -- Externs --------------------------------------------------------------- */

wasm_externkind_t wasm_extern_kind(const wasm_extern_t *ext)
{
    return (wasm_externkind_t)WRT_C_REF(ext)->kind;
}

wasm_externtype_t *wasm_extern_type(const wasm_extern_t *ext)
{
    const struct wasm_ref_t *ref = WRT_C_REF(ext);
    const wasmrt_extern_val value = wrt_c_ref_extern_val(ref);
    const struct wrt_types *types;
    struct wrt_extern_type type;

    if (!ref->store)
        return NULL;
    types = ref->store->store->engine->types;
    type = wrt_extern_type_of(types, &value);
    return wrt_c_type_new(types, &type);
}

/* -- Instances ------------------------------------------------------------- */

/* wasm.h gives imports by position, and says nothing of how many. */
static wasmrt_error *check_imports(const struct wasm_store_t *store,
                                   const struct wrt_module *module,
                                   const wasm_extern_vec_t *imports,
                                   wasmrt_extern_val *out)
{
    size_t n = imports ? imports->size : 0;

    if (n != module->nimports)
        return wrt_error_new(WASMRT_ERR_MISUSE, WRT_NO_OFFSET,
                             "wasm_instance_new: %zu externs for %u imports", n,
                             module->nimports);
    for (size_t i = 0; i < n; i++) {
        const struct wasm_ref_t *ref = WRT_C_REF(imports->data[i]);

        if (!ref || ref->store != store)
            return wrt_error_new(WASMRT_ERR_MISUSE, WRT_NO_OFFSET,
                                 "wasm_instance_new: import %zu is %s", i,
                                 ref ? "of another store" : "NULL");
        out[i] = wrt_c_ref_extern_val(ref);
    }
    return NULL;
}

static wasmrt_error *instantiate(struct wasm_store_t *store,
                                 struct wrt_module *module,
                                 const wasm_extern_vec_t *imports,
                                 struct wrt_instance **out)
{
    wasmrt_extern_val few[FEW_IMPORTS], *vals = few;
    wasmrt_error *error;

    if (module->engine != store->store->engine)
        return wrt_error_new(WASMRT_ERR_MISUSE, WRT_NO_OFFSET,
                             "wasm_instance_new: a module of another engine");
    WRT_TRY(wrt_engine_check_runnable(module));
    if (module->nimports > FEW_IMPORTS)
        vals =
            wrt_alloc_array(&wrt_alloc_libc, module->nimports, sizeof(*vals));
    if (!vals)
        return wrt_error_oom();
    error = check_imports(store, module, imports, vals);
    if (!error)
        error = wrt_instance_new(store->store, module, vals, out);
    if (vals != few)
        wrt_free_array(&wrt_alloc_libc, vals, module->nimports, sizeof(*vals));
    return error;
}

wasm_instance_t *wrt_c_instance_get(struct wasm_store_t *store,
                                    struct wrt_instance *instance)
{
    bool is_new;
    struct wasm_ref_t *ref =
        wrt_c_ref_get(store, WRT_C_INSTANCE, instance, &is_new);

    if (ref && is_new)
        ref->of.instance = instance;
    return (wasm_instance_t *)ref;
}

wasm_instance_t *wasm_instance_new(wasm_store_t *store,
                                   const wasm_module_t *module,
                                   const wasm_extern_vec_t *imports,
                                   wasm_trap_t **trap_out)
{
    struct wrt_instance *instance;
    wasm_instance_t *result = NULL;
    wasmrt_error *error =
        instantiate(store, WRT_C_REF(module)->of.module, imports, &instance);
    wasm_trap_t *trap;

    if (!error) {
        result = wrt_c_instance_get(store, instance);
        error = result ? NULL : wrt_error_oom();
    }
    trap = wrt_c_trap_of(store, error);
    if (trap_out)
        *trap_out = trap;
    else
        wasm_trap_delete(trap);
    return result;
}

void wasm_instance_exports(const wasm_instance_t *instance,
                           wasm_extern_vec_t *out)
{
    const struct wasm_ref_t *ref = WRT_C_REF(instance);
    struct wrt_instance *inst = ref->of.instance;

    wasm_extern_vec_new_empty(out);
    if (!ref->store)
        return;
    wasm_extern_vec_new_uninitialized(out, inst->module->nexports);
    for (size_t i = 0; i < out->size; i++) {
        wasmrt_extern_val value;

        if (wrt_instance_export(inst, &inst->module->exports[i], &value))
            out->data[i] =
                (wasm_extern_t *)wrt_c_ref_extern(ref->store, &value);
        if (!out->data[i]) {
            wasm_extern_vec_delete(out);
            return;
        }
    }
}
