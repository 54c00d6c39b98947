/*
 * The error object: creation, enrichment, inspection.
 *
 * The object, its message and its frames are separate malloc blocks.  When
 * anything cannot be allocated the static out-of-memory error takes its place.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* A trace keeps this many innermost frames; deeper ones are only counted. */
enum { MAX_FRAMES = 256 };

struct wasmrt_error {
    wasmrt_code code;
    char *message;                 /* owned, except in oom_error */
    uint64_t offset;               /* or WRT_NO_OFFSET */
    uint32_t func_idx;             /* or WRT_NO_FUNC */
    char *func_name;               /* owned, or NULL */
    int32_t exit_status;           /* kind EXIT only */
    wasmrt_frame *frames;          /* owned, with owned strings */
    size_t nframes;                /* kept */
    size_t depth;                  /* seen */
    struct wrt_error_cargo *cargo; /* owned, or NULL */
};

static wasmrt_error oom_error = {
    .code = WASMRT_ERR_OUT_OF_MEMORY,
    .offset = WRT_NO_OFFSET,
    .func_idx = WRT_NO_FUNC,
};

static const struct {
    wasmrt_error_kind_e kind;
    const char *text;
} error_rows[] = {
    [WASMRT_ERR_NONE] = {WASMRT_KIND_MISUSE, "no error"},
#define WASMRT_ERROR_ROW(code, kind, text)                                     \
    [WASMRT_ERR_##code] = {WASMRT_KIND_##kind, text},
#include "wasmrt/errors.def"
#undef WASMRT_ERROR_ROW
};

/* -- Creation -------------------------------------------------------------- */

static char *copy_string(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);

    return copy ? memcpy(copy, text, size) : NULL;
}

/* "text", "text: detail" or, when the detail begins with a space, "text
 * detail"; in a fresh block.  NULL when memory is exhausted. */
static char *compose_message(const char *text, const char *fmt, va_list args)
{
    va_list again;
    const char *joint = fmt && fmt[0] == ' ' ? "" : ": ";
    size_t text_len = strlen(text), joint_len = strlen(joint);
    int detail_len;
    char *message;

    if (!fmt)
        return copy_string(text);
    va_copy(again, args);
    detail_len = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    if (detail_len < 0)
        return copy_string(text);
    message = malloc(text_len + joint_len + (size_t)detail_len + 1);
    if (!message)
        return NULL;
    memcpy(message, text, text_len);
    memcpy(message + text_len, joint, joint_len);
    vsnprintf(message + text_len + joint_len, (size_t)detail_len + 1, fmt,
              args);
    return message;
}

/* Takes ownership of message; NULL means that it could not be made. */
static wasmrt_error *make_error(wasmrt_code code, uint64_t offset,
                                char *message)
{
    wasmrt_error *error = message ? calloc(1, sizeof(*error)) : NULL;

    if (!error) {
        free(message);
        return &oom_error;
    }
    error->code = code;
    error->message = message;
    error->offset = offset;
    error->func_idx = WRT_NO_FUNC;
    return error;
}

wasmrt_error *wrt_error_new(wasmrt_code code, uint64_t offset, const char *fmt,
                            ...)
{
    va_list args;
    char *message;

    if (code == WASMRT_ERR_OUT_OF_MEMORY)
        return &oom_error;
    va_start(args, fmt);
    message = compose_message(wasmrt_code_text(code), fmt, args);
    va_end(args);
    return make_error(code, offset, message);
}

wasmrt_error *wrt_error_oom(void)
{
    return &oom_error;
}

wasmrt_error *wasmrt_error_new(wasmrt_code code, const char *message)
{
    if (code <= WASMRT_ERR_NONE || code >= WASMRT_ERR_COUNT_)
        code = WASMRT_ERR_HOST_TRAP;
    return message ? wrt_error_new(code, WRT_NO_OFFSET, "%s", message)
                   : wrt_error_new(code, WRT_NO_OFFSET, NULL);
}

wasmrt_error *wasmrt_error_new_exit(int32_t status)
{
    wasmrt_error *error =
        wrt_error_new(WASMRT_ERR_EXIT, WRT_NO_OFFSET, "status %d", (int)status);

    if (error != &oom_error)
        error->exit_status = status;
    return error;
}

