/*
 * wasmrt/linker.h: linkers and instances.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/linker.h"

#include "runtime/api/misuse.h"
#include "runtime/store/global.h"
#include "runtime/store/instance.h"
#include "runtime/store/shared.h"

wasmrt_error *wasmrt_linker_new(wasmrt_engine *engine, wasmrt_linker **out)
{
    WRT_REQUIRE(engine && out, "linker_new: an argument is NULL");
    return wrt_linker_new(engine, out);
}

void wasmrt_linker_delete(wasmrt_linker *linker)
{
    if (linker)
        wrt_linker_unref(linker);
}

/* -- Definitions ----------------------------------------------------------- */

bool wrt_make_name(const char *text, size_t len, struct wrt_name *out)
{
    if (!text || len > WRT_LIMIT_NAME_BYTES)
        return false;
    *out = (struct wrt_name){.text = text, .len = (uint32_t)len};
    return true;
}

static wasmrt_error *define_host(wasmrt_linker *linker, const char *module,
                                 size_t module_len, const char *name,
                                 size_t name_len, const char *signature,
                                 struct wrt_host_spec spec)
{
    struct wrt_name module_name, field_name;

    WRT_REQUIRE(wrt_make_name(module, module_len, &module_name) &&
                    wrt_make_name(name, name_len, &field_name),
                "linker_define: a name is NULL or too long");
    WRT_REQUIRE(linker && signature && (spec.raw || spec.typed),
                "linker_define: an argument is NULL");
    return wrt_linker_define_host(linker, module_name, field_name, signature,
                                  spec);
}

wasmrt_error *wasmrt_linker_define_n(wasmrt_linker *linker, const char *module,
                                     size_t module_len, const char *name,
                                     size_t name_len, const char *signature,
                                     wasmrt_host_fn fn, void *env)
{
    return define_host(linker, module, module_len, name, name_len, signature,
                       (struct wrt_host_spec){.typed = fn, .env = env});
}

wasmrt_error *wasmrt_linker_define(wasmrt_linker *linker, const char *module,
                                   const char *name, const char *signature,
                                   wasmrt_host_fn fn, void *env)
{
    return wasmrt_linker_define_n(linker, module, wrt_name_len(module), name,
                                  wrt_name_len(name), signature, fn, env);
}

wasmrt_error *wasmrt_linker_define_raw_n(wasmrt_linker *linker,
                                         const char *module, size_t module_len,
                                         const char *name, size_t name_len,
                                         const char *signature,
                                         wasmrt_raw_fn fn, void *env)
{
    return define_host(linker, module, module_len, name, name_len, signature,
                       (struct wrt_host_spec){.raw = fn, .env = env});
}

wasmrt_error *wasmrt_linker_define_raw(wasmrt_linker *linker,
                                       const char *module, const char *name,
                                       const char *signature, wasmrt_raw_fn fn,
                                       void *env)
{
    return wasmrt_linker_define_raw_n(linker, module, wrt_name_len(module),
                                      name, wrt_name_len(name), signature, fn,
                                      env);
}

/* The store of an object, or `any`; NULL for no kind of object. */
static const struct wrt_store *extern_store(const wasmrt_extern_val *value,
                                            const struct wrt_store *any)
{
    switch (value->kind) {
    case WASMRT_EXTERN_FUNC: return wrt_func_store(value->of.func);
    case WASMRT_EXTERN_TABLE: return value->of.table->store;
    /* One that is shared is of any store. */
    case WASMRT_EXTERN_MEMORY:
        return value->of.memory->shared ? any : value->of.memory->store;
    case WASMRT_EXTERN_GLOBAL: return value->of.global->store;
    case WASMRT_EXTERN_TAG: return value->of.tag->store;
    }
    return NULL;
}

/* The linker serves this store only, from now on. */
static wasmrt_error *bind_store(wasmrt_linker *linker, wasmrt_store *store)
{
    WRT_REQUIRE(store->engine == linker->engine,
                "linker: the store is of another engine");
    WRT_REQUIRE(!linker->store || linker->store == store,
                "linker: it has objects of another store");
    linker->store = store;
    return NULL;
}

wasmrt_error *wasmrt_linker_define_extern_n(wasmrt_linker *linker,
                                            wasmrt_store *store,
                                            const char *module,
                                            size_t module_len, const char *name,
                                            size_t name_len,
                                            const wasmrt_extern_val *value)
{
    struct wrt_name module_name, field_name;

    WRT_REQUIRE(wrt_make_name(module, module_len, &module_name) &&
                    wrt_make_name(name, name_len, &field_name),
                "linker_define_extern: a name is NULL or too long");
    WRT_REQUIRE(linker && value && value->of.func,
                "linker_define_extern: no linker or no object");
    WRT_REQUIRE(store && extern_store(value, store) == store,
                "linker_define_extern: the object is of another store");
    WRT_TRY(bind_store(linker, store));
    return wrt_linker_define_value(linker, module_name, field_name, value,
                                   false);
}

