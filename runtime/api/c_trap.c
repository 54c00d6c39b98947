/*
 * wasm.h: traps and frames.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/api/c_trap.h"

/* -- Traps and errors ------------------------------------------------------ */

/* The error that held a trap is gone. */
static void release_cargo(struct wrt_error_cargo *cargo)
{
    wrt_c_ref_drop(
        WRT_CONTAINER_OF((uintptr_t)cargo, struct wasm_ref_t, of.trap.cargo));
}

struct wasm_ref_t *wrt_c_trap_new(struct wasm_store_t *store,
                                  wasmrt_error *error_taken)
{
    struct wasm_ref_t *ref = wrt_c_ref_new(store, WRT_C_TRAP);

    if (!ref) {
        wasmrt_error_delete(error_taken);
        return NULL;
    }
    ref->of.trap.error = error_taken;
    ref->of.trap.cargo.release = release_cargo;
    return ref;
}

void wrt_c_trap_fini(struct wrt_c_trap *trap)
{
    wasmrt_error_delete(trap->error);
    wasm_byte_vec_delete(&trap->message);
}

/* The trap that an error holds, of which the caller has a count from now on; or
 * NULL. */
static struct wasm_ref_t *unload(wasmrt_error *error)
{
    struct wrt_error_cargo *cargo = wrt_error_cargo(error);

    if (!cargo || cargo->release != release_cargo)
        return NULL;
    wrt_error_unload(error);
    return WRT_CONTAINER_OF((uintptr_t)cargo, struct wasm_ref_t, of.trap.cargo);
}

wasm_trap_t *wrt_c_trap_of(struct wasm_store_t *store,
                           wasmrt_error *error_taken)
{
    struct wasm_ref_t *ref;

    if (!error_taken)
        return NULL;
    ref = unload(error_taken);
    if (ref) {
        wasmrt_error_delete(ref->of.trap.error);
        ref->of.trap.error = error_taken;
        return (wasm_trap_t *)ref;
    }
    if (wasmrt_error_code(error_taken) != WASMRT_ERR_OUT_OF_MEMORY)
        ref = wrt_c_trap_new(store, error_taken);
    return (wasm_trap_t *)(ref ? ref : wrt_c_ref_copy(store->oom_trap));
}

static wasmrt_error *host_trap(const wasm_byte_vec_t *message)
{
    int len = message->size > INT32_MAX ? INT32_MAX : (int)message->size;

    return wrt_error_new(WASMRT_ERR_HOST_TRAP, WRT_NO_OFFSET, "%.*s", len,
                         message->data ? message->data : "");
}

wasmrt_error *wrt_c_trap_error(wasm_trap_t *trap_taken)
{
    struct wasm_ref_t *ref = WRT_C_REF(trap_taken);
    struct wrt_c_trap *trap = &ref->of.trap;
    wasmrt_error *error = trap->error;

    if (!error)
        error = host_trap(&trap->message);
    if (wasmrt_error_code(error) == WASMRT_ERR_OUT_OF_MEMORY) {
        wrt_c_ref_drop(ref);
        return error;
    }
    trap->error = NULL;
    /* An exception is more than a trap: guests may catch it. */
    if (wrt_error_cargo(error))
        wrt_c_ref_drop(ref);
    else
        wrt_error_load(error, &trap->cargo);
    return error;
}

/* -- Traps ----------------------------------------------------------------- */

/* Copies text, with a NUL at the end. */
static void copy_text(wasm_byte_vec_t *out, const char *text, size_t len)
{
    bool has_nul = len > 0 && text[len - 1] == '\0';

    wasm_byte_vec_new_uninitialized(out, len + !has_nul);
    if (out->data && len)
        memcpy(out->data, text, len);
}

