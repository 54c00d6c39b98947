/*
 * The text format: arbitrary bytes as text.  What is accepted went through the
 * encoder and then the decoder and validator, so an encoder that writes
 * nonsense shows as a malformed module: the text format has errors of its own.
 * A module that is valid is printed again, and the bytes must come back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/fuzz/reach.h"
#include "tests/fuzz/trip.h"

#include "wasmrt.h"
#include "wasmrt/text.h"

#include <stdlib.h>
#include <string.h>

static wasmrt_engine *engine(void)
{
    static wasmrt_engine *made;

    if (!made && wasmrt_engine_new(NULL, &made))
        abort();
    return made;
}

/* A decoding error that only a broken encoder explains. */
static int is_broken_encoding(wasmrt_code code)
{
    switch (code) {
    case WASMRT_ERR_BAD_SECTION_ID:
    case WASMRT_ERR_SECTION_SIZE:
    case WASMRT_ERR_SECTION_ORDER:
    case WASMRT_ERR_LEB_TOO_LONG:
    case WASMRT_ERR_LEB_TOO_LARGE:
    case WASMRT_ERR_UNEXPECTED_END:
    case WASMRT_ERR_LENGTH_OOB:
    case WASMRT_ERR_BAD_TYPE_FORM:
    case WASMRT_ERR_BAD_VALUE_TYPE: return 1;
    default: return 0;
    }
}

/* What is a module with all features, too. */
static void print_again(const char *text, size_t len)
{
    uint8_t *bytes = NULL;
    wasmrt_error *error = wasmrt_wat2wasm(text, len, 0, &bytes, &len);

    if (!error)
        trip(bytes, len, TRIP_ENCODED);
    wasmrt_error_delete(error);
    wasmrt_bytes_delete(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wasmrt_module *module = NULL;
    wasmrt_error *error;
    wasmrt_code code;

    /* What is shorter than the binary format's header may be taken for it. */
    if (size < 8 || !memchr(data, '(', size) || data[0] == '\0')
        return -1;
    error = wasmrt_module_new(engine(), data, size, &module);
    code = error ? wasmrt_error_code(error) : WASMRT_ERR_NONE;
    reach(error ? wasmrt_code_text(code) : "accepted");
    if (error && is_broken_encoding(code))
        abort();
    wasmrt_error_delete(error);
    wasmrt_module_delete(module);
    print_again((const char *)data, size);
    return 0;
}