void wasmrt_error_delete(wasmrt_error *error)
{
    if (!error || error == &oom_error)
        return;
    for (size_t i = 0; i < error->nframes; i++) {
        free((void *)(uintptr_t)error->frames[i].module_name);
        free((void *)(uintptr_t)error->frames[i].func_name);
    }
    if (error->cargo)
        error->cargo->release(error->cargo);
    free(error->frames);
    free(error->func_name);
    free(error->message);
    free(error);
}

/* -- What outer layers add ------------------------------------------------- */

void wrt_error_set_offset(wasmrt_error *error, uint64_t offset)
{
    if (error != &oom_error && error->offset == WRT_NO_OFFSET)
        error->offset = offset;
}

void wrt_error_set_func(wasmrt_error *error, uint32_t func_idx,
                        const char *name)
{
    if (error == &oom_error || error->func_idx != WRT_NO_FUNC)
        return;
    error->func_idx = func_idx;
    error->func_name = name ? copy_string(name) : NULL;
}

void wrt_error_load(wasmrt_error *error, struct wrt_error_cargo *cargo_taken)
{
    if (error == &oom_error)
        cargo_taken->release(cargo_taken);
    else
        error->cargo = cargo_taken;
}

struct wrt_error_cargo *wrt_error_cargo(const wasmrt_error *error)
{
    return error->cargo;
}

void wrt_error_unload(wasmrt_error *error)
{
    error->cargo = NULL;
}

/* Room for one more frame; grows by doubling from 8. */
static bool reserve_frame(wasmrt_error *error)
{
    size_t n = error->nframes;
    wasmrt_frame *grown;

    if (n != 0 && (n < 8 || (n & (n - 1)) != 0))
        return true;
    grown = realloc(error->frames, (n ? n * 2 : 8) * sizeof(*grown));
    if (!grown)
        return false;
    error->frames = grown;
    return true;
}

void wrt_error_add_frame(wasmrt_error *error, const wasmrt_frame *frame)
{
    wasmrt_frame *slot;

    if (error == &oom_error)
        return;
    error->depth++;
    if (error->nframes == MAX_FRAMES || !reserve_frame(error))
        return;
    slot = &error->frames[error->nframes++];
    *slot = *frame;
    slot->module_name =
        frame->module_name ? copy_string(frame->module_name) : NULL;
    slot->func_name = frame->func_name ? copy_string(frame->func_name) : NULL;
}

/* -- Inspection ------------------------------------------------------------ */

const char *wasmrt_code_text(wasmrt_code code)
{
    if ((size_t)code >= WRT_COUNTOF(error_rows))
        return "unknown error";
    return error_rows[code].text;
}

wasmrt_error_kind_e wasmrt_error_kind(const wasmrt_error *error)
{
    return error_rows[error->code].kind;
}

wasmrt_code wasmrt_error_code(const wasmrt_error *error)
{
    return error->code;
}

const char *wasmrt_error_message(const wasmrt_error *error)
{
    return error->message ? error->message : wasmrt_code_text(error->code);
}

bool wasmrt_error_offset(const wasmrt_error *error, uint64_t *out)
{
    if (error->offset == WRT_NO_OFFSET)
        return false;
    *out = error->offset;
    return true;
}

bool wasmrt_error_func(const wasmrt_error *error, uint32_t *idx_out,
                       const char **name_out)
{
    if (error->func_idx == WRT_NO_FUNC)
        return false;
    *idx_out = error->func_idx;
    if (name_out)
        *name_out = error->func_name;
    return true;
}

int32_t wasmrt_error_exit_status(const wasmrt_error *error)
{
    return error->exit_status;
}

size_t wasmrt_error_frame_count(const wasmrt_error *error)
{
    return error->nframes;
}

size_t wasmrt_error_stack_depth(const wasmrt_error *error)
{
    return error->depth;
}

const wasmrt_frame *wasmrt_error_frame(const wasmrt_error *error, size_t n)
{
    return n < error->nframes ? &error->frames[n] : NULL;
}
