/*
 * wasmrt wat2wasm: a module from the text format to the binary format.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/translate.h"
#include "wasmrt/text.h"

static unsigned flag(enum opt_id id)
{
    return id == OPT_NO_NAMES ? WASMRT_TEXT_NO_NAMES : 0;
}

static wasmrt_error *translate(const struct cli_file *file, unsigned flags,
                               void **out, size_t *out_len)
{
    uint8_t *bytes = NULL;
    wasmrt_error *error = wasmrt_wat2wasm((const char *)file->bytes, file->len,
                                          flags, &bytes, out_len);

    *out = bytes;
    return error;
}

int cmd_wat2wasm(struct opts *opts)
{
    static const struct translation to_binary = {
        .from = ".wat", .to = ".wasm", .flag = flag, .translate = translate};

    return cli_translate(opts, &to_binary);
}
