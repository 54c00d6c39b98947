/*
 * The engine: choice of backend and memory mode, lifetime, compilation.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/engine.h"

#include "runtime/base/os.h"
#include "runtime/store/memory.h"
#include "runtime/store/signal.h"

#include <inttypes.h>
#include <string.h>

/* With less address space than this, guard pages would soon run out: a limit
 * of 64 GiB holds seven memories.  AUTO then takes explicit checks. */
#define AUTO_GUARD_BYTES ((size_t)256 << 30)

void wrt_config_init(struct wasmrt_config *config)
{
    *config = (struct wasmrt_config){
        .has_signals = true,
        .has_masks = true,
        .features = (wrt_features)WRT_FEATURES_DEFAULT,
        .max_stack_bytes = WRT_DEFAULT_STACK_BYTES,
        .module_bytes = WRT_LIMIT_MODULE_BYTES,
        .code_bytes = UINT64_MAX,
        .store_limits = {.memory_bytes = UINT64_MAX,
                         .table_elems = WRT_DEFAULT_TABLE_ELEMS,
                         .instances = UINT64_MAX,
                         .memories = UINT64_MAX,
                         .tables = UINT64_MAX,
                         .gc_bytes = UINT64_MAX},
        .alloc = wrt_alloc_libc,
        .backends = wrt_backends,
    };
}

/* -- Choices --------------------------------------------------------------- */

/* The best one that can run here, or the one that is asked for. */
static wasmrt_error *choose_backend(const struct wasmrt_config *config,
                                    const struct wrt_backend **out)
{
    const bool is_any = config->strategy == WASMRT_STRATEGY_AUTO;
    const char *name =
        config->strategy == WASMRT_STRATEGY_JIT ? "jit" : "interp";

    for (size_t i = 0; config->backends[i]; i++) {
        const struct wrt_backend *backend = config->backends[i];
        wasmrt_error *why = NULL;

        if (!is_any && strcmp(backend->name, name) != 0)
            continue;
        if (backend->check)
            why = backend->check(!is_any);
        if (!why)
            *out = backend;
        if (!why || !is_any)
            return why;
        wasmrt_error_delete(why);
    }
    return wrt_error_new(WASMRT_ERR_ENGINE_UNAVAILABLE, WRT_NO_OFFSET,
                         "this build has no engine \"%s\"", name);
}

/* Whether a guarded memory fits into the address space now. */
static bool probe_reservation(void)
{
    void *probe = wrt_os_reserve(WRT_GUARDED_BYTES);

    wrt_os_release(probe, WRT_GUARDED_BYTES);
    return probe != NULL;
}

/* Why guard pages cannot be used, or NULL. */
static wasmrt_error *check_guard(const struct wasmrt_config *config,
                                 const struct wrt_backend *backend)
{
    if (!config->has_signals)
        return wrt_error_new(WASMRT_ERR_MISUSE, WRT_NO_OFFSET,
                             "guard pages need signal handlers, which the "
                             "configuration turns off");
    if (!backend->claim_fault)
        return wrt_error_new(WASMRT_ERR_MISUSE, WRT_NO_OFFSET,
                             "this build of engine \"%s\" has no guard pages",
                             backend->name);
    if (!probe_reservation())
        return wrt_error_new(WASMRT_ERR_ADDRESS_SPACE, WRT_NO_OFFSET,
                             "guard pages reserve 8 GiB for each memory");
    if (!wrt_signal_install())
        return wrt_error_new(WASMRT_ERR_IO, WRT_NO_OFFSET,
                             "signal handlers cannot be installed");
    return NULL;
}

static wasmrt_error *choose_memory_mode(const struct wasmrt_config *config,
                                        const struct wrt_backend *backend,
                                        enum wrt_memory_mode *out)
{
    wasmrt_error *why;

    *out = WRT_MEMORY_CHECKED;
    if (config->bounds == WASMRT_BOUNDS_CHECK)
        return NULL;
    if (config->bounds == WASMRT_BOUNDS_AUTO &&
        wrt_os_address_limit() < AUTO_GUARD_BYTES)
        return NULL;
    why = check_guard(config, backend);
    if (why && config->bounds == WASMRT_BOUNDS_GUARD)
        return why;
    if (!why)
        *out = WRT_MEMORY_GUARDED;
    wasmrt_error_delete(why);
    return NULL;
}

/* Whole pages, at least a few; half of the address space is nobody's stack. */
static wasmrt_error *choose_stack(size_t bytes, size_t *out)
{
    size_t page = wrt_os_page_size();

    if (bytes == 0)
        bytes = WRT_DEFAULT_STACK_BYTES;
    if (bytes > SIZE_MAX / 4)
        return wrt_error_new(WASMRT_ERR_MISUSE, WRT_NO_OFFSET,
                             "a guest stack of %zu bytes", bytes);
    *out = WRT_ALIGN_UP(bytes, page);
    return NULL;
}

