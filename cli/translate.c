/*
 * What the commands that translate between the formats share: the words of the
 * command line, and writing a file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/translate.h"

#include "cli/report.h"
#include "wasmrt/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Writes all bytes; complains.  Returns the exit status. */
static int write_file(const char *path, const void *bytes, size_t len)
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

/* The name with another ending, or with that behind it; "-" stays.  Owned by
 * the caller; NULL when memory is exhausted. */
static char *output_name(const char *input, const struct translation *t)
{
    size_t len = strlen(input), from = strlen(t->from);
    char *name = malloc(len + strlen(t->to) + 1);

    if (!name)
        return NULL;
    memcpy(name, input, len + 1);
    if (strcmp(input, "-") == 0)
        return name;
    if (len > from && strcmp(input + len - from, t->from) == 0)
        len -= from;
    strcpy(name + len, t->to);
    return name;
}

/* A module that is in the other format is not looked at as one in this. */
static bool is_other_format(const struct translation *t,
                            const struct cli_file *file)
{
    bool is_binary = file->len >= 4 && memcmp(file->bytes, "\0asm", 4) == 0;
    bool wants_binary = strcmp(t->from, ".wasm") == 0;

    if (is_binary == wants_binary)
        return false;
    cli_error("%s is in the %s format already", file->name,
              is_binary ? "binary" : "text");
    cli_hint("the other way: wasmrt %s %s", is_binary ? "wasm2wat" : "wat2wasm",
             file->name);
    return true;
}

static int translate(const struct translation *t, const char *input,
                     const char *output, unsigned flags)
{
    struct cli_file file;
    void *bytes = NULL;
    size_t len = 0;
    char *name = NULL;
    wasmrt_error *error;
    int status = cli_file_read(&file, input);

    if (status != CLI_EXIT_OK)
        return status;
    if (is_other_format(t, &file)) {
        cli_file_fini(&file);
        return CLI_EXIT_REFUSED;
    }
    error = t->translate(&file, flags, &bytes, &len);
    if (!output && t->to_stdout)
        output = "-";
    if (!error && !output) {
        output = name = output_name(input, t);
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

int cli_translate(struct opts *opts, const struct translation *t)
{
    const char *input = NULL, *output = NULL;
    unsigned flags = 0;
    int status = CLI_GO_ON;

    while (status == CLI_GO_ON) {
        switch (opts_read(opts)) {
        case OPTS_END:
            if (!input)
                return cli_usage("FILE is missing: wasmrt %s FILE",
                                 opts->argv[1]);
            return translate(t, input, output, flags);
        case OPTS_BAD: return opts_complain(opts, false);
        case OPTS_OPTION:
            flags |= t->flag(opts->id);
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
