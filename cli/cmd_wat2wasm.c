/*
 * wasmrt wat2wasm: a module from the text format to the binary format.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cmd.h"
#include "cli/report.h"
#include "wasmrt/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Writes all bytes; complains.  Returns the exit status. */
static int write_file(const char *path, const uint8_t *bytes, size_t len)
{
    bool is_stdout = strcmp(path, "-") == 0, ok;
    FILE *file = is_stdout ? stdout : fopen(path, "wb");

    ok = file && fwrite(bytes, 1, len, file) == len;
    if (file && (is_stdout ? fflush(file) : fclose(file)) != 0)
        ok = false;
    if (ok)
        return CLI_EXIT_OK;
    cli_error("cannot write %s: %s", path, strerror(errno));
    return CLI_EXIT_REFUSED;
}

/* The name with .wasm in place of .wat, or behind it; "-" stays.  Owned by the
 * caller; NULL when memory is exhausted. */
static char *output_name(const char *input)
{
    size_t len = strlen(input);
    char *name = malloc(len + sizeof(".wasm"));

    if (!name)
        return NULL;
    memcpy(name, input, len + 1);
    if (strcmp(input, "-") == 0)
        return name;
    if (len > 4 && strcmp(input + len - 4, ".wat") == 0)
        len -= 4;
    strcpy(name + len, ".wasm");
    return name;
}

static int translate(const char *input, const char *output)
{
    struct cli_file file;
    uint8_t *bytes = NULL;
    size_t len = 0;
    char *name = NULL;
    wasmrt_error *error;
    int status = cli_file_read(&file, input);

    if (status != CLI_EXIT_OK)
        return status;
    error = wasmrt_wat2wasm((const char *)file.bytes, file.len, &bytes, &len);
    if (!error && !output) {
        output = name = output_name(input);
        if (!output)
            error = wasmrt_error_new(WASMRT_ERR_OUT_OF_MEMORY, NULL);
    }
    if (error || !output)
        status = cli_report(&file, error);
    else
        status = write_file(output, bytes, len);
    wasmrt_error_delete(error);
    wasmrt_bytes_delete(bytes);
    free(name);
    cli_file_fini(&file);
    return status;
}

int cmd_wat2wasm(struct opts *opts)
{
    const char *input = NULL, *output = NULL;
    int status = CLI_GO_ON;

    while (status == CLI_GO_ON) {
        switch (opts_read(opts)) {
        case OPTS_END:
            if (!input)
                return cli_usage("FILE is missing: wasmrt wat2wasm FILE");
            return translate(input, output);
        case OPTS_BAD: return opts_complain(opts, false);
        case OPTS_OPTION:
            if (opts->id == OPT_OUTPUT)
                output = opts->value;
            else
                status = cli_common_option(opts, NULL);
            break;
        case OPTS_WORD:
            if (input)
                return cli_usage("one FILE at a time: %s", opts->word);
            input = opts->word;
            break;
        case OPTS_DASHES: break;
        }
    }
    return status;
}