/* Code of the guest may need as much of the C stack as it may use of its own,
 * and the host's functions come on top. */
static wasmrt_error *choose_task_stack(const struct wasmrt_config *config,
                                       struct wasmrt_engine *engine)
{
    size_t guest = config->task_guest_bytes, host = config->task_host_bytes;
    const size_t most = SIZE_MAX / 8;

    if (guest == 0)
        guest = WRT_DEFAULT_TASK_GUEST_BYTES;
    if (host == 0)
        host = WRT_DEFAULT_TASK_HOST_BYTES;
    if (guest > most || host > most)
        return wrt_error_new(WASMRT_ERR_MISUSE, WRT_NO_OFFSET,
                             "a task's stack of %zu and %zu bytes", guest,
                             host);
    host = WRT_MAX(host, (size_t)WRT_LEAST_TASK_HOST_BYTES);
    engine->task_guest_bytes = WRT_ALIGN_UP(guest, wrt_os_page_size());
    engine->task_native_bytes = WRT_ALIGN_UP(guest + host, wrt_os_page_size());
    return NULL;
}

/* Where addresses are scarce nothing is kept. */
static void open_pools(struct wasmrt_engine *engine)
{
    engine->task_pool.lead_bytes = wrt_os_page_size();
    if (wrt_os_address_limit() != SIZE_MAX)
        return;
    if (engine->memory_mode == WRT_MEMORY_GUARDED)
        engine->memory_pool.reserved_bytes = WRT_GUARDED_BYTES;
    if (engine->max_stack_bytes <= WRT_POOL_STACK_BYTES)
        engine->stack_pool.reserved_bytes =
            engine->max_stack_bytes + wrt_os_page_size();
    if (engine->task_guest_bytes <= WRT_POOL_STACK_BYTES)
        engine->task_pool.reserved_bytes = wrt_stack_reserved_bytes(engine);
}

/* An allocator of the host's may rely on one thread. */
static unsigned choose_threads(const struct wasmrt_config *config)
{
    if (config->nthreads > 0)
        return config->nthreads;
    return config->is_eager && config->alloc.resize == wrt_alloc_libc.resize
               ? wrt_os_cpu_count()
               : 1;
}

/* -- Lifetime -------------------------------------------------------------- */

wasmrt_error *wrt_engine_new(const struct wasmrt_config *config,
                             struct wasmrt_engine **out)
{
    struct wasmrt_engine *engine;
    const struct wrt_backend *backend = NULL;
    enum wrt_memory_mode mode = WRT_MEMORY_CHECKED;
    size_t stack_bytes = 0;
    wasmrt_error *error;

    WRT_TRY(choose_backend(config, &backend));
    WRT_TRY(choose_stack(config->max_stack_bytes, &stack_bytes));
    WRT_TRY(choose_memory_mode(config, backend, &mode));
    engine = wrt_alloc_zero(&config->alloc, sizeof(*engine));
    if (!engine)
        return wrt_error_oom();
    engine->refcount = 1;
    engine->alloc = config->alloc;
    engine->features = config->features;
    engine->backend = backend;
    engine->memory_mode = mode;
    engine->is_eager = config->is_eager;
    engine->nthreads = choose_threads(config);
    engine->must_be_native = config->strategy == WASMRT_STRATEGY_JIT;
    engine->max_stack_bytes = stack_bytes;
    engine->module_bytes = config->module_bytes;
    engine->code_bytes = config->code_bytes;
    engine->store_limits = config->store_limits;
    engine->has_fuel = config->has_fuel;
    engine->debug = config->debug;
    engine->debug.has_range &= backend->list_machine_code != NULL;
    engine->sampler.options = config->sampling;
    engine->has_code_check = config->has_code_check;
    engine->has_masks = config->has_masks;
    error = choose_task_stack(config, engine);
    if (!error) {
        open_pools(engine);
        error = wrt_types_new(&engine->alloc, &engine->types);
    }
    if (error) {
        wrt_free(&config->alloc, engine, sizeof(*engine));
        return error;
    }
    *out = engine;
    return NULL;
}

struct wasmrt_engine *wrt_engine_ref(struct wasmrt_engine *engine)
{
    __atomic_fetch_add(&engine->refcount, 1, __ATOMIC_RELAXED);
    return engine;
}

