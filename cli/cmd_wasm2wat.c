/*
 * wasmrt wasm2wat: a module from the binary format to the text format.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/translate.h"
#include "wasmrt/text.h"

static unsigned flag(enum opt_id id)
{
    switch (id) {
    case OPT_FLAT: return WASMRT_PRINT_FLAT;
    case OPT_NO_NAMES: return WASMRT_PRINT_NO_NAMES;
    case OPT_GENERATE_NAMES: return WASMRT_PRINT_GENERATE_NAMES;
    case OPT_OFFSETS: return WASMRT_PRINT_OFFSETS;
    default: return 0;
    }
}

static wasmrt_error *translate(const struct cli_file *file, unsigned flags,
                               void **out, size_t *out_len)
{
    char *text = NULL;
    wasmrt_error *error =
        wasmrt_wasm2wat(file->bytes, file->len, flags, &text, out_len);

    *out = text;
    return error;
}

int cmd_wasm2wat(struct opts *opts)
{
    static const struct translation to_text = {.from = ".wasm",
                                               .to = ".wat",
                                               .to_stdout = true,
                                               .flag = flag,
                                               .translate = translate};

    return cli_translate(opts, &to_text);
}
