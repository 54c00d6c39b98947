/*
 * A program that answers requests: its module, made ready once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SERVE_APP_H
#define SERVE_APP_H

#include "serve/serve.h"
#include "wasmrt/linker.h"
#include "wasmrt/wasi.h"

/* Owner: the server.  Constant while requests are served. */
struct app {
    wasmrt_engine *engine;
    wasmrt_module *module;
    wasmrt_linker *linker;
    struct serve_limits limits;
    bool counts_fuel;
};

/* Loads the module of a route, and makes an instance to see that requests will
 * get one.  On failure *app can be passed to app_fini(). */
wasmrt_error *app_init(struct app *app, wasmrt_engine *engine,
                       const struct serve_route *route, bool counts_fuel);
void app_fini(struct app *app);

/* Makes an instance in a new store.  A start function of the module runs here,
 * within the limits already. */
wasmrt_error *app_instantiate(const struct app *app, wasmrt_store *store,
                              const wasmrt_wasi_config *wasi,
                              wasmrt_instance **out);

#endif
