/*
 * What the commands that translate between the formats share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_CLI_TRANSLATE_H
#define WRT_CLI_TRANSLATE_H

#include "cli/cmd.h"

struct translation {
    const char *from, *to; /* endings of names: ".wat", ".wasm" */
    bool to_stdout;        /* without --output; else to the name with `to` */

    /* The flag that an option stands for, or 0. */
    unsigned (*flag)(enum opt_id id);

    /* *out is released with wasmrt_bytes_delete(). */
    wasmrt_error *(*translate)(const struct cli_file *file, unsigned flags,
                               void **out, size_t *out_len);
};

/* Reads the words, translates, writes.  Returns the exit status. */
int cli_translate(struct opts *opts, const struct translation *translation);

#endif