wasmrt_error *wasmrt_linker_define_extern(wasmrt_linker *linker,
                                          wasmrt_store *store,
                                          const char *module, const char *name,
                                          const wasmrt_extern_val *value)
{
    return wasmrt_linker_define_extern_n(linker, store, module,
                                         wrt_name_len(module), name,
                                         wrt_name_len(name), value);
}

wasmrt_error *wasmrt_linker_define_shared_n(wasmrt_linker *linker,
                                            const char *module,
                                            size_t module_len, const char *name,
                                            size_t name_len,
                                            wasmrt_memory *memory)
{
    const wasmrt_extern_val value = {.kind = WASMRT_EXTERN_MEMORY,
                                     .of.memory = memory};
    struct wrt_name module_name, field_name;

    WRT_REQUIRE(wrt_make_name(module, module_len, &module_name) &&
                    wrt_make_name(name, name_len, &field_name),
                "linker_define_shared: a name is NULL or too long");
    WRT_REQUIRE(linker, "linker_define_shared: the linker is NULL");
    WRT_REQUIRE(memory && memory->shared,
                "linker_define_shared: the memory is not shared");
    WRT_REQUIRE(memory->shared->engine == linker->engine,
                "linker_define_shared: the memory is of another engine");
    return wrt_linker_define_value(linker, module_name, field_name, &value,
                                   false);
}

wasmrt_error *wasmrt_linker_define_shared(wasmrt_linker *linker,
                                          const char *module, const char *name,
                                          wasmrt_memory *memory)
{
    return wasmrt_linker_define_shared_n(linker, module, wrt_name_len(module),
                                         name, wrt_name_len(name), memory);
}

wasmrt_error *wasmrt_linker_define_instance_n(wasmrt_linker *linker,
                                              const char *module,
                                              size_t module_len,
                                              wasmrt_instance *instance)
{
    const struct wrt_module *exporter;
    struct wrt_name module_name;

    WRT_REQUIRE(linker && instance,
                "linker_define_instance: an argument is NULL");
    WRT_REQUIRE(wrt_make_name(module, module_len, &module_name),
                "linker_define_instance: the name is NULL or too long");
    WRT_TRY(bind_store(linker, instance->store));
    exporter = instance->module;
    for (uint32_t i = 0; i < exporter->nexports; i++) {
        const struct wrt_export *export = &exporter->exports[i];
        wasmrt_extern_val value;

        if (!wrt_instance_export(instance, export, &value))
            return wrt_error_oom();
        WRT_TRY(wrt_linker_define_value(linker, module_name, export->name,
                                        &value, true));
    }
    return NULL;
}

wasmrt_error *wasmrt_linker_define_instance(wasmrt_linker *linker,
                                            const char *module,
                                            wasmrt_instance *instance)
{
    return wasmrt_linker_define_instance_n(linker, module, wrt_name_len(module),
                                           instance);
}

bool wasmrt_linker_has(const wasmrt_linker *linker,
                       const wasmrt_extern_info *import)
{
    const struct wrt_name module = {.text = import->module,
                                    .len = (uint32_t)import->module_len};
    const struct wrt_name name = {.text = import->name,
                                  .len = (uint32_t)import->name_len};
    bool has_module;

    return import->module && wrt_linker_find(linker, module, name, &has_module);
}

/* -- Instances ------------------------------------------------------------- */

wasmrt_error *wasmrt_linker_instantiate(wasmrt_linker *linker,
                                        wasmrt_store *store,
                                        wasmrt_module *module,
                                        wasmrt_instance **out)
{
    WRT_REQUIRE(linker && store && module && out,
                "linker_instantiate: an argument is NULL");
    WRT_REQUIRE(store->engine == linker->engine &&
                    module->engine == linker->engine,
                "linker_instantiate: objects of several engines");
    WRT_REQUIRE(!linker->store || linker->store == store,
                "linker_instantiate: it has objects of another store");
    return wrt_linker_instantiate(linker, store, module, out);
}

bool wasmrt_instance_export_n(wasmrt_instance *instance, const char *name,
                              size_t len, wasmrt_extern_val *out)
{
    const struct wrt_export *export =
        instance && name ? wrt_module_find_export(instance->module, name, len)
                         : NULL;

    return export && wrt_instance_export(instance, export, out);
}

bool wasmrt_instance_export(wasmrt_instance *instance, const char *name,
                            wasmrt_extern_val *out)
{
    return wasmrt_instance_export_n(instance, name, wrt_name_len(name), out);
}

wasmrt_func *wasmrt_instance_func_n(wasmrt_instance *instance, const char *name,
                                    size_t len)
{
    wasmrt_extern_val value;

    if (!wasmrt_instance_export_n(instance, name, len, &value) ||
        value.kind != WASMRT_EXTERN_FUNC)
        return NULL;
    return value.of.func;
}

wasmrt_func *wasmrt_instance_func(wasmrt_instance *instance, const char *name)
{
    return wasmrt_instance_func_n(instance, name, wrt_name_len(name));
}

wasmrt_module *wasmrt_instance_module(wasmrt_instance *instance)
{
    return instance->module;
}
