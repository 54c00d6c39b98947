/*
 * wasmrt/debug.h: looking inside.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/api/misuse.h"
#include "runtime/module/dump.h"
#include "runtime/store/engine.h"

#include "wasmrt/debug.h"

_Static_assert((int)WRT_DUMP_HEADERS == (int)WASMRT_DUMP_HEADERS &&
                   (int)WRT_DUMP_EXTERNS == (int)WASMRT_DUMP_EXTERNS &&
                   (int)WRT_DUMP_CODE == (int)WASMRT_DUMP_CODE &&
                   (int)WRT_DUMP_DATA == (int)WASMRT_DUMP_DATA &&
                   (int)WRT_DUMP_CUSTOM == (int)WASMRT_DUMP_CUSTOM,
               "the parts are passed through as they are");

/* -- Configuration --------------------------------------------------------- */

void wasmrt_config_on_code(wasmrt_config *config, wasmrt_code_fn fn, void *user)
{
    config->debug.on_code = fn;
    config->debug.on_code_user = user;
}

void wasmrt_config_set_debugger(wasmrt_config *config, bool on)
{
    config->debug.has_debugger = on;
}

void wasmrt_config_set_native_range(wasmrt_config *config, uint32_t first,
                                    uint32_t end)
{
    config->debug.has_range = true;
    config->debug.native_first = first;
    config->debug.native_end = end;
}

void wasmrt_config_on_trace(wasmrt_config *config, unsigned kinds,
                            wasmrt_trace_fn fn, void *user)
{
    config->debug.trace_kinds = fn ? kinds : 0;
    config->debug.trace = fn;
    config->debug.trace_user = user;
    /* Machine code tells nothing. */
    if (config->debug.trace_kinds)
        wasmrt_config_set_native_range(config, 0, 0);
}

void wasmrt_config_on_sample(wasmrt_config *config, uint64_t period_ns,
                             wasmrt_sample_fn fn, void *user)
{
    config->sampling = (struct wrt_sample_options){
        .period_ns = period_ns ? period_ns : 1, .fn = fn, .user = user};
}

/* -- Modules --------------------------------------------------------------- */

wasmrt_error *wasmrt_module_dump(wasmrt_module *module, unsigned parts,
                                 const char *func, wasmrt_write_fn write,
                                 void *user)
{
    const struct wrt_backend *backend;
    struct wrt_dump_options options = {
        .parts = parts,
        .func = func,
        .write = write,
        .user = user,
    };

    WRT_REQUIRE(module && write, "module_dump: an argument is NULL");
    backend = module->engine->backend;
    if (parts & WASMRT_DUMP_IOPS)
        options.after_func[0] = backend->list_code;
    if (parts & WASMRT_DUMP_ASM)
        options.after_func[1] = backend->list_machine_code;
    if (parts & WASMRT_DUMP_ASM && !backend->list_machine_code)
        return wrt_error_new(WASMRT_ERR_ENGINE_UNAVAILABLE, WRT_NO_OFFSET,
                             "engine \"%s\" makes no machine code",
                             backend->name);
    return wrt_module_dump(module, &options);
}

void wasmrt_module_get_stats(const wasmrt_module *module,
                             wasmrt_module_stats *out)
{
    *out = (wasmrt_module_stats){
        .module_bytes = module->len,
        .funcs = module->nfuncs - module->nimported_funcs,
        .arena_bytes = wrt_arena_footprint(&module->arena),
    };
    if (module->engine->backend->count_code)
        module->engine->backend->count_code(module, &out->lowered_funcs,
                                            &out->interpreted_funcs,
                                            &out->code_bytes);
}
