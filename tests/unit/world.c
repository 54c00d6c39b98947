/*
 * A small world for tests of live objects.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/unit/world.h"

#include "runtime/store/trap.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

struct world world;

/* -- The fake backend ------------------------------------------------------ */

/* An activation with the place to go on at after a fault. */
struct fake_activation {
    struct wrt_activation base;
    jmp_buf fault;
};

static wasmrt_error *fake_compile(struct wrt_module *module,
                                  const struct wrt_code_options *options)
{
    (void)module;
    CHECK_EQ(options->memory_mode,
             world.engine ? world.engine->memory_mode : options->memory_mode);
    return NULL;
}

static void *const *fake_entries(const struct wrt_module *module)
{
    (void)module;
    return NULL;
}

static void fake_resume(struct wrt_activation *activation)
{
    struct fake_activation *fake =
        WRT_CONTAINER_OF(activation, struct fake_activation, base);

    /* On the stack of the interrupted code, as aligned as any function's. */
    CHECK_EQ((uintptr_t)__builtin_frame_address(0) % 16, 0);
    longjmp(fake->fault, 1);
}

static bool fake_claim(struct wrt_activation *activation,
                       const struct wrt_fault *fault,
                       void (**resume)(struct wrt_activation *))
{
    (void)activation;
    (void)fault;
    if (!world.claims_faults)
        return false;
    world.claims_faults = false;
    *resume = fake_resume;
    return true;
}

static bool fake_next_frame(struct wrt_frame_iter *iter, bool first)
{
    const struct fake_frame *frame = iter->pc;

    if (!frame)
        return false;
    if (!first)
        frame++;
    if (frame->func_idx == UINT32_MAX)
        return false;
    iter->pc = frame;
    iter->func_idx = frame->func_idx;
    iter->module_offset =
        wrt_module_offset(iter->instance->module,
                          iter->instance->module->funcs[frame->func_idx].body) +
        frame->offset;
    return true;
}

static wasmrt_error *fake_enter(struct wrt_ctx *ctx, struct wrt_instance *inst,
                                uint32_t func_idx, wrt_slot *slots)
{
    extern const struct wrt_backend fake_backend;
    struct fake_activation fake = {
        .base = {.prev = ctx->activation,
                 .backend = &fake_backend,
                 .instance = inst,
                 .sp = ctx->stack_base},
    };
    wasmrt_error *error = NULL;

    ctx->activation = &fake.base;
    world.entered++;
    if (setjmp(fake.fault) == 0)
        error = world.run ? world.run(ctx, inst, func_idx, slots) : NULL;
    else
        error = wrt_trap_error(ctx, WASMRT_ERR_MEMORY_OOB);
    ctx->activation = ctx->activation->prev;
    return error;
}

extern const struct wrt_backend fake_backend;

const struct wrt_backend fake_backend = {
    .name = "interp",
    .features = UINT32_MAX,
    .compile = fake_compile,
    .entries = fake_entries,
    .enter = fake_enter,
    .next_frame = fake_next_frame,
    .claim_fault = fake_claim,
};

const struct wrt_backend *const fake_backends[] = {&fake_backend, NULL};

/* -- The world ------------------------------------------------------------- */

void world_open_engine(wasmrt_bounds bounds)
{
    test_heap_init(&world.heap, -1);
    wrt_config_init(&world.config);
    world.config.bounds = bounds;
    world.config.backends = fake_backends;
    world.config.features |= world.extra_features;
    world.config.alloc = world.heap.alloc;
    check_ok(wrt_engine_new(&world.config, &world.engine));
}

void world_open(wasmrt_bounds bounds)
{
    world_open_engine(bounds);
    check_ok(wrt_store_new(world.engine, &world.store));
    check_ok(wrt_linker_new(world.engine, &world.linker));
}

void world_close(void)
{
    if (world.linker)
        wrt_linker_unref(world.linker);
    if (world.store)
        wrt_store_delete(world.store);
    wrt_engine_unref(world.engine);
    CHECK_EQ(world.heap.live_blocks, 0);
}

struct wrt_module *world_module(const char *text)
{
    wasmrt_module *module;

    check_ok(wasmrt_module_new(world.engine, text, strlen(text), &module));
    return module;
}

static wasmrt_error *instantiate(const char *text, struct wrt_instance **out)
{
    struct wrt_module *module = world_module(text);
    wasmrt_error *error =
        wrt_linker_instantiate(world.linker, world.store, module, out);

    wrt_engine_module_unref(module);
    return error;
}

struct wrt_instance *world_instance(const char *text)
{
    struct wrt_instance *inst;

    check_ok(instantiate(text, &inst));
    return inst;
}

wasmrt_error *world_instance_error(const char *text)
{
    struct wrt_instance *inst = NULL;
    wasmrt_error *error = instantiate(text, &inst);

    CHECK(inst == NULL);
    return error;
}

static wasmrt_extern_val find(struct wrt_instance *inst, const char *name,
                              wasmrt_extern_kind kind)
{
    wasmrt_extern_val value;

    if (!wasmrt_instance_export(inst, name, &value))
        FAIL("no export %s", name);
    CHECK_EQ(value.kind, kind);
    return value;
}

struct wrt_funcref *world_func(struct wrt_instance *inst, const char *name)
{
    return find(inst, name, WASMRT_EXTERN_FUNC).of.func;
}

struct wrt_memory_inst *world_memory(struct wrt_instance *inst,
                                     const char *name)
{
    return find(inst, name, WASMRT_EXTERN_MEMORY).of.memory;
}

struct wrt_table_inst *world_table(struct wrt_instance *inst, const char *name)
{
    return find(inst, name, WASMRT_EXTERN_TABLE).of.table;
}

void world_skip_without_limits(void)
{
    const char *variant = getenv("VARIANT");

    if (variant && (!strcmp(variant, "asan") || !strcmp(variant, "tsan")))
        SKIP("the sanitizer needs the memory itself");
    if (test_is_emulated())
        SKIP("the emulator needs the memory itself");
}

/* -- Errors ---------------------------------------------------------------- */

void check_error(wasmrt_error *error, wasmrt_code code, const char *has)
{
    if (!error)
        FAIL("no error, where %s is expected", wasmrt_code_text(code));
    CHECK_STR_EQ(wasmrt_code_text(wasmrt_error_code(error)),
                 wasmrt_code_text(code));
    CHECK_STR_HAS(wasmrt_error_message(error), has);
    wasmrt_error_delete(error);
}

void check_ok(wasmrt_error *error)
{
    if (error)
        FAIL("%s", wasmrt_error_message(error));
}
