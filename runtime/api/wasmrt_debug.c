/*
 * wasmrt/debug.h: looking inside.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/dump.h"
#include "runtime/store/engine.h"

#include "wasmrt/debug.h"

_Static_assert((int)WRT_DUMP_HEADERS == (int)WASMRT_DUMP_HEADERS &&
                   (int)WRT_DUMP_EXTERNS == (int)WASMRT_DUMP_EXTERNS &&
                   (int)WRT_DUMP_CODE == (int)WASMRT_DUMP_CODE &&
                   (int)WRT_DUMP_DATA == (int)WASMRT_DUMP_DATA &&
                   (int)WRT_DUMP_CUSTOM == (int)WASMRT_DUMP_CUSTOM,
               "the parts are passed through as they are");

wasmrt_error *wasmrt_module_dump(wasmrt_module *module, unsigned parts,
                                 const char *func, wasmrt_write_fn write,
                                 void *user)
{
    const struct wrt_dump_options options = {
        .parts = parts,
        .func = func,
        .write = write,
        .user = user,
        .after_func = parts & WASMRT_DUMP_IOPS
                          ? module->engine->backend->list_code
                          : NULL,
    };

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
                                            &out->code_bytes);
}
