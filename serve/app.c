/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "serve/app.h"

#include "wasmrt/wasi.h"

/* Found before the first request is there. */
static wasmrt_error *check_entry(const wasmrt_module *module)
{
    wasmrt_extern_info info;
    static const char name[] = "_start";

    for (size_t i = 0; wasmrt_module_export(module, i, &info); i++) {
        bool is_it = info.name_len == sizeof(name) - 1;

        for (size_t k = 0; is_it && k < info.name_len; k++)
            is_it = info.name[k] == name[k];
        if (is_it)
            return NULL;
    }
    return wasmrt_error_new(WASMRT_ERR_UNKNOWN_IMPORT,
                            "no command: it exports no function _start");
}

static wasmrt_error *check_imports(const struct app *app)
{
    wasmrt_extern_info info;

    for (size_t i = 0; wasmrt_module_import(app->module, i, &info); i++) {
        if (!wasmrt_linker_has(app->linker, &info))
            return wasmrt_error_new(WASMRT_ERR_UNKNOWN_IMPORT, info.name);
    }
    return NULL;
}

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
    return error ? error : check_entry(app->module);
}

void app_fini(struct app *app)
{
    wasmrt_linker_delete(app->linker);
    wasmrt_module_delete(app->module);
    *app = (struct app){0};
}
