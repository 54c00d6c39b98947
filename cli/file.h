/*
 * Module files: reading one, and recognising what is not one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_CLI_FILE_H
#define WRT_CLI_FILE_H

#include <stddef.h>
#include <stdint.h>

/* The bytes of a module.  Owner: the command; lives until the process ends. */
struct cli_file {
    const char *name; /* for messages */
    uint8_t *bytes;
    size_t len;
};

/*
 * Reads a file, or standard input for "-".  Complains when it cannot be read or
 * is plainly something else than a module.  Returns the exit status: 0, or
 * CLI_EXIT_REFUSED.
 */
int cli_file_read(struct cli_file *file, const char *path);

/* Releases the bytes. */
void cli_file_fini(struct cli_file *file);

/*
 * What a file is when it is no module: "an ELF executable", or NULL for the
 * binary format, for what may be the text format, and for the unknown.
 * *hint_out receives advice, or NULL.
 */
const char *cli_file_kind(const uint8_t *bytes, size_t len,
                          const char **hint_out);

#endif
