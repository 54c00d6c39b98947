/*
 * The error object, from the inside: making errors and adding to them.
 *
 * An error is created at one line by wrt_error_new() and travels up unchanged,
 * except that outer layers may fill in what they know (function, frames).
 * Out-of-memory is a static object: reporting it never allocates, deleting it
 * is a no-op, and the setters below leave it alone.
 *
 * Errors are allocated with malloc and not with the engine's allocator: an
 * error may outlive the engine whose allocator would have to release it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_BASE_ERROR_H
#define WRT_BASE_ERROR_H

#include "runtime/base/base.h"

#include "wasmrt/error.h"

/* An error that has no place in a module. */
#define WRT_NO_OFFSET UINT64_MAX
#define WRT_NO_FUNC   UINT32_MAX

/* Returns early with the error of expr, if any. */
#define WRT_TRY(expr)                                                          \
    do {                                                                       \
        wasmrt_error *wrt_try_error_ = (expr);                                 \
        if (WRT_UNLIKELY(wrt_try_error_ != NULL))                              \
            return wrt_try_error_;                                             \
    } while (0)

/*
 * Makes an error.  The message is the code's text; when fmt is not NULL,
 * followed by ": " and the formatted detail; the ": " is left out before a
 * detail that begins with a space ("unknown local 3").  offset is a byte offset
 * in the module, or WRT_NO_OFFSET.  Never returns NULL.
 */
WRT_MUST_USE WRT_NONNULL_RESULT wasmrt_error *
wrt_error_new(wasmrt_code code, uint64_t offset, const char *fmt, ...)
    WRT_PRINTF(3, 4);

/* The static out-of-memory error. */
WRT_MUST_USE WRT_NONNULL_RESULT wasmrt_error *wrt_error_oom(void);

/*
 * Long work on behalf of a guest is done in slices; between two of them it asks
 * whether it has to stop.  stop holds the code to stop with, or 0, and may
 * change at any time; NULL: never.  The error, or NULL.
 */
WRT_INLINE wasmrt_error *wrt_error_if_stopped(const uint32_t *stop)
{
    uint32_t code = stop ? __atomic_load_n(stop, __ATOMIC_RELAXED) : 0;

    return WRT_UNLIKELY(code != 0)
               ? wrt_error_new((wasmrt_code)code, WRT_NO_OFFSET, NULL)
               : NULL;
}

/* Fills in the offset where there is none yet. */
void wrt_error_set_offset(wasmrt_error *error, uint64_t offset);

/* Fills in the function where there is none yet.  The name is copied; NULL for
 * none. */
void wrt_error_set_func(wasmrt_error *error, uint32_t func_idx,
                        const char *name);

/*
 * What an error carries for a layer above this one, which embeds this struct in
 * one of its own.  release() is called once, when the error is deleted: on
 * whichever thread does that.
 */
struct wrt_error_cargo {
    void (*release)(struct wrt_error_cargo *cargo);
};

/* Loads an error that carries nothing yet.  The cargo is the error's from then
 * on; it is released at once when the error is the static one. */
void wrt_error_load(wasmrt_error *error, struct wrt_error_cargo *cargo_taken);

/* What an error carries, or NULL; borrowed. */
struct wrt_error_cargo *wrt_error_cargo(const wasmrt_error *error);

/* The cargo is the caller's from now on. */
void wrt_error_unload(wasmrt_error *error);

/* Appends a guest frame; strings are copied (may be NULL).  When memory is
 * exhausted the frame is left out.  Frames past a fixed number (the outermost
 * ones) are counted and not kept. */
void wrt_error_add_frame(wasmrt_error *error, const wasmrt_frame *frame);

#endif
