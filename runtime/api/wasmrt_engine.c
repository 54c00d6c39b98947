/*
 * wasmrt/config.h and wasmrt/version.h: configuration and engines.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/api/misuse.h"
#include "runtime/store/engine.h"

#include "wasmrt/config.h"
#include "wasmrt/version.h"

const char *wasmrt_version(void)
{
    return WASMRT_VERSION;
}

int wasmrt_abi_version(void)
{
    return WASMRT_ABI_VERSION;
}

/* -- Configuration --------------------------------------------------------- */

wasmrt_config *wasmrt_config_new(void)
{
    wasmrt_config *config = wrt_alloc_zero(&wrt_alloc_libc, sizeof(*config));

    if (config)
        wrt_config_init(config);
    return config;
}

void wasmrt_config_delete(wasmrt_config *config)
{
    wrt_free(&wrt_alloc_libc, config, sizeof(*config));
}

void wasmrt_config_set_strategy(wasmrt_config *config, wasmrt_strategy strategy)
{
    config->strategy = strategy;
}

void wasmrt_config_set_bounds(wasmrt_config *config, wasmrt_bounds bounds)
{
    config->bounds = bounds;
}

void wasmrt_config_set_compile(wasmrt_config *config, wasmrt_compile compile)
{
    config->is_eager = compile == WASMRT_COMPILE_EAGER;
}

void wasmrt_config_set_compile_threads(wasmrt_config *config, unsigned count)
{
    config->nthreads = count;
}

void wasmrt_config_set_signals(wasmrt_config *config, bool on)
{
    config->has_signals = on;
}

void wasmrt_config_set_index_masks(wasmrt_config *config, bool on)
{
    config->has_masks = on;
}

void wasmrt_config_set_code_check(wasmrt_config *config, bool on)
{
    config->has_code_check = on;
}

/* -- Limits ---------------------------------------------------------------- */

void wasmrt_config_set_module_limit(wasmrt_config *config, uint64_t bytes)
{
    config->module_bytes = bytes;
}

void wasmrt_config_set_code_limit(wasmrt_config *config, uint64_t bytes)
{
    config->code_bytes = bytes;
}

void wasmrt_config_set_memory_limit(wasmrt_config *config, uint64_t bytes)
{
    config->store_limits.memory_bytes = bytes;
}

void wasmrt_config_set_table_limit(wasmrt_config *config, uint64_t elements)
{
    config->store_limits.table_elems = elements;
}

void wasmrt_config_set_count_limits(wasmrt_config *config, uint64_t instances,
                                    uint64_t memories, uint64_t tables)
{
    config->store_limits.instances = instances;
    config->store_limits.memories = memories;
    config->store_limits.tables = tables;
}

void wasmrt_config_set_gc_limit(wasmrt_config *config, uint64_t bytes)
{
    config->store_limits.gc_bytes = bytes;
}

/* -- Features and stacks --------------------------------------------------- */

bool wasmrt_config_set_feature(wasmrt_config *config, const char *name, bool on)
{
    for (unsigned i = 0; name && i < WRT_FEATURE_COUNT; i++) {
        wrt_features bit = (wrt_features)1 << i;

        if (strcmp(wrt_feature_infos[i].option, name) != 0)
            continue;
        config->features =
            on ? config->features | bit : config->features & ~bit;
        return true;
    }
    return false;
}

void wasmrt_config_set_max_stack(wasmrt_config *config, size_t bytes)
{
    config->max_stack_bytes = bytes;
}

void wasmrt_config_set_task_stack(wasmrt_config *config, size_t guest_bytes,
                                  size_t host_bytes)
{
    config->task_guest_bytes = guest_bytes;
    config->task_host_bytes = host_bytes;
}

void wasmrt_config_set_fuel(wasmrt_config *config, bool on)
{
    config->has_fuel = on;
}

void wasmrt_config_set_allocator(wasmrt_config *config, wasmrt_resize_fn resize,
                                 void *user)
{
    config->alloc = resize ? (struct wrt_alloc){.resize = resize, .user = user}
                           : wrt_alloc_libc;
}

const char *wasmrt_feature_name(size_t n, const char **text_out,
                                bool *default_out)
{
    if (n >= WRT_FEATURE_COUNT)
        return NULL;
    if (text_out)
        *text_out = wrt_feature_infos[n].text;
    if (default_out)
        *default_out = ((uint32_t)WRT_FEATURES_DEFAULT >> n & 1) != 0;
    return wrt_feature_infos[n].option;
}

/* -- Engines --------------------------------------------------------------- */

wasmrt_error *wasmrt_engine_new(const wasmrt_config *config,
                                wasmrt_engine **out)
{
    struct wasmrt_config defaults;

    WRT_REQUIRE(out, "engine_new: out is NULL");
    wrt_config_init(&defaults);
    if (!config)
        config = &defaults;
    WRT_REQUIRE(config->strategy <= WASMRT_STRATEGY_JIT,
                "engine_new: no such strategy");
    WRT_REQUIRE(config->bounds <= WASMRT_BOUNDS_CHECK,
                "engine_new: no such bounds mode");
    return wrt_engine_new(config, out);
}

void wasmrt_engine_delete(wasmrt_engine *engine)
{
    if (engine)
        wrt_engine_unref(engine);
}

const char *wasmrt_engine_strategy(const wasmrt_engine *engine)
{
    return engine->backend->name;
}

void wasmrt_engine_get_code_checks(const wasmrt_engine *engine,
                                   wasmrt_code_checks *out)
{
    const wasmrt_code_checks *checks = &engine->code_checks;

    out->funcs = __atomic_load_n(&checks->funcs, __ATOMIC_RELAXED);
    out->insns = __atomic_load_n(&checks->insns, __ATOMIC_RELAXED);
    out->loads = __atomic_load_n(&checks->loads, __ATOMIC_RELAXED);
    out->stores = __atomic_load_n(&checks->stores, __ATOMIC_RELAXED);
    out->branches = __atomic_load_n(&checks->branches, __ATOMIC_RELAXED);
}

const char *wasmrt_engine_bounds(const wasmrt_engine *engine)
{
    return engine->memory_mode == WRT_MEMORY_GUARDED ? "guard" : "check";
}
