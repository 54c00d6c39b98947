/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "serve/app.h"

#include "serve/cgi.h"
#include "wasmrt/wasi.h"

#include <stdio.h>
#include <string.h>

wasmrt_error *app_instantiate(const struct app *app, wasmrt_store *store,
                              const wasmrt_wasi_config *wasi,
                              wasmrt_instance **out)
{
    wasmrt_error *error = NULL;

    if (app->limits.memory_bytes != UINT64_MAX)
        wasmrt_store_set_memory_limit(store, app->limits.memory_bytes);
    if (app->counts_fuel)
        error = wasmrt_store_set_fuel(store, app->limits.fuel);
    if (!error)
        error = wasmrt_store_set_wasi(store, wasi);
    if (!error)
        error = wasmrt_linker_instantiate(app->linker, store, app->module, out);
    return error;
}

/* -- What would fail each request is found before the first one ------------ */

static const char entry_name[] = "_start";

static wasmrt_error *check_entry(const wasmrt_module *module)
{
    const size_t len = sizeof(entry_name) - 1;
    wasmrt_extern_info info;

    for (size_t i = 0; wasmrt_module_export(module, i, &info); i++) {
        if (info.name_len == len && memcmp(info.name, entry_name, len) == 0)
            return NULL;
    }
    return wasmrt_error_new(WASMRT_ERR_NO_SUCH_EXPORT,
                            "it is no command: _start is missing");
}

static wasmrt_error *check_imports(const struct app *app)
{
    wasmrt_extern_info info;
    char text[160];

    for (size_t i = 0; wasmrt_module_import(app->module, i, &info); i++) {
        if (wasmrt_linker_has(app->linker, &info))
            continue;
        snprintf(text, sizeof(text), "\"%s\" \"%s\"", info.module, info.name);
        return wasmrt_error_new(WASMRT_ERR_UNKNOWN_IMPORT, text);
    }
    return NULL;
}

/* Grants, types and limits. */
static wasmrt_error *rehearse_in(const struct app *app, wasmrt_store *store,
                                 const wasmrt_wasi_config *wasi)
{
    wasmrt_instance *instance;
    wasmrt_error *error;
    wasmrt_func *entry;
    uint32_t start;

    /* A start function is for requests. */
    if (wasmrt_module_start(app->module, &start))
        return wasmrt_store_set_wasi(store, wasi);
    error = app_instantiate(app, store, wasi, &instance);
    if (error)
        return error;
    entry = wasmrt_instance_func(instance, entry_name);
    return entry && wasmrt_func_has_type(store, entry, "() -> ()")
               ? NULL
               : wasmrt_error_new(WASMRT_ERR_EXPORT_KIND,
                                  "_start must have type () -> ()");
}

static wasmrt_error *rehearse(const struct app *app,
                              const struct serve_route *route)
{
    wasmrt_wasi_config *wasi = wasmrt_wasi_config_new();
    wasmrt_store *store = NULL;
    wasmrt_error *error;

    if (!wasi)
        return wasmrt_error_new(WASMRT_ERR_OUT_OF_MEMORY, NULL);
    cgi_grant(wasi, route);
    error = wasmrt_store_new(app->engine, &store);
    if (!error)
        error = rehearse_in(app, store, wasi);
    wasmrt_store_delete(store);
    wasmrt_wasi_config_delete(wasi);
    return error;
}

/* -- Loading --------------------------------------------------------------- */

wasmrt_error *app_init(struct app *app, wasmrt_engine *engine,
                       const struct serve_route *route, bool counts_fuel)
{
    wasmrt_error *error;

    *app = (struct app){
        .engine = engine, .limits = route->limits, .counts_fuel = counts_fuel};
    error = wasmrt_module_from_file(engine, route->module, &app->module);
    if (!error)
        error = wasmrt_linker_new(engine, &app->linker);
    if (!error)
        error = wasmrt_wasi_link(app->linker);
    if (!error)
        error = wasmrt_wasi_link_stubs(app->linker, app->module);
    if (!error)
        error = check_imports(app);
    if (!error)
        error = check_entry(app->module);
    return error ? error : rehearse(app, route);
}

void app_fini(struct app *app)
{
    wasmrt_linker_delete(app->linker);
    wasmrt_module_delete(app->module);
    *app = (struct app){0};
}