wasm_trap_t *wasm_trap_new(wasm_store_t *store, const wasm_message_t *message)
{
    struct wasm_ref_t *ref = wrt_c_trap_new(store, NULL);

    if (!ref)
        return NULL;
    copy_text(&ref->of.trap.message, message->data, message->size);
    if (!ref->of.trap.message.data) {
        wrt_c_ref_drop(ref);
        return NULL;
    }
    return (wasm_trap_t *)ref;
}

void wasm_trap_message(const wasm_trap_t *trap, wasm_message_t *out)
{
    const struct wrt_c_trap *t = &WRT_C_REF(trap)->of.trap;
    const char *text;

    if (t->message.data) {
        copy_text(out, t->message.data, t->message.size);
        return;
    }
    text = t->error ? wasmrt_error_message(t->error) : "";
    copy_text(out, text, strlen(text));
}

/* -- Frames ---------------------------------------------------------------- */

struct wasm_frame_t {
    struct wasm_ref_t *instance; /* counted */
    uint32_t func_idx;
    uint64_t func_offset, module_offset;
};

static wasm_frame_t *copy_frame(const wasm_frame_t *frame)
{
    wasm_frame_t *copy = wrt_alloc_zero(&wrt_alloc_libc, sizeof(*copy));

    if (copy) {
        *copy = *frame;
        wrt_c_ref_copy(copy->instance);
    }
    return copy;
}

/* Frame n of a trap, or NULL. */
static wasm_frame_t *make_frame(const struct wasm_ref_t *trap, size_t n)
{
    const wasmrt_frame *frame = wasmrt_error_frame(trap->of.trap.error, n);
    struct wasm_frame_t own = {
        .func_idx = frame->func_idx,
        .func_offset = frame->func_offset,
        .module_offset = frame->module_offset,
    };
    wasm_frame_t *result;
    bool is_new;

    if (trap->store) {
        own.instance = wrt_c_ref_get(trap->store, WRT_C_INSTANCE,
                                     frame->instance, &is_new);
        if (!own.instance)
            return NULL;
        if (is_new)
            own.instance->of.instance = frame->instance;
    }
    result = copy_frame(&own);
    wrt_c_ref_drop(own.instance);
    return result;
}

static size_t count_frames(const struct wasm_ref_t *trap)
{
    const wasmrt_error *error = trap->of.trap.error;

    return error ? wasmrt_error_frame_count(error) : 0;
}

wasm_frame_t *wasm_trap_origin(const wasm_trap_t *trap)
{
    return count_frames(WRT_C_REF(trap)) ? make_frame(WRT_C_REF(trap), 0)
                                         : NULL;
}

void wasm_trap_trace(const wasm_trap_t *trap, wasm_frame_vec_t *out)
{
    size_t n = count_frames(WRT_C_REF(trap));

    wasm_frame_vec_new_uninitialized(out, n);
    for (size_t i = 0; i < out->size; i++) {
        out->data[i] = make_frame(WRT_C_REF(trap), i);
        if (!out->data[i]) {
            wasm_frame_vec_delete(out);
            return;
        }
    }
}

void wasm_frame_delete(wasm_frame_t *frame)
{
    if (!frame)
        return;
    wrt_c_ref_drop(frame->instance);
    wrt_free(&wrt_alloc_libc, frame, sizeof(*frame));
}

wasm_frame_t *wasm_frame_copy(const wasm_frame_t *frame)
{
    return frame ? copy_frame(frame) : NULL;
}

struct wasm_instance_t *wasm_frame_instance(const wasm_frame_t *frame)
{
    const struct wasm_ref_t *instance = frame->instance;

    return instance && instance->store
               ? (struct wasm_instance_t *)frame->instance
               : NULL;
}

uint32_t wasm_frame_func_index(const wasm_frame_t *frame)
{
    return frame->func_idx;
}

size_t wasm_frame_func_offset(const wasm_frame_t *frame)
{
    return (size_t)frame->func_offset;
}

size_t wasm_frame_module_offset(const wasm_frame_t *frame)
{
    return (size_t)frame->module_offset;
}
