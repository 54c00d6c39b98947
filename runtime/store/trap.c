/*
 * Traps become errors.
 *
 * The walk goes over all activations of the store, innermost first, each
 * through the backend that runs it, so that guest frames on both sides of a
 * host function are seen.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/trap.h"

#include "runtime/store/backend.h"
#include "runtime/store/gc.h"

#include <inttypes.h>

/* Names and places are looked up for as many frames as an error keeps; beyond,
 * frames are only counted.  A deep stack has a million, and whoever interrupts
 * a guest waits for no count to end. */
enum { NAMED_FRAMES = 256, COUNTED_FRAMES = 1 << 17 };

static void add_frame(wasmrt_error *error, const struct wrt_frame_iter *iter,
                      bool is_named)
{
    struct wrt_module *module = iter->instance->module;
    const struct wrt_func *func = &module->funcs[iter->func_idx];
    wasmrt_frame frame = {
        .func_idx = iter->func_idx,
        .instance = iter->instance,
    };

    if (is_named) {
        frame.module_offset = iter->module_offset;
        frame.func_offset =
            iter->module_offset - wrt_module_offset(module, func->body);
        frame.module_name = wrt_module_name(module);
        frame.func_name = wrt_module_func_name(module, iter->func_idx);
    }
    wrt_error_add_frame(error, &frame);
}

/* Gives the error its place and its frames. */
static void add_frames(struct wrt_ctx *ctx, wasmrt_error *error)
{
    size_t depth = 0;

    for (const struct wrt_activation *a = ctx->activation; a; a = a->prev) {
        struct wrt_frame_iter iter = {
            .activation = a,
            .pc = a->pc,
            .fp = a->fp,
            .instance = a->instance,
        };

        for (bool first = true; depth < COUNTED_FRAMES; first = false) {
            iter.wants_offset = depth < NAMED_FRAMES;
            if (!a->backend->next_frame(&iter, first))
                break;
            add_frame(error, &iter, depth++ < NAMED_FRAMES);
        }
    }
}

/* The limit that a full heap of objects has reached. */
static wasmrt_error *heap_exhausted(const struct wrt_ctx *ctx)
{
    const wasmrt_code code = WASMRT_ERR_GC_HEAP_EXHAUSTED;
    uint64_t needed = ctx->gc.refused_bytes;

    if (needed == 0)
        return wrt_error_new(code, WRT_NO_OFFSET,
                             "no memory for references to functions");
    if (!ctx->gc.heap)
        return wrt_error_new(code, WRT_NO_OFFSET,
                             "%" PRIu64 " bytes needed, and no address space "
                             "for a heap",
                             needed);
    return wrt_error_new(
        code, WRT_NO_OFFSET,
        "%" PRIu64 " bytes needed, %" PRIu64 " of %" PRIu64 " in use", needed,
        wrt_gc_heap_bytes(ctx), wrt_gc_limit_bytes(ctx));
}

wasmrt_error *wrt_trap_error(struct wrt_ctx *ctx, wasmrt_code code)
{
    wasmrt_error *error = code == WASMRT_ERR_GC_HEAP_EXHAUSTED
                              ? heap_exhausted(ctx)
                              : wrt_error_new(code, WRT_NO_OFFSET, NULL);

    add_frames(ctx, error);
    return error;
}

void wrt_trap_add_trace(struct wrt_ctx *ctx, wasmrt_error *error)
{
    /* An error that went through guest code before has frames. */
    if (wasmrt_error_stack_depth(error) == 0)
        add_frames(ctx, error);
}

wasmrt_error *wrt_trap_add_frames(struct wrt_ctx *ctx, wasmrt_error *error)
{
    wasmrt_error_kind_e kind = wasmrt_error_kind(error);

    if (kind != WASMRT_KIND_EXIT && kind != WASMRT_KIND_EXCEPTION)
        wrt_trap_add_trace(ctx, error);
    return error;
}
