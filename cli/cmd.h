/*
 * The commands, and what several of them share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_CLI_CMD_H
#define WRT_CLI_CMD_H

#include "cli/file.h"
#include "cli/opts.h"
#include "wasmrt/config.h"
#include "wasmrt/module.h"

/* Each command reads its own words and returns the exit status. */
#define VERB(id, name, operands, summary, description)                         \
    int cmd_##name(struct opts *opts);
#include "cli/verbs.def"
#undef VERB

/* The command line is fine so far; no exit status yet. */
enum { CLI_GO_ON = -1 };

/*
 * Acts on an option that several commands take: of the engine, or about
 * wasmrt.  Returns CLI_GO_ON, or the status to exit with.
 */
int cli_common_option(const struct opts *opts, wasmrt_config *config);

/* The words of a command that takes one FILE and options, in any order. */
struct cli_one_file {
    wasmrt_config *config;
    const char *path;
};

/* An option of the command was read; beside exit statuses and CLI_GO_ON. */
enum { CLI_OPTION = -2 };

/*
 * Reads words up to the next option and acts on one that several commands take.
 * Returns CLI_OPTION for every option, CLI_GO_ON at the end when there was a
 * FILE, or a status to exit with.
 */
int cli_next_option(struct cli_one_file *words, struct opts *opts);

/* wasmrt_config_new(), or the end of the process when memory is exhausted. */
wasmrt_config *cli_new_config(void);

/* Makes the engine.  Complains; returns the exit status. */
int cli_make_engine(const wasmrt_config *config, wasmrt_engine **out);

/* Reads FILE and makes the module of it.  Complains; returns the exit status.
 */
int cli_load(wasmrt_engine *engine, const char *path, struct cli_file *file,
             wasmrt_module **out);

/* -- Help (help.c, completion.c) ------------------------------------------- */

int cli_help_overview(void);
int cli_help_verb(enum verb_idx verb);
int cli_print_version(void);

#endif
