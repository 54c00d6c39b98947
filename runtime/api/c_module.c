/*
 * wasm.h: modules.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/api/c_module.h"

#include "runtime/api/c_type.h"
#include "runtime/store/engine.h"

/* What a serialized module begins with; the binary follows. */
static const char magic[8] = {'\0', 'w', 'a', 's', 'm', 'r', 't', '1'};

wasm_module_t *wrt_c_module_take(struct wasm_store_t *store,
                                 struct wrt_module *module_taken)
{
    bool is_new;
    struct wasm_ref_t *ref =
        wrt_c_ref_get(store, WRT_C_MODULE, module_taken, &is_new);

    if (ref && is_new)
        ref->of.module = module_taken;
    else
        wrt_engine_module_unref(module_taken);
    return (wasm_module_t *)ref;
}

/* Binaries only: text is for wasmrt_module_new(). */
static struct wrt_module *compile(wasm_store_t *store, const char *bytes,
                                  size_t len, bool copy)
{
    struct wrt_module *module = NULL;
    wasmrt_error *error = wrt_engine_compile(
        store->store->engine, (const uint8_t *)(len ? bytes : ""), len, copy,
        &module);

    wasmrt_error_delete(error);
    return error ? NULL : module;
}

wasm_module_t *wasm_module_new(wasm_store_t *store,
                               const wasm_byte_vec_t *binary)
{
    struct wrt_module *module =
        compile(store, binary->data, binary->size, true);

    return module ? wrt_c_module_take(store, module) : NULL;
}

bool wasm_module_validate(wasm_store_t *store, const wasm_byte_vec_t *binary)
{
    struct wrt_module *module =
        compile(store, binary->data, binary->size, false);

    if (module)
        wrt_engine_module_unref(module);
    return module != NULL;
}

/* -- Imports and exports --------------------------------------------------- */

static bool copy_name(wasm_name_t *out, struct wrt_name name)
{
    wasm_name_new(out, name.len, name.text);
    return out->size == name.len;
}

static wasm_importtype_t *import_type(const struct wrt_module *module,
                                      const struct wrt_import *import)
{
    const struct wrt_extern_type type =
        wrt_extern_type_declared(module, import->kind, import->index);
    wasm_externtype_t *copy = wrt_c_type_new(module->types, &type);
    wasm_name_t module_name = WASM_EMPTY_VEC, name = WASM_EMPTY_VEC;

    if (copy && copy_name(&module_name, import->module) &&
        copy_name(&name, import->field))
        return wasm_importtype_new(&module_name, &name, copy);
    wasm_name_delete(&module_name);
    wasm_externtype_delete(copy);
    return NULL;
}

static wasm_exporttype_t *export_type(const struct wrt_module *module,
                                      const struct wrt_export *export)
{
    const struct wrt_extern_type type =
        wrt_extern_type_declared(module, export->kind, export->index);
    wasm_externtype_t *copy = wrt_c_type_new(module->types, &type);
    wasm_name_t name;

    if (copy && copy_name(&name, export->name))
        return wasm_exporttype_new(&name, copy);
    wasm_externtype_delete(copy);
    return NULL;
}

void wasm_module_imports(const wasm_module_t *module,
                         wasm_importtype_vec_t *out)
{
    const struct wrt_module *m = WRT_C_REF(module)->of.module;

    wasm_importtype_vec_new_uninitialized(out, m->nimports);
    for (size_t i = 0; i < out->size; i++) {
        out->data[i] = import_type(m, &m->imports[i]);
        if (!out->data[i]) {
            wasm_importtype_vec_delete(out);
            return;
        }
    }
}

void wasm_module_exports(const wasm_module_t *module,
                         wasm_exporttype_vec_t *out)
{
    const struct wrt_module *m = WRT_C_REF(module)->of.module;

    wasm_exporttype_vec_new_uninitialized(out, m->nexports);
    for (size_t i = 0; i < out->size; i++) {
        out->data[i] = export_type(m, &m->exports[i]);
        if (!out->data[i]) {
            wasm_exporttype_vec_delete(out);
            return;
        }
    }
}

/* -- To and from bytes ----------------------------------------------------- */

void wasm_module_serialize(const wasm_module_t *module, wasm_byte_vec_t *out)
{
    const struct wrt_module *m = WRT_C_REF(module)->of.module;

    wasm_byte_vec_new_uninitialized(out, sizeof(magic) + m->len);
    if (!out->data)
        return;
    memcpy(out->data, magic, sizeof(magic));
    memcpy(out->data + sizeof(magic), m->bytes, m->len);
}

wasm_module_t *wasm_module_deserialize(wasm_store_t *store,
                                       const wasm_byte_vec_t *bytes)
{
    struct wrt_module *module;

    if (bytes->size < sizeof(magic) ||
        memcmp(bytes->data, magic, sizeof(magic)) != 0)
        return NULL;
    module = compile(store, bytes->data + sizeof(magic),
                     bytes->size - sizeof(magic), true);
    return module ? wrt_c_module_take(store, module) : NULL;
}

/* -- Between stores -------------------------------------------------------- */

/* A shared module is the engine's module itself. */
wasm_shared_module_t *wasm_module_share(const wasm_module_t *module)
{
    return (wasm_shared_module_t *)wrt_engine_module_ref(
        WRT_C_REF(module)->of.module);
}

void wasm_shared_module_delete(wasm_shared_module_t *shared)
{
    if (shared)
        wrt_engine_module_unref((struct wrt_module *)shared);
}

wasm_module_t *wasm_module_obtain(wasm_store_t *store,
                                  const wasm_shared_module_t *shared)
{
    struct wrt_module *module = (struct wrt_module *)(uintptr_t)shared;

    if (module->engine != store->store->engine)
        return NULL;
    return wrt_c_module_take(store, wrt_engine_module_ref(module));
}
