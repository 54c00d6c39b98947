/*
 * wasmrt/debug.h: looking inside.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/engine.h"

#include "wasmrt/debug.h"

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
