/*
 * wasmrt, the command: picks the verb.
 *
 * The first word is a command, or else the FILE or an option of `run`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cmd.h"
#include "cli/report.h"

#include <string.h>

static int (*const commands[VERB_COUNT])(struct opts *opts) = {
#define VERB(id, name, operands, summary, description) cmd_##name,
#include "cli/verbs.def"
#undef VERB
};

/* Output that did not arrive is a failure, as for any other tool. */
static int close_output(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    cli_error("cannot write the output");
    return status == CLI_EXIT_OK ? CLI_EXIT_REFUSED : status;
}

static bool is_help(const char *word)
{
    return word && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0);
}

/* --help as the first word is the overview, not the help of run. */
static int dispatch(struct opts *opts)
{
    enum verb_idx verb;

    if (opts->argc < 2)
        return cli_usage("FILE is missing: wasmrt FILE [ARGS...]");
    if (is_help(opts->argv[1]))
        return cli_help_overview();
    verb = opts_verb(opts->argv[1]);
    opts->next = verb == VERB_COUNT ? 1 : 2;
    opts->verb = verb == VERB_COUNT ? VERB_IDX_RUN : verb;
    if (verb != VERB_COUNT && is_help(opts->argv[2]))
        return cli_help_verb(verb);
    return commands[opts->verb](opts);
}

int main(int argc, char **argv)
{
    struct opts opts = {.argv = argv, .argc = argc};

    setvbuf(stderr, NULL, _IOLBF, 0);
    return close_output(dispatch(&opts));
}
