/*
 * Modules taken through the text format.
 *
 *   bytes -> folded text -> again -> the same folded text
 *         -> flat text   -> the same as `again`
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spectest/roundtrip.h"

#include "wasmrt/text.h"

#include <stdio.h>
#include <string.h>

/* A text and what it reads back as. */
struct trip {
    char *text;
    uint8_t *bytes;
    size_t text_len, len;
};

static void forget(struct trip *trip)
{
    wasmrt_bytes_delete(trip->text);
    wasmrt_bytes_delete(trip->bytes);
}

/* An error in a text that we wrote ourselves, with its line. */
static wasmrt_error *explain(wasmrt_error *error, const struct trip *trip)
{
    char shown[300];

    wasmrt_text_explain(error, "printed text", trip->text, trip->text_len,
                        shown, sizeof(shown));
    wasmrt_error_delete(error);
    return wasmrt_error_new(WASMRT_ERR_MISUSE, shown);
}

/* Prints and reads back. */
static wasmrt_error *go(const uint8_t *bytes, size_t len, unsigned flags,
                        struct trip *trip)
{
    wasmrt_error *error =
        wasmrt_wasm2wat(bytes, len, flags, &trip->text, &trip->text_len);

    if (error)
        return error;
    error = wasmrt_wat2wasm(trip->text, trip->text_len, 0, &trip->bytes,
                            &trip->len);
    return error ? explain(error, trip) : NULL;
}

static wasmrt_error *differs(const char *what)
{
    return wasmrt_error_new(WASMRT_ERR_MISUSE, what);
}

/* Whether other ways lead to the same bytes and the same text. */
static wasmrt_error *compare(const uint8_t *bytes, size_t len,
                             const struct trip *folded)
{
    struct trip flat = {.text = NULL}, again = {.text = NULL};
    wasmrt_error *error = go(bytes, len, WASMRT_PRINT_FLAT, &flat);

    if (!error && (flat.len != folded->len ||
                   memcmp(flat.bytes, folded->bytes, flat.len) != 0))
        error = differs("flat and folded text give different modules");
    if (!error)
        error = go(folded->bytes, folded->len, 0, &again);
    if (!error && strcmp(again.text, folded->text) != 0)
        error = differs("the module that was read back prints differently");
    if (!error && (again.len != folded->len ||
                   memcmp(again.bytes, folded->bytes, again.len) != 0))
        error = differs("the second time gives another module");
    forget(&flat);
    forget(&again);
    return error;
}

wasmrt_error *spectest_roundtrip(wasmrt_engine *engine, const uint8_t *bytes,
                                 size_t len, wasmrt_module **out)
{
    struct trip folded = {.text = NULL};
    wasmrt_error *error = go(bytes, len, 0, &folded);

    if (error && !folded.text) {
        /* Not valid: what is expected is this module's own error. */
        wasmrt_error_delete(error);
        return wasmrt_module_new(engine, bytes, len, out);
    }
    if (!error)
        error = compare(bytes, len, &folded);
    if (!error)
        error = wasmrt_module_new(engine, folded.bytes, folded.len, out);
    forget(&folded);
    return error;
}