void wrt_engine_unref(struct wasmrt_engine *engine)
{
    struct wrt_alloc alloc;

    if (__atomic_fetch_sub(&engine->refcount, 1, __ATOMIC_ACQ_REL) != 1)
        return;
    wrt_watch_fini(&engine->watch);
    wrt_pool_drain(&engine->memory_pool);
    wrt_pool_drain(&engine->stack_pool);
    wrt_pool_drain(&engine->task_pool);
    wrt_sampler_fini(&engine->sampler);
    wrt_types_delete(engine->types);
    alloc = engine->alloc;
    wrt_free(&alloc, engine, sizeof(*engine));
}

unsigned wrt_compile_threads(const struct wrt_module *module,
                             const struct wrt_code_options *options)
{
    enum { BYTES_PER_THREAD = 32 * 1024 };
    uint64_t nbytes = 0;

    for (uint32_t i = 0; i < module->nfuncs; i++)
        nbytes += module->funcs[i].body_len;
    return (unsigned)WRT_MIN((uint64_t)options->nthreads,
                             1 + nbytes / BYTES_PER_THREAD);
}

/* -- Modules --------------------------------------------------------------- */

/* Where all bodies are compiled, that validates them; but when something else
 * is wrong with the module, an earlier body may be the reason. */
static wasmrt_error *decode(struct wasmrt_engine *engine, const uint8_t *bytes,
                            size_t len, bool copy, struct wrt_module **out)
{
    const unsigned how = copy ? WRT_DECODE_COPY : WRT_DECODE_BORROW;
    wasmrt_error *error;

    if (engine->is_eager) {
        error =
            wrt_module_decode(&engine->alloc, engine->types, engine->features,
                              bytes, len, how | WRT_DECODE_NO_BODIES, out);
        if (!error)
            return NULL;
        wasmrt_error_delete(error);
    }
    return wrt_module_decode(&engine->alloc, engine->types, engine->features,
                             bytes, len, how, out);
}

wasmrt_error *wrt_engine_compile(struct wasmrt_engine *engine,
                                 const uint8_t *bytes, size_t len, bool copy,
                                 struct wrt_module **out)
{
    const struct wrt_code_options options = {
        .memory_mode = engine->memory_mode,
        .has_fuel = engine->has_fuel,
        .has_masks = engine->has_masks,
        .has_samples = engine->sampler.options.fn != NULL,
        .is_eager = engine->is_eager,
        .must_be_native = engine->must_be_native,
        .nthreads = engine->nthreads,
        .max_bytes = engine->code_bytes,
        .debug = engine->debug,
        .checks = engine->has_code_check || WRT_IS_DEBUG ? &engine->code_checks
                                                         : NULL,
    };
    struct wrt_module *module;
    wasmrt_error *error;

    if (len > engine->module_bytes)
        return wrt_error_new(WASMRT_ERR_LIMIT, WRT_NO_OFFSET,
                             "a module of %zu bytes (limit %" PRIu64 ")", len,
                             engine->module_bytes);
    WRT_TRY(decode(engine, bytes, len, copy, &module));
    error = engine->backend->compile(module, &options);
    if (error) {
        wrt_module_unref(module);
        return error;
    }
    module->engine = wrt_engine_ref(engine);
    *out = module;
    return NULL;
}

/* Decodes once more without what the backend cannot run.  The cost falls on
 * those who have turned such a feature on. */
wasmrt_error *wrt_engine_check_runnable(const struct wrt_module *module)
{
    const struct wasmrt_engine *engine = module->engine;
    wrt_features complete = engine->backend->features;
    size_t text_len = strlen(wasmrt_code_text(WASMRT_ERR_FEATURE_OFF));
    uint64_t offset = WRT_NO_OFFSET;
    struct wrt_module *again;
    wasmrt_error *error, *named;

    if ((engine->features & ~complete) == 0)
        return NULL;
    error = wrt_module_decode(&engine->alloc, engine->types,
                              engine->features & complete, module->bytes,
                              module->len, false, &again);
    if (!error)
        wrt_module_unref(again);
    if (!error || wasmrt_error_code(error) != WASMRT_ERR_FEATURE_OFF)
        return error;
    wasmrt_error_offset(error, &offset);
    named = wrt_error_new(WASMRT_ERR_FEATURE_OFF, offset,
                          "%s; it can be validated, but no engine runs it yet",
                          wasmrt_error_message(error) + text_len + 2);
    wasmrt_error_delete(error);
    return named;
}

struct wrt_module *wrt_engine_module_ref(struct wrt_module *module)
{
    wrt_engine_ref(module->engine);
    return wrt_module_ref(module);
}

void wrt_engine_module_unref(struct wrt_module *module)
{
    struct wasmrt_engine *engine = module->engine;

    wrt_module_unref(module);
    wrt_engine_unref(engine);
}
